"""Discharged cases of a month (W8): what a list of them may say, which to look at, and whether the filed sums agree."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import half_up
from alliance.core.money import yuan
from alliance.core.refused import Both, mark
from alliance.workpoints.rules.cases import CaseRules
from alliance.workpoints.rules.entries import CASE_KINDS, GROUPED, YUAN, EntryKind

MOST = 50_000  # cases of a month
NUMBERS: Mapping[str, EntryKind] = {
    "rw": CASE_KINDS["rw"],
    "cost": CASE_KINDS["cost"],
    "payment": CASE_KINDS["payment"],
    "deductions": EntryKind("deductions", "医保扣款", "Deductions", YUAN, 2, "case", GROUPED),
}
FLAGS: Mapping[str, Both] = {
    "split": Both("分解住院", "Split stay"),
    "refused": Both("推诿病人", "Patient refused"),
    "upcoded": Both("高套病组", "Upcoded"),
}
HIGH, LOW = "high_multiple", "low_multiple"
WATCHED: Mapping[str, Both] = {
    HIGH: Both("高倍率病例", "High multiple"),
    LOW: Both("低倍率病例", "Low multiple"),
    **FLAGS,
}
# A hospital's own number has digits, and no word that could be somebody's name.
NUMBER = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._/-]{0,31}")
GROUP = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9.:+_/-]{0,39}")
# A day of birth where the identity numbers of GB 11643 have it: 18 signs, or 15 as they were until 1999.
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
IDENTITY = re.compile(
    rf"(?<![0-9])[1-9][0-9]{{5}}(?:(?:18|19|20)[0-9]{{2}}{_DAY}[0-9]{{3}}[0-9Xx]|[0-9]{{2}}{_DAY}[0-9]{{3}})(?![0-9])"
)

NAMED = mark("looks like an identity number; give the hospital's own running number of the case")
NO_NUMBER = mark("is no running number: at least one digit, besides letters and the signs _ / - and points; at most 32")
NO_GROUP = mark("is no code of a disease group")
NO_UNIT = mark("is no unit of this hospital in the month")
NEGATIVE = mark("must be 0 or more")
TWICE = mark("stands in the table twice")


@dataclass(frozen=True, slots=True)
class Case:
    """A discharge: the hospital's own running number, unit, disease group, weight, cost, what the insurer paid and
    deducted, and what was found about it. In cents."""

    number: str
    unit: str
    group: str
    rw: Decimal
    cost: int
    payment: int
    deductions: int = 0
    flags: frozenset[str] = frozenset()  # of FLAGS

    @property
    def ratio(self) -> Decimal | None:
        """Cost ÷ payment; None where nothing was paid."""
        return half_up(Fraction(self.cost, self.payment), 2) if self.payment else None


def case_faults(cases: Sequence[Case], units: Container[str]) -> Iterator[tuple[int, str, str, str]]:
    """What is wrong with a list of cases: place in it from 0, column, value, reason. `units` are those of the month."""
    seen: set[str] = set()
    for place, one in enumerate(cases):
        if IDENTITY.search(one.number):
            yield place, "case", "", NAMED  # nor is it shown again
        elif not NUMBER.fullmatch(one.number):
            yield place, "case", one.number, NO_NUMBER
        elif one.number in seen:
            yield place, "case", one.number, TWICE
        seen.add(one.number)
        if one.unit not in units:
            yield place, "unit", one.unit, NO_UNIT
        if not GROUP.fullmatch(one.group):
            yield place, "group", one.group, NO_GROUP
        for column in NUMBERS:
            if getattr(one, column) < 0:
                yield place, column, str(getattr(one, column)), NEGATIVE


def watched(cases: Iterable[Case], rules: CaseRules) -> list[tuple[Case, tuple[str, ...]]]:
    """The cases to look at, each with why: a cost far from the payment, a split stay, a patient refused, a group that
    is too high. Where nothing was paid, any cost is a high multiple."""
    high, heavy, low = map(Fraction, (rules.high_multiple, rules.high_multiple_heavy, rules.low_multiple))
    found = []
    for case in cases:
        most = heavy if case.rw > rules.heavy else high
        reasons = [flag for flag in FLAGS if flag in case.flags]
        if case.cost * most.denominator > most.numerator * case.payment:
            reasons.insert(0, HIGH)
        elif case.cost * low.denominator < low.numerator * case.payment:
            reasons.insert(0, LOW)
        if reasons:
            found.append((case, tuple(reasons)))
    return found


@dataclass(frozen=True, slots=True)
class Sums:
    """A disease group of a unit in a month: its cases, their costs and payments in yuan."""

    cases: int
    cost: Decimal
    payment: Decimal


@dataclass(frozen=True, slots=True)
class Tie:
    """A disease group of a unit whose filed sums and cases differ; None where there are none."""

    unit: str
    group: str
    filed: Sums | None
    listed: Sums | None


def untied(filed: Mapping[tuple[str, str], Sums], cases: Iterable[Case]) -> list[Tie]:
    """Where what is filed of a unit and group is not the sum of its cases, by unit and group."""
    counts: dict[tuple[str, str], list[int]] = {}
    for one in cases:
        count = counts.setdefault((one.unit, one.group), [0, 0, 0])
        count[0] += 1
        count[1] += one.cost
        count[2] += one.payment
    listed = {key: Sums(number, yuan(cost), yuan(payment)) for key, (number, cost, payment) in counts.items()}
    return [
        Tie(*key, filed.get(key), listed.get(key))
        for key in sorted(filed.keys() | listed.keys())
        if filed.get(key) != listed.get(key)
    ]
