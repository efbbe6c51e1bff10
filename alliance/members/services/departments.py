"""The verbs of departments: define one, end one, map a code to it, say whom it serves, take a whole workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.db import insert_many
from alliance.members.models import (
    Department,
    DepartmentCode,
    DepartmentFactRow,
    DepartmentService,
    DepartmentShare,
)
from alliance.members.queries.departments import inside, institution_id
from alliance.members.queries.structure import inside_changes
from alliance.members.rules.departments import CODE, CodeFact, DepartmentFact, Inside, ServiceFact, existing


def define_department(alliance: int, institution: str, fact: DepartmentFact, *, by: Actor, now: datetime) -> None:
    """Record what is true of a department from a day on, a new one or one that exists.

    Refused: what does not fit the tree on any day (rules.departments).
    """
    with verb(by, alone_in=alliance) as session:
        if not CODE.fullmatch(fact.code):
            raise Refused("A department's code has 1 to 16 capital letters, digits and hyphens.")
        _keep(session, alliance, institution, Inside((fact,)), by, now)
        subject = f"department:{institution}/{fact.code}"
        start = fact.start.isoformat()
        record(session, Act.MEMBERS_DEPARTMENT_DEFINE, subject, by=by, now=now, alliance=alliance, start=start)


def end_department(alliance: int, institution: str, code: str, ended: date, *, by: Actor, now: datetime) -> None:
    """Let a department exist no more from a day on. Refused while others stand beneath it or a unit serves it."""
    with verb(by, alone_in=alliance) as session:
        found = inside(alliance, institution).departments
        facts = [fact for fact in found if fact.code == code]
        if not facts:
            raise NotFound()
        last = existing(facts, ended).get(code)
        if last is None:
            raise Refused("On %(day)s this department does not exist.", day=ended)
        later = [fact.start for fact in facts if fact.start > ended]
        if later:
            raise Refused("From %(day)s on something else is recorded; end it on that day or later.", day=max(later))
        _keep(session, alliance, institution, Inside((replace(last, start=ended, ended=ended),)), by, now)
        subject = f"department:{institution}/{code}"
        record(session, Act.MEMBERS_DEPARTMENT_END, subject, by=by, now=now, alliance=alliance, until=ended.isoformat())


def map_code(alliance: int, institution: str, fact: CodeFact, *, by: Actor, now: datetime) -> None:
    """Let a code of a hospital system lead to a department from a day on, or to none."""
    with verb(by, alone_in=alliance) as session:
        _keep(session, alliance, institution, Inside(codes=(fact,)), by, now)
        record(
            session,
            Act.MEMBERS_CODE_MAP,
            f"department:{institution}/{fact.department or '-'}",
            by=by,
            now=now,
            alliance=alliance,
            codes=f"{fact.system} {fact.outside}",
            start=fact.start.isoformat(),
        )


def set_share(
    alliance: int,
    institution: str,
    code: str,
    shares: Sequence[tuple[str, Decimal]],
    start: date,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Say whom a unit serves from a day on, by shares in % that add up to 100; by none, that it serves nobody."""
    with verb(by, alone_in=alliance) as session:
        fact = ServiceFact(code, tuple(sorted(shares)), start)
        _keep(session, alliance, institution, Inside(services=(fact,)), by, now)
        subject = f"department:{institution}/{code}"
        record(session, Act.MEMBERS_SHARE_SET, subject, by=by, now=now, alliance=alliance, start=start.isoformat())


def import_structure(alliance: int, institution: str, given: Inside, *, by: Actor, now: datetime) -> int:
    """Record what is new in the workbook of an institution's inside, all or nothing; how many facts."""
    with verb(by, alone_in=alliance) as session:
        kept = _keep(session, alliance, institution, given, by, now)
        subject = f"structure:{institution}/departments"
        record(session, Act.MEMBERS_STRUCTURE_IMPORT, subject, by=by, now=now, alliance=alliance, rows=kept)
        return kept


def _keep(session: Session, alliance: int, institution: str, given: Inside, by: Actor, now: datetime) -> int:
    """Record the facts that are new, once all fit together; how many."""
    new = inside_changes(alliance, institution, given).new
    number = institution_id(alliance, institution)
    if number is None:
        raise NotFound()
    ids = _department_ids(session, number, {fact.code for fact in new.departments})
    hand: dict[str, object] = {"recorded_at": now, "recorded_by": by.account}
    insert_many(session, DepartmentFactRow, [_fact_row(fact, ids) | hand for fact in new.departments])
    insert_many(
        session,
        DepartmentCode,
        [
            {
                "institution_id": number,
                "system": fact.system,
                "outside": fact.outside,
                "department_id": ids.get(fact.department),
                "start": fact.start,
                **hand,
            }
            for fact in new.codes
        ],
    )
    for fact in new.services:
        _keep_service(session, fact, ids, by, now)
    return len(new.departments) + len(new.codes) + len(new.services)


def _fact_row(fact: DepartmentFact, ids: dict[str, int]) -> dict[str, object]:
    names = ("start", "name_zh", "name_en", "kind", "accounting", "beds", "ended")
    return {name: getattr(fact, name) for name in names} | {
        "department_id": ids[fact.code],
        "parent_id": ids.get(fact.parent),
    }


def _keep_service(session: Session, fact: ServiceFact, ids: dict[str, int], by: Actor, now: datetime) -> None:
    row = DepartmentService(
        department_id=ids[fact.department], start=fact.start, recorded_at=now, recorded_by=by.account
    )
    session.add(row)
    session.flush()
    insert_many(
        session,
        DepartmentShare,
        [{"service_id": row.id, "served_id": ids[served], "share": share} for served, share in fact.shares],
    )


def _department_ids(session: Session, institution: int, codes: set[str]) -> dict[str, int]:
    known = select(Department.code, Department.id).where(Department.institution_id == institution)
    ids = dict(session.execute(known).all())
    new = sorted(codes - ids.keys())
    insert_many(session, Department, [{"institution_id": institution, "code": code} for code in new])
    return dict(session.execute(known).all()) if new else ids
