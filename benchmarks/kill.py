"""What a kill costs: clients file readings through the web while a worker of the web server is killed again and again.

`python -m benchmarks.kill [--kills N] [--database sqlite|postgresql]`. Every acknowledged save must be there, and none
half done: a filing is four readings and one event, all or nothing. A request whose answer was lost is sent again with
the same token and must be done once. PostgreSQL is a throw-away server of the tests.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from flask_migrate import upgrade
from sqlalchemy import text

from alliance.config import Config
from alliance.db import db
from app import create_app
from benchmarks.crowd import free_port
from tests.postgres import cluster
from tests.small import MEMBERS, PASSWORD, build

ROOT = Path(__file__).parents[1]
SECRET = "0123456789abcdef" * 3
PERIOD = "2026-04"
ELEMENTS = ("E1", "E2", "E3", "E4")
WORKERS = 3


@dataclass
class Clerk:
    """A member's clerk, who files the numbers 1, 2, 3 … as all four values of the month."""

    port: int
    member: str
    cookie: str = ""
    acknowledged: list[int] = field(default_factory=list)
    lost: int = 0  # answers that never came
    again: int = 0  # requests sent again with the same token
    number: int = 0

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, place it leads to, and text; OSError or HTTPException when the answer is lost."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Cookie": self.cookie} if self.cookie else {}
            if form is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = connection.getresponse()
            body = answer.read().decode()
            for line in answer.headers.get_all("Set-Cookie") or ():
                if line.startswith("session="):
                    self.cookie = line.partition(";")[0]
            return answer.status, answer.headers.get("Location", ""), body
        finally:
            connection.close()

    def patiently(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        while True:
            try:
                return self.ask(method, path, form)
            except (OSError, HTTPException):
                self.lost += 1
                self.again += 1
                time.sleep(0.05)

    def sign_in(self) -> None:
        page = self.patiently("GET", "/accounts/sessions/open")[2]
        form = {"csrf_token": token(page), "account": f"{self.member.lower()}.reporter", "password": PASSWORD}
        status, where, _body = self.patiently("POST", "/accounts/sessions/open", form)
        assert (status, where) == (302, "/"), (status, where)

    def file(self) -> None:
        """One filing: read the form, send it, and when the answer is lost send the same again."""
        path = f"/indicators/readings/file/{PERIOD}/{self.member}"
        page = self.patiently("GET", path)[2]
        self.number += 1
        form = {"csrf_token": token(page), "once": field_of(page, "once"), "document": ""}
        for element in ELEMENTS:
            form[f"value-{element}"] = str(self.number)
            form[f"seen-{element}"] = field_of(page, f"seen-{element}")
        status, _where, body = self.patiently("POST", path, form)
        assert status in (302, 303), (status, re.sub(r"<[^>]+>", " ", body)[-500:])
        self.acknowledged.append(self.number)


def token(page: str) -> str:
    return field_of(page, "csrf_token")


def field_of(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*value="([^"]*)"', page)
    assert found, (name, page[:3000])
    return found[1]


def workers_of(server: int) -> list[int]:
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server)], capture_output=True, text=True, check=False)
    return [int(line) for line in listing.stdout.split()]


def killing(server: int, kills: int, clerks: list[Clerk]) -> int:
    """Kill workers at moments of chance, each time after something was acknowledged since the last kill."""
    chance, done = random.Random(11), 0
    while done < kills:
        before = sum(len(clerk.acknowledged) for clerk in clerks)
        end = time.monotonic() + 20
        while sum(len(clerk.acknowledged) for clerk in clerks) == before and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.3)
        alive = workers_of(server)
        if alive:
            try:
                os.kill(chance.choice(alive), signal.SIGKILL)
            except ProcessLookupError:
                continue
            done += 1
    return done


def check(clerks: list[Clerk]) -> list[str]:
    """What is wrong with what is kept; empty when nothing is."""
    wrong = []
    for clerk in clerks:
        where = {"member": clerk.member, "period": PERIOD}
        kept: dict[str, list[str]] = {}
        for element in ELEMENTS:
            rows = db.session.execute(
                text(
                    "SELECT value FROM reading WHERE institution = :member AND period = :period AND element = :element "
                    "ORDER BY revision"
                ),
                {**where, "element": element},
            )
            kept[element] = [row[0] for row in rows]
        if len({tuple(values) for values in kept.values()}) != 1:
            wrong.append(f"{clerk.member}: a filing is half there: { {e: len(v) for e, v in kept.items()} }")
        values = [int(value) for value in kept["E1"]]
        missing = set(clerk.acknowledged) - set(values)
        if missing:
            wrong.append(f"{clerk.member}: acknowledged and not there: {sorted(missing)[:10]}")
        if len(values) != len(set(values)):
            wrong.append(f"{clerk.member}: done twice")
        events = db.session.scalar(
            text("SELECT count(*) FROM event WHERE act = 'indicators:reading:file' AND subject = :subject"),
            {"subject": f"submission:{clerk.member}/{PERIOD}"},
        )
        if events != len(values):
            wrong.append(f"{clerk.member}: {events} events for {len(values)} filings")
    return wrong


def run(url: str, folder: Path, kills: int, port: int) -> None:
    # The small alliance lives in the spring of 2026: its open month must still be open now.
    app = create_app(Config(SECRET, folder, url, testing=True, secure_cookies=False))
    with app.app_context():
        upgrade()
        build()
        db.session.execute(text("UPDATE period_row SET due_at = '2099-01-01 00:00:00+00:00' WHERE code = '2026-04'"))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALLIANCE_")} | {
        "ALLIANCE_SECRET_KEY": SECRET,
        "ALLIANCE_DATA": str(folder),
        "ALLIANCE_DATABASE_URL": url,
        "ALLIANCE_INSECURE_COOKIES": "1",
        "ALLIANCE_LOG": "plain",
        "ALLIANCE_PASSWORD_DAYS": "0",  # the passwords of the small alliance are of its spring
    }
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    command += ["--workers", str(WORKERS), "--threads", "4", "--log-level", "critical", "--no-control-socket"]
    server = subprocess.Popen([*command, "app:create_app()"], cwd=ROOT, env=environment)
    try:
        clerks = [Clerk(port, member) for member in MEMBERS]
        for clerk in clerks:
            clerk.sign_in()
        stop, faults = threading.Event(), list[BaseException]()

        def work(clerk: Clerk) -> None:
            try:
                while not stop.is_set():
                    clerk.file()
            except BaseException as fault:
                faults.append(fault)
                stop.set()

        threads = [threading.Thread(target=work, args=(clerk,)) for clerk in clerks]
        for thread in threads:
            thread.start()
        began = time.perf_counter()
        done = killing(server.pid, kills, clerks)
        stop.set()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        if faults:
            raise faults[0]
    finally:
        server.terminate()
        try:
            server.wait(120)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    with app.app_context():
        wrong = check(clerks)
        db.session.remove()
        db.engine.dispose()
    saved, lost = sum(len(clerk.acknowledged) for clerk in clerks), sum(clerk.lost for clerk in clerks)
    print(f"{url.partition(':')[0]}: {done} kills in {took:.0f} s, {saved} saves acknowledged, {lost} answers lost")
    print("every acknowledged save is there, none is half done or done twice" if not wrong else "\n".join(wrong))
    if wrong:
        raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    chosen = parser.parse_args()
    for backend in chosen.database or ("sqlite", "postgresql"):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = f"sqlite:///{folder}/kill.sqlite3"
            if backend == "postgresql":
                url = stack.enter_context(cluster()).create("kill")
            run(url, folder, chosen.kills, free_port())


if __name__ == "__main__":
    main()
