"""Which members worked together in a period, by the cases that came to their end in it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from alliance.core.period import SHANGHAI
from alliance.db import db
from alliance.registers.models import Referral, RegisterCase
from alliance.registers.rules.cases import CONFIRMED
from alliance.registers.rules.referrals import CLOSED


def closed_together(alliance: int, first: date, last: date) -> dict[frozenset[str], int]:
    """How many cases between two members were closed from a day to a day, both included, by pair: referrals that were
    closed, and cases of registers (visits, training and so on) that the other end confirmed."""
    since = datetime.combine(first, time(), SHANGHAI)
    until = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    referred = (
        select(Referral.sender, Referral.receiver, func.count())
        .where(Referral.alliance_id == alliance, Referral.state == CLOSED)
        .where(Referral.ended_at >= since, Referral.ended_at < until)
        .group_by(Referral.sender, Referral.receiver)
    )
    filed = (
        select(RegisterCase.institution, RegisterCase.counterpart, func.count())
        .where(RegisterCase.alliance_id == alliance, RegisterCase.state == CONFIRMED)
        .where(RegisterCase.occurred_on >= first, RegisterCase.occurred_on <= last)
        .group_by(RegisterCase.institution, RegisterCase.counterpart)
    )
    found: Counter[frozenset[str]] = Counter()
    for rows in (referred, filed):
        for one, other, count in db.session.execute(rows):
            if one != other:
                found[frozenset((one, other))] += count
    return dict(found)
