"""Joint care pathways (I14): steps with deadlines in calendar days from the first primary visit, and what counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from alliance.core.figure import State
from alliance.core.refused import REASON, Both, Refused
from alliance.registers.rules.counted import Counted

HOSPITAL, CENTER = "hospital", "center"
SIDES: Mapping[str, Both] = {
    HOSPITAL: Both("三级医院", "tertiary hospital"),
    CENTER: Both("基层医疗卫生机构", "primary care"),
}
TIERS: Mapping[str, str] = {HOSPITAL: "tertiary", CENTER: "primary"}
SEXES: Mapping[str, Both] = {"female": Both("女", "female"), "male": Both("男", "male")}
OPEN, CLOSED, ENDED = "open", "closed", "ended"
STATES: Mapping[str, Both] = {
    OPEN: Both("进行中", "under way"),
    CLOSED: Both("各步骤已完成", "all steps done"),
    ENDED: Both("提前结束", "ended early"),
}
MOST_STEPS, MOST_DAYS = 8, 730
SOON = timedelta(days=7)  # before a deadline from which it is a task
OLDEST = 120  # years of a patient
DIAGNOSIS = re.compile(r"[A-Z]\d[A-Z0-9](\.[A-Z0-9]{1,6})?[+*]?")
CODE = re.compile(r"[a-z][a-z0-9_]{1,29}")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a pathway: who has to do it, and by which calendar day after day 0."""

    code: str
    name: Both
    side: str
    day: int


@dataclass(frozen=True, slots=True)
class Pathway:
    """A version of a pathway, for the cases whose day 0 is on `start` or later; version 0 ships with the portal."""

    code: str
    version: int
    start: date
    name: Both
    steps: tuple[Step, ...]

    @property
    def days(self) -> int:
        """The day of the last deadline."""
        return max(step.day for step in self.steps)


SHIPPED: tuple[Pathway, ...] = (
    Pathway(
        "diabetes", 0, date.min, Both("糖尿病联合管理", "Diabetes managed together"),
        (
            Step("plan", Both("制定诊疗方案", "Treatment plan made"), HOSPITAL, 30),
            Step("follow_up", Both("随访并调整", "Follow-up and adjustment"), CENTER, 60),
        ),
    ),
    Pathway(
        "discharge", 0, date.min, Both("出院后联合随访", "Follow-up after discharge"),
        (
            Step("call", Both("电话随访", "Call"), HOSPITAL, 7),
            Step("visit", Both("面对面随访", "Visit"), CENTER, 90),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Patient:
    """What is kept of a patient beside a keyed hash of the hospital's record number."""

    born: int
    sex: str
    diagnosis: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """A case as counting sees it: its two members, when each step was due and done (None: not), and since when it is
    ended."""

    case: str
    hospital: str
    center: str
    steps: tuple[tuple[date, date | None], ...]
    ended: date | None = None

    @property
    def last_due(self) -> date:
        return max(due for due, _done in self.steps)

    @property
    def left(self) -> bool:
        """Whether it has left the cohort: ended while its last deadline had not passed."""
        return self.ended is not None and self.ended <= self.last_due

    @property
    def complete(self) -> bool:
        """Whether each step was done in time."""
        return all(is_in_time(due, done) for due, done in self.steps)


def is_in_time(due: date, done: date | None) -> bool:
    """Whether a step counts: done, and on its last day at the latest. A late one is kept and not counted."""
    return done is not None and done <= due


def in_force(versions: Iterable[Pathway], day: date) -> dict[str, Pathway]:
    """The version of each pathway for a case that begins on a day: the latest begun, of these the latest version."""
    begun = sorted((one for one in versions if one.start <= day), key=lambda one: (one.start, one.version))
    return {one.code: one for one in begun}


def deadlines(pathway: Pathway, day0: date) -> list[date]:
    """Until when each step is due."""
    return [day0 + timedelta(days=step.day) for step in pathway.steps]


def check_pathway(one: Pathway) -> None:
    """Refused: a code that is none, no name, no step or too many, a step without a name or twice, a deadline out of
    range, one side without any step."""
    if not CODE.fullmatch(one.code):
        raise Refused("A code has 2 to 30 small letters, digits and underscores, and begins with a letter.")
    if not 0 < len(one.steps) <= MOST_STEPS:
        raise Refused("A pathway has from 1 to %(count)s steps.", count=MOST_STEPS)
    if not one.name.zh.strip() or any(not step.name.zh.strip() for step in one.steps):
        raise Refused("The pathway and each of its steps have a name in Chinese.")
    for step in one.steps:
        if not CODE.fullmatch(step.code):
            raise Refused("A code has 2 to 30 small letters, digits and underscores, and begins with a letter.")
        if not 0 <= step.day <= MOST_DAYS:
            raise Refused("A deadline is from 0 to %(count)s days after day 0.", count=MOST_DAYS)
    if len({step.code for step in one.steps}) < len(one.steps):
        raise Refused("A step stands twice in the pathway.")
    if {step.side for step in one.steps} != SIDES.keys():
        raise Refused("In a joint pathway each of the two sides has a step.")


def record_number(text: str) -> str:
    """A hospital's record number as it is hashed: without blanks, in plain figures and capitals. Refused: none, or what
    no record number is."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9/_-]{2,29}", plain):
        raise Refused("A record number has 3 to 30 letters and digits; a name is not taken.")
    return plain


def check_patient(one: Patient, day0: date) -> None:
    """Refused: a year of birth that cannot be, no sex, a diagnosis that is no code."""
    if not day0.year - OLDEST <= one.born <= day0.year:
        raise Refused("Nobody who comes on %(day)s was born in %(year)s.", day=day0, year=str(one.born))
    if one.sex not in SEXES:
        raise Refused("Choose the sex.")
    if not DIAGNOSIS.fullmatch(one.diagnosis):
        raise Refused("Give the diagnosis as its code in ICD-10.")


def check_day0(day0: date, today: date) -> None:
    if day0 > today:
        raise Refused("Day 0 is the first primary visit; it cannot lie ahead.")


def check_step(done: date, day0: date, today: date) -> None:
    """Refused: a step before day 0 or ahead of today."""
    if done < day0:
        raise Refused("The step cannot be before day 0, %(day)s.", day=day0)
    if done > today:
        raise Refused("A step is recorded when it is done; %(day)s lies ahead.", day=done)


def check_end(state: str, ended: date, day0: date, done: Sequence[date | None], today: date, reason: str) -> None:
    """Refused: to end what is over already, without a reason, on a day before day 0, before a step that was done or
    ahead of today."""
    if state != OPEN:
        raise Refused("The case is over already.")
    if len(reason.strip()) < REASON:
        raise Refused("Give a reason of at least ten characters.")
    first = max((one for one in (day0, *done) if one), default=day0)
    if not first <= ended <= today:
        raise Refused("The day must be from %(first)s to %(last)s.", first=first, last=today)


def counted(cohorts: Iterable[Cohort]) -> list[Counted]:
    """What cases give to both members in the month of their last deadline: each that is due, and each that is complete.
    What left the cohort gives nothing."""
    found = []
    for one in cohorts:
        month = f"{one.last_due:%Y-%m}"
        measures = () if one.left else ("pathway.due", "pathway.complete") if one.complete else ("pathway.due",)
        found += [
            Counted(member, month, measure, Decimal(1), one.case)
            for member in (one.hospital, one.center) for measure in measures
        ]  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Rate:
    """Complete cases of those whose last deadline lies in a period."""

    complete: int
    due: int

    @property
    def state(self) -> State:
        return State.VALUE if self.due else State.NOT_APPLICABLE

    @property
    def percent(self) -> Decimal | None:
        """With two places, half up; None where nothing was due: it does not apply."""
        if not self.due:
            return None
        return Decimal((self.complete * 20_000 + self.due) // (2 * self.due)) / 100


def rate(cohorts: Iterable[Cohort]) -> Rate:
    """The rate of some cases, without those that left."""
    there = [one for one in cohorts if not one.left]
    return Rate(sum(one.complete for one in there), len(there))
