"""The speed of charge lines: points by person, unit and setting over millions of lines, beside the bare engine.

`python -m benchmarks.charge_lines --lines 10000000`. The lines are made once and kept; the sums are checked against an
independent sum in whole numbers; then ours and the bare query (the same joins, filters, grouping and rows fetched) run
in turn in one process. To reach: ratio ≤ 1.3, peak memory under 1 GiB.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray

from alliance.core.figure import canonical
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.items import ItemPoints
from alliance.workpoints.volume import engine, points, sql
from alliance.workpoints.volume.partitions import LINES_TOGETHER, Partitions

HOSPITALS, ITEMS, UNITS, PERSONS = 8, 8000, 40, 750  # units and persons of each hospital
MONTH, DAYS = "2026-03", 31
FROM, MIDDLE, MIDDLE_DAY = date(2026, 1, 1), date(2026, 3, 16), 15  # points change in the middle of the month
FIRST_DAY = (date(2026, 3, 1) - date(1970, 1, 1)).days
PIECE = 500_000
ROUNDS = 5
SETTINGS = ("inpatient", "outpatient")
SCHEMA = pyarrow.schema([
    ("hospital", pyarrow.string()), ("month", pyarrow.string()), ("source", pyarrow.string()),
    ("row_no", pyarrow.int64()), ("line_key", pyarrow.string()), ("day", pyarrow.date32()),
    ("item", pyarrow.string()), ("setting", pyarrow.string()), ("quantity", pyarrow.decimal128(18, 4)),
    ("amount", pyarrow.decimal128(18, 4)), ("ordering_unit", pyarrow.string()),
    ("ordering_person", pyarrow.string()), ("performing_unit", pyarrow.string()),
    ("performing_person", pyarrow.string()),
])  # fmt: skip
Key = tuple[str, str, str, str, str]  # hospital, role, unit, person, setting
Sums = tuple[int, int, int]  # lines, amount in 10⁻⁴, points in 10⁻⁸
Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a hospital in whole numbers: quantity and amount in ten-thousandths, everything else as numbers of
    what is meant. Of a hundred items one is unknown, and so is one person; a person works in one unit."""

    day: Column
    item: Column
    setting: Column
    quantity: Column
    amount: Column
    ordering: Column
    performing: Column


def lines(seed: int, count: int) -> Lines:
    """Made-up lines, the same for the same seed."""
    dice = np.random.Generator(np.random.PCG64(seed))
    return Lines(
        dice.integers(0, DAYS, count), dice.integers(0, ITEMS + ITEMS // 100, count), dice.integers(0, 2, count),
        dice.integers(-2, 38, count) * 2500, dice.integers(0, 50_000_000, count), dice.integers(0, PERSONS, count),
        dice.integers(0, PERSONS + PERSONS // 100, count),
    )  # fmt: skip


def worth(item: Column, later: Column, role: int) -> Column:
    """Points of items in ten-thousandths; ordering earns less, and only with every second item."""
    value = item * 7919 % 300_000 + later * 500
    return np.where(item % 2, 0, value // 4) if role == 0 else value


def files(partitions: Partitions) -> list[Path]:
    """The lines of all hospitals."""
    return [partitions.file(f"H{place:02}", MONTH, "his", 1) for place in range(HOSPITALS)]


def generate(partitions: Partitions, count: int) -> dict[Key, Sums]:
    """Write the lines where they are not there yet, and sum them in whole numbers as they are made."""
    found: dict[Key, Sums] = {}
    for place in range(HOSPITALS):
        hospital = f"H{place:02}"
        file = partitions.file(hospital, MONTH, "his", 1)
        begin, end = place * count // HOSPITALS, (place + 1) * count // HOSPITALS
        pieces = [(start, min(start + PIECE, end)) for start in range(begin, end, PIECE)]
        made = [lines(start, stop - start) for start, stop in pieces]
        if not file.exists():
            _write(file, hospital, [start for start, _ in pieces], made)
        for role in (0, 1):
            _add(found, hospital, role, made)
    return found


def _write(file: Path, hospital: str, starts: list[int], pieces: list[Lines]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with pyarrow.parquet.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        for start, piece in zip(starts, pieces, strict=True):
            writer.write_table(_table(hospital, start, piece), row_group_size=LINES_TOGETHER)


def _table(hospital: str, start: int, piece: Lines) -> Any:
    size = len(piece.day)
    numbers = np.arange(start, start + size)
    return pyarrow.table([
        _words([hospital], np.zeros(size, np.int64)), _words([MONTH], np.zeros(size, np.int64)),
        _words(["his"], np.zeros(size, np.int64)), pyarrow.array(numbers),
        pyarrow.array(numbers).cast(pyarrow.string()),
        pyarrow.array((piece.day + FIRST_DAY).astype(np.int32)).cast(pyarrow.date32()),
        _words([f"I{item}" for item in range(ITEMS + ITEMS // 100)], piece.item), _words(SETTINGS, piece.setting),
        _decimals(piece.quantity), _decimals(piece.amount), *_who(piece.ordering), *_who(piece.performing),
    ], SCHEMA)  # fmt: skip


def _who(person: Column) -> tuple[Any, Any]:
    """The codes of the units and of the persons."""
    return (
        _words([f"D{unit}" for unit in range(UNITS)], person % UNITS),
        _words([f"S{one}" for one in range(PERSONS + PERSONS // 100)], person),
    )


def _words(words: Sequence[str], which: Column) -> Any:
    return pyarrow.DictionaryArray.from_arrays(which.astype(np.int32), list(words)).cast(pyarrow.string())


def _decimals(whole: Column) -> Any:
    """Ten-thousandths as decimals, built from the sixteen bytes that Arrow keeps of one: no float comes between."""
    both = np.empty((len(whole), 2), np.int64)
    both[:, 0], both[:, 1] = whole, whole >> 63
    return pyarrow.Array.from_buffers(pyarrow.decimal128(18, 4), len(whole), [None, pyarrow.py_buffer(both.tobytes())])


def _add(found: dict[Key, Sums], hospital: str, role: int, pieces: list[Lines]) -> None:
    """Add up what a role earns in a hospital, by person and setting."""
    sums = np.zeros((PERSONS * 2, 3), np.int64)
    for piece in pieces:
        person = piece.performing if role else piece.ordering
        counts = (piece.item < ITEMS) & (person < PERSONS)
        if role == 0:
            counts &= piece.item % 2 == 0
        key = (person * 2 + piece.setting)[counts]
        points_of = (piece.quantity * worth(piece.item, (piece.day >= MIDDLE_DAY).astype(np.int64), role))[counts]
        for column, values in enumerate((np.ones(len(key), np.int64), piece.amount[counts], points_of)):
            np.add.at(sums[:, column], key, values)
    for number, (count, amount, value) in enumerate(sums.tolist()):
        if count:
            person_no, setting = divmod(number, 2)
            who = (hospital, sql.ROLES[role], f"C{person_no % UNITS}", f"P{person_no}", SETTINGS[setting])
            found[who] = (count, amount, value)


def points_in_whole(item: int, later: bool, role: int) -> int:
    return int(worth(np.array([item]), np.array([int(later)]), role)[0])


def meanings() -> Iterator[points.Meanings]:
    """What the codes of each hospital mean."""
    items = [
        ItemPoints(f"I{item}", sql.ROLES[role], Decimal(points_in_whole(item, later, role)).scaleb(-4),
                   MIDDLE if later else FROM, date(9999, 12, 31) if later else MIDDLE)
        for item in range(ITEMS) for role in (0, 1) for later in (False, True) if role or not item % 2
    ]  # fmt: skip
    units = [Code(f"D{unit}", f"C{unit}") for unit in range(UNITS)]
    persons = [Code(f"S{person}", f"P{person}") for person in range(PERSONS)]
    for place in range(HOSPITALS):
        yield points.Meanings(f"H{place:02}", items, units, persons)


def ours(one: engine.Engine) -> list[points.Earned]:
    return points.earned(one)


def bare(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """The query by itself, on an engine without a sandbox."""
    return connection.execute(sql.POINTS).fetchall()


def bare_engine(partitions: Partitions, kept: engine.Engine) -> duckdb.DuckDBPyConnection:
    """The plain engine with the same small tables and the same partitions."""
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{kept.bounds.memory}'")
    connection.execute(f"SET threads = {kept.bounds.threads}")
    for name in ("item_points", "unit_codes", "person_codes"):
        rows = kept.connection.sql(f"SELECT * FROM {name}").to_arrow_table()
        connection.register("rows", rows)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")
        connection.unregister("rows")
    listed = ", ".join(engine.quoted(file) for file in files(partitions))
    connection.execute(f"CREATE VIEW lines AS SELECT * FROM read_parquet([{listed}])")
    return connection


def check(found: list[points.Earned], expected: dict[Key, Sums]) -> None:
    """Stop unless every sum is the one that whole numbers gave."""
    mine = {
        (row.hospital, row.role, row.unit, row.person, row.setting):
        (row.lines, int(row.amount.scaleb(4)), int(row.points.scaleb(8)))
        for row in found
    }  # fmt: skip
    assert mine == expected, "the sums are not those of whole numbers"


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, help="where lines are kept between runs; a new folder without it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return run(arguments.folder or Path(temporary), Path(temporary), arguments.lines, arguments.rounds)


def run(folder: Path, workspace: Path, count: int, rounds: int) -> int:
    partitions = Partitions(folder / f"lines-{count}")
    began = time.perf_counter()
    expected = generate(partitions, count)
    size = sum(file.stat().st_size for file in files(partitions))
    print(f"{count} lines made in {time.perf_counter() - began:.1f} s, {size / 2**20:.0f} MB")
    with engine.opened([partitions.root], workspace) as one:
        points.read_lines(one, files(partitions))
        points.prepare(one, list(meanings()))
        connection = bare_engine(partitions, one)
        found = ours(one)
        check(found, expected)
        print(f"right: {len(found)} sums, {canonical(sum((row.points for row in found), Decimal(0)))} points in all")
        print(f"digest {points.digest(found)}")
        print(f"codes used: {len(points.used(one))}, items that earn nothing: {len(points.unearned(one))}")
        mine, theirs = [], []
        for _ in range(rounds):
            mine.append(timed(lambda: ours(one)))
            theirs.append(timed(lambda: bare(connection)))
    ratio = statistics.median(mine) / statistics.median(theirs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"ours {statistics.median(mine):.2f} s ({min(mine):.2f} to {max(mine):.2f}), "
          f"bare {statistics.median(theirs):.2f} s ({min(theirs):.2f} to {max(theirs):.2f})")  # fmt: skip
    print(f"ratio {ratio:.2f} (to reach 1.30); peak memory {peak:.0f} MB (to reach 1024)")
    return 0 if ratio <= 1.3 and peak < 1024 else 1


if __name__ == "__main__":
    raise SystemExit(main())
