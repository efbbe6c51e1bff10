"""The verbs of joint care pathways: define one, start a case, record a step or take it back, end a case, import."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import REASON, NotFound, Refused
from alliance.members import queries as members
from alliance.registers.models import PathwayCase, PathwayRecord, PathwayStep, PathwayVersion
from alliance.registers.queries.pathway_imports import CoursePlan, CourseRow, NewCourse, course_plan
from alliance.registers.queries.pathways import courses_of, pathways_on, patient_keys, versions
from alliance.registers.rules.pathways import (
    CENTER,
    CLOSED,
    ENDED,
    HOSPITAL,
    OPEN,
    SIDES,
    TIERS,
    Pathway,
    check_day0,
    check_end,
    check_pathway,
    check_patient,
    check_step,
    deadlines,
)

KEPT = timedelta(days=3 * 365)  # that the hash of a patient is kept after the case was over
ERASED = ""


def define_pathway(alliance: int, given: Pathway, *, by: Actor, now: datetime) -> int:
    """Define a pathway, or a version of one, for cases that begin on a day or later; the number of the version.

    Refused: what rules.check_pathway refuses; a day on which a case has begun already.
    """
    check_pathway(given)
    with verb(by, alone_in=alliance) as session:
        begun = session.scalar(
            select(func.max(PathwayCase.day0)).where(
                PathwayCase.alliance_id == alliance, PathwayCase.pathway == given.code
            )
        )
        if begun and begun >= given.start:
            raise Refused("A case began on %(day)s; choose a later day for the new version.", day=begun)
        last = max((one.version for one in versions(alliance) if one.code == given.code), default=0)
        steps = [
            {"code": one.code, "zh": one.name.zh, "en": one.name.en, "side": one.side, "day": one.day}
            for one in given.steps
        ]
        row = PathwayVersion(
            alliance_id=alliance, code=given.code, version=last + 1, start=given.start, name_zh=given.name.zh,
            name_en=given.name.en, steps=steps, recorded_by=by.account, recorded_at=now,
        )  # fmt: skip
        session.add(row)
        record(
            session, Act.REGISTERS_PATHWAY_DEFINE, f"pathway:{given.code}/{last + 1}", by=by, now=now,
            alliance=alliance, start=given.start.isoformat(),
        )  # fmt: skip
        return last + 1


def start_course(alliance: int, institution: str, given: NewCourse, *, by: Actor, now: datetime) -> int:
    """Start a case for one of its two members; its number.

    Refused: a member that is neither side, or of the wrong tier on day 0; no pathway of that day; what the rules say of
    patient and day 0; a patient who is on the pathway already.
    """
    with verb(by, alone_in=alliance) as session:
        number = _begin(session, alliance, institution, given, by, now)
        record(
            session, Act.REGISTERS_COURSE_START, f"course:{institution}/{number}", by=by, now=now, alliance=alliance,
            matter=given.pathway,
        )  # fmt: skip
        return number


def _begin(session: Session, alliance: int, institution: str, given: NewCourse, by: Actor, now: datetime) -> int:
    check_day0(given.day0, day_of(now))
    check_patient(given.patient, given.day0)
    pathway = pathways_on(alliance, given.day0).get(given.pathway)
    if pathway is None:
        raise Refused("There is no such pathway on day 0.")
    if institution not in (given.hospital, given.center):
        raise Refused("One of the two members starts a case, and nobody else.")
    _check_tiers(alliance, given)
    for one in courses_of(alliance, given.hospital, given.record, given.pathway):
        if one.state == OPEN or one.day0 == given.day0:
            raise Refused("This patient is on the pathway already, since %(day)s.", day=one.day0)
    return _add_case(session, alliance, given, pathway, by, now)


def _add_case(
    session: Session, alliance: int, given: NewCourse, pathway: Pathway, by: Actor, now: datetime
) -> int:  # fmt: skip
    last = session.scalar(select(func.max(PathwayCase.number)).where(PathwayCase.alliance_id == alliance))
    due = deadlines(pathway, given.day0)
    row = PathwayCase(
        alliance_id=alliance, number=(last or 0) + 1, pathway=pathway.code, version=pathway.version,
        hospital=given.hospital, center=given.center, patient=patient_keys(alliance, given.hospital, given.record)[0],
        born=given.patient.born, sex=given.patient.sex, diagnosis=given.patient.diagnosis, day0=given.day0,
        last_due=max(due), state=OPEN, started_by=by.account, started_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    whose = {HOSPITAL: given.hospital, CENTER: given.center}
    session.add_all(
        PathwayStep(case_id=row.id, place=place, code=step.code, institution=whose[step.side], due=until)
        for place, (step, until) in enumerate(zip(pathway.steps, due, strict=True), 1)
    )
    session.flush()
    return row.number


def _check_tiers(alliance: int, given: NewCourse) -> None:
    known = {one.code: one.tier for one in members.members(alliance, given.day0)}
    for side, code in ((HOSPITAL, given.hospital), (CENTER, given.center)):
        if known.get(code) != TIERS[side]:
            raise Refused("On day 0, %(who)s was no member of the kind “%(side)s”.", who=code, side=SIDES[side])


def _case(session: Session, alliance: int, institution: str, number: int) -> PathwayCase:
    """A case of a member, locked; NotFound for any other."""
    row = session.scalars(
        select(PathwayCase)
        .where(PathwayCase.alliance_id == alliance, PathwayCase.number == number)
        .with_for_update()
    ).first()  # fmt: skip
    if row is None or institution not in (row.hospital, row.center):
        raise NotFound()
    return row


def _steps(session: Session, row: PathwayCase) -> list[PathwayStep]:
    return list(session.scalars(select(PathwayStep).where(PathwayStep.case_id == row.id).order_by(PathwayStep.place)))


def record_step(
    alliance: int, institution: str, number: int, code: str, done: date, note: str = "", *, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Record for a member that a step of a case was done on a day; with the last one the case is closed.

    Refused: a step of the other side, one recorded already, a day before day 0 or ahead, a case that was ended.
    """
    with verb(by) as session:
        row = _case(session, alliance, institution, number)
        _record(session, row, institution, code, done, note, by, now)
        record(
            session, Act.REGISTERS_STEP_RECORD, f"course:{institution}/{number}", by=by, now=now, alliance=alliance,
            matter=code,
        )  # fmt: skip


def _record(
    session: Session, row: PathwayCase, institution: str, code: str, done: date, note: str, by: Actor, now: datetime
) -> None:  # fmt: skip
    steps = _steps(session, row)
    step = next((one for one in steps if one.code == code), None)
    if step is None:
        raise NotFound()
    if step.institution != institution:
        raise Refused("This step belongs to %(who)s, which records it.", who=step.institution)
    if row.state == ENDED:
        raise Refused("The case was ended early; nothing more is recorded.")
    if step.done is not None:
        raise Refused("The step is recorded already, on %(day)s.", day=step.done)
    check_step(done, row.day0, day_of(now))
    step.done = done
    session.add(
        PathwayRecord(step_id=step.id, done=done, note=note.strip(), recorded_by=by.account, recorded_at=now)
    )  # fmt: skip
    if all(one.done is not None for one in steps):
        row.state = CLOSED
    session.flush()


def withdraw_step(
    alliance: int, institution: str, number: int, code: str, reason: str, *, by: Actor, now: datetime
) -> None:
    """Take a step back that was recorded wrongly, with a reason; the record stays. The case is open again.

    Refused: a step of the other side, one that is not recorded, no reason, a case that was ended.
    """
    if len(reason.strip()) < REASON:
        raise Refused("Give a reason of at least ten characters.")
    with verb(by) as session:
        row = _case(session, alliance, institution, number)
        step = next((one for one in _steps(session, row) if one.code == code), None)
        if step is None:
            raise NotFound()
        if step.institution != institution:
            raise Refused("This step belongs to %(who)s, which records it.", who=step.institution)
        if row.state == ENDED:
            raise Refused("The case was ended early; nothing more is recorded.")
        if step.done is None:
            raise Refused("The step is not recorded.")
        held = session.scalars(
            select(PathwayRecord).where(PathwayRecord.step_id == step.id, PathwayRecord.withdrawn_at.is_(None))
        ).one()
        held.withdrawn_by, held.withdrawn_at, held.reason = by.account, now, reason.strip()
        step.done, row.state = None, OPEN
        record(
            session, Act.REGISTERS_STEP_WITHDRAW, f"course:{institution}/{number}", by=by, now=now, alliance=alliance,
            matter=code, reason=reason.strip(),
        )  # fmt: skip


def end_course(
    alliance: int, institution: str, number: int, ended: date, reason: str, *, by: Actor, now: datetime
) -> None:
    """End a case early, with a reason: from that day it has left the cohort, unless its last deadline had passed.

    Refused: what rules.check_end refuses.
    """
    with verb(by) as session:
        row = _case(session, alliance, institution, number)
        check_end(row.state, ended, row.day0, [one.done for one in _steps(session, row)], day_of(now), reason)
        row.state, row.ended_on, row.reason, row.ended_by, row.ended_at = ENDED, ended, reason.strip(), by.account, now
        record(
            session, Act.REGISTERS_COURSE_END, f"course:{institution}/{number}", by=by, now=now, alliance=alliance,
            reason=reason.strip(),
        )  # fmt: skip


def find_course(alliance: int, institution: str, hospital: str, number: str, *, by: Actor, now: datetime) -> int:
    """The newest case of a patient by a hospital's record number, among the cases of a member; that somebody looked is
    kept. Refused: there is none."""
    with verb(by) as session:
        mine = [one for one in courses_of(alliance, hospital, number) if institution in one.parties]
        if not mine:
            raise Refused("No case of yours has this record number.")
        record(
            session, Act.REGISTERS_COURSE_FIND, f"course:{institution}/{mine[0].number}", by=by, now=now,
            alliance=alliance,
        )  # fmt: skip
        return mine[0].number


def import_course(
    alliance: int, institution: str, rows: Sequence[CourseRow], *, by: Actor, now: datetime
) -> tuple[int, int]:
    """Start cases and record steps from a member's table, all or nothing; how many of each. The same again: none.

    Refused with each row that is wrong.
    """
    with verb(by, alone_in=alliance) as session:
        plan: CoursePlan = course_plan(alliance, institution, rows, day_of(now))
        if plan.problems:
            count = len(plan.problems)
            raise Refused("The file has %(count)s errors; nothing was changed.", count=count, problems=plan.problems)
        begun = [_begin(session, alliance, institution, one, by, now) for one in plan.starts]
        for one in plan.steps:
            row = _case(session, alliance, institution, begun[one.new] if one.new >= 0 else one.number)
            _record(session, row, institution, one.code, one.done, one.note, by, now)
        record(
            session, Act.REGISTERS_COURSE_IMPORT, f"courses:{institution}", by=by, now=now, alliance=alliance,
            count=len(begun), changed=len(plan.steps),
        )  # fmt: skip
        return len(begun), len(plan.steps)


def erase_patients(*, now: datetime) -> int:
    """Forget the hashes of patients whose cases were over three years ago; how many. What was counted stays."""
    with verb(Actor("system")) as session:
        over = (
            update(PathwayCase)
            .where(PathwayCase.patient != ERASED, PathwayCase.last_due < day_of(now) - KEPT)
            .values(patient=ERASED)
        )
        return session.connection().execute(over).rowcount
