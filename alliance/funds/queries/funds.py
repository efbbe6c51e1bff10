"""The questions about computed funds and the shares in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.figure import half_up
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.core.refused import Refused, mark
from alliance.core.written import whole
from alliance.db import db, lasting
from alliance.evaluation import queries as evaluation
from alliance.funds.models import FundRun, FundShare
from alliance.funds.rules import Rules


@dataclass(frozen=True, slots=True)
class FundInfo:
    """A fund as computed; money in cents; `decision` is "" until it is decided."""

    run_id: int
    period: str
    score_run_id: int
    pool: int
    reserve: int
    decision: str
    decided_by: str
    decided_at: datetime | None
    digest: str
    computed_by: str
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class ShareInfo:
    """What a member pays in and receives; cents."""

    institution: str
    paid_in: int
    received: int
    reason: str

    @property
    def net(self) -> int:
        return self.received - self.paid_in


@audit.until_next_event
def funds(alliance: int) -> list[FundInfo]:
    """All funds computed, newest first."""
    found = select(FundRun).where(FundRun.alliance_id == alliance).order_by(FundRun.run_id.desc())
    rows = db.session.scalars(found).all()
    runs = audit.read_runs([row.run_id for row in rows], alliance)
    return [_info(row, runs[row.run_id]) for row in rows]


def fund(alliance: int, run_id: int) -> FundInfo | None:
    row = db.session.get(FundRun, run_id)
    return fund_info(alliance, row) if row and row.alliance_id == alliance else None


def decided_fund(alliance: int, period: str) -> FundInfo | None:
    """The decided fund of a period."""
    return next((one for one in funds(alliance) if one.period == period and one.decision), None)


def newest_fund(alliance: int, period: str) -> FundInfo | None:
    """The decided fund of a period, else the one computed last."""
    return decided_fund(alliance, period) or next((one for one in funds(alliance) if one.period == period), None)


def decided_funds(alliance: int) -> list[FundInfo]:
    """The decided funds, newest period first."""
    found = [one for one in funds(alliance) if one.decision]
    return sorted(found, key=lambda one: Period.parse(one.period), reverse=True)


def waiting_fund(alliance: int, period: str) -> FundInfo | None:
    """The earliest fund before a period that is computed and not decided."""
    found, begins = funds(alliance), Period.parse(period).first
    decided = {one.period for one in found if one.decision}
    earlier = [one for one in found if one.period not in decided and Period.parse(one.period).until <= begins]
    return min(earlier, key=lambda one: Period.parse(one.period), default=None)


def check_undecided(alliance: int, period: str) -> None:
    """Refuse what would change a fund that is decided."""
    if decided_fund(alliance, period):
        raise Refused(mark("The fund of %(period)s is decided and stays as it is."), period=period)


def fund_terms(alliance: int, fund: FundInfo) -> Rules:
    """The rules that a fund was shared by."""
    run = evaluation.run(alliance, fund.score_run_id)
    assert run is not None
    return rules_of(alliance, run.scheme)


def rules_of(alliance: int, scheme: str) -> Rules:
    """The fund rules of a scheme that has some."""
    terms = evaluation.fund_rules(alliance, scheme)
    assert terms is not None
    return Rules(scheme, terms.rate, terms.basis, terms.size, terms.pass_mark, terms.cap_per_head)


def fund_before(alliance: int, fund: FundInfo) -> FundInfo | None:
    """The decided fund of the period before."""
    return decided_fund(alliance, Period.parse(fund.period).back(1).code)


def fund_info(alliance: int, row: FundRun) -> FundInfo:
    run = audit.read_run(row.run_id, alliance)
    assert run is not None
    return _info(row, run)


def _info(row: FundRun, run: audit.RunInfo) -> FundInfo:
    return FundInfo(
        row.run_id,
        row.period,
        row.score_run_id,
        row.pool,
        row.reserve,
        row.decision,
        row.decided_by,
        row.decided_at,
        run.digest,
        run.account,
        run.at,
    )


@lasting
def shares(run_id: int) -> list[ShareInfo]:
    rows = select(FundShare).where(FundShare.run_id == run_id).order_by(FundShare.institution)
    return [ShareInfo(row.institution, row.paid_in, row.received, row.reason) for row in db.session.scalars(rows)]


def share(run_id: int, institution: str) -> ShareInfo | None:
    return next((one for one in shares(run_id) if one.institution == institution), None)


def yuan_or_none(cents: int | None) -> Decimal | None:
    return None if cents is None else yuan(cents)


def per_head(cents: int, headcount: Decimal | None) -> Decimal | None:
    """An amount by head of those who work there, in yuan."""
    return half_up(Fraction(cents) / 100 / Fraction(headcount), 2) if headcount else None


@dataclass(frozen=True, slots=True)
class Sums:
    """The foot of a table of shares, and what the fund holds beside what is paid in; cents."""

    paid_in: int
    received: int
    net: int
    other: int


def sums(fund: FundInfo, rows: Sequence[ShareInfo]) -> Sums:
    """What all members together pay in and receive."""
    paid = sum(row.paid_in for row in rows)
    return Sums(paid, sum(row.received for row in rows), sum(row.net for row in rows), fund.pool - paid)


def _concerned(alliance: int, run_id: str) -> frozenset[str] | None:
    """Nobody in particular; None when there is no such fund to decide on."""
    number = whole(run_id)
    return frozenset() if number is not None and fund(alliance, number) else None


accounts.decides_on("fund", _concerned)
