"""The speed of filing with forty people at once: gunicorn, PostgreSQL, a page every two seconds each.

`python -m benchmarks.grid [SECONDS]`. Each clerk opens the page of its member or saves a value, by turns of chance. To
reach at the 95th percentile: a value saved < 100 ms, the page < 200 ms. Before any time counts: every value that was
acknowledged stands in the database afterwards.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from json import loads
from pathlib import Path

from argon2 import PasswordHasher
from flask_migrate import upgrade

from alliance.accounts import services as accounts
from alliance.config import Config
from alliance.core.actor import Actor
from alliance.core.figure import State
from alliance.core.period import SHANGHAI, Period, PeriodKind
from alliance.db import db
from alliance.indicators import queries
from alliance.indicators import services as indicators
from alliance.indicators.rules.filing import Entry, Row
from alliance.members import services as members
from alliance.members.rules import read_row
from app import create_app
from benchmarks.crowd import SECRET, Visitor, all_at_work, free_port, report, served
from tests.grid import library
from tests.postgres import cluster

CLERKS, ELEMENTS = 40, 40
EARLIER = (1, 2, 3, 4, 5, 6, 12)  # months back that are filed and accepted
TO_REACH = {"a value saved": 100, "the page": 200}
PASSWORD = "example-pass-1"
SYSTEM, OFFICE, SECOND = Actor("system"), Actor("office"), Actor("second")
MEMBERS = [f"M{number:02}" for number in range(CLERKS)]


def found(period: Period) -> int:
    """The alliance with a clerk in each member, its earlier months accepted and one month open; its id."""
    began = datetime(2020, 1, 1, tzinfo=UTC)
    alliance = members.found_alliance("BENCH", "测速", "Benchmark", by=OFFICE, now=began)
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    people = [("office", "office", ""), ("second", "office", ""), *((f"c{code}", "reporter", code) for code in MEMBERS)]
    for account, role, place in people:
        accounts.create_account(account, PASSWORD, account, account, place, by=OFFICE, now=began, hashed=hashed)
        accounts.give_grant(account, role, alliance, place, date(2020, 1, 1), None, by=SYSTEM, now=began)
    rows = [
        read_row({"code": code, "name_zh": code, "name_en": code, "tier": "primary", "joined": "2019-01-01"}, 0, [])
        for code in MEMBERS
    ]
    members.import_workbook(alliance, [row for row in rows if row], by=OFFICE, now=began)
    indicators.load_library(alliance, library(ELEMENTS), by=OFFICE, now=began)
    codes = queries.library(alliance).elements
    for back in EARLIER:
        month = period.back(back)
        ended = datetime.combine(month.until, datetime.min.time(), SHANGHAI)
        indicators.open_period(alliance, month.code, ended + timedelta(days=9), by=OFFICE, now=ended)
        filed = [
            Row(member, code, Entry(Decimal(random.randint(100, 400)), State.VALUE))
            for member in MEMBERS
            for code in codes
        ]
        later = ended + timedelta(days=2)
        indicators.import_reading(alliance, month.code, filed, "bench", by=OFFICE, now=later)
        for member in MEMBERS:
            for one in queries.findings(alliance, month.code, member):
                if one.hard:
                    fixed = {one.code: (Entry(Decimal(100), State.VALUE), 1)}
                    indicators.file_reading(alliance, month.code, member, fixed, "bench", by=OFFICE, now=later)
            for one in queries.findings(alliance, month.code, member):
                indicators.explain_value(
                    alliance, month.code, member, one.code, one.value, "made up for timing", by=OFFICE, now=later
                )
        indicators.sign_submission(alliance, month.code, MEMBERS, by=OFFICE, now=later)
        indicators.submit_submission(alliance, month.code, MEMBERS, by=OFFICE, now=later)
        indicators.accept_submission(alliance, month.code, MEMBERS, by=SECOND, now=later)
    now = datetime.now(UTC)
    indicators.open_period(alliance, period.code, now + timedelta(days=9), by=OFFICE, now=now)
    return alliance


@dataclass(kw_only=True)
class Clerk(Visitor):
    """One person at one member's page, and what was acknowledged."""

    member: str
    period: str
    codes: list[str]
    kept: dict[str, tuple[str, int]] = field(default_factory=dict)
    token: str = ""

    @property
    def page(self) -> str:
        return f"/indicators/readings/file/{self.period}/{self.member}"

    def open_page(self) -> float:
        status, text, took = self.ask("GET", self.page)
        match = re.search(r'name="csrf-token" content="([^"]+)"', text)
        if status != 200 or not match or text.count('data-line="') != len(self.codes):
            self.faults.append(f"the page of {self.member}: {status}")
        else:
            self.token = match[1]
        return took

    def save(self) -> float:
        code = self.chance.choice(self.codes)
        value = str(self.chance.randint(0, 450))
        sent = {f"value-{code}": value, f"seen-{code}": str(self.kept.get(code, ("", 0))[1])}
        headers = {"Accept": "application/json", "X-CSRFToken": self.token}
        status, text, took = self.ask("POST", self.page, sent, **headers)
        line = loads(text)["lines"][code] if status == 200 else {"status": status}
        if line["status"] == "saved":
            self.kept[code] = (value, line["revision"])
        else:
            self.faults.append(f"{self.member}/{code}: {line['status']}")
        return took

    def act(self) -> tuple[str, float]:
        return ("the page", self.open_page()) if self.chance.random() < 0.5 else ("a value saved", self.save())


def lost(alliance: int, period: str, clerks: list[Clerk]) -> list[str]:
    """What was acknowledged and does not stand in the database."""
    missing = []
    for clerk in clerks:
        filed = queries.readings(alliance, period, clerk.member)
        for code, (value, revision) in clerk.kept.items():
            one = filed.get(code)
            if one is None or (queries.value_text(one), one.revision) != (value, revision):
                missing.append(f"{clerk.member}/{code}")
    return missing


def main(seconds: float = 60) -> int:
    random.seed(7)
    today = datetime.now(SHANGHAI).date()
    period = Period(today.year * 12 + today.month - 1, PeriodKind.MONTH).back(1)
    with cluster() as running, tempfile.TemporaryDirectory() as folder:
        url = running.create("grid")
        app = create_app(Config(SECRET, Path(folder), url, testing=True))
        with app.app_context():
            upgrade()
            alliance = found(period)
            codes = list(queries.library(alliance).elements)
            db.session.remove()
            port = free_port()
            clerks = [
                Clerk(account=f"c{code}", password=PASSWORD, port=port, chance=random.Random(code), member=code,
                      period=period.code, codes=codes)
                for code in MEMBERS
            ]  # fmt: skip
            with served(url, folder, port):
                for clerk in clerks:
                    clerk.sign_in()
                    clerk.open_page()
                all_at_work(clerks, seconds)
            faults = [fault for clerk in clerks for fault in clerk.faults] + lost(alliance, period.code, clerks)
            kept = sum(len(clerk.kept) for clerk in clerks)
            db.session.remove()
            db.engine.dispose()
    if faults:
        print(f"wrong: {len(faults)} faults, such as {faults[:5]}", file=sys.stderr)
        return 1
    print(f"right: {kept} values acknowledged, all of them in the database")
    return 0 if report(clerks, TO_REACH) else 1


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
