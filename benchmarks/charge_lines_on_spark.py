"""The same charge lines, SQL and digests on Apache Spark, through a Spark Connect server on loopback.

`.venv-spark/bin/python -m benchmarks.charge_lines_on_spark --lines 2000000`; `scripts/venv.sh spark` makes that
environment. The sums must be those of whole numbers, and every answer that of the embedded engine. With --remote a
server that runs already is asked; it must reach the folder of the lines under the same name.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alliance.workpoints.volume import cluster, engine, points
from alliance.workpoints.volume.partitions import Partitions
from benchmarks.charge_lines import Key, Sums, check, files, generate, meanings, timed
from tests.spark import MEMORY, server


def answers(one: points.Answers) -> dict[str, Any]:
    """Every question that is asked of charge lines."""
    earned, used = points.earned(one), points.used(one)
    return {
        "points": earned,
        "digest": points.digest(earned),
        "codes": used,
        "codes by day": points.used_by_day(one, used[::100]),
        "totals": points.totals(one),
        "lines behind a sum": points.behind(one, earned[len(earned) // 2], limit=20),
    }


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
        expected = embedded(partitions, Path(temporary))
        with started(arguments.remote, arguments.memory) as address, cluster.opened(address) as spark:
            right = compare(spark, partitions, sums, expected)
            for _ in range(arguments.rounds):
                print(f"points once more: {timed(lambda: points.earned(spark)):.1f} s")
            return 0 if right else 1


def embedded(partitions: Partitions, workspace: Path) -> dict[str, Any]:
    """What the embedded engine answers."""
    with engine.opened([partitions.root], workspace) as one:
        points.read_lines(one, files(partitions))
        points.prepare(one, list(meanings()))
        return answers(one)


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
    found = answers(spark)
    print(f"all questions answered in {time.perf_counter() - began:.1f} s")
    check(found["points"], sums)
    wrong = [name for name, answer in expected.items() if found[name] != answer]
    lines = sum(row[4] for row in found["totals"])
    print(f"{lines} lines, {len(sums)} sums as in whole numbers, {len(found['unknown codes'])} unknown codes")
    print(f"digest {found['digest']} on Spark, {expected['digest']} on the embedded engine")
    print(f"other than the embedded engine: {', '.join(wrong) or 'nothing'}")
    return not wrong


if __name__ == "__main__":
    raise SystemExit(main())
