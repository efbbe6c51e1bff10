"""The same tables and queries on Apache Spark, through a session that somebody opened (Spark Connect or local)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# As the SQL of charge lines expects it: no silent overflow, no cut-off decimals, days that know no zone.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Spark session as an engine of charge lines; it answers as the embedded one does."""

    session: Any  # pyspark.sql.SparkSession or its Connect twin; the package is an optional one

    def configure(self) -> None:
        for name, value in SETTINGS.items():
            self.session.conf.set(name, value)

    def read_lines(self, paths: Sequence[str]) -> None:
        """Let the cluster read partitions, by addresses that all its workers reach."""
        self.session.read.parquet(*paths).createOrReplaceTempView("lines")

    def table(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows as a temporary view, its columns with their SQL types."""
        schema = ", ".join(f"{column} {TYPES.get(kind, kind)}" for column, kind in columns.items())
        self.session.createDataFrame([tuple(row) for row in rows], schema).createOrReplaceTempView(name)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query; decimals come as Decimal."""
        return [tuple(row) for row in self.session.sql(query).collect()]


TYPES = {"VARCHAR": "STRING"}
