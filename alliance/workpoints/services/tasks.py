"""The verbs of the task ledger: enter a task, review it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.workpoints.models import BankReturn, CorrectionRow, Holding, ReserveRelease, TaskRow
from alliance.workpoints.queries.rolls import check_open, is_in_post
from alliance.workpoints.queries.schemes import scheme_in_force
from alliance.workpoints.rules.ledgers import (
    ACCEPTED,
    ENTERED,
    check_counted,
    check_month,
    check_task,
    check_verdict,
)


@dataclass(frozen=True, slots=True)
class GivenTask:
    """What somebody did in a month, and what the ledger pays for it, in cents."""

    person: str
    month: str
    subject: str
    cents: int
    text: str
    document: str


def enter_task(alliance: int, institution: str, given: GivenTask, *, by: Actor, now: datetime) -> int:
    """Enter a task; its number. It pays once another person has accepted it.

    Refused: who was not in post in the month, a subject that the ledger does not pay, a new technique where the scheme
    of the month names some, no amount, no words, no document, a month whose bonus is approved.
    """
    check_month(given.month)
    check_task(given.subject, given.cents, given.text, given.document)
    with verb(by, alone_in=alliance) as session:
        check_open(alliance, institution, given.month)
        holding = scheme_in_force(alliance, institution, given.month)
        if holding:
            check_counted(given.subject, holding.reference, holding.scheme.techniques)
        if not is_in_post(alliance, institution, given.month, given.person):
            raise Refused("%(person)s was not in post in %(period)s.", person=given.person, period=given.month)
        number = next_number(session, TaskRow, alliance, institution)
        session.add(
            TaskRow(
                alliance_id=alliance, institution=institution, number=number, month=given.month, person=given.person,
                subject=given.subject, amount=given.cents, text=given.text.strip(), document=given.document.strip(),
                state=ENTERED, recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_TASK_ENTER, f"task:{institution}/{number}", by=by, now=now, alliance=alliance,
            month=given.month, pay_subject=given.subject,
        )  # fmt: skip
        return number


def review_task(
    alliance: int, institution: str, number: int, verdict: str, reason: str = "", seen: str | None = None, *,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Accept a task, or refuse it with a reason; until its month is approved, an accepted one too. `seen` is the state
    that the reviewer had before the eyes.

    Refused: who entered it or is paid for it, one that was refused or reviewed meanwhile, a month whose bonus is
    approved.
    """
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(TaskRow).where(
                TaskRow.alliance_id == alliance, TaskRow.institution == institution, TaskRow.number == number
            )
        ).first()
        if row is None:
            raise NotFound()
        check_verdict(
            row.state, verdict, reason, seen, entered_by=row.recorded_by, reviewer=by.account,
            own=is_own(by, institution, row.person),
        )  # fmt: skip
        if ACCEPTED in (row.state, verdict):  # what never paid is refused without any pay changing
            check_open(alliance, institution, row.month)
        row.state, row.reviewed_by, row.reviewed_at, row.reason = verdict, by.account, now, reason.strip()
        record(
            session, Act.WORKPOINTS_TASK_REVIEW, f"task:{institution}/{number}", by=by, now=now, alliance=alliance,
            verdict=verdict,
        )  # fmt: skip


def own_number(by: Actor, institution: str) -> str:
    """The staff number of who acts, where employed by the institution; else ""."""
    employer, own = accounts.employee_of(by.account)
    return own if employer == institution else ""


def is_own(by: Actor, institution: str, person: str) -> bool:
    """Whether a staff number of the institution, "" for nobody's, is that of who acts."""
    return bool(person) and own_number(by, institution) == person


def next_number(
    session: Session,
    model: type[TaskRow] | type[Holding] | type[CorrectionRow] | type[BankReturn] | type[ReserveRelease],
    alliance: int,
    institution: str,
) -> int:
    """The next number of a hospital's ledger, in the transaction of a verb that is alone in its alliance."""
    last = session.scalar(
        select(func.max(model.number)).where(model.alliance_id == alliance, model.institution == institution)
    )
    return (last or 0) + 1
