"""The questions about joint care pathways: their versions, the cases on them, what is due, what counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from alliance.cipher import keyring
from alliance.core.period import Period
from alliance.core.refused import Both
from alliance.db import db
from alliance.registers.models import PathwayCase, PathwayRecord, PathwayStep, PathwayVersion
from alliance.registers.rules.counted import Counted
from alliance.registers.rules.pathways import (
    CLOSED,
    ENDED,
    OPEN,
    SHIPPED,
    SOON,
    Cohort,
    Pathway,
    Rate,
    Step,
    counted,
    in_force,
    is_in_time,
    rate,
    record_number,
)

PATIENT = "pathway.patient"  # what record numbers are hashed for
COMPLETE, INCOMPLETE, OVERDUE = "complete", "incomplete", "overdue"
DUE, LEFT = "due", "left"  # whether a case is in the cohort of its last deadline


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """That a step was done, as recorded; `withdrawn_at` when it was taken back, for the reason."""

    done: date
    note: str
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str
    withdrawn_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class StepInfo:
    """A step of a case: whose it is, until when, and when it was done."""

    place: int
    code: str
    name: Both
    institution: str
    due: date
    done: date | None
    records: tuple[RecordInfo, ...] = ()

    @property
    def in_time(self) -> bool:
        return is_in_time(self.due, self.done)

    @property
    def note(self) -> str:
        """What was noted with it, as it stands."""
        return next((one.note for one in self.records if one.withdrawn_at is None), "")


@dataclass(frozen=True, slots=True)
class CourseInfo:
    """A case on a pathway with its steps in order."""

    number: int
    pathway: str
    version: int
    hospital: str
    center: str
    born: int
    sex: str
    diagnosis: str
    day0: date
    last_due: date
    state: str
    started_by: str
    started_at: datetime
    ended_on: date | None
    reason: str
    ended_by: str
    steps: tuple[StepInfo, ...]

    @property
    def parties(self) -> tuple[str, str]:
        return self.hospital, self.center

    @property
    def next(self) -> StepInfo | None:
        """The step that is due first of those not done, while the case is open."""
        waiting = [one for one in self.steps if one.done is None] if self.state == OPEN else []
        return min(waiting, key=lambda one: (one.due, one.place), default=None)

    def standing(self, on: date) -> str:
        """In one word: ended, complete, incomplete (all done, not all in time), overdue or open."""
        if self.state == ENDED:
            return ENDED
        if self.state == CLOSED:
            return COMPLETE if all(one.in_time for one in self.steps) else INCOMPLETE
        first = self.next
        return OVERDUE if first and first.due < on else OPEN


@dataclass(frozen=True, slots=True)
class WantedCourses:
    """Which cases are asked for; `institutions` are those in reach, None for all."""

    institutions: Collection[str] | None
    pathway: str = ""
    state: str = ""  # as CourseInfo.standing, or DUE or LEFT
    member: str = ""
    month: str = ""  # of the last deadline
    mine: bool = False  # with a step to be done now by one of the institutions


def versions(alliance: int) -> list[Pathway]:
    """Every version of every pathway: those that ship with the portal, then the alliance's own."""
    rows = db.session.scalars(
        select(PathwayVersion).where(PathwayVersion.alliance_id == alliance).order_by(PathwayVersion.id)
    )
    return [*SHIPPED, *(_version(row) for row in rows)]


def _version(row: PathwayVersion) -> Pathway:
    steps = tuple(
        Step(str(one["code"]), Both(str(one["zh"]), str(one["en"])), str(one["side"]), int(str(one["day"])))
        for one in row.steps
    )
    return Pathway(row.code, row.version, row.start, Both(row.name_zh, row.name_en), steps)


def pathways_on(alliance: int, day: date) -> dict[str, Pathway]:
    """The pathways on which a case can begin on a day, by code."""
    return in_force(versions(alliance), day)


def patient_keys(alliance: int, hospital: str, record: str) -> list[str]:
    """The keyed hashes under which a patient of a hospital may be known, the one of today first."""
    return keyring().fingerprints(f"{alliance}/{hospital}/{record_number(record)}", PATIENT)


def courses_of(alliance: int, hospital: str, record: str, pathway: str = "") -> list[CourseInfo]:
    """The cases of a patient by the hospital's record number, the newest first."""
    rows = select(PathwayCase).where(
        PathwayCase.alliance_id == alliance, PathwayCase.hospital == hospital,
        PathwayCase.patient.in_(patient_keys(alliance, hospital, record)),
    )  # fmt: skip
    rows = rows.where(PathwayCase.pathway == pathway) if pathway else rows
    return _infos(alliance, list(db.session.scalars(rows.order_by(PathwayCase.number.desc()))))


def course(alliance: int, number: int) -> CourseInfo | None:
    """One case with all that was recorded of its steps; None when there is none."""
    rows = select(PathwayCase).where(PathwayCase.alliance_id == alliance, PathwayCase.number == number)
    return next(iter(_infos(alliance, list(db.session.scalars(rows)), records=True)), None)


def courses(alliance: int, wanted: WantedCourses, on: date, page: int, size: int) -> tuple[list[CourseInfo], int]:
    """A page of the cases that are asked for, those begun last first, and how many there are."""
    found = _wanted(alliance, wanted, on)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = found.order_by(PathwayCase.day0.desc(), PathwayCase.number.desc())
    return _infos(alliance, list(db.session.scalars(rows.limit(size).offset((page - 1) * size)))), total


def _wanted(alliance: int, wanted: WantedCourses, on: date) -> Select[PathwayCase]:
    rows = select(PathwayCase).where(PathwayCase.alliance_id == alliance)
    if wanted.institutions is not None:
        rows = rows.where(_party(wanted.institutions))
    if wanted.member:
        rows = rows.where(_party([wanted.member]))
    if wanted.pathway:
        rows = rows.where(PathwayCase.pathway == wanted.pathway)
    if wanted.month:
        period = Period.parse(wanted.month)
        rows = rows.where(PathwayCase.last_due >= period.first, PathwayCase.last_due < period.until)
    if wanted.mine:
        mine = PathwayStep.institution.in_(wanted.institutions) if wanted.institutions is not None else True
        rows = rows.where(PathwayCase.state == OPEN, _step(PathwayStep.done.is_(None), PathwayStep.due <= on + SOON,
                                                          mine))  # fmt: skip
    return rows.where(_standing(wanted.state, on)) if wanted.state else rows


def _party(codes: Collection[str]) -> ColumnElement[bool]:
    return or_(PathwayCase.hospital.in_(codes), PathwayCase.center.in_(codes))


def _step(*conditions: Any) -> ColumnElement[bool]:
    """Whether a case has a step of which something holds."""
    return exists().where(PathwayStep.case_id == PathwayCase.id, *conditions)


def _standing(state: str, on: date) -> ColumnElement[bool]:
    late, missed = _step(PathwayStep.done > PathwayStep.due), _step(PathwayStep.done.is_(None), PathwayStep.due < on)
    left = and_(PathwayCase.state == ENDED, func.coalesce(PathwayCase.ended_on, date.max) <= PathwayCase.last_due)
    held = {
        LEFT: left,
        DUE: ~left,
        OPEN: and_(PathwayCase.state == OPEN, ~missed), OVERDUE: and_(PathwayCase.state == OPEN, missed),
        COMPLETE: and_(PathwayCase.state == CLOSED, ~late), INCOMPLETE: and_(PathwayCase.state == CLOSED, late),
        ENDED: PathwayCase.state == ENDED,
    }  # fmt: skip
    return held.get(state, PathwayCase.id.is_(None))


def _infos(alliance: int, rows: Sequence[PathwayCase], *, records: bool = False) -> list[CourseInfo]:
    known = {(one.code, one.version): one for one in versions(alliance)}
    steps: dict[int, list[PathwayStep]] = {}
    ids = [row.id for row in rows]
    for step in db.session.scalars(
        select(PathwayStep).where(PathwayStep.case_id.in_(ids)).order_by(PathwayStep.case_id, PathwayStep.place)
    ):
        steps.setdefault(step.case_id, []).append(step)
    noted = _records([step.id for found in steps.values() for step in found]) if records else {}
    return [
        CourseInfo(
            row.number, row.pathway, row.version, row.hospital, row.center, row.born, row.sex, row.diagnosis, row.day0,
            row.last_due, row.state, row.started_by, row.started_at, row.ended_on, row.reason, row.ended_by,
            tuple(
                StepInfo(step.place, step.code, about.name, step.institution, step.due, step.done,
                         tuple(noted.get(step.id, ())))
                for step, about in zip(steps[row.id], known[row.pathway, row.version].steps, strict=True)
            ),
        )
        for row in rows
    ]  # fmt: skip


def _records(steps: Sequence[int]) -> dict[int, list[RecordInfo]]:
    """What was recorded of steps, the newest first."""
    found: dict[int, list[RecordInfo]] = {}
    rows = select(PathwayRecord).where(PathwayRecord.step_id.in_(steps)).order_by(PathwayRecord.id.desc())
    for one in db.session.scalars(rows):
        found.setdefault(one.step_id, []).append(
            RecordInfo(one.done, one.note, one.recorded_by, one.recorded_at, one.withdrawn_by, one.withdrawn_at,
                       one.reason)
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class StepsDue:
    """How many steps an institution has to do within days, or should have done; the first deadline of them."""

    institution: str
    overdue: bool
    count: int
    first: date


def steps_due(alliance: int, institutions: Iterable[str], on: date) -> list[StepsDue]:
    """The steps of open cases that are due within seven days or overdue, counted by institution."""
    late = PathwayStep.due < on
    rows = db.session.execute(
        select(PathwayStep.institution, late, func.count(), func.min(PathwayStep.due))
        .join(PathwayCase, PathwayCase.id == PathwayStep.case_id)
        .where(
            PathwayCase.alliance_id == alliance, PathwayCase.state == OPEN, PathwayStep.done.is_(None),
            PathwayStep.due <= on + SOON, PathwayStep.institution.in_(list(institutions)),
        )
        .group_by(PathwayStep.institution, late)
        .order_by(PathwayStep.institution, late.desc())
    )  # fmt: skip
    return [StepsDue(institution, bool(overdue), count, first) for institution, overdue, count, first in rows]


def cohorts(
    alliance: int, period: Period, institutions: Collection[str] | None = None, known: datetime | None = None
) -> list[tuple[str, Cohort]]:
    """The cases, with their pathways, whose last deadline lies in a period; as it was known at a moment, by default as
    it is now."""
    rows = select(PathwayCase).where(
        PathwayCase.alliance_id == alliance, PathwayCase.last_due >= period.first, PathwayCase.last_due < period.until
    )
    rows = rows.where(_party(institutions)) if institutions is not None else rows
    rows = rows.where(PathwayCase.started_at <= known) if known else rows
    cases = list(db.session.scalars(rows.order_by(PathwayCase.number)))
    steps = _steps_known([one.id for one in cases], known)
    return [(one.pathway, _cohort(one, steps[one.id], known)) for one in cases]


def _cohort(row: PathwayCase, steps: list[tuple[date, date | None]], known: datetime | None) -> Cohort:
    ended = row.ended_on if row.ended_at and (known is None or row.ended_at <= known) else None
    return Cohort(str(row.number), row.hospital, row.center, tuple(steps), ended)


def _steps_known(ids: Sequence[int], known: datetime | None) -> dict[int, list[tuple[date, date | None]]]:
    """Of each case when its steps were due, and done as far as it was known."""
    held: ColumnElement[bool] = PathwayRecord.withdrawn_at.is_(None)
    if known:
        held = and_(PathwayRecord.recorded_at <= known, or_(held, PathwayRecord.withdrawn_at > known))
    rows = (
        select(PathwayStep.case_id, PathwayStep.due, PathwayRecord.done)
        .outerjoin(PathwayRecord, and_(PathwayRecord.step_id == PathwayStep.id, held))
        .where(PathwayStep.case_id.in_(ids))
        .order_by(PathwayStep.case_id, PathwayStep.place)
    )
    found: dict[int, list[tuple[date, date | None]]] = {}
    for case, due, done in db.session.execute(rows):
        found.setdefault(case, []).append((due, done))
    return found


def counted_pathways(alliance: int, month: str, known: datetime) -> list[Counted]:
    """What the cases whose last deadline lies in a month give to both their members, as known at a moment:
    `pathway.due` for each, `pathway.complete` for each that is complete."""
    return counted(cohort for _pathway, cohort in cohorts(alliance, Period.parse(month), known=known))


@dataclass(frozen=True, slots=True)
class RateLine:
    """The rate of a pathway for a member in a period, and how many cases left the cohort."""

    pathway: str
    member: str
    rate: Rate
    left: int


def rates(alliance: int, period: Period, institutions: Collection[str] | None) -> list[RateLine]:
    """The rate of each pathway for each member in reach that had a case due in a period; with the member "" of the
    pathway as a whole, for who sees all members."""
    found: dict[tuple[str, str], list[Cohort]] = {}
    for pathway, cohort in cohorts(alliance, period, institutions):
        whose = [one for one in (cohort.hospital, cohort.center) if institutions is None or one in institutions]
        for member in [*whose, ""] if institutions is None else whose:
            found.setdefault((pathway, member), []).append(cohort)
    return [
        RateLine(pathway, member, rate(cases), sum(one.left for one in cases))
        for (pathway, member), cases in sorted(found.items())
    ]
