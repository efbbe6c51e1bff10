"""The verbs of the units' reserves: release an amount to a unit's people, review the release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.workpoints.models import ReserveRelease
from alliance.workpoints.queries.reserves import ReserveInfo, reserves
from alliance.workpoints.queries.rolls import check_open, roll
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED, check_verdict
from alliance.workpoints.rules.reserves import check_held, check_release
from alliance.workpoints.services.tasks import next_number, own_number

NOTHING = ReserveInfo(0, 0, 0)


@dataclass(frozen=True, slots=True)
class GivenRelease:
    """What a unit's people are to get of its reserve with the bonus of a month, in cents."""

    unit: str
    month: str
    cents: int
    reason: str
    document: str


def release_reserve(alliance: int, institution: str, given: GivenRelease, *, by: Actor, now: datetime) -> int:
    """Enter a release; its number. It joins the unit's bonus of the month once another person has accepted it.

    Refused: a unit of which nobody is in post in the month, more than months before it kept and nobody has released,
    no amount, no reason, no document, a month whose bonus is approved.
    """
    check_release(given.month, given.cents, given.reason, given.document)
    with verb(by, alone_in=alliance) as session:
        check_open(alliance, institution, given.month)
        if given.unit not in roll(alliance, institution, given.month).staffed():
            raise Refused("Nobody is in post in %(unit)s in %(period)s.", unit=given.unit, period=given.month)
        check_held(given.unit, given.cents, reserves(alliance, institution, given.month).get(given.unit, NOTHING).left)
        number = next_number(session, ReserveRelease, alliance, institution)
        session.add(
            ReserveRelease(
                alliance_id=alliance, institution=institution, number=number, unit=given.unit, month=given.month,
                amount=given.cents, reason=given.reason.strip(), document=given.document.strip(), state=ENTERED,
                recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_RESERVE_RELEASE, f"reserve:{institution}/{number}", by=by, now=now,
            alliance=alliance, month=given.month, unit=given.unit,
        )  # fmt: skip
        return number


def review_reserve(
    alliance: int, institution: str, number: int, verdict: str, reason: str = "", seen: str | None = None, *,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Accept a release, or refuse it with a reason; until its month is approved, an accepted one too. `seen` is the
    state that the reviewer had before the eyes.

    Refused: who entered it or works in the unit, one that was refused or reviewed meanwhile, more than the reserve
    holds by now.
    """
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(ReserveRelease).where(
                ReserveRelease.alliance_id == alliance, ReserveRelease.institution == institution,
                ReserveRelease.number == number,
            )
        ).first()  # fmt: skip
        if row is None:
            raise NotFound()
        works_there = (row.unit, own_number(by, institution)) in roll(alliance, institution, row.month).people
        check_verdict(
            row.state, verdict, reason, seen, entered_by=row.recorded_by, reviewer=by.account, own=works_there
        )
        if row.state == ACCEPTED or verdict == ACCEPTED:
            check_open(alliance, institution, row.month)
        if verdict == ACCEPTED:
            held = reserves(alliance, institution, row.month, besides=number).get(row.unit, NOTHING)
            check_held(row.unit, row.amount, held.left)
        row.state, row.reviewed_by, row.reviewed_at, row.verdict = verdict, by.account, now, reason.strip()
        record(
            session, Act.WORKPOINTS_RESERVE_REVIEW, f"reserve:{institution}/{number}", by=by, now=now,
            alliance=alliance, verdict=verdict,
        )  # fmt: skip
