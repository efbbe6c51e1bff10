"""The questions about derived readings: what feeds which element, what cases say of a month, which were counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from alliance.core.figure import canonical
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused
from alliance.db import db, table_of
from alliance.indicators.models import CountedCase, ElementFeed, PeriodRow, Reading, Submission
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.periods import exceptions_of
from alliance.indicators.queries.readings import newest_revision
from alliance.indicators.rules.definitions import Element
from alliance.indicators.rules.derived import (
    DERIVED,
    Feed,
    Share,
    corrections,
    held,
    is_fed,
    value_of,
)
from alliance.indicators.rules.filing import CAPTURED, STEPS, Progress
from alliance.members import queries as members
from alliance.registers import queries as registers

BACK = 12  # months, so far back corrections reach
Place = tuple[str, str]  # institution and element


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """A setting of a feed, with who set it."""

    feed: Feed
    set_by: str
    set_at: datetime


def feeds(alliance: int) -> list[FeedInfo]:
    """All that was ever set of feeds, in the order of setting."""
    rows = select(ElementFeed).where(ElementFeed.alliance_id == alliance).order_by(ElementFeed.id)
    return [
        FeedInfo(Feed(row.element, row.month, row.derived), row.set_by, row.set_at) for row in db.session.scalars(rows)
    ]


@dataclass(frozen=True, slots=True)
class Derived:
    """What cases say of a reading: its value and the shares that it rests on."""

    institution: str
    element: str
    value: Decimal
    shares: tuple[Share, ...]


@dataclass(slots=True)
class _Ground:
    """What a derivation of a month rests on: feeds, the state of each filing by month, and which months are open."""

    when: Period
    feeds: list[Feed]
    states: Mapping[tuple[str, str], tuple[str, list[str] | None]]
    due: Mapping[str, datetime]
    excepted: Collection[tuple[str, str]]
    now: datetime

    def is_open(self, month: str, institution: str, element: str) -> bool:
        """Whether a value may be changed now: its period is open for the member, and its filing is not locked."""
        due = self.due.get(month)
        if due is None or (self.now >= due and (month, institution) not in self.excepted):
            return False
        state, unlocked = self.states.get((month, institution), (Progress.OPEN.value, None))
        return Progress(state) in STEPS["file"] and (unlocked is None or element in unlocked)

    def closed_months(self, institution: str, element: str) -> list[str]:
        """The months before, without a gap in the feed, that owe their corrections to this one: back to the first that
        is still open, which takes those before it."""
        found = []
        for back in range(1, BACK + 1):
            month = self.when.back(back).code
            if not is_fed(self.feeds, element, month) or self.is_open(month, institution, element):
                break
            found.append(month)
        return found


def derived_readings(alliance: int, code: str, now: datetime) -> list[Derived]:
    """What cases say of a month's readings that are derived and may still be changed, by member and element.

    Refused: a period that is no month, or was not opened.
    """
    when = Period.parse(code)
    ground = _ground(alliance, when, now)
    if when.kind is not PeriodKind.MONTH or code not in ground.due:
        raise Refused("The period %(period)s is not open for filing.", period=code)
    wanted = _wanted(alliance, when, ground)
    counted = _counted(alliance, when, wanted)
    kept = _kept(alliance, when, {place for place, _element in wanted})
    return [_derive(place, element, when, ground, counted, kept) for place, element in wanted]


def _ground(alliance: int, when: Period, now: datetime) -> _Ground:
    months = [when.back(back).code for back in range(BACK + 1)]
    submissions = db.session.execute(
        select(Submission.period, Submission.institution, Submission.state, Submission.unlocked).where(
            Submission.alliance_id == alliance, Submission.period.in_(months)
        )
    )
    due = db.session.execute(
        select(PeriodRow.code, PeriodRow.due_at).where(PeriodRow.alliance_id == alliance, PeriodRow.code.in_(months))
    )
    excepted = {(one.period, one.institution) for one in exceptions_of(alliance, tuple(months)) if one.holds(now)}
    return _Ground(
        when, [one.feed for one in feeds(alliance)],
        {(period, institution): (state, unlocked) for period, institution, state, unlocked in submissions},
        dict(due.all()), excepted, now,
    )  # fmt: skip


def _wanted(alliance: int, when: Period, ground: _Ground) -> list[tuple[Place, Element]]:
    """The places of a month that are derived and open, with their elements."""
    known = library(alliance, when.last)
    return [
        ((member.code, element.code), element)
        for member in members.members(alliance, when.last)
        for element in elements_due(known, member.tier, when)
        if element.code in DERIVED
        and is_fed(ground.feeds, element.code, when.code)
        and ground.is_open(when.code, member.code, element.code)
    ]


def _counted(
    alliance: int, when: Period, wanted: Iterable[tuple[Place, Element]]
) -> dict[tuple[str, str, str], list[Share]]:
    """What cases count, by member, measure and month, so far back as one of the elements looks."""
    measures = {measure for place, _element in wanted for measure in DERIVED[place[1]].measures}
    months = [when.back(back).code for back in range(BACK + 1)] if measures else []
    found: dict[tuple[str, str, str], list[Share]] = {}
    for one in registers.counted(alliance, months, measures):
        share = Share(one.month, one.measure, one.case, one.person, one.quantity)
        found.setdefault((one.institution, one.measure, one.month), []).append(share)
    return found


def _kept(alliance: int, when: Period, places: Collection[Place]) -> dict[tuple[str, str, str], list[Share]]:
    """What the current captured readings of the months before counted, by member, element and period."""
    if not places:
        return {}
    months = [when.back(back).code for back in range(1, BACK + 1)]
    captured = db.session.execute(
        select(Reading.institution, Reading.element, Reading.period, Reading.revision).where(
            Reading.alliance_id == alliance, Reading.period.in_(months), Reading.origin == CAPTURED,
            Reading.element.in_({element for _institution, element in places}), Reading.revision == newest_revision(),
        )
    )  # fmt: skip
    current = {(institution, element, period): revision for institution, element, period, revision in captured}
    found: dict[tuple[str, str, str], list[Share]] = {place: [] for place in current}
    table = table_of(CountedCase).c
    rows = select(
        table.institution, table.element, table.period, table.revision, table.month, table.measure, table.case_code,
        table.person, table.quantity,
    ).where(
        table.alliance_id == alliance, table.period.in_(months),
        table.element.in_({element for _institution, element in places}),
    )  # fmt: skip
    for institution, element, period, revision, month, measure, case, person, quantity in db.session.execute(rows):
        if current.get((institution, element, period)) == revision:
            found[institution, element, period].append(Share(month, measure, case, person, Decimal(quantity)))
    return found


def _share(row: CountedCase) -> Share:
    return Share(row.month, row.measure, row.case_code, row.person, Decimal(row.quantity))


def _derive(
    place: Place, element: Element, when: Period, ground: _Ground,
    counted: Mapping[tuple[str, str, str], list[Share]], kept: Mapping[tuple[str, str, str], list[Share]],
) -> Derived:  # fmt: skip
    institution, code = place
    derivation = DERIVED[code]

    def known(months: Iterable[str]) -> list[Share]:
        return [
            one for month in months for measure in derivation.measures
            for one in counted.get((institution, measure, month), ())
        ]  # fmt: skip

    shares = known(when.back(back).code for back in range(derivation.window))
    if derivation.is_corrected(element.aggregation):
        closed = [month for month in ground.closed_months(institution, code) if (institution, code, month) in kept]
        before = [one for month in closed for one in kept[institution, code, month] if one.month in closed]
        shares = held(shares + corrections(known(closed), before))
    return Derived(institution, code, value_of(derivation, shares), tuple(shares))


def counted_shares(alliance: int, code: str, institution: str, element: str, revision: int) -> list[Share]:
    """The cases that a revision of a derived reading counted, corrections last."""
    rows = select(CountedCase).where(
        CountedCase.alliance_id == alliance, CountedCase.period == code, CountedCase.institution == institution,
        CountedCase.element == element, CountedCase.revision == revision,
    )  # fmt: skip
    return [_share(row) for row in db.session.scalars(rows.order_by(CountedCase.month.desc(), CountedCase.id))]


def counted_number(alliance: int, code: str, institution: str, element: str, revision: int) -> int:
    """How many cases a revision of a reading counted."""
    rows = select(func.count(func.distinct(CountedCase.case_code))).where(
        CountedCase.alliance_id == alliance, CountedCase.period == code, CountedCase.institution == institution,
        CountedCase.element == element, CountedCase.revision == revision,
    )  # fmt: skip
    return db.session.scalar(rows) or 0


Line = tuple[str, str, str, str, str]  # month, measure, case, person and quantity as text


def line_of(share: Share) -> Line:
    """A share as its row says it."""
    return share.month, share.measure, share.case, share.person, canonical(share.quantity)


def counted_now(alliance: int, code: str, elements: Collection[str]) -> dict[tuple[str, str, int], set[Line]]:
    """The cases that the readings of a month count, by member, element and revision."""
    table = table_of(CountedCase).c
    rows = select(
        table.institution, table.element, table.revision, table.month, table.measure, table.case_code, table.person,
        table.quantity,
    ).where(table.alliance_id == alliance, table.period == code, table.element.in_(set(elements)))  # fmt: skip
    found: dict[tuple[str, str, int], set[Line]] = {}
    for institution, element, revision, *line in db.session.execute(rows):
        found.setdefault((institution, element, revision), set()).add(tuple(line))
    return found


@dataclass(frozen=True, slots=True)
class FedElement:
    """An element that cases can feed: since when it does without a break, "" where it does not; who set it last."""

    element: Element
    since: str
    last: FeedInfo | None


def fed_elements(alliance: int, on: Period) -> list[FedElement]:
    """Every element of the alliance's library that cases can feed."""
    settings = feeds(alliance)
    found = []
    for code, element in library(alliance, on.last).elements.items():
        if code not in DERIVED:
            continue
        mine = [one for one in settings if one.feed.element == code]
        last = mine[-1] if mine else None
        fed = is_fed([one.feed for one in mine], code, on.code)
        since = max((one.feed.month for one in mine if one.feed.derived and one.feed.month <= on.code), default="")
        found.append(FedElement(element, since if fed else "", last))
    return found


def open_months(alliance: int, now: datetime) -> list[str]:
    """The months that are open for filing, the newest first."""
    rows = select(PeriodRow.code).where(PeriodRow.alliance_id == alliance, PeriodRow.due_at > now)
    codes = [code for code in db.session.scalars(rows) if Period.parse(code).kind is PeriodKind.MONTH]
    return sorted(codes, reverse=True)
