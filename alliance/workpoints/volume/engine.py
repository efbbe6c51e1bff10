"""The embedded engine in its sandbox: no extensions, no files but the ones allowed, memory and threads limited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow

from alliance.core.refused import Refused, mark

TOO_MUCH = mark(
    "The lines need more memory than the %(limit)s that the engine may use. Compute fewer months at once, or give the "
    "engine more memory."
)


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
        self.run(f"CREATE OR REPLACE VIEW {name} AS {source}")

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


_ARROW = {
    "VARCHAR": pyarrow.string(),
    "DATE": pyarrow.date32(),
    "DECIMAL(18, 4)": pyarrow.decimal128(18, 4),
    "BIGINT": pyarrow.int64(),
}


@contextmanager
def opened(
    folders: Sequence[Path], workspace: Path, bounds: Bounds | None = None, *, writes: bool = True
) -> Iterator[Engine]:
    """An engine that reads and writes in these folders only; what does not fit into memory goes to the workspace.

    One that only reads makes small tables alone, and begins without a database file.
    """
    limits = bounds or Bounds()
    connection = duckdb.connect(
        str(workspace / "work.duckdb") if writes else ":memory:",
        config={
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            "allow_community_extensions": "false", "memory_limit": limits.memory, "threads": str(limits.threads),
            "temp_directory": str(workspace / "spill"), "allow_unsigned_extensions": "false",
        },
    )  # fmt: skip
    try:
        allowed = ", ".join(quoted(folder) for folder in [*folders, workspace])
        for statement in (
            f"SET allowed_directories = [{allowed}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            connection.execute(statement)
        yield Engine(connection, limits)
    finally:
        connection.close()


def quoted(value: object) -> str:
    """A text as an SQL literal."""
    text = str(value)
    if "\0" in text:
        raise ValueError("a text for the engine holds a null character")
    return "'" + text.replace("'", "''") + "'"


def named(name: str) -> str:
    """A heading as an SQL name."""
    return '"' + name.replace('"', '""') + '"'
