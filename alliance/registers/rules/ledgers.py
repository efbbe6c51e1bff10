"""Assessment ledgers (I15): standards with points, entries against them, their review and the objection to one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from alliance.core.figure import canonical
from alliance.core.refused import REASON, Both, Refused, mark

REVIEW_OF_RECORDS = "record_review"
KINDS: Mapping[str, Both] = {
    "medical_quality": Both("医疗质量", "medical quality"),
    "medical_standards": Both("医疗规范", "medical standards"),
    REVIEW_OF_RECORDS: Both("病历质量检查", "medical record review"),
    "nursing": Both("护理质量", "nursing"),
    "infection_control": Both("医院感染控制", "infection control"),
    "publicity": Both("宣传", "publicity"),
    "information": Both("信息化", "information"),
    "research_teaching": Both("科研教学", "research and teaching"),
    "ethics": Both("医德医风", "medical ethics"),
    "duties": Both("科室职责", "departmental duties"),
    "tasks": Both("专项任务", "tasks"),
}
ENTERED, ACCEPTED, REFUSED, WITHDRAWN = "entered", "accepted", "refused", "withdrawn"
STATES: Mapping[str, Both] = {
    ENTERED: Both("待复核", "to be reviewed"),
    ACCEPTED: Both("已通过", "accepted"),
    REFUSED: Both("已退回", "refused"),
    WITHDRAWN: Both("异议成立，已撤销", "withdrawn after an objection"),
}
GRADES: Mapping[str, Both] = {"A": Both("甲级", "A"), "B": Both("乙级", "B"), "C": Both("丙级", "C")}
LEAST_OF_GRADE: Mapping[str, int] = {"A": 90, "B": 75, "C": 0}  # of the score of a record
UPHELD, DISMISSED = "upheld", "dismissed"
ANSWERS: Mapping[str, Both] = {
    UPHELD: Both("异议成立：撤销本条", "upheld: the entry is withdrawn"),
    DISMISSED: Both("异议不成立：维持本条", "dismissed: the entry stands"),
}
MOST_POINTS = Decimal(1000)
MOST_ITEMS = 1000
FILE_LIMIT = 20 * 2**20
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a standard. An entry gives from 0 up to `points`, or takes off where these are below nought."""

    code: str
    zh: str
    en: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """What is entered: against a department or a person of a member, or against the member as a whole."""

    kind: str
    day: date
    item: str
    member: str
    unit: str
    person: str
    points: Decimal
    note: str
    grade: str = ""
    author: str = ""

    @property
    def month(self) -> str:
        return f"{self.day:%Y-%m}"


def check_items(items: Sequence[Item]) -> None:
    """Refused: no item or too many, a code twice."""
    if not 0 < len(items) <= MOST_ITEMS:
        raise Refused("A standard has from 1 to %(count)s items.", count=MOST_ITEMS)
    if len({item.code for item in items}) < len(items):
        raise Refused("An item stands twice in the standard.")


def check_item_points(points: Decimal) -> str:
    """What is wrong with the points of an item, as a message id; "" when nothing is."""
    if not points or abs(points) > MOST_POINTS or not _has_two_places(points):
        return mark("is not from −1,000 to 1,000 with two decimal places, or is nought")
    return ""


def _has_two_places(points: Decimal) -> bool:
    return points == points.quantize(Decimal("0.01"))


def check_entry(one: Entry, items: Mapping[str, Item], today: date) -> Entry:
    """The entry as it is kept. Refused: an unknown kind, a day ahead, an item that the standard of the day does not
    hold, points beyond its limit, no words; of a record no author, or a better grade than its score allows."""
    if one.kind not in KINDS:
        raise Refused("There is no such ledger.")
    if one.day > today:
        raise Refused("An entry cannot lie ahead.")
    item = items.get(one.item)
    if item is None:
        raise Refused("The standard of %(day)s holds no item %(code)s.", day=one.day, code=one.item)
    low, high = sorted((Decimal(0), item.points))
    if not low <= one.points <= high or not _has_two_places(one.points):
        raise Refused(
            "The item %(code)s gives from %(low)s to %(high)s points, with two decimal places.", code=item.code,
            low=canonical(low), high=canonical(high),
        )  # fmt: skip
    if not one.note.strip():
        raise Refused("Say what was found.")
    return _graded(one)


def _graded(one: Entry) -> Entry:
    """Of a record that was reviewed the grade, by its score unless a worse one was given; of anything else none."""
    if one.kind != REVIEW_OF_RECORDS:
        return Entry(one.kind, one.day, one.item, one.member, one.unit, one.person, one.points, one.note)
    if not one.author.strip():
        raise Refused("Name the author of the record.")
    reached = grade_of(one.points)
    if one.grade and one.grade not in GRADES:
        raise Refused("Choose the grade.")
    if one.grade and one.grade < reached:
        raise Refused("A record with %(points)s points is not of grade %(grade)s.", points=canonical(one.points),
                      grade=one.grade)  # fmt: skip
    return Entry(
        one.kind, one.day, one.item, one.member, one.unit, one.person, one.points, one.note, one.grade or reached,
        one.author,
    )  # fmt: skip


def grade_of(score: Decimal) -> str:
    """The grade of a record by its score: A from 90, B from 75, else C."""
    return next(grade for grade, least in LEAST_OF_GRADE.items() if score >= least)


def check_review(
    state: str, verdict: str, reason: str, *, entered_by: str, reviewer: str, person: str = "", own: str = ""
) -> None:
    """Refused: what was reviewed already, an unknown verdict, who entered it or is concerned (`own` is the reviewer's
    staff number there), a refusal without a reason."""
    if state != ENTERED:
        raise Refused("The entry was reviewed already.")
    if verdict not in (ACCEPTED, REFUSED):
        raise Refused("Choose a verdict.")
    if entered_by == reviewer:
        raise Refused("You made this entry; another person reviews it.")
    if own and own == person:
        raise Refused("This entry is about you; another person reviews it.")
    if verdict == REFUSED:
        _check_reason(reason)


def check_objection(state: str, before: str, reason: str) -> None:
    """Refused: an objection to what is not accepted, a second one, one without a reason."""
    if state != ACCEPTED:
        raise Refused("One objects to an entry that was accepted.")
    if before:
        raise Refused("An objection to this entry was filed already.")
    _check_reason(reason)


def check_answer(
    objected: bool, outcome: str, answered: str, reason: str, *, entered_by: str, objected_by: str, answerer: str
) -> None:
    """Refused: where nobody objected, a second answer, an answer by who made the entry or objected, or without a
    reason."""
    if not objected:
        raise Refused("Nobody has objected to this entry.")
    if outcome:
        raise Refused("The objection was answered already.")
    if answerer in (entered_by, objected_by):
        raise Refused("Who made an entry or objected to it does not answer the objection.")
    if answered not in ANSWERS:
        raise Refused("Choose an answer.")
    _check_reason(reason)


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < REASON:
        raise Refused("Give a reason of at least ten characters.")


@dataclass(frozen=True, slots=True)
class Total:
    """The points of a month in one ledger of a member, a department or a person, and on how many entries they rest."""

    kind: str
    month: str
    member: str
    unit: str
    person: str
    points: Decimal
    entries: int


def sums(rows: Iterable[tuple[str, str, str, str, str, int, int]]) -> list[Total]:
    """Rows (kind, month, member, unit, person, hundredths, entries) as totals."""
    return [
        Total(kind, month, member, unit, person, Decimal(hundredths) / 100, entries)
        for kind, month, member, unit, person, hundredths, entries in rows
    ]
