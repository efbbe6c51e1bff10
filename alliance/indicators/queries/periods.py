"""The questions about periods that were opened for filing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import PeriodRow


@dataclass(frozen=True, slots=True)
class PeriodInfo:
    """A period that was opened for filing."""

    code: str
    opened_at: datetime
    due_at: datetime


def periods(alliance: int) -> list[PeriodInfo]:
    """Periods opened for filing, newest first."""
    rows = db.session.scalars(select(PeriodRow).where(PeriodRow.alliance_id == alliance))
    found = [PeriodInfo(row.code, row.opened_at, row.due_at) for row in rows]
    return sorted(found, key=lambda one: (Period.parse(one.code).first, one.code), reverse=True)


def period(alliance: int, code: str) -> PeriodInfo | None:
    row = db.session.scalars(select(PeriodRow).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)).first()
    return PeriodInfo(row.code, row.opened_at, row.due_at) if row else None
