"""The questions about the numbers of a bonus month: what is filed of units, persons and disease groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

from alliance.core.figure import State
from alliance.core.period import Period
from alliance.core.refused import Refused
from alliance.db import db
from alliance.workpoints.models import BonusSchemeRow, CaseRow, PersonEntry, UnitEntry, UnitRule
from alliance.workpoints.rules.entries import PERSON_KINDS, UNIT_KINDS, Entry, EntryKind, factor_kind
from alliance.workpoints.rules.scheme import read_second
from alliance.workpoints.rules.second import SecondRules

# Factors that nobody files: they are known of everybody.
KNOWN = frozenset({"post", "seniority", "in_post", "days", "points"})


@dataclass(frozen=True, slots=True)
class EntryInfo:
    """What stands in a cell: a value or its state, in which revision, from which document, by whom and when."""

    value: Decimal | None
    state: State
    revision: int
    document: str
    recorded_by: str
    recorded_at: datetime

    @property
    def entry(self) -> Entry:
        return Entry(self.value, self.state)


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """A disease group of a unit in a month; days and costs of all its cases, references of one. In yuan."""

    code: str
    rw: Decimal
    cases: int
    days: Decimal
    cost: Decimal
    payment: Decimal
    reference_days: Decimal
    reference_cost: Decimal
    standard_cost: Decimal | None
    revision: int
    document: str
    recorded_by: str
    recorded_at: datetime


UNIT_COLUMNS: tuple[Any, ...] = (
    UnitEntry.unit, UnitEntry.kind, UnitEntry.value, UnitEntry.state, UnitEntry.revision, UnitEntry.document,
    UnitEntry.recorded_by, UnitEntry.recorded_at,
)  # fmt: skip
PERSON_COLUMNS: tuple[Any, ...] = (
    PersonEntry.unit, PersonEntry.person, PersonEntry.kind, PersonEntry.value, PersonEntry.state,
    PersonEntry.revision, PersonEntry.document, PersonEntry.recorded_by, PersonEntry.recorded_at,
)  # fmt: skip


def _units(alliance: int, institution: str, month: str) -> Select[Any]:
    return select(*UNIT_COLUMNS).where(
        UnitEntry.alliance_id == alliance, UnitEntry.institution == institution, UnitEntry.month == month
    )


def _persons(alliance: int, institution: str, month: str) -> Select[Any]:
    return select(*PERSON_COLUMNS).where(
        PersonEntry.alliance_id == alliance, PersonEntry.institution == institution, PersonEntry.month == month
    )


def unit_cells(alliance: int, institution: str, month: str) -> dict[tuple[str, str], EntryInfo]:
    """The newest revision of every cell of the units, also of those that were emptied, by unit and kind."""
    rows = db.session.execute(_units(alliance, institution, month).order_by(UnitEntry.revision))
    return {(unit, kind): _info(*rest) for unit, kind, *rest in rows}


def person_cells(
    alliance: int, institution: str, month: str, unit: str = ""
) -> dict[tuple[str, str, str], EntryInfo]:  # fmt: skip
    """The same of the persons, of one unit or of all, by unit, person and kind."""
    wanted = _persons(alliance, institution, month)
    wanted = wanted.where(PersonEntry.unit == unit) if unit else wanted
    rows = db.session.execute(wanted.order_by(PersonEntry.revision))
    return {(where, person, kind): _info(*rest) for where, person, kind, *rest in rows}


def _info(value: Decimal | None, state: str, revision: int, document: str, by: str, at: datetime) -> EntryInfo:
    return EntryInfo(value, State(state), revision, document, by, at)


def unit_entries(alliance: int, institution: str, month: str) -> dict[tuple[str, str], EntryInfo]:
    """What is filed of the units, by unit and kind; what is blank is not there, what does not apply has no value."""
    found = unit_cells(alliance, institution, month)
    return {key: one for key, one in found.items() if one.state is not State.MISSING}


def person_entries(
    alliance: int, institution: str, month: str, unit: str = ""
) -> dict[tuple[str, str, str], EntryInfo]:  # fmt: skip
    """What is filed of the persons, of one unit or of all, by unit, person and kind."""
    found = person_cells(alliance, institution, month, unit)
    return {key: one for key, one in found.items() if one.state is not State.MISSING}


def cell_history(
    alliance: int, institution: str, month: str, unit: str, kind: str, person: str = ""
) -> list[EntryInfo]:  # fmt: skip
    """Every revision of one cell, the newest first."""
    if person:
        wanted = _persons(alliance, institution, month).where(
            PersonEntry.unit == unit, PersonEntry.person == person, PersonEntry.kind == kind
        )
        rows = db.session.execute(wanted.order_by(PersonEntry.revision.desc()))
        return [_info(*rest) for _unit, _person, _kind, *rest in rows]
    found = _units(alliance, institution, month).where(UnitEntry.unit == unit, UnitEntry.kind == kind)
    rows = db.session.execute(found.order_by(UnitEntry.revision.desc()))
    return [_info(*rest) for _unit, _kind, *rest in rows]


CASE_COLUMNS: tuple[Any, ...] = (
    CaseRow.code, CaseRow.rw, CaseRow.cases, CaseRow.days, CaseRow.cost, CaseRow.payment, CaseRow.reference_days,
    CaseRow.reference_cost, CaseRow.standard_cost, CaseRow.revision, CaseRow.document, CaseRow.recorded_by,
    CaseRow.recorded_at,
)  # fmt: skip


def cases(alliance: int, institution: str, month: str) -> dict[str, list[CaseInfo]]:
    """The disease groups of a month by unit, each list by code; a group taken back with 0 cases is not there."""
    newest = case_cells(alliance, institution, month)
    found: dict[str, list[CaseInfo]] = {}
    for (unit, _code), one in sorted(newest.items()):
        if one.cases:
            found.setdefault(unit, []).append(one)
    return found


def case_cells(alliance: int, institution: str, month: str) -> dict[tuple[str, str], CaseInfo]:
    """The newest revision of every disease group of a month, by unit and code."""
    rows = db.session.execute(
        select(CaseRow.unit, *CASE_COLUMNS)
        .where(CaseRow.alliance_id == alliance, CaseRow.institution == institution, CaseRow.month == month)
        .order_by(CaseRow.revision)
    )
    return {(unit, rest[0]): CaseInfo(*rest) for unit, *rest in rows}


def person_kinds(alliance: int, institution: str, month: str, unit: str = "") -> dict[str, EntryKind]:
    """The kinds of numbers of persons in a month: those of the house, and the factors that the rules in force name,
    of one unit or of all."""
    found = dict(PERSON_KINDS)
    for code, kind in _factors(_rules(alliance, institution, month, unit)).items():
        found.setdefault(code, kind)
    return found


def unit_kinds() -> Mapping[str, EntryKind]:
    """The kinds of numbers of units."""
    return UNIT_KINDS


def _factors(rules: Iterable[SecondRules]) -> dict[str, EntryKind]:
    factors = [factor for rule in rules for part in rule.parts for factor in part.factors]
    found = {one.times: factor_kind(one.times, one.times, one.times) for one in factors}
    found |= {one.code: factor_kind(one.code, one.zh or one.code, one.en or one.code) for one in factors}
    return {code: kind for code, kind in found.items() if code and code not in KNOWN}


def _rules(alliance: int, institution: str, month: str, unit: str) -> list[SecondRules]:
    """The rules of the second distribution in a month: the scheme's, and the units' own."""
    period = Period.parse(month)
    scheme = db.session.scalars(
        select(BonusSchemeRow.content)
        .where(
            BonusSchemeRow.alliance_id == alliance, BonusSchemeRow.institution == institution,
            BonusSchemeRow.decision != "", BonusSchemeRow.valid_from <= period.last,
        )
        .order_by(BonusSchemeRow.valid_from.desc(), BonusSchemeRow.version.desc())
    ).first()  # fmt: skip
    own = select(UnitRule.unit, UnitRule.content).where(
        UnitRule.alliance_id == alliance, UnitRule.institution == institution, UnitRule.month <= period.code
    )
    own = own.where(UnitRule.unit == unit) if unit else own
    newest: dict[str, Any] = dict(db.session.execute(own.order_by(UnitRule.month, UnitRule.id)).all())
    texts = [(scheme or {}).get("second", {}), *newest.values()]
    return [rule for rule in map(_rule, texts) if rule]


def _rule(content: Mapping[str, object]) -> SecondRules | None:
    """A rule of its text; None where it is none, which its own page tells."""
    try:
        return read_second(content, "second")
    except Refused:
        return None
