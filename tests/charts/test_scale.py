from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.charts.scale import quantity, ticks

D = Decimal


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        ("0", "100", "0 20 40 60 80 100"),
        ("0", "30", "0 10 20 30"),
        ("62.6", "67.65", "62 64 66 68"),
        ("-8", "23", "-10 0 10 20 30"),
        ("0", "0.0031", "0.000 0.001 0.002 0.003 0.004"),
        ("0", "1234567", "0 500000 1000000 1500000"),
        ("0", "0", "0.0 0.2 0.4 0.6 0.8 1.0"),
        ("5", "5", "0 1 2 3 4 5"),
        ("-5", "-5", "-5 -4 -3 -2 -1 0"),
    ],
)
def test_ticks_are_round_and_enclose(low, high, wanted):
    assert [f"{tick:f}" for tick in ticks(D(low), D(high))] == wanted.split()


@given(st.decimals(-(10**9), 10**9, places=4), st.decimals(-(10**9), 10**9, places=4), st.integers(2, 6))
def test_ticks_are_few_and_enclose(one, other, most):
    low, high = sorted((one, other))
    steps = ticks(low, high, most)
    assert steps[0] <= low <= high <= steps[-1]
    assert 2 <= len(steps) <= most + 1


def test_a_quantity_keeps_its_places():
    assert quantity(D("8.90"), "%") == "8.90%"
    assert quantity(D("3907746.00"), "元") == "3,907,746.00 元"
    assert quantity(D("-4")) == "-4"
    assert quantity(D("4E+4")) == "40,000"
