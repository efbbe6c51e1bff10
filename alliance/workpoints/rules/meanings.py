"""What the codes of charge lines mean on a day (W6): as the hospital's systems say, and as its office says instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from alliance.core.refused import mark
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.items import ALWAYS, ItemPoints

ITEM, UNIT, PERSON = "item", "unit", "person"
WHAT: Mapping[str, str] = {ITEM: mark("Charged item"), UNIT: mark("Department"), PERSON: mark("Person")}
# The columns of a line in which an unknown code may stand.
COLUMNS: Mapping[str, str] = {
    "item": mark("Charged item"), "ordering_unit": mark("Ordering department"),
    "ordering_person": mark("Ordering person"), "performing_unit": mark("Performing department"),
    "performing_person": mark("Performing person"),
}  # fmt: skip
REASON = 10  # characters of the reason why lines are put aside for good


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code of the lines means from a day on; without a meaning its lines are put aside for good."""

    what: str
    outside: str
    meaning: str
    start: date


def kind_of(column: str) -> str:
    """Item, unit or person: what stands in a column of a line."""
    return column.rpartition("_")[2]


def spans(meanings: Iterable[Meaning]) -> list[Code]:
    """Meanings as ranges of days: each holds until the next of its code; of one day the one recorded last."""
    found: dict[str, dict[date, str]] = {}
    for one in meanings:
        found.setdefault(one.outside, {})[one.start] = one.meaning
    codes = []
    for outside, days in sorted(found.items()):
        starts = sorted(days)
        codes += [
            Code(outside, days[start], start, until)
            for start, until in zip(starts, [*starts[1:], ALWAYS], strict=True)
        ]  # fmt: skip
    return codes


def of_systems(facts: Iterable[tuple[str, str, str, date]]) -> list[Code]:
    """The codes of all systems of a hospital (system, code, unit or "", from a day on), which lines do not tell apart.

    A code that leads to one unit only is known; one that two systems use for different units is nobody's, until the
    office says what it means in charge lines.
    """
    by_code: dict[str, dict[str, list[Meaning]]] = {}
    for system, outside, unit, start in facts:
        by_code.setdefault(outside, {}).setdefault(system, []).append(Meaning(UNIT, outside, unit, start))
    found: list[Code] = []
    for outside, systems in sorted(by_code.items()):
        ranges = [code for rows in systems.values() for code in spans(rows) if code.meaning]
        days = sorted({day for code in ranges for day in (code.start, code.until)})
        for start, until in pairwise(days):
            units = {code.meaning for code in ranges if code.start <= start < code.until}
            if len(units) == 1:
                found.append(Code(outside, units.pop(), start, until))
    return found


def placed(known: Sequence[Code], said: Sequence[Meaning]) -> tuple[list[Code], list[Code]]:
    """What is known of codes, with what the office says from a day on in its place; and the codes put aside."""
    own = spans(said)
    first = _first(own)
    kept = [
        Code(code.code, code.meaning, code.start, min(code.until, first.get(code.code, ALWAYS))) for code in known
        if code.start < first.get(code.code, ALWAYS)
    ]  # fmt: skip
    return kept + [code for code in own if code.meaning], [code for code in own if not code.meaning]


def _first(own: Sequence[Code]) -> dict[str, date]:
    """The day from which the office speaks about each code."""
    found: dict[str, date] = {}
    for code in own:
        found[code.code] = min(code.start, found.get(code.code, ALWAYS))
    return found


def pointed(rows: Sequence[ItemPoints], said: Sequence[Meaning]) -> list[ItemPoints]:
    """The points of items, with those of another item wherever a code means that one, and none where it is put aside.

    A code that is mapped never has its own points beside: a line would count twice.
    """
    if not said:
        return list(rows)
    own = spans(said)
    first = _first(own)
    found = [
        ItemPoints(row.item, row.role, row.points, row.start, min(row.until, first.get(row.item, ALWAYS)))
        for row in rows if row.start < first.get(row.item, ALWAYS)
    ]  # fmt: skip
    by_item: dict[str, list[ItemPoints]] = {}
    wanted = {code.meaning for code in own}
    for row in rows:
        if row.item in wanted:
            by_item.setdefault(row.item, []).append(row)
    for code in own:
        found += [
            ItemPoints(code.code, row.role, row.points, max(code.start, row.start), min(code.until, row.until))
            for row in by_item.get(code.meaning, ()) if max(code.start, row.start) < min(code.until, row.until)
        ]  # fmt: skip
    return found


def classed(classes: Sequence[Code], said: Sequence[Meaning]) -> list[Code]:
    """The classes of items by day, with that of another item wherever a code means that one."""
    mapped = [one for one in said if one.meaning]
    if not mapped:
        return list(classes)
    kept, _aside = placed(classes, mapped)
    own = {(code.code, code.start) for code in spans(mapped)}
    by_item: dict[str, list[Code]] = {}
    for code in classes:
        by_item.setdefault(code.code, []).append(code)
    found = []
    for code in kept:
        if (code.code, code.start) not in own:
            found.append(code)
            continue
        found += [
            Code(code.code, row.meaning, max(code.start, row.start), min(code.until, row.until))
            for row in by_item.get(code.meaning, ()) if max(code.start, row.start) < min(code.until, row.until)
        ]  # fmt: skip
    return found
