"""What is true of staff: full years of service, seniority, and who is how long in post where in a month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from alliance.core.figure import half_up
from alliance.core.period import Period
from alliance.core.refused import Problem, mark

ACTIVE = "active"
STATUSES = (ACTIVE, "leave", "left")
IN_POST_PLACES = 4


@dataclass(frozen=True, slots=True)
class EmployeeFact:
    """What is true of an employee from `start` on; the day of a transfer belongs to the new unit."""

    number: str
    name_zh: str
    name_en: str
    department: str
    post: str
    title: str
    hired: date
    status: str
    start: date


@dataclass(frozen=True, slots=True)
class SeniorityFact:
    """The table of seniority from `start` on: from so many full years, this coefficient."""

    steps: tuple[tuple[int, Decimal], ...]
    start: date


@dataclass(frozen=True, slots=True)
class Spell:
    """So many calendar days of a month under one fact, with the first of them."""

    fact: EmployeeFact
    first: date
    days: int


def full_years(hired: date, on: date) -> int:
    """Full years of service on a day; who was hired on a 29 February completes a year on 1 March."""
    return on.year - hired.year - ((on.month, on.day) < (hired.month, hired.day)) if on >= hired else 0


def seniority(steps: Iterable[tuple[int, Decimal]], years: int) -> Decimal:
    """The coefficient of the highest step reached; 0 under the first."""
    return max(((least, value) for least, value in steps if least <= years), default=(0, Decimal(0)))[1]


def check_steps(fact: SeniorityFact) -> list[Problem]:
    """What is wrong with a table: years named twice."""
    years = [least for least, _ in fact.steps]
    if len(set(years)) < len(years):
        return [Problem("seniority", ", ".join(map(str, years[:9])), mark("a number of years is named twice"))]
    return []


def spells(facts: Sequence[EmployeeFact], month: Period) -> list[Spell]:
    """The days of a month of one employee, fact by fact; of facts of one day the one recorded later holds."""
    ordered = list({fact.start: fact for fact in sorted(facts, key=lambda one: one.start)}.values())
    found = []
    begins, ends = month.first, month.until
    for place, fact in enumerate(ordered):
        first = max(fact.start, begins)
        after = min(ordered[place + 1].start, ends) if place + 1 < len(ordered) else ends
        if first < after:
            found.append(Spell(fact, first, (after - first).days))
    return found


def by_post(found: Iterable[Spell]) -> list[Spell]:
    """The spells of one employee with those of the same post in the same department as one, the last one last: a new
    title or days of leave in between make no other post."""
    held: dict[tuple[str, str], Spell] = {}
    for one in found:
        key = (one.fact.department, one.fact.post)
        before = held.pop(key, None)
        held[key] = replace(one, first=before.first, days=before.days + one.days) if before else one
    return list(held.values())


@lru_cache(maxsize=4096)  # a hospital's thousands of people stand on a few dozen coefficients
def in_post(coefficient: Decimal, years_coefficient: Decimal, days: int, month: Period) -> Decimal:
    """(Post + seniority) × days ÷ days of the month, four places."""
    whole = (month.until - month.first).days
    return half_up(Fraction(coefficient + years_coefficient) * Fraction(days, whole), IN_POST_PLACES)


@lru_cache(maxsize=4096)
def heads(days: int, month: Period) -> Decimal:
    """Persons in post by calendar days, four places."""
    return half_up(Fraction(days, (month.until - month.first).days), IN_POST_PLACES)


def per_bed(persons: Decimal, beds: int) -> Decimal | None:
    """Persons per bed, two places; None without beds."""
    return half_up(Fraction(persons) / beds, 2) if beds else None
