"""The worker's lease and its tasks, the seals of events, the health door."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from alliance import watch
from alliance.audit import services as audit
from alliance.audit.models import Event, EventSeal
from alliance.audit.rules import event_text
from alliance.core.acts import Act
from alliance.db import db
from alliance.house.turns import HEAVY
from alliance.jobs import timetable
from alliance.work import queries, services
from alliance.work.models import TaskRun
from alliance.work.rules import TURNS
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

    timetable.task(inside, "here", "print", broken)
    noted = db.session.get(TaskRun, "print")
    assert noted is not None
    assert noted.error.startswith("ValueError (test_services.py:")
    timetable.task(inside, "here", "print", lambda _: None)
    db.session.rollback()  # what the task wrote is seen by a new transaction
    assert db.session.get(TaskRun, "print").error == ""  # type: ignore[union-attr]


def test_every_event_is_sealed_once_and_the_seals_chain(inside: Flask) -> None:
    whole = db.session.query(Event).count()
    assert audit.seal_events(now=CLOCK, limit=10) == 10
    assert audit.seal_events(now=CLOCK) == whole - 10
    assert audit.seal_events(now=CLOCK) == 0
    first, second = db.session.scalars(select(EventSeal).order_by(EventSeal.id))
    assert second.first_event == first.last_event + 1
    row = [first.seal, second.id, "2026-05-10T02:00:00.000000+00:00", second.first_event, second.last_event]
    chained = "\n".join(map(str, [*row, second.count, second.root]))
    assert second.seal == hashlib.sha256(chained.encode()).hexdigest()
    events = db.session.scalars(select(Event).where(Event.id <= first.last_event).order_by(Event.id))
    texts = [
        event_text(one.id, one.alliance_id, one.at, one.act, one.subject, one.account, one.detail, one.once)
        for one in events
    ]
    assert first.root == hashlib.sha256("\n".join(texts).encode()).hexdigest()


def test_the_portal_says_that_it_is_well(client_as: Callable[[str], Client]) -> None:
    assert client_as("").get("/health").json == {"status": "ok"}


def test_the_portal_is_ready_when_a_worker_is_there(app: Flask, client_as: Callable[[str], Client]) -> None:
    stranger = client_as("")
    answer = stranger.get("/ready")
    assert (answer.status_code, answer.json) == (503, {"database": True, "migrations": True, "worker": False})
    with app.app_context():
        services.take_lease("timetable", "a", 60, now=CLOCK - timedelta(minutes=3))
    assert stranger.get("/ready").status_code == 200
    app.config["CLOCK"] = lambda: CLOCK + timedelta(minutes=10)
    assert stranger.get("/ready").json == {"database": True, "migrations": True, "worker": False}


def test_an_account_gets_so_many_turns_a_minute_and_then_waits(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        assert all(services.take_turn("office", now=CLOCK) for _ in range(TURNS))
        assert not services.take_turn("office", now=CLOCK)
        assert services.take_turn("analyst", now=CLOCK)
    answer = client_as("office").send("/evaluation/runs/compute", period="2026Q1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "一次要求过多" in answer.get_data(as_text=True)
    client_as("office").send("/accounts/languages/choose", lang="en")
    assert "Too much at once" in client_as("office").get("/members/workbook/export").get_data(as_text=True)
    with app.app_context():
        assert services.take_turn("office", now=CLOCK + timedelta(minutes=1))


def test_every_import_is_among_what_takes_turns() -> None:
    assert {act for act in Act if act.value.endswith(":import")} <= HEAVY


def test_the_meters_count_requests_and_events(app: Flask, client_as: Callable[[str], Client]) -> None:
    office = client_as("office")
    office.get("/members/institutions/list")
    office.get("/evaluation/runs/read/77")
    timetable.task(app, "here", "seal_events", lambda now: audit.seal_events(now=now))
    text = client_as("").get("/metrics").get_data(as_text=True)
    assert 'portal_requests_total{view="members.list_institutions",method="GET",status="2xx"} 1' in text
    assert 'portal_request_seconds_count{view="members.list_institutions"} 1' in text
    assert 'portal_request_seconds_bucket{view="members.list_institutions",le="+Inf"} 1' in text
    assert 'portal_events_total{act="accounts:session:open"} 1' in text
    assert 'portal_refusals_total{status="404"} 1' in text
    assert 'portal_task_failed{task="seal_events"} 0' in text
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-+.\de]+', line), line


def test_the_meters_are_read_here_or_with_the_token(app: Flask, client_as: Callable[[str], Client]) -> None:
    stranger = client_as("")
    elsewhere = {"REMOTE_ADDR": "10.1.2.3"}
    assert stranger.get("/metrics").status_code == 200
    assert stranger.get("/metrics", environ_base=elsewhere).status_code == 404
    assert stranger.get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 404
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], metrics_token="a token of Prometheus")
    shown = {"Authorization": "Bearer a token of Prometheus"}
    assert stranger.get("/metrics", environ_base=elsewhere, headers=shown).status_code == 200
    assert stranger.get("/metrics", environ_base=elsewhere, headers={"Authorization": "Bearer x"}).status_code == 404


def test_counters_of_several_processes_add_up_also_when_one_was_killed(tmp_path: Path) -> None:
    script = "import sys, os, signal; from pathlib import Path; from alliance.watch import Counters\n" + (
        "c = Counters(Path(sys.argv[1]))\nfor _ in range(1000): c.add('a')\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    here = watch.Counters(tmp_path)
    here.add("a", 0.5)
    assert here.totals() == {"a": 3000.5}
    assert len(list(tmp_path.glob("*.counters"))) == 2  # those of the dead are folded into one


def test_a_line_of_the_log_holds_no_personal_data(app: Flask, client_as: Callable[[str], Client]) -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(watch.JsonFormatter().format(record))  # type: ignore[method-assign]
    watch.requests.addHandler(handler)
    watch.requests.setLevel(logging.INFO)
    app.logger.addHandler(handler)
    try:
        answer = client_as("office").get("/members/institutions/list?name=Zhang")
        try:
            raise ValueError("the patient 110101199001011234")
        except ValueError:
            app.logger.exception("fault at %s", "somewhere")
    finally:
        watch.requests.removeHandler(handler)
        app.logger.removeHandler(handler)
    request = json.loads(lines[-2])
    assert request["request"] == answer.headers["X-Request-ID"]
    assert (request["view"], request["status"], request["account"]) == ("members.list_institutions", 200, "office")
    fault = json.loads(lines[-1])
    assert fault["fault"] == "ValueError"
    assert any("test_services.py" in place for place in fault["at"])
    assert "Zhang" not in "".join(lines)
    assert "110101" not in "".join(lines)


def test_the_first_receipt_of_a_form_stays(empty: Flask) -> None:
    services.keep_receipt("abc", "/first", now=CLOCK)
    services.keep_receipt("abc", "/second", now=CLOCK)
    assert queries.location_of("abc") == "/first"
