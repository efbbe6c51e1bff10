from decimal import Decimal

import pytest

from alliance.charts.series import Series, checked, pens, runs

D = Decimal


def test_runs_end_at_gaps():
    assert runs([D(1), D(2), None, D(3), None, None]) == [[0, 1], [3]]
    assert runs([None, None]) == runs([]) == []


def test_no_two_pens_are_alike_even_without_colour():
    for accents in range(8):
        drawn = list(pens([Series(str(n), [], accent=n < accents) for n in range(7)]))
        assert len({(pen.dash, pen.shape, pen.width) for pen in drawn}) == 7


def test_too_many_series_are_refused():
    with pytest.raises(ValueError, match="8 series"):
        checked([Series("a", [])] * 8, 0)


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="a: 1 values for 2 places"):
        checked([Series("a", [D(1)])], 2)
