"""What is true of cross-check rounds, by worked examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from alliance.core.refused import Refused
from alliance.indicators.rules.rounds import (
    Candidate,
    allocate,
    assign,
    bands,
    barred_until,
    draw,
    error_rate,
    finds_intent,
    is_over,
    is_wrong,
    outcome,
    sample_size,
)


@pytest.mark.parametrize(
    ("figures", "size"), [(0, 0), (4, 4), (10, 10), (11, 10), (80, 10), (100, 10), (101, 11), (120, 12), (235, 24)]
)
def test_a_sample_has_ten_figures_or_a_tenth(figures: int, size: int) -> None:
    assert sample_size(figures) == size


def figure(code: str, stake: int = 0, dimension: str = "quality") -> Candidate:
    return Candidate(code, 1, "100", dimension, stake)


def test_figures_stand_in_bands_by_the_median_of_what_rests_on_them() -> None:
    rows = [figure("A"), figure("B", 100), figure("C", 200), figure("D", 300)]
    assert bands(rows) == {"A": "none", "B": "low", "C": "low", "D": "high"}


def test_places_go_to_strata_by_largest_remainders_and_money_counts() -> None:
    # 4 × 20, 2 × 20, 1 × 40: weights 80, 40, 40 of 160; of 10 places 5, 2.5, 2.5; the tie goes to what sorts first.
    sizes = {("a", "high"): 20, ("a", "low"): 20, ("b", "none"): 40}
    assert allocate(sizes, 10) == {("a", "high"): 5, ("a", "low"): 3, ("b", "none"): 2}


def test_no_stratum_gives_more_than_it_has() -> None:
    # Weights 8 and 30: 2.1 and 7.9 of 10, but the first has two figures only.
    assert allocate({("a", "high"): 2, ("a", "none"): 30}, 10) == {("a", "high"): 2, ("a", "none"): 8}
    assert allocate({("a", "high"): 3, ("b", "none"): 7}, 10) == {("a", "high"): 3, ("b", "none"): 7}


def test_the_same_seed_draws_the_same_figures_and_another_one_others() -> None:
    rows = [figure(f"E{number:03}", number % 7 * 10, f"d{number % 3}") for number in range(80)]
    first = draw(rows, "seed")
    assert len(first) == len(set(first)) == 10
    assert draw(list(reversed(rows)), "seed") == first
    assert draw(rows, "another") != first
    # Each dimension is there, and what has much money on it more often than its number alone would say.
    side = {one.element: one.dimension for one in rows}
    assert {side[one] for one in first} == {"d0", "d1", "d2"}


def test_few_figures_are_all_drawn() -> None:
    assert draw([figure("E2"), figure("E1", 5)], "seed") == ["E1", "E2"]
    assert draw([], "seed") == []


def test_nobody_checks_itself_nor_the_same_member_twice_in_a_row() -> None:
    members = [f"C{number}" for number in range(9)]
    last: dict[str, set[str]] = {}
    for month in range(6):
        found = assign(members, members[:4], last, f"seed{month}")
        assert set(found) == set(members)
        for one, checker in found.items():
            assert checker != one
            assert checker not in last.get(one, set())
        load = [list(found.values()).count(one) for one in members[:4]]
        assert max(load) - min(load) <= 2
        last = {one: {checker} for one, checker in found.items()}


def test_a_member_that_nobody_may_check_is_named() -> None:
    with pytest.raises(Refused, match="1 member has nobody") as refused:
        assign(["C1", "C2"], ["C1"], {}, "seed")
    assert refused.value.problems[0].at == {"who": "C1"}
    with pytest.raises(Refused, match="2 members have nobody"):
        assign(["C1", "C2"], ["C1", "C3"], {"C1": {"C3"}, "C2": {"C1", "C3"}}, "seed")


@pytest.mark.parametrize(
    ("filed", "source", "wrong"),
    [
        ("37", "37", False),
        ("38", "37", False),  # one unit
        ("39", "37", True),
        ("1005", "1000", False),  # 0.5 % of the source are 5
        ("1006", "1000", True),
        ("995", "1000", False),
        ("1.5", "0", True),
        ("1", "0", False),
        ("-1006", "-1000", True),
        ("98765432109876543210", "98765432109876543210", False),
        ("0", None, True),  # the source has no such value
    ],
)
def test_a_figure_is_wrong_beyond_a_unit_or_half_a_percent(filed: str, source: str | None, wrong: bool) -> None:
    assert is_wrong(Decimal(filed), None if source is None else Decimal(source)) is wrong


@pytest.mark.parametrize(
    ("wrong", "checked", "number", "what"),
    [
        (0, 10, 1, "passed"),
        (1, 10, 1, "notice"),
        (1, 20, 1, "passed"),  # 5 % are not over 5 %
        (2, 39, 1, "notice"),
        (1, 10, 2, "committee"),
        (1, 20, 2, "passed"),
    ],
)
def test_more_than_five_percent_is_too_many(wrong: int, checked: int, number: int, what: str) -> None:
    assert outcome(number, wrong, checked, checked) == what
    assert is_over(wrong, checked) is (what in ("notice", "committee"))


def test_what_nobody_looked_at_has_not_passed() -> None:
    assert outcome(1, 0, 0, 10) == "unchecked"
    assert outcome(1, 0, 9, 10) == "unchecked"
    assert outcome(1, 1, 9, 10) == "notice"  # what was found is enough
    assert outcome(2, 1, 9, 10) == "committee"


def test_the_error_rate_has_one_place() -> None:
    assert error_rate(1, 12) == Decimal("8.3")
    assert error_rate(0, 10) == 0
    assert error_rate(0, 0) is None


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        (["for", "for", "against"], True),
        (["for", "for", "against", "against"], False),
        (["for", "for", "abstained"], True),
        (["for", "for", "abstained", "against"], False),
        (["for", "recused", "absent"], True),
        (["recused", "absent"], False),
        ([], False),
    ],
)
def test_intent_needs_two_thirds_of_the_votes_cast(choices: list[str], found: bool) -> None:
    assert finds_intent(choices) is found


@pytest.mark.parametrize(
    ("day", "free"),
    [
        (date(2026, 5, 10), date(2028, 5, 10)),
        (date(2026, 12, 31), date(2028, 12, 31)),
        (date(2028, 2, 29), date(2030, 2, 28)),
    ],
)
def test_honours_are_barred_for_twenty_four_months(day: date, free: date) -> None:
    assert barred_until(day) == free
