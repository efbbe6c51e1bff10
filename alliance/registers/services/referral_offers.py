"""The verb with which a member offers slots and beds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.registers.models import ReferralOffer
from alliance.registers.rules.referral_offers import check_offer


def publish_offer(
    alliance: int, institution: str, specialty: str, kind: str, day: date, capacity: int, *, by: Actor, now: datetime
) -> None:
    """Offer so many slots or beds of a day; what was offered before is replaced, what is taken stays taken."""
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(ReferralOffer)
            .where(
                ReferralOffer.alliance_id == alliance, ReferralOffer.institution == institution,
                ReferralOffer.specialty == specialty, ReferralOffer.kind == kind, ReferralOffer.day == day,
            )
            .with_for_update()
        ).first()  # fmt: skip
        check_offer(specialty, kind, day, capacity, row.taken if row else 0, day_of(now))
        if row is None:
            row = ReferralOffer(
                alliance_id=alliance, institution=institution, specialty=specialty, kind=kind, day=day, taken=0,
                capacity=0, recorded_by="", recorded_at=now,
            )  # fmt: skip
            session.add(row)
        row.capacity, row.recorded_by, row.recorded_at = capacity, by.account, now
        record(
            session, Act.REGISTERS_OFFER_PUBLISH, f"offer:{institution}/{day}", by=by, now=now, alliance=alliance,
            count=capacity,
        )  # fmt: skip
