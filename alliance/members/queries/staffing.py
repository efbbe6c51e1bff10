"""The questions about posts, establishment and staff of an institution, and about all that is recorded of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, true, union_all

from alliance.core.period import Period
from alliance.core.roles import Scope
from alliance.db import db
from alliance.members.models import (
    Department,
    DepartmentFactRow,
    Employee,
    EmployeeFactRow,
    Establishment,
    Post,
    PostFactRow,
    PostRating,
    PostScale,
    SeniorityTable,
)
from alliance.members.queries.departments import inside, institution_id
from alliance.members.rules.departments import DepartmentFact, beneath, existing, in_order, latest
from alliance.members.rules.posts import (
    FAMILIES,
    EstablishmentFact,
    Factor,
    Grade,
    PostFact,
    PostSheet,
    ScaleFact,
    evaluated,
    scale_on,
)
from alliance.members.rules.staff import ACTIVE, EmployeeFact, SeniorityFact, full_years, seniority
from alliance.members.rules.staffing import Staffing, posts_on


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post of a day with its grade ("" while there is none), posts established and persons in post that day."""

    fact: PostFact
    grade: str
    established: int
    active: int


@dataclass(frozen=True, slots=True)
class PostInfo:
    """A post with everything recorded of it; `evaluations` the newest first, `units` with their established number."""

    fact: PostFact
    exists: bool
    evaluations: tuple[Grade, ...]
    units: tuple[tuple[DepartmentFact, int, date], ...]
    history: tuple[PostFact, ...]
    scale: ScaleFact


@dataclass(frozen=True, slots=True)
class EmployeeLine:
    """An employee on a day, with names of department and post, full years of service and both coefficients."""

    fact: EmployeeFact
    department: DepartmentFact | None
    post: PostFact | None
    years: int
    seniority: Decimal

    @property
    def coefficient(self) -> Decimal | None:
        """Post and seniority together; None where the post is not there any more."""
        return self.post.coefficient + self.seniority if self.post else None


@dataclass(frozen=True, slots=True)
class EmployeeInfo:
    """An employee on a day with everything recorded, the newest first: (fact, when, by whom)."""

    line: EmployeeLine
    history: tuple[tuple[EmployeeFact, datetime, str], ...]


def staffing(alliance: int, institution: str, *, people: bool = True) -> Staffing:
    """Everything recorded of posts, establishment and, where asked for, staff, in the order of recording."""
    number = institution_id(alliance, institution)
    if number is None:
        return Staffing()
    units = _codes(Department, number)
    posts = _codes(Post, number)
    return Staffing(
        _posts(number, posts),
        _scales(number),
        _sheets(number, posts),
        _establishment(number, units, posts),
        _seniority(number),
        _employees(number, units, posts) if people else (),
    )


def _codes(model: type[Department] | type[Post], number: int) -> dict[int, str]:
    return dict(db.session.execute(select(model.id, model.code).where(model.institution_id == number)).all())


def _posts(number: int, posts: Mapping[int, str]) -> tuple[PostFact, ...]:
    rows = db.session.scalars(
        select(PostFactRow).join(Post, Post.id == PostFactRow.post_id).where(Post.institution_id == number)
        .order_by(PostFactRow.id)
    )  # fmt: skip
    return tuple(
        PostFact(
            posts[row.post_id],
            row.name_zh,
            row.name_en,
            row.family,
            row.skill,
            row.management,
            row.risk,
            row.start,
            row.ended,
        )
        for row in rows
    )


def _scales(number: int) -> tuple[ScaleFact, ...]:
    rows = db.session.scalars(select(PostScale).where(PostScale.institution_id == number).order_by(PostScale.id))
    return tuple(_scale(row.content, row.start) for row in rows)


def _scale(content: Mapping[str, Any], start: date) -> ScaleFact:
    first, second, third = (Decimal(cut) for cut in content["cuts"])
    return ScaleFact(
        tuple(
            Factor(
                one["code"], one["name_zh"], one["name_en"], Decimal(one["weight"]), tuple(map(Decimal, one["levels"]))
            )
            for one in content["factors"]
        ),
        (first, second, third),
        start,
    )


def _sheets(number: int, posts: Mapping[int, str]) -> tuple[PostSheet, ...]:
    rows = db.session.scalars(
        select(PostRating).join(Post, Post.id == PostRating.post_id).where(Post.institution_id == number)
        .order_by(PostRating.id)
    )  # fmt: skip
    return tuple(PostSheet(posts[row.post_id], row.rater, tuple(sorted(row.levels.items())), row.start) for row in rows)


def _establishment(number: int, units: Mapping[int, str], posts: Mapping[int, str]) -> tuple[EstablishmentFact, ...]:
    rows = db.session.scalars(
        select(Establishment).join(Department, Department.id == Establishment.department_id)
        .where(Department.institution_id == number).order_by(Establishment.id)
    )  # fmt: skip
    return tuple(EstablishmentFact(units[row.department_id], posts[row.post_id], row.number, row.start) for row in rows)


def _seniority(number: int) -> tuple[SeniorityFact, ...]:
    rows = db.session.scalars(
        select(SeniorityTable).where(SeniorityTable.institution_id == number).order_by(SeniorityTable.id)
    )
    return tuple(
        SeniorityFact(tuple((int(years), Decimal(value)) for years, value in row.steps), row.start) for row in rows
    )


EMPLOYEE = (
    Employee.number,
    EmployeeFactRow.name_zh,
    EmployeeFactRow.name_en,
    EmployeeFactRow.department_id,
    EmployeeFactRow.post_id,
    EmployeeFactRow.title,
    EmployeeFactRow.hired,
    EmployeeFactRow.status,
    EmployeeFactRow.start,
)


def _employees(number: int, units: Mapping[int, str], posts: Mapping[int, str]) -> tuple[EmployeeFact, ...]:
    rows = db.session.execute(
        select(*EMPLOYEE).join(Employee, Employee.id == EmployeeFactRow.employee_id)
        .where(Employee.institution_id == number).order_by(EmployeeFactRow.id)
    )  # fmt: skip
    return tuple(
        EmployeeFact(code, zh, en, units[unit], posts[post], title, hired, status, start)
        for code, zh, en, unit, post, title, hired, status, start in rows
    )


def employee_numbers(alliance: int, institution: str) -> list[str]:
    """The numbers of everybody ever recorded, in their order."""
    rows = db.session.scalars(
        select(Employee.number).where(Employee.institution_id == institution_id(alliance, institution))
        .order_by(Employee.number)
    )  # fmt: skip
    return list(rows)


def posts(alliance: int, institution: str, on: date) -> list[PostLine]:
    """The posts of a day by family, in the usual order of these, and code, each with its grade and numbers."""
    return post_lines(staffing(alliance, institution), on)


def post_lines(known: Staffing, on: date) -> list[PostLine]:
    """The posts of a day among what is recorded, as `posts` gives them."""
    established: dict[str, int] = {}
    for number in latest(known.establishment, on, lambda one: (one.department, one.post)):
        established[number.post] = established.get(number.post, 0) + number.number
    active: dict[str, int] = {}
    for one in latest(known.employees, on, lambda one: one.number):
        if one.status == ACTIVE:
            active[one.post] = active.get(one.post, 0) + 1
    sheets: dict[str, list[PostSheet]] = {}
    for sheet in known.sheets:
        sheets.setdefault(sheet.post, []).append(sheet)
    found = []
    for fact in sorted(posts_on(known.posts, on).values(), key=lambda one: (FAMILIES.index(one.family), one.code)):
        grade = evaluated(known.scales, sheets.get(fact.code, []), on)
        found.append(
            PostLine(fact, grade.grade if grade else "", established.get(fact.code, 0), active.get(fact.code, 0))
        )
    return found


def post(alliance: int, institution: str, code: str, on: date) -> PostInfo | None:
    """A post with its evaluations, the units in which it is established, and its history; None when there is none."""
    known = staffing(alliance, institution, people=False)
    history = tuple(fact for fact in known.posts if fact.code == code)
    if not history:
        return None
    found = posts_on(known.posts, on)
    units = existing(inside(alliance, institution).departments, on)
    sheets = [sheet for sheet in known.sheets if sheet.post == code]
    evaluations = [evaluated(known.scales, sheets, day) for day in sorted({one.start for one in sheets}, reverse=True)]
    numbers = latest(known.establishment, on, lambda one: (one.department, one.post))
    return PostInfo(
        found.get(code, history[-1]),
        code in found,
        tuple(one for one in evaluations if one),
        tuple(
            (units[one.department], one.number, one.start)
            for one in sorted(numbers, key=lambda one: one.department)
            if one.post == code and one.number and one.department in units
        ),
        tuple(reversed(history)),
        scale_on(known.scales, on),
    )


def employees(scope: Scope, institution: str, on: date) -> list[EmployeeLine]:
    """The employees of a day whom the reader may see, those who left apart, by department as in the tree and number."""
    known = staffing(scope.alliance_id, institution)
    units = existing(inside(scope.alliance_id, institution).departments, on)
    mine = _staffed(scope, institution, units)
    there, steps = posts_on(known.posts, on), steps_on(known, on)
    people = [
        one
        for one in latest(known.employees, on, lambda one: one.number)
        if one.status != "left" and one.department in mine
    ]
    rank = {fact.code: place for place, (fact, _) in enumerate(in_order(units))}
    people.sort(key=lambda one: (rank[one.department], one.number))
    return [_line(one, units, there, steps, on) for one in people]


def _staffed(scope: Scope, institution: str, units: Mapping[str, DepartmentFact]) -> frozenset[str]:
    """The departments whose people the reader may see."""
    if institution in scope.staff:
        return frozenset(units)
    return beneath(units, (code for place, code in scope.departments if place == institution))


def _line(
    one: EmployeeFact,
    units: Mapping[str, DepartmentFact],
    there: Mapping[str, PostFact],
    steps: tuple[tuple[int, Decimal], ...],
    on: date,
) -> EmployeeLine:
    years = full_years(one.hired, on.replace(day=1))
    return EmployeeLine(one, units.get(one.department), there.get(one.post), years, seniority(steps, years))


def steps_on(known: Staffing, on: date) -> tuple[tuple[int, Decimal], ...]:
    """The table of seniority of a day; empty where none is recorded."""
    tables = latest(known.seniority, on, lambda _one: "")
    return tables[0].steps if tables else ()


def employee(scope: Scope, institution: str, number: str, on: date) -> EmployeeInfo | None:
    """An employee whom the reader may see: who works on the day in a department that the reader sees, or any of an
    institution of one's own; else None."""
    known = staffing(scope.alliance_id, institution)
    facts = [one for one in known.employees if one.number == number]
    if not facts:
        return None
    one = next(iter(latest(facts, on, lambda one: one.number)), facts[-1])
    units = existing(inside(scope.alliance_id, institution).departments, on)
    if institution not in scope.staff and one.department not in _staffed(scope, institution, units):
        return None
    line = _line(one, units, posts_on(known.posts, on), steps_on(known, on), on)
    recorded = db.session.execute(
        select(EmployeeFactRow.recorded_at, EmployeeFactRow.recorded_by)
        .join(Employee, Employee.id == EmployeeFactRow.employee_id)
        .where(Employee.institution_id == institution_id(scope.alliance_id, institution), Employee.number == number)
        .order_by(EmployeeFactRow.id)
    ).all()
    history = [(fact, at, by) for fact, (at, by) in zip(facts, recorded, strict=True)]
    return EmployeeInfo(line, tuple(reversed(history)))


def recorded_since(alliance: int, institution: str, month: Period, moment: datetime) -> int:
    """How many facts of departments, posts, establishment and staff that begin before the end of a month were recorded
    after a moment."""
    number = institution_id(alliance, institution)
    tables: tuple[tuple[Any, Any, Any], ...] = (
        (DepartmentFactRow, Department, DepartmentFactRow.department_id == Department.id),
        (PostFactRow, Post, PostFactRow.post_id == Post.id),
        (Establishment, Department, Establishment.department_id == Department.id),
        (SeniorityTable, SeniorityTable, true()),
        (EmployeeFactRow, Employee, EmployeeFactRow.employee_id == Employee.id),
    )
    found = [
        select(fact.id).where(
            joined, owner.institution_id == number, fact.start < month.until, fact.recorded_at > moment
        )
        for fact, owner, joined in tables
    ]  # fmt: skip
    return db.session.scalar(select(func.count()).select_from(union_all(*found).subquery())) or 0


def employee_names(alliance: int, institution: str) -> dict[str, EmployeeFact]:
    """Everybody who ever worked at an institution, by number, as recorded last."""
    return {one.number: one for one in employee_facts(alliance, institution)}


def employee_facts(alliance: int, institution: str) -> tuple[EmployeeFact, ...]:
    """All that was ever recorded of the employees of an institution, in the order of recording."""
    number = institution_id(alliance, institution)
    return _employees(number, _codes(Department, number), _codes(Post, number)) if number is not None else ()
