"""The questions about visits of experts on site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.db import db
from alliance.ratings.models import Panel, SiteVisit


@dataclass(frozen=True, slots=True)
class VisitInfo:
    """A visit to a member."""

    period: str
    institution: str
    number: int
    visited_on: date
    visited_by: str
    checks: Mapping[str, str]
    met: str
    findings: str
    recorded_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    answer: str


@audit.until_next_event
def visits(alliance: int, period: str = "", institution: str = "") -> list[VisitInfo]:
    """The visits of an alliance, newest first; of a period or to a member where these are given."""
    rows = select(SiteVisit, Panel.period).join(Panel, Panel.id == SiteVisit.panel_id)
    rows = rows.where(Panel.alliance_id == alliance).order_by(SiteVisit.visited_on.desc(), SiteVisit.id.desc())
    if period:
        rows = rows.where(Panel.period == period)
    if institution:
        rows = rows.where(SiteVisit.institution == institution)
    return [
        VisitInfo(
            code, row.institution, row.number, row.visited_on, row.visited_by, row.checks, row.met, row.findings,
            row.recorded_at, row.confirmed_by or "", row.confirmed_at, row.answer,
        )
        for row, code in db.session.execute(rows)
    ]  # fmt: skip


def visit(alliance: int, period: str, institution: str, number: int) -> VisitInfo | None:
    """One of them; None where there is none."""
    return next((one for one in visits(alliance, period, institution) if one.number == number), None)
