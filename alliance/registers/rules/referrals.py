"""Referrals (I11): direction, deadlines, the states and who leads from one to the next, and what filing needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from alliance.core.diagnoses import SYSTEMS
from alliance.core.period import day_of, end_of
from alliance.core.refused import REASON, Both, NotFound, Refused, mark
from alliance.core.specialties import SPECIALTIES
from alliance.core.tiers import TIERS
from alliance.core.workdays import Works, working_day
from alliance.registers.rules.people import read_identity, read_name, read_phone

UP, DOWN, ACROSS = "up", "down", "across"
DIRECTIONS: Mapping[str, Both] = {
    UP: Both("上转", "upward"),
    DOWN: Both("下转", "downward"),
    ACROSS: Both("平转", "between equals"),
}
EMERGENCY, URGENT, ORDINARY = "emergency", "urgent", "ordinary"
URGENCIES: Mapping[str, Both] = {
    ORDINARY: Both("普通", "ordinary"),
    URGENT: Both("急", "urgent"),
    EMERGENCY: Both("危急", "emergency"),
}
FILED, ACCEPTED, DECLINED, CANCELLED = "filed", "accepted", "declined", "cancelled"
MISSED, SEEN, RETURNED, CLOSED = "missed", "seen", "returned", "closed"
STATES: Mapping[str, Both] = {
    FILED: Both("待接收", "waits for an answer"),
    ACCEPTED: Both("已接收", "accepted"),
    DECLINED: Both("已拒收", "declined"),
    CANCELLED: Both("已撤回", "cancelled"),
    MISSED: Both("未到诊", "did not come"),
    SEEN: Both("已接诊", "seen"),
    RETURNED: Both("已转回随访", "returned for follow-up"),
    CLOSED: Both("已结案", "closed"),
}
OVER = frozenset({DECLINED, CANCELLED, MISSED, CLOSED})
TREATED = frozenset({SEEN, RETURNED, CLOSED})
SENDER, RECEIVER = "sender", "receiver"
FOLLOW_DAYS, SUMMARY_DAYS = 7, 3  # calendar days to the first follow-up, working days to the summary
KEPT_DAYS = 30  # after its end, until what names the patient is erased
KEY_YEARS = 3  # after its end, until the patient's key is erased
LINE = 300  # characters of a reason
TEXT = 2000  # of a summary
ICD10, ICD11 = re.compile(r"[A-Z]\d\d(\.\w{1,6})?"), re.compile(r"[0-9A-Z]{4}(\.\w{1,4})?")
CODE_VERSION = re.compile(r"[\w.\-/ ]{1,20}")
# What a treatment costs, by the items of the medical receipt (财综〔2012〕73号).
FEES: Mapping[str, Both] = {
    "diagnosis": Both("诊察费", "Consultation"),
    "bed": Both("床位费", "Bed"),
    "examination": Both("检查费", "Examination"),
    "laboratory": Both("化验费", "Laboratory"),
    "treatment": Both("治疗费", "Treatment"),
    "operation": Both("手术费", "Operation"),
    "nursing": Both("护理费", "Nursing"),
    "material": Both("卫生材料费", "Consumables"),
    "western_drugs": Both("西药费", "Western drugs"),
    "chinese_drugs": Both("中药费", "Chinese drugs"),
    "other": Both("其他费用", "Other"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a case: from which states, by which side, into which (`""`: it stays)."""

    before: frozenset[str]
    side: str
    after: str = ""


# Who leads a case from one state to the next, and nobody else does. `follow` is told by `follower`.
STEPS: Mapping[str, Step] = {
    "accept": Step(frozenset({FILED}), RECEIVER, ACCEPTED),
    "decline": Step(frozenset({FILED}), RECEIVER, DECLINED),
    "cancel": Step(frozenset({FILED}), SENDER, CANCELLED),
    "miss": Step(frozenset({ACCEPTED}), RECEIVER, MISSED),
    "see": Step(frozenset({ACCEPTED}), RECEIVER, SEEN),
    "discharge": Step(frozenset({SEEN}), RECEIVER),
    "return": Step(frozenset({SEEN}), RECEIVER, RETURNED),
    "follow": Step(frozenset({SEEN, RETURNED}), ""),
    "close": Step(frozenset({RETURNED}), SENDER, CLOSED),
    "charge": Step(TREATED, RECEIVER),
}


@dataclass(frozen=True, slots=True)
class Given:
    """What is filed about a case; its patient in clear, to be sealed before anything is kept."""

    receiver: str
    specialty: str
    diagnosis: str
    system: str
    version: str
    urgency: str
    name: str
    phone: str
    identity: str
    consent: bool
    purpose: str = ""
    offer: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field of a case: the name of the field, the value, and why."""

    field: str
    value: str
    refused: Refused


def direction_of(sender_tier: str, receiver_tier: str) -> str:
    """Up to a higher tier, down to a lower one, across between equals."""
    sender, receiver = TIERS.index(sender_tier), TIERS.index(receiver_tier)
    return UP if receiver < sender else DOWN if receiver > sender else ACROSS


def follower(direction: str) -> str:
    """The side that sees the patient again: who sent him up or across, or who took him over downward."""
    return RECEIVER if direction == DOWN else SENDER


def answer_due(urgency: str, filed_at: datetime, works: Works) -> datetime:
    """Emergency 30 minutes, urgent 4 hours, ordinary to the end of the next working day."""
    if urgency == EMERGENCY:
        return filed_at + timedelta(minutes=30)
    if urgency == URGENT:
        return filed_at + timedelta(hours=4)
    return end_of(working_day(day_of(filed_at), 1, works))


def summary_due(discharged: date, works: Works) -> datetime:
    """To the end of the third working day after the discharge."""
    return end_of(working_day(discharged, SUMMARY_DAYS, works))


def follow_due(since: date) -> datetime:
    """To the end of the seventh day."""
    return end_of(since + timedelta(days=FOLLOW_DAYS))


def check_parties(sender: str, receiver: str, members: Mapping[str, object]) -> None:
    """Refused: a referral to oneself; an institution that is no member on the day. `members` by code."""
    if sender == receiver:
        raise Refused("An institution refers to another one, not to itself.")
    for code in (sender, receiver):
        if code not in members:
            raise Refused("%(who)s is no member on this day; nothing is referred to it or from it.", who=code)


def faults(given: Given, on: date) -> list[Fault]:
    """All that is wrong with the fields of a case that is filed on a day."""
    found: list[Fault] = []

    def wrong(field: str, value: str, refused: Refused) -> None:
        found.append(Fault(field, value, refused))

    if given.specialty not in SPECIALTIES:
        wrong("specialty", given.specialty, Refused("This is no code of the catalogue of specialties."))
    if given.urgency not in URGENCIES:
        wrong("urgency", given.urgency, Refused("Write ordinary, urgent or emergency."))
    for field, check in (("diagnosis", _check_code), ("name", _check_name), ("phone", _check_phone)):
        try:
            check(given)
        except Refused as refused:
            # Who wrote it knows it; a report that is shown or kept must not repeat it.
            wrong(field, given.diagnosis if field == "diagnosis" else "", refused)
    try:
        if read_identity(given.identity).birth > on:
            raise Refused("The day of the referral lies before the patient's day of birth.")
    except Refused as refused:
        wrong("identity", "", refused)
    if not given.consent:
        wrong("consent", "", Refused("A patient is referred with consent only."))
    if len(given.purpose) > TEXT:
        wrong("purpose", "", Refused("The text is longer than %(most)s characters.", most=TEXT))
    return found


def _check_code(given: Given) -> None:
    check_diagnosis(given.diagnosis, given.system, given.version)


def _check_name(given: Given) -> None:
    read_name(given.name)


def _check_phone(given: Given) -> None:
    read_phone(given.phone)


def check_diagnosis(code: str, system: str, version: str) -> None:
    """Refused: a code that its system cannot have. What the code means is told by the alliance's code systems."""
    if system not in SYSTEMS:
        raise Refused("The code system is ICD-10 or ICD-11.")
    if not (ICD10 if system == "ICD-10" else ICD11).fullmatch(code):
        raise Refused("A code of %(system)s looks like %(example)s.", system=system, example=EXAMPLES[system])
    if not CODE_VERSION.fullmatch(version):
        raise Refused("Give the version of the code system, such as 2.0.")


EXAMPLES = {"ICD-10": "I10.x05", "ICD-11": "BA00.Z"}


def check_step(name: str, state: str, direction: str, side: str) -> str:
    """The state that a step leads to; Refused: not out of this state, not by this side."""
    step = STEPS[name]
    allowed = follower(direction) if name == "follow" else step.side
    if side != allowed:
        if allowed == SENDER:
            raise Refused("Only the institution that filed the referral does this.")
        raise Refused("Only the institution that receives the patient does this.")
    if name == "follow" and direction != DOWN and state == SEEN:
        raise Refused("The follow-up begins when the patient has been returned.")
    if state not in step.before:
        raise Refused("Nothing was changed: this referral is in the state “%(state)s” meanwhile.", state=STATES[state])
    return step.after or state


def side_of(sender: str, receiver: str, institution: str) -> str:
    """The side on which an institution stands; NotFound for any other."""
    if institution not in (sender, receiver):
        raise NotFound()
    return SENDER if institution == sender else RECEIVER


def check_day(day: date, first: date, today: date) -> None:
    """Refused: a day before the one from which it may be, or one to come."""
    if day > today:
        raise Refused("%(day)s has not come yet.", day=day)
    if day < first:
        raise Refused("The day must not lie before %(first)s.", first=first)


def check_line(text: str) -> str:
    """A reason of at least ten characters, trimmed; Refused: too short or too long."""
    line = text.strip()
    if len(line) < REASON:
        raise Refused("Give a reason of at least ten characters.")
    if len(line) > LINE:
        raise Refused("The text is longer than %(most)s characters.", most=LINE)
    return line


def check_fees(fees: Mapping[str, int]) -> None:
    """Refused: a class that there is not, or an amount below 0; in cents."""
    if set(fees) - set(FEES):
        raise NotFound()
    if any(cents < 0 for cents in fees.values()):
        raise Refused("An amount must not be below 0.")


def next_due(
    state: str, direction: str, *, answer: datetime, summary: datetime | None, follow: datetime | None, followed: bool
) -> tuple[datetime | None, str]:  # fmt: skip
    """What of a case is due next: the moment that is too late and the side that owes it; (None, "") for nothing."""
    owed: list[tuple[datetime, str]] = []
    if state == FILED:
        owed.append((answer, RECEIVER))
    if state == SEEN and summary:
        owed.append((summary, RECEIVER))
    if state in (SEEN, RETURNED) and follow and not followed:
        owed.append((follow, follower(direction)))
    return min(owed) if owed else (None, "")


def minutes(filed: datetime, answered: datetime) -> int:
    """Whole minutes that an answer took."""
    return int((answered - filed) / timedelta(minutes=1))


def median(values: Sequence[int]) -> Decimal | None:
    """The middle, or the mean of the two in the middle: of 5, 30 and 90 it is 30, of 30 and 90 it is 60."""
    ranked, half = sorted(values), len(values) // 2
    if not ranked:
        return None
    return Decimal(ranked[half]) if len(ranked) % 2 else Decimal(ranked[half - 1] + ranked[half]) / 2


# The fields of a case, as a file heads them and as they are told.
FIELDS: Mapping[str, str] = {
    "receiver": mark("Receiving institution"),
    "specialty": mark("Specialty"),
    "diagnosis": mark("Diagnosis"),
    "urgency": mark("Urgency"),
    "name": mark("Patient's name"),
    "phone": mark("Telephone"),
    "identity": mark("Identity number"),
    "consent": mark("Consent"),
    "purpose": mark("Reason for referral"),
}
# The columns of a file of referrals, with their titles.
COLUMNS = {
    "record": "记录号", "version": "版本", "receiver": "接收单位", "specialty": "科室", "diagnosis": "诊断编码",
    "system": "编码系统", "system_version": "编码版本", "urgency": "紧急程度", "filed_at": "转诊时间", "name": "姓名",
    "phone": "电话", "identity": "身份证号", "consent": "知情同意", "purpose": "转诊原因",
}  # fmt: skip
