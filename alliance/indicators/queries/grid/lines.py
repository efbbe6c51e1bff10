"""Every value due on the page where a clerk files, with what it is compared with and what is said of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from alliance.accounts import queries as accounts
from alliance.core.figure import State
from alliance.db import db
from alliance.indicators.models import Reading
from alliance.indicators.queries.checks import findings_among
from alliance.indicators.queries.grid.filing import Filing, filing, lock_of, submission_row, whole_lock
from alliance.indicators.queries.grid.medians import FEWEST, medians_of_tier
from alliance.indicators.queries.libraries import elements_due
from alliance.indicators.queries.periods import PeriodInfo
from alliance.indicators.queries.readings import ReadingInfo, current_readings, readings
from alliance.indicators.queries.submissions import (
    ExplanationInfo,
    ReturnedInfo,
    explanations,
    returned,
)
from alliance.indicators.rules.checks import SHORTEST, Finding
from alliance.indicators.rules.definitions import Dimension, Element, Indicator, Library, Words
from alliance.indicators.rules.filing import CAPTURED, Entry, Progress
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding at a line: `about` names what it is of, `home` is the one line where it is explained."""

    finding: Finding
    about: Words
    home: bool = True
    explanation: ExplanationInfo | None = None

    @property
    def explained(self) -> bool:
        """Whether the last explanation is of the value as it stands."""
        one = self.explanation
        return one is not None and one.value == self.finding.value and len(one.text.strip()) >= SHORTEST

    @property
    def waits(self) -> bool:
        """Whether an explanation is due here."""
        return self.home and not self.finding.hard and not self.explained


@dataclass(frozen=True, slots=True)
class Line:
    """A value that is due, as it stands, and what stands beside it. `locked` is the message why it cannot be changed,
    "" when it can."""

    element: Element
    reading: ReadingInfo | None = None
    filer: Words | None = None
    previous: Entry | None = None
    last_year: Entry | None = None
    median: Decimal | None = None
    targets: tuple[Indicator, ...] = ()
    remarks: tuple[Remark, ...] = ()
    locked: str = ""
    returned: ReturnedInfo | None = None
    answered: bool = False  # what was returned was changed or explained since
    explanation: ExplanationInfo | None = None

    @property
    def code(self) -> str:
        return self.element.code

    @property
    def filed(self) -> bool:
        return self.reading is not None and self.reading.state is not State.MISSING

    @property
    def captured(self) -> bool:
        return self.reading is not None and self.reading.origin == CAPTURED

    @property
    def revision(self) -> int:
        return self.reading.revision if self.reading else 0

    @property
    def contradicts(self) -> bool:
        return any(one.finding.kind == "parts" for one in self.remarks)

    @property
    def open(self) -> bool:
        """Whether something is left to do here: blank, contradictory, to be explained, or returned and not answered."""
        waits = not self.filed or self.contradicts or any(one.waits for one in self.remarks)
        return waits or (self.returned is not None and not self.answered)


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of a dimension; None for values that no indicator uses."""

    dimension: Dimension | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Everything that a member files in a period, by dimension. `locked` is why nothing at all can be changed."""

    groups: tuple[Group, ...]
    locked: str
    state: Progress
    member: members.MemberInfo
    period: PeriodInfo

    @property
    def lines(self) -> list[Line]:
        return [line for group in self.groups for line in group.lines]

    @property
    def filled(self) -> int:
        return sum(line.filed for line in self.lines)

    @property
    def unexplained(self) -> int:
        return sum(one.waits for line in self.lines for one in line.remarks)

    @property
    def contradictions(self) -> int:
        return sum(line.contradicts for line in self.lines)

    @property
    def open(self) -> int:
        return sum(line.open for line in self.lines)

    @property
    def returned(self) -> list[Line]:
        return [line for line in self.lines if line.returned]

    @property
    def document(self) -> str:
        """The document that was named last."""
        filed = sorted((line.reading.filed_at, line.reading.document) for line in self.lines if line.reading)
        return filed[-1][1] if filed else ""


def grid(
    alliance: int,
    code: str,
    institution: str,
    *,
    now: datetime,
    place: Filing | None = None,
    around: Collection[str] | None = None,
    fewest: int = FEWEST,
) -> Grid:
    """The values that a member files in a period. With `around`, the codes of elements or indicators, only the lines
    concerned when these change, without what they are compared with. The number of statements does not depend on the
    number of values. `place` is what the request looked up already. NotFound as in `filing`."""
    place = place or filing(alliance, code, institution)
    when, known, info, member = place.when, place.known, place.info, place.member
    due = elements_due(known, member.tier, when)
    only = None if around is None else _related(known, around)
    shown = [one for one in due if only is None or one.code in only]
    filed, row = readings(alliance, code, institution, only), submission_row(alliance, code, institution)
    texts = explanations(alliance, code, institution)
    locked = whole_lock(alliance, info, institution, row, now)
    unlocked = None if row is None or row.unlocked is None else frozenset(row.unlocked)
    back: dict[str, ReturnedInfo] = {}
    if row is not None and unlocked is not None:
        back = {one.element: one for one in returned(alliance, code, institution) if one.round == row.round}
    names = accounts.names({one.filed_by for one in filed.values()})
    people = {account: Words(zh, en) for account, (zh, en, _) in names.items()}
    values = {element: Entry(one.value, one.state) for element, one in filed.items()}
    remarks = _remarks(known, due, findings_among(alliance, when, member, known, values, only), texts)
    before: dict[tuple[str, str], Entry] = {}
    medians: Mapping[str, Decimal] = {}
    if only is None:
        before = _earlier(alliance, institution, {when.back(1).code, when.year_before().code})
        medians = medians_of_tier(alliance, when.back(1), member.tier, known, fewest)
    lines = {}
    for one in shown:
        reading = filed.get(one.code)
        item = back.get(one.code) if unlocked is not None and one.code in unlocked else None
        lines[one.code] = Line(
            one,
            reading,
            people.get(reading.filed_by) if reading else None,
            before.get((one.code, when.back(1).code)),
            before.get((one.code, when.year_before().code)),
            medians.get(one.code),
            _targets(known, one.code, member.tier),
            tuple(remarks.get(one.code, ())),
            locked or lock_of(one.code, unlocked, reading),
            item,
            item is not None and _answered(item, reading, texts.get(one.code)),
            texts.get(one.code),
        )
    state = Progress(row.state) if row else Progress.OPEN
    return Grid(tuple(_grouped(known, lines)), locked, state, member, info)


def _answered(item: ReturnedInfo, reading: ReadingInfo | None, text: ExplanationInfo | None) -> bool:
    changed = reading is not None and reading.filed_at > item.returned_at
    return changed or (text is not None and text.written_at > item.returned_at)


def _remarks(
    known: Library, due: Iterable[Element], found: Iterable[Finding], texts: Mapping[str, ExplanationInfo]
) -> dict[str, list[Remark]]:
    """The findings by the lines at which they stand; a blank is seen without being told."""
    order = [line.code for line in _ordered(known, due)]
    remarks: dict[str, list[Remark]] = {}
    for one in found:
        indicator = known.indicators.get(one.code)
        if indicator is None:
            if one.kind != "blank":
                remarks.setdefault(one.code, []).append(
                    Remark(one, known.elements[one.code].name, True, texts.get(one.code))
                )
            continue
        places = [code for code in order if code in indicator.elements]
        for place in places:
            # Explained where the clerk has just typed the last of its values.
            home = place == places[-1]
            remarks.setdefault(place, []).append(Remark(one, indicator.name, home, texts.get(one.code)))
    return remarks


def _targets(known: Library, code: str, tier: str) -> tuple[Indicator, ...]:
    """The indicators with a target or a band that this value counts towards."""
    return tuple(
        one
        for one in known.indicators.values()
        if tier in one.tiers and (one.target is not None or one.band) and any(code == part for _, part in one.numerator)
    )


def _dimension_of(known: Library, code: str) -> str:
    return next((one.dimension for one in known.indicators.values() if code in one.elements and one.dimension), "")


def _ordered(known: Library, due: Iterable[Element]) -> list[Element]:
    """As on the page: by dimension, within it as in the library."""
    places = {one.code: place for place, one in enumerate(known.dimensions)}
    return sorted(due, key=lambda one: places.get(_dimension_of(known, one.code), len(places)))


def _grouped(known: Library, lines: Mapping[str, Line]) -> Iterable[Group]:
    by_dimension: dict[str, list[Line]] = {}
    for one in _ordered(known, [line.element for line in lines.values()]):
        by_dimension.setdefault(_dimension_of(known, one.code), []).append(lines[one.code])
    dimensions = {one.code: one for one in known.dimensions}
    return [Group(dimensions.get(code), tuple(found)) for code, found in by_dimension.items()]


def _earlier(alliance: int, institution: str, codes: Collection[str]) -> dict[tuple[str, str], Entry]:
    """What a member filed for earlier periods, by (element, period)."""
    rows = db.session.execute(
        current_readings(alliance, codes)
        .where(Reading.institution == institution)
        .with_only_columns(Reading.element, Reading.period, Reading.value, Reading.state)
    )
    return {
        (element, code): Entry(Decimal(value) if value else None, State(state)) for element, code, value, state in rows
    }


def _related(known: Library, codes: Collection[str]) -> set[str]:
    """The elements of which something else may have to be said when these values or explanations change."""
    found = set(codes)
    for element in known.elements.values():
        if element.whole and {element.code, element.whole} & set(codes):
            found |= {element.code, element.whole}
    for indicator in known.indicators.values():
        if indicator.code in codes or (indicator.explained and set(indicator.elements) & set(codes)):
            found |= set(indicator.elements)
    return found
