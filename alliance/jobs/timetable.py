"""The worker: its timetable under a lease, and beside it one job after the other."""

from __future__ import annotations

import os
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from alliance import worker
from alliance.accounts.services import clear_drafts
from alliance.audit.services import count_refusals, seal_events
from alliance.core.period import SHANGHAI
from alliance.core.refused import Refused
from alliance.db import is_away
from alliance.jobs.kinds import work_off
from alliance.jobs.timed import (
    clear_files,
    close_waves,
    derive_readings,
    erase_contacts,
    estimate,
    mix_answers,
    open_periods,
    remind_experts,
    remind_members,
    remind_raters,
    remind_verification,
)
from alliance.letters import send_mails
from alliance.post.services import forget_mails
from alliance.work import queries as works
from alliance.work.services import clear_jobs, note_task, plan_tasks, take_lease

LEASE = "timetable"
LEASE_SECONDS = 60
SEAL_EVERY = 60  # seconds
REMIND_AT = 9  # o'clock
DERIVE_AT = 1  # before what rests on the readings is estimated
ESTIMATE_AT = 2
ERASE_AT = 3
CLEAR_EVERY = 3600
MAIL_EVERY = 30
OPEN_EVERY = 300
MIX_EVERY = 120
CATCH_UP_EVERY = 60
CATCH_UP_AFTER = timedelta(minutes=2)  # what is due now is begun by its hour, not by this
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
        "send_mail": (send_mails, MAIL_EVERY),
        "forget_mails": (lambda now: forget_mails(now=now), CLEAR_EVERY),
        "clear_drafts": (lambda now: clear_drafts(now=now), CLEAR_EVERY),
        "clear_jobs": (lambda now: clear_jobs(now=now), CLEAR_EVERY),
        "open_periods": (open_periods, OPEN_EVERY),
        "mix_answers": (mix_answers, MIX_EVERY),
        "close_waves": (close_waves, OPEN_EVERY),
        "clear_files": (partial(clear_files, app.config["ALLIANCE"].data), CLEAR_EVERY),
    }
    daily: dict[str, tuple[Callable[[datetime], object], int]] = {
        "erase_referral_contacts": (partial(erase_contacts, app.config["ALLIANCE"].data), ERASE_AT),
        "remind_members": (remind_members, REMIND_AT),
        "remind_raters": (remind_raters, REMIND_AT),
        "remind_experts": (remind_experts, REMIND_AT),
        "remind_verification": (remind_verification, REMIND_AT),
        "derive_readings": (derive_readings, DERIVE_AT),
        "estimate": (estimate, ESTIMATE_AT),
    }
    for name, (what, hour) in daily.items():
        trigger = CronTrigger(hour=hour, timezone="Asia/Shanghai")
        scheduler.add_job(task, trigger, [app, holder, name, what], id=name, misfire_grace_time=None)
    often["catch_up"] = (
        partial(catch_up, scheduler, {name: hour for name, (_, hour) in daily.items()}),
        CATCH_UP_EVERY,
    )
    for name, (what, seconds) in often.items():
        scheduler.add_job(task, "interval", [app, holder, name, what], seconds=seconds, next_run_time=datetime.now(UTC))
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
        except SQLAlchemyError as fault:
            worker.tell(app, fault, "the timetable could not be kept")


def catch_up(scheduler: BackgroundScheduler, hours: Mapping[str, int], now: datetime) -> None:
    """Do at once what a day missed: no worker ran at its hour, or the one that ran was dead and still had the lease."""
    for name, hour in hours.items():
        if is_missed(name, hour, now - CATCH_UP_AFTER):
            scheduler.modify_job(name, next_run_time=now)


def is_missed(name: str, hour: int, now: datetime) -> bool:
    """Whether a daily task has not run since it was last due."""
    local = now.astimezone(SHANGHAI)
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    due -= timedelta(days=local < due)
    last = next((one.started for one in works.tasks() if one.name == name), None)
    return last is None or last < due


def task(app: Flask, holder: str, name: str, work: Callable[[datetime], object]) -> None:
    """One timed task: only under the lease, its run and its error noted."""
    with app.app_context():
        try:
            started = datetime.now(UTC)
            if not take_lease(LEASE, holder, LEASE_SECONDS + SEAL_EVERY, now=started):
                return
            note_task(name, started=started, error=_tried(app, name, work, started), ended=datetime.now(UTC))
        except SQLAlchemyError as fault:
            worker.tell(app, fault, f"the task {name} could not be done")


def _tried(app: Flask, name: str, work: Callable[[datetime], object], started: datetime) -> str:
    """Do a timed task; its error as the timetable shows it, "" for none."""
    try:
        work(started)
    except Exception as fault:
        if is_away(fault):
            raise
        app.logger.exception("the task %s failed", name)
        return told(fault)
    return ""


def told(fault: Exception) -> str:
    """A fault as the timetable shows it: a refusal in its words, of any other its type and place, because its words
    may quote somebody's data."""
    if isinstance(fault, Refused):
        return str(fault)
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} ({Path(frame.filename).name}:{frame.lineno})"
