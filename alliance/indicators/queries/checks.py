"""The questions before a signature: what is blank, unusual or contradictory in what a member filed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select

from alliance.core.figure import State
from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.readings import READING, current_columns, of_members
from alliance.indicators.queries.submissions import explained, explanations
from alliance.indicators.queries.values import figures_of_readings
from alliance.indicators.rules.checks import REMEMBERED, Finding, check_band, check_entry, check_whole, unexplained
from alliance.indicators.rules.definitions import Element, Library
from alliance.indicators.rules.filing import BLANK, Entry
from alliance.indicators.rules.kinds import Bench, reading_periods
from alliance.indicators.rules.versions import needed
from alliance.members import queries as members


def entries(alliance: int, code: str, institutions: Collection[str]) -> dict[str, dict[str, Entry]]:
    """The current values of members, by institution and element."""
    found: dict[str, dict[str, Entry]] = {one: {} for one in institutions}
    rows = of_members(current_columns(alliance, [code], "institution", "element", "value", "state"), institutions)
    for institution, element, value, state in db.session.execute(rows):
        if institution in found:
            found[institution][element] = Entry(Decimal(value) if value else None, State(state))
    return found


def earlier_values(
    alliance: int, code: str, institutions: Collection[str], only: Collection[str] | None = None
) -> dict[str, dict[str, list[Decimal]]]:
    """The values of up to twelve earlier periods of the same length, newest first, by institution and element; of some
    elements, when they are named."""
    when = Period.parse(code)
    codes = [when.back(back).code for back in range(1, REMEMBERED + 1)]
    columns = (READING.institution, READING.element, READING.period, READING.value)
    # Revisions are few: to read them all costs less than to ask of each whether it is the newest.
    wanted = of_members(
        select(*columns).where(READING.alliance_id == alliance, READING.period.in_(codes)), institutions
    )
    if only is not None:
        wanted = wanted.where(READING.element.in_(list(only)))
    held: dict[str, dict[str, dict[str, str]]] = {one: {} for one in institutions}
    for institution, element, period, value in db.session.execute(wanted.order_by(READING.revision)):
        if institution in held:
            held[institution].setdefault(element, {})[period] = value
    return {
        institution: {
            element: [Decimal(value) for one in codes if (value := values.get(one))]
            for element, values in elements.items()
        }
        for institution, elements in held.items()
    }


def findings(alliance: int, code: str, institution: str, only: Collection[str] | None = None) -> list[Finding]:
    """What is to be said about a member's values before they are signed: of all that is due, or of some elements."""
    return findings_of(alliance, code, [institution], only)[institution]


def findings_of(
    alliance: int, code: str, institutions: Collection[str], only: Collection[str] | None = None
) -> dict[str, list[Finding]]:
    """The same of many members, by institution."""
    when = Period.parse(code)
    known = library(alliance, when.last)
    tiers = {one.code: one.tier for one in members.members(alliance, when.last) if one.code in institutions}
    filed, earlier = entries(alliance, code, tiers), earlier_values(alliance, code, tiers, only)
    found: dict[str, list[Finding]] = {one: [] for one in institutions}
    for who, tier in tiers.items():
        found[who] = _findings(alliance, when, who, tier, known, filed[who], earlier[who], only)
    return found


def doubts(alliance: int, code: str, institution: str) -> list[Finding]:
    """What keeps a member's lead from signing: values that are blank, contradict others, or are unusual and not
    explained."""
    texts = explained(explanations(alliance, code, institution))
    return unexplained(findings(alliance, code, institution), texts)


def findings_among(
    alliance: int,
    when: Period,
    member: members.MemberInfo,
    known: Library,
    filed: Mapping[str, Entry],
    only: Collection[str] | None,
) -> list[Finding]:
    """The same for whoever has the member and its current values at hand."""
    earlier = earlier_values(alliance, when.code, [member.code], only)[member.code]
    return _findings(alliance, when, member.code, member.tier, known, filed, earlier, only)


def _findings(
    alliance: int,
    when: Period,
    institution: str,
    tier: str,
    known: Library,
    filed: Mapping[str, Entry],
    earlier: Mapping[str, Sequence[Decimal]],
    only: Collection[str] | None,
) -> list[Finding]:
    due = [one for one in elements_due(known, tier, when) if only is None or one.code in only]
    found: list[Finding] = []
    for element in due:
        found += check_entry(element, filed.get(element.code, BLANK), earlier.get(element.code, ()))
    found += _parts(known, due, filed)
    return found + _bands(alliance, when, institution, tier, known, only)


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
    indicators, elements = needed(known, [one.code for one in wanted])
    figures = figures_of_readings(alliance, known, codes, draft=institution, only=elements)
    compared = any(known.indicators[one].kind == "agreement_with_lead" for one in indicators)
    bench = Bench(known, when, figures, lead=members.lead(alliance, when.last) if compared else "")
    return [finding for one in wanted for finding in check_band(one, bench.value(institution, one.code).value)]
