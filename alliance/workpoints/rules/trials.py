"""A scheme on trial (W0): what units and persons would have got in past months, beside what they get as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from alliance.core.figure import half_up, quotient
from alliance.core.money import cents
from alliance.workpoints.rules.allowances import NightRate
from alliance.workpoints.rules.month.first import FirstMonth
from alliance.workpoints.rules.month.slips import SlipsMonth

MOST_MONTHS = 12
# The lines of a slip that a scheme decides on; corrections and what is withheld belong to the person, not to a scheme.
DECIDED = frozenset({"bonus", "head_bonus", "file_wage", "night", "task", "special"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scheme gives in a month, in cents: to units as their bonus, to persons by all that a scheme decides on."""

    units: dict[str, int]
    persons: dict[str, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """A unit or a person under the scheme in force and under the one on trial, of all months; in cents."""

    code: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before

    @property
    def percent(self) -> Decimal | None:
        """The change in % of what it was, one place; None where it was nothing."""
        return half_up(quotient(Decimal(self.change), Decimal(self.before), 100), 1) if self.before else None


@dataclass(frozen=True, slots=True)
class Balance:
    """How many win, lose and keep what they have, and how much is won and lost; in cents."""

    winners: int
    losers: int
    others: int
    won: int
    lost: int


def backdated(rates: Sequence[NightRate]) -> tuple[NightRate, ...]:
    """Rates of nights as if the first of each shift had always held: a scheme to come is tried on months before it."""
    firsts: dict[str, date] = {}
    for one in rates:
        firsts[one.shift] = min(one.start, firsts.get(one.shift, one.start))
    return tuple(replace(one, start=date.min) if one.start == firsts[one.shift] else one for one in rates)


def outcome(first: FirstMonth, slips: SlipsMonth) -> Outcome:
    """What came out of a month's distributions."""
    persons = {
        one.person: sum(cents(line.amount.value or Decimal(0)) for line in one.lines if line.sort in DECIDED)
        for one in slips.slips.values()
    }
    return Outcome({unit: cents(bonus.value or Decimal(0)) for unit, bonus in first.bonuses.items()}, persons)


def compare(
    before: Sequence[Outcome], after: Sequence[Outcome], part: Callable[[Outcome], dict[str, int]]
) -> list[Compared]:  # fmt: skip
    """The units, or the persons, of all months together, who loses most first; of equal change by code."""
    sums: dict[str, list[int]] = {}
    for side, outcomes in enumerate((before, after)):
        for one in outcomes:
            for code, amount in part(one).items():
                sums.setdefault(code, [0, 0])[side] += amount
    return in_order(Compared(code, *both) for code, both in sums.items())


def in_order(rows: Iterable[Compared]) -> list[Compared]:
    """Who loses most first; of equal change by code."""
    return sorted(rows, key=lambda one: (one.change, one.code))


def balance(rows: Iterable[Compared]) -> Balance:
    """Who wins and who loses among units or persons."""
    changes = [one.change for one in rows]
    won, lost = [one for one in changes if one > 0], [-one for one in changes if one < 0]
    return Balance(len(won), len(lost), len(changes) - len(won) - len(lost), sum(won), sum(lost))
