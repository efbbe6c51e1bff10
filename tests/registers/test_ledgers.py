"""Assessment ledgers: standards, entries, reviews, objections, totals and notices of a hospital and of the alliance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from alliance.audit.models import Event
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.desk.queries.tasks import tasks as home_tasks
from alliance.notices import queries as notices
from alliance.registers import queries, services, sheets
from alliance.registers.queries import Found, Reach
from alliance.registers.rules.ledger_notices import Remark
from alliance.registers.rules.ledgers import Entry, Item
from alliance.store import Store
from tests.conftest import run_jobs
from tests.small import YEAR, at, by

NOW = at(10, 5)
ITEMS = [
    Item("HL-1", "床头交接不规范", "Handover at the bedside", Decimal("-5")),
    Item("HL-2", "护理创新", "Innovation in nursing", Decimal("3")),
]
GIVEN = Entry("nursing", date(2026, 5, 4), "HL-1", "H1", "N1", "0002", Decimal("-2.5"), "交接班未核对腕带")
ABOUT_C1 = replace(GIVEN, member="C1", unit="", person="", points=Decimal(-1))
REASON = "现场核对后确认腕带已核对"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 20 + b"IEND\xaeB`\x82"


@pytest.fixture
def store(inside: Flask, tmp_path: Path) -> Store:
    services.import_standard(1, "H1", "nursing", ITEMS, YEAR, "护理质量考核办法", by=by("h1.bonus"), now=NOW)
    services.import_standard(1, "", "nursing", ITEMS, YEAR, "医联体护理考核办法", by=by("office"), now=NOW)
    return Store(tmp_path / "ledgers")


def add(
    store: Store, given: Entry = GIVEN, place: str = "H1", account: str = "h1.bonus",
    file: tuple[str, bytes] | None = None,
) -> int:  # fmt: skip
    return services.add_entry(1, place, given, file, store, by=by(account), now=NOW)


def review(number: int, place: str = "H1", account: str = "h1.lead", verdict: str = "accepted", why: str = "") -> None:
    services.review_entry(1, place, number, verdict, why, by=by(account), now=NOW)


def points(place: str = "H1", group: str = "person") -> list[tuple[str, str, str, Decimal, int]]:
    found = queries.ledger_totals(1, place, ["2026-05"], group)
    return [(one.member, one.unit, one.person, one.points, one.entries) for one in found]


def test_an_entry_counts_once_another_person_has_accepted_it(store: Store) -> None:
    number = add(store)
    assert points() == []
    with pytest.raises(Refused, match="You made this entry"):
        review(number, account="h1.bonus")
    review(number)
    review(add(store, replace(GIVEN, person="", points=Decimal("-0.25"))))
    review(add(store), verdict="refused", why="证据与所述情况不相符合")
    assert points() == [("H1", "N1", "", Decimal("-0.25"), 1), ("H1", "N1", "0002", Decimal("-2.5"), 1)]
    assert points(group="unit") == [("H1", "N1", "", Decimal("-2.75"), 2)]
    assert points(group="member") == [("H1", "", "", Decimal("-2.75"), 2)]


def test_who_is_concerned_reviews_nothing(store: Store) -> None:
    number = add(store)
    with pytest.raises(Refused, match="about you"):
        review(number, account="h1.nurse")
    other = add(store, replace(GIVEN, member="H1", unit="", person=""), "", "office2")
    with pytest.raises(Refused, match="You work for H1"):
        review(other, "", "office")
    mine = add(store, replace(GIVEN, member="H1", unit="", person=""), "", "office")
    review(mine, "", "office2")


def test_an_entry_rests_on_the_standard_of_its_day(store: Store) -> None:
    newer = [replace(ITEMS[0], points=Decimal(-2))]
    services.import_standard(1, "H1", "nursing", newer, date(2026, 5, 8), "修订", by=by("h1.bonus"), now=NOW)
    add(store)
    with pytest.raises(Refused, match="from -2 to 0"):
        add(store, replace(GIVEN, day=date(2026, 5, 8)))
    with pytest.raises(Refused, match="holds no item HL-2"):
        add(store, replace(GIVEN, day=date(2026, 5, 9), item="HL-2", points=Decimal(1)))
    with pytest.raises(Refused, match="holds no item HL-1"):
        add(store, replace(GIVEN, day=date(2025, 12, 31)))


def test_the_same_standard_again_changes_nothing_and_no_entry_loses_its_own(store: Store) -> None:
    again = services.import_standard(1, "H1", "nursing", ITEMS, date(2026, 2, 1), "同", by=by("h1.bonus"), now=NOW)
    assert again == 0
    add(store)
    with pytest.raises(Refused, match="choose a later day"):
        services.import_standard(1, "H1", "nursing", ITEMS[:1], date(2026, 5, 1), "x", by=by("h1.bonus"), now=NOW)
    with pytest.raises(NotFound):
        services.import_standard(1, "H1", "weather", ITEMS, YEAR, "x", by=by("h1.bonus"), now=NOW)


@pytest.mark.parametrize(
    "wrong", [{"unit": "X9"}, {"person": "9999"}, {"unit": "", "person": ""}, {"unit": "D1", "day": date(2025, 6, 1)}]
)  # fmt: skip
def test_against_whom_is_not_there_nothing_is_entered(store: Store, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        add(store, replace(GIVEN, **wrong))  # type: ignore[arg-type]


def test_evidence_is_looked_at_and_kept_outside_the_database(store: Store) -> None:
    number = add(store, file=("../现场 照片.png", PNG))
    one = queries.entry(1, "H1", number)
    assert one
    assert one.file
    assert (one.file.name, one.file.media) == ("现场 照片.png", "image/png")
    assert store.read(one.file.sha256) == PNG
    assert queries.ledger_files() == {one.file.sha256}
    for name, content in (
        ("证据.pdf", b"MZ\x90\0\x03\0\0\0program"), ("a.sh", b"#!/bin/sh\nrm -rf /"), ("a.png", b""), ("a.pdf", PNG),
    ):  # fmt: skip
        with pytest.raises(Refused):
            add(store, file=(name, content))
    assert queries.entries(1, "H1", Reach(whole=True), Found(), 1, 9)[1] == 1


def test_an_objection_that_is_upheld_takes_the_entry_back(store: Store) -> None:
    first, second = add(store), add(store)
    for number in (first, second):
        review(number)
        services.file_objection(1, "H1", number, REASON, by=by("h1.nurse"), now=NOW)
    with pytest.raises(Refused, match="does not answer"):
        services.answer_objection(1, "H1", first, "upheld", REASON, by=by("h1.bonus"), now=NOW)
    services.answer_objection(1, "H1", first, "upheld", REASON, by=by("h1.lead"), now=at(12, 5))
    services.answer_objection(1, "H1", second, "dismissed", REASON, by=by("h1.lead"), now=at(12, 5))
    assert points(group="member") == [("H1", "", "", Decimal("-2.5"), 1)]
    before = queries.ledger_totals(1, "H1", ["2026-05"], known=at(11, 5))
    assert [one.points for one in before] == [Decimal(-5)]
    with pytest.raises(Refused, match="objects to an entry"):
        services.file_objection(1, "H1", first, REASON, by=by("h1.nurse"), now=NOW)


def test_the_alliances_ledger_counts_for_members(store: Store) -> None:
    number = add(store, ABOUT_C1, "", "office")
    assert queries.counted_ledgers(1, "2026-05", NOW) == []
    review(number, "", "office2")
    found = [(one.institution, one.measure, one.quantity) for one in queries.counted_ledgers(1, "2026-05", NOW)]
    assert found == [("C1", "ledger.nursing.points", Decimal(-1)), ("C1", "ledger.nursing.entries", Decimal(1))]
    assert queries.counted_ledgers(1, "2026-05", at(9, 5)) == []
    assert points("H1") == []
    subjects = [row.subject for row in db.session.query(Event).filter(Event.act.like("registers:entry%"))]
    assert set(subjects) == {"ledgerentry:C1/alliance/1"}


def test_reach_is_asked_of_the_database(store: Store) -> None:
    add(store)
    add(store, replace(GIVEN, unit="D2", person=""))

    def seen(reach: Reach) -> int:
        return queries.entries(1, "H1", reach, Found(), 1, 9)[1]

    assert seen(Reach(whole=True)) == 2
    assert seen(Reach(units=frozenset({"N1"}))) == 1
    assert seen(Reach(person="0002")) == 1
    assert seen(Reach()) == 0
    assert queries.entries(1, "H1", Reach(whole=True), Found(unit="D2", state="entered"), 1, 9)[1] == 1


def test_what_waits_is_a_task_of_who_may_decide(store: Store) -> None:
    add(store)
    add(store, replace(GIVEN, member="H1", unit="", person=""), "", "office2")
    add(store, ABOUT_C1, "", "office2")

    def waiting(account: str, employer: str, role: str) -> list[tuple[str, object, int]]:
        scope = Scope(1, account, employer, frozenset({role}), bonus=frozenset({"H1"} if account[:2] == "h1" else ()))
        mine = [one for one in home_tasks(scope, NOW) if one.what.startswith("ledger_")]
        return [(one.what, one.args["place"], one.count) for one in mine]

    assert waiting("h1.lead", "H1", "member_lead") == [("ledger_review", "H1", 1)]
    assert waiting("h1.bonus", "H1", "hospital_office") == []
    assert waiting("office", "H1", "office") == [("ledger_review", "alliance", 1)]
    assert waiting("office2", "H2", "office") == []
    review(1)
    services.file_objection(1, "H1", 1, REASON, by=by("h1.nurse"), now=NOW)
    assert waiting("h1.lead", "H1", "member_lead") == [("ledger_objection", "H1", 1)]


def test_a_notice_is_published_by_a_job_and_noted_with_the_ledger(inside: Flask, store: Store) -> None:
    number = add(store)
    review(number)
    day = date(2026, 5, 20)
    services.publish_ledger(1, "H1", "2026-05", "", 0, Remark("请各科整改。"), day, by=by("h1.bonus"), now=NOW)
    assert run_jobs(inside) == 1
    services.publish_ledger(1, "H1", "2026-05", "nursing", number, Remark(), day, by=by("h1.bonus"), now=NOW)
    assert run_jobs(inside) == 1
    made = queries.published(1, "H1", "2026-05")
    assert [(one.entry, one.kind) for one in made] == [(number, "nursing"), (0, "")]
    infos = notices.numbered(1, [one.notice for one in made])
    assert {one.roles for one in infos} == {("department_head", "staff")}
    assert notices.progress(1, infos, date(2026, 5, 10)) == {one.number: (0, 2) for one in infos}
    assert "0002" not in str(infos)


def test_nothing_is_published_of_what_does_not_count(store: Store) -> None:
    number, day = add(store), date(2026, 5, 20)
    for entry, until in ((0, day), (number, day), (0, date(2026, 5, 9))):
        with pytest.raises(Refused):
            services.publish_ledger(1, "H1", "2026-05", "", entry, Remark(), until, by=by("h1.bonus"), now=NOW)
    with pytest.raises(NotFound):
        services.publish_ledger(1, "H1", "2026-05", "", 99, Remark(), day, by=by("h1.bonus"), now=NOW)


def test_a_standard_comes_back_from_its_own_workbook(inside: Flask) -> None:
    with inside.test_request_context():
        assert sheets.read_standard(sheets.write_standard("nursing", ITEMS), "标准.xlsx") == ITEMS
    bad = 'item,name_zh,points\nA1,甲,"1,5"\nA1,乙,5²\n,丙,0\nB 2,,1001\n'.encode()
    with pytest.raises(Refused) as found:
        sheets.read_standard(bad, "标准.csv")
    assert [(one.at["row"], str(one.at["column"])) for one in found.value.problems] == [
        (2, "points"), (3, "points"), (3, "item"), (4, "item"), (4, "points"), (5, "name_zh"), (5, "item"),
        (5, "points"),
    ]  # fmt: skip
