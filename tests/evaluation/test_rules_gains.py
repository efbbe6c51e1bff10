"""What brings one more point: worked by hand, and held to the methods themselves."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alliance.evaluation.rules.gains import one_more
from alliance.evaluation.rules.methods import Line, share

D = Decimal


def line(*, lower: bool = False, **numbers: str) -> Line:
    return Line({name: D(text) for name, text in numbers.items()}, (), lower)


@pytest.mark.parametrize(
    ("method", "actual", "weight", "numbers", "value", "points"),
    [
        # 8.98 of 10 scores 8.98 of 10 points; a point more is a tenth of the target more.
        ("attainment", "8.98", "10", line(target="10"), "9.98", "1"),
        # 12 against 9 scores 3/4 of 8 points; 7/8 is scored at 9 / (7/8) = 10.2857…, and less is better.
        ("attainment", "12", "8", line(target="9", lower=True), "10.28", "1"),
        # 75 between 45 and 80 scores 6/7 of 7 points, so 6; the seventh is scored at 80.
        ("linear", "75", "7", line(bottom="45", target="80"), "80", "1"),
        # Of 2 points 2/7 are left: the full mark.
        ("linear", "75", "2", line(bottom="45", target="80"), "80", "0.28"),
        # Far under the value that scores 0, the way begins there: 45 + 35/7.
        ("linear", "10", "7", line(bottom="45", target="80"), "50", "1"),
        # 27 is 2 outside a band that ends at 25 and falls over 5: 0.6 of 5 points. 26 scores 0.8.
        ("band", "27", "5", line(low="15", high="25", width="5"), "26", "1"),
        ("band", "11", "5", line(low="15", high="25", width="5"), "12", "1"),
        ("upper_limit", "30", "4", line(limit="28", width="4"), "29", "1"),
        # 68.2 is 0.6 of the way from 58 to 75; of 10 points the seventh needs 0.7 of it.
        ("improvement", "68.2", "10", line(base="58", target="75"), "69.9", "1"),
        ("rated", "4.2", "5", line(maximum="5"), "5", "0.8"),
        ("deduction", "3", "10", line(full="10"), "2", "1"),
        # The gate is shut under 60; a point alone would need 8, the gate needs 60.
        ("gate", "30", "10", line(threshold="60", target="80"), "60", "1"),
    ],
)
def test_a_point_more_worked_by_hand(
    method: str, actual: str, weight: str, numbers: Line, value: str, points: str
) -> None:
    found = one_more(method, D(actual), D(weight), numbers)
    assert found is not None
    assert (found.value, found.points) == (D(value), D(points))
    assert found.rising == (D(value) > D(actual))


@pytest.mark.parametrize("method", ["steps", "rank_in_tier", "reference", "achievement_or_improvement"])
def test_methods_that_cannot_be_turned_round_say_nothing(method: str) -> None:
    assert one_more(method, D(1), D(5), line()) is None


def test_nothing_more_can_be_had_at_the_full_mark() -> None:
    assert one_more("attainment", D(10), D(5), line(target="10")) is None
    assert one_more("band", D(20), D(5), line(low="15", high="25")) is None


@given(
    st.sampled_from(
        [
            ("attainment", line(target="7")), ("attainment", line(target="7", lower=True)),
            ("linear", line(bottom="9", target="3")), ("upper_limit", line(limit="4", width="13")),
            ("band", line(low="3", high="9")), ("gate", line(threshold="2", target="7")),
        ]
    ),
    st.decimals(min_value=-5, max_value=30, places=2),
    st.decimals(min_value="0.5", max_value=20, places=2),
)  # fmt: skip
def test_the_value_brings_what_it_promises(made: tuple[str, Line], actual: Decimal, weight: Decimal) -> None:
    method, numbers = made
    found = one_more(method, actual, weight, numbers)
    assume(found is not None)
    assert found is not None
    gained = (share(method, found.value, numbers) - share(method, actual, numbers)) * Fraction(weight)
    assert gained >= Fraction(found.points)
