"""The questions about falsifications: what was proposed, what the committee found, who may not be honoured."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from alliance.accounts import queries as accounts
from alliance.core.written import whole
from alliance.db import db
from alliance.indicators.models import Falsification
from alliance.indicators.queries.rounds import SampleInfo, check_sample, check_samples
from alliance.indicators.rules.rounds import barred_until


@dataclass(frozen=True, slots=True)
class FalsificationInfo:
    """A proposal with what was found; `state` is proposed, found or rejected."""

    number: str
    institution: str
    findings: tuple[int, ...]
    periods: tuple[str, ...]
    reason: str
    proposed_by: str
    proposed_at: datetime
    decision: str
    decided_on: date | None
    found: bool
    decided_by: str
    decided_at: datetime | None

    @property
    def subject(self) -> str:
        return f"falsification:{self.number}"

    @property
    def state(self) -> str:
        if self.decided_at is None:
            return "proposed"
        return "found" if self.found else "rejected"

    @property
    def barred(self) -> date | None:
        """The first day on which the member may be honoured again."""
        return barred_until(self.decided_on) if self.found and self.decided_on else None


def falsifications(alliance: int, institutions: Collection[str] | None = None) -> list[FalsificationInfo]:
    """All proposals, newest first; about some members, when they are named."""
    rows = select(Falsification).where(Falsification.alliance_id == alliance)
    if institutions is not None:
        rows = rows.where(Falsification.institution.in_(list(institutions)))
    return [_info(row) for row in db.session.scalars(rows.order_by(Falsification.id.desc()))]


def falsification(alliance: int, number: str) -> FalsificationInfo | None:
    row = db.session.scalars(
        select(Falsification).where(Falsification.alliance_id == alliance, Falsification.number == number)
    ).first()
    return _info(row) if row else None


def _info(row: Falsification) -> FalsificationInfo:
    return FalsificationInfo(
        row.number, row.institution, tuple(row.findings), tuple(row.periods), row.reason, row.proposed_by,
        row.proposed_at, row.decision, row.decided_on, row.found, row.decided_by, row.decided_at,
    )  # fmt: skip


def next_falsification(alliance: int, year: int) -> str:
    """The number after the last of a year: 2026-01."""
    rows = select(func.count()).where(Falsification.alliance_id == alliance, Falsification.number.like(f"{year}-%"))
    return f"{year}-{(db.session.scalar(rows) or 0) + 1:02}"


def barred_from_honours(alliance: int, on: date) -> dict[str, date]:
    """The members that may not be honoured on a day, each with the first day on which it may again."""
    found: dict[str, date] = {}
    for one in falsifications(alliance):
        if one.barred is not None and on < one.barred:
            found[one.institution] = max(one.barred, found.get(one.institution, one.barred))
    return found


def _falsified(alliance: int, number: str) -> frozenset[str] | None:
    found = falsification(alliance, number)
    return frozenset([found.institution]) if found else None


def _sampled(alliance: int, place: str) -> frozenset[str] | None:
    """Whom a matter of the committee concerns: the member whose second sample had too many errors."""
    institution, _, rest = place.partition("/")
    period, _, number = rest.partition("/")
    found = check_sample(alliance, period, institution, whole(number) or 0)
    return frozenset([institution]) if found and found.outcome == "committee" else None


def undecided_samples(alliance: int) -> list[SampleInfo]:
    """Second samples with too many errors on which the committee has not decided, nor on a falsification in them."""
    found = [one for one in check_samples(alliance) if one.outcome == "committee"]
    told = {
        (one.institution, period)
        for one in (falsifications(alliance) if found else ())
        if one.decided_at is not None
        for period in one.periods
    }
    open_ones = [one for one in found if (one.institution, one.period) not in told]
    return [one for one in open_ones if not accounts.decisions(alliance, one.subject)]


accounts.decides_on("falsification", _falsified)
accounts.decides_on("sample", _sampled)
