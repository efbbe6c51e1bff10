"""The questions about shifts and rosters: the shift table, a unit's week, a person's month, the nights of a month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from alliance.core.period import Period
from alliance.core.refused import Both
from alliance.db import db
from alliance.members import queries as members
from alliance.members.queries import EmployeeFact
from alliance.workpoints.models import RosterDay, ShiftRow
from alliance.workpoints.rules.allowances import Night
from alliance.workpoints.rules.duties import (
    Count,
    ShiftFact,
    by_person,
    closes,
    count,
    days_of,
    month_of,
    place_on,
    shifts_on,
    works_in,
)


@dataclass(frozen=True, slots=True)
class DayInfo:
    """Which shift a person works on a day ("" for a day off), in which unit and revision, by whom and when."""

    unit: str
    person: str
    day: date
    shift: str
    revision: int
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A person of a unit's week: what stands for each of its days, whether that is a night, whether the person is in
    post there that day, and what the week and its month add up to."""

    fact: EmployeeFact
    days: tuple[DayInfo | None, ...]
    nights: tuple[bool, ...]
    here: tuple[bool, ...]
    week: Count
    month: Count


@dataclass(frozen=True, slots=True)
class RosterInfo:
    """A unit's week: its days, its people by number, the shifts of its last day, and when it closes."""

    unit: str
    week: str
    days: tuple[date, ...]
    lines: tuple[RosterLine, ...]
    shifts: Mapping[str, ShiftFact]
    closes: datetime

    def is_closed(self, now: datetime) -> bool:
        return now >= self.closes


def shift_facts(alliance: int, institution: str) -> list[ShiftFact]:
    """Everything recorded of the shift table, in the order of recording."""
    rows = db.session.execute(
        select(ShiftRow.code, ShiftRow.name_zh, ShiftRow.name_en, ShiftRow.hours, ShiftRow.night, ShiftRow.start)
        .where(ShiftRow.alliance_id == alliance, ShiftRow.institution == institution)
        .order_by(ShiftRow.id)
    )
    return [ShiftFact(*row) for row in rows]


DAY_COLUMNS: tuple[Any, ...] = (
    RosterDay.unit, RosterDay.person, RosterDay.day, RosterDay.shift, RosterDay.revision, RosterDay.reason,
    RosterDay.recorded_by, RosterDay.recorded_at,
)  # fmt: skip


def _days(alliance: int, institution: str, first: date, last: date) -> Select[Any]:
    return select(*DAY_COLUMNS).where(
        RosterDay.alliance_id == alliance, RosterDay.institution == institution, RosterDay.day.between(first, last)
    )


def roster_cells(
    alliance: int, institution: str, first: date, last: date, people: Collection[str] = ()
) -> dict[tuple[str, date], DayInfo]:  # fmt: skip
    """What stands of some people, or of everybody, between two days, by person and day; days off that replaced a shift
    are there too."""
    wanted = _days(alliance, institution, first, last)
    wanted = wanted.where(RosterDay.person.in_(people)) if people else wanted
    rows = db.session.execute(wanted.order_by(RosterDay.revision))
    return {(row[1], row[2]): DayInfo(*row) for row in rows}


def roster(alliance: int, institution: str, unit: str, week: str) -> RosterInfo:
    """A week of a unit: who is in post there on one of its days, or stands on its roster. NotFound: no such week."""
    days = days_of(week)
    month = Period.parse(month_of(week))
    facts = by_person(members.staffing(alliance, institution).employees)
    rows = db.session.scalars(
        select(RosterDay.person).distinct().where(
            RosterDay.alliance_id == alliance, RosterDay.institution == institution, RosterDay.unit == unit,
            RosterDay.day.between(days[0], days[-1]),
        )
    )  # fmt: skip
    there = {person for person, mine in facts.items() if any(works_in(mine, unit, day) for day in days)}
    people = sorted(there | {person for person in rows if person in facts})
    last = max(days[-1], month.last)
    cells = roster_cells(alliance, institution, min(days[0], month.first), last, people) if people else {}
    table = shift_facts(alliance, institution)
    lines = [_line(unit, facts[person], days, month, cells, table) for person in people]
    return RosterInfo(unit, week, tuple(days), tuple(lines), shifts_on(table, days[-1]), closes(days[0]))


def _line(
    unit: str, facts: Sequence[EmployeeFact], days: Sequence[date], month: Period,
    cells: Mapping[tuple[str, date], DayInfo], table: Sequence[ShiftFact],
) -> RosterLine:  # fmt: skip
    fact = place_on(facts, days[-1]) or facts[0]
    shifts = {day: one.shift for (person, day), one in cells.items() if person == fact.number}
    week = {day: code for day, code in shifts.items() if day in days}
    whole = {day: code for day, code in shifts.items() if month.first <= day <= month.last}
    mine = [cells.get((fact.number, day)) for day in days]
    return RosterLine(
        fact, tuple(mine), tuple(bool(nights_of([one] if one else [], table)) for one in mine),
        tuple(works_in(facts, unit, day) for day in days), count(week, table), count(whole, table),
    )  # fmt: skip


def roster_days(alliance: int, institution: str, person: str, month: str) -> list[DayInfo]:
    """The days of a month on which a person works a shift."""
    period = Period.parse(month)
    rows = db.session.execute(
        _days(alliance, institution, period.first, period.last)
        .where(RosterDay.person == person)
        .order_by(RosterDay.day, RosterDay.revision)
    )
    newest = {row[2]: DayInfo(*row) for row in rows}
    return [one for one in newest.values() if one.shift]


def nights(alliance: int, institution: str, month: str) -> list[Night]:
    """The night shifts of a month by the shift table of each day: what the run pays by the rates of its scheme."""
    period = Period.parse(month)
    cells = roster_cells(alliance, institution, period.first, period.last)
    return nights_of(cells.values(), shift_facts(alliance, institution))


def nights_of(days: Iterable[DayInfo], facts: Sequence[ShiftFact]) -> list[Night]:
    """The nights among days of rosters, by person and day."""
    tables: dict[date, dict[str, ShiftFact]] = {}
    found = []
    for one in days:
        table = tables.get(one.day)
        if table is None:
            table = tables[one.day] = shifts_on(facts, one.day)
        if one.shift in table and table[one.shift].night:
            name = Both(table[one.shift].name_zh, table[one.shift].name_en)
            found.append(Night(one.person, one.day, one.shift, name))
    return sorted(found, key=lambda night: (night.person, night.day))
