"""Where filing is stuck: members by periods, on time, late or missing, and how complete each was at its deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from alliance.core.figure import State, half_up, quotient
from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import Reading
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.periods import PeriodInfo
from alliance.indicators.queries.submissions import timeliness
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class Cell:
    """A member in a period: `standing` is on_time, late, missing (due and not there), open (not due yet) or none (no
    member then, or nothing to file); `complete` in % of what was due, at the deadline or now."""

    standing: str
    complete: Decimal | None = None
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A member with its cells, one for each period asked for."""

    member: members.MemberInfo
    cells: Sequence[Cell]


def board(
    alliance: int, periods: Sequence[PeriodInfo], institutions: frozenset[str] | None, now: datetime
) -> list[BoardRow]:
    """The board of some periods, in their order; of some members, when they are named, by tier and code."""
    first = timeliness(alliance, [one.code for one in periods])
    columns: list[dict[str, Cell]] = []
    people: dict[str, members.MemberInfo] = {}
    # The newest period says who stands where; who left before it follows.
    for period in reversed(periods):
        when = Period.parse(period.code)
        known = library(alliance, when.last)
        filled = _filled_by(alliance, period)
        column: dict[str, Cell] = {}
        for member in members.members(alliance, when.last):
            if institutions is not None and member.code not in institutions:
                continue
            people.setdefault(member.code, member)
            due = {element.code for element in elements_due(known, member.tier, when)}
            if not due:
                continue
            complete = half_up(quotient(Decimal(len(due & filled.get(member.code, set()))), Decimal(len(due)), 100), 0)
            submitted = first.get((member.code, period.code))
            column[member.code] = Cell(_standing(submitted, period, now), complete, submitted)
        columns.insert(0, column)
    return [BoardRow(one, [column.get(code, Cell("none")) for column in columns]) for code, one in people.items()]


def _standing(submitted: datetime | None, period: PeriodInfo, now: datetime) -> str:
    if submitted is not None:
        return "on_time" if submitted < period.due_at else "late"
    return "open" if now < period.due_at else "missing"


def _filled_by(alliance: int, period: PeriodInfo) -> dict[str, set[str]]:
    """The elements that each member had filled at the deadline."""
    other = aliased(Reading)
    newest = (
        select(func.max(other.revision))
        .where(
            other.alliance_id == Reading.alliance_id,
            other.period == Reading.period,
            other.institution == Reading.institution,
            other.element == Reading.element,
            other.filed_at < period.due_at,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Reading.institution, Reading.element).where(
            Reading.alliance_id == alliance,
            Reading.period == period.code,
            Reading.revision == newest,
            Reading.state != State.MISSING.value,
        )
    )
    found: dict[str, set[str]] = {}
    for institution, element in rows:
        found.setdefault(institution, set()).add(element)
    return found
