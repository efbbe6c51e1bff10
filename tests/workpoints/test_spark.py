"""A real Spark Connect server: two million charge lines with the sums of whole numbers, every answer that of DuckDB;
and a portal that sums there and pays what it pays without."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator

import pytest

from alliance.core.refused import Refused
from alliance.workpoints.volume import cluster
from tests.spark import PYTHON, ROOT, Server, server

WITHIN = 900  # seconds: on two idle cores it takes about a minute, but tests may run beside it
PROOF = ["-W", "ignore::FutureWarning", "-m", "benchmarks.charge_lines_on_spark", "--rounds", "0"]


@pytest.fixture(scope="module")
def spark() -> Iterator[Server]:
    """One server for all tests: starting takes longer than most questions."""
    if not PYTHON.exists():
        pytest.fail("there is no .venv-spark; make it with: scripts/venv.sh spark (`make test` does it by itself)")
    with server() as one:
        yield one


def test_spark_answers_what_the_embedded_engine_answers(spark: Server) -> None:
    done = subprocess.run(
        [PYTHON, *PROOF, "--lines", "2000000", "--remote", spark.address], cwd=ROOT, capture_output=True, text=True,
        timeout=WITHIN, check=False,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert "2000000 lines, 24000 sums as in whole numbers" in told
    assert re.search(r"digest ([0-9a-f]{64}) on Spark, \1 on the embedded engine", told), told
    assert re.search(r"\d+ query texts asked: POINTS, .*BEHIND", told), told
    assert told.count("other than the embedded engine: nothing") == 2


def test_a_portal_on_a_cluster_pays_what_it_pays_without(spark: Server) -> None:
    # The client comes from .venv-spark and everything else from here; scripts/check_tree.py sees to it that what both
    # hold has one version.
    environ = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib"), "ALLIANCE_SPARK": spark.address}
    told = subprocess.run(
        [
            PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::FutureWarning",
            "-W", "ignore::DeprecationWarning", "tests/workpoints/portal_on_spark.py",
        ],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=WITHIN, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert "1 passed" in told.stdout


def test_a_cluster_without_its_client_is_refused() -> None:
    # The client is an extra, and the tests run without it: it shares files with the server's package.
    assert importlib.util.find_spec("pyspark") is None
    with pytest.raises(Refused, match="its client is not installed"), cluster.opened("sc://127.0.0.1:15002"):
        pass


def test_a_cluster_that_does_not_answer_is_refused_without_its_token() -> None:
    asked = (
        "from alliance.core.refused import Refused\n"
        "from alliance.workpoints.volume import cluster\n"
        "try:\n"
        "    with cluster.opened('sc://127.0.0.1:1/;token=very-secret'): pass\n"
        "except Refused as no: print('refused:', no)\n"
    )
    done = subprocess.run(
        [PYTHON, "-W", "ignore::FutureWarning", "-c", asked], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "refused: The Spark cluster at 127.0.0.1:1 does not answer" in done.stdout, done.stderr
    assert "very-secret" not in done.stdout
