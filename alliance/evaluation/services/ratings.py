"""The verbs beside the data: enter the result of a rater group, veto."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from alliance.accounts import queries as accounts
from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.evaluation.models import Rating, Veto
from alliance.evaluation.queries import parsed, scheme_in_force
from alliance.evaluation.rules.scheme import GROUPS
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.members.queries import MemberInfo
from alliance.ratings import queries as rated


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
    _enter(alliance, period, group, institution, value, n, document, Act.EVALUATION_RATING_ENTER, by, now)


def enter_assessment(
    alliance: int, period: str, institution: str, value: Decimal | None, document: str, *, by: Actor, now: datetime
) -> None:
    """Enter the regulator's own rating of a member, 0 to 100; None: not applicable. A later entry is a new revision."""
    _enter(alliance, period, "regulator", institution, value, 1, document, Act.EVALUATION_ASSESSMENT_ENTER, by, now)


def _enter(
    alliance: int, period: str, group: str, institution: str, value: Decimal | None, n: int, document: str, act: Act,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
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
    if group in rated.collected(alliance, period):
        raise Refused("The results of this group are collected here for %(period)s; nothing is typed in beside them.",
                      period=period)  # fmt: skip
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
            act,
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


def veto_falsification(alliance: int, number: str, *, by: Actor, now: datetime) -> list[str]:
    """Veto a member for all periods of the scheme that a falsification touches, by the decision that found it; the
    periods. Those vetoed already stay as they are. Refused: a falsification that was not found."""
    with verb(by, alone_in=alliance) as session:
        found = indicators.falsification(alliance, number)
        if found is None:
            raise NotFound()
        if not found.found:
            raise Refused("The committee did not find falsification %(number)s.", number=number)
        there = select(Veto.period).where(Veto.alliance_id == alliance, Veto.institution == found.institution)
        touched = _touched(alliance, found.periods)
        new = [one for one in touched if one not in set(session.scalars(there))]
        session.add_all(
            Veto(
                alliance_id=alliance, period=period, institution=found.institution, reason=found.reason,
                decision=found.decision, imposed_by=by.account, imposed_at=now,
            )
            for period in new
        )  # fmt: skip
        subjects = [f"veto:{found.institution}/{period}" for period in new] or [found.subject]
        record_many(
            session, Act.EVALUATION_VETO_IMPOSE, subjects, by=by, now=now, alliance=alliance, decision=found.decision
        )
        return touched


def _touched(alliance: int, months: Sequence[str]) -> list[str]:
    """The periods of the scheme in force in which some months lie; quarters where none is in force."""
    found = []
    for month in map(Period.parse, months):
        scheme = scheme_in_force(alliance, month.last)
        kind = parsed(alliance, scheme, month.last).period if scheme else PeriodKind.QUARTER
        found.append(month.around(kind).code)
    return sorted(set(found))
