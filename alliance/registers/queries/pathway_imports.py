"""What a table of pathway cases and their steps would do: nothing is kept here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.registers.queries.pathways import CourseInfo, courses_of, pathways_on
from alliance.registers.rules.pathways import (
    CENTER,
    ENDED,
    HOSPITAL,
    Pathway,
    Patient,
    check_day0,
    check_patient,
    check_step,
)

PLACE = mark("row %(row)s, %(column)s")
COLUMNS = {
    "pathway": "路径", "hospital": "医院", "center": "基层机构", "record": "病案号", "born": "出生年份", "sex": "性别",
    "diagnosis": "诊断编码", "day0": "首诊日", "step": "步骤", "done": "完成日", "note": "备注",
}  # fmt: skip
REQUIRED = ("pathway", "hospital", "record", "day0")


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A row of the table: a case, and perhaps one step of it. `at` is the row's number; None and "" say nothing."""

    at: int
    pathway: str
    hospital: str
    center: str
    record: str
    born: int | None
    sex: str
    diagnosis: str
    day0: date
    step: str = ""
    done: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewCourse:
    """A case that would begin."""

    pathway: str
    hospital: str
    center: str
    record: str
    patient: Patient
    day0: date


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step that would be recorded, of a case that is there (`number`) or of the new one in a place of the plan."""

    number: int
    new: int
    code: str
    done: date
    note: str


@dataclass(slots=True)
class CoursePlan:
    """What a table would do."""

    starts: list[NewCourse] = field(default_factory=list)
    steps: list[NewStep] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)


class _Planning:
    """A table while it is gone through."""

    def __init__(self, alliance: int, institution: str, today: date) -> None:
        self.alliance, self.institution, self.today = alliance, institution, today
        self.plan = CoursePlan()
        self.seen: dict[tuple[str, str, str], tuple[int, NewCourse | CourseInfo]] = {}
        self.given: dict[tuple[tuple[str, str, str], str], date] = {}
        self.broken: set[tuple[str, str, str]] = set()

    def fault(self, row: CourseRow, column: str, value: object, message: str, **numbers: object) -> None:
        at: dict[str, object] = {"row": row.at, "column": Both(COLUMNS[column], column)}
        self.plan.problems.append(Problem(PLACE, str(value or ""), message, numbers, at))

    def take(self, row: CourseRow) -> None:
        """A row: its case, then its step."""
        pathway = _named(pathways_on(self.alliance, row.day0), row.pathway)
        if pathway is None:
            return self.fault(row, "pathway", row.pathway, mark("there is no such pathway on day 0"))
        if self.institution not in (row.hospital, row.center) and row.center:
            return self.fault(row, "center", row.center, mark("is a case of other members"))
        key = (pathway.code, row.hospital, row.record)
        if key in self.broken:
            return None
        found = self.seen.get(key) or self._case(row, pathway, key)
        if found is None:
            self.broken.add(key)
            return None
        self.seen[key] = found
        if self._agrees(row, found[1]) and row.step:
            self._step(row, pathway, key, *found)
        return None

    def _case(
        self, row: CourseRow, pathway: Pathway, _key: tuple[str, str, str]
    ) -> tuple[int, NewCourse | CourseInfo] | None:
        """The case of a row that is there, or the one that would begin; None where neither can be."""
        try:
            known = courses_of(self.alliance, row.hospital, row.record, pathway.code)
        except Refused as refused:
            self.fault(row, "record", "", refused.message, **refused.numbers)
            return None
        there = next((one for one in known if one.day0 == row.day0), None)
        if there:
            if self.institution not in there.parties:
                self.fault(row, "hospital", row.hospital, mark("is a case of other members"))
                return None
            if not row.step:
                self.plan.same += 1
            return -1, there
        going = next((one for one in known if one.state == "open"), None)
        if going:
            self.fault(row, "day0", row.day0, mark("this patient is on the pathway since %(day)s"), day=going.day0)
            return None
        return self._new(row, pathway)

    def _new(self, row: CourseRow, pathway: Pathway) -> tuple[int, NewCourse] | None:
        if self.institution not in (row.hospital, row.center):
            self.fault(row, "center", row.center, mark("is a case of other members"))
            return None
        for column in ("center", "born", "sex", "diagnosis"):
            if not getattr(row, column):
                self.fault(row, column, "", mark("is missing for a case that begins"))
                return None
        patient = Patient(row.born or 0, row.sex, row.diagnosis)
        try:
            check_day0(row.day0, self.today)
            check_patient(patient, row.day0)
        except Refused as refused:
            self.fault(row, "day0", row.day0, refused.message, **refused.numbers)
            return None
        self.plan.starts.append(NewCourse(pathway.code, row.hospital, row.center, row.record, patient, row.day0))
        return len(self.plan.starts) - 1, self.plan.starts[-1]

    def _agrees(self, row: CourseRow, case: NewCourse | CourseInfo) -> bool:
        """Whether a row says nothing else of its case than what is known."""
        patient = case.patient if isinstance(case, NewCourse) else case
        said = (
            ("center", row.center, case.center), ("born", row.born, patient.born), ("sex", row.sex, patient.sex),
            ("diagnosis", row.diagnosis, patient.diagnosis), ("day0", row.day0, case.day0),
        )  # fmt: skip
        other = [(column, given) for column, given, known in said if given and given != known]
        for column, given in other:
            self.fault(row, column, given, mark("is recorded otherwise for this case"))
        return not other

    def _step(
        self, row: CourseRow, pathway: Pathway, key: tuple[str, str, str], new: int, case: NewCourse | CourseInfo
    ) -> None:
        steps = pathway.steps
        if isinstance(case, CourseInfo):  # begun under the version of its own day 0
            steps = tuple(one for one in steps if one.code in {step.code for step in case.steps})
        step = next((one for one in steps if row.step.lower() in (one.code, one.name.zh, one.name.en.lower())), None)
        if step is None:
            return self.fault(row, "step", row.step, mark("is no step of this pathway"))
        if row.done is None:
            return self.fault(row, "done", "", mark("is missing"))
        whose = {HOSPITAL: case.hospital, CENTER: case.center}[step.side]
        if whose != self.institution:
            return self.fault(row, "step", row.step, mark("is a step of %(who)s, which records it"), who=whose)
        try:
            check_step(row.done, case.day0, self.today)
        except Refused as refused:
            return self.fault(row, "done", row.done, refused.message, **refused.numbers)
        before = self.given.setdefault((key, step.code), row.done)
        if before != row.done:
            return self.fault(row, "done", row.done, mark("stands in the file with another day too"))
        return self._add(row, new, case, step.code, row.done)

    def _add(self, row: CourseRow, new: int, case: NewCourse | CourseInfo, code: str, done: date) -> None:
        if any((one.new, one.code) == (new, code) and (new >= 0 or _is(case, one.number)) for one in self.plan.steps):
            self.plan.same += 1
            return None
        if isinstance(case, CourseInfo):
            there = next(one.done for one in case.steps if one.code == code)
            if there == done:
                self.plan.same += 1
                return None
            if there:
                return self.fault(row, "done", done, mark("is recorded already, on %(day)s"), day=there)
            if case.state == ENDED:
                return self.fault(row, "step", code, mark("the case was ended early"))
        number = case.number if isinstance(case, CourseInfo) else 0
        self.plan.steps.append(NewStep(number, new, code, done, row.note))
        return None


def _is(case: NewCourse | CourseInfo, number: int) -> bool:
    return isinstance(case, CourseInfo) and case.number == number


def _named(known: dict[str, Pathway], text: str) -> Pathway | None:
    said = text.strip().lower()
    return next((one for one in known.values() if said in (one.code, one.name.zh, one.name.en.lower())), None)


def course_plan(alliance: int, institution: str, rows: Sequence[CourseRow], today: date) -> CoursePlan:
    """What a table of a member would do, with everything that is wrong in it; the same table again does nothing."""
    planning = _Planning(alliance, institution, today)
    for row in rows:
        planning.take(row)
    return planning.plan
