"""Where charge lines lie: one Parquet file for each file that was loaded, in a folder of its hospital and month."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LOOKED_BACK = 3  # months in which the charge of a refund is looked for
ASIDE = "aside"  # the folder of the lines put aside, beside the months


@dataclass(frozen=True, slots=True)
class Partitions:
    """The lines of all hospitals of a deployment, under one folder."""

    root: Path

    def folder(self, hospital: str, month: str) -> Path:
        """Where a hospital's month lies; refused for what is no code or no month."""
        _check(hospital)
        if Period.parse(month).kind is not PeriodKind.MONTH:
            raise Refused("%(month)s is no month; write 2026-03.", month=month)
        return self.root / hospital / month

    def files(self, hospital: str, month: str) -> list[Path]:
        """The files of a hospital's month, in order; none when nothing was loaded."""
        return sorted(self.folder(hospital, month).glob("*.parquet"))

    def others(self, hospital: str, month: str, source: str) -> list[Path]:
        """What a source is compared with: the month's other files, and those of the months before it."""
        mine = [file for file in self.files(hospital, month) if file.stem != source]
        period = Period.parse(month)
        return mine + [
            file for back in range(1, LOOKED_BACK + 1) for file in self.files(hospital, period.back(back).code)
        ]

    def everything(self, month: str) -> list[Path]:
        """The files of a month of all hospitals, in order."""
        return sorted(file for file in self.root.glob(f"*/{month}/*.parquet"))

    def file(self, hospital: str, month: str, source: str) -> Path:
        """The lines of one loaded file, under the name that its successor will have too."""
        _check(source)
        return self.folder(hospital, month) / f"{source}.parquet"

    def aside(self, hospital: str, month: str, source: str) -> Path:
        """The lines of one loaded file that a cleaning rule put aside."""
        _check(source)
        return self.folder(hospital, month) / ASIDE / f"{source}.parquet"

    def replace(self, hospital: str, month: str, source: str, lines: Path, aside: Path) -> None:
        """Put finished files in the place of those that this source had before; of no other."""
        for made, place in ((aside, self.aside(hospital, month, source)), (lines, self.file(hospital, month, source))):
            place.parent.mkdir(parents=True, exist_ok=True)
            _on_disk(made)
            os.replace(made, place)
            _on_disk(place.parent)

    def remove(self, hospital: str, month: str, source: str) -> None:
        """Take a loaded file out again."""
        for place in (self.file(hospital, month, source), self.aside(hospital, month, source)):
            place.unlink(missing_ok=True)


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
