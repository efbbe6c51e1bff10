"""The verbs of posts and staff: define and evaluate a post, set the establishment, record an employee."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.db import insert_many
from alliance.members.models import (
    Department,
    Employee,
    EmployeeFactRow,
    Establishment,
    Post,
    PostFactRow,
    PostRating,
    PostScale,
    SeniorityTable,
)
from alliance.members.queries.departments import institution_id
from alliance.members.queries.structure import staffing_changes
from alliance.members.rules.departments import CODE
from alliance.members.rules.posts import EstablishmentFact, PostFact, PostSheet, ScaleFact
from alliance.members.rules.rosters import NUMBER
from alliance.members.rules.staff import EmployeeFact, SeniorityFact
from alliance.members.rules.staffing import Staffing


def define_post(alliance: int, institution: str, fact: PostFact, *, by: Actor, now: datetime) -> None:
    """Record what is true of a post from a day on, a new one or one that exists."""
    with verb(by, alone_in=alliance) as session:
        if not CODE.fullmatch(fact.code):
            raise Refused("A post's code has 1 to 16 capital letters, digits and hyphens.")
        keep_staffing(session, alliance, institution, Staffing(posts=(fact,)), by, now)
        _record(session, Act.MEMBERS_POST_DEFINE, f"post:{institution}/{fact.code}", fact.start, alliance, by, now)


def rate_post(alliance: int, institution: str, sheet: PostSheet, *, by: Actor, now: datetime) -> None:
    """Keep the sheet of one rater of a post. Refused: a factor or a level that the scale of the day does not have."""
    with verb(by, alone_in=alliance) as session:
        keep_staffing(session, alliance, institution, Staffing(sheets=(sheet,)), by, now)
        _record(session, Act.MEMBERS_POST_RATE, f"post:{institution}/{sheet.post}", sheet.start, alliance, by, now)


def set_establishment(alliance: int, institution: str, fact: EstablishmentFact, *, by: Actor, now: datetime) -> None:
    """Set how many posts of a kind a department has from a day on."""
    with verb(by, alone_in=alliance) as session:
        keep_staffing(session, alliance, institution, Staffing(establishment=(fact,)), by, now)
        subject = f"department:{institution}/{fact.department}"
        _record(session, Act.MEMBERS_ESTABLISHMENT_SET, subject, fact.start, alliance, by, now)


def record_employee(alliance: int, institution: str, fact: EmployeeFact, *, by: Actor, now: datetime) -> None:
    """Record what is true of an employee from a day on: a hiring, a transfer, another post, leave, the end.

    The event names the department and not the person.
    """
    with verb(by, alone_in=alliance) as session:
        if not NUMBER.fullmatch(fact.number):
            raise Refused("A staff number has 1 to 16 capital letters, digits and hyphens.")
        if fact.start < fact.hired:
            raise Refused("Nobody works here before the day of hiring, %(day)s.", day=fact.hired)
        keep_staffing(session, alliance, institution, Staffing(employees=(fact,)), by, now)
        subject = f"staff:{institution}/{fact.department}"
        _record(session, Act.MEMBERS_EMPLOYEE_RECORD, subject, fact.start, alliance, by, now)


def _record(session: Session, act: Act, subject: str, start: date, alliance: int, by: Actor, now: datetime) -> None:
    record(session, act, subject, by=by, now=now, alliance=alliance, start=start.isoformat())


def keep_staffing(session: Session, alliance: int, institution: str, given: Staffing, by: Actor, now: datetime) -> int:
    """Record the facts that are new, once all fit together, in the transaction of a verb; how many."""
    number = institution_id(alliance, institution)
    if number is None:
        raise NotFound()
    new = staffing_changes(alliance, institution, given).new
    units = select(Department.code, Department.id).where(Department.institution_id == number)
    ids = _Ids(
        number,
        dict(session.execute(units).all()),
        _ids(session, Post, "code", number, {one.code for one in new.posts}),
        _ids(session, Employee, "number", number, {one.number for one in new.employees}),
    )
    hand: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    insert_many(session, PostFactRow, [_post_row(one, ids) | hand for one in new.posts])
    insert_many(session, PostScale, [_scale_row(one, ids) | hand for one in new.scales])
    insert_many(session, PostRating, [_sheet_row(one, ids) | hand for one in new.sheets])
    insert_many(session, Establishment, [_number_row(one, ids) | hand for one in new.establishment])
    insert_many(session, SeniorityTable, [_steps_row(one, ids) | hand for one in new.seniority])
    insert_many(session, EmployeeFactRow, [_employee_row(one, ids) | hand for one in new.employees])
    return len(new)


@dataclass(frozen=True, slots=True)
class _Ids:
    """The id of an institution, and those of its departments, posts and employees by their natural codes."""

    institution: int
    units: Mapping[str, int]
    posts: Mapping[str, int]
    people: Mapping[str, int]


def _post_row(fact: PostFact, ids: _Ids) -> dict[str, Any]:
    names = ("name_zh", "name_en", "family", "skill", "management", "risk", "start", "ended")
    return {name: getattr(fact, name) for name in names} | {"post_id": ids.posts[fact.code]}


def _sheet_row(sheet: PostSheet, ids: _Ids) -> dict[str, Any]:
    return {
        "post_id": ids.posts[sheet.post],
        "rater": sheet.rater,
        "start": sheet.start,
        "levels": dict(sheet.levels),
    }


def _number_row(fact: EstablishmentFact, ids: _Ids) -> dict[str, Any]:
    return {
        "department_id": ids.units[fact.department],
        "post_id": ids.posts[fact.post],
        "number": fact.number,
        "start": fact.start,
    }


def _steps_row(fact: SeniorityFact, ids: _Ids) -> dict[str, Any]:
    steps = [[str(years), f"{value:f}"] for years, value in fact.steps]
    return {"institution_id": ids.institution, "start": fact.start, "steps": steps}


def _scale_row(scale: ScaleFact, ids: _Ids) -> dict[str, Any]:
    factors = [
        {
            "code": one.code,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "weight": f"{one.weight:f}",
            "levels": [f"{points:f}" for points in one.levels],
        }
        for one in scale.factors
    ]
    content = {"factors": factors, "cuts": [f"{cut:f}" for cut in scale.cuts]}
    return {"institution_id": ids.institution, "start": scale.start, "content": content}


def _employee_row(fact: EmployeeFact, ids: _Ids) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in ("name_zh", "name_en", "title", "hired", "status", "start")} | {
        "employee_id": ids.people[fact.number],
        "department_id": ids.units[fact.department],
        "post_id": ids.posts[fact.post],
    }


def _ids(
    session: Session, model: type[Post] | type[Employee], name: str, institution: int, codes: set[str]
) -> dict[str, int]:
    """The ids of posts or employees by their natural code; those that are new are made."""
    column = getattr(model, name)
    known = select(column, model.id).where(model.institution_id == institution)
    ids: dict[str, int] = dict(session.execute(known).all())
    new = sorted(codes - ids.keys())
    insert_many(session, model, [{"institution_id": institution, name: code} for code in new])
    return dict(session.execute(known).all()) if new else ids
