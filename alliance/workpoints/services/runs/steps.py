"""The verbs that take a run from a draft to its end: check, return, approve, pay, reverse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alliance.audit.services import computing, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.queries.holdings import balances, holdings
from alliance.workpoints.queries.records import require_record
from alliance.workpoints.queries.reserves import release_problems, reserve_problems
from alliance.workpoints.queries.runs import BonusRunInfo, bonus_run
from alliance.workpoints.queries.slips import SHOWN
from alliance.workpoints.rules import runs
from alliance.workpoints.rules.ledgers import RELEASED
from alliance.workpoints.services.runs.rows import keep_step, locked, subject_of
from alliance.workpoints.services.runs.slips import check_fresh

RELEASES = mark("The releases of %(count)s units' reserves are not what the run shared out, or more than they hold.")
RELEASED_LATER = mark("Later months released what this month kept of the bonuses of %(count)s units.")
NOT_WITHHELD = mark("Of %(count)s persons more is released than was withheld.")


def check_run(alliance: int, institution: str, month: str, reason: str = "", *, by: Actor, now: datetime) -> None:
    """Confirm a draft as a second person. Refused while slips are missing or not what is filed by now, a difference is
    not 0, something blocks; without a reason while the share of medical operation pay is too low."""
    run = bonus_run(alliance, institution, month)
    warned = run is not None and any(one.kind == "operation_share" for one in run.issues)
    if warned and len(reason.strip()) < runs.SHORTEST:
        raise Refused("Medical operation pay is under its share; give a reason of at least ten characters.")
    _take(Act.WORKPOINTS_RUN_CHECK, runs.CHECK, alliance, institution, month, by, now, reason=reason)


def return_run(alliance: int, institution: str, month: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Give a checked run back to who computes, with the reason."""
    _take(Act.WORKPOINTS_RUN_RETURN, runs.RETURN, alliance, institution, month, by, now, reason=reason)


def approve_run(alliance: int, institution: str, month: str, decision: str, *, by: Actor, now: datetime) -> None:
    """Approve a checked run on a record of the hospital's body about it; refused as a check when something was filed
    since."""
    _take(Act.WORKPOINTS_RUN_APPROVE, runs.APPROVE, alliance, institution, month, by, now, decision=decision)


def pay_run(alliance: int, institution: str, month: str, *, by: Actor, now: datetime) -> None:
    """Confirm that an approved run was paid; by somebody else than who checked it."""
    _take(Act.WORKPOINTS_RUN_PAY, runs.PAY, alliance, institution, month, by, now)


def reverse_run(
    alliance: int, institution: str, month: str, reason: str, decision: str = "", *, by: Actor, now: datetime
) -> None:
    """Take a run that is not paid out of force; everything is kept, and the month may be computed anew."""
    _take(
        Act.WORKPOINTS_RUN_REVERSE, runs.REVERSE, alliance, institution, month, by, now, reason=reason,
        decision=decision,
    )  # fmt: skip


def _take(
    act: Act, what: str, alliance: int, institution: str, month: str, by: Actor, now: datetime, *, reason: str = "",
    decision: str = "",
) -> None:  # fmt: skip
    """A step of a run, by the rules of who may take it after whom."""
    Period.parse(month)
    with verb(by, alone_in=alliance) as session:
        row = locked(session, alliance, institution, month)
        run = bonus_run(alliance, institution, month)
        assert run is not None
        state = runs.take(run.history, what, by.account, reason=reason, decision=decision, may_submit=run.may_submit)
        step = runs.move(what, run.state)
        if what in (runs.CHECK, runs.APPROVE):
            _check_held(alliance, run)
            with computing():
                check_fresh(alliance, run)
        if what == runs.REVERSE and run.state in SHOWN:
            _refuse(RELEASED_LATER, reserve_problems(alliance, run))
        if step is not None and step.decision:
            require_record(alliance, institution, decision, subject_of(run), since=run.steps[0].at)
            if any(one.decision == decision for one in run.steps):
                raise Refused(
                    "Record %(number)s approved this run; reversing it needs one of its own.", number=decision
                )
        row.state = state
        keep_step(session, row.id, what, by, now, reason=reason, decision=decision)
        detail = {"reason": reason.strip()} if reason.strip() else {}
        record(session, act, subject_of(run), by=by, now=now, alliance=alliance, state=state, **detail)


def _check_held(alliance: int, run: BonusRunInfo) -> None:
    """Refuse to pay of a reserve what was not released of it or is not in it, and to release what was not withheld."""
    _refuse(RELEASES, release_problems(alliance, run))
    left = balances(alliance, run.institution, run.month)
    released = {one.person for one in holdings(alliance, run.institution, run.month) if one.sort == RELEASED}
    _refuse(NOT_WITHHELD, [
        Problem(person, str(yuan(left[person])), mark("more is released than was withheld; take the entry back"))
        for person in sorted(released) if left.get(person, 0) < 0
    ])  # fmt: skip


def _refuse(message: str, problems: Sequence[Problem]) -> None:
    if problems:
        raise Refused(message, count=len(problems), problems=problems)
