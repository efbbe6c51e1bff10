"""The calendar of a period: when filing opens and closes, review, preview, the window for objections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from alliance.core.period import SHANGHAI, Period
from alliance.core.refused import Problem, Refused, mark
from alliance.core.workdays import Works, working_day

REMINDED = (3, 1, 0)  # days before the last day of filing on which who has not submitted is reminded
FURTHEST = 60  # days after a period within which its calendar lies


@dataclass(frozen=True, slots=True)
class Timetable:
    """The parameters of the calendar: days of the month after a period, and working days for objections."""

    opens: int = 1
    due: int = 8  # the last day of filing, to 24:00
    review: int = 12  # the last day of review
    preview: int = 15
    objections: int = 5  # working days after the preview
    automatic: bool = False  # a period opens by itself when its day has come


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of one period. Each moment is the first that is too late, or, of `opens` and `preview`, the first
    that is early enough."""

    opens_at: datetime
    due_at: datetime
    review_until: datetime
    preview_at: datetime
    objections_until: datetime


def check_timetable(one: Timetable) -> None:
    """Refuse a timetable whose days do not follow one another."""
    problems = []
    for name, label in LABELS.items():
        value, least = getattr(one, name), 1
        if not least <= value <= FURTHEST:
            reason = mark("must lie between %(least)s and %(most)s")
            problems.append(Problem(label, str(value), reason, {"least": least, "most": FURTHEST}))
    if not one.opens <= one.due <= one.review <= one.preview:
        text = f"{one.opens}, {one.due}, {one.review}, {one.preview}"
        problems.append(Problem(mark("order of the days"), text, mark("filing, review and preview follow one another")))
    if problems:
        raise Refused("The calendar has %(count)s errors.", count=len(problems), problems=problems)


LABELS = {
    "opens": mark("filing opens"),
    "due": mark("last day of filing"),
    "review": mark("last day of review"),
    "preview": mark("preview"),
    "objections": mark("working days for objections"),
}


def calendar_of(period: Period, timetable: Timetable, works: Works, due_at: datetime | None = None) -> Calendar:
    """The calendar of a period; with a deadline of its own, everything after it moves by as many days."""
    start = period.until
    due = _after(start, timetable.due)
    late = timedelta() if due_at is None else due_at - due
    preview = _after(start, timetable.preview - 1) + late
    return Calendar(
        _after(start, timetable.opens - 1),
        due + late,
        _after(start, timetable.review) + late,
        preview,
        _midnight(working_day(preview.astimezone(SHANGHAI).date(), timetable.objections, works) + timedelta(days=1)),
    )


def _after(first: date, days: int) -> datetime:
    return _midnight(first + timedelta(days=days))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
