"""What is said of filed values: soft bounds, jumps by median and MAD, bands, parts and wholes, explanations."""

from __future__ import annotations

from decimal import Decimal

import pytest

from alliance.core.figure import State
from alliance.indicators.rules.checks import (
    Finding,
    check_band,
    check_entry,
    check_whole,
    unexplained,
)
from alliance.indicators.rules.definitions import Element, Indicator, Words
from alliance.indicators.rules.filing import BLANK, Entry

ELEMENT = Element("E1", Words("转诊人次", "Referrals"), soft_minimum=Decimal(5), soft_maximum=Decimal(1000))


def value(text: str) -> Entry:
    return Entry(Decimal(text), State.VALUE)


def kinds(text: str, earlier: list[int]) -> list[str]:
    return [one.kind for one in check_entry(ELEMENT, value(text), [Decimal(one) for one in earlier])]


def test_a_blank_cannot_be_explained_away() -> None:
    (found,) = check_entry(ELEMENT, BLANK, [])
    assert (found.kind, found.hard) == ("blank", True)
    assert unexplained([found], {"E1": ("", "there was nothing to count")}) == [found]


def test_what_does_not_apply_is_not_looked_at() -> None:
    assert check_entry(ELEMENT, Entry(None, State.NOT_APPLICABLE), [Decimal(1)] * 12) == []


@pytest.mark.parametrize(("text", "expected"), [("5", []), ("4", ["soft"]), ("1000", []), ("1001", ["soft"])])
def test_soft_bounds_hold_at_their_edges(text: str, expected: list[str]) -> None:
    assert kinds(text, []) == expected


def test_a_jump_is_more_than_three_and_a_half_mads_and_a_fifth() -> None:
    # Median 100, MAD 10: 3.5 × 1.4826 × 10 = 51.891.
    earlier = [90, 110, 90, 110, 100, 100, 90, 110, 80, 120, 90, 110]
    assert kinds("151", earlier) == []
    assert kinds("152", earlier) == ["jump"]
    assert kinds("49", earlier) == []
    assert kinds("48", earlier) == ["jump"]


def test_a_far_value_under_a_fifth_is_no_jump() -> None:
    # Median 1000, MAD 1: 1100 lies far out, yet only a tenth away.
    assert kinds("1100", [999, 1001, 1000, 999, 1001, 1000]) == ["soft"]


def test_without_spread_a_fifth_alone_decides() -> None:
    assert kinds("119", [100] * 12) == []
    assert kinds("120", [100] * 12) == ["jump"]
    assert kinds("100", [100] * 12) == []


def test_few_earlier_values_say_nothing() -> None:
    assert kinds("900", [100, 100, 100]) == []
    assert kinds("900", [100, 100, 100, 100]) == ["jump"]


def test_only_twelve_periods_count() -> None:
    assert kinds("100", [100] * 12 + [1] * 30) == []


def test_a_band_is_explained_only_where_the_indicator_says_so() -> None:
    one = Indicator("I1", Words("率", "Rate"), "ratio", band=(Decimal(15), Decimal(25)), explained=True)
    assert check_band(one, Decimal(15)) == check_band(one, Decimal(25)) == check_band(one, None) == []
    (found,) = check_band(one, Decimal("14.99"))
    assert (found.code, found.kind, found.value) == ("I1", "band", "14.99")
    free = Indicator("I1", Words("率", "Rate"), "ratio", band=(Decimal(15), Decimal(25)))
    assert check_band(free, Decimal(1)) == []


def test_a_part_is_never_more_than_its_whole() -> None:
    part, whole = Element("E1", Words("甲", "A"), whole="E2"), Element("E2", Words("乙", "B"))
    assert check_whole(part, whole, {"E1": value("5"), "E2": value("5")}) == []
    assert check_whole(part, whole, {"E1": value("5"), "E2": BLANK}) == []
    (found,) = check_whole(part, whole, {"E1": value("6"), "E2": value("5")})
    assert found.hard
    assert found.numbers == {"whole": "5", "element": "E2"}


def test_an_explanation_counts_for_its_value_alone_and_from_ten_characters() -> None:
    one = Finding("E1", "jump", "differs", value="152")
    assert unexplained([one], {"E1": ("152", "a new clinic opened")}) == []
    assert unexplained([one], {"E1": ("151", "a new clinic opened")}) == [one]
    assert unexplained([one], {"E1": ("152", "new       ")}) == [one]
