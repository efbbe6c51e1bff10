"""Names of periods under an axis: as many as fit, the newest always, the year said once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .lettering import SMALL, width_of

_YEAR_FIRST = re.compile(r"(?P<year>\d{4}年?)(?!年|度$)(?:(?<=年)|[-/. ]|(?=\D))(?P<rest>.+)")
_YEAR_LAST = re.compile(r"(?P<rest>\S.*?)\s+(?P<year>\d{4})")
_APART = 8.0


def parted(period: str) -> tuple[str, str]:
    """Year and rest: ('2026年', '3月'), ('2026', 'Q1'), ('2026', 'Mar'); no year where none is to be seen."""
    match = _YEAR_FIRST.fullmatch(period) or _YEAR_LAST.fullmatch(period)
    return (match["year"], match["rest"]) if match else ("", period)


def named(periods: Sequence[str], step: float) -> list[tuple[int, str, str]]:
    """Index, short name and, where a year begins, the year, for the periods whose names have room.

    `step` is the distance from period to period in user units.
    """
    parts = [parted(period) for period in periods]
    if not all(year for year, _ in parts):
        parts = [("", period) for period in periods]
    widest = max((width_of(rest, SMALL) for _, rest in parts), default=0) + _APART
    stride = next((size for size in (1, 2, 3, 4, 6, 12) if size * step >= widest), len(periods))
    chosen = [index for index in range(len(periods)) if (len(periods) - 1 - index) % stride == 0]
    years = _years([(index, parts[index][0]) for index in chosen], step)
    return [(index, parts[index][1], years.get(index, "")) for index in chosen]


def _years(chosen: Sequence[tuple[int, str]], step: float) -> dict[int, str]:
    """Each year at the first name that falls in it; of two that would touch, the later."""
    shown: dict[int, str] = {}
    for index, year in chosen:
        if not year or year in shown.values():
            continue
        before = max(shown, default=None)
        room = width_of(year, SMALL) + _APART
        if before is not None and (index - before) * step < room:
            del shown[before]
        shown[index] = year
    return shown
