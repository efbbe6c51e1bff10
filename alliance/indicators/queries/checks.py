"""The questions before a signature: what is blank, unusual or contradictory in what a member filed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import Reading
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.readings import current_readings, readings
from alliance.indicators.queries.values import figures_of_readings
from alliance.indicators.rules.checks import REMEMBERED, Finding, check_band, check_entry, check_whole
from alliance.indicators.rules.definitions import Element, Library
from alliance.indicators.rules.filing import BLANK, Entry
from alliance.indicators.rules.kinds import Bench, reading_periods
from alliance.members import queries as members


def entries(alliance: int, code: str, institution: str) -> dict[str, Entry]:
    """The current values of a member, by element."""
    return {element: Entry(one.value, one.state) for element, one in readings(alliance, code, institution).items()}


def earlier_values(
    alliance: int, code: str, institution: str, only: Collection[str] | None = None
) -> dict[str, list[Decimal]]:
    """The values of up to twelve earlier periods of the same length, newest first, by element; of some elements."""
    when = Period.parse(code)
    codes = [when.back(back).code for back in range(1, REMEMBERED + 1)]
    wanted = current_readings(alliance, codes).where(Reading.institution == institution, Reading.value != "")
    if only is not None:
        wanted = wanted.where(Reading.element.in_(list(only)))
    rows = db.session.execute(wanted.with_only_columns(Reading.element, Reading.period, Reading.value))
    places = {period: place for place, period in enumerate(codes)}
    found: dict[str, list[Decimal]] = {}
    for element, _, value in sorted(rows, key=lambda row: places[row[1]]):
        found.setdefault(element, []).append(Decimal(value))
    return found


def findings(alliance: int, code: str, institution: str, only: Collection[str] | None = None) -> list[Finding]:
    """What is to be said about a member's values before they are signed: of all that is due, or of some elements."""
    when, known = Period.parse(code), library(alliance)
    member = members.member(alliance, institution, when.last)
    if member is None:
        return []
    return findings_among(alliance, when, member, known, entries(alliance, code, institution), only)


def findings_among(
    alliance: int,
    when: Period,
    member: members.MemberInfo,
    known: Library,
    filed: Mapping[str, Entry],
    only: Collection[str] | None,
) -> list[Finding]:
    """The same for whoever has the member and its current values at hand."""
    due = [one for one in elements_due(known, member.tier, when) if only is None or one.code in only]
    earlier = earlier_values(alliance, when.code, member.code, only)
    found: list[Finding] = []
    for element in due:
        found += check_entry(element, filed.get(element.code, BLANK), earlier.get(element.code, ()))
    found += _parts(known, due, filed)
    return found + _bands(alliance, when, member.code, member.tier, known, only)


def _parts(known: Library, due: Iterable[Element], filed: Mapping[str, Entry]) -> list[Finding]:
    """Parts over their wholes, looked at from either side."""
    codes = {one.code for one in due}
    pairs = [one for one in known.elements.values() if one.whole and (one.code in codes or one.whole in codes)]
    return [finding for one in pairs for finding in check_whole(one, known.elements[one.whole], filed)]


def _bands(
    alliance: int, when: Period, institution: str, tier: str, known: Library, only: Collection[str] | None
) -> list[Finding]:
    """Indicators outside their band, computed from what is filed now, accepted or not."""
    wanted = [
        one
        for one in known.indicators.values()
        if one.explained and tier in one.tiers and (only is None or set(one.elements) & set(only))
    ]
    if not wanted:
        return []
    codes = reading_periods(known, {one.code for one in wanted}, when)
    figures = figures_of_readings(alliance, known, codes, draft=institution)
    compared = any(one.kind == "agreement_with_lead" for one in known.indicators.values())
    bench = Bench(known, when, figures, lead=members.lead(alliance, when.last) if compared else "")
    return [finding for one in wanted for finding in check_band(one, bench.value(institution, one.code).value)]
