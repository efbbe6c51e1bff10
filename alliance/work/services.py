"""The verbs of work: jobs, leases, timed tasks, receipts of forms.

How a long doing becomes a job:

1. A verb of the wing checks what it can and calls `enqueue(session, alliance, Act…, key, …)` in its own transaction.
   The job is there if and only if the verb commits; while one of the same kind and key waits or runs, that one is
   given. `enqueue` records the event `work:job:enqueue`, so the form's token is used up. The view sends the person to
   `url_for("work.read_job", number=job, follow=1)`, which leads on to the result.
2. `alliance.jobs.kinds.KINDS` has a function of the same act: `(job, progress) -> Done`. It calls verbs of wings with
   `by=job.actor("step")`: the token in it makes each verb happen once, however often the job is begun again;
   `jobs.once` gives the subject of its first event, done now or by an attempt before. `progress(done, total, message)`
   between the verbs tells how far it is, and ends the job when somebody cancelled it or the worker is to stop.
3. A `Refused` ends the job as failed, in the reader's language, with the way back to `origin`. Any other fault is tried
   three times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.db import Base, Moment, transaction
from alliance.work.models import OPEN as OPEN_CONDITION
from alliance.work.models import Job, Lease, Receipt, TaskRun, Turn
from alliance.work.queries import JobInfo, job_info, takeable
from alliance.work.rules import (
    ATTEMPTS,
    GIVEN_UP,
    KEPT,
    OPEN,
    OUR_FAULT,
    TURNS,
    Place,
    Said,
    pack_place,
    pack_refused,
    pack_said,
)


def enqueue(
    session: Session,
    alliance: int,
    kind: Act,
    key: str,
    *,
    subject: str,
    parameters: Mapping[str, Any],
    origin: Place,
    reader: Act | None,
    institution: str = "",
    by: Actor,
    now: datetime,
) -> int:
    """Ask for work outside the request, inside the transaction of a verb; the number of the job.

    While one of the same kind and key waits or runs, that one is given. `parameters` are JSON without personal data.
    `origin` is the page to which one goes back when nothing came of it. `reader` is the act whose holders may see the
    job beside who asks, None for nobody; with an institution only those who may see that institution.
    """
    number = None
    while number is None:
        _insert_job(session, {
            "alliance_id": alliance, "kind": kind.value, "key": key, "subject": subject, "institution": institution,
            "reader": reader.value if reader else "", "parameters": dict(parameters), "asked_by": by.account,
            "employer": by.employer, "token": uuid4().hex, "state": "queued", "done": 0, "total": 0, "step": "",
            "attempts": 0, "holder": "", "cancel_by": "", "queued_at": now, "origin": pack_place(origin),
            "result": {}, "outcome": {}, "refusal": {},
        })  # fmt: skip
        # None when the one that was there has ended in between: then there is room for a new one.
        number = session.scalar(
            select(Job.id).where(
                Job.alliance_id == alliance, Job.kind == kind.value, Job.key == key, Job.state.in_(OPEN)
            )
        )
    record(
        session,
        Act.WORK_JOB_ENQUEUE,
        f"job:{number}",
        by=by,
        now=now,
        alliance=alliance,
        kind=kind.value,
        matter=subject,
    )
    return number


def _insert_job(session: Session, values: Mapping[str, Any]) -> None:
    """Add a job, unless one of its kind and key is open; two at the same moment are one."""
    session.execute(
        _insert(session, Job)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["alliance_id", "kind", "key"], index_where=OPEN_CONDITION)
    )


def _insert(session: Session, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that may give way to a row that is there already."""
    on_postgresql = session.connection().dialect.name == "postgresql"
    return postgresql.insert(model) if on_postgresql else sqlite.insert(model)


def cancel_job(alliance: int, number: int, *, by: Actor, now: datetime) -> bool:
    """Cancel a job: one that waits at once, one that runs before its next step; whether it is over already.

    Refused: one that has ended.
    """
    with verb(by) as session:
        row = session.scalars(
            select(Job).where(Job.id == number, Job.alliance_id == alliance).with_for_update()
        ).first()
        if row is None:
            raise NotFound()
        if row.state not in OPEN:
            raise Refused("Job %(number)s has ended already; there is nothing to cancel.", number=number)
        row.cancel_by = row.cancel_by or by.account
        if row.state == "queued":
            _end(row, "cancelled", now)
        record(session, Act.WORK_JOB_CANCEL, f"job:{number}", by=by, now=now, alliance=alliance, kind=row.kind)
        return row.state == "cancelled"


def take_job(holder: str, *, now: datetime) -> JobInfo | None:
    """Take the oldest job that waits, or whose worker is silent; None when there is none.

    Two workers at once never take the same: SQLite lets one begin after the other, PostgreSQL skips what is locked.
    One that was begun too often fails, one that was to be cancelled is.
    """
    with transaction() as session:
        rows = select(Job).where(takeable(now)).order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        while row := session.scalars(rows).first():
            if row.cancel_by:
                _end(row, "cancelled", now)
            elif row.attempts >= ATTEMPTS:
                row.refusal = pack_refused(Refused(GIVEN_UP, count=row.attempts))
                _end(row, "failed", now)
            else:
                row.state, row.holder, row.heartbeat, row.ended_at = "running", holder, now, None
                row.started_at = row.started_at or now
                row.attempts += 1
                row.done = row.total = 0
                row.step = ""
                return job_info(row)
            session.flush()
        return None


def beat_job(number: int, holder: str, *, now: datetime) -> bool:
    """A sign of life of whoever does a job; whether it is still in these hands."""
    with transaction() as session:
        row = _held(session, number, holder)
        if row:
            row.heartbeat = now
        return row is not None


def note_progress(number: int, holder: str, done: int, total: int, step: str, *, now: datetime) -> str:
    """Keep how far a job is: `go` when it may go on, `cancel` when somebody cancelled it, `lost` when another worker
    has it. `step` is the message id of what is done now."""
    with transaction() as session:
        row = _held(session, number, holder)
        if row is None:
            return "lost"
        row.done, row.total, row.step, row.heartbeat = done, total, step, now
        return "cancel" if row.cancel_by else "go"


def end_job(
    number: int,
    holder: str,
    state: str,
    *,
    result: Place | None = None,
    outcome: Said | None = None,
    refusal: Refused | None = None,
    now: datetime,
) -> bool:
    """A job is done, failed or cancelled, with what came of it; False when it is in other hands and stays as it is."""
    with transaction() as session:
        row = _held(session, number, holder)
        if row:
            row.result, row.outcome = pack_place(result), pack_said(outcome)
            row.refusal = pack_refused(refusal)
            _end(row, state, now)
        return row is not None


def return_job(number: int, holder: str, *, blamed: bool, now: datetime) -> None:
    """Put a job back among those that wait; `blamed` when its own fault ended the attempt, which then counts."""
    with transaction() as session:
        row = _held(session, number, holder)
        if row is None:
            return
        if blamed and row.attempts >= ATTEMPTS:
            row.refusal = pack_refused(Refused(OUR_FAULT))
            _end(row, "failed", now)
            return
        row.state, row.holder, row.heartbeat = "queued", "", None
        row.attempts -= not blamed


def clear_jobs(*, now: datetime) -> int:
    """Remove the jobs that were over long ago; how many. By the worker."""
    with transaction() as session:
        return len(session.execute(delete(Job).where(Job.ended_at < now - KEPT).returning(Job.id)).all())


def _held(session: Session, number: int, holder: str) -> Job | None:
    """A running job in the hands of a holder, locked."""
    rows = select(Job).where(Job.id == number, Job.holder == holder, Job.state == "running")
    return session.scalars(rows.with_for_update().execution_options(populate_existing=True)).first()


def _end(row: Job, state: str, now: datetime) -> None:
    row.state, row.ended_at, row.holder, row.heartbeat = state, now, "", None


def take_lease(name: str, holder: str, seconds: int, *, now: datetime) -> bool:
    """Whether the holder now has the lease, for so many seconds; renewing one's own is the same call."""
    with transaction() as session:
        # Two who begin at the same moment both find no row: one makes it, and the other waits for it.
        session.execute(
            _insert(session, Lease).values(name=name, holder=holder, until=now).on_conflict_do_nothing()
        )  # fmt: skip
        lease = session.scalars(select(Lease).where(Lease.name == name).with_for_update()).one()
        if lease.holder != holder and lease.until > now:
            return False
        lease.holder = holder
        lease.until = now + timedelta(seconds=seconds)
        return True


def note_task(name: str, *, started: datetime, ended: datetime | None, error: str = "") -> None:
    """Keep when a timed task last ran and how it ended."""
    with transaction() as session:
        (task,) = _tasks(session, [name])
        task.started, task.ended, task.error = started, ended, error


def plan_tasks(plan: Mapping[str, datetime | None]) -> None:
    """Keep when the timed tasks run next; those that are no more are forgotten."""
    with transaction() as session:
        session.execute(delete(TaskRun).where(TaskRun.name.not_in(list(plan))))
        for task in _tasks(session, plan):
            task.next_at = plan[task.name]


def _tasks(session: Session, names: Iterable[str]) -> Sequence[TaskRun]:
    """The rows of timed tasks, locked, each made where it is not there yet.

    On a new database several tasks end for the first time at the same moment, each in a thread of the worker; all of
    them take the rows in the same order.
    """
    wanted = sorted(names)
    for name in wanted:
        session.execute(_insert(session, TaskRun).values(name=name, error="").on_conflict_do_nothing())
    rows = select(TaskRun).where(TaskRun.name.in_(wanted)).order_by(TaskRun.name).with_for_update()
    return session.scalars(rows.execution_options(populate_existing=True)).all()


def keep_receipt(once: str, location: str, *, now: datetime) -> None:
    """Remember where a form led; a receipt that is there already stays, also one that comes at the same moment."""
    with transaction() as session:
        values = {"once": once, "location": location, "at": now}
        session.execute(_insert(session, Receipt).values(values).on_conflict_do_nothing())


def take_turn(account: str, *, now: datetime, most: int | None = None, minutes: int = 1) -> bool:
    """Whether an account may ask for another heavy piece of work within this minute; counts it. For what is no
    account `most` within so many `minutes`, which divide an hour."""
    minute = now.replace(minute=now.minute - now.minute % minutes, second=0, microsecond=0)
    with transaction() as session:
        session.execute(delete(Turn).where(Turn.account == account, Turn.minute < minute))
        # One statement, so that two processes at the same moment count two.
        count = session.scalar(
            text(
                "INSERT INTO turn (account, minute, count) VALUES (:account, :minute, 1) "
                "ON CONFLICT (account, minute) DO UPDATE SET count = turn.count + 1 RETURNING count"
            ).bindparams(bindparam("account", account), bindparam("minute", minute, Moment))
        )
        return count is not None and count <= (most or TURNS)
