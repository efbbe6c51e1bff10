"""The same tables and queries on Apache Spark, through Spark Connect."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from alliance.core.refused import Refused, mark
from alliance.workpoints.volume.sql import LINE_COLUMNS

# As the SQL of charge lines expects it: no silent overflow, no cut-off decimals, days that know no zone.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Spark session as an engine of charge lines; it answers as the embedded one does."""

    session: Any  # pyspark.sql.connect.session.SparkSession; the package is an optional one

    def configure(self) -> None:
        for name, value in SETTINGS.items():
            self.session.conf.set(name, value)

    def read_lines(self, paths: Sequence[str]) -> None:
        """Let the cluster read partitions, by addresses that all its workers reach; none is no lines."""
        if paths:
            self.session.read.parquet(*paths).createOrReplaceTempView("lines")
        else:
            self.table("lines", LINE_COLUMNS, [])

    def table(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows as a temporary view, its columns with their SQL types."""
        schema = ", ".join(f"{column} {TYPES.get(kind, kind)}" for column, kind in columns.items())
        self.session.createDataFrame([tuple(row) for row in rows], schema).createOrReplaceTempView(name)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query; decimals come as Decimal."""
        return [tuple(row) for row in self.session.sql(query).collect()]


TYPES = {"VARCHAR": "STRING"}
PORT = 15002  # of Spark Connect, where an address names none
ANSWERS_WITHIN = 5.0  # seconds; by itself the client would try for ten minutes
NO_CLIENT = mark("The portal is set up for a Spark cluster, but its client is not installed; tell the operator.")
NOT_REACHED = mark(
    "The Spark cluster at %(host)s:%(port)s does not answer. See that its Spark Connect server runs, and try again."
)


@contextmanager
def opened(address: str) -> Iterator[Cluster]:
    """A session of its own at sc://host:port, closed at the end: what two callers read is not mixed up.

    Refused: the client is not installed, or nobody answers at that address.
    """
    try:
        from pyspark.sql.connect.session import SparkSession  # the optional package
    except ImportError as error:
        raise Refused(NO_CLIENT) from error
    _reach(address)
    session: Any = SparkSession.builder.remote(address).create()
    try:
        cluster = Cluster(session)
        cluster.configure()
        yield cluster
    finally:
        session.stop()


def _reach(address: str) -> None:
    """Refuse an address at which nobody answers; the rest of the address may hold a token, and is not told."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORT
    try:
        socket.create_connection((host, port), ANSWERS_WITHIN).close()
    except OSError as error:
        raise Refused(NOT_REACHED, host=host, port=port) from error
