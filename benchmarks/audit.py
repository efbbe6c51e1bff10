"""The speed of the audit log: verifying a million events, and the auditor's page over them.

`python -m benchmarks.audit [--events N] [--database URL]`. To reach with a million: verify < 60 s in constant memory,
a page < 200 ms (p95). Before any time counts: on a small log a row is edited, removed and inserted behind the
triggers' back, and each must be found and named.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import text

from alliance.audit import queries
from alliance.audit import services as audit
from alliance.audit.models import Event, guard, unguard
from alliance.audit.queries import Wanted
from alliance.config import Config
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.db import db, insert_many, transaction
from alliance.members import services as members
from app import create_app

BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
PEOPLE = [f"c{place:02}.{role}" for place in range(1, 27) for role in ("reporter", "lead")] + ["office", "chair"]
BLOCK = 20_000


def fill(alliance: int, count: int) -> None:
    """So many events as a year leaves them: mostly filing, some openings, few exports and refusals."""
    chance = random.Random(5)  # the same log every time
    made = db.session.query(Event).count()
    while made < count:
        rows = []
        for number in range(made, min(made + BLOCK, count)):
            place, month = chance.randrange(1, 27), chance.randrange(1, 13)
            act, subject, detail = chance.choices(
                [
                    (Act.INDICATORS_READING_FILE, f"submission:C{place:02}/2025-{month:02}",
                     {"changes": [[f"E{chance.randrange(100):03}", "", str(chance.randrange(1000))]]}),
                    (Act.ACCOUNTS_SESSION_OPEN, "account:x", {}),
                    (Act.INDICATORS_SUBMISSION_READ,
                     f"door:C{place:02}/indicators.read_submission/2025-{month:02}", {"opened": True}),
                    (Act.MEMBERS_WORKBOOK_EXPORT, "workbook:members", {"export": "xlsx"}),
                    (Act.FUNDS_TOTAL_LIST, "door:*/funds.list_totals", {"refused": "x", "status": 403}),
                ],
                [60, 25, 12, 2, 1],
            )[0]  # fmt: skip
            rows.append(
                {
                    "alliance_id": None if act == Act.ACCOUNTS_SESSION_OPEN else alliance,
                    "at": BEGAN + timedelta(seconds=30 * number),
                    "act": act.value,
                    "subject": subject,
                    "account": chance.choice(PEOPLE),
                    "detail": detail,
                }
            )
        with transaction() as session:
            insert_many(session, Event, rows)
        made += len(rows)


def verify() -> queries.Verdict:
    db.session.rollback()
    with db.engine.connect() as connection:
        return queries.verify(connection)


def gate() -> None:
    """Each way to tamper is found; otherwise no time counts."""
    while audit.seal_events(now=BEGAN, limit=500):
        pass
    assert not verify().wrong, verify().findings
    ways = {
        "UPDATE event SET account = 'x' WHERE id = 1234": "event 1234",
        "DELETE FROM event WHERE id = 2345": "event 2345",
        "INSERT INTO event (id, at, act, subject, account, detail) "
        "VALUES (2345, '2025-01-01 00:00:00+00', 'x', 'x', 'x', '{}')": "event 2345",
    }
    for statement, what in ways.items():
        with db.engine.begin() as connection:
            unguard(connection)
            connection.execute(text(statement))
            guard(connection)
        found = [finding.what for finding in verify().findings]
        assert what in found, (statement, found)
    print("gate: an edited, a removed and an inserted event are found and named")


def timed(work: Callable[[], object], rounds: int = 20) -> float:
    """The 95th percentile in milliseconds."""
    times = []
    for _ in range(rounds):
        db.session.rollback()
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def pages(alliance: int, count: int) -> None:
    middle = BEGAN + timedelta(seconds=15 * count)
    ways = {
        "newest": Wanted(),
        "a day in the middle": Wanted(since=middle, until=middle + timedelta(days=1)),
        "before the middle": Wanted(until=middle),
        "an account": Wanted(account="c07.lead"),
        "an act": Wanted(act=Act.INDICATORS_SUBMISSION_READ.value),
        "a rare act": Wanted(act=Act.MEMBERS_ALLIANCE_FOUND.value),
        "a subject": Wanted(subject="submission:C07/2025-03"),
        "a member's submissions": Wanted(subject="submission:C07/"),
        "no such subject": Wanted(subject="submission:Z99/2025-03"),
        "refusals": Wanted(kind="refused"),
        "exports of an account": Wanted(kind="export", account="c07.lead"),
        "changes": Wanted(kind="change"),
        "an account's act in the middle": Wanted(
            account="chair", act=Act.FUNDS_TOTAL_LIST.value, until=middle, kind="refused"
        ),
        "no such account": Wanted(account="nobody"),
    }
    for name, wanted in ways.items():
        took = timed(lambda wanted=wanted: queries.events(alliance, PEOPLE, wanted, limit=51))  # type: ignore[misc]
        print(f"page, {name}: {took:.1f} ms (p95)")
    deep = (BEGAN + timedelta(seconds=3 * count), 2**40)
    print(
        f"page, deep: {timed(lambda: queries.events(alliance, PEOPLE, Wanted(), before=deep, limit=51)):.1f} ms (p95)"
    )
    print(f"who touched C07: {timed(lambda: queries.touches(alliance, 'C07', limit=51)):.1f} ms (p95)")


def run(url: str, count: int) -> None:
    app = create_app(Config("b" * 40, Path(tempfile.mkdtemp()), url, testing=True))
    with app.app_context():
        upgrade()
        alliance = members.found_alliance("BENCH", "测速", "Benchmark", by=Actor("system"), now=BEGAN)
        began = time.perf_counter()
        fill(alliance, count)
        print(f"{count} events written in {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        while audit.seal_events(now=BEGAN + timedelta(days=365)):
            pass
        print(f"sealed in {time.perf_counter() - began:.1f} s")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        found = verify()
        print(f"verified in {time.perf_counter() - began:.1f} s: {found.events} events, {found.seals} seals")
        print(f"memory grew by {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024} MB")
        assert not found.wrong, found.findings[:5]
        assert found.events == count
        if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE event"))
        pages(alliance, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--database", help="an empty database; by default a temporary SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Config("b" * 40, Path(folder), f"sqlite:///{folder}/gate.sqlite3", testing=True))
        with app.app_context():
            upgrade()
            fill(members.found_alliance("BENCH", "测速", "Benchmark", by=Actor("system"), now=BEGAN), 3000)
            gate()
        run(chosen.database or f"sqlite:///{folder}/bench.sqlite3", chosen.events)


if __name__ == "__main__":
    main()
