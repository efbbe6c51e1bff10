"""What is true of a case: between whom and when it may be, who may take which step, what it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from alliance.core.refused import Both, NotFound, Refused, mark
from alliance.registers.rules.cells import Fault
from alliance.registers.rules.kinds import Register
from alliance.registers.rules.kinds.shapes import PERSONS, Texts

FILED, CONFIRMED, DISPUTED, WITHDRAWN = "filed", "confirmed", "disputed", "withdrawn"
STATES: Mapping[str, Both] = {
    FILED: Both("待确认", "to be confirmed"),
    CONFIRMED: Both("已确认", "confirmed"),
    DISPUTED: Both("有争议", "disputed"),
    WITHDRAWN: Both("已撤回", "withdrawn"),
}
STEPS: Mapping[str, tuple[str, ...]] = {
    "confirm": (FILED, DISPUTED),
    "dispute": (FILED, CONFIRMED),
    "correct": (FILED, CONFIRMED, DISPUTED),
    "withdraw": (FILED, CONFIRMED, DISPUTED),
}
REASON = 10  # characters of a reason at least


class Fact(Protocol):
    """What was recorded of a member from a day on."""

    @property
    def code(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def joined(self) -> date: ...
    @property
    def left(self) -> date | None: ...


class StaffFact(Protocol):
    """What was recorded of an employee from a day on."""

    @property
    def number(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def status(self) -> str: ...


T = TypeVar("T", Fact, StaffFact)


@dataclass(slots=True)
class Ground:
    """What cases are held against: the members and the staff of those that keep it here, in the order of recording, and
    today."""

    today: date
    members: Mapping[str, Sequence[Fact]]
    staff: Mapping[str, Mapping[str, Sequence[StaffFact]]]
    _known: dict[tuple[str, ...], bool] = field(default_factory=dict)

    def is_member(self, code: str, day: str) -> bool:
        """Whether an institution was a member on a day."""
        key = (code, day)
        if key not in self._known:
            on = date.fromisoformat(day)
            fact = _latest(self.members.get(code, ()), on)
            self._known[key] = fact is not None and fact.joined <= on and (fact.left is None or on < fact.left)
        return self._known[key]

    def is_staff(self, institution: str, person: str, day: str) -> bool:
        """Whether somebody worked for a member on a day; of a member whose staff is not kept here nobody can tell."""
        if not self.staff.get(institution):
            return True
        key = (institution, person, day)
        if key not in self._known:
            fact = _latest(self.staff[institution].get(person, ()), date.fromisoformat(day))
            self._known[key] = fact is not None and fact.status != "left"
        return self._known[key]


def _latest(facts: Sequence[T], on: date) -> T | None:
    begun = [one for one in facts if one.start <= on]
    return max(enumerate(begun), key=lambda pair: (pair[1].start, pair[0]))[1] if begun else None


def occurred_on(register: Register, texts: Texts) -> str:
    """The day of a case as text."""
    return texts[register.day][:10]


def faults_of(register: Register, texts: Texts, institution: str, ground: Ground) -> Iterator[Fault]:
    """What is wrong with a case whose fields are right by themselves: who files it, between whom it is, and when."""
    day = occurred_on(register, texts)
    if day > ground.today.isoformat():
        yield register.day, mark("has not come yet"), {}
        return
    ends = [texts[code] for code in register.ends]
    if institution not in ends:
        yield register.ends[0], mark("neither member is the one that files, %(who)s"), {"who": institution}
    if len(set(ends)) < len(ends):
        yield register.ends[1], mark("is the same as above"), {}
    others = texts.get(register.others, "").split() if register.others else []
    for code, who in [*zip(register.ends, ends, strict=True), *((register.others, one) for one in others)]:
        if not ground.is_member(who, day):
            yield code, mark("%(code)s was no member on %(day)s"), {"code": who, "day": day}
    for one in register.people:
        for person in register.persons(one.code, texts):
            if not ground.is_staff(texts[one.of], person, day):
                single = mark("was not on the staff of %(who)s on %(day)s")
                several = mark("%(code)s was not on the staff of %(who)s on %(day)s")
                at: dict[str, object] = {"who": texts[one.of], "day": day, "code": person}
                yield one.code, several if one.type == PERSONS else single, at


def confirmer(register: Register, texts: Texts, institution: str) -> str:
    """Who confirms a case that an institution filed: the other end, or for want of one the member itself."""
    return next((texts[code] for code in register.ends if texts[code] != institution), institution)


def check_step(step: str, state: str) -> None:
    """Refused: a step that the state of a case does not allow."""
    if state not in STEPS[step]:
        raise Refused("This case is %(state)s; that cannot be done with it now.", state=STATES[state])


def check_confirmer(side: str, *, by: str, employer: str, hands: frozenset[str]) -> None:
    """Refused: who is not of the member that confirms, or filed the case."""
    if employer != side:
        raise Refused("This case is confirmed or disputed by %(who)s.", who=side)
    if by in hands:
        raise Refused("You filed this case; another person confirms it.")


def check_reason(reason: str) -> None:
    if len(reason.strip()) < REASON:
        raise Refused("Give a reason of at least %(count)s characters.", count=REASON)


def twin_of(register: Register, texts: Texts) -> str:
    """What two entries of the same case have in common."""
    return "|".join(" ".join(texts.get(code, "").lower().split()) for code in register.same)


def case_code(register: str, number: int) -> str:
    """How the figures and the addresses name a case."""
    return f"{register}/{number}"


def number_in(code: str) -> tuple[str, int]:
    """Register and number of the code of a case; NotFound."""
    register, _slash, number = code.partition("/")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFound()
    return register, int(number)
