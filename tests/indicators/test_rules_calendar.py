"""The calendar of a period: days of the month after it, and working days for objections."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from alliance.core.period import SHANGHAI, Period
from alliance.core.refused import Refused
from alliance.core.workdays import working_day
from alliance.indicators.rules.calendar import Timetable, calendar_of, check_timetable


def weekday(day: date) -> bool:
    return day.weekday() < 5


def at(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=SHANGHAI)


def test_the_usual_calendar_of_march() -> None:
    found = calendar_of(Period.parse("2026-03"), Timetable(), weekday)
    assert found.opens_at == at(4, 1)
    assert found.due_at == at(4, 9)  # 24:00 of the 8th
    assert found.review_until == at(4, 13)
    assert found.preview_at == at(4, 15)
    # Wednesday the 15th; the 5th working day after it is Wednesday the 22nd, to 24:00.
    assert found.objections_until == at(4, 23)


def test_days_of_rest_do_not_count_for_objections() -> None:
    def works(day: date) -> bool:
        return weekday(day) and day != date(2026, 4, 16)

    assert calendar_of(Period.parse("2026-03"), Timetable(), works).objections_until == at(4, 24)


def test_a_quarter_and_a_year_are_filed_in_the_month_after() -> None:
    assert calendar_of(Period.parse("2026Q4"), Timetable(), weekday).due_at == at(1, 9, 2027)
    assert calendar_of(Period.parse("2026"), Timetable(), weekday).due_at == at(1, 9, 2027)


def test_a_deadline_of_its_own_moves_what_comes_after_it() -> None:
    found = calendar_of(Period.parse("2026-03"), Timetable(), weekday, at(4, 9) + timedelta(days=2))
    assert (found.due_at, found.review_until, found.preview_at) == (at(4, 11), at(4, 15), at(4, 17))
    assert found.objections_until == at(4, 25)  # Friday the 17th, then five working days


def test_days_beyond_the_month_are_taken_into_the_next() -> None:
    found = calendar_of(Period.parse("2026-03"), Timetable(due=35, review=40, preview=45), weekday)
    assert (found.due_at, found.preview_at) == (at(5, 6), at(5, 15))


def test_no_working_day_is_the_day_itself() -> None:
    assert working_day(date(2026, 4, 15), 0, weekday) == date(2026, 4, 15)


@pytest.mark.parametrize(
    ("one", "where"),
    [
        (Timetable(due=0), "last day of filing"),
        (Timetable(objections=61), "working days for objections"),
        (Timetable(review=7), "order of the days"),
        (Timetable(preview=11), "order of the days"),
    ],
)
def test_a_calendar_whose_days_do_not_follow_is_refused(one: Timetable, where: str) -> None:
    with pytest.raises(Refused) as caught:
        check_timetable(one)
    assert where in [problem.place for problem in caught.value.problems]
