"""The verbs of falsification: a checker proposes it, the committee's decision finds it or not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.indicators.models import Falsification
from alliance.indicators.queries.falsifications import FalsificationInfo, falsification, next_falsification
from alliance.indicators.queries.rounds import checks
from alliance.indicators.rules.rounds import finds_intent
from alliance.work.rules import Place
from alliance.work.services import enqueue

SHORTEST = 10  # characters of a reason


def propose_falsification(
    alliance: int, institution: str, findings: Collection[int], reason: str, *, by: Actor, now: datetime
) -> str:
    """Propose to the committee to find that a member falsified figures, by the findings of one's own member; the number
    of the proposal.

    Forbidden: somebody employed by the member. NotFound: findings of another member or of other checkers. Refused: no
    finding, one that is right or that stands in a proposal already, a reason that is too short.
    """
    if by.employer == institution:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=institution)
    if len(reason.strip()) < SHORTEST:
        raise Refused("Write the reason in at least 10 characters.")
    with verb(by, alone_in=alliance) as session:
        found = checks(alliance, findings)
        if not findings:
            raise Refused("Choose the findings that the proposal rests on.")
        mine = [one for one in found if one.sample.institution == institution and one.sample.checker == by.employer]
        if len(mine) != len(set(findings)):
            raise NotFound()
        if not all(one.item.finding and one.item.finding.wrong for one in mine):
            raise Refused("A proposal rests on findings that are wrong; one of these is right.")
        rows = select(Falsification.findings).where(
            Falsification.alliance_id == alliance, Falsification.institution == institution
        )
        if set(findings) & {number for there in session.scalars(rows) for number in there}:
            raise Refused("One of these findings stands in a proposal already.")
        number = next_falsification(alliance, day_of(now).year)
        periods = sorted({one.sample.period for one in mine})
        session.add(
            Falsification(
                alliance_id=alliance, number=number, institution=institution, findings=sorted(set(findings)),
                periods=periods, reason=reason.strip(), proposed_by=by.account, proposed_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.INDICATORS_FALSIFICATION_PROPOSE, f"falsification:{number}", by=by, now=now,
            alliance=alliance, institution=institution, periods=periods,
        )  # fmt: skip
        return number


def queue_finding(alliance: int, number: str, decision: str, *, by: Actor, now: datetime) -> int:
    """Ask that a decision on a proposal be carried out: found, and where it is, vetoed; the number of the job."""
    with verb(by) as session:
        _decidable(alliance, number, decision, by)
        return enqueue(
            session, alliance, Act.INDICATORS_FALSIFICATION_FIND, number, subject=f"falsification:{number}",
            parameters={"number": number, "decision": decision},
            origin=Place("indicators.read_falsification", {"number": number}),
            reader=Act.INDICATORS_FALSIFICATION_FIND, by=by, now=now,
        )  # fmt: skip


def _decidable(
    alliance: int, number: str, decision: str, by: Actor
) -> tuple[FalsificationInfo, accounts.DecisionInfo]:  # fmt: skip
    """A proposal that waits, and the decision on it."""
    found = falsification(alliance, number)
    if found is None:
        raise NotFound()
    if by.employer == found.institution:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=found.institution)
    if found.decided_at is not None:
        raise Refused("The committee has decided on falsification %(number)s already.", number=number)
    return found, accounts.decision_on(alliance, decision, found.subject, since=found.proposed_at)


def find_falsification(alliance: int, number: str, *, decision: str, by: Actor, now: datetime) -> bool:
    """Carry out the committee's decision on a proposal; whether intent was found: two thirds of the votes cast, the
    member's own seat left out. Forbidden: somebody employed by the member. Refused: a proposal that is decided, a
    decision on another matter or from before the proposal."""
    with verb(by, alone_in=alliance) as session:
        _found, decided = _decidable(alliance, number, decision, by)
        row = session.scalars(
            select(Falsification).where(Falsification.alliance_id == alliance, Falsification.number == number)
        ).one()
        row.found = decided.adopted and finds_intent(choice for _, choice in decided.votes)
        row.decision, row.decided_on, row.decided_by, row.decided_at = decision, decided.held_on, by.account, now
        record(
            session, Act.INDICATORS_FALSIFICATION_FIND, f"falsification:{number}", by=by, now=now, alliance=alliance,
            institution=row.institution, decision=decision, adopted=row.found,
        )  # fmt: skip
        return row.found
