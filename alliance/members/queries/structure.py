"""What recording new facts about the inside of an institution would change; the same for the forms and the workbook."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.members.queries.departments import inside, institution_id
from alliance.members.queries.staffing import staffing
from alliance.members.rules.departments import CodeFact, Dated, DepartmentFact, Inside, ServiceFact, check_inside
from alliance.members.rules.rosters import ESTABLISHMENT, FACTORS, POSTS, RATINGS, SENIORITY, STAFF
from alliance.members.rules.staffing import Staffing, check_staffing
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


NOBODY = Staffing()


def inside_changes(alliance: int, institution: str, given: Inside, moved: Staffing = NOBODY) -> InsideChanges:
    """What recording facts would change; refused with every problem as the recording itself would be.

    `moved` are facts of posts and staff that come with them: a department may end with the day on which its people go.
    """
    recorded = inside(alliance, institution)
    parts = (
        _changes(DEPARTMENTS.name, recorded.departments, given.departments, _department_key, lambda one: one.code),
        _changes(CODES.name, recorded.codes, given.codes, _code_key, lambda one: f"{one.system} {one.outside}"),
        _changes(LINKS.name, recorded.services, given.services, _service_key, lambda one: one.department),
    )
    new = Inside(parts[0][1], parts[1][1], parts[2][1])
    problems = [*(problem for part in parts for problem in part[2]), *check_inside(recorded, new)]
    if institution_id(alliance, institution) is None:
        problems = [Problem(institution, institution, mark("there is no member of this code"))]
    if not problems and any(fact.ended for fact in new.departments):
        known = staffing(alliance, institution)
        problems = check_staffing((*recorded.departments, *new.departments), known, moved)
    _refuse(problems)
    return InsideChanges(tuple(line for part in parts for line in part[0]), new)


@dataclass(frozen=True, slots=True)
class StaffingChanges:
    """The same of posts, establishment and staff."""

    lines: tuple[InsideChange, ...]
    new: Staffing


def staffing_changes(
    alliance: int, institution: str, given: Staffing, beside: Sequence[DepartmentFact] = ()
) -> StaffingChanges:
    """What recording facts of posts and staff would change; `beside` are departments that would be recorded with
    them. Refused with every problem."""
    recorded = staffing(alliance, institution)
    posts = _changes(POSTS.name, recorded.posts, given.posts, lambda one: one.code, lambda one: one.code)
    scales = _changes(FACTORS.name, recorded.scales, given.scales, lambda _one: "", lambda one: one.start.isoformat())
    sheets = _changes(
        RATINGS.name,
        recorded.sheets,
        given.sheets,
        lambda one: (one.post, one.rater),
        lambda one: f"{one.post} {one.rater}",
    )
    numbers = _changes(
        ESTABLISHMENT.name,
        recorded.establishment,
        given.establishment,
        lambda one: (one.department, one.post),
        lambda one: f"{one.department} {one.post}",
    )
    tables = _changes(
        SENIORITY.name, recorded.seniority, given.seniority, lambda _one: "", lambda one: one.start.isoformat()
    )
    people = _changes(STAFF.name, recorded.employees, given.employees, lambda one: one.number, lambda one: one.number)
    new = Staffing(posts[1], scales[1], sheets[1], numbers[1], tables[1], people[1])
    problems = [*posts[2], *scales[2], *sheets[2], *numbers[2], *tables[2], *people[2]]
    departments = (*inside(alliance, institution).departments, *beside)
    _refuse([*problems, *check_staffing(departments, recorded, new)])
    return StaffingChanges((*posts[0], *scales[0], *sheets[0], *numbers[0], *tables[0], *people[0]), new)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Refused(
            "This does not fit together with what is recorded: %(count)s errors.",
            count=len(problems),
            problems=problems,
        )


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


def structure_changes(alliance: int, institution: str, given: Inside, staff: Staffing) -> list[InsideChange]:
    """What a whole workbook would change, line by line; refused as its import would be."""
    found = inside_changes(alliance, institution, given, staff)
    return [*found.lines, *staffing_changes(alliance, institution, staff, found.new.departments).lines]
