"""What recording new facts about the inside of an institution would change; the same for the forms and the workbook."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.members.queries.departments import inside, institution_id
from alliance.members.rules.departments import CodeFact, Dated, DepartmentFact, Inside, ServiceFact, check_inside
from alliance.members.rules.structure import CODES, DEPARTMENTS, LINKS

Fact = TypeVar("Fact", bound=Dated)


@dataclass(frozen=True, slots=True)
class InsideChange:
    """What a fact of the workbook would do: `new`, `changed` or `same`; `what` names it as the workbook does."""

    sheet: Both
    what: str
    start: date
    kind: str


@dataclass(frozen=True, slots=True)
class InsideChanges:
    """What a workbook would change, fact by fact, and the facts that would be recorded."""

    lines: tuple[InsideChange, ...]
    new: Inside


def inside_changes(alliance: int, institution: str, given: Inside) -> InsideChanges:
    """What recording facts would change; refused with every problem as the recording itself would be."""
    recorded = inside(alliance, institution)
    parts = (
        _changes(DEPARTMENTS.name, recorded.departments, given.departments, _department_key, lambda one: one.code),
        _changes(CODES.name, recorded.codes, given.codes, _code_key, lambda one: f"{one.system} {one.outside}"),
        _changes(LINKS.name, recorded.services, given.services, _service_key, lambda one: one.department),
    )
    new = Inside(parts[0][1], parts[1][1], parts[2][1])
    problems = [problem for part in parts for problem in part[2]] or check_inside(recorded, new)
    if institution_id(alliance, institution) is None:
        problems = [Problem(institution, institution, mark("there is no member of this code"))]
    if problems:
        raise Refused(
            "This does not fit together with what is recorded: %(count)s errors.",
            count=len(problems),
            problems=problems,
        )
    return InsideChanges(tuple(line for part in parts for line in part[0]), new)


def _changes(
    sheet: Both,
    recorded: Sequence[Fact],
    given: Sequence[Fact],
    key: Callable[[Fact], Hashable],
    name: Callable[[Fact], str],
) -> tuple[list[InsideChange], tuple[Fact, ...], list[Problem]]:
    """The lines of one sheet, the facts of it that are not recorded yet, and those that it gives twice."""
    before = {(key(one), one.start): one for one in recorded}
    known = {key(one) for one in recorded}
    seen: set[Hashable] = set()
    lines, new, problems = [], [], []
    for one in given:
        if (key(one), one.start) in seen:
            reason = mark("is in the sheet %(sheet)s twice for %(day)s")
            problems.append(Problem(name(one), name(one), reason, {"sheet": sheet, "day": one.start}))
        seen.add((key(one), one.start))
        same = before.get((key(one), one.start)) == one
        lines.append(
            InsideChange(sheet, name(one), one.start, "same" if same else "changed" if key(one) in known else "new")
        )
        if not same:
            new.append(one)
    return lines, tuple(new), problems


def _department_key(one: DepartmentFact) -> Hashable:
    return one.code


def _code_key(one: CodeFact) -> Hashable:
    return one.system, one.outside


def _service_key(one: ServiceFact) -> Hashable:
    return one.department
