"""The questions about periods: which are open, their calendar, working days, exceptions and reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import chinese_calendar
from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.period import Period
from alliance.core.workdays import Works
from alliance.db import db, remembered
from alliance.indicators.models import DayRow, LockException, PeriodRow, Reminder, TimetableRow
from alliance.indicators.rules.calendar import Calendar, Timetable, calendar_of

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class PeriodInfo:
    """A period that was opened for filing, with its calendar."""

    code: str
    opened_at: datetime
    due_at: datetime
    review_until: datetime
    preview_at: datetime
    objections_until: datetime


@dataclass(frozen=True, slots=True)
class ExceptionInfo:
    """Leave for a member to file after the deadline or after acceptance; not in force until a second person grants."""

    id: int
    period: str
    institution: str
    reason: str
    until: datetime
    asked_by: str
    asked_at: datetime
    granted_by: str
    granted_at: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.granted_at is not None and now < self.until


@dataclass(frozen=True, slots=True)
class ReminderInfo:
    """A reminder that was sent."""

    institution: str
    occasion: str
    sent_by: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class DayInfo:
    """A day that works or rests against the rule."""

    day: date
    works: bool
    note: str


@audit.until_next_event
def periods(alliance: int) -> list[PeriodInfo]:
    """Periods opened for filing, newest first."""
    rows = db.session.scalars(select(PeriodRow).where(PeriodRow.alliance_id == alliance))
    return sorted(map(_period, rows), key=lambda one: (Period.parse(one.code).first, one.code), reverse=True)


@remembered
def period(alliance: int, code: str) -> PeriodInfo | None:
    row = db.session.scalars(select(PeriodRow).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)).first()
    return _period(row) if row else None


def _period(row: PeriodRow) -> PeriodInfo:
    return PeriodInfo(row.code, row.opened_at, row.due_at, row.review_until, row.preview_at, row.objections_until)


def timetable(alliance: int, on: date) -> Timetable:
    """The parameters of the calendar that hold on a day; the usual ones when the alliance set none."""
    rows = select(TimetableRow).where(TimetableRow.alliance_id == alliance, TimetableRow.valid_from <= on)
    row = db.session.scalars(rows.order_by(TimetableRow.valid_from.desc(), TimetableRow.id.desc()).limit(1)).first()
    if row is None:
        return Timetable()
    return Timetable(row.opens, row.due, row.review, row.preview, row.objections, row.automatic)


def has_timetable(alliance: int) -> bool:
    """Whether the alliance set a timetable of its own."""
    rows = select(TimetableRow.id).where(TimetableRow.alliance_id == alliance)
    return db.session.scalar(rows.limit(1)) is not None


def noted_days(alliance: int) -> list[DayInfo]:
    """The days that the alliance noted, in order; the last note on a day."""
    rows = db.session.scalars(select(DayRow).where(DayRow.alliance_id == alliance).order_by(DayRow.id))
    found = {row.day: DayInfo(row.day, row.works, row.note) for row in rows}
    return [found[day] for day in sorted(found)]


def works_on(alliance: int) -> Works:
    """Whether a day is a working day: as the alliance noted it, else by the State Council's holidays where they are
    published, else every weekday."""
    noted = {one.day: one.works for one in noted_days(alliance)}

    def works(day: date) -> bool:
        if day in noted:
            return noted[day]
        return bool(chinese_calendar.is_workday(day)) if holidays_known(day.year) else day.weekday() < SATURDAY

    return works


def holidays_known(year: int) -> bool:
    """Whether the public holidays of a year are in the table that the portal comes with."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def calendar(alliance: int, code: str, due_at: datetime | None = None) -> Calendar:
    """The calendar that a period has, or would have if it were opened now."""
    when = Period.parse(code)
    return calendar_of(when, timetable(alliance, when.until), works_on(alliance), due_at)


def exceptions(alliance: int, code: str, institution: str | None = None) -> list[ExceptionInfo]:
    """The lock exceptions of a period, newest first; of one member, when it is named."""
    return exceptions_of(alliance, (code,), institution)


@audit.until_next_event
def exceptions_of(alliance: int, codes: tuple[str, ...], institution: str | None = None) -> list[ExceptionInfo]:
    """Those of several periods, newest first."""
    rows = select(LockException).where(LockException.alliance_id == alliance, LockException.period.in_(codes))
    if institution is not None:
        rows = rows.where(LockException.institution == institution)
    return [
        ExceptionInfo(
            row.id, row.period, row.institution, row.reason, row.until, row.asked_by, row.asked_at, row.granted_by,
            row.granted_at,
        )
        for row in db.session.scalars(rows.order_by(LockException.id.desc()))
    ]  # fmt: skip


def reminders(alliance: int, code: str) -> list[ReminderInfo]:
    """The reminders that were sent for a period, oldest first."""
    rows = select(Reminder).where(Reminder.alliance_id == alliance, Reminder.period == code).order_by(Reminder.id)
    return [ReminderInfo(row.institution, row.occasion, row.sent_by, row.sent_at) for row in db.session.scalars(rows)]
