"""The filed numbers of a month as figures, each with the source that it was filed under."""

from __future__ import annotations

from alliance.core.figure import Figure
from alliance.workpoints.rules.month.given import MonthGiven, Number, UnitGiven
from alliance.workpoints.rules.working import YUAN, Label, Working


def entered(working: Working, key: str, label: Label, number: Number, owner: str = "") -> Figure:
    """A number of the month."""
    return working.entered(key, label, number.value, number.source, owner=owner)


def filed_number(
    working: Working, unit: UnitGiven, code: str, label: Label, what: tuple[str, str] = YUAN
) -> Figure | None:  # fmt: skip
    """A filed number of a unit; None where none was filed."""
    number = unit.numbers.get(code)
    if number is None or number.value is None:
        return None
    key, owner = f"unit/{unit.code}/{code}", working.owner(unit.code)
    return working.entered(key, label, number.value, number.source, unit=what, owner=owner)


def nothing(
    working: Working, given: MonthGiven, unit: UnitGiven, code: str, what: tuple[str, str] = YUAN
) -> Figure:  # fmt: skip
    """The nought of what was not filed for a unit; its source says that nothing was (revision 0)."""
    source = f"unitentry:{given.place(f'{unit.code}/{code}')}@0"
    label = Label(f"none:{code}", "未填报，按零计", "Not filed, counts as 0")
    return working.entered(f"unit/{unit.code}/{code}/none", label, 0, source, unit=what, owner=working.owner(unit.code))
