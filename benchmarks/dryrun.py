"""The speed of a dry run: 50,000 values of 200 members from a file, 1,000 of them wrong in twelve ways.

`python -m benchmarks.dryrun [--database URL] [--rounds N]`. To reach: CSV < 2 s, XLSX < 6 s, each under 400 MB at its
peak. Before any time counts: every wrong cell is found at its row and column, no other cell is blamed, the values that
would change are all there, and nothing was written. The marked workbook is made outside the clock; its time is shown.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import xlsxwriter
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from alliance.accounts import services as accounts
from alliance.config import Config
from alliance.core.actor import Actor
from alliance.core.figure import State
from alliance.core.refused import Both
from alliance.db import db
from alliance.indicators import queries, sheets
from alliance.indicators import services as indicators
from alliance.indicators.models import Reading
from alliance.indicators.rules.filing import Entry, Row
from alliance.members import services as members
from alliance.members.rules import read_row
from app import create_app

MEMBERS, ELEMENTS, FILED, WRONG = 200, 250, 20_000, 1_000
PERIOD = "2026-03"
OFFICE, SYSTEM = Actor("office"), Actor("system")
BEGAN, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 10, tzinfo=UTC)
HEADS = ("机构代码 institution", "机构 (name)", "数据元代码 element", "数据元 (name)", "期间 period", "数值 value")
PLACES = {"institution": 0, "element": 2, "period": 4, "value": 5}
MEGABYTES = 400
BOUNDS = {"csv": 2.0, "xlsx": 6.0}
# Twelve ways to be wrong: the column that is to blame, and what is put there.
KINDS: tuple[tuple[str, str, Any], ...] = (
    ("unknown element", "element", "E999"),
    ("stranger", "institution", "ZZ"),
    ("no number", "value", "about 12"),
    ("too many places", "value", "12.345"),
    ("under the least", "value", "-1"),
    ("over the greatest", "value", "1000001"),
    ("another period", "period", "2026-02"),
    ("twice", "element", None),
    ("of another tier", "element", "E000"),
    ("a day", "value", date(2026, 3, 1)),
    ("a percentage", "value", "15%"),
    ("an error", "value", "#DIV/0!"),
)


def library() -> dict[str, Any]:
    """Counts with two places; the first is filed by tertiary hospitals alone."""
    words = {"name_zh": "某数", "name_en": "a count", "unit_zh": "人次", "unit_en": "cases"}
    limits = {"places": 2, "minimum": "0", "maximum": "1000000"}
    elements = [{"code": f"E{n:03}", **words, **limits} for n in range(ELEMENTS + 1)]
    elements[0]["tiers"] = ["tertiary"]
    return {"library": {"code": "bench", "name_zh": "甲", "name_en": "A"}, "element": elements}


def found() -> None:
    """An alliance of 200 members with an open period and 20,000 values filed."""
    alliance = members.found_alliance("BENCH", "甲", "Bench", by=OFFICE, now=BEGAN)
    for account in ("office", "second"):
        accounts.create_account(account, "correct-horse-1", "甲", "A", "", by=OFFICE, now=BEGAN)
        accounts.give_grant(account, "office", alliance, "", BEGAN.date(), None, by=SYSTEM, now=BEGAN)
    facts = {"name_zh": "甲", "name_en": "A", "tier": "primary", "joined": "2025-01-01"}
    rows = [read_row({"code": f"M{n:03}", **facts}, n, []) for n in range(MEMBERS)]
    members.import_workbook(alliance, [row for row in rows if row], by=OFFICE, now=BEGAN)
    indicators.load_library(alliance, library(), by=OFFICE, now=BEGAN)
    indicators.open_period(alliance, PERIOD, datetime(2026, 5, 1, tzinfo=UTC), by=OFFICE, now=BEGAN)
    filed = [Row(row[0], row[2], Entry(Decimal(7), State.VALUE)) for row in good_rows()[:FILED]]
    indicators.import_reading(alliance, PERIOD, filed, "bench", by=OFFICE, now=NOW)


def good_rows() -> list[list[Any]]:
    """50,000 values, one in ten as people write: full-width, with separators, n/a, with an exponent, not at all."""
    odd = ("１２３", "12,345.5", "n/a", "", "1E+05", " 12.5 ", "不适用", "0", "1 234", "１２．５")
    rows: list[list[Any]] = []
    for n in range(MEMBERS):
        for e in range(1, ELEMENTS + 1):
            place = len(rows)
            value: Any = odd[place // 10 % 10] if place % 10 == 0 else f"{(place * 37) % 90_000 / 4:.2f}"
            rows.append([f"M{n:03}", "某某社区卫生服务中心", f"E{e:03}", "某项工作的人次", PERIOD, value])
    return rows


def spoilt_rows() -> tuple[list[list[Any]], set[tuple[int, str]]]:
    """The rows with 1,000 wrong cells, and where these are: (row of the file, column)."""
    rows, wrong = good_rows(), set[tuple[int, str]]()
    for count, place in enumerate(sorted(random.Random(20260401).sample(range(1, len(rows), 2), WRONG))):
        _, column, what = KINDS[count % len(KINDS)]
        rows[place][PLACES["value"]] = rows[place][PLACES["value"]] or "3"
        rows[place][PLACES[column]] = rows[place - 1][PLACES["element"]] if what is None else what
        if what is None:
            rows[place][PLACES["institution"]] = rows[place - 1][PLACES["institution"]]
            rows[place - 1][PLACES["value"]] = rows[place - 1][PLACES["value"]] or "3"
        wrong.add((place + 2, column))
    return rows, wrong


def as_csv(rows: list[list[Any]]) -> bytes:
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(HEADS)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def as_xlsx(rows: list[list[Any]]) -> bytes:
    """Every second plain number as a number, days as days, shares as percentages, errors as errors of formulas."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet, day, share = book.add_worksheet("readings"), book.add_format({"num_format": 14}), book.add_format()
    share.set_num_format("0%")
    sheet.write_row(0, 0, HEADS)
    for line, row in enumerate(rows, 1):
        sheet.write_row(line, 0, row[:5])
        value = row[5]
        if isinstance(value, date):
            sheet.write_datetime(line, 5, datetime(value.year, value.month, value.day), day)
        elif value == "15%":
            sheet.write_number(line, 5, 0.15, share)
        elif value == "#DIV/0!":
            sheet.write_formula(line, 5, "=1/0", None, value)
        elif line % 2 and value.replace(".", "").isdecimal() and value.isascii():
            sheet.write_number(line, 5, float(value))
        elif value:
            sheet.write_string(line, 5, value)
    book.close()
    return buffer.getvalue()


def app_on(url: str, folder: Path) -> Flask:
    return create_app(Config("b" * 40, folder, url, testing=True))


def written() -> tuple[int, ...]:
    """How many rows the tables have that a filing would touch."""
    counts = [db.session.scalar(select(func.count()).select_from(Reading))]
    counts += [db.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("event", "submission")]
    return tuple(int(one or 0) for one in counts)


def dry(content: bytes, name: str) -> queries.Report:
    filled = sheets.read_filled(content, name, PERIOD, queries.library(1))
    return queries.dry_run(1, PERIOD, filled, by=OFFICE, now=NOW)


def check(report: queries.Report, wrong: set[tuple[int, str]], rows: int, name: str) -> None:
    """The gate: every wrong cell and no other."""
    blamed = set()
    for one in report.problems:
        line, column = one.at["row"], one.at["column"]
        assert isinstance(line, int)
        assert isinstance(column, Both)
        blamed.add((line, column.en))
    assert wrong <= blamed, f"{name}: {len(wrong - blamed)} errors are not found, such as {sorted(wrong - blamed)[:5]}"
    assert blamed <= wrong, f"{name}: {len(blamed - wrong)} false alarms, such as {sorted(blamed - wrong)[:5]}"
    assert len(report.problems) == len(wrong), f"{name}: a cell is blamed twice"
    said = len(report.changes) + report.same + len(wrong) + report.blanks
    assert said >= rows, f"{name}: {rows - said} values are lost"


def child(url: str, folder: Path, kind: str, rounds: int) -> None:
    """Measure one kind of file in a process of its own and print it as JSON."""
    rows, wrong = json.loads((folder / "wrong.json").read_text())
    wrong = {(line, column) for line, column in wrong}
    content, name = (folder / f"values.{kind}").read_bytes(), f"values.{kind}"
    with app_on(url, folder).app_context():
        before = written()
        check(dry(content, name), wrong, rows, name)
        assert written() == before, f"{name}: the dry run wrote something"
        db.session.remove()
        seconds, busy = [], []
        for _ in range(rounds):
            began, worked = time.perf_counter(), time.process_time()
            report = dry(content, name)
            seconds.append(time.perf_counter() - began)
            busy.append(time.process_time() - worked)
            db.session.remove()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        began = time.perf_counter()
        marked = sheets.mark_faults(content, name, report.problems)
        after = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "busy": busy, "peak": peak, "marking": after, "marked": len(marked)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", help="an empty database (postgresql+psycopg://…); a new SQLite file without it")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.database, Path(given.folder), given.child, given.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/dryrun.sqlite3"
        with app_on(url, Path(folder)).app_context():
            upgrade()
            found()
        rows, wrong = spoilt_rows()
        Path(folder, "values.csv").write_bytes(as_csv(rows))
        Path(folder, "values.xlsx").write_bytes(as_xlsx(rows))
        Path(folder, "wrong.json").write_text(json.dumps([len(rows), sorted(wrong)]))
        print(f"{len(rows)} values, {len(wrong)} of them wrong in {len(KINDS)} ways")
        for kind, bound in BOUNDS.items():
            command = [sys.executable, "-m", "benchmarks.dryrun", "--child", kind, "--folder", folder]
            command += ["--database", url, "--rounds", str(given.rounds)]
            told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            one = json.loads(told.strip().splitlines()[-1])
            seconds = one["seconds"]
            print(
                f"{kind:5} least {min(seconds):.2f} s, median {statistics.median(seconds):.2f} s (of the processor "
                f"{min(one['busy']):.2f} and {statistics.median(one['busy']):.2f}), to reach {bound} s; "
                f"peak {one['peak']:.0f} MB, to reach {MEGABYTES}; the marked workbook afterwards: "
                f"{one['marking']:.1f} s, {one['marked'] // 1024} KB"
            )


if __name__ == "__main__":
    main()
