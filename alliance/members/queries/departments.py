"""The questions about the departments of an institution, as of a day, and about everything recorded of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from alliance.core.roles import Scope
from alliance.db import db
from alliance.members.models import (
    Department,
    DepartmentCode,
    DepartmentFactRow,
    DepartmentService,
    DepartmentShare,
    Institution,
)
from alliance.members.rules.departments import (
    CodeFact,
    DepartmentFact,
    Inside,
    ServiceFact,
    beneath,
    existing,
    in_order,
    latest,
)


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """A department of a day in the tree: its depth, and how many codes of hospital systems lead to it."""

    fact: DepartmentFact
    depth: int
    codes: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact with who recorded it and when."""

    fact: DepartmentFact
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Share:
    """A share in % that one unit has of another's service since a day; `unit` is the other of the two."""

    unit: DepartmentFact
    share: Decimal
    start: date


@dataclass(frozen=True, slots=True)
class DepartmentInfo:
    """A department on a day with what belongs to it; `fact` is the last one where it does not exist then."""

    fact: DepartmentFact
    exists: bool
    above: DepartmentFact | None
    beneath: tuple[DepartmentFact, ...]
    codes: tuple[CodeFact, ...]
    serves: tuple[Share, ...]
    served_by: tuple[Share, ...]
    history: tuple[Recorded, ...]


def insides(scope: Scope) -> list[str]:
    """The institutions of which the reader sees departments, all or some."""
    return sorted(scope.inside | {institution for institution, _ in scope.departments})


def institution_id(alliance: int, code: str) -> int | None:
    return db.session.scalar(
        select(Institution.id).where(Institution.alliance_id == alliance, Institution.code == code)
    )


def inside(alliance: int, institution: str) -> Inside:
    """Everything recorded of the departments of an institution, in the order of recording."""
    number = institution_id(alliance, institution)
    return Inside() if number is None else _inside(number)


def _inside(number: int) -> Inside:
    codes = dict(
        db.session.execute(select(Department.id, Department.code).where(Department.institution_id == number)).all()
    )
    return Inside(
        tuple(_fact(row, codes) for row in db.session.scalars(_facts(number))),
        tuple(
            CodeFact(row.system, row.outside, codes.get(row.department_id or 0, ""), row.start)
            for row in db.session.scalars(
                select(DepartmentCode).where(DepartmentCode.institution_id == number).order_by(DepartmentCode.id)
            )
        ),
        tuple(_services(number, codes)),
    )


def _facts(number: int) -> Select[DepartmentFactRow]:
    return (
        select(DepartmentFactRow)
        .join(Department, Department.id == DepartmentFactRow.department_id)
        .where(Department.institution_id == number)
        .order_by(DepartmentFactRow.id)
    )


def _fact(row: DepartmentFactRow, codes: Mapping[int, str]) -> DepartmentFact:
    return DepartmentFact(
        codes[row.department_id],
        codes.get(row.parent_id or 0, ""),
        row.name_zh,
        row.name_en,
        row.kind,
        row.accounting,
        row.beds,
        row.start,
        row.ended,
    )


def _services(number: int, codes: Mapping[int, str]) -> list[ServiceFact]:
    server = aliased(Department)
    rows = db.session.execute(
        select(DepartmentService, DepartmentShare)
        .join(server, server.id == DepartmentService.department_id)
        .outerjoin(DepartmentShare, DepartmentShare.service_id == DepartmentService.id)
        .where(server.institution_id == number)
        .order_by(DepartmentService.id, DepartmentShare.served_id)
    )
    found: dict[int, tuple[DepartmentService, list[tuple[str, Decimal]]]] = {}
    for service, share in rows:
        shares = found.setdefault(service.id, (service, []))[1]
        if share is not None:
            shares.append((codes[share.served_id], share.share))
    return [
        ServiceFact(codes[service.department_id], tuple(sorted(shares)), service.start)
        for service, shares in found.values()
    ]


def seen(scope: Scope, institution: str, departments: Mapping[str, DepartmentFact]) -> frozenset[str]:
    """The codes of the departments that a reader may see: all of an own institution, else the own with all beneath."""
    if institution in scope.inside:
        return frozenset(departments)
    return beneath(departments, (code for place, code in scope.departments if place == institution))


def departments(scope: Scope, institution: str, on: date) -> list[DepartmentLine]:
    """The departments of a day that the reader may see, as a tree."""
    everything = inside(scope.alliance_id, institution)
    found = existing(everything.departments, on)
    mine = seen(scope, institution, found)
    leading: dict[str, int] = {}
    for code in codes_of(everything, on):
        leading[code.department] = leading.get(code.department, 0) + 1
    tree = in_order({code: fact for code, fact in found.items() if code in mine})
    return [DepartmentLine(fact, depth, leading.get(fact.code, 0)) for fact, depth in tree]


def codes_of(everything: Inside, on: date) -> list[CodeFact]:
    """The codes of hospital systems that lead somewhere on a day, by system and code."""
    found = latest(everything.codes, on, lambda one: (one.system, one.outside))
    return sorted((one for one in found if one.department), key=lambda one: (one.system, one.outside))


def department(scope: Scope, institution: str, code: str, on: date) -> DepartmentInfo | None:
    """A department that the reader may see, with its history and what belongs to it on a day; else None."""
    everything = inside(scope.alliance_id, institution)
    last = [fact for fact in everything.departments if fact.code == code]
    found = existing(everything.departments, on)
    known = found | {code: found.get(code) or last[-1]} if last else found
    if not last or code not in seen(scope, institution, known):
        return None
    fact = known[code]
    services = [one for one in latest(everything.services, on, lambda one: one.department) if one.department in found]
    return DepartmentInfo(
        fact,
        code in found,
        found.get(fact.parent),
        tuple(one for one, _ in in_order(found) if one.parent == code),
        tuple(one for one in codes_of(everything, on) if one.department == code),
        tuple(
            Share(found[served], share, one.start)
            for one in services
            if one.department == code
            for served, share in one.shares
        ),
        tuple(
            Share(found[one.department], share, one.start)
            for one in services
            for served, share in one.shares
            if served == code
        ),
        tuple(history(scope.alliance_id, institution, code)),
    )


def history(alliance: int, institution: str, code: str) -> list[Recorded]:
    """Everything recorded of one department, the newest first."""
    number = institution_id(alliance, institution)
    if number is None:
        return []
    codes = dict(
        db.session.execute(select(Department.id, Department.code).where(Department.institution_id == number)).all()
    )
    rows = [row for row in db.session.scalars(_facts(number)) if codes[row.department_id] == code]
    return [Recorded(_fact(row, codes), row.recorded_at, row.recorded_by) for row in reversed(rows)]


def department_names(alliance: int, institution: str) -> dict[str, DepartmentFact]:
    """Every department an institution ever had, by code, as it was recorded last."""
    return {fact.code: fact for fact in inside(alliance, institution).departments}


def departments_on(alliance: int, institution: str, on: date) -> list[tuple[DepartmentFact, int]]:
    """The departments of an institution on a day as a tree with depths, whoever asks: to give roles in them."""
    return in_order(existing(inside(alliance, institution).departments, on))


def department_exists(alliance: int, institution: str, code: str, on: date) -> bool:
    return code in existing(inside(alliance, institution).departments, on)


def beneath_of(alliance: int, institution: str, roots: Iterable[str], on: date) -> frozenset[str]:
    """Departments of a day, by code, with all that stand beneath them."""
    return beneath(existing(inside(alliance, institution).departments, on), roots)
