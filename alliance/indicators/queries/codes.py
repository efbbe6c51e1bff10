"""The questions about code systems: versions, codes, mappings as of a day, and what an import would add."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased

from alliance.core.diagnoses import Diagnosis, system_of
from alliance.core.refused import NotFound
from alliance.db import db, remembered
from alliance.indicators.models import CodeMapping, CodeSystemRow, CodeTerm
from alliance.indicators.rules.codes import Pair, Term, new_pairs, new_terms


@dataclass(frozen=True, slots=True)
class CodeSystemInfo:
    """A code system in one version."""

    system_id: int
    code: str
    version: str
    name_zh: str
    name_en: str
    source: str
    valid_from: date
    added_by: str
    added_at: datetime
    terms: int = 0

    @property
    def reference(self) -> str:
        return f"{self.code} {self.version}"


@dataclass(frozen=True, slots=True)
class MappingInfo:
    """What a code is in another system, from a day until a day (not included)."""

    code: str
    name_zh: str
    name_en: str
    system: CodeSystemInfo
    target: str
    target_zh: str
    target_en: str
    valid_from: date
    until: date | None


def code_systems(alliance: int) -> list[CodeSystemInfo]:
    """All versions of all code systems, by code, the newest version first."""
    counts = select(CodeTerm.system_id, func.count().label("terms")).group_by(CodeTerm.system_id).subquery()
    rows = db.session.execute(
        select(CodeSystemRow, counts.c.terms)
        .outerjoin(counts, counts.c.system_id == CodeSystemRow.id)
        .where(CodeSystemRow.alliance_id == alliance)
        .order_by(CodeSystemRow.code, CodeSystemRow.valid_from.desc(), CodeSystemRow.version.desc())
    )
    return [_system(row, terms or 0) for row, terms in rows]


def code_system(alliance: int, code: str, version: str) -> CodeSystemInfo | None:
    return next((one for one in code_systems(alliance) if (one.code, one.version) == (code, version)), None)


def _system(row: CodeSystemRow, terms: int) -> CodeSystemInfo:
    return CodeSystemInfo(
        row.id, row.code, row.version, row.name_zh, row.name_en, row.source, row.valid_from, row.added_by,
        row.added_at, terms,
    )  # fmt: skip


def terms(system: CodeSystemInfo, search: str = "", limit: int | None = None) -> list[Term]:
    """The codes of a version, by code; those whose code begins with, or whose name holds, what is searched."""
    rows = select(CodeTerm).where(CodeTerm.system_id == system.system_id).order_by(CodeTerm.code)
    if search:
        rows = rows.where(
            or_(
                CodeTerm.code.istartswith(search, autoescape=True),
                CodeTerm.name_zh.icontains(search, autoescape=True),
                CodeTerm.name_en.icontains(search, autoescape=True),
            )
        )
    return [Term(row.code, row.name_zh, row.name_en) for row in db.session.scalars(rows.limit(limit))]


@remembered
def _of_diagnoses(alliance: int) -> dict[int, tuple[str, str, str, date]]:
    """The versions of the code systems that tell diagnoses, by id: system, version, code and first day."""
    rows = db.session.execute(
        select(CodeSystemRow.id, CodeSystemRow.version, CodeSystemRow.code, CodeSystemRow.valid_from)
        .where(CodeSystemRow.alliance_id == alliance)
        .order_by(CodeSystemRow.valid_from, CodeSystemRow.version)
    )
    return {row.id: (system_of(row.code), row.version, row.code, row.valid_from) for row in rows if system_of(row.code)}


def find_diagnoses(alliance: int, search: str, on: date, limit: int) -> list[Diagnosis]:
    """The diagnoses of which every word that is searched begins the code or stands in a name, in the versions that hold
    on a day, the likeliest first; nothing for nothing."""
    held = {code: number for number, (_system, _version, code, first) in _of_diagnoses(alliance).items() if first <= on}
    tokens = search.split()
    if not held or not tokens:
        return []
    rows = select(CodeTerm).where(CodeTerm.system_id.in_(held.values()))
    for token in tokens:
        rows = rows.where(
            or_(
                CodeTerm.code.istartswith(token, autoescape=True),
                CodeTerm.name_zh.icontains(token, autoescape=True),
                CodeTerm.name_en.icontains(token, autoescape=True),
            )
        )
    whole = " ".join(tokens).lower()
    likely = case(
        (or_(func.lower(CodeTerm.code) == whole, CodeTerm.name_zh == whole, func.lower(CodeTerm.name_en) == whole), 0),
        (or_(CodeTerm.name_zh.istartswith(whole, autoescape=True),
             CodeTerm.name_en.istartswith(whole, autoescape=True)), 1),
        else_=2,
    )  # fmt: skip
    rows = rows.order_by(likely, func.length(CodeTerm.name_zh), CodeTerm.code).limit(limit)
    return [_diagnosis(alliance, row) for row in db.session.scalars(rows)]


def named_diagnoses(alliance: int, codes: Collection[tuple[str, str]]) -> dict[tuple[str, str], Diagnosis]:
    """What codes mean, each with its system, by `Diagnosis.key`: as the newest version says that has the code."""
    systems = _of_diagnoses(alliance)
    if not systems or not codes:
        return {}
    # The national editions write a small x into codes that others write with a capital one.
    written = {way for _system, code in codes for way in (code, code.upper(), code[:1].upper() + code[1:].lower())}
    rows = db.session.scalars(
        select(CodeTerm).where(CodeTerm.system_id.in_(systems), CodeTerm.code.in_(sorted(written)))
    )
    order = {number: place for place, number in enumerate(systems)}
    known = [_diagnosis(alliance, row) for row in sorted(rows, key=lambda row: order[row.system_id])]
    return {one.key: one for one in known}


def _diagnosis(alliance: int, row: CodeTerm) -> Diagnosis:
    system, version, _code, _first = _of_diagnoses(alliance)[row.system_id]
    return Diagnosis(system, version, row.code, row.name_zh, row.name_en or row.name_zh)


def mappings(alliance: int, system: CodeSystemInfo, search: str = "", limit: int | None = None) -> list[MappingInfo]:
    """The dated rows of a version's mappings, by code, the newest first."""
    own, theirs = aliased(CodeTerm), aliased(CodeTerm)
    rows = (
        select(CodeMapping, own, theirs)
        .join(own, (own.system_id == CodeMapping.system_id) & (own.code == CodeMapping.code))
        .outerjoin(theirs, (theirs.system_id == CodeMapping.target_system_id) & (theirs.code == CodeMapping.target))
        .where(CodeMapping.system_id == system.system_id)
        .order_by(CodeMapping.code, CodeMapping.target_system_id, CodeMapping.valid_from.desc())
    )
    if search:
        rows = rows.where(
            or_(
                CodeMapping.code.istartswith(search, autoescape=True),
                CodeMapping.target.istartswith(search, autoescape=True),
                own.name_zh.icontains(search, autoescape=True),
                own.name_en.icontains(search, autoescape=True),
            )
        )
    systems = {one.system_id: one for one in code_systems(alliance)}
    found: list[MappingInfo] = []
    later: dict[tuple[str, int], date] = {}
    for row, term, target in db.session.execute(rows.limit(limit)):
        place = (row.code, row.target_system_id)
        found.append(MappingInfo(
            row.code, term.name_zh, term.name_en, systems[row.target_system_id], row.target,
            target.name_zh if target else "", target.name_en if target else "", row.valid_from, later.get(place),
        ))  # fmt: skip
        later[place] = row.valid_from
    return found


def mapped(system: CodeSystemInfo, target: CodeSystemInfo, on: date) -> dict[str, str]:
    """What the codes of a version are in another one on a day; a code that is nothing there is left out."""
    return {code: text for code, text in _current(system, target, on).items() if text}


def _current(system: CodeSystemInfo, target: CodeSystemInfo, on: date) -> dict[str, str]:
    rows = db.session.execute(
        select(CodeMapping.code, CodeMapping.target)
        .where(
            CodeMapping.system_id == system.system_id,
            CodeMapping.target_system_id == target.system_id,
            CodeMapping.valid_from <= on,
        )
        .order_by(CodeMapping.valid_from)
    )
    return {row.code: row.target for row in rows}


def term_changes(alliance: int, code: str, version: str, rows: Sequence[Term]) -> list[Term]:
    """The codes that an import would add; refused as the import would be. Changes nothing."""
    system = code_system(alliance, code, version)
    return new_terms(rows, {one.code: one for one in terms(system)} if system else {})


def pair_changes(
    alliance: int, source: tuple[str, str], target: tuple[str, str], valid_from: date, rows: Sequence[Pair]
) -> list[Pair]:
    """The pairs that an import would add; refused as the import would be. Changes nothing."""
    system, other = code_system(alliance, *source), code_system(alliance, *target)
    if system is None or other is None:
        raise NotFound()
    fixed = db.session.scalars(
        select(CodeMapping.code).where(
            CodeMapping.system_id == system.system_id,
            CodeMapping.target_system_id == other.system_id,
            CodeMapping.valid_from >= valid_from,
        )
    )
    return new_pairs(
        rows,
        _current(system, other, valid_from),
        set(fixed),
        {one.code for one in terms(system)},
        {one.code for one in terms(other)},
    )
