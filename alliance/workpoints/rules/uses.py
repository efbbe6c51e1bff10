"""How the codes stand that a month's charge lines use (W6, W7): earning, known besides, put aside, or nobody's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from alliance.workpoints.rules.codes import EVER, Code
from alliance.workpoints.rules.income import GOODS
from alliance.workpoints.rules.items import ALWAYS
from alliance.workpoints.rules.meanings import ITEM, PERSON, UNIT, Meaning, kind_of

POINTS, GOODS_ITEM, WITHOUT, UNKNOWN, ASIDE = "points", "goods", "without", "unknown", "aside"
STANDINGS = (POINTS, WITHOUT, GOODS_ITEM, ASIDE, UNKNOWN)
KNOWN = "known"  # how the code of a unit or a person stands that leads to one
NAMES_NONE = (EVER, ALWAYS, KNOWN)  # an empty code says that the line names no person, or no ordering unit

Days = Mapping[str, Sequence[tuple[date, date, str]]]  # how a code stands from a day until another (half-open)


class Use(NamedTuple):
    """A code in a column of a month's lines: the first and the last day with it, its lines and their charges."""

    what: str  # the column
    code: str
    first: date
    last: date
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Understood:
    """What the codes of a hospital's lines mean: units and persons, what is put aside, and what the office says of
    items. Items themselves are thousands and are read where they are needed."""

    units: tuple[Code, ...]
    persons: tuple[Code, ...]
    said: tuple[Meaning, ...]  # of items
    aside: tuple[tuple[str, tuple[Code, ...]], ...]  # by what the codes stand for

    def days(self, classes: Iterable[Code]) -> dict[str, Days]:
        """How each code stands on which days, by item, unit and person; of two that hold the first counts. `classes`
        are those of the items that earn no points."""
        aside = {kind: [(code.code, code.start, code.until, ASIDE) for code in codes] for kind, codes in self.aside}
        listed = [
            (code.code, code.start, code.until, GOODS_ITEM if code.meaning in GOODS else WITHOUT) for code in classes
        ]
        return {
            ITEM: _by_code([*aside[ITEM], *listed]),
            **{
                kind: _by_code([
                    *((code.code, code.start, code.until, KNOWN) for code in codes), ("", *NAMES_NONE), *aside[kind],
                ])
                for kind, codes in ((UNIT, self.units), (PERSON, self.persons))
            },
        }  # fmt: skip


def _by_code(rows: Iterable[tuple[str, date, date, str]]) -> Days:
    found: dict[str, list[tuple[date, date, str]]] = {}
    for code, start, until, stands in rows:
        found.setdefault(code, []).append((start, until, stands))
    return found


def judged(days: Mapping[str, Days], uses: Iterable[Use]) -> tuple[list[tuple[Use, str]], list[Use]]:
    """How the code of each use stands; and the uses during whose days that changes, to be counted day by day."""
    found: list[tuple[Use, str]] = []
    turning: list[Use] = []
    for use in uses:
        ranges = days[kind_of(use.what)].get(use.code, ())
        if any(use.first < start <= use.last or use.first < until <= use.last for start, until, _stands in ranges):
            turning.append(use)
        else:
            stands = (stands for start, until, stands in ranges if start <= use.first < until)
            found.append((use, next(stands, UNKNOWN)))
    return found, turning
