"""What increments add to the units of a month (W10): tiered ones by filed quantities, new techniques as counted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from alliance.core.figure import Figure, canonical
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.increments import Increments, growth, increment
from alliance.workpoints.rules.month.filed import filed_number
from alliance.workpoints.rules.month.given import MonthGiven, UnitGiven
from alliance.workpoints.rules.techniques import technique_reward, times_done
from alliance.workpoints.rules.working import BARE, Label, Working

NO_BASE = mark("the base quantity must be above 0 where an actual one is filed; file it anew, or n/a")


def found_increments(working: Working, given: MonthGiven, units: Sequence[UnitGiven]) -> Increments:
    """What is added to units, before any cap; the same whatever the model. Refused, all units at once: a base of 0."""
    problems = not_ready_bases(given, units)
    if problems:
        raise Refused("The increments of %(count)s units cannot be computed.", count=len(problems), problems=problems)
    tiered = {unit.code: _tiered(working, given, unit) for unit in units if _grows(given, unit)}
    fixed = {unit.code: _rewards(working, given, unit) for unit in units if unit.techniques}
    return Increments(given.scheme.increments, tiered, fixed)


def not_ready_bases(given: MonthGiven, units: Sequence[UnitGiven]) -> list[Problem]:
    """The units whose growth has nothing to be measured on."""
    bases = {unit.code: unit.numbers["base"].value or Decimal(0) for unit in units if _grows(given, unit)}
    return [Problem(unit, canonical(base), NO_BASE) for unit, base in bases.items() if base <= 0]


def _grows(given: MonthGiven, unit: UnitGiven) -> bool:
    """Whether the scheme has steps and both quantities of a unit are filed."""
    filed = [unit.numbers.get(code) for code in ("actual", "base")]
    return bool(given.scheme.increments.steps) and all(one is not None and one.value is not None for one in filed)


def _tiered(working: Working, given: MonthGiven, unit: UnitGiven) -> Figure:
    actual = filed_number(working, unit, "actual", Label("actual", "实际量", "Actual quantity"), BARE)
    base = filed_number(working, unit, "base", Label("base_quantity", "基期量", "Base quantity"), BARE)
    assert actual is not None
    assert base is not None
    found = growth(working, f"unit/{unit.code}/growth", actual, base)
    return increment(working, f"unit/{unit.code}/increment", found, given.scheme.increments)


def _rewards(working: Working, given: MonthGiven, unit: UnitGiven) -> list[Figure]:
    """A figure for each technique that the unit has lines of."""
    found = []
    for technique in given.scheme.techniques:
        number = unit.techniques.get(technique.code)
        if number is not None and number.value is not None:
            done = times_done(working, unit.code, technique, number.value, number.source)
            key = f"unit/{unit.code}/technique/{technique.code}"
            found.append(technique_reward(working, key, technique, done, given.month.first))
    return found
