"""The questions about withheld pay: the entries, and what is still withheld."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from alliance.db import db
from alliance.workpoints.models import BonusRun, Holding, Slip, SlipLine
from alliance.workpoints.queries.returns import withheld_returns
from alliance.workpoints.rules.ledgers import RELEASED, WITHHELD
from alliance.workpoints.rules.runs import REVERSED


@dataclass(frozen=True, slots=True)
class HoldingInfo:
    """Pay of a person that is withheld, released or recovered in a month: an amount in cents, or a part in %."""

    number: int
    month: str
    person: str
    sort: str
    amount: int | None
    rate: Decimal | None
    reason: str
    document: str
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_for: str = ""


HOLDING: tuple[Any, ...] = (
    Holding.number, Holding.month, Holding.person, Holding.sort, Holding.amount, Holding.rate, Holding.reason,
    Holding.document, Holding.recorded_by, Holding.recorded_at, Holding.withdrawn_by, Holding.withdrawn_at,
    Holding.withdrawn_for,
)  # fmt: skip


def holdings(alliance: int, institution: str, month: str = "") -> list[HoldingInfo]:
    """What is withheld, released and recovered in a month, or in all, by number; what was taken back is not."""
    return [one for one in all_holdings(alliance, institution, month) if one.withdrawn_at is None]


def all_holdings(alliance: int, institution: str, month: str = "") -> list[HoldingInfo]:
    """The same with what was taken back."""
    wanted = select(*HOLDING).where(Holding.alliance_id == alliance, Holding.institution == institution)
    wanted = wanted.where(Holding.month == month) if month else wanted
    return [HoldingInfo(*row) for row in db.session.execute(wanted.order_by(Holding.number))]


def balances(alliance: int, institution: str, until: str = "") -> dict[str, int]:
    """What is still withheld of each person, in cents: withheld less released, by staff number. With `until` without
    what later months will withhold: that cannot be released yet.

    A part in % counts with what the payslips of its month withheld, as soon as there are any. What the bank returned
    and finance withheld counts too.
    """
    entries = [
        one for one in holdings(alliance, institution)
        if not until or one.month <= until or one.sort != WITHHELD
    ]  # fmt: skip
    found: dict[str, int] = {}
    for one in entries:
        sign = {WITHHELD: 1, RELEASED: -1}.get(one.sort, 0)
        if sign and one.amount is not None:
            found[one.person] = found.get(one.person, 0) + sign * one.amount
    parts = {(one.person, one.month) for one in entries if one.rate is not None}
    for (person, month), taken in _withheld(alliance, institution, {month for _person, month in parts}).items():
        if (person, month) in parts:
            fixed = sum(
                one.amount or 0 for one in entries if (one.person, one.month, one.sort) == (person, month, WITHHELD)
            )
            found[person] = found.get(person, 0) + taken - fixed
    for person, cents in withheld_returns(alliance, institution).items():
        found[person] = found.get(person, 0) + cents
    return {person: cents for person, cents in sorted(found.items()) if cents}


def _withheld(alliance: int, institution: str, months: Iterable[str]) -> dict[tuple[str, str], int]:
    """What the newest payslips of the runs in force withhold, by person and month."""
    newest = (
        select(Slip.bonus_run_id, Slip.person, func.max(Slip.revision).label("revision"))
        .group_by(Slip.bonus_run_id, Slip.person)
        .subquery()
    )
    rows = db.session.execute(
        select(SlipLine.person, BonusRun.month, func.sum(SlipLine.amount))
        .join(BonusRun, BonusRun.id == SlipLine.bonus_run_id)
        .join(
            newest,
            (newest.c.bonus_run_id == SlipLine.bonus_run_id)
            & (newest.c.person == SlipLine.person)
            & (newest.c.revision == SlipLine.revision),
        )
        .where(
            BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.month.in_(list(months)),
            BonusRun.state != REVERSED, SlipLine.sort == WITHHELD,
        )
        .group_by(SlipLine.person, BonusRun.month)
    )  # fmt: skip
    return {(person, month): int(cents) for person, month, cents in rows}
