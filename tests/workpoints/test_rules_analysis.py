"""Pay per head, inequality and movers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.figure import half_up
from alliance.core.refused import Refused
from alliance.workpoints.rules.analysis import gini, movers, per_head
from tests.workpoints.making import fig, sound, working

D = Decimal
PERSONS = st.lists(st.tuples(st.decimals(0, 10000, places=2), st.integers(0, 31).map(D)), max_size=12)


def test_pay_per_head_on_both_bases():
    desk, pay = working(), [fig("a", 60000), fig("b", 40000)]
    found = [per_head(desk, f"per/{basis}", basis, pay, fig(f"heads/{basis}", heads)) for basis, heads in
             (("established", 12), ("present", "10.5"))]  # fmt: skip
    sound(*found)
    assert [one.value for one in found] == [D("8333.33"), D("9523.81")]
    assert per_head(desk, "per/none", "present", pay, fig("heads/none", 0)) is None
    with pytest.raises(Refused, match="no basis"):
        per_head(desk, "per/x", "wishes", pay, fig("heads/x", 1))


@given(PERSONS)
def test_inequality_is_the_mean_difference_of_all_pairs(persons):
    between = sum(
        Fraction(w) * Fraction(v) * abs(Fraction(x) - Fraction(y)) for x, w in persons for y, v in persons
    )  # fmt: skip
    weight = sum(Fraction(w) for _, w in persons)
    paid = sum(Fraction(w) * Fraction(x) for x, w in persons)
    assert gini(persons) == (half_up(between / (2 * weight * paid), 4) if paid else None)


def test_inequality_of_four():
    assert gini([(D(n), D(1)) for n in (1, 2, 3, 4)]) == D("0.25")
    assert gini([(D(5), D(31)), (D(5), D(10))]) == 0
    with pytest.raises(Refused):
        gini([(D(-1), D(1))])


def test_movers_are_told_with_the_line_that_moved_most():
    before = {"P1": {"bonus": D(1000), "night": D(500)}, "P2": {"bonus": D(1000)}, "P3": {"bonus": D(100)}, "P4": {}}
    now = {"P1": {"bonus": D(1100), "night": D(0)}, "P2": {"bonus": D(1199)}, "P3": {"bonus": D(150)}, "P5": {}}
    assert [(one.person, one.change, one.percent, one.cause) for one in movers(before, now)] == [
        ("P3", 50, 50, "bonus"), ("P1", -400, D("-26.67"), "night"),
    ]  # fmt: skip
