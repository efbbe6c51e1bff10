"""What is true of the departments of an institution: their tree, the codes of hospital systems, who serves whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from alliance.core.figure import half_up
from alliance.core.refused import Problem, mark
from alliance.members.rules.cells import NO_HUNDREDTHS

# What a department is, with the class of full cost accounting that is usual for it.
KINDS = {
    "clinical_department": "clinical",
    "inpatient_group": "clinical",
    "inpatient_nursing": "clinical",
    "outpatient_medical": "clinical",
    "outpatient_nursing": "clinical",
    "medical_technology": "medical_technology",
    "medical_support": "medical_support",
    "logistics": "administrative",
    "administration": "administrative",
}
CLASSES = ("clinical", "medical_technology", "medical_support", "administrative")
LEAVES = frozenset({"inpatient_group", "inpatient_nursing"})  # stand at the bottom of the tree
CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")
BAD_CODE = mark("a department's code has 1 to 16 capital letters, digits and hyphens")
WHOLE_SHARE = Decimal(100)
NO_UNIT = mark("on %(day)s there is no department %(code)s, which these shares name")


class Dated(Protocol):
    """What holds from a day on."""

    @property
    def start(self) -> date: ...


Fact = TypeVar("Fact", bound=Dated)


@dataclass(frozen=True, slots=True)
class DepartmentFact:
    """What is true of a department from `start` on; `ended` is the first day on which it does not exist any more."""

    code: str
    parent: str  # code of the department above, "" for none
    name_zh: str
    name_en: str
    kind: str
    accounting: str
    beds: int | None
    start: date
    ended: date | None = None

    def exists(self, on: date) -> bool:
        return self.start <= on and (self.ended is None or on < self.ended)


@dataclass(frozen=True, slots=True)
class CodeFact:
    """To which department a code of a hospital system leads from `start` on; "" for none."""

    system: str
    outside: str
    department: str
    start: date


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """Whom a unit serves from `start` on, with shares in % that add up to 100; nobody when there are none."""

    department: str
    shares: tuple[tuple[str, Decimal], ...]
    start: date


@dataclass(frozen=True, slots=True)
class Inside:
    """All that was ever recorded of the departments of an institution, in the order of recording."""

    departments: tuple[DepartmentFact, ...] = ()
    codes: tuple[CodeFact, ...] = ()
    services: tuple[ServiceFact, ...] = ()

    def __add__(self, new: Inside) -> Inside:
        return Inside(self.departments + new.departments, self.codes + new.codes, self.services + new.services)


def latest(facts: Iterable[Fact], on: date, key: Callable[[Fact], Hashable]) -> list[Fact]:
    """Of the facts of each key that have begun, the latest begun, and of these the latest recorded."""
    begun = sorted((fact for fact in facts if fact.start <= on), key=lambda fact: fact.start)
    return list({key(fact): fact for fact in begun}.values())


def existing(facts: Iterable[DepartmentFact], on: date) -> dict[str, DepartmentFact]:
    """The departments of a day by code."""
    return {fact.code: fact for fact in latest(facts, on, lambda one: one.code) if fact.exists(on)}


def in_order(found: Mapping[str, DepartmentFact]) -> list[tuple[DepartmentFact, int]]:
    """Departments as a tree, each with its depth: beneath each its own, by cost accounting class and code."""
    below: dict[str, list[DepartmentFact]] = {}
    for fact in sorted(found.values(), key=lambda one: (CLASSES.index(one.accounting), one.code)):
        below.setdefault(fact.parent if fact.parent in found else "", []).append(fact)
    lines: list[tuple[DepartmentFact, int]] = []
    waiting = [(fact, 0) for fact in reversed(below.get("", []))]
    while waiting:
        fact, depth = waiting.pop()
        lines.append((fact, depth))
        waiting.extend((one, depth + 1) for one in reversed(below.get(fact.code, [])))
    return lines


def beneath(found: Mapping[str, DepartmentFact], roots: Iterable[str]) -> frozenset[str]:
    """The codes of departments with all that stand beneath them."""
    wanted = set(roots)
    reached = set(wanted)
    for fact, _ in in_order(found):
        if fact.parent in reached:
            reached.add(fact.code)
    return frozenset(reached)


def check_inside(recorded: Inside, new: Inside) -> list[Problem]:
    """What is wrong once the new facts stand beside those recorded, on any day on which something changes."""
    inside = recorded + new
    problems = [problem for fact in new.services for problem in _check_shares(fact)]
    ends = [fact.ended for fact in inside.departments if fact.ended]
    starts = {fact.start for fact in inside.departments} | {fact.start for fact in inside.services}
    days = sorted(starts | set(ends))
    for day in days:
        found = existing(inside.departments, day)
        problems += _check_tree(found, day)
        problems += _check_services(found, latest(inside.services, day, lambda one: one.department), day)
        if problems:
            return problems
    return _check_servers(inside.departments, new.services) + _check_codes(inside.departments, new.codes)


def _check_tree(found: Mapping[str, DepartmentFact], day: date) -> list[Problem]:
    problems = []
    for fact in found.values():
        above = found.get(fact.parent)
        if fact.parent and above is None:
            reason = mark("on %(day)s there is no department %(code)s, the parent of this one")
            problems.append(Problem(fact.code, fact.parent, reason, {"day": day, "code": fact.parent}))
        elif above is not None and above.kind in LEAVES:
            reason = mark("no department can stand under a medical group or a nursing unit")
            problems.append(Problem(fact.code, fact.parent, reason))
    if not problems:
        circle = sorted(found.keys() - {fact.code for fact, _ in in_order(found)})
        if circle:
            problems.append(Problem(circle[0], ", ".join(circle[:5]), mark("these departments are within one another")))
    return problems


def _check_shares(fact: ServiceFact) -> list[Problem]:
    served = [code for code, _ in fact.shares]
    if fact.department in served:
        return [Problem(fact.department, fact.department, mark("a unit does not serve itself"))]
    if len(set(served)) < len(served):
        return [Problem(fact.department, ", ".join(served[:5]), mark("a unit that is served is named twice"))]
    if any(share != half_up(share, 2) for _, share in fact.shares):
        return [Problem(fact.department, "", NO_HUNDREDTHS)]
    if any(share <= 0 for _, share in fact.shares):
        return [Problem(fact.department, "0", mark("a share is more than 0"))]
    total = sum((share for _, share in fact.shares), Decimal(0))
    if fact.shares and total != WHOLE_SHARE:
        return [Problem(fact.department, f"{total.normalize():f}", mark("the shares add up to 100"))]
    return []


def _check_services(found: Mapping[str, DepartmentFact], services: Sequence[ServiceFact], day: date) -> list[Problem]:
    """A unit that is served exists as long as the one that serves it."""
    return [
        Problem(fact.department, code, NO_UNIT, {"day": day, "code": code})
        for fact in services
        if fact.department in found
        for code, _ in fact.shares
        if code not in found
    ]


def _check_servers(departments: Sequence[DepartmentFact], services: Sequence[ServiceFact]) -> list[Problem]:
    """A unit that begins to serve is there on that day."""
    return [
        Problem(fact.department, fact.department, NO_UNIT, {"day": fact.start, "code": fact.department})
        for fact in services
        if fact.shares and fact.department not in existing(departments, fact.start)
    ]


def _check_codes(departments: Sequence[DepartmentFact], codes: Sequence[CodeFact]) -> list[Problem]:
    problems = []
    known: dict[date, Mapping[str, DepartmentFact]] = {}
    reason = mark("on %(day)s there is no department %(code)s, to which this code would lead")
    for fact in codes:
        found = known.setdefault(fact.start, existing(departments, fact.start))
        if fact.department and fact.department not in found:
            numbers: dict[str, object] = {"day": fact.start, "code": fact.department}
            problems.append(Problem(f"{fact.system} {fact.outside}", fact.department, reason, numbers))
    return problems
