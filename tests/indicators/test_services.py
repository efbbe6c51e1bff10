"""Filing: what is refused, what is kept, and that nothing is half done."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from alliance.accounts import services as accounts
from alliance.audit import queries as audit
from alliance.core.actor import Actor
from alliance.core.figure import State
from alliance.core.refused import AlreadyDone, Refused
from alliance.db import db
from alliance.indicators import queries, services, sheets
from alliance.indicators.models import Reading
from alliance.indicators.rules.filing import Entry, Progress, Row
from tests.small import LIBRARY, MEMBERS, SYSTEM, at, by, entry

APRIL = "2026-04"
FULL = {"E1": (entry("5"), 0), "E2": (entry("50"), 0), "E3": (entry("0"), 0), "E4": (entry("9"), 0)}


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Reading)) or 0


def file(values: dict[str, tuple[Entry, int]] = FULL, who: str = "c1.reporter", day: int = 10) -> int:
    return services.file_reading(1, APRIL, "C1", values, "report", by=by(who), now=at(day, 5))


def test_filing_keeps_revisions_and_says_who(inside: Flask) -> None:
    assert file() == 4
    assert file({"E1": (entry("6"), 1)}, "office") == 1
    found = queries.revisions(1, "C1", "E1", APRIL)
    assert [(one.revision, one.value, one.filed_by, one.current) for one in found] == [
        (1, Decimal(5), "c1.reporter", False),
        (2, Decimal(6), "office", True),
    ]
    events = audit.events_on(1, [f"submission:C1/{APRIL}"])
    assert [event.detail["changes"] for event in events][-1] == [["E1", "5", "6"]]


def test_the_same_values_again_change_nothing(inside: Flask) -> None:
    file()
    before = count()
    assert file({code: (one, 1) for code, (one, _) in FULL.items()}) == 0
    assert count() == before


def test_nought_blank_and_not_applicable_are_three_things(inside: Flask) -> None:
    file(
        {
            "E1": (entry("0"), 0),
            "E2": (Entry(None, State.NOT_APPLICABLE), 0),
            "E3": (entry(""), 0),
            "E4": (entry("1"), 0),
        }
    )
    found = queries.readings(1, APRIL, "C1")
    assert {code: (one.value, one.state) for code, one in found.items()} == {
        "E1": (Decimal(0), State.VALUE),
        "E2": (None, State.NOT_APPLICABLE),
        "E4": (Decimal(1), State.VALUE),
    }


def test_a_value_changed_by_somebody_else_is_not_overwritten(inside: Flask) -> None:
    file()
    file({"E1": (entry("7"), 1)}, "office")
    with pytest.raises(Refused, match="changed by somebody else") as caught:
        file({"E1": (entry("8"), 1), "E2": (entry("51"), 1)})
    assert [problem.place for problem in caught.value.problems] == ["C1, E1"]
    assert queries.readings(1, APRIL, "C1")["E1"].value == Decimal(7)
    assert queries.readings(1, APRIL, "C1")["E2"].value == Decimal(50)


def test_a_blank_where_a_value_is_due_cannot_be_signed(inside: Flask) -> None:
    file({"E1": (entry("5"), 0)})
    with pytest.raises(Refused, match="3 values stand in the way") as caught:
        services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=at(11, 5))
    assert {problem.place for problem in caught.value.problems} == {"C1, E2", "C1, E3", "C1, E4"}


def test_a_signature_falls_when_a_value_changes(inside: Flask) -> None:
    file()
    services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=at(11, 5))
    file({"E1": (entry("6"), 1)})
    found = queries.submission(1, APRIL, "C1")
    assert found is not None
    assert (found.state, found.signed_by) == (Progress.DRAFT, "")


def submitted() -> None:
    file()
    services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=at(11, 5))
    services.submit_submission(1, APRIL, ["C1"], by=by("c1.reporter"), now=at(11, 5))


def test_what_is_under_review_is_locked(inside: Flask) -> None:
    submitted()
    with pytest.raises(Refused, match="under review"):
        file({"E1": (entry("6"), 1)})
    with pytest.raises(Refused, match="under review"):
        services.import_reading(1, APRIL, [Row("C1", "E1", entry("6"))], "x", by=by("office"), now=at(12, 5))
    assert queries.readings(1, APRIL, "C1")["E1"].value == Decimal(5)


@pytest.mark.parametrize("account", ["c1.reporter", "c1.lead"])
def test_nobody_accepts_the_figures_of_the_own_employer(inside: Flask, account: str) -> None:
    submitted()
    with pytest.raises(Refused, match="employed by C1"):
        services.accept_submission(1, APRIL, ["C1"], by=by(account), now=at(13, 5))


def test_nobody_accepts_what_passed_through_the_own_hands(inside: Flask) -> None:
    services.import_reading(
        1, APRIL, [Row("C1", code, one) for code, (one, _) in FULL.items()], "x", by=by("office"), now=at(9, 5)
    )
    services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=at(11, 5))
    services.submit_submission(1, APRIL, ["C1"], by=by("c1.reporter"), now=at(11, 5))
    with pytest.raises(Refused, match="another person must accept"):
        services.accept_submission(1, APRIL, ["C1"], by=by("office"), now=at(13, 5))
    services.accept_submission(1, APRIL, ["C1"], by=by("office2"), now=at(13, 5))


def test_acceptance_is_all_or_nothing(inside: Flask) -> None:
    submitted()
    with pytest.raises(Refused, match="has not submitted"):
        services.accept_submission(1, APRIL, ["C1", "C2"], by=by("office2"), now=at(13, 5))
    found = queries.submission(1, APRIL, "C1")
    assert found is not None
    assert found.state is Progress.SUBMITTED


def test_one_minute_late_is_refused(inside: Flask) -> None:
    with pytest.raises(Refused, match="closed at"):
        services.file_reading(1, APRIL, "C1", FULL, "", by=by("c1.reporter"), now=at(1, 6))
    assert queries.readings(1, APRIL, "C1") == {}


def test_a_form_sent_twice_is_done_once(inside: Flask) -> None:
    actor = Actor("c1.reporter", "C1", once="token-1")
    services.file_reading(1, APRIL, "C1", FULL, "", by=actor, now=at(10, 5))
    before = count()
    with pytest.raises(AlreadyDone):
        services.file_reading(1, APRIL, "C1", {"E1": (entry("9"), 1)}, "", by=actor, now=at(10, 5))
    assert count() == before
    assert queries.readings(1, APRIL, "C1")["E1"].value == Decimal(5)


def test_an_import_is_all_or_nothing_and_names_every_fault(inside: Flask) -> None:
    rows = [
        Row("C1", "E1", entry("1")),
        Row("C1", "E1", entry("2")),
        Row("XX", "E1", entry("1")),
        Row("C2", "E9", entry("1")),
    ]
    before = count()
    with pytest.raises(Refused) as caught:
        services.import_reading(1, APRIL, rows, "file", by=by("office"), now=at(10, 5))
    assert {problem.place for problem in caught.value.problems} == {"C1, E1", "XX, E1", "C2, E9"}
    assert count() == before


def test_a_file_is_read_cell_by_cell(inside: Flask) -> None:
    known = queries.library(1)
    text = "机构代码,数据元代码,数值\nC1,E1,１２\nC1,E2,abc\nC1,E3,1.5\nC1,E77,3\nC1,E4,不适用\n"
    with pytest.raises(Refused) as caught:
        sheets.read_readings(text.encode("gb18030"), "april.csv", APRIL, known)
    assert [(problem.place, problem.value) for problem in caught.value.problems] == [
        ("row 3, value", "abc"),
        ("row 4, value", "1.5"),
        ("row 5, element", "E77"),
    ]
    good = sheets.read_readings(
        "institution,element,value\nC1,E1,１２\nC1,E4,n/a\n".encode(), "april.csv", APRIL, known
    )
    assert [(row.element, row.entry.value, row.entry.state) for row in good] == [
        ("E1", Decimal(12), State.VALUE),
        ("E4", None, State.NOT_APPLICABLE),
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\xff\xfe\x00\x01", b"a,b\n1,2\n"])
def test_a_wrong_file_is_refused(inside: Flask, content: bytes) -> None:
    with pytest.raises(Refused):
        sheets.read_readings(content, "wrong.xlsx", APRIL, queries.library(1))


def test_the_template_reads_back_to_what_is_filed(inside: Flask) -> None:
    rows = [(m.code, m.name_zh, e.code, e.name.zh, text) for m, e, text in queries.everything_due(1, "2026-03")]
    found = sheets.read_readings(sheets.write_readings("2026-03", rows), "t.xlsx", "2026-03", queries.library(1))
    assert len(found) == len(MEMBERS) * 4
    assert next(row.entry.value for row in found if (row.institution, row.element) == ("C3", "E1")) == Decimal(37)


def test_a_circular_indicator_is_refused(inside: Flask) -> None:
    ring = [
        {"code": code, "name_zh": "环", "name_en": "ring", "kind": "ratio_of_ratios", "upper": other, "lower": "I1"}
        for code, other in (("R1", "R2"), ("R2", "R1"))
    ]
    with pytest.raises(Refused) as caught:
        services.load_library(1, {**LIBRARY, "indicator": LIBRARY["indicator"] + ring}, by=by("office"), now=at(1, 5))
    assert any("R1 → R2 → R1" in problem.value for problem in caught.value.problems)


def test_a_period_without_a_reviewer_from_elsewhere_is_not_opened(empty: Flask) -> None:
    from alliance.members import services as members
    from alliance.members.rules import read_row

    alliance = members.found_alliance("A", "甲", "A", by=SYSTEM, now=at(1, 1))
    row = read_row({"code": "H1", "name_zh": "甲", "name_en": "A", "tier": "tertiary", "joined": "2025-01-01"}, "", [])
    assert row
    members.import_workbook(alliance, [row], by=SYSTEM, now=at(1, 1))
    accounts.create_account("only", "some-pass-77", "甲", "A", "H1", by=SYSTEM, now=at(1, 1))
    accounts.give_grant("only", "office", alliance, "", at(1, 1).date(), None, by=SYSTEM, now=at(1, 1))
    with pytest.raises(Refused, match="no reviewer"):
        services.open_period(alliance, APRIL, at(30, 5), by=by("office"), now=at(1, 5))
