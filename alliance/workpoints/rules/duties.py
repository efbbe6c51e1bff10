"""Shifts and rosters (W12): the shift table by date, the week of a unit, when it closes, who works where on a day."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from alliance.core.period import SHANGHAI, Period
from alliance.core.refused import NotFound, Refused

CODE = re.compile(r"[A-Z][A-Z0-9]{0,3}", re.ASCII)
HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d[–-](([01]\d|2[0-3]):[0-5]\d|24:00)", re.ASCII)
WEEK = re.compile(r"([12]\d{3})-W(\d\d)", re.ASCII)
OFF = ""  # the shift of a day off
CLOSES = time(12)  # on the Monday after the week
DAYS = 7


@dataclass(frozen=True, slots=True)
class ShiftFact:
    """A shift from a day on: its code, its names, its hours (20:00–08:00), whether it is a night that pays."""

    code: str
    name_zh: str
    name_en: str
    hours: str
    night: bool
    start: date


def check_shift(fact: ShiftFact) -> None:
    """Refused: a code, a name or hours that are none."""
    if not CODE.fullmatch(fact.code):
        raise Refused("A shift's code has 1 to 4 capital letters and digits and begins with a letter.")
    if not fact.name_zh.strip() or not fact.name_en.strip():
        raise Refused("A shift needs a name in Chinese and in English.")
    if not HOURS.fullmatch(fact.hours):
        raise Refused("The hours of a shift are written 08:00–16:00, not %(hours)s.", hours=fact.hours)


def shifts_on(facts: Iterable[ShiftFact], day: date) -> dict[str, ShiftFact]:
    """The shift table of a day, by code; `facts` in the order of recording."""
    begun = sorted((fact for fact in facts if fact.start <= day), key=lambda one: one.start)
    return dict(sorted({fact.code: fact for fact in begun}.items()))


def check_paid_nights(facts: Sequence[ShiftFact], new: ShiftFact, closed: Collection[str]) -> None:
    """Refused: a fact that makes or unmakes nights in a month that is paid, whose roster would not be its pay."""
    begins = [new.start, *(one.start for one in facts if one.code == new.code and one.start > new.start)]
    for month in sorted(closed):
        period = Period.parse(month)
        days = {max(new.start, period.first), *begins}
        for day in sorted(day for day in days if period.first <= day <= period.last):
            before, after = (shifts_on(table, day).get(new.code) for table in (facts, [*facts, new]))
            if before and after and before.night != after.night:
                raise Refused(
                    "Nights of %(period)s are paid by this shift as it was; let the change hold from a later month.",
                    period=month,
                )


def week_of(day: date) -> str:
    """The week of a day: 2026-W37."""
    year, week, _weekday = day.isocalendar()
    return f"{year:04}-W{week:02}"


def days_of(week: str) -> list[date]:
    """Monday to Sunday of a week; NotFound for what is none."""
    found = WEEK.fullmatch(week)
    try:
        first = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        first = None
    if first is None:
        raise NotFound()
    return [first + timedelta(days=place) for place in range(DAYS)]


def month_of(week: str) -> str:
    """The month in which most days of a week lie."""
    return f"{days_of(week)[DAYS // 2]:%Y-%m}"


def closes(day: date) -> datetime:
    """When the roster of a day's week closes: at noon of the Monday after it."""
    monday = day - timedelta(days=day.weekday())
    return datetime.combine(monday + timedelta(days=DAYS), CLOSES, SHANGHAI)


class Placed(Protocol):
    """What is true of an employee from a day on."""

    @property
    def number(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def start(self) -> date: ...


Fact = TypeVar("Fact", bound=Placed)


def by_person(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """The facts of each person by their day; of facts of one day the one recorded later stands last."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.number, []).append(fact)
    return {number: sorted(mine, key=lambda one: one.start) for number, mine in found.items()}


def place_on(facts: Sequence[Fact], day: date) -> Fact | None:
    """What is true of a person on a day: the last fact that has begun."""
    return next((fact for fact in reversed(facts) if fact.start <= day), None)


def works_in(facts: Sequence[Placed], unit: str, day: date) -> bool:
    """Whether a person is in post in a unit on a day."""
    fact = place_on(facts, day)
    return fact is not None and fact.department == unit and fact.status == "active"


@dataclass(frozen=True, slots=True)
class Count:
    """How many nights, and how many days with any shift, a person worked."""

    nights: int
    days: int


def count(shifts: Mapping[date, str], facts: Sequence[ShiftFact]) -> Count:
    """The nights and days of a person by the shift of each day."""
    worked = {day: code for day, code in shifts.items() if code}
    tables = {day: shifts_on(facts, day) for day in worked}
    nights = sum(1 for day, code in worked.items() if code in tables[day] and tables[day][code].night)
    return Count(nights, len(worked))
