"""The speed of loading charge lines: a CSV file as hospitals export it, read, cleaned and written as a partition.

`python -m benchmarks.charge_loading --lines 1000000`. The lines are those of one hospital of `benchmarks.charge_lines`;
every row must come out as a line, with the charges that went in. What each statement of the engine takes is told, in
seconds and in seconds of processors.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import duckdb

from alliance.workpoints.volume import engine, loading
from alliance.workpoints.volume.partitions import Partitions
from benchmarks.charge_lines import HOSPITALS, MONTH, generate

COLUMNS = (
    "line_key", "day", "item", "setting", "quantity", "amount", "ordering_unit", "ordering_person", "performing_unit",
    "performing_person",
)  # fmt: skip


class Watched(engine.Engine):
    """The engine, telling what takes it longer than a tenth of a second."""

    def run(self, statement: str) -> None:
        began, worked = time.perf_counter(), time.process_time()
        super().run(statement)
        took, processors = time.perf_counter() - began, time.process_time() - worked
        if took > 0.1:
            print(f"  {took:.1f} s, processors {processors:.1f} s: {' '.join(statement.split())[:60]} …")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return run(Path(temporary), arguments.lines)


def run(folder: Path, count: int) -> int:
    made, partitions = Partitions(folder / "made"), Partitions(folder / "lines")
    generate(made, count * HOSPITALS)
    file, amount = exported(made.file("H00", MONTH, "his", 1), folder / "his.csv")
    engine.Engine = Watched  # type: ignore[misc]
    began, worked = time.perf_counter(), time.process_time()
    loaded = loading.load(
        partitions, loading.Source("H00", MONTH, "his", file, file.name), {name: name for name in COLUMNS}
    )
    took, processors = time.perf_counter() - began, time.process_time() - worked
    assert (loaded.rows, loaded.lines, loaded.amount) == (count, count, amount), "lines were lost"
    kept = partitions.file("H00", MONTH, "his", 1).stat().st_size
    print(f"{count} lines: CSV {file.stat().st_size / count:.0f} bytes a line, Parquet {kept / count:.1f} bytes a line")
    print(f"loaded in {took:.1f} s, {count / took:,.0f} lines a second; processors {processors:.1f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


def exported(lines: Path, file: Path) -> tuple[Path, Decimal]:
    """The lines as CSV with Chinese words of settings, and their charges."""
    words = "CASE setting WHEN 'inpatient' THEN '住院' ELSE '门诊' END AS setting"
    source = f"read_parquet({engine.quoted(lines)})"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {', '.join(words if name == 'setting' else name for name in COLUMNS)} FROM {source}) "
            f"TO {engine.quoted(file)} (HEADER, DELIMITER ',')"
        )
        ((amount,),) = connection.execute(f"SELECT sum(amount) FROM {source}").fetchall()
    return file, amount


if __name__ == "__main__":
    raise SystemExit(main())
