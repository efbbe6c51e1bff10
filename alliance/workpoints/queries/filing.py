"""What filing the numbers of a bonus month would change: the same check for a page, a workbook and its dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alliance.accounts import queries as accounts
from alliance.core.figure import canonical
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.workpoints.queries.entries import (
    CaseInfo,
    EntryInfo,
    case_cells,
    person_cells,
    person_kinds,
    unit_cells,
)
from alliance.workpoints.queries.rolls import Roll, check_open, roll
from alliance.workpoints.rules.entries import BLANK, UNIT_KINDS, Entry, EntryKind, check_entry
from alliance.workpoints.rules.ledgers import check_month

ENTRY_PLACE = mark("%(unit)s, %(column)s")
PERSON_PLACE = mark("%(unit)s/%(person)s, %(column)s")
NO_UNIT = mark("is no unit of this hospital in the month")
NO_PERSON = mark("is not in post in this unit in the month")
NO_KIND = mark("is no kind of number that is filed here")
OWN = mark("is your own number; another person files it")
STALE = mark("somebody changed this cell while you typed; look at what stands there now and file it again")
TWICE = mark("stands in the table twice")
CODE = 64  # characters of the code of a disease group, at most


@dataclass(frozen=True, slots=True)
class Given:
    """What is filed in a cell: of a unit, or with `person` of somebody in it. `seen` is the revision that the author
    had before the eyes, 0 for none, None when it does not matter; `at` where it stands in a file."""

    unit: str
    kind: str
    entry: Entry
    person: str = ""
    seen: int | None = None
    at: tuple[str, Mapping[str, object]] | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.unit, self.person, self.kind


@dataclass(frozen=True, slots=True)
class GivenCase:
    """A disease group of a unit; 0 cases take it back. In yuan, days and costs of all cases, references of one."""

    unit: str
    code: str
    rw: Decimal
    cases: int
    days: Decimal
    cost: Decimal
    payment: Decimal
    reference_days: Decimal
    reference_cost: Decimal
    standard_cost: Decimal | None = None
    at: tuple[str, Mapping[str, object]] | None = None


@dataclass(frozen=True, slots=True)
class GivenMonth:
    """All that a workbook gives for a month."""

    entries: Sequence[Given] = ()
    cases: Sequence[GivenCase] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What would be recorded: the cells and disease groups that differ from what stands there."""

    entries: Sequence[Given]
    cases: Sequence[GivenCase]

    def __len__(self) -> int:
        return len(self.entries) + len(self.cases)


@dataclass(slots=True)
class _Month:
    """A month while it is filed: who belongs to it, what stands in its cells, and what is wrong."""

    roll: Roll
    kinds: Mapping[str, EntryKind]
    cells: Mapping[tuple[str, str, str], EntryInfo]
    groups: Mapping[tuple[str, str], CaseInfo]
    own: str  # staff number of the author
    problems: list[Problem] = field(default_factory=list)


def entry_changes(alliance: int, institution: str, month: str, given: GivenMonth, account: str) -> Changes:
    """What filing would change, with nothing kept. Refused as filing by that account would be."""
    check_month(month)
    check_open(alliance, institution, month)
    found = _month(alliance, institution, month, account)
    entries = [one for one in given.entries if _differs(one, found)]
    groups = [one for one in given.cases if _is_new(one, found.groups.get((one.unit, one.code)))]
    for one in entries:
        _check(one, found)
    for group in groups:
        _check_case(group, found)
    _check_twice(given, found)
    if found.problems:
        raise Refused(
            "The table has %(count)s errors; nothing was changed.", count=len(found.problems), problems=found.problems
        )
    return Changes(entries, groups)


def _month(alliance: int, institution: str, month: str, account: str) -> _Month:
    cells = {(unit, "", kind): one for (unit, kind), one in unit_cells(alliance, institution, month).items()}
    employer, number = accounts.employee_of(account)
    return _Month(
        roll(alliance, institution, month), person_kinds(alliance, institution, month),
        cells | person_cells(alliance, institution, month), case_cells(alliance, institution, month),
        number if employer == institution else "",
    )  # fmt: skip


def _differs(one: Given, month: _Month) -> bool:
    before = month.cells.get(one.key)
    return one.entry != (before.entry if before else BLANK)


CASE_FIELDS = ("rw", "cases", "days", "cost", "payment", "reference_days", "reference_cost", "standard_cost")


def _is_new(one: GivenCase, before: CaseInfo | None) -> bool:
    if before is None:
        return one.cases > 0
    return any(getattr(one, name) != getattr(before, name) for name in CASE_FIELDS)


def _check(one: Given, month: _Month) -> None:
    """Add what is wrong with a cell that would change."""
    kind = (month.kinds if one.person else UNIT_KINDS).get(one.kind)
    if kind is None:
        _fault(month, one, NO_KIND, {})
        return
    fault = _fault_of_place(one, month)
    before = month.cells.get(one.key)
    if fault:
        _fault(month, one, fault, {})
    elif one.seen is not None and one.seen != (before.revision if before else 0):
        _fault(month, one, STALE, {})
    wrong = check_entry(one.entry, kind)
    if wrong:
        _fault(month, one, wrong.message, wrong.numbers)


def _fault_of_place(one: Given, month: _Month) -> str:
    """What is wrong with where an entry is filed; "" when nothing is."""
    if one.person:
        if month.own == one.person:
            return OWN
        return "" if (one.unit, one.person) in month.roll.people else NO_PERSON
    return "" if one.unit in month.roll.units else NO_UNIT


def _fault(month: _Month, one: Given, message: str, numbers: Mapping[str, object]) -> None:
    kind = month.kinds.get(one.kind) if one.person else UNIT_KINDS.get(one.kind)
    column = Both(kind.zh, kind.en) if kind else Both(one.kind, one.kind)
    at: Mapping[str, object] = {"unit": one.unit, "person": one.person, "column": column}
    where, at = one.at or (PERSON_PLACE if one.person else ENTRY_PLACE, at)
    text = "" if one.entry.value is None else canonical(one.entry.value)
    month.problems.append(Problem(where, text, message, dict(numbers), dict(at)))


def _check_case(one: GivenCase, month: _Month) -> None:
    where, at = one.at or (ENTRY_PLACE, {"unit": one.unit, "column": Both("病种", "disease group")})
    if one.unit not in month.roll.units:
        month.problems.append(Problem(where, one.unit, NO_UNIT, at=dict(at)))
    numbers = [one.rw, one.days, one.cost, one.payment, one.reference_days, one.reference_cost]
    if one.cases < 0 or min(numbers) < 0 or (one.standard_cost or 0) < 0:
        month.problems.append(Problem(where, one.code, mark("must be 0 or more"), at=dict(at)))
    if not one.code.strip():
        month.problems.append(Problem(where, one.code, mark("is missing"), at=dict(at)))
    if len(one.code) > CODE:
        reason = mark("is longer than %(most)s characters")
        month.problems.append(Problem(where, one.code[:CODE], reason, {"most": CODE}, dict(at)))


def _check_twice(given: GivenMonth, month: _Month) -> None:
    seen: set[object] = set()
    for one in given.entries:
        if one.key in seen:
            _fault(month, one, TWICE, {})
        seen.add(one.key)
    for group in given.cases:
        if (group.unit, group.code) in seen:
            where, at = group.at or (ENTRY_PLACE, {"unit": group.unit, "column": group.code})
            month.problems.append(Problem(where, group.code, TWICE, at=dict(at)))
        seen.add((group.unit, group.code))
