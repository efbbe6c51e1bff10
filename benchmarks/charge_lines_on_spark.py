"""The same charge lines, SQL and digests on Apache Spark, through a Spark Connect server on loopback.

`.venv-spark/bin/python -m benchmarks.charge_lines_on_spark --lines 2000000`; `scripts/venv.sh spark` makes that
environment. The sums must be those of whole numbers, and every answer that of the embedded engine: of all query texts
of `volume/sql.py`, over the lines and over none. With --remote a server that runs already is asked; it must reach the
folder of the lines under the same name.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from types import FunctionType
from typing import Any

from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.income import CLASSES
from alliance.workpoints.rules.items import ALWAYS
from alliance.workpoints.rules.uses import Use
from alliance.workpoints.rules.volumes import VolumePart
from alliance.workpoints.volume import cluster, engine, points, sql
from alliance.workpoints.volume.partitions import Partitions
from alliance.workpoints.volume.points import TechniqueItem
from benchmarks.charge_lines import FROM, ITEMS, MIDDLE, Key, Sums, check, files, generate, meanings, timed
from tests.spark import MEMORY, server

REPORTED = "H00"  # the hospital whose departments are reported: volumes are asked of one at a time
TECHNIQUES = [
    TechniqueItem("I1", "one", FROM, MIDDLE), TechniqueItem("I2", "one", FROM, ALWAYS),
    TechniqueItem("I3", "other", MIDDLE, ALWAYS),
]  # fmt: skip
# How the queries begin, by the name of their text in volume/sql.py; what stands behind are codes and places.
GAP = "\0"
TEXTS: dict[str, list[str]] = {
    "POINTS": [sql.POINTS], "points_of": [sql.points_of([role]) for role in sql.ROLES[1:]],
    "ITEMS": [sql.ITEMS],
    "USED": [sql.USED],
    "UNEARNED": [sql.UNEARNED], "UNEARNED_BY_DAY": [sql.UNEARNED_BY_DAY.partition("{")[0]], "WHOLE": [sql.WHOLE],
    "used_by_day": [sql.used_by_day(column, GAP).partition(GAP)[0] for column in ("item", *sql.CODES)],
    "TOTALS": [sql.TOTALS],
    "VOLUME": [sql.VOLUME.format(unit=unit) for unit in (sql.PERFORMED, sql.ORDERED)],
    "VOLUME_LINES": [sql.VOLUME_LINES.partition("{")[0]],
    "TECHNIQUES": [sql.TECHNIQUES], "TECHNIQUE_LINES": [sql.TECHNIQUE_LINES.partition("{")[0]],
    "BEHIND": [sql.BEHIND.partition("{")[0]],
}  # fmt: skip
THERE = {
    name for name, one in vars(sql).items() if not name.startswith("_")
    and (isinstance(one, FunctionType) or (isinstance(one, str) and "FROM lines" in one))
}  # fmt: skip


class Listening:
    """An engine that remembers which queries it was asked."""

    def __init__(self, engine: points.Answers, asked: list[str]) -> None:
        self.engine = engine
        self.asked = asked

    def table(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        self.engine.table(name, columns, rows)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        self.asked.append(query)
        return self.engine.rows(query)


def answers(engine: points.Answers, classes: Sequence[Code], asked: list[str]) -> dict[str, Any]:
    """Every question that is asked of charge lines."""
    one = Listening(engine, asked)
    earned, used, unearned = points.earned(one), points.used(one), points.unearned(one)
    performed, ordered = points.volumes(one, REPORTED, classes)
    points.prepare_techniques(one, REPORTED, TECHNIQUES)
    done = points.techniques(one)
    some = [
        Use("item", "I1", FROM, FROM, 0, Decimal(0)),
        *(use for column in sql.CODES for use in [use for use in used if use.what == column][:3]),
    ]
    found = {
        "points": earned,
        "digest": points.digest(earned),
        # Where there are lines this is a part of the points of both roles, and would only take its time.
        "points of one role": [] if earned else points.earned(one, sql.ROLES[1:]),
        "points by item": points.by_item(one),
        "codes": used,
        "items that earn nothing": unearned,
        "items that earn nothing by day": points.unearned_by_day(one, unearned[:9] or some[:1]),
        "whole": points.whole(one),
        "codes by day": points.used_by_day(one, some),
        "totals": points.totals(one),
        "what units did": performed,
        "what was done for their patients": ordered,
        "techniques": done,
        "lines behind techniques": points.technique_lines(one, done[:9], limit=20, offset=3),
        "lines behind a volume": points.volume_lines(
            one, REPORTED, classes, VolumePart(True, frozenset({"C1"}), "inpatient"), limit=20, offset=3
        ),
    }
    for place, sum_ in enumerate(earned[:1] + earned[-1:]):  # one of each role
        found[f"lines behind sum {place}"] = points.behind(one, sum_, limit=20, offset=3)
    return found


def check_asked(asked: Sequence[str]) -> None:
    """Stop where `sql` has a text that was not asked: it was forgotten here."""
    missing = {
        name for name, texts in TEXTS.items()
        if not all(any(one.startswith(text) for one in asked) for text in texts)
    } | (THERE - TEXTS.keys())  # fmt: skip
    assert not missing, f"not asked: {', '.join(sorted(missing))}"


def classes() -> list[Code]:
    """The classes of items; one changes in the middle of the month, and the last hundred items have none."""
    names = sorted(CLASSES)
    found = [Code(f"I{item}", names[item % len(names)]) for item in range(1, ITEMS - 100)]
    return [Code("I0", names[0], until=MIDDLE), Code("I0", names[1], MIDDLE), *found]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=1, help="how often points are asked once more, for their time")
    parser.add_argument("--remote", default="", help="a server that runs already, as sc://host:port")
    parser.add_argument("--memory", default=MEMORY, help="heap of the server that is started without --remote")
    parser.add_argument("--folder", type=Path, help="where lines are kept between runs; a new folder without it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        partitions = Partitions((arguments.folder or Path(temporary)) / f"lines-{arguments.lines}")
        sums = generate(partitions, arguments.lines)
        asked: list[str] = []
        expected = embedded(partitions, Path(temporary), asked, lines=True)
        nothing = embedded(partitions, Path(temporary), asked, lines=False)
        check_asked(asked)
        with started(arguments.remote, arguments.memory) as address, cluster.opened(address) as spark:
            right = compare(spark, partitions, sums, expected) & compare_nothing(spark, nothing)
            for _ in range(arguments.rounds):
                print(f"points once more: {timed(lambda: points.earned(spark)):.1f} s")
            return 0 if right else 1


def embedded(partitions: Partitions, workspace: Path, asked: list[str], *, lines: bool) -> dict[str, Any]:
    """What the embedded engine answers over the lines with what they mean, or over no lines without any meaning."""
    with engine.opened([partitions.root], workspace) as one:
        points.read_lines(one, files(partitions) if lines else [])
        points.prepare(one, list(meanings()) if lines else [])
        return answers(one, classes() if lines else [], asked)


@contextmanager
def started(remote: str, memory: str) -> Iterator[str]:
    """The address of the server that was named, or else of a new one."""
    if remote:
        yield remote
        return
    began = time.perf_counter()
    with server(memory) as one:
        print(f"server up after {time.perf_counter() - began:.1f} s")
        yield one.address
        print(f"peak memory: server {one.peak() / 2**20:.0f} MB, ", end="")
        print(f"client {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def compare(spark: cluster.Cluster, partitions: Partitions, sums: dict[Key, Sums], expected: dict[str, Any]) -> bool:
    """Ask the cluster the same and say where it answers otherwise; whether it does not."""
    spark.read_lines([str(file) for file in files(partitions)])
    points.prepare(spark, list(meanings()))
    began = time.perf_counter()
    found = answers(spark, classes(), [])
    print(f"all questions answered in {time.perf_counter() - began:.1f} s")
    check(found["points"], sums)
    wrong = differing(found, expected)
    lines = sum(row[4] for row in found["totals"])
    print(f"{lines} lines, {len(sums)} sums as in whole numbers, {len(found['codes'])} codes")
    print(f"digest {found['digest']} on Spark, {expected['digest']} on the embedded engine")
    print(f"{len(TEXTS)} query texts asked: {', '.join(TEXTS)}")
    print(f"other than the embedded engine: {', '.join(wrong) or 'nothing'}")
    return not wrong


def compare_nothing(spark: cluster.Cluster, expected: dict[str, Any]) -> bool:
    """The same of a hospital in which nothing was loaded or said yet."""
    spark.read_lines([])
    points.prepare(spark, [])
    wrong = differing(answers(spark, [], []), expected)
    print(f"over no lines other than the embedded engine: {', '.join(wrong) or 'nothing'}")
    return not wrong


def differing(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """The questions that were answered otherwise; values of another type than expected differ too."""
    return [
        name for name in expected.keys() | found.keys() if repr(found.get(name)) != repr(expected.get(name))
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
