"""How a job is done: taken, told about, kept alive, done once, and ended. What jobs do stands in `jobs`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from alliance.access import alliance_time
from alliance.audit import queries as audit
from alliance.audit.services import record_refusal
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import AlreadyDone, Refused
from alliance.db import is_away
from alliance.work import queries as works
from alliance.work.queries import JobInfo
from alliance.work.rules import BEAT, Place, Said
from alliance.work.services import beat_job, end_job, note_progress, return_job, take_job

SAID_EVERY = 60  # seconds between two lines about a database that is away


class Cancelled(Exception):
    """Somebody cancelled the job."""


class Lost(Exception):
    """Another worker has taken the job up."""


class Stopped(Exception):
    """The worker is to stop; the job waits for the next one."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: the page of its result, and a sentence for whoever waited."""

    result: Place
    outcome: Said | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Tells how far a job is. Called between the verbs of a job, never inside of one.

    `clock` is the machine's, by which signs of life go; `now` is the alliance's, for the verbs.
    """

    job: JobInfo
    holder: str
    clock: Callable[[], datetime]
    stop: threading.Event = field(default_factory=threading.Event)

    def now(self) -> datetime:
        return alliance_time(self.clock())

    def __call__(self, done: int, total: int, step: str) -> None:
        """Keep that so many of all steps are done, and what is done now (a message id); ends a job that must not go
        on: Cancelled, Lost, Stopped."""
        if self.stop.is_set():
            raise Stopped
        verdict = note_progress(self.job.id, self.holder, done, total, step, now=self.clock())
        if verdict == "cancel":
            raise Cancelled
        if verdict == "lost":
            raise Lost


Kind = Callable[[JobInfo, Progress], Done]


def once(job: JobInfo, step: str, work: Callable[[Actor], object]) -> audit.Deed:
    """Do a verb of a job, unless an attempt before did it; subject and detail of its first event."""
    by = job.actor(step)
    with suppress(AlreadyDone):
        work(by)
    deed = audit.deed(by.once)
    if deed is None:
        raise RuntimeError(f"{step} of {job.kind} recorded no event")
    return deed


def is_done(job: JobInfo, step: str) -> bool:
    """Whether an attempt before did a verb of a job; then what only prepares it can be left out."""
    return audit.deed(job.actor(step).once) is not None


class Outage:
    """What the worker says while the database is away: one line a minute at most, and one when it is back."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger, self._lock = logger, threading.Lock()
        self._next: float | None = None  # on the clock of `monotonic`; none while the database is there

    def goes_on(self, fault: BaseException) -> None:
        with self._lock:
            if self._next is None or monotonic() >= self._next:
                self._next = monotonic() + SAID_EVERY
                self._logger.error("the database does not answer (%s); asking again", type(fault).__name__)

    def ends(self) -> None:
        with self._lock:
            if self._next is not None:
                self._next = None
                self._logger.warning("the database answers again")


def outage(app: Flask) -> Outage:
    """The outage of this process, told of by whatever thread meets it."""
    found: Outage = app.extensions.setdefault("outage", Outage(app.logger))
    return found


def tell(app: Flask, fault: BaseException, what: str) -> None:
    """Log a fault with its trace; that the database is away in a line, and not again and again."""
    if is_away(fault):
        outage(app).goes_on(fault)
    else:
        app.logger.exception(what, exc_info=fault)


def work_off(app: Flask, holder: str, kinds: Mapping[Act, Kind], stop: threading.Event | None = None) -> bool:
    """Do the next job, by the function that its kind has; False when none waits. A database that does not answer is
    asked again later."""
    clock: Callable[[], datetime] = app.config.get("CLOCK") or (lambda: datetime.now(UTC))
    with app.app_context():
        try:
            job = take_job(holder, now=clock()) if works.job_waits(clock()) else None
            outage(app).ends()
            if job is None:
                return False
            with beating(app, job, holder, clock):
                _do(app, job, kinds, Progress(job, holder, clock, stop or threading.Event()))
            return True
        except SQLAlchemyError as fault:
            tell(app, fault, "jobs cannot be done")
            return False


def _do(app: Flask, job: JobInfo, kinds: Mapping[Act, Kind], progress: Progress) -> None:
    """Do a job that was taken, and keep how it ended."""
    holder, clock = progress.holder, progress.clock
    try:
        done = kinds[Act(job.kind)](job, progress)
    except Lost:
        app.logger.warning("job %s was taken up by another worker", job.id)
    except Cancelled:
        end_job(job.id, holder, "cancelled", now=clock())
    except Stopped:
        return_job(job.id, holder, blamed=False, now=clock())
    except Refused as refused:
        if end_job(job.id, holder, "failed", refusal=refused, now=clock()):
            by = Actor(job.asked_by, job.employer)
            record_refusal(
                Act(job.kind), f"job:{job.id}", refused.message, status=refused.status, by=by, now=clock(),
                alliance=job.alliance_id,
            )  # fmt: skip
    except Exception as fault:
        if is_away(fault):
            raise  # nothing can be kept of it; when the worker's signs of life run out, it is taken up again
        app.logger.exception("job %s (%s) failed", job.id, job.kind)
        return_job(job.id, holder, blamed=True, now=clock())
    else:
        end_job(job.id, holder, "done", result=done.result, outcome=done.outcome, now=clock())


@contextmanager
def beating(app: Flask, job: JobInfo, holder: str, clock: Callable[[], datetime]) -> Iterator[None]:
    """Signs of life beside a job, so that a long step is not taken for a dead worker."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT.total_seconds()):
            # A database that is busy is told again in a moment.
            with app.app_context(), suppress(SQLAlchemyError):
                beat_job(job.id, holder, now=clock())

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
