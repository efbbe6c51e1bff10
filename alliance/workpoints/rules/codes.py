"""Codes of the hospital's systems (M3, W6): each leads, from a day until another, to one unit or one person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.items import ALWAYS, ItemPoints

EVER = date(1900, 1, 1)
TWO_AT_ONCE = mark("this code leads to two at once from this day on")


@dataclass(frozen=True, slots=True)
class Code:
    """A code and what it means (the code of a unit, the number of a person), from a day until another (half-open)."""

    code: str
    meaning: str
    start: date = EVER
    until: date = ALWAYS


def check_codes(codes: Iterable[Code]) -> None:
    """Refuse codes that mean two things on the same day: a line would count twice."""
    found: dict[str, list[Code]] = {}
    for one in codes:
        found.setdefault(one.code, []).append(one)
    problems = []
    for code, rows in sorted(found.items()):
        rows.sort(key=lambda row: (row.start, row.until))
        problems += [
            Problem(code, above.start.isoformat(), TWO_AT_ONCE) for below, above in pairwise(rows)
            if above.start < below.until
        ]  # fmt: skip
    if problems:
        raise Refused("%(count)s codes lead to two at once.", count=len(problems), problems=problems)


def known_days(rows: Sequence[ItemPoints]) -> list[tuple[str, date, date]]:
    """The days on which an item has points for any role, as ranges that neither touch nor overlap, in order."""
    found: list[tuple[str, date, date]] = []
    for row in sorted(rows, key=lambda one: (one.item, one.start, one.until)):
        if found and found[-1][0] == row.item and row.start <= found[-1][2]:
            item, start, until = found[-1]
            found[-1] = (item, start, max(until, row.until))
        else:
            found.append((row.item, row.start, row.until))
    return found
