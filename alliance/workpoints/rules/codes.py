"""Codes of the hospital's systems (M3, W6): each leads, from a day until another, to one unit or one person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.items import ALWAYS

EVER = date(1900, 1, 1)
TWO_AT_ONCE = mark("this code leads to two at once from this day on")


class Code(NamedTuple):
    """A code and what it means (the code of a unit, the number of a person), from a day until another (half-open)."""

    code: str
    meaning: str
    start: date = EVER
    until: date = ALWAYS


def check_codes(codes: Iterable[Code]) -> None:
    """Refuse codes that mean two things on the same day: a line would count twice."""
    rows_of = list(codes)
    if len({one.code for one in rows_of}) == len(rows_of):
        return
    found: dict[str, list[Code]] = {}
    for one in rows_of:
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
