"""The speed of answering surveys: gunicorn, PostgreSQL, patients who open their link and send their answers.

`python -m benchmarks.surveys [ANSWERS]`. To reach on two cores: 50 answers a second, each with its page opened before.
Before any time counts: every answer that was thanked for is counted when the survey is closed, none twice, and every
link is marked. Printed beside it: the bytes of the form and of its style, and the time until the form is there.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from flask_migrate import upgrade
from sqlalchemy import func, select

from alliance.config import Config
from alliance.core.actor import Actor
from alliance.core.period import SHANGHAI
from alliance.db import db
from alliance.members import services as members
from alliance.members.rules import read_row
from alliance.ratings import queries, services
from alliance.ratings.models import SurveyCell, SurveyLink
from alliance.ratings.rules.fieldwork import ONCE
from alliance.ratings.rules.questions import NPS, SCALE
from app import create_app
from benchmarks.crowd import SECRET, free_port, served
from tests.postgres import cluster

ANSWERS, PATIENTS, MEMBERS = 2000, 12, 10  # answers in all, people at once, members asked about
TO_REACH = 50  # answers a second
OFFICE = Actor("office")


def found(count: int) -> tuple[int, int, list[str]]:
    """An alliance with a survey in the field: its id, the wave, the tokens of its links."""
    began, today = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(SHANGHAI).date()
    alliance = members.found_alliance("BENCH", "测速", "Benchmark", by=OFFICE, now=began)
    codes = [f"M{number:02}" for number in range(MEMBERS)]
    rows = [
        read_row({"code": code, "name_zh": code, "name_en": code, "tier": "primary", "joined": "2019-01-01"}, 0, [])
        for code in codes
    ]
    members.import_workbook(alliance, [row for row in rows if row], by=OFFICE, now=began)
    now = datetime.now(UTC)
    services.draft_survey(alliance, "outpatient", "outpatient", by=OFFICE, now=now)
    services.publish_survey(alliance, "outpatient", 1, by=OFFICE, now=now)
    wave = services.open_wave(
        alliance, "outpatient", 1, f"{today.year}Q{(today.month + 2) // 3}", today, today + timedelta(days=9), 5,
        by=OFFICE, now=now,
    )  # fmt: skip
    tokens: list[str] = []
    for code in codes:
        made = services.make_link(alliance, wave, (code, "", ""), ONCE, -(-count // MEMBERS), by=OFFICE, now=now)
        tokens += [one.token for one in made]
    return alliance, wave, tokens[:count]


class Patient(threading.Thread):
    """One after the other opens a link on a phone of its own and sends what was ticked."""

    def __init__(self, port: int, tokens: list[str], body: str) -> None:
        super().__init__()
        self.port, self.tokens, self.body = port, tokens, body
        self.thanked, self.faults = 0, list[str]()
        self.opened, self.sent = list[float](), list[float]()

    def run(self) -> None:
        while self.tokens:
            try:
                token = self.tokens.pop()
            except IndexError:
                return
            status, took = self._ask("GET", f"/s/{token}?agreed=1", None)
            self.opened.append(took)
            sent, took = self._ask("POST", f"/s/{token}", self.body)
            self.sent.append(took)
            self.thanked += sent == 200
            if (status, sent) != (200, 200):
                self.faults.append(f"{status} {sent}")

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, float]:
        """Status of an answer, and the seconds until its first byte."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        began = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        took = time.perf_counter() - began
        answer.read()
        connection.close()
        return answer.status, took


def ticked() -> str:
    """A form filled in, with a sentence."""
    given = {"words": "候诊时间有点长，希望能分时段预约。"}
    for question in queries.shipped("outpatient").questions:
        if question.kind == SCALE:
            given[question.code] = "4"
        elif question.kind == NPS:
            given[question.code] = "9"
    return urlencode(given)


def wrong(alliance: int, wave: int, thanked: int) -> list[str]:
    """What does not hold once the survey is closed."""
    counted = services.close_wave(alliance, wave, by=OFFICE, now=datetime.now(UTC))
    marked = db.session.scalar(select(func.count()).select_from(SurveyLink).where(SurveyLink.state == "used"))
    cells = db.session.scalar(select(func.sum(SurveyCell.count)).where(SurveyCell.question == ""))
    return [f"{name}: {number}, thanked for {thanked}" for name, number in
            (("answers", counted), ("links", marked), ("cells", cells)) if number != thanked]  # fmt: skip


def page_size(port: int, token: str) -> str:
    """The bytes of the form as it travels, and of its style."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"/s/{token}?agreed=1")
    whole = connection.getresponse().read()
    connection.close()
    style = Path(__file__).parents[1].joinpath("static", "survey.css").read_bytes()
    sizes = [f"{name} {len(one):,} bytes ({len(gzip.compress(one)):,} compressed)" for name, one in
             (("form", whole), ("style", style))]  # fmt: skip
    return ", ".join(sizes)


def main(count: int = ANSWERS) -> int:
    with cluster() as running, tempfile.TemporaryDirectory() as folder:
        url = running.create("surveys")
        app = create_app(Config(SECRET, Path(folder), url, testing=True))
        with app.app_context():
            upgrade()
            alliance, wave, tokens = found(count)
            db.session.remove()
            port, waiting = free_port(), list(tokens)
            patients = [Patient(port, waiting, ticked()) for _ in range(PATIENTS)]
            with served(url, folder, port):
                size = page_size(port, tokens[0])
                began = time.perf_counter()
                for one in patients:
                    one.start()
                for one in patients:
                    one.join()
                took = time.perf_counter() - began
            thanked = sum(one.thanked for one in patients)
            faults = [fault for one in patients for fault in one.faults] + wrong(alliance, wave, thanked)
            db.session.remove()
            db.engine.dispose()
    if faults:
        print(f"wrong: {len(faults)} faults, such as {faults[:5]}", file=sys.stderr)
        return 1
    print(f"right: {thanked} answers thanked for, each counted once, each link marked")
    print(size)
    for name, seconds in (("form opened", [s for one in patients for s in one.opened]),
                          ("answers sent", [s for one in patients for s in one.sent])):  # fmt: skip
        ordered = sorted(seconds)
        middle, late = ordered[len(ordered) // 2] * 1000, ordered[int(0.95 * (len(ordered) - 1))] * 1000
        print(f"{name:14} first byte p50 {middle:5.0f} ms, p95 {late:5.0f} ms")
    print(f"{thanked / took:.0f} answers a second, with {PATIENTS} people at once; to reach {TO_REACH}")
    return 0 if thanked / took >= TO_REACH else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
