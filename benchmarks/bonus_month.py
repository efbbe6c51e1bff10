"""A bonus month from its charge lines to its payslips: 1.5 million lines, 5,000 people, 120 units, 8 hospitals.

    python -m benchmarks.bonus_month [--parts 16 4 1]

Measured at a sixteenth, a quarter and the whole of it, so that growth is seen. Before the clock: the lines lie where a
load puts them, and scheme, budget, scores, staff and item points are in the database. On the clock, hospital by
hospital, by the portal's own verbs: `compute_run` (the engine's sums over the lines, both distributions, every figure
kept), `publish_rest`, and `compute_slip` (every payslip with its lines, every figure kept).

Gate, before a time counts: Σ of the units and Σ of the payslips are the pool of each hospital to the cent, every
difference of the reconciliation is 0, everybody has a slip, and the points of the units are those that an independent
sum in whole numbers gives. To reach: under 3 s for the whole.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
from flask_migrate import upgrade

from alliance.audit import queries as audit
from alliance.audit.services import keep_run, verb
from alliance.cli import settle
from alliance.config import Config
from alliance.core.actor import Actor
from alliance.core.figure import half_up
from alliance.core.money import cents
from alliance.db import db, insert_many
from alliance.indicators import queries as indicators
from alliance.members import services as members
from alliance.members.rules import read_row
from alliance.members.rules.departments import CodeFact, DepartmentFact, Inside
from alliance.members.rules.posts import EstablishmentFact, PostFact
from alliance.members.rules.staff import EmployeeFact, SeniorityFact
from alliance.members.rules.staffing import Staffing
from alliance.workpoints import queries, services
from alliance.workpoints.models import (
    BonusSchemeRow,
    BudgetRow,
    ChargeLoad,
    ItemPointRow,
    PersonEntry,
    PointTable,
    UnitEntry,
)
from alliance.workpoints.rules.working import BARE, Label, Working
from alliance.workpoints.volume.partitions import LINES_TOGETHER, Partitions, partitions_of
from app import create_app
from benchmarks.charge_lines import FIRST_DAY, SCHEMA, Column

LINES, PEOPLE, UNITS, HOSPITALS = 1_500_000, 5_000, 120, 8
ITEMS = 8_000
MONTH, DAYS, YEAR = "2026-03", 31, date(2026, 1, 1)
POOL = Decimal("9000000.07")  # of a hospital, in yuan; not to be shared without cents left over
NOW, LATER = datetime(2026, 4, 1, 2, tzinfo=UTC), timedelta(days=14)
BY = Actor("benchmark")
TARGET = 3.0
SCHEME: dict[str, Any] = {
    "scheme": {"code": "BONUS", "name_zh": "方案", "name_en": "Scheme", "valid_from": "2026-01-01"},
    "first": {"model": "point", "closing": "exact"},
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a hospital is: its lines, its people, its units."""

    lines: int
    people: int
    units: int

    @classmethod
    def of(cls, part: int) -> Size:
        """A hospital of the whole divided by `part`."""
        return cls(LINES // HOSPITALS // part, PEOPLE // HOSPITALS // part, max(UNITS // HOSPITALS // part, 1))


def codes() -> list[str]:
    return [f"H{place:02}" for place in range(HOSPITALS)]


def worth(item: Column) -> Column:
    """Points of items in ten-thousandths."""
    return item * 7919 % 300_000 + 1


def write_lines(partitions: Partitions, hospital: str, size: Size) -> dict[str, int]:
    """A hospital's lines where a load puts them; the points of its units in 10⁻⁸, summed as they are made."""
    dice = np.random.Generator(np.random.PCG64(int(hospital[1:])))
    count = size.lines
    item, person = dice.integers(0, ITEMS, count), dice.integers(0, size.people, count)
    quantity, setting = dice.integers(1, 12, count) * 10_000, dice.integers(0, 2, count)
    file = partitions.file(hospital, MONTH, "his", 1)
    file.parent.mkdir(parents=True, exist_ok=True)
    numbers, nought = np.arange(count), np.zeros(count, np.int64)
    who = (
        _words([f"D{unit}" for unit in range(size.units)], person % size.units),
        _words([f"S{one}" for one in range(size.people)], person),
    )
    table = pyarrow.table([
        _words([hospital], nought), _words([MONTH], nought), _words(["his"], nought), pyarrow.array(numbers),
        pyarrow.array(numbers).cast(pyarrow.string()),
        pyarrow.array((dice.integers(0, DAYS, count) + FIRST_DAY).astype(np.int32)).cast(pyarrow.date32()),
        _words([f"I{one}" for one in range(ITEMS)], item), _words(["inpatient", "outpatient"], setting),
        _decimals(quantity), _decimals(quantity * 5), *who, *who,
    ], SCHEMA)  # fmt: skip
    pyarrow.parquet.write_table(table, file, compression="zstd", row_group_size=LINES_TOGETHER)
    sums = np.zeros(size.units, np.int64)
    np.add.at(sums, person % size.units, quantity * worth(item))
    return {f"D{unit}": int(one) for unit, one in enumerate(sums)}


def _words(words: list[str], which: Column) -> Any:
    return pyarrow.DictionaryArray.from_arrays(which.astype(np.int32), words).cast(pyarrow.string())


def _decimals(whole: Column) -> Any:
    """Ten-thousandths as decimals, built from the sixteen bytes that Arrow keeps of one: no float comes between."""
    both = np.empty((len(whole), 2), np.int64)
    both[:, 0], both[:, 1] = whole, whole >> 63
    return pyarrow.Array.from_buffers(SCHEMA.field("amount").type, len(whole), [None, pyarrow.py_buffer(both)])


def found(size: Size) -> int:
    """The alliance with its hospitals, their units and people; its number."""
    alliance = members.found_alliance("BENCH", "测算", "Benchmark", by=BY, now=NOW)
    rows = []
    for line, code in enumerate(codes(), 2):
        row = read_row({
            "code": code, "name_zh": f"{code}医院", "name_en": code, "tier": "secondary", "joined": "2025-01-01",
            "is_lead": "yes" if line == 2 else "no",
        }, line, [])  # fmt: skip
        assert row
        rows.append(row)
    members.import_workbook(alliance, rows, by=BY, now=NOW)
    units = [f"D{unit}" for unit in range(size.units)]
    inside = Inside(
        tuple(DepartmentFact(one, "", one, one, "clinical_department", "clinical", None, YEAR) for one in units),
        tuple(CodeFact("HIS", one, one, YEAR) for one in units), (),
    )  # fmt: skip
    post = PostFact("P1", "医师岗", "Doctor", "doctor", Decimal("1.20"), Decimal("0.10"), Decimal("0.30"), YEAR)
    hired = date(2018, 1, 1)
    people = [
        EmployeeFact(f"S{one}", f"员工{one}", f"S{one}", f"D{one % size.units}", "P1", "医师", hired, "active", YEAR)
        for one in range(size.people)
    ]
    staff = Staffing(
        posts=(post,),
        establishment=tuple(EstablishmentFact(one, "P1", 40, YEAR) for one in units),
        seniority=(SeniorityFact(((0, Decimal(0)), (5, Decimal("0.05"))), YEAR),),
        employees=tuple(people),
    )
    for code in codes():
        members.import_structure(alliance, code, inside, staff, by=BY, now=NOW)
    return alliance


def rest_on(alliance: int, hospital: str, size: Size) -> None:
    """What a run rests on beside staff and lines: scheme, budget, scores, item points, the load of the lines."""
    of = {"alliance_id": alliance, "institution": hospital, "recorded_by": BY.account, "recorded_at": NOW}
    filed = {**of, "month": MONTH, "kind": "score", "revision": 1, "document": "list", "state": "value"}
    with verb(BY, alone_in=alliance) as session:
        session.add(BonusSchemeRow(
            **of, code="BONUS", version=1, content=SCHEME, sha256="0" * 64, valid_from=YEAR, decision="1",
            decided_by="x", decided_at=NOW, reasons={},
        ))  # fmt: skip
        working = Working(hospital, "2026", f"{hospital}/BONUS/1")
        source = f"bonusbudget:{hospital}/2026@1"
        figures = [
            working.entered(f"budget/{code}", Label(code, code, code), value, source, unit=BARE)
            for code, value in (("pooled_month", POOL), ("base", Decimal(1)), ("factor", Decimal(1)))
        ]  # fmt: skip
        run = keep_run(session, f"bonusbudget:{hospital}/2026", figures, alliance=alliance, inputs={}, by=BY, now=NOW)
        session.add(BudgetRow(
            **of, year=2026, version=1, content={}, sha256="0" * 64, decision="1", decided_by="x", decided_at=NOW,
            run_id=run.id, month=cents(POOL), pooled=cents(POOL), base=100,
        ))  # fmt: skip
        insert_many(session, UnitEntry, [
            {**filed, "unit": f"D{unit}", "value": Decimal(90 + unit % 10)} for unit in range(size.units)
        ])  # fmt: skip
        insert_many(session, PersonEntry, [
            {**filed, "unit": f"D{one % size.units}", "person": f"S{one}", "value": Decimal(85 + one % 15)}
            for one in range(size.people)
        ])  # fmt: skip
        table = PointTable(**of, start=YEAR, title="points.xlsx", sha256="0" * 64, items=ITEMS)
        session.add(table)
        session.flush()
        earned = worth(np.arange(ITEMS)).tolist()
        insert_many(session, ItemPointRow, [
            {"table_id": table.id, "item": f"I{item}", "role": "performing", "name_zh": f"I{item}",
             "name_en": f"I{item}", "item_class": "treatment", "points": Decimal(whole).scaleb(-4)}
            for item, whole in enumerate(earned)
        ])  # fmt: skip
        session.add(ChargeLoad(
            **of, month=MONTH, source="his", revision=1, title="his.csv", sha256="0" * 64, rows=size.lines,
            lines=size.lines, aside=0, amount=Decimal(1), cleaned=[], reason="",
        ))  # fmt: skip


def pay(alliance: int, hospital: str, partitions: Partitions) -> None:
    """What is on the clock."""
    services.compute_run(alliance, hospital, MONTH, partitions, by=BY, now=NOW)
    services.publish_rest(alliance, hospital, MONTH, by=BY, now=NOW)
    works = indicators.works_on(alliance)
    services.compute_slip(alliance, hospital, MONTH, works, by=BY, now=NOW + LATER)


def faults(alliance: int, hospital: str, size: Size, sums: dict[str, int]) -> Iterator[str]:
    """What is wrong with a hospital's month."""
    run = queries.bonus_run(alliance, hospital, MONTH)
    if run is None or run.slips_run is None:
        yield f"{hospital}: no run"
        return
    units, slips = queries.bonus_units(run.id), queries.slips(run.id)
    if run.pool != cents(POOL) or sum(unit.bonus for unit in units.values()) != run.pool:
        yield f"{hospital}: the units do not add up to the pool"
    if len(slips) != size.people or sum(slip.net for slip in slips) != run.pool:
        yield f"{hospital}: {len(slips)} slips do not add up to the pool"
    if any(row.difference for row in run.rows):
        yield f"{hospital}: a difference in the reconciliation"
    kept = audit.values_of(run.first_run, [f"unit/{unit}/points" for unit in units])
    for unit, whole in sums.items():
        if kept[f"unit/{unit}/points"] != half_up(Decimal(whole).scaleb(-8), 8):
            yield f"{hospital}: the points of {unit} are not the sum of the lines"


def measure(part: int) -> bool:
    """One size, in a database and a folder of its own."""
    size = Size.of(part)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bonus.sqlite3"
        app = create_app(Config("b" * 40, Path(folder), url, testing=True))
        with app.app_context():
            upgrade()
            alliance = found(size)
            partitions = partitions_of(Path(folder), alliance)
            sums = {code: write_lines(partitions, code, size) for code in codes()}
            for code in codes():
                rest_on(alliance, code, size)
            settle()  # as the worker does that computes runs
            clock, spent = perf_counter(), process_time()
            for code in codes():
                pay(alliance, code, partitions)
            clock, spent = perf_counter() - clock, process_time() - spent
            wrong = [fault for code in codes() for fault in faults(alliance, code, size, sums[code])]
            db.session.remove()
            db.engine.dispose()
    whole = Size(size.lines * HOSPITALS, size.people * HOSPITALS, size.units * HOSPITALS)
    print(f"{whole.lines:>9} lines {whole.people:>6} people {whole.units:>4} units   {clock:6.2f} s on the clock, "
          f"{spent:6.2f} s of processors", *(["wrong:", *wrong[:5]] if wrong else []))  # fmt: skip
    return not wrong and (part > 1 or clock < TARGET)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--parts", type=int, nargs="+", default=[16, 4, 1])
    good = [measure(part) for part in asked.parse_args().parts]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
