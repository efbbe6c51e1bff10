"""The speed of scoring: 60 members × 80 indicators scored and kept, the rules alone, and any figure explained.

`python -m benchmarks.score [--database URL]`. To reach: rules alone < 150 ms, scored and kept < 1 s, an explanation
< 50 ms. Before any time counts: every figure works out again from its printed formula, and what is kept has the digest
of what was computed.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from alliance.accounts import services as accounts
from alliance.audit import queries as audit
from alliance.config import Config
from alliance.core.actor import Actor
from alliance.core.figure import State, digest, given
from alliance.core.formula import tells_the_truth
from alliance.core.period import Period
from alliance.core.roles import Grant, scope_of
from alliance.desk import queries as desk
from alliance.evaluation import queries as evaluation_queries
from alliance.evaluation import services as evaluation
from alliance.evaluation.rules.scores import Label, Member, Scoring
from alliance.indicators import queries as indicator_queries
from alliance.indicators import services as indicators
from alliance.indicators.rules.filing import Entry, Row
from alliance.indicators.rules.kinds import Bench, element_kind, owner_of
from alliance.members import services as members
from alliance.members.rules import read_row
from app import create_app

MEMBERS, INDICATORS = 60, 80
TIERS = ("tertiary", *("secondary",) * 9, *("primary",) * 50)
PERIOD = "2026-03"
ROUNDS = 7
SYSTEM, OFFICE, SECOND = Actor("system"), Actor("office"), Actor("second")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def library() -> dict[str, Any]:
    """Eighty rates over 160 elements in five dimensions."""
    return {
        "library": {"code": "bench", "name_zh": "测速", "name_en": "Benchmark"},
        "dimension": [{"code": f"d{n}", "name_zh": f"维度{n}", "name_en": f"Dimension {n}"} for n in range(5)],
        "element": [{"code": f"E{n}", "name_zh": f"元{n}", "name_en": f"Element {n}"} for n in range(2 * INDICATORS)],
        "indicator": [
            {
                "code": f"I{n}",
                "name_zh": f"指标{n}",
                "name_en": f"Indicator {n}",
                "kind": "ratio",
                "numerator": [f"E{2 * n}"],
                "denominator": [f"E{2 * n + 1}"],
                "factor": "100",
                "dimension": f"d{n % 5}",
                "tags": ["collaboration"] if n % 2 else [],
            }
            for n in range(INDICATORS)
        ],
    }


def scheme() -> dict[str, Any]:
    """Eighty lines of 1.25 in each tier, attainment and band by turns."""
    weight = dict.fromkeys(("tertiary", "secondary", "primary"), "1.25")
    return {
        "scheme": {
            "code": "BENCH",
            "name_zh": "测速",
            "name_en": "Benchmark",
            "period": "month",
            "valid_from": "2026-01-01",
        },
        "groups": {"data": "100"},
        "line": [
            {"indicator": f"I{n}", "weight": weight, "method": "attainment", "target": "60"}
            if n % 3
            else {"indicator": f"I{n}", "weight": weight, "method": "band", "low": "20", "high": "40"}
            for n in range(INDICATORS)
        ],
    }


def value(member: int, element: int) -> Decimal:
    """A made-up value; now and then not applicable in place of 0."""
    return Decimal((member * 7919 + element * 104729) % 389 + 1 + 200 * (element % 2))


def found() -> int:
    """The alliance with its month filed and accepted; its id."""
    alliance = members.found_alliance("BENCH", "测速", "Benchmark", by=OFFICE, now=BEGAN)
    for account in ("office", "second"):
        accounts.create_account(account, "example-pass-1", account, account, "", by=OFFICE, now=BEGAN)
        accounts.give_grant(account, "office", alliance, "", date(2026, 1, 1), None, by=SYSTEM, now=BEGAN)
    accounts.seat_body(alliance, "board", "会", "Board", 50, [("second", "")], BEGAN.date(), by=OFFICE, now=BEGAN)
    rows = [
        read_row({"code": f"M{n:02}", "name_zh": "甲", "name_en": "A", "tier": tier, "joined": "2025-01-01"}, n, [])
        for n, tier in enumerate(TIERS)
    ]
    members.import_workbook(alliance, [row for row in rows if row], by=OFFICE, now=BEGAN)
    indicators.load_library(alliance, library(), by=OFFICE, now=BEGAN)
    evaluation.import_scheme(alliance, scheme(), by=OFFICE, now=BEGAN)
    accounts.record_decision(
        alliance, "board", "1", BEGAN.date(), "scheme:BENCH/1", "yes", "doc", {1: "for"}, by=SECOND, now=BEGAN
    )
    info = evaluation_queries.scheme_info(alliance, "BENCH", 1)
    assert info is not None
    findings = evaluation_queries.soft_findings(alliance, info)
    reasons = {finding.where: "a made-up scheme for timing" for finding in findings}
    evaluation.decide_scheme(alliance, "BENCH", 1, reasons, decision="1", by=SECOND, now=BEGAN)
    indicators.open_period(alliance, PERIOD, datetime(2026, 5, 1, tzinfo=UTC), by=OFFICE, now=BEGAN)
    filed = [
        Row(f"M{n:02}", f"E{e}", Entry(value(n, e), State.VALUE)) for n in range(MEMBERS) for e in range(2 * INDICATORS)
    ]
    later = datetime(2026, 4, 10, tzinfo=UTC)
    codes = [f"M{n:02}" for n in range(MEMBERS)]
    indicators.import_reading(alliance, PERIOD, filed, "bench", by=OFFICE, now=later)
    indicators.sign_submission(alliance, PERIOD, codes, by=OFFICE, now=later)
    indicators.submit_submission(alliance, PERIOD, codes, by=OFFICE, now=later)
    indicators.accept_submission(alliance, PERIOD, codes, by=SECOND, now=later)
    return alliance


def rules_alone(alliance: int) -> float:
    """Seconds of the rules: from readings as figures to cards, no database."""
    known = indicator_queries.library(alliance)
    info = evaluation_queries.scheme_info(alliance, "BENCH", 1)
    assert info is not None
    made = evaluation_queries.parsed(alliance, info)
    period = Period.parse(PERIOD)
    readings = {
        (f"M{n:02}", code, PERIOD): given(
            f"M{n:02}/{code}/{PERIOD}",
            element_kind(known.elements[code]),
            value(n, e),
            f"reading:M{n:02}/{code}/{PERIOD}@1",
            owner=owner_of(f"M{n:02}"),
        )
        for n in range(MEMBERS)
        for e, code in enumerate(known.elements)
    }
    labels = {code: Label(one.name.zh, one.name.en, one.dimension, one.tags) for code, one in known.indicators.items()}
    dimensions = {one.code: Label(one.name.zh, one.name.en) for one in known.dimensions}
    people = [Member(f"M{n:02}", tier) for n, tier in enumerate(TIERS)]
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    bench = Bench(known, period, readings, lead="M00")
    values = {(one.code, code): bench.value(one.code, code) for one in people for code in known.indicators}
    Scoring(made, "BENCH/1", PERIOD, labels, dimensions, values).score(people)
    seconds = time.perf_counter() - began
    gc.enable()
    return seconds


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(name: str, seconds: list[float], bound: float) -> None:
    middle = statistics.median(seconds) * 1000
    print(f"{name:34} {middle:8.1f} ms  ({min(seconds) * 1000:.1f} to {max(seconds) * 1000:.1f}); to reach {bound:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", help="an empty database (postgresql+psycopg://…); a new SQLite file without it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{folder}/score.sqlite3"
        app = create_app(Config("b" * 40, Path(folder), url, testing=True))
        with app.app_context():
            upgrade()
            alliance = found()
            later = datetime(2026, 4, 20, tzinfo=UTC)
            run = evaluation.compute_run(alliance, PERIOD, by=OFFICE, now=later)
            figures, info = audit.load_run(run), audit.read_run(run, alliance)
            assert info is not None
            assert digest(figures) == info.digest, "what is kept is not what was computed"
            assert all(tells_the_truth(one) for one in figures if one.kind.formula), "a figure is untrue"
            print(f"right: {len(figures)} figures, all true; digest {info.digest}")
            show("rules alone", [rules_alone(alliance) for _ in range(ROUNDS)], 150)
            show(
                "scored and kept",
                [timed(lambda: evaluation.compute_run(alliance, PERIOD, by=OFFICE, now=later)) for _ in range(ROUNDS)],
                1000,
            )
            reader = scope_of("office", "", [Grant("office", alliance)], alliance)
            step = max(1, len(figures) // 200)
            seconds = [
                timed(lambda number=number: desk.explain(reader, run, number, "zh"))  # type: ignore[misc]
                for number in range(1, len(figures), step)
            ]
            show(f"an explanation ({len(seconds)} figures)", seconds, 50)
            print(f"{'the slowest of them':34} {max(seconds) * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
