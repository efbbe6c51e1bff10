"""The questions about values that stand out over all members, and about the values that were to be expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from alliance.core.figure import State
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused
from alliance.db import db, lasting
from alliance.indicators.models import Explanation, Submission
from alliance.indicators.queries.libraries import definitions_known, elements_due, library
from alliance.indicators.queries.readings import READING, current_columns, of_members
from alliance.indicators.rules.checks import REMEMBERED, Outlier, expected, outlier
from alliance.indicators.rules.filing import read_value
from alliance.members import queries as members

History = Mapping[tuple[str, str], Mapping[str, Decimal]]  # values by period, by (member, element)


@dataclass(frozen=True, slots=True)
class OutlierInfo:
    """A value that stands out, with the member's explanation of it, if any."""

    institution: str
    element: str
    found: Outlier
    explanation: str = ""


def values_of(
    alliance: int, period: str, institutions: Collection[str] | None
) -> dict[tuple[str, str], Decimal]:  # fmt: skip
    """The values filed for a period, by (member, element); of some members, when they are named."""
    rows = current_columns(alliance, [period], "institution", "element", "value").where(READING.value != "")
    found = db.session.execute(of_members(rows, institutions))
    return {(who, element): Decimal(value) for who, element, value in found if who}


def value_typed(alliance: int, period: str, element: str, text: str) -> Decimal | None:
    """A value as somebody typed it to try it, None for a blank. Refused as filing is, and for n/a."""
    known = library(alliance, Period.parse(period).last).elements[element]
    problems: list[Problem] = []
    entry = read_value(text, known, problems, element)
    if problems:
        raise Refused("The value cannot be taken.", problems=problems)
    if entry.state is State.NOT_APPLICABLE:
        raise Refused("Write a number, or nothing for a value that is missing.")
    return entry.value


def outliers(alliance: int, period: str) -> list[OutlierInfo]:
    """The values of a period, over all members, that lie far from the median of up to twelve earlier ones or from the
    same period last year."""
    return _outliers(alliance, period, filing_state(alliance))


def filing_state(alliance: int) -> tuple[object, ...]:
    """What changes whenever a value is filed, explained or defined otherwise, and whenever a submission goes on."""
    readings = db.session.scalar(select(func.max(READING.id)))
    steps = db.session.scalar(select(func.sum(Submission.version)).where(Submission.alliance_id == alliance))
    texts = db.session.scalar(select(func.max(Explanation.id)).where(Explanation.alliance_id == alliance))
    return readings, steps, texts, definitions_known(alliance), members.facts_known(alliance)


@lasting
def _outliers(alliance: int, period: str, _state: tuple[object, ...]) -> list[OutlierInfo]:
    when = Period.parse(period)
    filed, history = values_of(alliance, period, None), _history(alliance, when)
    due = _due(alliance, when)
    told = _explained(alliance, period)
    found = []
    for (who, element), value in filed.items():
        if element not in due.get(who, ()):
            continue
        earlier, last_year = _looked_up(history.get((who, element), {}), when)
        far = outlier(value, earlier, last_year)
        if far:
            found.append(OutlierInfo(who, element, far, told.get((who, element), "")))
    return sorted(found, key=lambda one: (one.institution, one.element))


def expected_values(alliance: int, period: str) -> dict[tuple[str, str], Decimal]:
    """The value to be expected of each figure of a period that is due, by (member, element), where one is known."""
    when = Period.parse(period)
    history, due = _history(alliance, when), _due(alliance, when)
    found = {}
    for (who, element), values in history.items():
        value = expected(*_looked_up(values, when)) if element in due.get(who, ()) else None
        if value is not None:
            found[who, element] = value
    return found


def _due(alliance: int, when: Period) -> dict[str, frozenset[str]]:
    """The elements that each member files in a period."""
    known = library(alliance, when.last)
    there = members.members(alliance, when.last)
    of_tier = {
        tier: frozenset(one.code for one in elements_due(known, tier, when)) for tier in {one.tier for one in there}
    }
    return {one.code: of_tier[one.tier] for one in there}


def _history(alliance: int, when: Period) -> History:
    """The values of the earlier periods that are remembered, the same one of last year among them."""
    codes = {when.back(back).code for back in range(1, REMEMBERED + 1)} | {when.year_before().code}
    columns = (READING.institution, READING.element, READING.period, READING.value)
    # Revisions are few: to read them all costs less than to ask of each whether it is the newest.
    rows = select(*columns).where(READING.alliance_id == alliance, READING.period.in_(codes))
    found: dict[tuple[str, str], dict[str, str]] = {}
    for who, element, code, value in db.session.execute(rows.order_by(READING.revision)):
        if who:
            found.setdefault((who, element), {})[code] = value
    return {place: {code: Decimal(value) for code, value in values.items() if value} for place, values in found.items()}


def _looked_up(values: Mapping[str, Decimal], when: Period) -> tuple[list[Decimal], Decimal | None]:
    """The earlier values, newest first, and that of the same period last year."""
    earlier = [values[code] for back in range(1, REMEMBERED + 1) if (code := when.back(back).code) in values]
    return earlier, values.get(when.year_before().code)


def _explained(alliance: int, period: str) -> dict[tuple[str, str], str]:
    """The last explanation of each value of a period, by (member, element)."""
    rows = select(Explanation.institution, Explanation.code, Explanation.text).where(
        Explanation.alliance_id == alliance, Explanation.period == period
    )
    return {(who, code): text for who, code, text in db.session.execute(rows.order_by(Explanation.id))}
