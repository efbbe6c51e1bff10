"""The database goes away and comes back: the health door, the pages and the worker meanwhile, and after."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text

from alliance import worker
from alliance.db import db, is_away
from alliance.i18n import LANGUAGES
from alliance.jobs import kinds, timetable
from alliance.work import services
from app import create_app
from tests import walk
from tests.conftest import Client, configured
from tests.small import CLOCK

QUICK = 3  # seconds


@contextmanager
def away(app: Flask) -> Iterator[None]:
    """The database of an app does not answer inside: connections are cut, new ones are refused."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    with app.app_context():
        db.session.remove()
        engine = db.engine
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        for part in file.parent.glob(f"{file.name}*"):
            part.rename(part.with_name(f"away-{part.name}"))
        engine.dispose()
        file.mkdir()
        yield
        file.rmdir()
        for part in file.parent.glob(f"away-{file.name}*"):
            part.rename(part.with_name(part.name.removeprefix("away-")))
        return
    plain = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS false')
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database])
        yield
        server.execute(f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS true')


def unreachable(tmp_path: Path, kind: str) -> Flask:
    """An app whose database is not there: nobody listens at its port, or its file is none of SQLite."""
    if kind == "file":
        (tmp_path / "broken.sqlite3").write_bytes(b"no database at all" * 100)
        return create_app(configured(f"sqlite:///{tmp_path}/broken.sqlite3", tmp_path))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return create_app(configured(f"postgresql+psycopg://nobody@127.0.0.1:{port}/none", tmp_path))


def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "1.a-session-of-somebody"
    return client


@pytest.mark.parametrize("kind", ["port", "file"])
def test_the_health_door_says_in_a_moment_that_there_is_no_database(tmp_path: Path, kind: str) -> None:
    client = signed_in(unreachable(tmp_path, kind))
    began = time.monotonic()
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (503, {"status": "database"})
    assert answer.headers["Retry-After"] == "60"
    answer = client.get("/ready")
    assert answer.json == {"database": False, "migrations": None, "worker": None}
    assert time.monotonic() - began < QUICK


def test_a_database_without_tables_is_there_and_waits_for_its_migrations(tmp_path: Path) -> None:
    client = signed_in(create_app(configured(f"sqlite:///{tmp_path}/new.sqlite3", tmp_path)))
    answer = client.get("/ready")
    assert (answer.status_code, answer.json) == (503, {"database": True, "migrations": False, "worker": None})
    assert client.get("/health").json == {"status": "ok"}


@pytest.mark.parametrize("statement", ["UPDATE alembic_version SET version_num = '0001'", "DROP TABLE alembic_version"])
def test_a_worker_is_seen_also_where_migrations_are_missing(app: Flask, statement: str) -> None:
    with app.app_context():
        services.take_lease("timetable", "a", 60, now=CLOCK)
        db.session.execute(text(statement))
        db.session.commit()
    answer = signed_in(app).get("/ready")
    assert (answer.status_code, answer.json) == (503, {"database": True, "migrations": False, "worker": True})


@pytest.mark.parametrize("path", ["/", "/nowhere", "/accounts/accounts/read"])
@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("kind", ["port", "file"])
def test_a_page_without_its_database_says_what_happened_and_what_to_do(
    tmp_path: Path, kind: str, language: str, path: str
) -> None:
    client = signed_in(unreachable(tmp_path, kind))
    client.set_cookie("language", language)
    answer = client.get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert walk.wrong_words(page) == []
    said = {
        "zh": ("数据库无响应", "没有丢失", "请等待一分钟"),
        "en": ("does not answer", "not lost", "Wait a minute"),
    }[language]
    assert all(words in page for words in said)
    assert answer.headers["X-Request-ID"] in page
    assert "OperationalError" not in page


def test_people_go_on_when_the_database_is_back(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    assert client.get("/").status_code == 200
    with away(app):
        assert client.get("/health").status_code == 503
        assert client.get("/").status_code == 503
    assert client.get("/health").json == {"status": "ok"}
    assert client.get("/").status_code == 200


def test_the_worker_says_once_a_minute_that_it_waits_and_goes_on(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0]
    monkeypatch.setattr(worker, "monotonic", lambda: passed[-1])
    ran: list[str] = []

    def turn() -> None:
        timetable.task(app, "a", "note", lambda _now: ran.append("task"))
        timetable.plan(app, SimpleNamespace(get_jobs=list), "a")
        assert kinds.work_off(app, "a") is False

    with away(app):
        for seconds in (0.0, 0.5, 30.0, 59.0, 60.0, 119.0):
            passed.append(seconds)
            turn()
    turn()
    assert ran == ["task"]
    lines = [(one.levelname, one.exc_info) for one in caplog.records]
    assert lines == [("ERROR", None), ("ERROR", None), ("WARNING", None)]
    assert "answers again" in caplog.records[-1].getMessage()


def test_a_task_during_which_the_database_goes_leaves_no_trace(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    gone = away(app)

    def asks(_now: object) -> None:
        gone.__enter__()
        db.session.scalar(db.text("SELECT 1"))

    timetable.task(app, "a", "note", asks)
    gone.__exit__(None, None, None)
    assert [(one.levelname, one.exc_info) for one in caplog.records] == [("ERROR", None)]


def test_what_is_asked_wrongly_is_no_outage(inside: Flask) -> None:
    with pytest.raises(Exception, match="nothing_of_this_name") as wrong:
        db.session.execute(db.text("SELECT * FROM nothing_of_this_name"))
    assert not is_away(wrong.value)
    assert not is_away(ValueError("no database at all"))
