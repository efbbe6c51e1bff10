"""The verbs of payments that the bank returned: enter them, import the bank's list, pay them again or withhold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.workpoints.models import BankReturn
from alliance.workpoints.queries.returns import GivenReturn, bank_returns, return_problems
from alliance.workpoints.queries.runs import BonusRunInfo, bonus_run
from alliance.workpoints.queries.slips import SHOWN
from alliance.workpoints.rules import runs
from alliance.workpoints.rules.ledgers import NO_DOCUMENT, check_reason
from alliance.workpoints.rules.returns import AGAIN, CHOICES, OPEN, WITHHELD, last_batch
from alliance.workpoints.services.tasks import next_number


def enter_bankreturn(
    alliance: int, institution: str, month: str, given: GivenReturn, document: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Enter one payment that the bank returned; how many were entered.

    NotFound: no approved or paid run of the month. Refused: somebody without a payslip in it, no amount, more than the
    bank has of the person, no reason, no document.
    """
    return _keep(alliance, institution, month, [given], document, Act.WORKPOINTS_BANKRETURN_ENTER, by, now)


def import_bankreturn(
    alliance: int, institution: str, month: str, given: Sequence[GivenReturn], document: str, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Enter the bank's list of what it returned, all or nothing; how many. Refused as `enter_bankreturn`."""
    return _keep(alliance, institution, month, given, document, Act.WORKPOINTS_BANKRETURN_IMPORT, by, now)


def payable(alliance: int, institution: str, month: str) -> BonusRunInfo:
    """The approved or paid run of a month; else NotFound."""
    run = bonus_run(alliance, institution, month)
    if run is None or run.state not in SHOWN:
        raise NotFound()
    return run


def payment_of(run: BonusRunInfo) -> str:
    """What events call the payment of a run."""
    return f"payment:{run.institution}/{run.month}@{run.number}"


def _keep(
    alliance: int, institution: str, month: str, given: Sequence[GivenReturn], document: str, act: Act, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    if not document.strip():
        raise Refused(NO_DOCUMENT)
    with verb(by, alone_in=alliance) as session:
        run = payable(alliance, institution, month)
        problems = return_problems(run, given)
        if problems:
            raise Refused(
                "%(count)s returned payments cannot be entered.", count=len(problems), problems=problems
            )  # fmt: skip
        number = next_number(session, BankReturn, alliance, institution)
        for place, one in enumerate(given):
            mine = [known.fact for known in bank_returns(run.id, one.person)]
            session.add(BankReturn(
                alliance_id=alliance, institution=institution, recorded_by=by.account, recorded_at=now,
                number=number + place, bonus_run_id=run.id, person=one.person, batch=last_batch(mine),
                amount=one.cents, reason=one.reason.strip(), document=document.strip(), state=OPEN, paid_batch=0,
                note="", settled_by="", settled_at=None,
            ))  # fmt: skip
        record(
            session, act, payment_of(run), by=by, now=now, alliance=alliance, count=len(given),
            document=document.strip(),
        )  # fmt: skip
        return len(given)


def settle_bankreturn(
    alliance: int, institution: str, month: str, choices: Mapping[int, str], note: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Pay returned payments again, all of them in one new batch, or withhold them until they are released; the number
    of the batch, 0 when nothing is paid again.

    Refused: nothing chosen, a payment that is settled already, pay withheld without a reason of ten characters,
    whoever checked the run.
    """
    if not choices:
        raise Refused("Choose what becomes of at least one returned payment.")
    if WITHHELD in choices.values():
        check_reason(note)
    with verb(by, alone_in=alliance) as session:
        run = payable(alliance, institution, month)
        if any(done.by == by.account and done.verb == runs.CHECK for done in run.history):
            raise Refused("You checked this run; another person must pay it again.")
        rows = _open_rows(session, run, choices)
        batch = max((one.paid_batch for one in bank_returns(run.id)), default=0) or 1
        again = batch + 1 if AGAIN in choices.values() else 0
        for row in rows:
            row.state, row.note = choices[row.number], note.strip()
            row.paid_batch = again if row.state == AGAIN else 0
            row.settled_by, row.settled_at = by.account, now
        record(
            session, Act.WORKPOINTS_BANKRETURN_SETTLE, payment_of(run), by=by, now=now, alliance=alliance,
            count=len(rows), number=again,
        )  # fmt: skip
        return again


def _open_rows(session: Session, run: BonusRunInfo, choices: Mapping[int, str]) -> list[BankReturn]:
    """The rows that are settled, locked; NotFound for what is none, Refused for what is settled already."""
    rows = session.scalars(
        select(BankReturn)
        .where(BankReturn.bonus_run_id == run.id, BankReturn.number.in_(sorted(choices)))
        .with_for_update()
    ).all()
    if len(rows) != len(choices) or not set(choices.values()) <= set(CHOICES):
        raise NotFound()
    settled = [row.number for row in rows if row.state != OPEN]
    if settled:
        raise Refused("Somebody settled number %(number)s meanwhile; look again.", number=settled[0])
    return list(rows)
