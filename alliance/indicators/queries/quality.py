"""The questions about data quality: measures of each member over the last months, and the list behind each number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from alliance.core.figure import State
from alliance.core.period import Period, PeriodKind, end_of
from alliance.db import db, lasting
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.periods import PeriodInfo, periods
from alliance.indicators.queries.readings import READING
from alliance.indicators.queries.rounds import check_items, check_samples
from alliance.indicators.queries.submissions import timeliness
from alliance.indicators.rules.checks import check_whole
from alliance.indicators.rules.definitions import Element, Library
from alliance.indicators.rules.filing import CAPTURED, Entry
from alliance.indicators.rules.quality import Tally, is_valid, together
from alliance.members import queries as members

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Value:
    """A reading as it stands, with when its first revision came and whether it was there at the deadline."""

    element: str
    entry: Entry
    origin: str
    first_at: datetime
    in_time: bool


@dataclass(frozen=True, slots=True)
class QualityRow:
    """A member with what was counted: over all months shown, and month by month, oldest first."""

    member: members.MemberInfo
    total: Tally
    months: Sequence[tuple[str, Tally]]


@dataclass(frozen=True, slots=True)
class QualityItem:
    """Something behind a measure of a member: a month, the element where it is about one, and what was found as text;
    `good` says whether it counts for the member."""

    period: str
    element: str
    good: bool
    value: Decimal | None = None
    other: str = ""  # the element or the origin that it is told with
    at: datetime | None = None
    due: datetime | None = None
    hours: Decimal | None = None
    sample: int = 0


def quality_months(alliance: int, now: datetime) -> list[PeriodInfo]:
    """The last twelve months whose filing is over, oldest first."""
    months = [one for one in periods(alliance) if Period.parse(one.code).kind is PeriodKind.MONTH]
    return [one for one in months if one.due_at <= now][:MONTHS_SHOWN][::-1]


def qualities(alliance: int, now: datetime, period: str = "") -> list[QualityRow]:
    """The data quality of every member over the last twelve months, or in one of them, by tier and code."""
    months = [one for one in quality_months(alliance, now) if period in ("", one.code)]
    if not months:
        return []
    states = _states(alliance, [one.code for one in months])
    counted = {one.code: _month(alliance, one.code, one.due_at, states.get(one.code, ())) for one in months}
    checked: dict[tuple[str, str], tuple[int, int]] = {}
    for sample in check_samples(alliance, [one.code for one in months]):
        there, wrong = checked.get((sample.period, sample.institution), (0, 0))
        checked[sample.period, sample.institution] = (there + sample.checked, wrong + sample.wrong)
    found = []
    for member in members.members(alliance, Period.parse(months[-1].code).last):
        rows = []
        for one in months:
            done, wrong = checked.get((one.code, member.code), (0, 0))
            tally = counted[one.code].get(member.code, Tally())
            rows.append((one.code, replace(tally, checked=done, wrong=wrong)))
        found.append(QualityRow(member, together(tally for _, tally in rows), rows))
    return found


def quality(alliance: int, institution: str, now: datetime, period: str = "") -> QualityRow | None:
    """The data quality of one member; None when it is no member."""
    return next((row for row in qualities(alliance, now, period) if row.member.code == institution), None)


def _states(alliance: int, codes: Sequence[str]) -> dict[str, tuple[object, ...]]:
    """What changes whenever something of a month does: its readings and the steps of its submissions."""
    rows = select(Reading.period, func.count(), func.max(Reading.id)).where(
        Reading.alliance_id == alliance, Reading.period.in_(list(codes))
    )
    steps = select(Submission.period, func.count(), func.sum(Submission.version)).where(
        Submission.alliance_id == alliance, Submission.period.in_(list(codes))
    )
    found: dict[str, tuple[object, ...]] = {}
    for code, count, last in db.session.execute(rows.group_by(Reading.period)):
        found[code] = (count, last)
    for code, count, versions in db.session.execute(steps.group_by(Submission.period)):
        found[code] = (*found.get(code, ()), count, versions)
    return found


@lasting
def _month(alliance: int, code: str, due_at: datetime, _state: tuple[object, ...]) -> dict[str, Tally]:
    """What is counted of each member in a month: once for each state of it."""
    when = Period.parse(code)
    known = library(alliance, when.last)
    first = timeliness(alliance, [code])
    there = members.members(alliance, when.last)
    due = {tier: elements_due(known, tier, when) for tier in {one.tier for one in there}}
    values = _values(alliance, code, due_at)
    return {
        one.code: _tally(known, due[one.tier], values.get(one.code, {}), first.get((one.code, code)), when, due_at)
        for one in there
    }


def _values(
    alliance: int, code: str, due_at: datetime, institution: str = ""
) -> dict[str, dict[str, Value]]:  # fmt: skip
    """The readings of a month by member and element; of one member, when it is named."""
    columns = (READING.institution, READING.element, READING.value, READING.state, READING.origin, READING.filed_at)
    rows: Any = select(*columns).where(READING.alliance_id == alliance, READING.period == code)
    if institution:
        rows = rows.where(READING.institution == institution)
    found: dict[str, dict[str, Value]] = {}
    for who, element, value, state, origin, at in db.session.execute(rows.order_by(READING.revision)):
        there = found.setdefault(who, {})
        before = there.get(element)
        in_time = state != State.MISSING.value if at < due_at else bool(before and before.in_time)
        entry = Entry(Decimal(value) if value else None, State(state))
        there[element] = Value(element, entry, origin, before.first_at if before else at, in_time)
    return found


def _tally(
    known: Library, due: Sequence[Element], values: Mapping[str, Value], submitted: datetime | None, when: Period,
    due_at: datetime,
) -> Tally:  # fmt: skip
    there = [values[one.code] for one in due if one.code in values]
    valued = [one for one in there if one.entry.value is not None]
    rules = list(_rules(known, due, values))
    waited: dict[str, list[int]] = {}
    for one in valued:
        waited.setdefault(one.origin, []).append(minutes(when, one.first_at))
    return Tally(
        due=len(due),
        filled=sum(one.in_time for one in there),
        submissions=1 if due else 0,
        on_time=int(submitted is not None and submitted < due_at),
        values=len(valued),
        valid=sum(
            is_valid(one.entry.value, known.elements[one.element]) for one in valued if one.entry.value is not None
        ),
        rules=len(rules),
        met=sum(good for _, _, good in rules),
        captured=sum(one.origin == CAPTURED for one in valued),
        waited={origin: tuple(sorted(rows)) for origin, rows in sorted(waited.items())},
    )


def minutes(when: Period, at: datetime) -> int:
    """From the end of a period to a moment; before its end nought."""
    return max(int((at - end_of(when.last)) / timedelta(minutes=1)), 0)


def _rules(
    known: Library, due: Sequence[Element], values: Mapping[str, Value]
) -> Iterator[tuple[str, str, bool]]:  # fmt: skip
    """The rules between two values that both are there: part, whole, and whether it is met."""
    entries = {code: one.entry for code, one in values.items()}
    for element in due:
        part, whole = values.get(element.code), values.get(element.whole)
        if part is not None and whole is not None and part.entry.value is not None and whole.entry.value is not None:
            yield element.code, element.whole, not check_whole(element, known.elements[element.whole], entries)


def quality_items(
    alliance: int, institution: str, measure: str, months: Sequence[PeriodInfo]
) -> list[QualityItem]:  # fmt: skip
    """What stands behind a measure of a member in some months, what counts against it first."""
    found: list[QualityItem] = []
    if measure == "timeliness":
        first = timeliness(alliance, [one.code for one in months])
        for one in months:
            at = first.get((institution, one.code))
            found.append(QualityItem(one.code, "", at is not None and at < one.due_at, at=at, due=one.due_at))
    elif measure == "errors":
        for sample in check_samples(alliance, [one.code for one in months], [institution]):
            for item in check_items(sample.id):
                if item.finding:
                    found.append(
                        QualityItem(
                            sample.period, item.element, not item.finding.wrong, item.value, sample=sample.number
                        )
                    )
    else:
        for one in months:
            found += _items_of(alliance, institution, measure, one)
    return sorted(found, key=lambda one: (one.good, one.period, -(one.hours or Decimal(0)), one.element))


def _items_of(alliance: int, institution: str, measure: str, month: PeriodInfo) -> Iterator[QualityItem]:
    when = Period.parse(month.code)
    member = members.member(alliance, institution, when.last)
    if member is None:
        return
    known = library(alliance, when.last)
    due = elements_due(known, member.tier, when)
    values = _values(alliance, month.code, month.due_at, institution).get(institution, {})
    if measure == "consistency":
        for part, whole, good in _rules(known, due, values):
            yield QualityItem(month.code, part, good, values[part].entry.value, whole)
        return
    for element in due:
        one = values.get(element.code)
        if measure == "completeness":
            good = bool(one and one.in_time)
            yield QualityItem(month.code, element.code, good, one.entry.value if one else None)
        elif one is not None and one.entry.value is not None:
            value, hours = one.entry.value, Decimal(minutes(when, one.first_at)) / 60
            good = {"validity": is_valid(value, element), "captured": one.origin == CAPTURED}.get(measure, True)
            yield QualityItem(
                month.code, element.code, good, value, one.origin, one.first_at, hours=hours.quantize(Decimal("0.1"))
            )
