"""Accepted work of the workload ledger as a partition of its own: lines like those of a file, with nothing to clean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal

from alliance.workpoints.rules.cleaning import COLUMNS
from alliance.workpoints.rules.workloads import NOT_SAID, ORDERING, PERFORMING, SOURCE, Workload, own_code
from alliance.workpoints.volume import sql
from alliance.workpoints.volume.engine import opened, quoted
from alliance.workpoints.volume.loading import Loaded, Made, Source, sha256, working_folder
from alliance.workpoints.volume.partitions import Partitions

ASIDE_COLUMNS = {"source": "VARCHAR", "row_no": "BIGINT", "reason": "VARCHAR", **dict.fromkeys(COLUMNS, "VARCHAR")}


@contextmanager
def made(
    partitions: Partitions, hospital: str, month: str, revision: int, works: Mapping[int, Workload]
) -> Iterator[Made]:  # fmt: skip
    """The lines of a month's accepted entries by number, all of them anew; there until the end of the context."""
    with working_folder(partitions.root) as folder, opened([partitions.root], folder) as engine:
        lines = [_line(hospital, month, number, one) for number, one in sorted(works.items())]
        for name, columns, rows in (("lines", sql.LINE_COLUMNS, lines), ("aside", ASIDE_COLUMNS, [])):
            engine.table(name, columns, rows)
            engine.run(
                f"COPY (SELECT * FROM {name} ORDER BY row_no) TO {quoted(folder / f'{name}.parquet')} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )  # fmt: skip
        file = folder / "lines.parquet"
        loaded = Loaded(sha256(file), len(lines), len(lines), Decimal(0), ())
        yield Made(Source(hospital, month, SOURCE, file, "", revision), loaded, file, folder / "aside.parquet")


def _line(hospital: str, month: str, number: int, one: Workload) -> Sequence[object]:
    """An entry as a line: its number is the row, and in the role that it does not name stands nobody."""
    who = {one.role: (own_code(one.unit), own_code(one.person))}
    nobody = (NOT_SAID, "")
    return (
        hospital, month, SOURCE, number, f"{SOURCE}/{number}", one.day, one.item, one.setting, one.quantity, Decimal(0),
        *who.get(ORDERING, nobody), *who.get(PERFORMING, nobody),
    )  # fmt: skip
