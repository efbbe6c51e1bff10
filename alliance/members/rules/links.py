"""What is true of links: who supports whom in which specialty, with shares that add up to 100 %."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from alliance.core.figure import canonical, sum_exactly
from alliance.core.refused import Problem, mark
from alliance.core.specialties import SPECIALTIES

WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class LinkFact:
    """A supporter of a member in a specialty ("": in all of them) with its share in %, from a day until a day."""

    supporter: str
    supported: str
    specialty: str
    share: Decimal
    start: date
    until: date | None = None

    def holds(self, first: date, last: date) -> bool:
        """Whether there is a day between two days, both included, on which it holds."""
        return self.start <= last and (self.until is None or max(self.start, first) < self.until)


@dataclass(frozen=True, slots=True)
class Support:
    """All who support a member in a specialty from a day on, with their shares."""

    supported: str
    specialty: str
    start: date
    shares: tuple[tuple[str, Decimal], ...]


def check_support(one: Support, there: Collection[str]) -> list[Problem]:
    """What is wrong with the supporters of a member; `there` are the members of the day."""
    found = [Problem(code, code, mark("is no member on this day")) for code in _unknown(one, there)]
    if one.specialty and one.specialty not in SPECIALTIES:
        found.append(Problem("specialty", one.specialty, mark("is no specialty of the catalogue")))
    codes = [code for code, _share in one.shares]
    if one.supported in codes:
        found.append(Problem(one.supported, one.supported, mark("a member does not support itself")))
    found += [Problem(code, code, mark("is named twice")) for code in sorted({c for c in codes if codes.count(c) > 1})]
    found += [
        Problem(code, canonical(share), mark("a share lies above 0 and is at most 100"))
        for code, share in one.shares
        if not 0 < share <= WHOLE
    ]
    total = sum_exactly(share for _code, share in one.shares)
    if total != WHOLE:
        found.append(Problem("share", canonical(total), mark("the shares must add up to exactly 100")))
    return found


def _unknown(one: Support, there: Collection[str]) -> list[str]:
    return sorted({one.supported, *(code for code, _share in one.shares)} - set(there))


def partners(links: Iterable[LinkFact], first: date, last: date) -> set[frozenset[str]]:
    """The pairs of members that a link joins on some day between two days."""
    return {frozenset((one.supporter, one.supported)) for one in links if one.holds(first, last)}


def later_start(links: Sequence[LinkFact], start: date) -> date | None:
    """The first day after another on which something else begins to hold."""
    return min((one.start for one in links if one.start > start), default=None)
