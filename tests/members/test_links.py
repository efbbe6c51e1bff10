"""Who supports whom in the members' workbook: out and in again, what changes on which day, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.refused import Problem, Refused
from alliance.members import queries, services, sheets
from alliance.members.rules.links import SUPPORTS, Spell, Support, read_support, spells_of
from tests.conftest import Client
from tests.small import CLOCK, at, by

D = Decimal
YEAR, MAY, JUNE, JULY = date(2026, 1, 1), date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
HEADS = list(SUPPORTS.columns)


def book(*rows: tuple[str, ...]) -> bytes:
    found = [dict(zip(HEADS, row, strict=False)) for row in rows]
    return sheets.write_sheets([(SUPPORTS.title, SUPPORTS.columns, found)])


def imported(*rows: tuple[str, ...]) -> int:
    return services.import_workbook(1, *sheets.read_workbook(book(*rows), "members.xlsx"), by=by("office"), now=CLOCK)


def reasons(*rows: tuple[str, ...]) -> list[str]:
    with pytest.raises(Refused) as caught:
        imported(*rows)
    return [f"{problem.place}: {problem.message}" for problem in caught.value.problems]


def held(on: date) -> list[tuple[str, str, str, Decimal, date | None]]:
    return [(one.supported, one.specialty, one.supporter, one.share, one.until) for one in queries.links(1, on)]


TWO = (("C1", "心血管内科", "H1", "60", "2026-01-01"), ("C1", "03.04", "H2", "40%", "2026-01-01"))


def test_links_go_out_and_come_back_without_a_change(inside: Flask) -> None:
    assert imported(*TWO, ("C1", "全部专科", "H1", "100", "2026-01-01", "2026-06-01")) == 2
    assert held(MAY) == [
        ("C1", "", "H1", D(100), JUNE), ("C1", "03.04", "H1", D(60), None), ("C1", "03.04", "H2", D(40), None),
    ]  # fmt: skip
    assert imported(*TWO) == 0
    written = sheets.write_workbook(queries.institutions(1, MAY), queries.spells(1))
    rows, spells = sheets.read_workbook(written, "members.xlsx")
    assert [change.what for change in queries.spell_changes(1, spells, rows)] == ["same", "same"]
    assert services.import_workbook(1, rows, spells, by=by("office"), now=CLOCK) == 0


def test_a_later_line_ends_the_one_before_it_and_an_end_is_an_end(inside: Flask) -> None:
    imported(*TWO)
    assert imported(*TWO, ("C1", "03.04", "H2", "100", "2026-06-01")) == 1  # as of two in one file
    assert [row[2:] for row in held(MAY)] == [("H1", D(60), JUNE), ("H2", D(40), JUNE)]
    assert imported(("C1", "03.04", "H2", "100", "2026-06-01", "2026-07-01")) == 1
    assert held(JULY) == []
    assert imported(("C1", "03.04", "H2", "100", "2026-06-01")) == 1  # goes on after all
    assert held(JULY) == [("C1", "03.04", "H2", D(100), None)]
    acts = [(event.act, event.subject) for event in audit.events_on(1, ["link:C1/03.04"])]
    assert acts.count(("members:link:end", "link:C1/03.04")) == 1
    assert acts.count(("members:link:set", "link:C1/03.04")) == 3


def test_a_whole_history_is_taken_at_once_and_nothing_lies_before_what_is_recorded(inside: Flask) -> None:
    history = (("C2", "04", "H1", "100", "2026-01-01"), ("C2", "04", "H2", "100", "2026-05-01", "2026-07-01"))
    assert imported(*history) == 2
    assert [row[2:] for row in held(YEAR)] == [("H1", D(100), MAY)]
    assert [row[2:] for row in held(MAY)] == [("H2", D(100), JULY)]
    changed = ("C2", "04", "H2", "100", "2026-01-01")
    assert reasons(changed) == [
        "sheet member_links, row 2: from %(day)s on something else is recorded; end or change it on that day or later"
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((("C1", "03.04", "H1", "60", "2026-01-01"),), ["row 2: the shares must add up to exactly 100"]),
        ((("C1", "03.04", "H9", "100", "2026-01-01"),), ["row 2: is no member on this day"]),
        ((("C1", "03.04", "H1", "100", "2024-01-01"),), ["row 2: is no member on this day"] * 2),
        ((("C1", "03.04", "C1", "100", "2026-01-01"),), ["row 2: a member does not support itself"]),
        ((("C1", "3.4", "H1", "100", "2026-01-01"),), ["row 2, specialty: is no specialty of the catalogue"]),
        ((("C1", "", "H1", "100", "2026-01-01"),), ["row 2, specialty: is missing"]),
        ((("C1", "03.04", "H1", "", "2026-01-01"),), ["row 2, share: is missing"]),
        ((("C1", "03.04", "H1", "100", "2026-06-01", "2026-05-01"),), ["row 2, until: must be after the first day"]),
        (
            (("C1", "04", "H1", "60", "2026-01-01"), ("C1", "04", "H2", "40", "2026-01-01", "2026-05-01")),
            ["row 3: those who support a member from one day on end on one day"],
        ),
        (
            (
                ("C1", "04", "H1", "100", "2026-01-01", "2026-06-01"),
                ("C1", "04", "H2", "100", "2026-05-01"),
            ),
            ["row 2: others begin on %(day)s, before this day"],
        ),
    ],
)
def test_a_bad_line_is_told_with_its_row_and_nothing_is_taken(
    inside: Flask, rows: tuple[tuple[str, ...], ...], said: list[str]
) -> None:
    assert reasons(*rows) == [f"sheet member_links, {one}" for one in said]
    assert queries.spells(1) == []


def test_who_joins_in_the_same_workbook_is_supported_from_then_on(inside: Flask) -> None:
    (new,) = [one for one in queries.institutions(1, MAY) if one.code == "C1"]
    later = replace(new, code="C9", start=MAY, joined=MAY)
    spell = Spell(Support("C9", "", MAY, (("H1", D(100)),)), None, {"H1": 2})
    with pytest.raises(Refused):
        queries.spell_changes(1, [spell])
    assert services.import_workbook(1, [later], [spell], by=by("office"), now=at(10)) == 2
    assert [row[0] for row in held(MAY)] == ["C9"]


def test_lines_of_one_day_are_one_set() -> None:
    problems: list[Problem] = []
    rows = [read_support(dict(zip(HEADS, row, strict=False)), place, problems) for place, row in enumerate(TWO, 2)]
    (one,) = spells_of([row for row in rows if row], problems)
    assert one.support.shares == (("H1", D(60)), ("H2", D(40)))
    assert one.rows == {"H1": 2, "H2": 3}
    assert not problems


def test_the_office_checks_and_applies_on_the_page(app: Flask, client_as: Callable[[str], Client]) -> None:
    client, page = client_as("office"), "/members/workbook/import"
    checked = client.send(page, file=(BytesIO(book(*TWO)), "members.xlsx"), check="1").get_data(as_text=True)
    assert "60%" in checked
    assert "心血管内科" in checked
    with app.app_context():
        assert queries.spells(1) == []
    assert client.send(page, file=(BytesIO(book(*TWO)), "members.xlsx"), apply="1").status_code == 302
    rows, spells = sheets.read_workbook(client.get("/members/workbook/export").data, "members.xlsx")
    assert len(rows) > 1
    assert len(spells) == 1
    wrong = client.send(page, file=(BytesIO(book(TWO[0])), "members.xlsx"), check="1")
    assert (wrong.status_code, "工作表“成员单位支援关系”第2行" in wrong.get_data(as_text=True)) == (422, True)
