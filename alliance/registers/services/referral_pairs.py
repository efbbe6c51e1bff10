"""The verbs on pointless pairs: the receiver of the second certifies, the office decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Forbidden, NotFound
from alliance.registers.models import Referral, ReferralPair
from alliance.registers.rules.people import check_silent
from alliance.registers.rules.referral_pairs import (
    CERTIFIED,
    COUNTERSIGNED,
    REFUSED,
    check_certificate,
    check_countersign,
)
from alliance.registers.rules.referrals import check_line
from alliance.registers.services.referral_keeping import mark_pair
from alliance.registers.services.referral_steps import contact_of


def _load(session: Session, alliance: int, number: int) -> tuple[ReferralPair, Referral, Referral]:
    one = session.scalars(
        select(ReferralPair).where(ReferralPair.alliance_id == alliance, ReferralPair.id == number).with_for_update()
    ).first()
    if one is None:
        raise NotFound()
    return one, session.get_one(Referral, one.first_id), session.get_one(Referral, one.second_id)


def certify_pair(alliance: int, number: int, institution: str, reason: str, *, by: Actor, now: datetime) -> None:
    """The receiver of the second referral certifies that it was needed, within five working days."""
    with verb(by) as session:
        one, _first, second = _load(session, alliance, number)
        if institution not in (second.receiver, second.sender, _first.sender, _first.receiver):
            raise NotFound()
        if institution != second.receiver:
            raise Forbidden("Only the institution that receives the patient of the second referral certifies it.")
        check_certificate(one.state, one.certify_due, now)
        line = check_line(reason)
        check_silent(line, contact_of(session, second))
        one.state, one.reason, one.certified_by, one.certified_at = CERTIFIED, line, by.account, now
        _record(session, Act.REGISTERS_PAIR_CERTIFY, one, second, by, now)


def countersign_pair(alliance: int, number: int, justified: bool, *, by: Actor, now: datetime) -> None:
    """The alliance's office decides on a certificate: both referrals count, or neither."""
    with verb(by) as session:
        one, first, second = _load(session, alliance, number)
        parties = {first.sender, first.receiver, second.sender, second.receiver}
        check_countersign(one.state, by.employer, parties, one.certified_by, by.account)
        one.state, one.decided_by, one.decided_at = COUNTERSIGNED if justified else REFUSED, by.account, now
        mark_pair(session, one, now)
        _record(session, Act.REGISTERS_PAIR_COUNTERSIGN, one, second, by, now)


def _record(session: Session, act: Act, one: ReferralPair, second: Referral, by: Actor, now: datetime) -> None:
    subject = f"referral:{second.sender}/{second.number}"
    record(session, act, subject, by=by, now=now, alliance=one.alliance_id, about=one.state)
