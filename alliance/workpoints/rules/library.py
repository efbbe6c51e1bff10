"""The shared library of points (W7): adopted, overridden item by item with a reason, its departures shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.core.figure import EXACT, Figure, Name, canonical, derived, quotient
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.items import NO_ROLE, ItemPoints
from alliance.workpoints.rules.working import PERCENT, POINTS, Label, Working


@dataclass(frozen=True, slots=True)
class Override:
    """A hospital's own points of an item of the shared library, with the reason."""

    item: str
    role: str
    points: Decimal
    reason: str


def adopted(
    working: Working, library: Sequence[ItemPoints], overrides: Sequence[Override]
) -> tuple[list[ItemPoints], dict[str, Figure]]:
    """A shared library with single items overridden, and by `item/role` how far each override departs, in %.

    Refused: an override without a reason of ten characters, or of a row that the library has not.
    """
    changed = {(one.item, one.role): one for one in overrides}
    known = {(row.item, row.role) for row in library}
    problems = [
        Problem(f"{one.item}/{one.role}", canonical(one.points), mark("an override needs a reason of ten characters"))
        for one in overrides if len(one.reason.strip()) < 10
    ] + [Problem(f"{item}/{role}", role, NO_ROLE) for item, role in sorted(changed.keys() - known)]  # fmt: skip
    if problems:
        raise Refused("%(count)s overrides of the point library are refused.", count=len(problems), problems=problems)
    rows, departs = [], {}
    for row in library:
        own = changed.get((row.item, row.role))
        rows.append(row if own is None else ItemPoints(row.item, row.role, own.points, row.start, row.until))
        if own is not None and row.points:
            departs[f"{row.item}/{row.role}"] = _departure(working, row, own)
    return rows, departs


def _departure(working: Working, row: ItemPoints, own: Override) -> Figure:
    place = f"{row.item}/{row.role}@{row.start}"
    shared, mine = (
        working.entered(f"item/{place}/{code}", Label(code, zh, en), points, f"{source}:{place}", unit=POINTS)
        for code, zh, en, points, source in (
            ("library_points", "点数库点数", "Points of the library", row.points, "library"),
            ("own_points", "本院点数", "Own points", own.points, f"bonusscheme:{working.reference}#points"),
        )
    )  # fmt: skip
    kind = working.kind(
        Label("departure", "与点数库的偏离", "Departure from the library"), "(own - library) / library * 100", "2",
        names=(Name("own", "本院点数", "own points"), Name("library", "点数库点数", "points of the library")),
        unit=PERCENT,
    )  # fmt: skip
    exact = quotient(EXACT.subtract(own.points, row.points), row.points, 100)
    return derived(f"item/{place}/departure", kind, exact, (("own", mine), ("library", shared)), owner=working.owner())
