"""Where charge lines lie: one Parquet file for each file that was loaded, in a folder of its hospital and month.

Which of them count is known to the caller, who keeps what was loaded, and never found by looking into the folder: older
revisions stay for the runs that rest on them, and a load that was killed may have left a file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LINES_TOGETHER = 61_440  # that a thread of the engine reads at once: a hospital of 190,000 keeps two of them busy
LOOKED_BACK = 3  # months in which the charge of a refund is looked for
ASIDE = "aside"  # the folder of the lines put aside, in that of their month
Load = tuple[str, int]  # a source and its revision


@dataclass(frozen=True, slots=True)
class Partitions:
    """The lines of all hospitals of an alliance, under one folder; `spark` is the address of the cluster that sums
    them and reaches the same folder, "" for the embedded engine."""

    root: Path
    spark: str = field(default="", repr=False)

    def folder(self, hospital: str, month: str) -> Path:
        """Where a hospital's month lies; refused for what is no code or no month."""
        _check(hospital)
        if Period.parse(month).kind is not PeriodKind.MONTH:
            raise Refused("%(month)s is no month; write 2026-03.", month=month)
        return self.root / hospital / month

    def files(self, hospital: str, month: str, loads: Iterable[Load]) -> list[Path]:
        """The files of what was loaded for a hospital's month, in order."""
        return [self.file(hospital, month, source, revision) for source, revision in sorted(loads)]

    def others(self, hospital: str, month: str, source: str, in_force: Mapping[str, Iterable[Load]]) -> list[Path]:
        """What a source is compared with: the month's other files, and those of the months before it. `in_force` are
        the loads that count, by month."""
        mine = [load for load in in_force.get(month, ()) if load[0] != source]
        before = [Period.parse(month).back(back).code for back in range(1, LOOKED_BACK + 1)]
        return self.files(hospital, month, mine) + [
            file for code in before for file in self.files(hospital, code, in_force.get(code, ()))
        ]

    def file(self, hospital: str, month: str, source: str, revision: int) -> Path:
        """The lines of one loaded file in one revision."""
        return self.folder(hospital, month) / f"{_named(source, revision)}.parquet"

    def aside(self, hospital: str, month: str, source: str, revision: int) -> Path:
        """The lines of one loaded file that a cleaning rule put aside."""
        return self.folder(hospital, month) / ASIDE / f"{_named(source, revision)}.parquet"

    def put(self, hospital: str, month: str, source: str, revision: int, lines: Path, aside: Path) -> None:
        """Give finished files their place. What lies there was left by a load that was killed before it counted."""
        for made, place in (
            (aside, self.aside(hospital, month, source, revision)),
            (lines, self.file(hospital, month, source, revision)),
        ):
            place.parent.mkdir(parents=True, exist_ok=True)
            _on_disk(made)
            os.replace(made, place)
            _on_disk(place.parent)

    def everything(self) -> list[Path]:
        """Every file there is, also those that never came to count."""
        return sorted(self.root.glob("*/*/**/*.parquet"))


def partitions_of(data: Path, alliance: int, spark: str = "") -> Partitions:
    """Where the charge lines of an alliance lie: two alliances may have hospitals of the same code."""
    return Partitions(data / "charges" / str(alliance), spark)


def _named(source: str, revision: int) -> str:
    _check(source)
    return f"{source}-r{int(revision)}"


def _check(name: str) -> None:
    if not NAME.fullmatch(name):
        raise Refused("%(name)s is no name for charge lines: letters, digits, - and _ only.", name=name)


def _on_disk(path: Path) -> None:
    """Have the system write a file or a folder to the disk for good."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
