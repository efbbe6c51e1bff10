"""What every verb on a referral does at its end: what is due next, whether it counts, pairs, slots given back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from alliance.audit.services import record
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound
from alliance.core.workdays import Works
from alliance.registers.models import Referral, ReferralOffer, ReferralPair, ReferralTurn
from alliance.registers.queries.referrals import REFERRAL
from alliance.registers.rules.referral_counts import counts
from alliance.registers.rules.referral_pairs import FOUND, HOLDS, VOID, Move, certify_due, pairs
from alliance.registers.rules.referrals import RECEIVER, next_due

PART = 500  # ids in one condition


def load(session: Session, alliance: int, number: str) -> Referral:
    """A case to be changed, its row locked; NotFound."""
    row = session.scalars(
        select(Referral).where(Referral.alliance_id == alliance, Referral.number == number).with_for_update()
    ).first()
    if row is None:
        raise NotFound()
    return row


def finish(session: Session, row: Referral, act: Act, by: Actor, now: datetime, **detail: Any) -> None:
    """After a step: one version more, what is due next, whether it counts, and the event."""
    row.version += 1
    due, side = next_due(
        row.state, row.direction, answer=row.answer_due, summary=row.summary_due, follow=row.follow_due,
        followed=row.followed_on is not None,
    )  # fmt: skip
    row.due_at, row.due_by = due, (row.receiver if side == RECEIVER else row.sender) if side else ""
    recount(session, row, now)
    record(
        session, act, f"referral:{row.sender}/{row.number}", by=by, now=now, alliance=row.alliance_id, **detail
    )  # fmt: skip


def recount(session: Session, row: Referral, now: datetime) -> None:
    """Note when a case begins to count or ceases to."""
    if row.counts != counts(row.state, bool(row.disputed_by), row.pointless):
        row.counts = not row.counts
        session.add(ReferralTurn(alliance_id=row.alliance_id, referral_id=row.id, at=now, counts=row.counts))


def give_back(session: Session, row: Referral) -> None:
    """The slot or bed of a patient who does not come is free again."""
    if row.offer_id:
        session.execute(
            update(ReferralOffer).where(ReferralOffer.id == row.offer_id).values(taken=ReferralOffer.taken - 1)
        )


def settle_pairs(
    session: Session, alliance: int, whose: ColumnElement[bool], works: Works, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Find the pointless pairs among the cases of some patients, end those that are none any more, and let the cases
    concerned count or not."""
    session.flush()
    columns = ("id", "patient_key", "direction", "diagnosis", "state", "filed_at", "seen_on")
    rows = session.execute(
        select(*(REFERRAL[name] for name in columns)).where(
            REFERRAL.alliance_id == alliance, REFERRAL.patient_key != "", whose
        )
    ).all()
    moves = [
        Move(case, key, way, diagnosis, state, day_of(filed), seen)
        for case, key, way, diagnosis, state, filed, seen in rows
    ]
    held = {second: first for first, second in pairs(moves)}
    ids = {move.case for move in moves}
    kept = _kept(session, alliance, ids)
    touched: set[int] = set()
    for second, one in kept.items():
        state = one.state
        if second not in held and state in HOLDS:
            one.state = VOID
        elif second in held and (state == VOID or (state == FOUND and one.first_id != held[second])):
            touched.add(one.first_id)
            one.first_id, one.state = held[second], FOUND
            one.found_at, one.certify_due = now, certify_due(day_of(now), works)
        if one.state != state or one.first_id in touched:
            touched |= {one.first_id, second}
    for second, first in held.items():
        if second not in kept:
            touched |= {first, second}
            session.add(_found(alliance, first, second, works, now))
    if touched:
        session.flush()
        _mark_cases(session, alliance, touched, now)
        record(
            session, Act.REGISTERS_PAIR_FIND, "referrals:pairs", by=by, now=now, alliance=alliance, count=len(touched)
        )  # fmt: skip


def _kept(session: Session, alliance: int, ids: set[int]) -> dict[int, ReferralPair]:
    """The pairs that are known already, by their second case."""
    ordered, found = sorted(ids), {}
    for start in range(0, len(ordered), PART):
        part = ordered[start : start + PART]
        for one in session.scalars(
            select(ReferralPair).where(ReferralPair.alliance_id == alliance, ReferralPair.second_id.in_(part))
        ):
            found[one.second_id] = one
    return found


def _found(alliance: int, first: int, second: int, works: Works, now: datetime) -> ReferralPair:
    return ReferralPair(
        alliance_id=alliance, first_id=first, second_id=second, state=FOUND, found_at=now,
        certify_due=certify_due(day_of(now), works), reason="", certified_by="", certified_at=None, decided_by="",
        decided_at=None,
    )  # fmt: skip


def _mark_cases(session: Session, alliance: int, touched: set[int], now: datetime) -> None:
    """Mark cases as pointless or not, by the pairs in which they stand."""
    ordered = sorted(touched)
    for start in range(0, len(ordered), PART):
        part = ordered[start : start + PART]
        bad = {
            case
            for first, second in session.execute(
                select(ReferralPair.first_id, ReferralPair.second_id).where(
                    ReferralPair.state.in_(sorted(HOLDS)),
                    or_(ReferralPair.first_id.in_(part), ReferralPair.second_id.in_(part)),
                )
            )
            for case in (first, second)
        }
        for row in session.scalars(select(Referral).where(Referral.id.in_(part))):
            row.pointless = row.id in bad
            recount(session, row, now)


def mark_pair(session: Session, one: ReferralPair, now: datetime) -> None:
    """After what was decided about a pair: whether its two cases count."""
    session.flush()
    _mark_cases(session, one.alliance_id, {one.first_id, one.second_id}, now)
