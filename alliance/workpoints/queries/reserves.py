"""The questions about the units' reserves: what months kept, what was released, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from alliance.audit import queries as audit
from alliance.core.money import yuan
from alliance.core.refused import Problem, mark
from alliance.db import db
from alliance.workpoints.models import BonusRun, BonusUnit, ReserveRelease
from alliance.workpoints.queries.runs import BonusRunInfo, bonus_runs, bonus_units
from alliance.workpoints.queries.slips import SHOWN
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED, REFUSED
from alliance.workpoints.rules.month.second import OVER_RESERVE
from alliance.workpoints.rules.reserves import Reserved, overdrawn

NOT_SHARED = mark("was shared out of the unit's reserve; accepted are %(accepted)s CNY")


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """What is to be released of a unit's reserve with a month, in cents; its state of rules.ledgers.REVIEW_STATES."""

    number: int
    unit: str
    month: str
    amount: int
    reason: str
    document: str
    state: str
    entered_by: str
    entered_at: datetime
    reviewed_by: str
    reviewed_at: datetime | None
    verdict: str  # why it was refused


@dataclass(frozen=True, slots=True)
class KeptInfo:
    """What an approved month kept of a unit's bonus, in cents; `run` holds the figures of its second distribution."""

    unit: str
    month: str
    amount: int
    run: int


@dataclass(frozen=True, slots=True)
class ReserveInfo:
    """A unit's reserve in cents: kept by approved months, released, claimed by releases that wait for a review."""

    kept: int
    released: int
    claimed: int

    @property
    def left(self) -> int:
        """What may still be released."""
        return self.kept - self.released - self.claimed


COLUMNS: tuple[Any, ...] = (
    ReserveRelease.number, ReserveRelease.unit, ReserveRelease.month, ReserveRelease.amount, ReserveRelease.reason,
    ReserveRelease.document, ReserveRelease.state, ReserveRelease.recorded_by, ReserveRelease.recorded_at,
    ReserveRelease.reviewed_by, ReserveRelease.reviewed_at, ReserveRelease.verdict,
)  # fmt: skip


def releases(alliance: int, institution: str, *, unit: str = "", month: str = "", state: str = "") -> list[ReleaseInfo]:
    """The releases of a hospital, of one unit, month or state where asked, the newest first."""
    wanted = select(*COLUMNS).where(ReserveRelease.alliance_id == alliance, ReserveRelease.institution == institution)
    for column, value in (
        (ReserveRelease.unit, unit), (ReserveRelease.month, month), (ReserveRelease.state, state)
    ):  # fmt: skip
        wanted = wanted.where(column == value) if value else wanted
    return [ReleaseInfo(*row) for row in db.session.execute(wanted.order_by(ReserveRelease.number.desc()))]


def release(alliance: int, institution: str, number: int) -> ReleaseInfo | None:
    """One release; None when there is none."""
    wanted = select(*COLUMNS).where(
        ReserveRelease.alliance_id == alliance, ReserveRelease.institution == institution,
        ReserveRelease.number == number,
    )  # fmt: skip
    row = db.session.execute(wanted).first()
    return ReleaseInfo(*row) if row else None


def reserves_kept(alliance: int, institution: str, before: str = "", unit: str = "") -> list[KeptInfo]:
    """What the approved and paid months kept, of months before one and of one unit where asked, by month and unit."""
    wanted = (
        select(BonusUnit.unit, BonusRun.month, BonusUnit.reserve, BonusRun.second_run)
        .join(BonusRun, BonusRun.id == BonusUnit.bonus_run_id)
        .where(
            BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.state.in_(SHOWN),
            BonusUnit.reserve > 0,
        )
    )  # fmt: skip
    wanted = wanted.where(BonusRun.month < before) if before else wanted
    wanted = wanted.where(BonusUnit.unit == unit) if unit else wanted
    return [KeptInfo(*row) for row in db.session.execute(wanted.order_by(BonusRun.month, BonusUnit.unit))]


def reserves(alliance: int, institution: str, before: str = "", besides: int = 0) -> dict[str, ReserveInfo]:
    """The reserves by unit, as far as months before one kept them; without the release of a number."""
    kept: dict[str, int] = {}
    for one in reserves_kept(alliance, institution, before):
        kept[one.unit] = kept.get(one.unit, 0) + one.amount
    taken: dict[str, dict[str, int]] = {ACCEPTED: {}, ENTERED: {}, REFUSED: {}}
    for release in releases(alliance, institution):
        if release.number != besides:
            sums = taken[release.state]
            sums[release.unit] = sums.get(release.unit, 0) + release.amount
    return {
        unit: ReserveInfo(kept.get(unit, 0), taken[ACCEPTED].get(unit, 0), taken[ENTERED].get(unit, 0))
        for unit in sorted(kept.keys() | taken[ACCEPTED].keys() | taken[ENTERED].keys())
    }


@dataclass(frozen=True, slots=True)
class Move:
    """What a month kept of a unit's bonus, or an accepted release paid with it, and what was left then; in cents.

    `figure` is the key in `run` of what was kept; `release` the number of what was released.
    """

    month: str
    amount: int
    left: int
    run: int = 0
    figure: str = ""
    release: int = 0


def reserve_moves(alliance: int, institution: str, unit: str) -> list[Move]:
    """The ledger of a unit's reserve, the oldest first; of a month what was released stands before what was kept."""
    rows = [
        (one.month, 0, -one.amount, one.number, 0) for one in releases(alliance, institution, unit=unit, state=ACCEPTED)
    ]
    rows += [(one.month, 1, one.amount, 0, one.run) for one in reserves_kept(alliance, institution, unit=unit)]
    found, left = [], 0
    for month, _order, amount, number, run in sorted(rows):
        left += amount
        keys = [
            f"unit/{unit}/second/{what}" for what in ("reserve", "rest")
        ]  # "rest" where fixed amounts alone are paid
        known = audit.figure_numbers(run, keys) if run else {}
        figure = next((key for key in keys if key in known), "")
        found.append(Move(month, amount, left, run, figure, number))
    return found


def release_problems(alliance: int, run: BonusRunInfo) -> list[Problem]:
    """Where the accepted releases of a run's month are not what its units shared out, or more than they hold."""
    accepted: dict[str, int] = {}
    for one in releases(alliance, run.institution, month=run.month, state=ACCEPTED):
        accepted[one.unit] = accepted.get(one.unit, 0) + one.amount
    shared = {unit: one.released for unit, one in bonus_units(run.id).items() if one.released}
    found = [
        Problem(unit, f"{yuan(shared.get(unit, 0))}", NOT_SHARED, {"accepted": yuan(accepted.get(unit, 0))})
        for unit in sorted(accepted.keys() | shared.keys()) if accepted.get(unit, 0) != shared.get(unit, 0)
    ]  # fmt: skip
    return found + _overdrawn(alliance, run.institution, months=run.month)


def reserve_problems(alliance: int, run: BonusRunInfo) -> list[Problem]:
    """What later approved months released of the reserve that a run kept, and would not hold without it."""
    return _overdrawn(alliance, run.institution, without=run.month)


def _overdrawn(alliance: int, institution: str, months: str = "", without: str = "") -> list[Problem]:
    """The units that released more than they hold, in the approved months and in one besides, without what one kept."""
    shown = {run.month for run in bonus_runs(alliance, institution) if run.state in SHOWN} | {months}
    kept = [
        Reserved(one.month, one.unit, one.amount) for one in reserves_kept(alliance, institution)
        if one.month != without
    ]  # fmt: skip
    paid = [
        Reserved(one.month, one.unit, one.amount) for one in releases(alliance, institution, state=ACCEPTED)
        if one.month in shown and one.month != without
    ]  # fmt: skip
    return [
        Problem(unit, str(yuan(amount)), OVER_RESERVE, {"held": yuan(held)})
        for unit, (amount, held) in overdrawn(kept, paid).items()
    ]


def open_release_counts(alliance: int, account: str) -> dict[tuple[str, str], int]:
    """How many releases wait for a review that is not by who entered them, by institution and month."""
    rows = db.session.execute(
        select(ReserveRelease.institution, ReserveRelease.month, func.count())
        .where(
            ReserveRelease.alliance_id == alliance, ReserveRelease.state == ENTERED,
            ReserveRelease.recorded_by != account,
        )
        .group_by(ReserveRelease.institution, ReserveRelease.month)
    )  # fmt: skip
    return {(institution, month): count for institution, month, count in rows}
