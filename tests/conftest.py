"""What tests share: an app on a database of its own, on SQLite and on PostgreSQL, and a client that looks closely."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any

import html5lib
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings
from sqlalchemy import make_url
from werkzeug.test import TestResponse

from alliance.accounts.services import passwords
from alliance.config import Config
from alliance.db import db
from alliance.demo import story
from alliance.jobs import kinds
from app import create_app
from tests.postgres import Cluster, cluster
from tests.small import CLOCK, PASSWORD, build
from tests.thrift import share

DEMO_DAY = date(2026, 11, 12)
# Signing in is dear on purpose; in tests it need not be.
passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

# The same examples in every run, so that a test that passed fails only for what was changed since;
# `--hypothesis-profile=search` looks for new ones.
settings.register_profile("house", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, max_examples=2000)
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


def configured(url: str, folder: Path, *, demo: bool = False) -> Config:
    return Config("t" * 40, folder, url, demo, secure_cookies=False, testing=True)


def make(url: str, folder: Path, *, demo: bool = False) -> Flask:
    app = share(create_app(configured(url, folder, demo=demo)))
    app.config["CLOCK"] = lambda: CLOCK
    return app


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The whole demo alliance for the tests that read it or walk through it: loaded once, copied in each process."""
    folder, shared = tmp_path_factory.mktemp("demo"), tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "demo").exists():
            made = folder / "made"
            made.mkdir()
            load_demo(made / "demo.sqlite3")
            # The files beside the database are the demo's too: charge lines, papers of verifications.
            made.rename(shared / "demo")
    place = folder / "demo"
    shutil.copytree(shared / "demo", place)
    return create_app(configured(f"sqlite:///{place}/demo.sqlite3", place, demo=True))


def load_demo(file: Path) -> None:
    """Load the whole demo into a file; beside it lie the files that belong to it."""
    app = create_app(configured(f"sqlite:///{file}", file.parent, demo=True))
    with app.app_context():
        upgrade()
        story.load(DEMO_DAY, lambda _: None)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """Gives the URL of a migrated database to copy: `empty`, or `small` with the small alliance in it.

    Each is made when it is first asked for, and of each there is one in every process that runs tests.
    """
    made: dict[tuple[str, str], str] = {}

    def wanted(backend: str, name: str) -> str:
        if (backend, name) not in made:
            folder = tmp_path_factory.mktemp(f"{backend}_{name}")
            if backend == "sqlite":
                url = f"sqlite:///{folder / name}.sqlite3"
            else:
                url = request.getfixturevalue("postgresql").create(f"template_{name}")
            with make(url, folder).app_context():
                upgrade()
                if name == "small":
                    build()
                db.session.remove()
                db.engine.dispose()
            made[backend, name] = url
        return made[backend, name]

    return wanted


@pytest.fixture
def copy(
    backend: str, template: Callable[[str, str], str], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Flask]]:
    """Makes an app on a copy of a template."""
    apps: list[tuple[Flask, str]] = []

    def made(name: str) -> Flask:
        origin = template(backend, name)
        if backend == "sqlite":
            target = tmp_path / f"{name}.sqlite3"
            shutil.copyfile(origin.removeprefix("sqlite:///"), target)
            url = f"sqlite:///{target}"
        else:
            running: Cluster = request.getfixturevalue("postgresql")
            label = re.sub(r"\W", "_", f"t_{tmp_path.name}_{len(apps)}")[:60].lower()
            url = running.create(label, f"template_{name}")
        app = make(url, tmp_path)
        apps.append((app, url))
        return app

    yield made
    for app, url in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        if backend == "postgresql":
            request.getfixturevalue("postgresql").drop(make_url(url).database)


@pytest.fixture
def empty(copy: Callable[[str], Flask]) -> Iterator[Flask]:
    """An app on a migrated database with nothing in it, its context pushed."""
    app = copy("empty")
    with app.app_context():
        yield app


@pytest.fixture
def app(copy: Callable[[str], Flask]) -> Flask:
    """An app with the small alliance."""
    return copy("small")


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """The small alliance with its context pushed, for verbs and questions."""
    with app.app_context():
        yield app


class Client(FlaskClient):
    """A client that looks at every page: valid HTML, one h1, and no session left uncommitted."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # type: ignore[override]
        answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303):
            text = answer.get_data(as_text=True)
            parser = html5lib.HTMLParser(strict=True)
            parser.parse(text)
            assert len(re.findall(r"<h1[ >]", text)) == 1, f"{answer.request.path}: not one h1"
            ids = re.findall(r'\sid="([^"]+)"', text)
            assert len(ids) == len(set(ids)), f"{answer.request.path}: ids {sorted(i for i in ids if ids.count(i) > 1)}"
        return answer

    def token(self, path: str = "/accounts/sessions/open") -> str:
        """The CSRF token of this session, from a page that holds a form."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path).get_data(as_text=True))
        assert found
        return found[1]

    def sign_in(self, account: str) -> Client:
        answer = self.post(
            "/accounts/sessions/open", data={"account": account, "password": PASSWORD, "csrf_token": self.token()}
        )
        assert answer.status_code == 302, answer.get_data(as_text=True)[:2000]
        return self

    def send(self, path: str, **data: Any) -> TestResponse:
        """POST with the CSRF token."""
        return self.post(path, data={"csrf_token": self.token(), **data})


@pytest.fixture
def client_as(app: Flask) -> Callable[[str], Client]:
    """A client signed in as an account, or as nobody with ""."""
    app.test_client_class = Client

    def signed(account: str) -> Client:
        client = app.test_client()
        assert isinstance(client, Client)
        return client.sign_in(account) if account else client

    return signed


def run_jobs(app: Flask) -> int:
    """Do all jobs that wait, as the worker does them; how many there were."""
    count = 0
    while kinds.work_off(app, "test"):
        count += 1
    return count


def file_made(client: FlaskClient, page: str) -> str:
    """The address of the file that a job made, whose download its page begins."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', client.get(page).get_data(as_text=True))
    assert found, page
    return unescape(found[1])


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
