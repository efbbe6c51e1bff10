"""The speed of referrals: lists over 200,000 cases, what counts in a month, a file of 50,000 rows.

`python -m benchmarks.referrals [--cases N] [--rows N] [--database URL]`. To reach: each list < 200 ms, what counts in a
month of 50,000 cases < 1 s, the dry run of 50,000 rows < 10 s. Before any time counts: a small register is worked out
row by row in Python, and every list, every count and every pair must be the same.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import insert

from alliance.config import Config
from alliance.core.actor import Actor
from alliance.core.roles import Scope
from alliance.db import db, table_of, transaction
from alliance.members import services as members
from alliance.members.rules import read_row
from alliance.registers import queries, services, sheets
from alliance.registers.models import Referral, ReferralTurn
from alliance.registers.queries import Wanted
from alliance.registers.rules.people import check_sign
from alliance.registers.rules.referral_pairs import Move, pairs
from alliance.registers.rules.referrals import COLUMNS, Given
from alliance.registers.services import Past
from app import create_app

BEGAN, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 20, 4, tzinfo=UTC)
CODES = ["T01", *(f"S{place:02}" for place in range(1, 6)), *(f"C{place:02}" for place in range(1, 21))]
BY = Actor("office")
BLOCK = 5_000
WEEKEND = 5


def works(day: date) -> bool:
    return day.weekday() < WEEKEND


def found() -> int:
    """An alliance of 26 members."""
    alliance = members.found_alliance("BENCH", "基准", "Benchmark", by=BY, now=BEGAN)
    tiers = {"T": "tertiary", "S": "secondary", "C": "primary"}
    rows = [
        read_row({"code": code, "name_zh": code, "name_en": code, "tier": tiers[code[0]], "joined": "2025-01-01",
                  "is_lead": "yes" if code == "T01" else "no"}, line, [])
        for line, code in enumerate(CODES, 2)
    ]  # fmt: skip
    members.import_workbook(alliance, [row for row in rows if row], by=BY, now=BEGAN)
    return alliance


def identity(order: int) -> str:
    """An identity number of nobody: of an area that there is not."""
    born = date(1930, 1, 1) + timedelta(days=order // 1000)
    first = f"999999{born:%Y%m%d}{order % 1000:03}"
    return first + check_sign(first)


def given(receiver: str, order: int, chance: random.Random) -> Given:
    specialty, code = chance.choice([("03.04", "I10.x05"), ("03.07", "E11.900"), ("04.03", "S72.000")])
    phone = f"139{order % 10**8:08}"
    return Given(receiver, specialty, code, "ICD-10", "2.0", "ordinary", "测试某某", phone, identity(order), True)


def past(order: int, chance: random.Random, patients: int) -> Past:
    sender, receiver = chance.sample(CODES, 2)
    filed = BEGAN + timedelta(minutes=chance.randrange(345 * 24 * 60))
    one = given(receiver, chance.randrange(patients), chance)
    if chance.random() < 0.05:
        return Past(sender, one, filed, filed + timedelta(hours=3), declined="本科室近期床位已满，请另行安排。")
    seen = filed + timedelta(days=1)
    back = seen + timedelta(days=4)
    if back > NOW:
        return Past(sender, one, filed, filed + timedelta(hours=2))
    followed = (back + timedelta(days=3)).date() if back + timedelta(days=3) < NOW else None
    return Past(
        sender, one, filed, filed + timedelta(hours=2), seen_on=seen.date(), discharged_on=seen.date(),
        returned_at=back, followed_on=followed, closed_at=back + timedelta(days=5) if followed else None,
    )  # fmt: skip


def gate(alliance: int) -> None:
    """On a small register every answer must be the one that a plain loop gives."""
    chance = random.Random(3)
    cases = sorted((past(order, chance, 150) for order in range(600)), key=lambda one: one.filed_at)
    numbers = services.take_over_referrals(alliance, cases, works, by=BY, now=NOW)
    whole = Scope(alliance, institutions=None)
    rows, total = queries.referrals(whole, Wanted(), 1, 10_000)
    assert total == len(rows) == len(numbers) == len(cases)
    by_number = {row.number: row for row in rows}
    mine = Scope(alliance, institutions=frozenset({"C03"}))
    expected = [row for row in rows if "C03" in (row.sender, row.receiver)]
    assert queries.referrals(mine, Wanted(), 1, 10_000) == (expected, len(expected))
    narrowed: list[tuple[Wanted, Callable[[queries.ReferralInfo], bool]]] = [
        (Wanted(state="closed"), lambda row: row.state == "closed"),
        (Wanted(month="2026-08", direction="up"), lambda row: row.seen_month == "2026-08" and row.direction == "up"),
        (Wanted(pointless=True), lambda row: row.pointless),
        (Wanted(overdue=NOW), lambda row: row.due_at is not None and row.due_at <= NOW),
    ]
    for wanted, holds in narrowed:
        assert queries.referrals(whole, wanted, 1, 10_000)[0] == [row for row in rows if holds(row)], wanted
    moves = [
        Move(place, one.given.identity, by_number[number].direction, one.given.diagnosis, by_number[number].state,
             (one.filed_at + timedelta(hours=8)).date(), one.seen_on)
        for place, (number, one) in enumerate(zip(numbers, cases, strict=True))
    ]  # fmt: skip
    bad = {case for pair in pairs(moves) for case in pair}
    assert bad
    assert {row.number for row in rows if row.pointless} == {numbers[case] for case in bad}
    later = NOW + timedelta(days=1)
    counts = Counter[str]()
    for row in rows:
        if row.seen_month == "2026-08" and row.counts:
            counts[f"{row.sender} referral.sent_{row.direction}"] += 1
    told = Counter[str]()
    for one in queries.counted_referrals(alliance, "2026-08", later):
        if one.measure.startswith("referral.sent"):
            told[f"{one.institution} {one.measure}"] += int(one.quantity)
    assert counts == told


def fill(alliance: int, count: int) -> None:
    """So many cases more, a quarter of them in one month: rows as the verbs make them, without their sealed texts."""
    pattern = [dict(row._mapping) for row in db.session.execute(table_of(Referral).select().limit(600))]
    chance, made = random.Random(4), 0
    while made < count:
        rows, turns = [], []
        with transaction() as session:
            for number in range(made, min(made + BLOCK, count)):
                row = dict(chance.choice(pattern)) | {"number": f"2027-{number:06}", "alliance_id": alliance}
                del row["id"]
                row |= {"patient_key": f"{chance.randrange(10**6):064}", "sender": chance.choice(CODES)}
                if row["seen_month"] and number % 4 == 0:
                    row["seen_month"] = "2026-09"
                rows.append(row)
            session.execute(insert(table_of(Referral)), rows)
            keys = session.execute(
                table_of(Referral)
                .select()
                .where(table_of(Referral).c.number.between(rows[0]["number"], rows[-1]["number"]))
            )
            turns = [
                {"alliance_id": alliance, "referral_id": row.id, "at": row.filed_at + timedelta(days=2), "counts": True}
                for row in keys if row.counts
            ]  # fmt: skip
            session.execute(insert(table_of(ReferralTurn)), turns)
        made += len(rows)


def measure(name: str, work: Callable[[], object], times: int = 7) -> None:
    taken = []
    for _ in range(times):
        db.session.rollback()
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    print(f"{name:58} {statistics.median(taken) * 1000:9.1f} ms (most {max(taken) * 1000:.1f})")


def lists(alliance: int) -> None:
    whole, mine = Scope(alliance, institutions=None), Scope(alliance, institutions=frozenset({"C03"}))
    for name, scope, wanted, page in (
        ("all, first page", whole, Wanted(), 1),
        ("all, page 2,000", whole, Wanted(), 2000),
        ("a state", whole, Wanted(state="closed"), 1),
        ("a month and a direction", whole, Wanted(month="2026-09", direction="up"), 1),
        ("from and to", whole, Wanted(sender="C03", receiver="T01"), 1),
        ("a specialty", whole, Wanted(specialty="03.07"), 1),
        ("overdue", whole, Wanted(overdue=NOW), 1),
        ("pointless", whole, Wanted(pointless=True), 1),
        ("a member's own", mine, Wanted(), 1),
        ("a member's own of a month", mine, Wanted(month="2026-09"), 1),
    ):
        measure(f"list: {name}", lambda s=scope, w=wanted, p=page: queries.referrals(s, w, p, 50))  # type: ignore[misc]
    measure("what waits at a member", lambda: queries.waiting(alliance, frozenset({"C03"}), NOW))
    counted = queries.counted_referrals(alliance, "2026-09", NOW + timedelta(days=400))
    cases = len({one.case for one in counted if one.quantity == Decimal(1)})
    measure(f"what counts in a month ({cases:,} cases)",
            lambda: queries.counted_referrals(alliance, "2026-09", NOW + timedelta(days=400)), 3)  # fmt: skip
    measure("flow of a month", lambda: queries.flows(whole, "2026-09"))


def imports(alliance: int, count: int) -> None:
    chance = random.Random(6)
    lines = [",".join(COLUMNS)]
    for order in range(count):
        one = given("T01", order, chance)
        lines.append(f"R{order},1,T01,{one.specialty},{one.diagnosis},ICD-10,2.0,ordinary,2026-12-18 09:30,{one.name},"
                     f"{one.phone},{one.identity},yes,")  # fmt: skip
    content = "\n".join(lines).encode()
    print(f"a file of {count:,} rows, {len(content) / 2**20:.1f} MB")
    began = time.perf_counter()
    rows = sheets.read_rows(content, "his.csv")
    report = queries.referral_changes(alliance, "C01", "HIS", rows, NOW)
    print(f"dry run {time.perf_counter() - began:.2f} s")
    assert (len(report.new), report.same, len(report.problems)) == (count, 0, 0)
    began = time.perf_counter()
    assert services.import_referral(alliance, "C01", "HIS", rows, works, by=BY, now=NOW) == count
    print(f"taken in {time.perf_counter() - began:.2f} s")
    assert services.import_referral(alliance, "C01", "HIS", rows, works, by=BY, now=NOW) == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/bench.sqlite3"
        app = create_app(Config("b" * 40, Path(folder), url, testing=True))
        with app.app_context():
            upgrade()
            alliance = found()
            gate(alliance)
            print("the answers are right")
            began = time.perf_counter()
            fill(alliance, asked.cases)
            print(f"{asked.cases:,} cases in {time.perf_counter() - began:.1f} s")
            lists(alliance)
            imports(alliance, asked.rows)


if __name__ == "__main__":
    main()
