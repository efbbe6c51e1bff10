"""The questions about alliances and institutions, as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select

from alliance.core.refused import Refused
from alliance.core.tiers import TIERS
from alliance.db import db, lasting, remembered, table_of
from alliance.members.models import Alliance, Institution, InstitutionFact
from alliance.members.rules.institutions import InstitutionRow, check_leads, check_rows


@dataclass(frozen=True, slots=True)
class AllianceInfo:
    """An alliance."""

    id: int
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class MemberInfo(InstitutionRow):
    """An institution as it stood on a day."""


FACT = tuple(field.name for field in fields(MemberInfo) if field.name != "code")  # what a fact says of an institution


@lasting
def read_alliance(alliance: int) -> AllianceInfo | None:
    row = db.session.get(Alliance, alliance)
    return AllianceInfo(row.id, row.code, row.name_zh, row.name_en) if row else None


def alliance_of_code(code: str) -> AllianceInfo | None:
    row = db.session.scalars(select(Alliance).where(Alliance.code == code)).first()
    return AllianceInfo(row.id, row.code, row.name_zh, row.name_en) if row else None


def alliances() -> list[AllianceInfo]:
    """Every alliance of this installation."""
    rows = db.session.scalars(select(Alliance).order_by(Alliance.id))
    return [AllianceInfo(row.id, row.code, row.name_zh, row.name_en) for row in rows]


def institutions(alliance: int, on: date, code: str = "") -> list[MemberInfo]:
    """Every institution that was ever named, as it stood on a day, by tier and code; or the one of a code."""
    return _institutions(alliance, on, code, facts_known(alliance))


@lasting
def _institutions(alliance: int, on: date, code: str, _known: tuple[int, int]) -> list[MemberInfo]:
    institution, fact = table_of(Institution).c, table_of(InstitutionFact).c
    rows = _recorded().where(institution.alliance_id == alliance, fact.start <= on)
    if code:
        rows = rows.where(institution.code == code)
    ordered = db.session.execute(rows.order_by(fact.start, fact.id))
    found = {row[0]: row for row in ordered}  # the latest begun, of these the latest recorded
    members = [MemberInfo(*row) for row in found.values()]
    return sorted(members, key=lambda member: (TIERS.index(member.tier), member.code))


def members(alliance: int, on: date) -> list[MemberInfo]:
    """The members on a day."""
    return [one for one in institutions(alliance, on) if one.joined <= on and (one.left is None or on < one.left)]


def member(alliance: int, code: str, on: date) -> MemberInfo | None:
    """One institution as it stood on a day."""
    return next(iter(institutions(alliance, on, code)), None) if code else None


@remembered
def facts_known(alliance: int) -> tuple[int, int]:
    """Changes whenever something is recorded of an institution: facts are only ever added."""
    count, last = db.session.execute(_count(), {"alliance": alliance}).one()
    return count, last or 0


@cache
def _count() -> Any:
    """How much is recorded of institutions, and the last of it; built once, since nearly every page asks it."""
    institution, fact = table_of(Institution), table_of(InstitutionFact)
    joined = institution.join(fact, fact.c.institution_id == institution.c.id)
    found = select(func.count(), func.max(fact.c.id)).select_from(joined)
    return found.where(institution.c.alliance_id == bindparam("alliance"))


def lead(alliance: int, on: date) -> str:
    """The code of the lead institution, "" when there is none."""
    return next((one.code for one in members(alliance, on) if one.is_lead), "")


@dataclass(frozen=True, slots=True)
class Change:
    """What importing a row would do: `new`, `changed` with the columns that differ, or `same`."""

    row: InstitutionRow
    what: str
    columns: tuple[str, ...] = ()


def what_changes(alliance: int, rows: Sequence[InstitutionRow]) -> list[Change]:
    """What an import of the rows would change; refused as the import itself would be."""
    problems = check_rows(rows)
    if problems:
        raise Refused("The workbook has %(count)s errors.", count=len(problems), problems=problems)
    recorded = all_facts(alliance)
    known = {(one.code, one.start): one for one in recorded}
    seen = {code for code, _ in known}
    found = []
    for row in rows:
        before = known.get((row.code, row.start))
        if before is None:
            found.append(Change(row, "changed" if row.code in seen else "new"))
            continue
        columns = tuple(name for name in FACT if getattr(before, name) != getattr(row, name))
        found.append(Change(row, "changed" if columns else "same", columns))
    problems = check_leads(recorded, [change.row for change in found if change.what != "same"])
    if problems:
        raise Refused("The workbook has %(count)s errors.", count=len(problems), problems=problems)
    return found


def all_facts(alliance: int) -> list[MemberInfo]:
    """Everything that was ever recorded of any institution, in the order of recording."""
    rows = _recorded().where(Institution.alliance_id == alliance).order_by(InstitutionFact.id)
    return [MemberInfo(*row) for row in db.session.execute(rows)]


def facts(alliance: int, code: str) -> list[MemberInfo]:
    """All that was ever recorded of an institution, in the order of recording."""
    return [one for one in all_facts(alliance) if one.code == code]


@cache
def _recorded() -> Any:
    """A select of everything recorded of institutions, with the columns of MemberInfo: asked at nearly every page."""
    institution, fact = table_of(Institution), table_of(InstitutionFact)
    columns = (institution.c.code, *(fact.c[name] for name in FACT))
    return select(*columns).join_from(institution, fact, fact.c.institution_id == institution.c.id)
