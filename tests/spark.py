"""A throw-away Spark Connect server on loopback, made of the package that `scripts/venv.sh spark` installs."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-spark" / "bin" / "python"
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
STARTED = re.compile(r"Spark Connect server started at: .*:(\d+)")
MEMORY = "1g"
STARTS_WITHIN = 120.0
STOPS_WITHIN = 30.0

SETTINGS = {
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": "0",  # a free one, which the log tells
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "8",  # for two cores, not for two hundred
    "spark.sql.autoBroadcastJoinThreshold": "64MB",  # the small tables go to the lines, not the lines to them
}


@dataclass(frozen=True)
class Server:
    """A running server: where its clients find it, and its process."""

    address: str
    pid: int

    def peak(self) -> int:
        """The most memory it has held so far, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024


@contextmanager
def server(memory: str = MEMORY) -> Iterator[Server]:
    """A new server with two threads and so much heap until the end of the block; nothing is downloaded.

    Raises RuntimeError when Spark or Java is missing or the server does not start: a test run without it would prove
    less than it says.
    """
    home = _home()
    with TemporaryDirectory(prefix="alliance-spark-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / "log").open("w+b") as log:
            # The scripts of Spark replace themselves by java, so this is the process of the server itself.
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", "--", *_command(home, folder, memory)],
                cwd=folder, env=_environment(home, folder), stdout=log, stderr=log,
            )  # fmt: skip
            try:
                port = _wait_for(process, folder / "log")
                yield Server(f"sc://127.0.0.1:{port}", process.pid)
            finally:
                _stop(process)


def _home() -> Path:
    """The folder of the package, where Spark's scripts and jars lie."""
    for home in PYTHON.parent.parent.glob("lib/python3*/site-packages/pyspark"):
        if not shutil.which(Path(os.environ.get("JAVA_HOME", "")) / "bin/java") and not shutil.which("java"):
            raise RuntimeError(
                "no Java for Spark in $JAVA_HOME or PATH; install it with: scripts/system_packages.sh test"
            )
        return home
    raise RuntimeError(
        "no Spark in .venv-spark; install it with: scripts/venv.sh spark (`make test` does it by itself)"
    )


def _command(home: Path, folder: Path, memory: str) -> list[str]:
    settings = SETTINGS | {"spark.local.dir": str(folder), "spark.sql.warehouse.dir": str(folder / "warehouse")}
    return [
        str(home / "bin" / "spark-submit"), "--class", SERVER, "--master", "local[2]", "--driver-memory", memory,
        "--driver-java-options", f"-Djava.io.tmpdir={folder}",
        *(word for name, value in settings.items() for word in ("--conf", f"{name}={value}")), "spark-internal",
    ]  # fmt: skip


def _environment(home: Path, folder: Path) -> dict[str, str]:
    """What the server sees of ours: nothing that was set for another Spark."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "HADOOP_", "PYSPARK_"))}
    return kept | {"SPARK_HOME": str(home), "SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_IP": "127.0.0.1"}


def _wait_for(process: subprocess.Popen[bytes], log: Path) -> int:
    """The port of the server, once it takes questions."""
    end = time.monotonic() + STARTS_WITHIN
    while not (found := STARTED.search(log.read_text(errors="replace"))):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"Spark Connect did not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.2)
    return int(found[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
