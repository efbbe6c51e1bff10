"""The speed of importing cases: 50,000 trainings of one hospital for 200 members from a file, with its dry run.

`python -m benchmarks.cases [--database URL]`. To reach: dry run and import together < 10 s. Before any time counts: of
a file with 500 wrong cells each is found at its row and column, nothing else is blamed and nothing was written; after
the import every case stands once with its revision, and the same file again changes nothing.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from alliance.accounts import services as accounts
from alliance.config import Config
from alliance.core.actor import Actor
from alliance.db import db
from alliance.indicators import services as indicators
from alliance.members import services as members
from alliance.members.rules import read_row
from alliance.registers import queries, services, sheets
from alliance.registers.models import CaseRevision, RegisterCase
from alliance.registers.rules.imports import columns_of
from alliance.registers.rules.kinds import register_of
from app import create_app

CASES, MEMBERS, WRONG = 50_000, 200, 500
OFFICE, SYSTEM, CLERK = Actor("office"), Actor("system"), Actor("clerk", "H1")
BEGAN, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 10, tzinfo=UTC)
MONTH, FIRST = "2026-03", date(2026, 3, 1)
SECONDS = 10.0
KIND = register_of("training")


def library() -> dict[str, Any]:
    """The two elements that trainings feed."""
    words = {"unit_zh": "小时", "unit_en": "hours", "mode": "register", "places": 1}
    given = {"code": "E063", "name_zh": "带教时长", "name_en": "Hours taught", "tiers": ["tertiary"], **words}
    received = {"code": "E064", "name_zh": "培训人时", "name_en": "Hours received", "tiers": ["primary"], **words}
    return {"library": {"code": "bench", "name_zh": "甲", "name_en": "A"}, "element": [given, received]}


def found() -> int:
    """An alliance of a hospital and 200 centers with an open month; its number."""
    alliance = members.found_alliance("BENCH", "甲", "Bench", by=OFFICE, now=BEGAN)
    for account in ("office", "second"):
        accounts.create_account(account, "correct-horse-1", "甲", "A", "", by=OFFICE, now=BEGAN)
        accounts.give_grant(account, "office", alliance, "", BEGAN.date(), None, by=SYSTEM, now=BEGAN)
    facts = {"name_zh": "甲", "name_en": "A", "joined": "2025-01-01"}
    rows = [read_row({"code": "H1", "tier": "tertiary", "is_lead": "yes", **facts}, 2, [])]
    rows += [read_row({"code": f"M{n:03}", "tier": "primary", **facts}, n + 3, []) for n in range(MEMBERS)]
    members.import_workbook(alliance, [row for row in rows if row], by=OFFICE, now=BEGAN)
    indicators.load_library(alliance, library(), by=OFFICE, now=BEGAN)
    indicators.open_period(alliance, MONTH, datetime(2026, 5, 1, tzinfo=UTC), by=OFFICE, now=BEGAN)
    return alliance


def given(place: int) -> dict[str, str]:
    """The cells of a training."""
    return {
        "source_id": f"R{place:06}", "version": "1", "giver": "H1", "receiver": f"M{place % MEMBERS:03}",
        "teacher": f"T{place % 97:02}", "day": (FIRST + timedelta(days=place % 31)).isoformat(), "mode": "on_site",
        "topic": f"课题{place}", "hours": "1.5", "attendees": str(place % 40 + 1), "rating": "4.5", "note": "",
    }  # fmt: skip


def written(wrong: int = 0) -> bytes:
    """The file; the first rows have hours that are none."""
    out = StringIO()
    heads = columns_of(KIND)
    writer = csv.writer(out)
    writer.writerow([f"{title} {code}" for code, title in heads.items()])
    for place in range(CASES):
        cells = given(place) | ({"hours": "viel"} if place < wrong else {})
        writer.writerow([cells.get(code, "") for code in heads])
    return out.getvalue().encode()


def bring_in(alliance: int, content: bytes) -> tuple[float, float]:
    """Check a file and import it; how long either took."""
    begun = time.perf_counter()
    rows = sheets.read_cases(content, "cases.csv", KIND)
    queries.dry_run(alliance, "training", "H1", "bench", rows, today=NOW.date())
    checked = time.perf_counter()
    services.import_case(alliance, "training", "H1", "bench", rows, by=CLERK, now=NOW)
    return checked - begun, time.perf_counter() - checked


def check_wrong(alliance: int) -> None:
    rows = sheets.read_cases(written(WRONG), "cases.csv", KIND)
    report = queries.dry_run(alliance, "training", "H1", "bench", rows, today=NOW.date())
    assert [one.at["row"] for one in report.problems] == list(range(2, WRONG + 2))
    assert {str(one.at["column"]) for one in report.problems} == {"hours"}
    assert len(report.new) == CASES - WRONG
    assert db.session.scalar(select(func.count()).select_from(RegisterCase)) == 0


def check_right(alliance: int, content: bytes) -> None:
    for table in (RegisterCase, CaseRevision):
        assert db.session.scalar(select(func.count()).select_from(table)) == CASES
    rows = sheets.read_cases(content, "cases.csv", KIND)
    again = queries.dry_run(alliance, "training", "H1", "bench", rows, today=NOW.date())
    assert (again.moved, again.same, again.problems) == (0, CASES, [])


def made(url: str, folder: Path) -> Flask:
    return create_app(
        Config("b" * 40, folder, url or f"sqlite:///{folder}/b.sqlite3", False, secure_cookies=False, testing=True)
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, made(asked.database, Path(folder)).app_context():
        upgrade()
        alliance, content = found(), written()
        check_wrong(alliance)
        checking, importing = bring_in(alliance, content)
        check_right(alliance, content)
        whole = checking + importing
        print(f"{CASES} cases: dry run {checking:.2f} s, import {importing:.2f} s, together {whole:.2f} s", end=" ")
        print(f"({'reached' if whole < SECONDS else 'missed'}: {SECONDS:g} s)")
        db.session.remove()
        db.engine.dispose()
    sys.exit(whole >= SECONDS)


if __name__ == "__main__":
    main()
