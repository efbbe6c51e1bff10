"""Periods: months, quarters and years, as half-open ranges of days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from alliance.core.refused import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")  # the clock of deadlines and of dates; timestamps are kept in UTC


def day_of(moment: datetime) -> date:
    """The day of a moment on the clock of Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def end_of(day: date) -> datetime:
    """24:00 of a day on the clock of Shanghai: the first moment that is too late. The last day there is ends a moment
    earlier: somebody types it, and is to be told that it lies too far ahead."""
    if day == date.max:
        return datetime.combine(day, time.max, SHANGHAI)
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


class PeriodKind(StrEnum):
    """The lengths a period can have."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}
CODE = re.compile(r"(?P<year>[12]\d{3})(?:-(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))?")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month (2026-03), a quarter (2026Q1) or a year (2026)."""

    start: int  # months since year 0
    kind: PeriodKind

    @classmethod
    def parse(cls, code: str) -> Period:
        """The period of a code; refused when it is none."""
        match = CODE.fullmatch(code.strip())
        if not match:
            raise Refused("%(code)s is not a period; write 2026-03, 2026Q1 or 2026.", code=code)
        year = int(match["year"]) * 12
        if match["month"]:
            return cls(year + int(match["month"]) - 1, PeriodKind.MONTH)
        if match["quarter"]:
            return cls(year + int(match["quarter"]) * 3 - 3, PeriodKind.QUARTER)
        return cls(year, PeriodKind.YEAR)

    @property
    def code(self) -> str:
        """The natural code that `parse` reads."""
        return _code(self.start, self.kind)

    @property
    def first(self) -> date:
        """The first day."""
        return _first_day(self.start)

    @property
    def until(self) -> date:
        """The day after the last."""
        return _first_day(self.start + MONTHS[self.kind])

    @property
    def last(self) -> date:
        """The last day."""
        return date.fromordinal(self.until.toordinal() - 1)

    def back(self, count: int) -> Period:
        """The period of the same kind `count` before this one."""
        return Period(self.start - count * MONTHS[self.kind], self.kind)

    def year_before(self) -> Period:
        """The same period of the year before."""
        return Period(self.start - 12, self.kind)

    def around(self, kind: PeriodKind) -> Period:
        """The period of a kind, no shorter than this one, in which this one begins."""
        return Period(self.start // MONTHS[kind] * MONTHS[kind], kind)

    def months_in(self, whole: Period) -> frozenset[int]:
        """The numbers, from 0, of this period's months in a longer one that it lies in; empty when it does not."""
        first = self.start - whole.start
        inside = first >= 0 and first + MONTHS[self.kind] <= MONTHS[whole.kind]
        return frozenset(range(first, first + MONTHS[self.kind])) if inside else frozenset()

    def parts(self, kind: PeriodKind) -> list[Period]:
        """The periods of a kind that lie inside this one, in order; none when the kind is longer."""
        end = self.start + MONTHS[self.kind]
        step = MONTHS[kind]
        first = -(-self.start // step) * step
        return [Period(month, kind) for month in range(first, end - step + 1, step)]


@lru_cache(maxsize=1024)
def _first_day(month: int) -> date:
    """The first day of a month; each is made once, because days are compared by the thousand."""
    return date(month // 12, month % 12 + 1, 1)


@lru_cache(maxsize=1024)
def _code(start: int, kind: PeriodKind) -> str:
    """The code of a period: asked for every reading, so each is written once."""
    year, month = divmod(start, 12)
    if kind is PeriodKind.MONTH:
        return f"{year:04}-{month + 1:02}"
    return f"{year:04}Q{month // 3 + 1}" if kind is PeriodKind.QUARTER else f"{year:04}"
