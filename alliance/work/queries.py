"""The questions about work: jobs, where a form led, whether database and worker are there, how timed tasks went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError

from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.core.roles import READ_BONUS, ROLES, Scope
from alliance.db import db
from alliance.work.models import Job, Lease, Receipt, TaskRun
from alliance.work.rules import OPEN, STALE, WORKER_SILENT, Place, Said, place_of, refused_of, said_of

HEAD = Path(__file__).parents[2] / "migrations" / ".head"


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """A timed task: its last run, if there was one, and the next."""

    name: str
    started: datetime | None
    ended: datetime | None
    error: str
    next_at: datetime | None

    @property
    def took(self) -> timedelta | None:
        return self.ended - self.started if self.started and self.ended and self.ended >= self.started else None


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job: what it does, for whom, how far it is, and what came out. Times of what was not yet are None."""

    id: int
    alliance_id: int
    kind: str
    key: str
    subject: str
    institution: str
    reader: str
    parameters: dict[str, Any]
    asked_by: str
    employer: str
    token: str
    state: str
    done: int
    total: int
    step: str
    attempts: int
    cancel_by: str
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    origin: Place | None
    result: Place | None
    outcome: Said | None
    refusal: Refused | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or is being done."""
        return self.state in OPEN

    def actor(self, step: str) -> Actor:
        """Who asked, with a one-time token for a step of this job: its verb is done once, however often it is tried."""
        return Actor(self.asked_by, self.employer, f"{self.token}-{step}")


def location_of(once: str) -> str | None:
    """Where the first answer to a form led."""
    return db.session.scalar(select(Receipt.location).where(Receipt.once == once))


def database_answers() -> bool:
    """Whether the database answers."""
    try:
        return bool(db.session.scalar(text("SELECT 1")) == 1)
    except SQLAlchemyError:
        db.session.remove()
        return False


@cache
def _head() -> str:
    return HEAD.read_text("ascii").strip()


def readiness(now: datetime) -> dict[str, bool | None]:
    """What must be true before people are let in: database there, its tables of this version, a worker at work.

    None is what could not be asked: of a database that does not answer, or that has no table for it.
    """
    if not database_answers():
        return {"database": False, "migrations": None, "worker": None}
    version = select(text("version_num")).select_from(text("alembic_version"))
    return {
        "database": True,
        "migrations": _asked(lambda: db.session.scalar(version) == _head()) or False,
        "worker": _asked(lambda: worker_seen(now)),
    }


def _asked(question: Callable[[], bool]) -> bool | None:
    """An answer of the database; None where its table is missing."""
    try:
        return question()
    except SQLAlchemyError:
        db.session.rollback()
        return None


def tasks() -> list[TaskInfo]:
    """How each timed task went last, and when it runs next."""
    return [
        TaskInfo(row.name, row.started, row.ended, row.error, row.next_at)
        for row in db.session.scalars(select(TaskRun).order_by(TaskRun.name))
    ]


def worker_seen(now: datetime) -> bool:
    """Whether a worker has been at work within the last minutes."""
    seen = db.session.scalar(select(func.max(Lease.until)))
    return seen is not None and seen + WORKER_SILENT > now


def holds_lease(name: str, holder: str) -> bool:
    """Whether a lease is in the hands of a holder."""
    return db.session.scalar(select(Lease.holder).where(Lease.name == name)) == holder


def takeable(now: datetime) -> ColumnElement[bool]:
    """The condition on jobs that a worker may take: they wait, or whoever did them is silent."""
    return or_(Job.state == "queued", and_(Job.state == "running", Job.heartbeat < now - STALE))


def job_waits(now: datetime) -> bool:
    """Whether there is a job for a worker to take."""
    return db.session.scalar(select(Job.id).where(takeable(now)).limit(1)) is not None


def job_info(row: Job) -> JobInfo:
    return JobInfo(
        row.id, row.alliance_id, row.kind, row.key, row.subject, row.institution, row.reader, row.parameters,
        row.asked_by, row.employer, row.token, row.state, row.done, row.total, row.step, row.attempts, row.cancel_by,
        row.queued_at, row.started_at, row.ended_at, place_of(row.origin), place_of(row.result), said_of(row.outcome),
        refused_of(row.refusal),
    )  # fmt: skip


def _seen_by(scope: Scope) -> ColumnElement[bool]:
    """The condition on jobs that a reader may see: one's own, and those whose result one may read."""
    acts = {act for role in scope.roles for act in ROLES[role]}
    result: ColumnElement[bool] = Job.reader.in_(sorted(act.value for act in acts - READ_BONUS))
    if scope.institutions is not None:
        result = and_(result, Job.institution.in_(["", *sorted(scope.institutions)]))
    # Of a hospital's bonus nothing is known to whoever sees the rest of the alliance.
    pay = and_(Job.reader.in_(sorted(act.value for act in acts & READ_BONUS)), Job.institution.in_(sorted(scope.bonus)))
    return and_(Job.alliance_id == scope.alliance_id, or_(Job.asked_by == scope.account, result, pay))


def job(scope: Scope, number: int) -> JobInfo | None:
    """A job that the reader may see."""
    row = db.session.scalar(select(Job).where(Job.id == number, _seen_by(scope)))
    return job_info(row) if row else None


def open_job(alliance: int, kind: Act, key: str) -> JobInfo | None:
    """The job of a kind and key that waits or runs, whoever asked for it."""
    row = db.session.scalar(
        select(Job).where(
            Job.alliance_id == alliance, Job.kind == kind.value, Job.key == key, Job.state.in_(OPEN)
        )
    )  # fmt: skip
    return job_info(row) if row else None


def count_before(job: JobInfo) -> int:
    """How many jobs a worker does before one that waits."""
    open_jobs = select(func.count()).select_from(Job).where(Job.state.in_(OPEN), Job.id < job.id)
    return db.session.scalar(open_jobs) or 0


def count_jobs(scope: Scope, *, mine: bool) -> int:
    """How many jobs the reader may see; of them, how many one asked for oneself."""
    return db.session.scalar(select(func.count()).select_from(Job).where(_listed(scope, mine))) or 0


def jobs(scope: Scope, *, mine: bool, limit: int, offset: int = 0) -> list[JobInfo]:
    """The jobs that the reader may see, newest first; with `mine` only those one asked for oneself."""
    rows = select(Job).where(_listed(scope, mine)).order_by(Job.id.desc()).limit(limit).offset(offset)
    return [job_info(row) for row in db.session.scalars(rows)]


def _listed(scope: Scope, mine: bool) -> ColumnElement[bool]:
    return and_(_seen_by(scope), Job.asked_by == scope.account) if mine else _seen_by(scope)
