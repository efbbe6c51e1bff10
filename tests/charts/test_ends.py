from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.charts.ends import lines_of, spread


def test_names_with_room_stay_where_they_are():
    assert spread([100, 20, 60], [20, 20, 20], 0, 200) == [100, 20, 60]


def test_names_that_would_touch_part_evenly():
    assert spread([50, 50, 50], [20, 20, 20], 0, 200) == [30, 50, 70]


def test_names_stay_inside():
    assert spread([0, 200], [20, 20], 0, 200) == [10, 190]
    assert spread([199, 200], [20, 20], 0, 200) == [170, 190]
    assert spread([], [], 0, 200) == []


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(5, 40)), max_size=8))
def test_none_overlap(names):
    wanted, heights = [name[0] for name in names], [name[1] for name in names]
    middles = spread(wanted, heights, 0, 320)
    spans = sorted((middle - high / 2, middle + high / 2) for middle, high in zip(middles, heights, strict=True))
    assert all(after[0] >= before[1] - 1e-6 for before, after in pairwise(spans))
    assert not spans or (spans[0][0] >= -1e-6 and spans[-1][1] <= 320 + 1e-6)


@pytest.mark.parametrize(
    ("name", "lines"),
    [("甲院", ("甲院 8.98%",)), ("滨江市第一人民医院", ("滨江市第一人民医院", "8.98%")), ("", ("8.98%",))],
)
def test_the_value_stands_behind_the_name_or_below_it(name, lines):
    assert lines_of(name, "8.98%", 150) == lines
