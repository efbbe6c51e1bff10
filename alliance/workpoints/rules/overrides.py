"""A point library in a hospital (W7): its versions, what stands otherwise from a day on, and how far that departs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from alliance.core.figure import Figure, half_up, quotient, sum_exactly
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.workpoints.rules.items import ItemPoints, check_items
from alliance.workpoints.rules.library import Override, adopted
from alliance.workpoints.rules.tables import TableRow, compare
from alliance.workpoints.rules.working import Working

PROVINCE, CITY, ALLIANCE = "province", "city", "alliance"
LEVELS: Mapping[str, Both] = {
    PROVINCE: Both("省级", "province"),
    CITY: Both("市级", "city"),
    ALLIANCE: Both("医联体", "alliance"),
}
CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
Row = tuple[str, str]  # item and role
LEAST = 10  # letters of a reason
PLACES = 2  # of a deviation in %


@dataclass(frozen=True, slots=True)
class OwnPoints:
    """A hospital's own points of an item and role from a day on; without points the library's hold again."""

    item: str
    role: str
    points: Decimal | None
    start: date
    reason: str

    @property
    def row(self) -> Row:
        return self.item, self.role


@dataclass(frozen=True, slots=True)
class Differences:
    """In which items a version differs from the one before: new ones, dropped ones, and those whose points, name or
    class are others."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """What becomes of a hospital's overrides when it adopts a version: those that stay and those that fall away."""

    stay: tuple[OwnPoints, ...]
    fall: tuple[OwnPoints, ...]


@dataclass(frozen=True, slots=True)
class Deviations:
    """How far a hospital departs from its library: by item and role the figure in % (none where the library gives 0
    points), the mean of the sizes and the largest."""

    each: Mapping[Row, Figure]
    mean: Decimal | None
    largest: Decimal | None


def check_code(code: str) -> None:
    """Refused: a code of a library that could not stand in an address."""
    if not CODE.fullmatch(code):
        raise Refused(
            "A code of a library has 2 to 20 signs: capital letters, digits and hyphens. “%(code)s” is none.", code=code
        )


def differences(before: Sequence[TableRow], after: Sequence[TableRow]) -> Differences:
    """What a version changes of the one before."""
    old, new = ({row.item.code: row.item for row in rows} for rows in (before, after))
    points = {item for item, _role, _before, _after in compare(before, after).changes}
    other = {code for code in old.keys() & new.keys() if code in points or old[code] != new[code]}
    return Differences(
        tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys())), tuple(sorted(other))
    )  # fmt: skip


def on_day(changes: Iterable[OwnPoints], day: date) -> dict[Row, OwnPoints]:
    """What stands otherwise on a day, of each row what begins last; `changes` in the order of recording."""
    last: dict[Row, OwnPoints] = {}
    for one in changes:
        if one.start <= day and (one.row not in last or one.start >= last[one.row].start):
            last[one.row] = one
    return {row: one for row, one in last.items() if one.points is not None}


def overridden(row: ItemPoints, changes: Iterable[OwnPoints]) -> list[ItemPoints]:
    """A row of a library with the overrides of its item and role, each from its day on."""
    own = [one for one in changes if one.row == (row.item, row.role) and one.start < row.until]
    if not own:
        return [row]
    days = sorted({row.start, row.until, *(one.start for one in own if one.start > row.start)})
    found: list[ItemPoints] = []
    for start, until in pairwise(days):
        held = on_day(own, start).get((row.item, row.role))
        points = row.points if held is None or held.points is None else held.points
        if found and found[-1].points == points:
            start = found.pop().start
        found.append(ItemPoints(row.item, row.role, points, start, until))
    return found


def carried(changes: Sequence[OwnPoints], rows: Collection[Row], day: date) -> Carried:
    """What stays of overrides when a table with other rows takes the place from a day on, and what falls away: those
    of rows that it has not. What begins later stays dated as it is."""
    now = on_day(changes, day)
    all_of = [OwnPoints(*one.row, one.points, max(one.start, day), one.reason) for one in now.values()]
    all_of += [one for one in changes if one.start > day]
    later = [one for one in changes if one.start > day and one.points is not None]
    return Carried(
        tuple(one for one in all_of if one.row in rows),
        tuple(one for one in [*now.values(), *later] if one.row not in rows),
    )


def check_override(row: TableRow | None, given: OwnPoints) -> None:
    """Refused: a row that the library has not or gives no points, points below 0 or too fine, a reason under ten
    characters. 0 is a value: the item earns nothing here."""
    if row is None or not row.role:
        raise Refused(
            "The library gives no points for this item and role. Ask its publisher, or import a table of your own."
        )
    if len(given.reason.strip()) < LEAST:
        raise Refused("An override needs a reason of ten characters.")
    if given.points is None:
        return
    problems: list[Problem] = check_items(
        {row.item.code: row.item}, [ItemPoints(*given.row, given.points, given.start)]
    )
    if problems:
        raise Refused(problems[0].message)
    if given.points == row.points:
        raise Refused(SAME)


SAME = mark("These are the points of the library; there is nothing to override.")


def deviations(working: Working, library: Mapping[Row, ItemPoints], own: Mapping[Row, OwnPoints]) -> Deviations:
    """How far overrides depart from the library, each as a figure."""
    rows = [library[row] for row in sorted(own.keys() & library.keys())]
    given = [
        Override(one.item, one.role, one.points, one.reason) for row, one in sorted(own.items())
        if one.points is not None and row in library
    ]  # fmt: skip
    _rows, figures = adopted(working, rows, given)
    each = {(row.item, row.role): figures[key] for row in rows if (key := f"{row.item}/{row.role}") in figures}
    sizes = [one.value for one in each.values() if one.value is not None]
    if not sizes:
        return Deviations(each, None, None)
    mean = half_up(quotient(sum_exactly(abs(size) for size in sizes), Decimal(len(sizes))), PLACES)
    return Deviations(each, mean, max(sizes, key=lambda size: (abs(size), size)))
