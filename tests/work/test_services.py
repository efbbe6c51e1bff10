"""The worker's lease and its tasks, the seals of events, the health door."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from alliance import jobs
from alliance.audit import services as audit
from alliance.audit.models import Event, EventSeal
from alliance.db import db
from alliance.work import queries, services
from alliance.work.models import TaskRun
from tests.conftest import Client
from tests.small import CLOCK


def test_two_workers_take_turns_only_when_a_lease_has_run_out(inside: Flask) -> None:
    assert services.take_lease("timetable", "a", 60, now=CLOCK)
    assert not services.take_lease("timetable", "b", 60, now=CLOCK + timedelta(seconds=59))
    assert services.take_lease("timetable", "a", 60, now=CLOCK + timedelta(seconds=59))
    assert not services.take_lease("timetable", "b", 60, now=CLOCK + timedelta(seconds=100))
    assert services.take_lease("timetable", "b", 60, now=CLOCK + timedelta(seconds=120))


def test_a_task_that_fails_is_noted_with_its_error(inside: Flask) -> None:
    def broken(_: object) -> None:
        raise ValueError("no more paper")

    jobs.task(inside, "here", "print", broken)
    noted = db.session.get(TaskRun, "print")
    assert noted is not None
    assert noted.error == "ValueError: no more paper"
    jobs.task(inside, "here", "print", lambda _: None)
    db.session.rollback()  # what the task wrote is seen by a new transaction
    assert db.session.get(TaskRun, "print").error == ""  # type: ignore[union-attr]


def test_every_event_is_sealed_once_and_the_seals_chain(inside: Flask) -> None:
    whole = db.session.query(Event).count()
    assert audit.seal_events(now=CLOCK, limit=10) == 10
    assert audit.seal_events(now=CLOCK) == whole - 10
    assert audit.seal_events(now=CLOCK) == 0
    first, second = db.session.scalars(select(EventSeal).order_by(EventSeal.id))
    assert second.first_event == first.last_event + 1
    assert second.seal == hashlib.sha256(f"{first.seal}\n{second.root}".encode()).hexdigest()
    events = db.session.scalars(select(Event).where(Event.id <= first.last_event).order_by(Event.id))
    assert first.root == hashlib.sha256("\n".join(audit.event_text(event) for event in events).encode()).hexdigest()


def test_the_portal_says_that_it_is_well(client_as: Callable[[str], Client]) -> None:
    assert client_as("").get("/health").json == {"status": "ok"}


def test_the_first_receipt_of_a_form_stays(empty: Flask) -> None:
    services.keep_receipt("abc", "/first", now=CLOCK)
    services.keep_receipt("abc", "/second", now=CLOCK)
    assert queries.location_of("abc") == "/first"
