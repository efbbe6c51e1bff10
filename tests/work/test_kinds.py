"""What jobs do: official scores, trials, large imports, bulletins; asked for on pages, done once whoever dies."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from alliance.accounts import queries as accounts
from alliance.audit.models import Event, Run
from alliance.bulletins import queries as bulletins
from alliance.bulletins import services as bulletin_services
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.evaluation import queries as evaluation
from alliance.evaluation import services as scoring
from alliance.funds import services as funds
from alliance.funds.services import TotalRow
from alliance.indicators import services as filing
from alliance.jobs import kinds, readings, scores
from alliance.work import queries, services
from alliance.work.models import Job
from alliance.work.rules import STALE
from tests.conftest import Client, file_made, run_jobs
from tests.small import CLOCK, MEMBERS, at, by, decide

Q1 = "2026Q1"
OFFICE = Scope(1, "office", "H1", frozenset({"office"}), None)
SignIn = Callable[[str], Client]
# A worker in a process of its own that stands still at a moment of a job: `progress` before its verb, `end` after it.
WORKER = """
import sys, time
from pathlib import Path
from alliance import worker
from alliance.jobs import kinds
from tests.conftest import make

def stand_still(*args, **kwargs):
    print("here", flush=True)
    time.sleep(60)

setattr(worker, {"progress": "note_progress", "end": "end_job"}[sys.argv[3]], stand_still)
app = make(sys.argv[1], Path(sys.argv[2]))
kinds.work_off(app, "killed")
"""


def runs() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Run)) or 0


def test_official_scores_are_asked_for_and_the_page_leads_to_them(app: Flask, client_as: SignIn) -> None:
    office = client_as("office")
    page = office.send("/evaluation/runs/compute", period=Q1).location
    assert page == "/work/jobs/read/1?follow=1"
    assert office.send("/evaluation/runs/compute", period=Q1).location == page  # two clicks give one job
    assert "测算正式得分" in office.get(page).get_data(as_text=True)
    assert run_jobs(app) == 1
    answer = office.get(page)
    assert answer.location == "/evaluation/runs/read/1"
    assert "正式得分已测算并留存" in office.get("/evaluation/runs/read/1").get_data(as_text=True)
    with app.app_context():
        assert runs() == 1
        event = db.session.scalars(select(Event).where(Event.act == Act.EVALUATION_RUN_COMPUTE.value)).one()
        assert (event.account, event.subject) == ("office", "run:1")


def test_what_cannot_be_scored_is_refused_on_the_form_and_leaves_no_job(app: Flask, client_as: SignIn) -> None:
    answer = client_as("office").send("/evaluation/runs/compute", period="2026Q2")
    assert answer.status_code == 422
    assert "尚未结束" in answer.get_data(as_text=True)
    assert run_jobs(app) == 0


def test_a_trial_is_a_job_of_the_office_and_the_analyst(app: Flask, client_as: SignIn) -> None:
    analyst = client_as("analyst")
    page = analyst.send("/evaluation/runs/try", period=Q1, scheme="2026/1").location
    assert client_as("chair").get(page).status_code == 404
    assert client_as("office").get(page).status_code == 200
    run_jobs(app)
    assert client_as("analyst").get(page).location == "/evaluation/trials/read/1"


@pytest.mark.parametrize("moment", ["progress", "end"])
def test_a_killed_worker_leaves_its_job_to_another_that_does_it_once(
    app: Flask, inside: Flask, tmp_path: Path, moment: str
) -> None:
    number = scoring.queue_run(1, Q1, by=by("office"), now=CLOCK)
    command = [sys.executable, "-c", WORKER, app.config["SQLALCHEMY_DATABASE_URI"], str(tmp_path), moment]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert runs() == (0 if moment == "progress" else 1)
    assert not kinds.work_off(app, "other")  # its sign of life is young
    db.session.execute(update(Job).values(heartbeat=CLOCK - STALE - timedelta(seconds=1)))
    db.session.commit()
    assert kinds.work_off(app, "other")
    assert runs() == 1
    db.session.rollback()
    found = queries.job(OFFICE, number)
    assert found is not None
    assert (found.state, found.attempts) == ("done", 2)
    assert found.result is not None
    assert found.result.values == {"number": evaluation.runs(1)[0].run_id}


def table(changed: int = 1) -> bytes:
    """Values of April of every member."""
    rows = [f"{code},{element},{n + changed}" for code in MEMBERS for n, element in enumerate(("E1", "E2", "E3", "E4"))]
    return "\n".join(["institution,element,value", *rows]).encode()


def apply(client: Client, content: bytes) -> str:
    """Check a file and apply it: where that leads."""
    where = "/indicators/readings/import"
    answer = client.send(where, period="2026-04", document="list", file=(BytesIO(content), "april.csv"), check="1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200, re.sub(r"<[^>]+>", " ", page)
    kept = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index]
        for name in ("kept", "name", "report")
    }
    return client.send(where, period="2026-04", document="list", apply="1", **kept).location


def test_a_large_import_is_a_job_and_a_small_one_is_not(
    app: Flask, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = client_as("office")
    assert apply(office, table()) == "/indicators/submissions/list?period=2026-04"
    monkeypatch.setattr(filing, "LARGE", 3)
    page = apply(office, table(2))
    assert page == "/work/jobs/read/1?follow=1"
    assert run_jobs(app) == 1
    assert office.get(page).location == "/indicators/submissions/list?period=2026-04"
    assert "已保存20项数据" in office.get("/indicators/submissions/list?period=2026-04").get_data(as_text=True)


def test_the_marked_workbook_of_a_large_table_is_made_by_a_job(
    app: Flask, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "LARGE", 3)
    office = client_as("office")
    wrong = table().replace(b"C3,E1,1", b"C3,E1,many")
    where, file = "/indicators/readings/import", (BytesIO(wrong), "april.csv")
    answer = office.send(where, period="2026-04", document="list", file=file, check="1")
    assert answer.status_code == 422
    page = "/work/jobs/read/1?follow=1"
    assert page in answer.get_data(as_text=True)
    assert run_jobs(app) == 1
    made = file_made(office, page)
    book = load_workbook(BytesIO(office.get(made).data))
    assert [cell.value for row in book.active.iter_rows() for cell in row if cell.comment] == ["many"]
    # It lies among the uploads of who asked: for others there is nothing.
    assert client_as("office2").get(made).status_code == 404
    assert client_as("office2").get(page).status_code == 404


def test_a_large_import_is_refused_when_something_changed_meanwhile(
    app: Flask, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "LARGE", 3)
    office = client_as("office")
    page = apply(office, table())
    with app.app_context():
        readings.import_reading(1, "2026-04", [], "x", by=by("office"), now=CLOCK)
        filing.open_period(1, "2026-05", at(1, 7), by=by("office"), now=at(1, 6))
        db.session.execute(update(Job).values(parameters={**queries.job(OFFICE, 1).parameters, "report": "other"}))  # type: ignore[union-attr]
        db.session.commit()
    run_jobs(app)
    text = office.get(page).get_data(as_text=True)
    assert "失败" in text
    assert "/indicators/readings/import?period=2026-04" in text


@pytest.fixture
def decided(inside: Flask) -> str:
    """The number of a bulletin that is decided and not issued."""
    scoring.compute_run(1, Q1, by=by("office"), now=at(20))
    funds.file_total(1, Q1, [TotalRow(code, 10_000_000, None) for code in MEMBERS], "list", by=by("office"), now=at(20))
    number = funds.compute_fund(1, Q1, by=by("office"), now=at(21))
    decide(1, "2026-010", f"fund:{number}", at(22))
    funds.decide_fund(1, number, decision="2026-010", by=by("chair"), now=at(22))
    bulletin = bulletin_services.compose_bulletin(1, Q1, "开头", by=by("office"), now=at(23))
    decide(1, "2026-020", f"bulletin:{bulletin}", at(24))
    bulletin_services.decide_bulletin(1, bulletin, decision="2026-020", by=by("chair"), now=at(24))
    assert accounts.decisions(1, f"bulletin:{bulletin}")
    return bulletin


def test_a_bulletin_is_issued_by_a_job_in_the_name_of_who_asked(app: Flask, decided: str) -> None:
    number = bulletin_services.queue_bulletin(1, decided, by=by("office2"), now=CLOCK)
    assert bulletin_services.queue_bulletin(1, decided, by=by("office"), now=CLOCK) == number
    assert run_jobs(app) == 1
    db.session.rollback()
    found = bulletins.bulletin(OFFICE, decided)
    assert found is not None
    assert (found.state, found.issued_by) == ("issued", "office2")
    content, _digest = bulletins.pdf(OFFICE, decided, "en") or (b"", "")
    assert content.startswith(b"%PDF")
    with pytest.raises(Refused, match="issued and stays"):
        bulletin_services.queue_bulletin(1, decided, by=by("office"), now=CLOCK)


def test_a_cancelled_bulletin_is_not_issued(app: Flask, decided: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number = bulletin_services.queue_bulletin(1, decided, by=by("office"), now=CLOCK)

    def cancelling(_html: str) -> bytes:
        services.cancel_job(1, number, by=by("office"), now=CLOCK)
        return b"%PDF"

    monkeypatch.setattr(scores, "render", cancelling)
    run_jobs(app)
    db.session.rollback()
    assert queries.job(OFFICE, number).state == "cancelled"  # type: ignore[union-attr]
    assert bulletins.bulletin(OFFICE, decided).state == "decided"  # type: ignore[union-attr]
