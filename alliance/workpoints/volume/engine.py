"""The embedded engine in its sandbox: no extensions, no files but the ones allowed, memory and threads limited."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import pyarrow

from alliance.core.refused import Refused, mark

TOO_MUCH = mark(
    "The lines need more memory than the %(limit)s that the engine may use. Compute fewer months at once, or give the "
    "engine more memory."
)


SPILL = ".spill"  # the folder of what a shared engine does not find room for in memory
RUNNING = 4  # shared engines that a process keeps


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the engine may use of the machine."""

    memory: str = "512MB"
    threads: int = 2


class Engine:
    """A connection to the embedded engine that can reach only the folders it was opened with."""

    failures = duckdb.Error  # what a statement raises that the engine cannot do

    def __init__(self, connection: duckdb.DuckDBPyConnection, bounds: Bounds) -> None:
        self.connection = connection
        self.bounds = bounds

    def run(self, statement: str) -> None:
        """A statement without rows."""
        with self._limited():
            self.connection.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query; decimals come as Decimal, not as floats."""
        with self._limited():
            return self.connection.execute(query).fetchall()

    def rejects(self) -> list[tuple[int, str]]:
        """The rows of a text file that reading it gave up, by their lines; each once."""
        try:
            rows = self.rows("SELECT line, any_value(csv_line) FROM reject_errors GROUP BY line ORDER BY line")
        except duckdb.CatalogException:
            return []
        return [(int(line), str(text)) for line, text in rows]

    def view(self, name: str, files: Sequence[Path], otherwise: str) -> None:
        """Parquet files as a view; `otherwise` is the query that stands for no files."""
        source = f"SELECT * FROM read_parquet([{', '.join(map(quoted, files))}])" if files else otherwise
        self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {source}")

    def table(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows as a small table in memory, its columns with their SQL types."""
        cells = list(zip(*rows, strict=True)) or [()] * len(columns)
        arrays = [pyarrow.array(one, _ARROW[kind]) for one, kind in zip(cells, columns.values(), strict=True)]
        self.connection.register(f"{name}_rows", pyarrow.table(arrays, names=list(columns)))
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_rows")
        self.connection.unregister(f"{name}_rows")

    @contextmanager
    def _limited(self) -> Iterator[None]:
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise Refused(TOO_MUCH, limit=self.bounds.memory) from error


_running: OrderedDict[tuple[int, Path, Bounds], duckdb.DuckDBPyConnection] = OrderedDict()
_starting = Lock()
_ARROW = {
    "VARCHAR": pyarrow.string(),
    "DATE": pyarrow.date32(),
    "DECIMAL(18, 4)": pyarrow.decimal128(18, 4),
    "BIGINT": pyarrow.int64(),
}


@contextmanager
def opened(folders: Sequence[Path], workspace: Path, bounds: Bounds | None = None) -> Iterator[Engine]:
    """An engine that reads and writes in these folders only; what does not fit into memory goes to the workspace."""
    limits = bounds or Bounds()
    connection = _started(str(workspace / "work.duckdb"), [*folders, workspace], workspace / "spill", limits)
    try:
        yield Engine(connection, limits)
    finally:
        connection.close()


@contextmanager
def shared(folder: Path, bounds: Bounds | None = None) -> Iterator[Engine]:
    """An engine that only reads, in this folder: a connection of its own, with its own small tables.

    All of a process share one engine for a folder, with its memory and threads, because to start one takes longer than
    most questions.
    """
    limits = bounds or Bounds()
    key = (os.getpid(), folder, limits)  # one that a parent process started has no threads here
    with _starting:
        if key not in _running:
            folder.mkdir(parents=True, exist_ok=True)
            _running[key] = _started(":memory:", [folder], folder / SPILL, limits)
        _running.move_to_end(key)
        connection = _running[key].cursor()
        if len(_running) > RUNNING:
            _running.popitem(last=False)  # it ends with its last connection
    try:
        yield Engine(connection, limits)
    finally:
        connection.close()


def _started(database: str, folders: Sequence[Path], spill: Path, limits: Bounds) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        database,
        config={
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            "allow_community_extensions": "false", "memory_limit": limits.memory, "threads": str(limits.threads),
            "temp_directory": str(spill), "allow_unsigned_extensions": "false",
        },
    )  # fmt: skip
    allowed = ", ".join(map(quoted, folders))
    for statement in (
        f"SET allowed_directories = [{allowed}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.execute(statement)
    return connection


def quoted(value: object) -> str:
    """A text as an SQL literal."""
    text = str(value)
    if "\0" in text:
        raise ValueError("a text for the engine holds a null character")
    return "'" + text.replace("'", "''") + "'"


def named(name: str) -> str:
    """A heading as an SQL name."""
    return '"' + name.replace('"', '""') + '"'
