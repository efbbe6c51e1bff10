"""The question behind the page where a clerk files: every value due, with what it is compared with and what is said of
it; and which of the values typed can be kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from sqlalchemy import and_, func, select

from alliance.accounts import queries as accounts
from alliance.core.figure import State, canonical, half_up
from alliance.core.formula import median
from alliance.core.period import Period
from alliance.core.refused import Both, NotFound, Problem, mark
from alliance.db import db
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries.checks import findings, findings_among
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.periods import PeriodInfo, exceptions, period
from alliance.indicators.queries.readings import ReadingInfo, current_readings, newest_revision, readings
from alliance.indicators.queries.submissions import (
    ExplanationInfo,
    ReturnedInfo,
    explanations,
    returned,
    value_text,
)
from alliance.indicators.rules.checks import SHORTEST, Finding
from alliance.indicators.rules.definitions import Dimension, Element, Indicator, Library, Words
from alliance.indicators.rules.filing import CAPTURED, VALUE, Entry, Progress, place_at, read_value
from alliance.members import queries as members

FEWEST = 3  # members whose values make a median; of fewer it would tell what a single one filed
MORE = 2  # decimal places that a median has beyond those of its element


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


@dataclass(frozen=True, slots=True)
class Filing:
    """Who files what and when: the period with its calendar, the definitions and the member, as of one look."""

    when: Period
    known: Library
    info: PeriodInfo
    member: members.MemberInfo


@dataclass(slots=True)
class Judged:
    """What can be kept of what was typed, with the revisions seen; and what cannot, each with its reason. `changed`
    are those that somebody else changed meanwhile."""

    entries: dict[str, tuple[Entry, int]] = field(default_factory=dict)
    troubles: dict[str, Problem] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


def filing(alliance: int, code: str, institution: str) -> Filing:
    """What a request about a member's values looks up once. NotFound for a stranger or a period never opened."""
    when = Period.parse(code)
    known, info = library(alliance, when.last), period(alliance, code)
    member = members.member(alliance, institution, when.last)
    if member is None or info is None:
        raise NotFound()
    return Filing(when, known, info, member)


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
    filed, row = readings(alliance, code, institution, only), _submission(alliance, code, institution)
    texts = explanations(alliance, code, institution)
    locked = _whole_lock(alliance, info, institution, row, now)
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
        medians = _medians_of_tier(alliance, when.back(1), member.tier, known, fewest)
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
            locked or _lock(one.code, unlocked, reading),
            item,
            item is not None and _answered(item, reading, texts.get(one.code)),
            texts.get(one.code),
        )
    state = Progress(row.state) if row else Progress.OPEN
    return Grid(tuple(_grouped(known, lines)), locked, state, member, info)


def _submission(alliance: int, code: str, institution: str) -> Submission | None:
    return db.session.scalars(
        select(Submission).where(
            Submission.alliance_id == alliance, Submission.period == code, Submission.institution == institution
        )
    ).first()


def _whole_lock(alliance: int, info: PeriodInfo, institution: str, row: Submission | None, now: datetime) -> str:
    """Why nothing can be changed."""
    state = Progress(row.state) if row else Progress.OPEN
    if state is Progress.ACCEPTED:
        return mark("was accepted and is locked")
    if state in (Progress.SUBMITTED, Progress.REVIEW):
        return mark("is under review")
    if now >= info.due_at and not any(one.holds(now) for one in exceptions(alliance, info.code, institution)):
        return mark("filing is closed")
    return ""


def _lock(code: str, unlocked: Collection[str] | None, reading: ReadingInfo | None) -> str:
    """Why one value cannot be changed while others can."""
    if unlocked is not None and code not in unlocked:
        return mark("was not returned and stays locked")
    if reading is not None and reading.origin == CAPTURED:
        return mark("was captured at its source and stands; if it is wrong, write why")
    return ""


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


def _medians_of_tier(alliance: int, when: Period, tier: str, known: Library, fewest: int) -> Mapping[str, Decimal]:
    """The median of a tier's accepted values of a period by element, where enough members have one."""
    # An accepted value changes only by a step of its submission, and every step counts its version up.
    steps = db.session.execute(
        select(func.count(), func.sum(Submission.version), func.max(Submission.accepted_at)).where(
            Submission.alliance_id == alliance, Submission.period == when.code
        )
    ).one()
    places = tuple((one.code, one.places) for one in known.elements.values())
    state = (*steps, *members.facts_known(alliance))
    return _medians(str(db.engine.url), alliance, when, tier, fewest, places, state)


@lru_cache(maxsize=256)
def _medians(
    _database: str,
    alliance: int,
    when: Period,
    tier: str,
    fewest: int,
    places: tuple[tuple[str, int], ...],
    _state: tuple[object, ...],
) -> Mapping[str, Decimal]:
    """Asked for with every page of a tier and seldom changed: computed once for each state of the submissions."""
    codes = [one.code for one in members.members(alliance, when.last) if one.tier == tier]
    accepted = and_(
        Submission.alliance_id == Reading.alliance_id,
        Submission.period == Reading.period,
        Submission.institution == Reading.institution,
        Submission.state == Progress.ACCEPTED.value,
    )
    rows = db.session.execute(
        select(Reading.element, Reading.value)
        .join(Submission, accepted)
        .where(
            Reading.alliance_id == alliance,
            Reading.period == when.code,
            Reading.institution.in_(codes),
            Reading.revision == newest_revision(),
            Reading.value != "",
        )
    )
    found: dict[str, list[Fraction]] = {}
    for element, value in rows:
        found.setdefault(element, []).append(Fraction(value))
    digits = dict(places)
    return {
        element: Decimal(canonical(half_up(median(values), digits.get(element, 0) + MORE)))
        for element, values in found.items()
        if len(values) >= fewest
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


def judge(
    alliance: int,
    code: str,
    institution: str,
    typed: Mapping[str, tuple[str, int]],
    *,
    now: datetime,
    whole: bool = False,
    place: Filing | None = None,
) -> Judged:
    """Which of the typed texts, with the revisions seen, can be filed. With `whole` the texts are of a whole form:
    what still says what its author saw was not touched and is no wish to change anything. `place` is what the request
    looked up already. Changes nothing."""
    place = place or filing(alliance, code, institution)
    due = {one.code: one for one in elements_due(place.known, place.member.tier, place.when)}
    filed, row = readings(alliance, code, institution, typed), _submission(alliance, code, institution)
    locked = _whole_lock(alliance, place.info, institution, row, now)
    unlocked = None if row is None or row.unlocked is None else frozenset(row.unlocked)
    old = _seen_texts(alliance, code, institution, typed) if whole else {}
    found = Judged()
    for element, (text, seen) in typed.items():
        if element not in due:
            continue
        reading, problems, at = filed.get(element), list[Problem](), place_at(institution, element)
        entry = read_value(text, due[element], problems, VALUE)
        lock = locked or _lock(element, unlocked, reading)
        if problems:
            found.troubles[element] = replace(problems[0], at=at)
        elif _same(reading, entry) or old.get((element, seen)) == (entry.text, entry.state.value):
            continue
        elif lock:
            found.troubles[element] = Problem(VALUE, text, lock, at=at)
        elif seen != (reading.revision if reading else 0):
            found.changed.add(element)
            found.troubles[element] = _changed(reading, text, at)
        else:
            found.entries[element] = (entry, seen)
    return found


def _same(reading: ReadingInfo | None, entry: Entry) -> bool:
    if reading is None:
        return entry.state is State.MISSING
    return (canonical(reading.value), reading.state) == (entry.text, entry.state)


def _seen_texts(
    alliance: int, code: str, institution: str, typed: Mapping[str, tuple[str, int]]
) -> dict[tuple[str, int], tuple[str, str]]:
    """Text and state of the revisions that the author of a whole form had before the eyes."""
    rows = db.session.execute(
        select(Reading.element, Reading.revision, Reading.value, Reading.state).where(
            Reading.alliance_id == alliance,
            Reading.period == code,
            Reading.institution == institution,
            Reading.revision != newest_revision(),
        )
    )
    found = {(element, revision): (value, state) for element, revision, value, state in rows}
    return {(element, 0): ("", State.MISSING.value) for element in typed} | found


def _changed(reading: ReadingInfo | None, text: str, at: dict[str, object]) -> Problem:
    by = reading.filed_by if reading else ""
    zh, en, _ = accounts.names({by}).get(by, ("别人", "Somebody else", ""))
    return Problem(
        VALUE,
        text,
        mark("%(person)s changed this value to %(value)s while you typed; yours is not saved"),
        {"person": Both(zh, en), "value": value_text(reading) or "—"},
        at,
    )


def explained_values(alliance: int, code: str, institution: str, codes: Collection[str]) -> dict[str, str]:
    """The text of the value that an explanation of each of these would refer to now; codes of elements or indicators
    of which nothing can be explained are left out."""
    known, filed = library(alliance, Period.parse(code).last), readings(alliance, code, institution)
    parts = {one for about in codes if about in known.indicators for one in known.indicators[about].elements}
    of = {one.code: one.value for one in findings(alliance, code, institution, parts | set(codes)) if not one.hard}
    found = {}
    for about in codes:
        if about in of:
            found[about] = of[about]
        elif about in known.elements:
            found[about] = value_text(filed.get(about))
    return found
