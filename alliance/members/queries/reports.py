"""The report on staffing: established and in post, by department and month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from alliance.core.period import Period
from alliance.members.queries.departments import inside
from alliance.members.queries.staffing import PostLine, post_lines, staffing, steps_on
from alliance.members.rules.departments import DepartmentFact, beneath, existing, in_order, latest
from alliance.members.rules.posts import unit_coefficient
from alliance.members.rules.staff import (
    ACTIVE,
    EmployeeFact,
    by_post,
    full_years,
    heads,
    in_post,
    per_bed,
    seniority,
    spells,
)
from alliance.members.rules.staffing import Staffing, posts_on

NOUGHT = Decimal(0)


@dataclass(frozen=True, slots=True)
class UnitStaffing:
    """One unit in a month: posts established and the unit coefficient on its last day; coefficient, persons, doctors
    and nurses in post by calendar days; beds on the last day. Persons per bed are of the unit with all that stands
    under it, because beds stand with medical groups and nurses with nursing units; None without beds or such persons.
    """

    fact: DepartmentFact
    depth: int
    established: int
    coefficient: Decimal
    in_post: Decimal
    persons: Decimal
    doctors: Decimal
    nurses: Decimal
    beds: int
    doctors_per_bed: Decimal | None = None
    nurses_per_bed: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StaffingReport:
    """The units of a month as a tree, their sums, and the persons per bed of the whole; `without` are the numbers of
    employees who were in post without a post that is there."""

    units: tuple[UnitStaffing, ...]
    established: int
    coefficient: Decimal
    in_post: Decimal
    persons: Decimal
    doctors: Decimal
    nurses: Decimal
    beds: int
    doctors_per_bed: Decimal | None
    nurses_per_bed: Decimal | None
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonDays:
    """Some days of one employee in one unit in a month, with the coefficient in post that they make, and what that is
    made of: the coefficients of post and seniority."""

    fact: EmployeeFact
    family: str
    days: int
    coefficient: Decimal
    persons: Decimal
    post: Decimal
    seniority: Decimal


@dataclass(frozen=True, slots=True)
class LastPost:
    """The last department of somebody who is not in post, and the family of the last post."""

    department: str
    family: str


@dataclass(frozen=True, slots=True)
class StaffingMonth:
    """The report of a month, who was in post where, the posts of its last day, and by number where everybody else
    was in post last."""

    report: StaffingReport
    people: list[PersonDays]
    posts: list[PostLine]
    others: Mapping[str, LastPost]


def staffing_month(alliance: int, institution: str, month: Period) -> StaffingMonth:
    """All that a month's bonus asks of staff, from one reading of what is recorded."""
    known = staffing(alliance, institution)
    people, without = person_days(known, month)
    units = existing(inside(alliance, institution).departments, month.last)
    report = _reported(known, units, people, without, month)
    return StaffingMonth(report, people, post_lines(known, month.last), _others(known, people, month))


def _others(known: Staffing, people: list[PersonDays], month: Period) -> dict[str, LastPost]:
    there = {one.fact.number for one in people}
    families = {fact.code: fact.family for fact in latest(known.posts, date.max, lambda one: one.code)}
    return {
        fact.number: LastPost(fact.department, families[fact.post])
        for fact in latest(known.employees, month.last, lambda one: one.number) if fact.number not in there
    }  # fmt: skip


def staffing_report(alliance: int, institution: str, month: Period) -> StaffingReport:
    """The report of a month. Sums are of the rounded values that the page shows."""
    return staffing_month(alliance, institution, month).report


def _reported(
    known: Staffing, units: Mapping[str, DepartmentFact], people: list[PersonDays], without: list[str], month: Period
) -> StaffingReport:  # fmt: skip
    there = posts_on(known.posts, month.last)
    established: dict[str, list[tuple[Decimal, int]]] = {}
    for one in latest(known.establishment, month.last, lambda fact: (fact.department, fact.post)):
        if one.post in there:
            established.setdefault(one.department, []).append((there[one.post].coefficient, one.number))
    in_units: dict[str, list[PersonDays]] = {}
    for person in people:
        in_units.setdefault(person.fact.department, []).append(person)
    lines = []
    for fact, depth in in_order(units):
        here, posts = in_units.get(fact.code, []), established.get(fact.code, [])
        lines.append(UnitStaffing(
            fact, depth, sum(number for _, number in posts), unit_coefficient(posts),
            sum((one.coefficient for one in here), NOUGHT), sum((one.persons for one in here), NOUGHT),
            sum((one.persons for one in here if one.family == "doctor"), NOUGHT),
            sum((one.persons for one in here if one.family == "nurse"), NOUGHT), fact.beds or 0,
        ))  # fmt: skip
    return _summed([_with_ratios(line, lines, units) for line in lines], without)


def _with_ratios(line: UnitStaffing, lines: list[UnitStaffing], units: Mapping[str, DepartmentFact]) -> UnitStaffing:
    under = beneath(units, [line.fact.code])
    here = [one for one in lines if one.fact.code in under]
    beds = sum(one.beds for one in here)
    doctors = sum((one.doctors for one in here), NOUGHT)
    nurses = sum((one.nurses for one in here), NOUGHT)
    return replace(
        line,
        doctors_per_bed=per_bed(doctors, beds) if doctors else None,
        nurses_per_bed=per_bed(nurses, beds) if nurses else None,
    )


def _summed(lines: list[UnitStaffing], without: list[str]) -> StaffingReport:
    beds = sum(line.beds for line in lines)
    doctors = sum((line.doctors for line in lines), NOUGHT)
    nurses = sum((line.nurses for line in lines), NOUGHT)
    return StaffingReport(
        tuple(lines),
        sum(line.established for line in lines),
        sum((line.coefficient for line in lines), NOUGHT),
        sum((line.in_post for line in lines), NOUGHT),
        sum((line.persons for line in lines), NOUGHT),
        doctors,
        nurses,
        beds,
        per_bed(doctors, beds),
        per_bed(nurses, beds),
        tuple(without),
    )


def people_in_post(alliance: int, institution: str, month: Period) -> list[PersonDays]:
    """Who was in post where in a month, a line for each person and unit, by number: what pay is distributed by."""
    return person_days(staffing(alliance, institution), month)[0]


def person_days(known: Staffing, month: Period) -> tuple[list[PersonDays], list[str]]:
    """Who was in post where for how many days of a month; and the numbers of those whose post is not there.

    The post counts as it is on the first of these days, seniority by full years on the first of the month.
    """
    facts: dict[str, list[EmployeeFact]] = {}
    for fact in known.employees:
        facts.setdefault(fact.number, []).append(fact)
    steps = steps_on(known, month.first)
    days_known = {month.first: posts_on(known.posts, month.first)}
    found, without = [], []
    for number in sorted(facts):
        for spell in by_post(one for one in spells(facts[number], month) if one.fact.status == ACTIVE):
            if spell.first not in days_known:
                days_known[spell.first] = posts_on(known.posts, spell.first)
            post = days_known[spell.first].get(spell.fact.post)
            if post is None:
                without.append(number)
                continue
            years = seniority(steps, full_years(spell.fact.hired, month.first))
            found.append(
                PersonDays(
                    spell.fact,
                    post.family,
                    spell.days,
                    in_post(post.coefficient, years, spell.days, month),
                    heads(spell.days, month),
                    post.coefficient,
                    years,
                )
            )
    return found, without
