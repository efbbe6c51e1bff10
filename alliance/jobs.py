"""The timetable and the worker: one process, however many are started, under a lease."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask

from alliance.audit.services import count_refusals, seal_events
from alliance.core.actor import Actor
from alliance.core.period import SHANGHAI, day_of
from alliance.core.refused import Refused
from alliance.evaluation.services import estimate_scores
from alliance.funds.services import estimate_funds
from alliance.indicators import queries as indicators
from alliance.indicators.rules.calendar import REMINDED
from alliance.indicators.services import clear_evidence, open_period, send_reminder
from alliance.members import queries as members
from alliance.store import Store
from alliance.work.queries import tasks
from alliance.work.services import note_task, take_lease

LEASE = "timetable"
LEASE_SECONDS = 60
SEAL_EVERY = 60  # seconds
REMIND_AT = 9  # o'clock
ESTIMATE_AT = 2
WORKER = Actor("worker")
CLEAR_EVERY = 3600
OPEN_EVERY = 300
UPLOADS_KEPT = timedelta(days=1)


def run(app: Flask) -> None:
    """Do timed work until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    holder = f"{socket.gethostname()}:{os.getpid()}"
    scheduler = BackgroundScheduler(timezone="Asia/Shanghai", job_defaults={"coalesce": True, "max_instances": 1})
    often: dict[str, tuple[Callable[[datetime], object], int]] = {
        "count_refusals": (lambda now: count_refusals(now=now), SEAL_EVERY),
        "seal_events": (lambda now: seal_events(now=now), SEAL_EVERY),
        "open_periods": (open_periods, OPEN_EVERY),
        "clear_files": (partial(clear_files, app.config["ALLIANCE"].data), CLEAR_EVERY),
    }
    for name, (work, seconds) in often.items():
        scheduler.add_job(task, "interval", [app, holder, name, work], seconds=seconds, next_run_time=datetime.now(UTC))
    scheduler.add_job(
        task,
        CronTrigger(hour=REMIND_AT, timezone="Asia/Shanghai"),
        [app, holder, "remind_members", remind_members],
        misfire_grace_time=None,
    )
    scheduler.add_job(
        task,
        CronTrigger(hour=ESTIMATE_AT, timezone="Asia/Shanghai"),
        [app, holder, "estimate", estimate],
        misfire_grace_time=None,
        # A night that was missed is caught up once.
        **({"next_run_time": datetime.now(UTC)} if missed(app, "estimate", ESTIMATE_AT, datetime.now(UTC)) else {}),
    )
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


def remind_members(now: datetime) -> None:
    """Remind who has not submitted, three days and one day before the last day of filing, and on it."""
    for one in members.alliances():
        for period in indicators.periods(one.id):
            left = (day_of(period.due_at - timedelta(minutes=1)) - day_of(now)).days
            if left in REMINDED and now < period.due_at:
                waiting = [row.institution for row in indicators.submissions(one.id, period.code) if row.waits]
                occasion = f"-{left}" if left else "0"
                send_reminder(one.id, period.code, waiting, occasion, by=WORKER, now=now)


def open_periods(now: datetime) -> None:
    """Open the periods whose day has come by the timetables of the alliances; what cannot be opened waits on the home
    page of the office with its reason."""
    for one in members.alliances():
        for opening in indicators.due_openings(one.id, now):
            if not opening.stuck:
                with suppress(Refused):  # somebody opened it by hand meanwhile, or the last reviewer went
                    open_period(one.id, opening.code, by=WORKER, now=now)


def estimate(now: datetime) -> None:
    """Work out anew what is still running: provisional scores and money of every alliance."""
    for one in members.alliances():
        estimate_scores(one.id, by=WORKER, now=now)
        estimate_funds(one.id, by=WORKER, now=now)


def missed(app: Flask, name: str, hour: int, now: datetime) -> bool:
    """Whether a daily task has not run since it was last due."""
    local = now.astimezone(SHANGHAI)
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    due -= timedelta(days=local < due)
    with app.app_context():
        last = next((one.started for one in tasks() if one.name == name), None)
    return last is None or last < due


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
            error = f"{type(fault).__name__}: {fault}"
        note_task(name, started=started, ended=datetime.now(UTC), error=error)
