"""The questions about conflicts of interest: who stands apart from which member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.db import db
from alliance.ratings.models import Conflict


@dataclass(frozen=True, slots=True)
class ConflictInfo:
    """A declared conflict of interest; `until` None: no end is known."""

    number: int
    account: str
    institution: str
    kind: str
    reason: str
    start: date
    until: date | None
    declared_at: datetime
    ended_at: datetime | None
    ended_why: str

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.until is None or on < self.until)


def conflicts(alliance: int, account: str = "") -> list[ConflictInfo]:
    """The conflicts of interest of an alliance, or of one account in it, newest first."""
    rows = select(Conflict).where(Conflict.alliance_id == alliance).order_by(Conflict.number.desc())
    found = db.session.scalars(rows.where(Conflict.account == account) if account else rows)
    return [
        ConflictInfo(
            row.number, row.account, row.institution, row.kind, row.reason, row.start, row.until, row.declared_at,
            row.ended_at, row.ended_why,
        )
        for row in found
    ]  # fmt: skip


def conflict(alliance: int, number: int) -> ConflictInfo | None:
    """One of them; None where there is none."""
    return next((one for one in conflicts(alliance) if one.number == number), None)


@audit.until_next_event
def conflicts_of(alliance: int, account: str, on: date) -> frozenset[str]:
    """The members of which an account judges nothing on a day: those declared, and the own employer."""
    rows = select(Conflict.institution).where(
        Conflict.alliance_id == alliance,
        Conflict.account == account,
        Conflict.start <= on,
        or_(Conflict.until.is_(None), Conflict.until > on),
    )
    employer, _number = accounts.employee_of(account)
    return frozenset(db.session.scalars(rows)) | ({employer} - {""})
