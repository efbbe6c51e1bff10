"""The questions about indicators: definitions, readings and who stands behind them, submissions, values as figures."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.figure import Figure, State, given
from alliance.core.formula import in_words
from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import Definition, PeriodRow, Reading, Submission
from alliance.indicators.rules.definitions import Element, Indicator, Library, read_library
from alliance.indicators.rules.filing import Progress as Progress
from alliance.indicators.rules.kinds import Bench, Place, element_kind, owner_of, reading_periods
from alliance.members import queries as members

RATED = ("rated", "surveyed")


@dataclass(frozen=True, slots=True)
class PeriodInfo:
    """A period that was opened for filing."""

    code: str
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SubmissionInfo:
    """How far an institution's filing of a period has come, and by whose hands."""

    institution: str
    period: str
    state: Progress
    filled: int = 0
    due: int = 0
    signed_by: str = ""
    signed_at: datetime | None = None
    submitted_by: str = ""
    submitted_at: datetime | None = None
    accepted_by: str = ""
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadingInfo:
    """A reading in one revision."""

    institution: str
    element: str
    period: str
    revision: int
    value: Decimal | None
    state: State
    origin: str
    document: str
    filed_by: str
    filed_at: datetime
    current: bool = True

    @property
    def source(self) -> str:
        return f"reading:{self.institution}/{self.element}/{self.period}@{self.revision}"


def shipped_library(code: str) -> dict[str, Any]:
    """The data of a library that ships with the portal."""
    text = resources.files("alliance.indicators").joinpath("library", f"{code}.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def library(alliance: int) -> Library:
    """The current versions of all definitions of an alliance."""
    # Definitions are only ever added: their number and the last one tell whether something changed.
    version = db.session.execute(
        select(func.count(), func.max(Definition.id), func.max(Definition.added_at)).where(
            Definition.alliance_id == alliance
        )
    ).one()
    return _library(str(db.engine.url), alliance, tuple(version))


@lru_cache(maxsize=64)
def _library(_database: str, alliance: int, _version: tuple[object, ...]) -> Library:
    """Definitions are read often and change rarely: parsed once for each state of a database."""
    rows = db.session.execute(
        select(Definition.what, Definition.code, Definition.spec)
        .where(Definition.alliance_id == alliance)
        .order_by(Definition.version, Definition.position)
    )
    latest: dict[str, dict[str, Any]] = {"dimension": {}, "element": {}, "indicator": {}}
    for what, code, spec in rows:
        latest[what][code] = spec
    return read_library({what: list(items.values()) for what, items in latest.items()})


def periods(alliance: int) -> list[PeriodInfo]:
    """Periods opened for filing, newest first."""
    rows = db.session.scalars(select(PeriodRow).where(PeriodRow.alliance_id == alliance))
    found = [PeriodInfo(row.code, row.opened_at, row.due_at) for row in rows]
    return sorted(found, key=lambda one: (Period.parse(one.code).first, one.code), reverse=True)


def period(alliance: int, code: str) -> PeriodInfo | None:
    row = db.session.scalars(select(PeriodRow).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)).first()
    return PeriodInfo(row.code, row.opened_at, row.due_at) if row else None


def elements_due(known: Library, tier: str, period: Period) -> list[Element]:
    """The elements that a member of a tier files in a period: those of its length; what is rated or surveyed comes
    from the raters."""
    return [
        element
        for element in known.elements.values()
        if tier in element.tiers
        and element.frequency is period.kind
        and not element.external
        and element.mode not in RATED
    ]


def submissions(alliance: int, code: str, institutions: frozenset[str] | None = None) -> list[SubmissionInfo]:
    """One line for each member of a period; only those named, when some are."""
    when = Period.parse(code)
    known = library(alliance)
    rows = {
        row.institution: row
        for row in db.session.scalars(
            select(Submission).where(Submission.alliance_id == alliance, Submission.period == code)
        )
    }
    filled = _filled(alliance, code)
    found = []
    for member in members.members(alliance, when.last):
        if institutions is not None and member.code not in institutions:
            continue
        due = {element.code for element in elements_due(known, member.tier, when)}
        row = rows.get(member.code)
        count = len(due & filled.get(member.code, set()))
        found.append(_submission(row, member.code, code, count, len(due)))
    return found


def _submission(row: Submission | None, institution: str, period: str, filled: int, due: int) -> SubmissionInfo:
    if row is None:
        return SubmissionInfo(institution, period, Progress.OPEN, filled, due)
    return SubmissionInfo(
        institution,
        period,
        Progress(row.state),
        filled,
        due,
        row.signed_by,
        row.signed_at,
        row.submitted_by,
        row.submitted_at,
        row.accepted_by,
        row.accepted_at,
    )


def submission(alliance: int, code: str, institution: str) -> SubmissionInfo | None:
    """The submission of one member; None when it is no member in the period."""
    when = Period.parse(code)
    member = members.member(alliance, institution, when.last)
    if member is None:
        return None
    row = db.session.scalars(
        select(Submission).where(
            Submission.alliance_id == alliance, Submission.period == code, Submission.institution == institution
        )
    ).first()
    due = {element.code for element in elements_due(library(alliance), member.tier, when)}
    filled = {one.element for one in readings(alliance, code, institution).values() if one.state is not State.MISSING}
    return _submission(row, institution, code, len(due & filled), len(due))


def _filled(alliance: int, code: str) -> dict[str, set[str]]:
    rows = db.session.execute(
        _current(alliance, [code]).with_only_columns(Reading.institution, Reading.element, Reading.state)
    )
    found: dict[str, set[str]] = {}
    for institution, element, state in rows:
        if state != State.MISSING:
            found.setdefault(institution, set()).add(element)
    return found


def _current(alliance: int, codes: Collection[str]) -> Any:
    """A select over the current readings of some periods."""
    return select(Reading).where(
        Reading.alliance_id == alliance, Reading.period.in_(list(codes)), Reading.revision == newest_revision()
    )


def newest_revision() -> Any:
    """The highest revision at the place of a reading: one look into the unique index, whatever the planner knows."""
    other = aliased(Reading)
    return (
        select(func.max(other.revision))
        .where(
            other.alliance_id == Reading.alliance_id,
            other.period == Reading.period,
            other.institution == Reading.institution,
            other.element == Reading.element,
        )
        .scalar_subquery()
    )


def readings(alliance: int, code: str, institution: str) -> dict[str, ReadingInfo]:
    """The current readings of a member in a period, by element."""
    rows = db.session.scalars(_current(alliance, [code]).where(Reading.institution == institution))
    return {row.element: _reading(row) for row in rows}


def _reading(row: Reading, current: bool = True) -> ReadingInfo:
    value = Decimal(row.value) if row.value else None
    return ReadingInfo(
        row.institution,
        row.element,
        row.period,
        row.revision,
        value,
        State(row.state),
        row.origin,
        row.document,
        row.filed_by,
        row.filed_at,
        current,
    )


def revisions(alliance: int, institution: str, element: str, code: str) -> list[ReadingInfo]:
    """All revisions of a reading, oldest first."""
    rows = list(
        db.session.scalars(
            select(Reading)
            .where(
                Reading.alliance_id == alliance,
                Reading.institution == institution,
                Reading.element == element,
                Reading.period == code,
            )
            .order_by(Reading.revision)
        )
    )
    return [_reading(row, current=row is rows[-1]) for row in rows]


def figures_of_readings(alliance: int, known: Library, codes: Collection[str]) -> dict[Place, Figure]:
    """The current readings of some periods as figures; of members, those that were accepted."""
    accepted = _accepted(alliance, codes)
    columns = (Reading.institution, Reading.element, Reading.period, Reading.revision, Reading.value, Reading.state)
    kinds = {code: element_kind(element) for code, element in known.elements.items()}
    found: dict[Place, Figure] = {}
    for institution, element, code, revision, value, state in db.session.execute(
        _current(alliance, codes).with_only_columns(*columns)
    ):
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
    when, known = Period.parse(code), library(alliance)
    codes = reading_periods(known, {one for codes in wanted.values() for one in codes}, when)
    elements = {known.elements[one] for codes in beside.values() for one in codes}
    codes |= {part.code for element in elements for part in when.parts(element.frequency)}
    readings = figures_of_readings(alliance, known, codes)
    bench = Bench(known, when, readings, lead=members.lead(alliance, when.last))
    return (
        {(member, one): bench.value(member, one) for member, codes in wanted.items() for one in codes},
        {(member, one): bench.total(member, one, when) for member, codes in beside.items() for one in codes},
    )


def indicator(alliance: int, code: str) -> Indicator | None:
    return library(alliance).indicators.get(code)


def everything_due(alliance: int, code: str) -> list[tuple[members.MemberInfo, Element, str]]:
    """Every value due from every member in a period, raters' elements included, with the text that is filed now."""
    when, known = Period.parse(code), library(alliance)
    filed = {
        (row.institution, row.element): row.value or ("n/a" if row.state == State.NOT_APPLICABLE else "")
        for row in db.session.scalars(_current(alliance, [code]))
    }
    return [
        (member, element, filed.get((member.code, element.code), ""))
        for member in members.members(alliance, when.last)
        for element in known.elements.values()
        if member.tier in element.tiers and element.frequency is when.kind and not element.external
    ]


def people(submission: SubmissionInfo | None, revisions: Iterable[ReadingInfo] = ()) -> dict[str, tuple[str, str, str]]:
    """The names of those who had a hand in a submission and its readings, by account."""
    codes = {one.filed_by for one in revisions}
    if submission:
        codes |= {submission.signed_by, submission.submitted_by, submission.accepted_by}
    return accounts.names(codes - {""})


def history(alliance: int, code: str, institution: str) -> list[audit.EventInfo]:
    """What happened to a member's submission of a period."""
    return audit.events_on(alliance, [f"submission:{institution}/{code}"])


def formula_in_words(known: Library, code: str, lang: str) -> str:
    """The formula of an indicator in words, zh or en."""
    empty = Bench(known, Period.parse("2026"), {}).value("", code)
    labels = {name: part.kind.en if lang == "en" else part.kind.zh for name, part in empty.inputs}
    labels |= {one.name: one.en if lang == "en" else one.zh for one in empty.kind.names}
    return in_words(empty.kind.formula, labels, lang)
