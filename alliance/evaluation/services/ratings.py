"""The verbs beside the data: enter the result of a rater group, veto."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical
from alliance.core.period import Period
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.evaluation.models import Rating, Veto
from alliance.evaluation.rules.scheme import GROUPS
from alliance.members import queries as members
from alliance.members.queries import MemberInfo


def enter_rating(
    alliance: int,
    period: str,
    group: str,
    institution: str,
    value: Decimal | None,
    n: int,
    document: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Enter a rater group's result for a member, 0 to 100; None: not applicable. A later entry is a new revision.

    Nobody enters a result of the own employer.
    """
    if group not in GROUPS or group == "data":
        raise Refused("There is no rater group %(group)s.", group=group)
    if value is not None and not 0 <= value <= 100:
        raise Refused("The result is %(value)s; it must lie between 0 and 100.", value=value)
    if n < 0 or (value is not None and n == 0):
        raise Refused("A result needs at least one rater or answer behind it.")
    if not document.strip():
        raise Refused("Name the document that the result is taken from.")
    _member(alliance, period, institution)
    if by.employer == institution:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=institution)
    with verb(by, alone_in=alliance) as session:
        place = (
            Rating.alliance_id == alliance,
            Rating.period == period,
            Rating.group == group,
            Rating.institution == institution,
        )
        revision = session.scalar(select(func.max(Rating.revision)).where(*place)) or 0
        session.add(
            Rating(
                alliance_id=alliance,
                period=period,
                group=group,
                institution=institution,
                revision=revision + 1,
                value=value,
                n=n,
                document=document.strip(),
                entered_by=by.account,
                entered_at=now,
            )
        )
        record(
            session,
            Act.EVALUATION_RATING_ENTER,
            f"rating:{group}/{institution}/{period}@{revision + 1}",
            by=by,
            now=now,
            alliance=alliance,
            value=canonical(value),
            n=n,
        )


def _member(alliance: int, period: str, institution: str) -> MemberInfo:
    member = members.member(alliance, institution, Period.parse(period).last)
    if member is None:
        raise NotFound()
    return member


def impose_veto(
    alliance: int, period: str, institution: str, reason: str, *, decision: str, by: Actor, now: datetime
) -> None:
    """Veto a member for a period by decision: score 0, no share of the fund. Nobody decides on the own employer."""
    _member(alliance, period, institution)
    if by.employer == institution:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=institution)
    if len(reason.strip()) < 10:
        raise Refused("Write the reason in at least 10 characters.")
    with verb(by, alone_in=alliance) as session:
        accounts.require_decision(alliance, decision, f"veto:{institution}/{period}")
        if session.scalar(
            select(Veto.id).where(Veto.alliance_id == alliance, Veto.period == period, Veto.institution == institution)
        ):
            raise Refused("%(who)s is vetoed for %(period)s already.", who=institution, period=period)
        session.add(
            Veto(
                alliance_id=alliance,
                period=period,
                institution=institution,
                reason=reason.strip(),
                decision=decision,
                imposed_by=by.account,
                imposed_at=now,
            )
        )
        record(
            session,
            Act.EVALUATION_VETO_IMPOSE,
            f"veto:{institution}/{period}",
            by=by,
            now=now,
            alliance=alliance,
            decision=decision,
        )
