"""The questions about quantities reported elsewhere: both values side by side, and which differ unexplained."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused
from alliance.db import db
from alliance.indicators.models import ReportedValue
from alliance.indicators.queries.libraries import library
from alliance.indicators.queries.readings import READING, current_columns
from alliance.indicators.queries.values import figures_of_readings
from alliance.indicators.rules.kinds import Bench
from alliance.indicators.rules.reports import Reported, check_reported, check_twice, differs, no_period, pair
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """A quantity as reported elsewhere beside ours, of the same member, element and period."""

    institution: str
    element: str
    period: str
    report: str
    revision: int
    value: Decimal
    document: str
    explanation: str
    explained: str
    recorded_by: str
    recorded_at: datetime
    ours: Decimal | None = None

    @property
    def difference(self) -> Decimal | None:
        """Reported elsewhere less ours."""
        return None if self.ours is None else self.value - self.ours

    @property
    def standing(self) -> str:
        """same, explained, open (they differ and nobody said why), or alone (we have no value)."""
        if self.ours is None:
            return "alone"
        if not differs(self.ours, self.value):
            return "same"
        return "explained" if self.explanation and self.explained == pair(self.ours, self.value) else "open"


def reports(
    alliance: int, institutions: Collection[str] | None = None, period: str = "", report: str = ""
) -> list[ReportInfo]:
    """What was reported elsewhere beside what was filed here, newest period first; of some members, when named."""
    rows = select(ReportedValue).where(ReportedValue.alliance_id == alliance).order_by(ReportedValue.revision)
    if institutions is not None:
        rows = rows.where(ReportedValue.institution.in_(list(institutions)))
    if period:
        rows = rows.where(ReportedValue.period == period)
    if report:
        rows = rows.where(ReportedValue.report == report)
    latest = {
        (row.period, row.institution, row.element, row.report): row for row in db.session.scalars(rows)
    }  # fmt: skip
    ours = our_values(alliance, {(row.institution, row.element, row.period) for row in latest.values()})
    found = [
        ReportInfo(
            row.institution, row.element, row.period, row.report, row.revision, Decimal(row.value), row.document,
            row.explanation, row.explained, row.recorded_by, row.recorded_at,
            ours.get((row.institution, row.element, row.period)),
        )
        for row in latest.values()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (Period.parse(one.period).last, one.institution, one.element), reverse=True)


def report_of(alliance: int, period: str, institution: str, element: str, report: str) -> ReportInfo | None:
    found = reports(alliance, [institution], period, report)
    return next((one for one in found if one.element == element), None)


def our_values(alliance: int, places: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], Decimal]:
    """What was filed here, by (member, element, period): the reading of that period, or of a longer one what its
    readings come to."""
    codes = {period for _, _, period in places}
    rows = current_columns(alliance, codes, "institution", "element", "period", "value").where(
        READING.value != "",
        READING.institution.in_({who for who, _, _ in places}),
        READING.element.in_({element for _, element, _ in places}),
    )
    found = {(who, element, code): Decimal(value) for who, element, code, value in db.session.execute(rows)}
    missing = [place for place in places if place not in found]
    for code in {period for _, _, period in missing}:
        found |= _together(alliance, code, [(who, element) for who, element, period in missing if period == code])
    return {place: found[place] for place in places if place in found}


def _together(
    alliance: int, code: str, places: Sequence[tuple[str, str]]
) -> dict[tuple[str, str, str], Decimal]:  # fmt: skip
    """What elements come to over a period that is longer than the ones they are filed for."""
    when = Period.parse(code)
    known = library(alliance, when.last)
    there = [(who, element) for who, element in places if element in known.elements]
    parts = {part.code for _, one in there for part in when.parts(known.elements[one].frequency)}
    if not parts:
        return {}
    elements = {one for _, one in there}
    needed = elements | {weight for one in elements if (weight := known.elements[one].weight)}
    bench = Bench(known, when, figures_of_readings(alliance, known, parts, only=needed))
    totals = {(who, one): bench.total(who, one, when).value for who, one in there}
    return {(who, one, code): value for (who, one), value in totals.items() if value is not None}


@audit.until_next_event
def unexplained_reports(alliance: int, institutions: frozenset[str] | None = None) -> list[ReportInfo]:
    """What differs from ours, and nobody said why."""
    return [one for one in reports(alliance, institutions) if one.standing == "open"]


def read_reports(
    alliance: int, rows: Sequence[Reported], allowed: Collection[str] | None
) -> list[tuple[Reported, Decimal]]:
    """The rows of a form or a file with their values; refused with everything that is wrong. `allowed`: the members of
    whom one may report, None: all."""
    problems: list[Problem] = check_twice(rows)
    found: list[tuple[Reported, Decimal]] = []
    for row in rows:
        try:
            when = Period.parse(row.period)
        except Refused:
            problems.append(no_period(row))
            continue
        tiers = {one.code: one.tier for one in members.members(alliance, when.last)}
        value, wrong = check_reported(row, library(alliance, when.last).elements, tiers, allowed)
        problems += wrong
        if value is not None and not wrong:
            found.append((row, value))
    if problems:
        raise Refused("%(count)s values cannot be taken; nothing was kept.", count=len(problems), problems=problems)
    return found


def new_reports(alliance: int, rows: Sequence[tuple[Reported, Decimal]]) -> list[tuple[Reported, Decimal, int]]:
    """The rows that say something new, with the revision that they would be."""
    known = {
        (one.institution, one.element, one.period, one.report): one
        for code in {row.period for row, _ in rows}
        for one in reports(alliance, period=code)
    }
    found = []
    for row, value in rows:
        before = known.get((row.institution, row.element, row.period, row.report))
        if before is None or (before.value, before.document) != (value, row.document.strip()):
            found.append((row, value, before.revision + 1 if before else 1))
    return found
