"""The timetable and the worker: one process, however many are started, under a lease."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from alliance.audit.services import count_refusals, seal_events
from alliance.work.services import note_task, take_lease

LEASE = "timetable"
LEASE_SECONDS = 60
SEAL_EVERY = 60  # seconds


def run(app: Flask) -> None:
    """Do timed work until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    holder = f"{socket.gethostname()}:{os.getpid()}"
    scheduler = BackgroundScheduler(timezone="Asia/Shanghai", job_defaults={"coalesce": True, "max_instances": 1})
    tasks: dict[str, Callable[[datetime], object]] = {
        "count_refusals": lambda now: count_refusals(now=now),
        "seal_events": lambda now: seal_events(now=now),
    }
    for name, work in tasks.items():
        scheduler.add_job(
            task, "interval", [app, holder, name, work], seconds=SEAL_EVERY, next_run_time=datetime.now(UTC)
        )
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


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
