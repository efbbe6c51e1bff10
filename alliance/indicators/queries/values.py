"""Accepted readings as figures, and the values of indicators made from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from sqlalchemy import select

from alliance.core.figure import Figure, State, given
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.db import db
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries.libraries import library
from alliance.indicators.queries.readings import current_readings
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import Progress
from alliance.indicators.rules.kinds import Bench, Place, element_kind, owner_of, reading_periods
from alliance.members import queries as members


def figures_of_readings(
    alliance: int,
    known: Library,
    codes: Collection[str],
    draft: str | None = None,
    only: Collection[str] | None = None,
) -> dict[Place, Figure]:
    """The current readings of some periods as figures; of members, those that were accepted. With `draft`, those of
    this member alone, accepted or not; with `only`, those of some elements."""
    accepted = _accepted(alliance, codes)
    rows = current_readings(alliance, codes)
    if draft is not None:
        accepted = {(draft, code) for code in codes}
        rows = rows.where(Reading.institution.in_([draft, ""]))
    if only is not None:
        rows = rows.where(Reading.element.in_(sorted(only)))
    columns = (Reading.institution, Reading.element, Reading.period, Reading.revision, Reading.value, Reading.state)
    asked = known.elements if only is None else only
    kinds = {code: element_kind(known.elements[code]) for code in asked}
    found: dict[Place, Figure] = {}
    for institution, element, code, revision, value, state in db.session.execute(rows.with_only_columns(*columns)):
        if element not in kinds or (institution and (institution, code) not in accepted):
            continue
        key = f"{institution}/{element}/{code}"
        found[institution, element, code] = given(
            key,
            kinds[element],
            Decimal(value) if value else None,
            f"reading:{key}@{revision}",
            owner=owner_of(institution),
            state=State(state),
        )
    return found


def _accepted(alliance: int, codes: Collection[str]) -> set[tuple[str, str]]:
    rows = db.session.execute(
        select(Submission.institution, Submission.period).where(
            Submission.alliance_id == alliance,
            Submission.period.in_(list(codes)),
            Submission.state == Progress.ACCEPTED.value,
        )
    )
    return {(institution, code) for institution, code in rows}


def values(
    alliance: int, code: str, wanted: Mapping[str, Collection[str]], beside: Mapping[str, Collection[str]]
) -> tuple[dict[tuple[str, str], Figure], dict[tuple[str, str], Figure]]:
    """The values of a period as figures, from accepted readings: of the indicators wanted of each member, and of the
    elements that stand beside them as references; by (member, indicator) and by (member, element)."""
    when, known = Period.parse(code), library(alliance, Period.parse(code).last)
    asked = sorted({one for codes in wanted.values() for one in codes} - known.indicators.keys())
    if asked:
        raise Refused(
            "%(count)s indicators are asked for that are not defined for %(period)s.",
            count=len(asked),
            period=code,
            problems=[Problem(one, one, mark("no indicator has this code")) for one in asked],
        )
    codes = reading_periods(known, {one for codes in wanted.values() for one in codes}, when)
    elements = {known.elements[one] for codes in beside.values() for one in codes}
    codes |= {part.code for element in elements for part in when.parts(element.frequency)}
    readings = figures_of_readings(alliance, known, codes)
    bench = Bench(known, when, readings, lead=members.lead(alliance, when.last))
    return (
        {(member, one): bench.value(member, one) for member, codes in wanted.items() for one in codes},
        {(member, one): bench.total(member, one, when) for member, codes in beside.items() for one in codes},
    )
