"""What a typed number of a bonus month means, and the weeks and shifts of rosters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from alliance.core.figure import State
from alliance.core.refused import NotFound, Refused
from alliance.workpoints.rules.duties import ShiftFact, check_shift, closes, days_of, shifts_on, week_of
from alliance.workpoints.rules.entries import (
    BLANK,
    CASE_KINDS,
    DOES_NOT_APPLY,
    PERSON_KINDS,
    UNIT_KINDS,
    Entry,
    Fault,
    exclusion,
    read_entry,
)
from alliance.workpoints.rules.heads import ASPECTS
from alliance.workpoints.rules.ledgers import HeldPay, check_held
from tests.small import YEAR

SCORE = UNIT_KINDS["score"]


def test_nought_and_blank_and_does_not_apply_are_three_things() -> None:
    assert read_entry("0", SCORE) == Entry(Decimal(0), State.VALUE)
    assert read_entry("  ", SCORE) == BLANK
    assert read_entry("不适用", SCORE) == read_entry("N/A", SCORE) == DOES_NOT_APPLY
    assert len({read_entry(text, SCORE) for text in ("0", "", "n/a")}) == 3


def test_a_number_is_read_as_people_paste_it() -> None:
    cost = UNIT_KINDS["variable_cost"]
    assert read_entry("１，２３４．５０", cost) == Entry(Decimal("1234.50"), State.VALUE)
    assert read_entry("−12.5", UNIT_KINDS["balance"]) == Entry(Decimal("-12.5"), State.VALUE)
    assert read_entry("90.50", SCORE) == Entry(Decimal("90.5"), State.VALUE)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("ninety", SCORE, "is not a number"),
        ("9e1", SCORE, "is not a number"),
        ("1,23", SCORE, "is not a number"),
        ("9①", SCORE, "is not a number"),
        ("-1", SCORE, "must lie between"),
        ("120.01", SCORE, "must lie between"),
        ("90.123", SCORE, "decimal places"),
        ("1.5", UNIT_KINDS["visits"], "is not a whole number"),
        ("1" * 16, UNIT_KINDS["balance"], "is not a number"),
        ("holiday", PERSON_KINDS["excluded"], "one of the words"),
    ],
)
def test_what_is_no_number_of_the_kind_is_told(text: str, kind: object, reason: str) -> None:
    found = read_entry(text, kind)  # type: ignore[arg-type]
    assert isinstance(found, Fault)
    assert reason in found.message


def test_why_somebody_takes_no_share_is_a_word() -> None:
    kind = PERSON_KINDS["excluded"]
    assert [read_entry(text, kind) for text in ("进修", "study", "1")] == [Entry(Decimal(1), State.VALUE)] * 3
    assert [exclusion(Decimal(number)) for number in (1, 2, 3)] == ["study", "maternity", "other"]
    assert exclusion(None) == exclusion(Decimal(9)) == ""


def test_every_kind_has_a_name_a_use_and_a_range() -> None:
    for kinds in (UNIT_KINDS, PERSON_KINDS, CASE_KINDS):
        for code, kind in kinds.items():
            assert code == kind.code == code.lower()
            assert kind.zh
            assert kind.en
            assert kind.use.zh
            assert kind.use.en
            assert kind.least < kind.most
    assert ASPECTS.keys() <= PERSON_KINDS.keys()


def test_a_week_closes_at_noon_of_the_monday_after() -> None:
    days = days_of("2026-W19")
    assert (days[0], days[-1]) == (date(2026, 5, 4), date(2026, 5, 10))
    assert {week_of(day) for day in days} == {"2026-W19"}
    assert {closes(day).isoformat() for day in days} == {"2026-05-11T12:00:00+08:00"}
    assert days_of("2026-W53")[-1] == date(2027, 1, 3)


@pytest.mark.parametrize("week", ["2026-W54", "2026-W00", "2025-W53", "2026-05", ""])
def test_what_is_no_week_is_not_found(week: str) -> None:
    with pytest.raises(NotFound):
        days_of(week)


def test_a_shift_holds_from_its_day_and_the_one_recorded_later_wins() -> None:
    before = ShiftFact("N1", "大夜", "Night", "20:00–08:00", True, YEAR)
    after = ShiftFact("N1", "值班", "On call", "20:00–08:00", False, date(2026, 5, 1))
    again = ShiftFact("N1", "大夜班", "Night", "20:00–08:00", True, YEAR)
    assert shifts_on([before, after], date(2026, 4, 30))["N1"].night
    assert not shifts_on([after, before], date(2026, 5, 1))["N1"].night
    assert shifts_on([before, after, again], date(2026, 4, 1))["N1"] == again
    assert shifts_on([after], date(2026, 4, 30)) == {}


@pytest.mark.parametrize(
    "fact",
    [
        ShiftFact("n1", "大夜", "Night", "20:00–08:00", True, YEAR),
        ShiftFact("N1", " ", "Night", "20:00–08:00", True, YEAR),
        ShiftFact("N1", "大夜", "Night", "8 to 16", True, YEAR),
        ShiftFact("N1", "大夜", "Night", "25:00–08:00", True, YEAR),
    ],
)
def test_a_shift_without_code_name_or_hours_is_refused(fact: ShiftFact) -> None:
    with pytest.raises(Refused):
        check_shift(fact)


def held(**changed: object) -> HeldPay:
    given: dict[str, object] = {
        "person": "0001", "month": "2026-04", "sort": "withheld", "cents": 100, "rate": None,
        "reason": "等待职称复核结果公布", "document": "doc",
    }  # fmt: skip
    return HeldPay(**(given | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"cents": None},
        {"rate": Decimal(20)},
        {"cents": 0},
        {"cents": None, "rate": Decimal(101)},
        {"cents": None, "rate": Decimal(10), "sort": "recovered"},
        {"sort": "kept"},
        {"reason": "short"},
        {"document": " "},
        {"months": 2},
        {"month": "2026Q1"},
    ],
)
def test_withheld_pay_has_one_amount_a_reason_and_a_document(changed: dict[str, object]) -> None:
    check_held(held())
    check_held(held(cents=None, rate=Decimal(100)))
    with pytest.raises(Refused):
        check_held(held(**changed))
