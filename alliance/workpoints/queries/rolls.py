"""Who belongs to a bonus month: the units of a hospital and the persons in post in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused, mark
from alliance.db import db
from alliance.members import queries as members
from alliance.members.queries import DepartmentFact, EmployeeFact, PersonDays
from alliance.workpoints.models import BonusRun
from alliance.workpoints.rules.duties import by_person, place_on
from alliance.workpoints.rules.runs import APPROVED, PAID

CLOSED = mark("The bonus of %(period)s is approved; enter a correction that is paid with a later month.")


@dataclass(frozen=True, slots=True)
class Roll:
    """The units of a month in the order of the tree, with their depth, and the persons in post by unit and number.

    A person transferred in the month stands in both units.
    """

    units: Mapping[str, tuple[DepartmentFact, int]]
    people: Mapping[tuple[str, str], PersonDays]

    def staffed(self) -> list[str]:
        """The units in which somebody is in post, in the order of the tree."""
        there = {unit for unit, _person in self.people}
        return [code for code in self.units if code in there]

    def of(self, unit: str) -> Sequence[PersonDays]:
        """The persons of a unit by staff number."""
        return [one for (code, _person), one in sorted(self.people.items()) if code == unit]


def roll(alliance: int, institution: str, month: str) -> Roll:
    """The units and persons of a month; a unit that ended within it is there too."""
    period = Period.parse(month)
    units = {fact.code: (fact, depth) for fact, depth in members.departments_on(alliance, institution, period.last)}
    for fact, _depth in members.departments_on(alliance, institution, period.first):
        units.setdefault(fact.code, (fact, 0))
    people = members.people_in_post(alliance, institution, period)
    return Roll(units, {(one.fact.department, one.fact.number): one for one in people})


def employees_of(alliance: int, institution: str) -> dict[str, EmployeeFact]:
    """Everybody ever recorded at a hospital, by staff number, as recorded last."""
    return {fact.number: fact for fact in members.staffing(alliance, institution).employees}


def is_in_post(alliance: int, institution: str, month: str, person: str) -> bool:
    """Whether somebody is in post anywhere at a hospital on a day of a month."""
    return person in posted(alliance, institution, month)


def posted(alliance: int, institution: str, month: str) -> frozenset[str]:
    """Everybody in post at a hospital on a day of a month."""
    period = Period.parse(month)
    known = by_person(members.staffing(alliance, institution).employees)
    return frozenset(person for person, facts in known.items() if _in_post(facts, period))


def _in_post(facts: Sequence[EmployeeFact], period: Period) -> bool:
    days = {period.first, *(one.start for one in facts if period.first <= one.start < period.until)}
    return any((fact := place_on(facts, day)) is not None and fact.status == "active" for day in days)


def closed_months(alliance: int, institution: str) -> frozenset[str]:
    """The months whose bonus is approved or paid: what is filed of them would change nothing."""
    rows = select(BonusRun.month).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.state.in_((APPROVED, PAID))
    )
    return frozenset(db.session.scalars(rows))


def check_open(alliance: int, institution: str, month: str) -> None:
    """Refused once the bonus of a month is approved. NotFound: no member."""
    if members.institution_id(alliance, institution) is None:
        raise NotFound()
    if month in closed_months(alliance, institution):
        raise Refused(CLOSED, period=month)
