"""Real data end to end: the US Hospital Value-Based Purchasing results through the portal's public importers and verbs.

`python -m benchmarks.hvbp PATH [--database URL]` takes a file shaped like the programme's table of Total Performance
Scores. It prints how many published totals are reproduced, whether the shares add up to the pool, the digests, the
seconds of each stage and the peak memory. Rule: four domains of 25 %; a domain that is not available gives its weight
to the others in proportion; published at 10 decimal places.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from alliance.accounts import services as accounts
from alliance.audit import queries as audit
from alliance.config import Config
from alliance.core.actor import Actor
from alliance.core.formula import tells_the_truth
from alliance.core.money import cents
from alliance.evaluation import services as evaluation
from alliance.funds import queries as fund_queries
from alliance.funds import services as funds
from alliance.indicators import queries as indicator_queries
from alliance.indicators import services as indicators
from alliance.indicators import sheets as indicator_sheets
from alliance.members import services as members
from alliance.members import sheets as member_sheets
from app import create_app

DOMAINS = {
    "D1": ("临床结局", "Clinical outcomes", "unweighted normalized clinical outcomes domain score"),
    "D2": (
        "患者与社区参与",
        "Person and community engagement",
        "unweighted person and community engagement domain score",
    ),
    "D3": ("安全", "Safety", "unweighted normalized safety domain score"),
    "D4": (
        "效率与成本",
        "Efficiency and cost reduction",
        "unweighted normalized efficiency and cost reduction domain score",
    ),
}
TOTAL = "total performance score"
PLACES = 10
POOL = Decimal("100000000.00")
REASON = "外部公开数据的复算，权重按该项目的公布规则设置。"


@dataclass(slots=True)
class Stages:
    """Seconds by stage, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def read(path: Path) -> tuple[str, list[dict[str, str]]]:
    """The fiscal year and the rows of a file, by lower-case column name."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        heads = [head.strip().lower() for head in next(reader)]
        rows = [dict(zip(heads, (cell.strip() for cell in row), strict=False)) for row in reader if any(row)]
    missing = [
        name for name in ("facility id", "facility name", TOTAL, *(d[2] for d in DOMAINS.values())) if name not in heads
    ]
    if missing:
        sys.exit(f"{path} lacks the columns: {', '.join(missing)}")
    return rows[0]["fiscal year"], rows


def library() -> dict[str, Any]:
    """One element, one indicator and one dimension for each domain."""
    return {
        "library": {
            "code": "hvbp",
            "name_zh": "价值购买计划",
            "name_en": "Hospital Value-Based Purchasing",
            "mark": "verified",
        },
        "dimension": [{"code": code, "name_zh": zh, "name_en": en} for code, (zh, en, _) in DOMAINS.items()],
        "element": [
            {
                "code": f"E{code}",
                "name_zh": zh,
                "name_en": en,
                "unit_zh": "分",
                "unit_en": "points",
                "frequency": "year",
                "places": 12,
                "mode": "captured",
                "minimum": "0",
                "maximum": "100",
            }
            for code, (zh, en, _) in DOMAINS.items()
        ],
        "indicator": [
            {
                "code": f"I{code}",
                "name_zh": zh,
                "name_en": en,
                "kind": "sum",
                "terms": [f"E{code}"],
                "dimension": code,
                "unit_zh": "分",
                "unit_en": "points",
                "places": 12,
            }
            for code, (zh, en, _) in DOMAINS.items()
        ],
    }


def scheme(year: str) -> dict[str, Any]:
    """Four dimensions of 25, linear from 0 to 100, the total at ten places; the fund by the total score."""
    return {
        "scheme": {
            "code": "HVBP",
            "name_zh": "价值购买计划",
            "name_en": "Hospital Value-Based Purchasing",
            "period": "year",
            "valid_from": f"{year}-01-01",
        },
        "rounding": {"share": 14, "total": PLACES},
        "groups": {"data": "100"},
        "fund": {"rate": "0", "basis": "total", "size": "one", "pass_mark": "0"},
        "line": [
            {"indicator": f"I{code}", "method": "linear", "bottom": "0", "target": "100", "weight": {"tertiary": "25"}}
            for code in DOMAINS
        ],
    }


def run(path: Path, url: str, folder: Path) -> int:
    """Everything; the exit code is 0 when every total is reproduced and the shares add up."""
    stages = Stages()
    year, rows = read(path)
    app = create_app(Config("b" * 40, folder, url, testing=True))
    with app.app_context():
        with stages.stage("migrate"):
            upgrade()
        alliance, office, second = found(year, stages, rows)
        with stages.stage("readings: workbook in, filed"):
            table = indicator_sheets.write_readings(
                year,
                [
                    (row["facility id"], row["facility name"], f"E{code}", domain[1], reading_text(row[domain[2]]))
                    for row in rows
                    for code, domain in DOMAINS.items()
                ],
            )
            filed = indicator_sheets.read_readings(table, "readings.xlsx", year, indicator_queries.library(alliance))
            indicators.import_reading(alliance, year, filed, path.name, by=office, now=at(year, 10))
        codes = [row["facility id"] for row in rows]
        with stages.stage("signed, submitted, accepted"):
            indicators.sign_submission(alliance, year, codes, by=office, now=at(year, 11))
            indicators.submit_submission(alliance, year, codes, by=office, now=at(year, 11))
            indicators.accept_submission(alliance, year, codes, by=second, now=at(year, 12))
        with stages.stage("scored and kept"):
            scored = evaluation.compute_run(alliance, year, by=office, now=at(year, 20))
        with stages.stage("shared and kept"):
            funds.add_line(alliance, year, "Incentive pool", POOL, "demonstration", by=office, now=at(year, 21))
            shared = funds.compute_fund(alliance, year, by=office, now=at(year, 21))
        return report(alliance, rows, scored, shared, stages)


def reading_text(text: str) -> str:
    """As the portal takes it: the file's word for not applicable is one of the portal's own."""
    return text


def at(year: str, day: int) -> datetime:
    """A moment after the year is over."""
    return datetime(int(year) + 1, 1, day, tzinfo=UTC)


def found(year: str, stages: Stages, rows: list[dict[str, str]]) -> tuple[int, Actor, Actor]:
    """The alliance with its members, two officers, the scheme in force and the year open."""
    began, system = datetime(int(year), 1, 1, tzinfo=UTC), Actor("system")
    office, second = Actor("office"), Actor("second")
    alliance = members.found_alliance("HVBP", "价值购买计划", "Hospital Value-Based Purchasing", by=system, now=began)
    for account, employer in (("office", ""), ("second", ""), ("judge", "")):
        accounts.create_account(account, "example-pass-1", account, account, employer, by=system, now=began)
        role = "committee" if account == "judge" else "office"
        accounts.give_grant(account, role, alliance, "", began.date(), None, by=system, now=began)
    with stages.stage("members: workbook in, recorded"):
        book = member_sheets.write_rows(
            [
                {
                    "code": row["facility id"],
                    "name_zh": row["facility name"],
                    "name_en": row["facility name"],
                    "tier": "tertiary",
                    "kind": "hospital",
                    "joined": f"{year}-01-01",
                }
                for row in rows
            ]
        )
        count = members.import_workbook(
            alliance, *member_sheets.read_workbook(book, "members.xlsx"), by=office, now=began
        )
        assert count == len(rows)
    indicators.load_library(alliance, library(), by=office, now=began)
    accounts.seat_body(alliance, "board", "理事会", "Board", 50, [("judge", "")], began.date(), by=system, now=began)
    reference = evaluation.import_scheme(alliance, scheme(year), by=office, now=began)
    accounts.record_decision(
        alliance,
        "board",
        f"{year}-001",
        began.date(),
        f"scheme:{reference}",
        "adopted",
        "rule",
        {1: "for"},
        by=second,
        now=began,
    )
    findings = (
        "groups.peers",
        "tertiary.patient",
        "tertiary.health",
        "tertiary.collaboration",
        "tertiary",
        "scheme.qualitative",
        "fund.rate",
        "groups.patients",
    )
    evaluation.decide_scheme(
        alliance, "HVBP", 1, dict.fromkeys(findings, REASON), decision=f"{year}-001", by=second, now=began
    )
    indicators.open_period(alliance, year, at(year, 31), by=office, now=at(year, 2))
    return alliance, office, second


def report(alliance: int, rows: list[dict[str, str]], scored: int, shared: int, stages: Stages) -> int:
    """Print what came out."""
    figures = {figure.key: figure for figure in audit.load_run(scored)}
    right = sum(
        figures[f"{row['facility id']}/score"].value == Decimal(row[TOTAL]).quantize(Decimal(1).scaleb(-PLACES))
        for row in rows
    )
    untrue = [key for key, figure in figures.items() if figure.kind.formula and not tells_the_truth(figure)]
    fund = fund_queries.fund(alliance, shared)
    assert fund is not None
    total = sum(share.received for share in fund_queries.shares(shared)) + fund.reserve
    exact = total == cents(POOL)
    run = audit.read_run(scored, alliance)
    assert run is not None
    print(f"published totals reproduced: {right} of {len(rows)}")
    print(f"figures kept: {len(figures)}, of which untrue: {len(untrue)}")
    print(f"sum of shares = pool: {'yes' if exact else f'NO, {total} cents'}")
    print(f"digest of the scores: {run.digest}")
    print(f"digest of the shares: {fund.digest}")
    for name, seconds in stages.seconds.items():
        print(f"{seconds:8.2f} s  {name}")
    print(f"{sum(stages.seconds.values()):8.2f} s  in all")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0 if right == len(rows) and exact and not untrue else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path, help="a CSV file of Total Performance Scores")
    parser.add_argument("--database", help="an empty database (postgresql+psycopg://…); a new SQLite file without it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{folder}/hvbp.sqlite3"
        return run(arguments.path, url, Path(folder))


if __name__ == "__main__":
    raise SystemExit(main())
