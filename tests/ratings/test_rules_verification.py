"""The rules of verifications by worked examples: what is drawn, what may be said, what the rates are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

import pytest

from alliance.core.period import end_of
from alliance.core.refused import Refused
from alliance.indicators.queries import allocate, by_lot
from alliance.ratings.rules import plans, verification
from alliance.ratings.rules.plans import Action
from alliance.ratings.rules.verification import Drawable

DAY = date(2026, 5, 10)


def there(tier: str, count: int, band: str = "none") -> list[Drawable]:
    return [Drawable(f"{tier}1", tier, f"E{place:02}", "2026-03", 1, "10", band) for place in range(count)]


def test_places_go_to_tiers_by_their_figures() -> None:
    drawn = verification.draw([*there("primary", 30), *there("tertiary", 10)], 8, "seed", allocate, by_lot)
    assert [one.tier for one in drawn].count("primary") == 6
    assert [one.tier for one in drawn].count("tertiary") == 2


def test_figures_at_risk_have_four_times_the_places() -> None:
    drawn = verification.draw([*there("primary", 40), *there("second", 10, "high")], 8, "s", allocate, by_lot)
    assert [one.band for one in drawn].count("high") == 4


def test_anybody_draws_the_same_with_seed_and_figures() -> None:
    rows = there("primary", 20)
    drawn = verification.draw(rows, 5, "abc", allocate, by_lot)
    lowest = sorted(rows, key=lambda one: sha256(f"abc/{one.institution}/{one.element}/2026-03".encode()).hexdigest())
    assert {one.element for one in drawn} == {one.element for one in lowest[:5]}
    assert verification.draw(list(reversed(rows)), 5, "abc", allocate, by_lot) == drawn


def test_all_are_drawn_where_there_are_fewer_than_asked_for() -> None:
    assert len(verification.draw(there("primary", 3), 60, "s", allocate, by_lot)) == 3


@pytest.mark.parametrize(
    ("verdict", "corrected", "source", "remark", "has_file"),
    [
        ("perhaps", None, "HIS", "", False),
        ("verified", None, "", "", False),
        ("not_verified", None, "HIS", "short", False),
        ("corrected", None, "HIS", "counted twice in March", True),
        ("corrected", Decimal(10), "HIS", "counted twice in March", True),
        ("corrected", Decimal(9), "HIS", "counted twice in March", False),
        ("verified", Decimal(9), "HIS", "", False),
    ],
)
def test_a_verdict_that_says_too_little_is_refused(
    verdict: str, corrected: Decimal | None, source: str, remark: str, has_file: bool
) -> None:
    with pytest.raises(Refused):
        verification.check_verdict(verdict, Decimal(10), corrected, source, remark, has_file)


def test_rates_have_the_figures_looked_at_as_their_denominator() -> None:
    one = verification.rate(["verified", "verified", "corrected", ""])
    assert (one.whole, one.looked, one.deviating, one.percent) == (4, 3, 1, Decimal("33.3"))
    assert verification.rate(["", ""]).percent is None


def test_a_deviation_is_told_in_percent_of_the_source() -> None:
    assert verification.deviation(Decimal(110), Decimal(100)) == Decimal("10.0")
    assert verification.deviation(Decimal(90), Decimal(100)) == Decimal("-10.0")
    assert verification.deviation(Decimal(1), Decimal(0)) is None


def test_deadlines_are_told_three_days_and_one_day_before_on_the_day_and_each_monday_after() -> None:
    ends, noon = end_of(date(2026, 5, 13)), datetime(2026, 5, 10, 4, tzinfo=UTC)
    told = {day: verification.reminded(ends, noon, date(2026, 5, day)) for day in (10, 11, 12, 13)}
    assert told == {10: "-3", 11: "", 12: "-1", 13: "-0"}
    late = datetime(2026, 5, 18, 4, tzinfo=UTC)
    assert verification.reminded(ends, late, date(2026, 5, 18)) == "late-2026-05-18"
    assert verification.reminded(ends, late, date(2026, 5, 19)) == ""


def test_a_plan_takes_its_steps_in_order() -> None:
    state = "open"
    for step in ("file", "return", "file", "accept", "finish", "reopen", "finish", "confirm"):
        state = plans.after(state, step)
    assert state == "confirmed"
    for wrong in ("accept", "finish", "confirm"):
        with pytest.raises(Refused):
            plans.after("open", wrong)


@pytest.mark.parametrize(
    "actions",
    [
        [],
        [Action("", "Head", DAY)],
        [Action("Train the clerks", "", DAY)],
        [Action("Train the clerks", "Head", date(2026, 5, 9))],
        [Action("Train the clerks", "Head", date(2026, 7, 1))],
    ],
)
def test_a_plan_names_what_who_and_until_when(actions: list[Action]) -> None:
    with pytest.raises(Refused):
        plans.check_plan("Counted twice", "No second look at it", actions, DAY, date(2026, 6, 30))


def test_what_is_due_next_has_its_own_day() -> None:
    until, last = datetime(2026, 5, 20, tzinfo=UTC), date(2026, 6, 30)
    assert plans.due("open", until, last) == until
    assert plans.due("accepted", None, last) == end_of(last)
    assert plans.due("confirmed", None, last) is None
    assert plans.is_overdue("accepted", None, last, end_of(last))
    assert not plans.is_overdue("confirmed", None, last, end_of(last))
