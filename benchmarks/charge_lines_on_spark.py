"""The same charge lines, SQL and digests on Apache Spark, through a Spark Connect server on loopback.

`python -m benchmarks.charge_lines_on_spark --lines 2000000`, in an environment with `pyspark[connect]` and Java 17
beside what the portal needs (the full package and its client share files, so not in the portal's own). With --classic
the session lives in this process. Every answer must be that of the embedded engine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from alliance.workpoints.volume import engine, points
from alliance.workpoints.volume.cluster import Cluster
from alliance.workpoints.volume.partitions import Partitions
from benchmarks.charge_lines import files, generate, meanings

LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
FEWER = {"spark.sql.shuffle.partitions": "8"}  # two cores, not two hundred


def session(classic: bool) -> Any:
    """A session of two threads, all of it on loopback."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    from pyspark.sql import SparkSession  # the optional package

    builder: Any = SparkSession.builder
    builder = builder.master("local[2]") if classic else builder.remote("local[2]")
    for name, value in (LOOPBACK | FEWER).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def answers(one: Any) -> dict[str, Any]:
    """Every question that is asked of charge lines."""
    earned = points.earned(one)
    return {
        "points": points.digest(earned),
        "unknown codes": points.unknown(one),
        "coverage": points.covered(one),
        "totals": points.totals(one),
        "lines behind a sum": points.behind(one, earned[len(earned) // 2], limit=20),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--classic", action="store_true", help="a session in this process in place of Spark Connect")
    parser.add_argument("--folder", type=Path, help="where lines are kept between runs; a new folder without it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        partitions = Partitions((arguments.folder or Path(temporary)) / f"lines-{arguments.lines}")
        generate(partitions, arguments.lines)
        with engine.opened([partitions.root], Path(temporary)) as one:
            points.read_lines(one, files(partitions))
            points.prepare(one, list(meanings()))
            expected = answers(one)
        return compare(partitions, expected, arguments.classic)


def compare(partitions: Partitions, expected: dict[str, Any], classic: bool) -> int:
    """Ask the cluster the same and say where it answers otherwise."""
    began = time.perf_counter()
    spark = session(classic)
    print(f"session {type(spark).__module__} after {time.perf_counter() - began:.1f} s")
    cluster = Cluster(spark)
    cluster.configure()
    cluster.read_lines([str(file) for file in files(partitions)])
    points.prepare(cluster, list(meanings()))
    began = time.perf_counter()
    found = answers(cluster)
    print(f"answered in {time.perf_counter() - began:.1f} s; digest {found['points']}")
    wrong = [name for name, answer in expected.items() if found[name] != answer]
    print(f"other than the embedded engine: {', '.join(wrong) or 'nothing'}")
    spark.stop()
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
