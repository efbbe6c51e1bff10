"""The timetable under its lease, and the worker that does the jobs people asked for, one after the other."""

from __future__ import annotations

import os
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from alliance.audit import queries as audit
from alliance.audit.services import count_refusals, record_refusal, seal_events
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import AlreadyDone, Refused
from alliance.indicators import queries as indicators
from alliance.indicators.rules.calendar import REMINDED
from alliance.indicators.services import clear_evidence, send_reminder
from alliance.members import queries as members
from alliance.store import Store
from alliance.work import queries as works
from alliance.work.queries import JobInfo
from alliance.work.rules import BEAT, Place, Said
from alliance.work.services import (
    beat_job,
    clear_jobs,
    end_job,
    note_progress,
    note_task,
    plan_tasks,
    return_job,
    take_job,
    take_lease,
)

LEASE = "timetable"
LEASE_SECONDS = 60
SEAL_EVERY = 60  # seconds
REMIND_AT = 9  # o'clock
WORKER = Actor("worker")
CLEAR_EVERY = 3600
UPLOADS_KEPT = timedelta(days=1)
LOOK_EVERY = 0.5  # seconds between two looks for a job


def run(app: Flask) -> None:
    """Do timed work, and beside it one job after the other, until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # Numbers of processes come again, in containers at once: the last part tells a new worker from the one before it.
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    scheduler = BackgroundScheduler(timezone="Asia/Shanghai", job_defaults={"coalesce": True, "max_instances": 1})
    often: dict[str, tuple[Callable[[datetime], object], int]] = {
        "count_refusals": (lambda now: count_refusals(now=now), SEAL_EVERY),
        "seal_events": (lambda now: seal_events(now=now), SEAL_EVERY),
        "clear_jobs": (lambda now: clear_jobs(now=now), CLEAR_EVERY),
        "clear_files": (partial(clear_files, app.config["ALLIANCE"].data), CLEAR_EVERY),
    }
    for name, (what, seconds) in often.items():
        scheduler.add_job(task, "interval", [app, holder, name, what], seconds=seconds, next_run_time=datetime.now(UTC))
    scheduler.add_job(
        task,
        CronTrigger(hour=REMIND_AT, timezone="Asia/Shanghai"),
        [app, holder, "remind_members", remind_members],
        misfire_grace_time=None,
    )
    scheduler.add_listener(lambda _: plan(app, scheduler, holder), EVENT_JOB_EXECUTED)
    scheduler.start()
    while not stop.is_set():
        if not work_off(app, holder, stop):
            stop.wait(LOOK_EVERY)
    scheduler.shutdown(wait=True)


def plan(app: Flask, scheduler: BackgroundScheduler, holder: str) -> None:
    """Keep when each timed task runs next, by the worker that has the lease."""
    with app.app_context():
        try:
            if works.holds_lease(LEASE, holder):
                plan_tasks({job.args[2]: job.next_run_time for job in scheduler.get_jobs()})
        except SQLAlchemyError:
            app.logger.exception("the timetable could not be kept")


def remind_members(now: datetime) -> None:
    """Remind who has not submitted, three days and one day before the last day of filing, and on it."""
    for one in members.alliances():
        for period in indicators.periods(one.id):
            left = (day_of(period.due_at - timedelta(minutes=1)) - day_of(now)).days
            if left in REMINDED and now < period.due_at:
                waiting = [row.institution for row in indicators.submissions(one.id, period.code) if row.waits]
                occasion = f"-{left}" if left else "0"
                send_reminder(one.id, period.code, waiting, occasion, by=WORKER, now=now)


def clear_files(data: Path, now: datetime) -> None:
    """Remove what was uploaded to be checked more than a day ago, and evidence that no row refers to."""
    for folder in (data / "uploads").glob("*"):
        Store(folder).clear(now - UPLOADS_KEPT)
    clear_evidence(Store(data / "evidence"), now=now)


def task(app: Flask, holder: str, name: str, work: Callable[[datetime], object]) -> None:
    """One timed task: only under the lease, its run and its error noted."""
    with app.app_context():
        started = datetime.now(UTC)
        if not take_lease(LEASE, holder, LEASE_SECONDS + SEAL_EVERY, now=started):
            return
        error = ""
        try:
            work(started)
        except Exception as fault:
            app.logger.exception("the task %s failed", name)
            error = told(fault)
        note_task(name, started=started, ended=datetime.now(UTC), error=error)


def told(fault: Exception) -> str:
    """A fault as the timetable shows it: a refusal in its words, of any other its type and place, because its words
    may quote somebody's data."""
    if isinstance(fault, Refused):
        return str(fault)
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} ({Path(frame.filename).name}:{frame.lineno})"


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
    """Tells how far a job is. Called between the verbs of a job, never inside of one."""

    job: JobInfo
    holder: str
    clock: Callable[[], datetime]
    stop: threading.Event = field(default_factory=threading.Event)

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
# What a job does, by its act. Each is safe to begin again: `once` recognises what an attempt before it did.
KINDS: Mapping[Act, Kind] = {}


def once(job: JobInfo, step: str, work: Callable[[Actor], object]) -> str:
    """Do a verb of a job, unless an attempt before did it; the subject of its first event."""
    by = job.actor(step)
    with suppress(AlreadyDone):
        work(by)
    subject = audit.subject_of(by.once)
    if subject is None:
        raise RuntimeError(f"{step} of {job.kind} recorded no event")
    return subject


def work_off(app: Flask, holder: str, stop: threading.Event | None = None, kinds: Mapping[Act, Kind] = KINDS) -> bool:
    """Do the next job; False when none waits. A database that does not answer is asked again later."""
    clock: Callable[[], datetime] = app.config.get("CLOCK") or (lambda: datetime.now(UTC))
    with app.app_context():
        try:
            job = take_job(holder, now=clock()) if works.job_waits(clock()) else None
            if job is None:
                return False
            with beating(app, job, holder, clock):
                _do(app, job, kinds, Progress(job, holder, clock, stop or threading.Event()))
            return True
        except SQLAlchemyError:
            app.logger.exception("jobs cannot be done")
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
    except Exception:
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
