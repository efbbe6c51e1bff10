from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.period import MONTHS, Period, PeriodKind, end_of
from alliance.core.refused import Refused

PERIODS = st.builds(
    lambda year, part, kind: Period(year * 12 + part * MONTHS[kind] % 12, kind),
    st.integers(1900, 2100),
    st.integers(0, 11),
    st.sampled_from(list(PeriodKind)),
)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_codes_and_days(code, first, last):
    period = Period.parse(f" {code} ")
    assert (period.code, period.first, period.last) == (code, first, last)


@pytest.mark.parametrize("code", ["", "2026-13", "2026-00", "2026Q5", "2026Q0", "26", "2026-1", "0999", "2026-01-01"])
def test_what_is_no_period_is_refused(code):
    with pytest.raises(Refused, match="is not a period"):
        Period.parse(code)


@given(PERIODS, st.integers(-30, 30))
def test_going_back_and_forth(period, count):
    assert period.back(count).back(-count) == period
    assert period.back(1).until == period.first
    assert Period.parse(period.code) == period


@given(PERIODS)
def test_the_year_before_is_as_long(period):
    before = period.year_before()
    assert before.kind is period.kind
    assert (period.start - before.start, period.first.month) == (12, before.first.month)


@given(PERIODS, st.sampled_from(list(PeriodKind)))
def test_parts_fill_a_period_without_a_gap(period, kind):
    parts = period.parts(kind)
    assert len(parts) == MONTHS[period.kind] // MONTHS[kind]
    if parts:
        assert (parts[0].first, parts[-1].until) == (period.first, period.until)
        assert all(one.until == other.first for one, other in pairwise(parts))


def test_parts_of_a_year():
    assert [part.code for part in Period.parse("2026").parts(PeriodKind.QUARTER)] == [
        "2026Q1", "2026Q2", "2026Q3", "2026Q4",
    ]  # fmt: skip


def test_the_last_day_there_is_has_an_end_too() -> None:
    assert end_of(date(2026, 5, 1)).isoformat() == "2026-05-02T00:00:00+08:00"
    assert end_of(date.max) > end_of(date(9999, 12, 30))
