"""The periods that the alliance's timetable opens by itself, and what keeps one from opening."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.core.period import MONTHS, Period, PeriodKind, day_of
from alliance.db import db
from alliance.indicators.models import PeriodRow, TimetableRow
from alliance.indicators.queries.libraries import library
from alliance.indicators.queries.periods import calendar, timetable
from alliance.indicators.rules.calendar import Calendar
from alliance.members import queries as members

BEHIND = 3  # periods of a kind looked at: a calendar lies within sixty days after its period


@dataclass(frozen=True, slots=True)
class Opening:
    """A period whose day to open has come; `stuck` are the members whose figures nobody from elsewhere may review."""

    code: str
    dates: Calendar
    stuck: tuple[str, ...]


def due_openings(alliance: int, now: datetime) -> list[Opening]:
    """The periods that are not open though the timetable says so and filing has not closed yet, oldest first."""
    rows = select(TimetableRow.id).where(TimetableRow.alliance_id == alliance, TimetableRow.automatic)
    if db.session.scalar(rows.limit(1)) is None:
        return []
    opened = set(db.session.scalars(select(PeriodRow.code).where(PeriodRow.alliance_id == alliance)))
    found = []
    for when in _recent(now):
        if when.code in opened or not timetable(alliance, when.until).automatic:
            continue
        dates = calendar(alliance, when.code)
        filed = {one.frequency for one in library(alliance, when.last).elements.values() if not one.external}
        if dates.opens_at <= now < dates.due_at and when.kind in filed:
            found.append(Opening(when.code, dates, tuple(without_reviewer(alliance, when, now))))
    return found


def without_reviewer(alliance: int, when: Period, now: datetime) -> list[str]:
    """The members of a period whose figures could be reviewed by nobody but their own people."""
    employers = {employer for _, employer in accounts.officers(alliance, "office", day_of(now))}
    return [one.code for one in members.members(alliance, when.last) if not employers - {one.code}]


def _recent(now: datetime) -> Iterator[Period]:
    """The periods of each kind that ended last."""
    day = day_of(now)
    month = day.year * 12 + day.month - 1
    for kind in PeriodKind:
        current = Period(month - month % MONTHS[kind], kind)
        yield from (current.back(count) for count in range(BEHIND, 0, -1))
