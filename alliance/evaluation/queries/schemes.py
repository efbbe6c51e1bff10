"""The questions about schemes: versions, lines by tier, findings, which one is in force."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

from sqlalchemy import Select, select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.acts import Act
from alliance.core.period import PeriodKind
from alliance.core.refused import Problem
from alliance.core.written import whole
from alliance.db import db, lasting, remembered
from alliance.evaluation.models import SchemeRow
from alliance.evaluation.rules.methods import METHODS
from alliance.evaluation.rules.scheme import (
    FundRules,
    Scheme,
    SchemeLine,
    Tagged,
    check_soft,
    read_scheme,
)
from alliance.indicators import queries as indicators

EVERY = 10_000  # imports of one draft: more than anybody makes


@dataclass(frozen=True, slots=True)
class SchemeInfo:
    """A version of a scheme; `decision` is "" while it is a draft."""

    code: str
    version: int
    name_zh: str
    name_en: str
    sha256: str
    valid_from: date
    drafted_by: str
    drafted_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    reasons: Mapping[str, str]
    content: Mapping[str, Any]

    @property
    def reference(self) -> str:
        return f"{self.code}/{self.version}"


def shipped_scheme() -> dict[str, Any]:
    """The data of the reference schemes that ship with the portal: three tiers in one scheme."""
    text = (
        resources.files("alliance.evaluation")
        .joinpath("reference", "tertiary_secondary_primary.toml")
        .read_text("utf-8")
    )
    return tomllib.loads(text, parse_float=Decimal)


@remembered
def schemes(alliance: int) -> list[SchemeInfo]:
    """All versions of all schemes, newest first."""
    rows = select(SchemeRow).where(SchemeRow.alliance_id == alliance).order_by(SchemeRow.id.desc())
    return [_scheme_info(row) for row in db.session.scalars(rows)]


@remembered
def scheme_info(alliance: int, code: str, version: int) -> SchemeInfo | None:
    found = _frozen(alliance, code, version)
    row = None if found else db.session.scalars(_version(alliance, code, version)).first()
    return _scheme_info(row) if row else found


@lasting
def _frozen(alliance: int, code: str, version: int) -> SchemeInfo | None:
    """A version that was decided: nothing of it changes any more."""
    row = db.session.scalars(_version(alliance, code, version).where(SchemeRow.decision != "")).first()
    return _scheme_info(row) if row else None


def _version(alliance: int, code: str, version: int) -> Select[SchemeRow]:
    return select(SchemeRow).where(
        SchemeRow.alliance_id == alliance, SchemeRow.code == code, SchemeRow.version == version
    )


def _scheme_info(row: SchemeRow) -> SchemeInfo:
    head = row.content["scheme"]
    return SchemeInfo(
        row.code,
        row.version,
        head["name_zh"],
        head["name_en"],
        row.sha256,
        row.valid_from,
        row.drafted_by,
        row.drafted_at,
        row.decision,
        row.decided_by,
        row.decided_at,
        row.reasons or {},
        row.content,
    )


def drafters(alliance: int, reference: str) -> set[str]:
    """Everybody who imported a version while it was a draft: none of them puts it into force."""
    events = audit.events_on(alliance, [f"scheme:{reference}"], limit=EVERY)
    return {event.account for event in events if event.act == Act.EVALUATION_SCHEME_IMPORT}


def library_digest(alliance: int, info: SchemeInfo, on: date = indicators.NEWEST) -> str:
    """SHA-256 over the definitions that a scheme rests on, in the versions of a day: its indicators, what these are
    made from, and their elements. What else the library holds is no matter of the scheme."""
    known, lines = indicators.library(alliance, on), parsed(alliance, info).lines
    todo, used = {line.indicator for line in lines} & known.indicators.keys(), set[str]()
    while todo:
        used |= todo
        todo = {other for code in todo for other in known.indicators[code].refers_to} - used
    elements = {line.external for line in lines if line.external}
    elements |= {code for one in used for code in known.indicators[one].elements}
    elements &= known.elements.keys()
    elements |= {known.elements[code].weight for code in elements if known.elements[code].weight}
    found = [known.indicators[code] for code in sorted(used)], [known.elements[code] for code in sorted(elements)]
    text = json.dumps([[asdict(one) for one in part] for part in found], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def library_changed(alliance: int, info: SchemeInfo) -> bool:
    """Whether definitions that a decided scheme rests on have changed since the decision."""
    events = audit.events_on(alliance, [f"scheme:{info.reference}"], limit=EVERY)
    noted = [event.detail.get("library") for event in events if event.act == Act.EVALUATION_SCHEME_DECIDE]
    return bool(noted and noted[-1]) and noted[-1] != library_digest(alliance, info)


def _concerned(alliance: int, reference: str) -> frozenset[str] | None:
    """Nobody in particular; None when there is no such scheme to decide on."""
    code, _, version = reference.rpartition("/")
    number = whole(version)
    return frozenset() if number is not None and scheme_info(alliance, code, number) else None


accounts.decides_on("scheme", _concerned)


def scheme_in_force(alliance: int, on: date) -> SchemeInfo | None:
    """The decided scheme that began last on or before a day."""
    rows = (
        select(SchemeRow.code, SchemeRow.version)
        .where(SchemeRow.alliance_id == alliance, SchemeRow.decision != "", SchemeRow.valid_from <= on)
        .order_by(SchemeRow.valid_from.desc(), SchemeRow.id.desc())
    )
    found = db.session.execute(rows.limit(1)).first()
    return scheme_info(alliance, *found) if found else None


def standing(info: SchemeInfo, holding: SchemeInfo | None, on: date) -> str:
    """Where a version stands on a day: draft, coming, in_force or past."""
    if not info.decision:
        return "draft"
    if info.valid_from > on:
        return "coming"
    return "in_force" if holding and holding.reference == info.reference else "past"


@dataclass(frozen=True, slots=True)
class LineInfo:
    """A line of a scheme with all numbers of its method, defaults put in."""

    line: SchemeLine
    numbers: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class TierInfo:
    """The lines of a scheme in one tier, the sum of their weights, and how much of it each tag has."""

    tier: str
    lines: Sequence[LineInfo]
    weight: Decimal
    tagged: Mapping[str, Decimal]


def line_info(line: SchemeLine) -> LineInfo:
    """A line of a scheme with its numbers, as it is told in words."""
    return LineInfo(line, METHODS[line.method].numbers(line.line))


def scheme_tiers(alliance: int, info: SchemeInfo) -> list[TierInfo]:
    """A scheme by tier, for reading."""
    scheme, known = parsed(alliance, info), tagged(alliance)
    found = []
    for tier in scheme.tiers:
        lines = scheme.tier_lines(tier)
        by_tag: dict[str, Decimal] = {}
        for line in lines:
            for tag in known[line.indicator].tags if line.indicator in known else ():
                by_tag[tag] = by_tag.get(tag, Decimal(0)) + line.weight
        found.append(
            TierInfo(
                tier, [line_info(line) for line in lines], sum((line.weight for line in lines), Decimal(0)), by_tag
            )
        )
    return found


def parsed(alliance: int, info: SchemeInfo, on: date = indicators.NEWEST) -> Scheme:
    """A scheme with its lines, read against the alliance's indicators as of a day, by default the newest."""
    known = indicators.library(alliance, on).indicators
    return _read(_Content(info.sha256, info.content), tuple((code, known[code].direction) for code in sorted(known)))


@dataclass(frozen=True, slots=True)
class _Content:
    """The content of a scheme, known by its digest."""

    sha256: str
    data: Mapping[str, Any] = field(compare=False)


@lru_cache(maxsize=16)
def _read(content: _Content, directions: tuple[tuple[str, str], ...]) -> Scheme:
    return read_scheme(content.data, dict(directions))


def tagged(alliance: int) -> dict[str, Tagged]:
    """What a scheme check needs to know of the alliance's indicators."""
    return {
        code: Tagged(one.tiers, one.tags, one.direction, one.dimension == "qualitative")
        for code, one in indicators.library(alliance, indicators.NEWEST).indicators.items()
    }


def soft_findings(alliance: int, info: SchemeInfo) -> list[Problem]:
    """Where a scheme lies outside what practice and policy expect."""
    return check_soft(parsed(alliance, info), tagged(alliance))


@dataclass(frozen=True, slots=True)
class UseInfo:
    """A line of a scheme on an indicator, and where that version stands."""

    scheme: SchemeInfo
    tier: str
    weight: Decimal
    standing: str


def uses(alliance: int, on: date) -> dict[str, list[UseInfo]]:
    """The lines of all schemes by indicator, newest scheme first."""
    holding = scheme_in_force(alliance, on)
    found: dict[str, list[UseInfo]] = {}
    for info in schemes(alliance):
        where = standing(info, holding, on)
        for line in parsed(alliance, info).lines:
            found.setdefault(line.indicator, []).append(UseInfo(info, line.tier, line.weight, where))
    return found


def fund_rules(alliance: int, reference: str) -> FundRules | None:
    """The fund rules of a scheme version (2026/1)."""
    code, _, version = reference.rpartition("/")
    info = scheme_info(alliance, code, int(version))
    return parsed(alliance, info).fund if info else None


def scored_by(alliance: int, reference: str) -> PeriodKind | None:
    """The kind of period that a scheme version scores, and pays by."""
    code, _, version = reference.rpartition("/")
    info = scheme_info(alliance, code, int(version))
    return parsed(alliance, info).period if info else None
