"""What filing a roster would change: the same check for a week's grid, a month's workbook and its dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.members import queries as members
from alliance.workpoints.queries.rolls import closed_months
from alliance.workpoints.queries.rosters import DayInfo, roster_cells, shift_facts
from alliance.workpoints.rules.duties import by_person, closes, shifts_on, works_in
from alliance.workpoints.rules.runs import SHORTEST

PLACE = mark("%(person)s, %(day)s")
NO_SHIFT = mark("is no shift of this day")
NOT_HERE = mark("does not work in %(unit)s on this day")
ELSEWHERE = mark("stands on the roster of %(unit)s on this day already")
TWICE = mark("stands in the table twice")
PAID_DAY = mark("lies in a month whose bonus is approved; enter a correction that is paid with a later month")
STALE_DAY = mark("somebody changed this day while you typed; look at what stands there now and file it again")


@dataclass(frozen=True, slots=True)
class GivenDay:
    """Which shift a person works on a day, "" for a day off. `seen` is the revision that the author had before the
    eyes, 0 for none, None when it does not matter; `at` where it stands in a file."""

    unit: str
    person: str
    day: date
    shift: str
    seen: int | None = None
    at: tuple[str, Mapping[str, object]] | None = None


Cells = Mapping[tuple[str, date], DayInfo]


def roster_changes(
    alliance: int, institution: str, span: tuple[date, date], given: Sequence[GivenDay], reason: str, now: datetime
) -> tuple[list[GivenDay], Cells]:
    """The days that filing would change between two days, and what stands there. Refused as filing would be."""
    if members.institution_id(alliance, institution) is None:
        raise NotFound()
    cells = roster_cells(alliance, institution, *span)
    changed = [one for one in given if one.shift != _shift(cells.get((one.person, one.day)))]
    problems = _problems(alliance, institution, span, changed, cells) + _doubles(given)
    if problems:
        raise Refused("The roster has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    if any(closes(one.day) <= now for one in changed) and len(reason.strip()) < SHORTEST:
        raise Refused("The roster of this week is closed. Give a reason of at least ten characters for the change.")
    return changed, cells


def _shift(cell: DayInfo | None) -> str:
    return cell.shift if cell else ""


def _problems(
    alliance: int, institution: str, span: tuple[date, date], changed: Sequence[GivenDay], cells: Cells
) -> list[Problem]:
    facts = by_person(members.staffing(alliance, institution).employees)
    table = shift_facts(alliance, institution)
    tables = {day: shifts_on(table, day) for day in {one.day for one in changed}}
    closed = closed_months(alliance, institution)
    problems = []
    for one in changed:
        before = cells.get((one.person, one.day))
        if not span[0] <= one.day <= span[1]:
            problems.append(_problem(one, mark("is no day of this month")))
        elif f"{one.day:%Y-%m}" in closed:
            problems.append(_problem(one, PAID_DAY))
        elif one.shift and one.shift not in tables[one.day]:
            problems.append(_problem(one, NO_SHIFT))
        elif one.shift and not works_in(facts.get(one.person, ()), one.unit, one.day):
            problems.append(_problem(one, NOT_HERE, unit=one.unit))
        elif before and before.shift and before.unit != one.unit:
            problems.append(_problem(one, ELSEWHERE, unit=before.unit))
        elif one.seen is not None and one.seen != (before.revision if before else 0):
            problems.append(_problem(one, STALE_DAY))
    return problems


def _doubles(given: Sequence[GivenDay]) -> list[Problem]:
    seen: set[tuple[str, date]] = set()
    problems = []
    for one in given:
        if (one.person, one.day) in seen:
            problems.append(_problem(one, TWICE))
        seen.add((one.person, one.day))
    return problems


def _problem(one: GivenDay, message: str, **numbers: object) -> Problem:
    where, at = one.at or (PLACE, {"person": one.person, "day": one.day})
    return Problem(where, one.shift or "—", message, numbers, dict(at))
