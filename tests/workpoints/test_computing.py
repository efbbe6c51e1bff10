"""A month's bonus is computed outside the request: asked for on its page, done once whoever dies, told to everybody."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from alliance.audit.models import Event, Run
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.jobs import kinds
from alliance.work import queries as work
from alliance.work import services as working
from alliance.work.models import Job
from alliance.work.rules import STALE
from alliance.workpoints import queries, services
from alliance.workpoints.models import BonusRun
from tests.conftest import Client, run_jobs
from tests.small import CLOCK, by
from tests.work.test_kinds import WORKER
from tests.workpoints.small_bonus import HOSPITAL
from tests.workpoints.test_runs import MONTH, approved, day, lines, prepared, published

PAGE = f"/workpoints/runs/compute/{HOSPITAL}/{MONTH}"
SignIn = Callable[[str], Client]


def kept() -> tuple[int, int]:
    """Runs of the bonus and runs of figures beyond those of the budget."""
    db.session.rollback()
    figures = select(func.count()).select_from(Run).where(Run.subject.not_like("budget%"))
    return db.session.scalar(select(func.count()).select_from(BonusRun)) or 0, db.session.scalar(figures) or 0


def test_a_month_is_asked_for_on_its_page_which_leads_to_the_run(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        prepared(1)
    office = client_as("h1.bonus")
    page = office.send(PAGE).location
    assert page == "/work/jobs/read/1?follow=1"
    assert "正在核算" in office.get(PAGE).get_data(as_text=True)
    assert run_jobs(app) == 1
    answer = office.get(page)
    assert answer.location == f"/workpoints/runs/read/{HOSPITAL}/{MONTH}"
    assert "已测算" in office.get(answer.location).get_data(as_text=True)
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.act == Act.WORKPOINTS_RUN_COMPUTE.value)).one()
        assert (event.account, event.subject) == ("h1.bonus", f"bonus:{HOSPITAL}/{MONTH}@1")


def test_two_who_ask_get_one_job_and_the_second_is_told(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        prepared(1)
        services.queue_run(1, HOSPITAL, MONTH, by=by("h1.lead"), now=CLOCK)
    office = client_as("h1.bonus")
    answer = office.send(PAGE)
    assert answer.location == "/work/jobs/read/1?follow=1"
    assert "已有人提交" in office.get(answer.location).get_data(as_text=True)
    assert run_jobs(app) == 1
    with app.app_context():
        assert len(queries.bonus_runs(1, HOSPITAL)) == 1


def test_what_is_known_to_be_missing_is_refused_on_the_page_and_leaves_no_job(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        prepared(1)
    answer = client_as("h1.bonus").send(f"/workpoints/runs/compute/{HOSPITAL}/2026-05")
    assert answer.status_code == 422
    assert "D1-1" in answer.get_data(as_text=True)
    assert client_as("h1.bonus").send(f"/workpoints/runs/compute/{HOSPITAL}/2025-05").status_code == 422  # no budget
    assert run_jobs(app) == 0


def test_a_run_that_has_gone_further_is_refused_at_once(inside: Flask) -> None:
    published(prepared(1))
    with pytest.raises(Refused, match="published"):
        services.queue_run(1, HOSPITAL, MONTH, by=by("h1.bonus"), now=day(3))


def test_an_approved_run_is_refused_at_once(inside: Flask) -> None:
    approved(prepared(1))
    with pytest.raises(Refused):
        services.queue_run(1, HOSPITAL, MONTH, by=by("h1.bonus"), now=day(12))


def test_a_draft_that_was_computed_again_takes_the_place_of_the_one_before(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        services.compute_run(prepared(1), HOSPITAL, MONTH, lines(), by=by("h1.bonus"), now=day(2))
    client_as("h1.bonus").send(PAGE)
    assert run_jobs(app) == 1
    with app.app_context():
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        assert run.number == 2


def test_what_is_cancelled_before_its_turn_leaves_no_run(inside: Flask) -> None:
    prepared(1)
    before = kept()
    number = services.queue_run(1, HOSPITAL, MONTH, by=by("h1.bonus"), now=CLOCK)
    working.cancel_job(1, number, by=by("h1.bonus"), now=CLOCK)
    assert run_jobs(inside) == 0
    assert kept() == before


@pytest.mark.parametrize("moment", ["progress", "end"])
def test_a_killed_worker_leaves_no_half_run_and_another_does_it_once(
    app: Flask, inside: Flask, tmp_path: Path, moment: str
) -> None:
    prepared(1)
    before = kept()
    number = services.queue_run(1, HOSPITAL, MONTH, by=by("h1.bonus"), now=CLOCK)
    command = [sys.executable, "-c", WORKER, app.config["SQLALCHEMY_DATABASE_URI"], str(tmp_path), moment]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGKILL)
    done = (before[0] + 1, before[1] + 2)
    assert kept() == (before if moment == "progress" else done)
    if moment == "end":  # units publish before the job is taken up again: it must not be refused for that
        services.publish_rest(1, HOSPITAL, MONTH, by=by("h1.bonus"), now=day(2))
    assert not kinds.work_off(app, "other")  # its sign of life is young
    db.session.execute(update(Job).values(heartbeat=CLOCK - STALE - timedelta(seconds=1)))
    db.session.commit()
    assert kinds.work_off(app, "other")
    assert kept() == done
    found = work.job(Scope(1, "h1.bonus", "H1", frozenset(), None), number)
    assert found is not None
    assert (found.state, found.attempts) == ("done", 2)
