"""The calendar of the demo: which months, quarters and years its story has, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from alliance.core.period import SHANGHAI, Period, PeriodKind
from alliance.indicators.rules.calendar import Timetable

MONTHS = 24  # of the story
REVIEW = timedelta(days=15)  # after the deadline
# The deadline is the last day of the month after, whatever its number; each month is opened with its own.
TIMETABLE = Timetable(opens=1, due=30, review=45, preview=47, objections=5)


@dataclass(frozen=True, slots=True)
class Days:
    """The periods of a story that is told up to a day. It begins with a quarter, so it may be two months longer."""

    today: date
    length: int = MONTHS

    @property
    def filed(self) -> Period:
        """The month that is being filed: the last one that is over."""
        return Period(self.today.year * 12 + self.today.month - 2, PeriodKind.MONTH)

    @property
    def reviewed(self) -> Period:
        return self.filed.back(1)

    @property
    def final(self) -> list[Period]:
        """The months whose figures are accepted, first to last."""
        first = (self.filed.start - self.length + 1) // 3 * 3
        return [Period(month, PeriodKind.MONTH) for month in range(first, self.reviewed.start)]

    @property
    def start(self) -> date:
        return self.final[0].first

    @property
    def quarters(self) -> list[Period]:
        """The quarters that have begun to be filed, first to last."""
        starts = range(self.final[0].start, self.filed.start + 1, 3)
        return [Period(month, PeriodKind.QUARTER) for month in starts]

    @property
    def scored(self) -> list[Period]:
        """The quarters whose months are all final."""
        return [one for one in self.quarters if one.start + 3 <= self.reviewed.start]

    @property
    def years(self) -> list[Period]:
        """The years that ended within the story, or with its beginning, and whose yearly figures are in."""
        years = range((self.final[0].start - 1) // 12, self.reviewed.start // 12)
        return [Period(year * 12, PeriodKind.YEAR) for year in years]

    def place(self, period: Period) -> int:
        """Where the end of a period lies in the story: 0 in its first month, 23 in the month that is being filed.

        A yearly figure tells the story from one year to the next: the first year is its beginning, the last its end.
        """
        if period.kind is PeriodKind.YEAR:
            years = self.years
            place = years.index(period) if period in years else 0
            return (MONTHS - 1) * place // max(len(years) - 1, 1)
        end = {PeriodKind.MONTH: 0, PeriodKind.QUARTER: 2}[period.kind] + period.start
        return max(MONTHS - 1 - max(self.filed.start - end, 0), 0)


def due(period: Period) -> datetime:
    """When filing of a month closes: with the last day of the month after; of a longer period likewise."""
    after = Period(_month_after(period), PeriodKind.MONTH)
    return datetime.combine(after.until, time(), SHANGHAI)


def _month_after(period: Period) -> int:
    return period.until.year * 12 + period.until.month - 1


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def between(first: datetime, last: datetime, part: float) -> datetime:
    """A moment that lies a part of the way from one to another; in working hours, where there are any."""
    exact = first + (last - first) * part
    at_work = exact.replace(hour=9 + exact.hour % 8)
    return at_work if first <= at_work <= last else exact
