"""The questions about readings: current values, their revisions, and who stands behind them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from alliance.audit import queries as audit
from alliance.core.figure import State
from alliance.core.period import Period
from alliance.db import db, table_of
from alliance.indicators.models import Reading
from alliance.indicators.queries.libraries import RATED, library
from alliance.indicators.rules.definitions import Element
from alliance.members import queries as members

READING = table_of(Reading).c
FEW = 50  # members, up to which they are named to the database


@dataclass(frozen=True, slots=True)
class ReadingInfo:
    """A reading in one revision."""

    institution: str
    element: str
    period: str
    revision: int
    value: Decimal | None
    state: State
    origin: str
    document: str
    filed_by: str
    filed_at: datetime
    current: bool = True

    @property
    def source(self) -> str:
        return f"reading:{self.institution}/{self.element}/{self.period}@{self.revision}"


def current_readings(alliance: int, codes: Collection[str]) -> Any:
    """A select over the current readings of some periods."""
    return select(Reading).where(
        Reading.alliance_id == alliance, Reading.period.in_(list(codes)), Reading.revision == newest_revision()
    )


def current_columns(alliance: int, codes: Collection[str], *names: str) -> Any:
    """A select over some columns of the current readings of some periods; READING has the columns to filter by."""
    return select(*(READING[name] for name in names)).where(
        READING.alliance_id == alliance, READING.period.in_(list(codes)), READING.revision == newest_revision()
    )


def of_members(rows: Any, institutions: Collection[str] | None, column: Any = READING.institution) -> Any:
    """Readings of a few members; of many, all are read and the others left out afterwards. None: of everybody."""
    few = institutions is not None and len(institutions) <= FEW
    return rows.where(column.in_(list(institutions or ()))) if few else rows


@cache
def newest_revision() -> Any:
    """The highest revision at the place of a reading: one look into the unique index, whatever the planner knows."""
    other = aliased(Reading)
    return (
        select(func.max(other.revision))
        .where(
            other.alliance_id == Reading.alliance_id,
            other.period == Reading.period,
            other.institution == Reading.institution,
            other.element == Reading.element,
        )
        .scalar_subquery()
    )


def readings(alliance: int, code: str, institution: str, only: Collection[str] | None = None) -> dict[str, ReadingInfo]:
    """The current readings of a member in a period, by element; of some elements, when they are named."""
    rows = current_readings(alliance, [code]).where(Reading.institution == institution)
    if only is not None:
        rows = rows.where(Reading.element.in_(list(only)))
    return {row.element: _reading(row) for row in db.session.scalars(rows)}


def _reading(row: Reading, current: bool = True) -> ReadingInfo:
    value = Decimal(row.value) if row.value else None
    return ReadingInfo(
        row.institution,
        row.element,
        row.period,
        row.revision,
        value,
        State(row.state),
        row.origin,
        row.document,
        row.filed_by,
        row.filed_at,
        current,
    )


def revisions(alliance: int, institution: str, element: str, code: str) -> list[ReadingInfo]:
    """All revisions of a reading, oldest first."""
    rows = list(
        db.session.scalars(
            select(Reading)
            .where(
                Reading.alliance_id == alliance,
                Reading.institution == institution,
                Reading.element == element,
                Reading.period == code,
            )
            .order_by(Reading.revision)
        )
    )
    return [_reading(row, current=row is rows[-1]) for row in rows]


def everything_due(alliance: int, code: str, employer: str = "") -> list[tuple[members.MemberInfo, Element, str]]:
    """Every value due from every member in a period, raters' elements included, with the text that is filed now;
    without what raters found about an employer, which its people do not bring in."""
    when = Period.parse(code)
    known = library(alliance, when.last)
    filed = {
        (row.institution, row.element): row.value or ("n/a" if row.state == State.NOT_APPLICABLE else "")
        for row in db.session.scalars(current_readings(alliance, [code]))
    }
    return [
        (member, element, filed.get((member.code, element.code), ""))
        for member in members.members(alliance, when.last)
        for element in known.elements.values()
        if member.tier in element.tiers and element.frequency is when.kind and not element.external
        if not (member.code == employer and element.mode in RATED)
    ]


def history(alliance: int, code: str, institution: str) -> list[audit.EventInfo]:
    """What happened to a member's submission of a period."""
    return audit.events_on(alliance, [f"submission:{institution}/{code}"])
