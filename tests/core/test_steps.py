from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.figure import half_up, sum_exactly
from alliance.core.refused import Refused
from alliance.core.steps import Step, check_steps, deduct_from_total, progressive
from tests.core.example import cases

D, F = Decimal, Fraction


def table(rows):
    def end(row, key):
        return None if key not in row else D(row[key])

    return [Step(end(row, "from"), end(row, "to"), D(row["rate"])) for row in rows]


STEPS, VISIT = (case.values[0] for case in cases("core", "workpoints"))


def test_progressive_steps():
    steps = table(STEPS["steps"])
    for quantity, price in STEPS["quantities"].items():
        assert progressive(F(quantity), steps) == price


def test_components_rounded_to_four_places_each():
    points = sum_exactly(half_up(F(D(value)) * F(D(factor)), 4) for value, factor in VISIT["components"])
    assert points == VISIT["points"]
    assert half_up(points * VISIT["value_of_a_point"], 2) == VISIT["amount"]


@given(st.fractions(-1000, 1000), st.fractions(-1000, 1000))
def test_more_costs_more_and_a_negative_quantity_is_mirrored(one, other):
    steps = table(STEPS["steps"])
    assert (progressive(one, steps) < progressive(other, steps)) == (one < other)
    assert progressive(-one, steps) == -progressive(one, steps)


def test_beyond_a_closed_table_nothing_is_priced():
    assert progressive(F(25), table([{"from": 0, "to": 10, "rate": 2}])) == 20


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"from": 1, "to": 1, "rate": 1}],
        [{"from": 2, "to": 1, "rate": 1}],
        [{"to": 1, "rate": 1}, {"from": 2, "rate": 1}],  # a gap
        [{"to": 2, "rate": 1}, {"from": 1, "rate": 1}],  # an overlap
        [{"rate": 1}, {"from": 1, "rate": 1}],
        [{"to": 1, "rate": 1}, {"rate": 1}],
    ],
)
def test_tables_with_gaps_and_overlaps_are_refused(rows):
    with pytest.raises(Refused):
        check_steps(table(rows))


@pytest.mark.parametrize("start", [-5, 5])
def test_a_progressive_table_begins_at_nought(start):
    with pytest.raises(Refused, match="begin at 0"):
        progressive(F(7), table([{"from": start, "rate": 1}]))


def test_deductions_from_a_total_stop_at_nought():
    assert deduct_from_total(F(100), [F(30), F(20)]) == 50
    assert deduct_from_total(F(100), [F(70), F(50)]) == 0
    assert deduct_from_total(F(100), []) == 100
