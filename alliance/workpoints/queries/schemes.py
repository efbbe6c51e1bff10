"""The questions about a hospital's bonus schemes: versions, findings, differences, which one is in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.acts import Act
from alliance.core.figure import canonical
from alliance.core.period import Period
from alliance.core.refused import Problem
from alliance.db import db
from alliance.workpoints.models import BonusRun, BonusSchemeRow
from alliance.workpoints.queries.records import hearing_findings
from alliance.workpoints.rules.checks import check_soft
from alliance.workpoints.rules.runs import REVERSED
from alliance.workpoints.rules.scheme import BonusScheme, read_scheme

EVERY = 10_000  # events about one version: all of them


@dataclass(frozen=True, slots=True)
class SchemeInfo:
    """A version of a hospital's bonus scheme, read; `decision` is the number of the record, "" while a draft."""

    institution: str
    code: str
    version: int
    scheme: BonusScheme
    content: Mapping[str, Any]
    sha256: str
    recorded_by: str
    recorded_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    reasons: Mapping[str, str]

    @property
    def reference(self) -> str:
        """T01/BONUS/1, as figures and runs name it."""
        return f"{self.institution}/{self.code}/{self.version}"

    @property
    def subject(self) -> str:
        return f"bonusscheme:{self.reference}"

    @property
    def matter(self) -> str:
        """What the hospital's bodies decide on."""
        return f"scheme:{self.reference}"

    @property
    def valid_from(self) -> date:
        return self.scheme.valid_from

    @property
    def name_zh(self) -> str:
        return self.scheme.name_zh

    @property
    def name_en(self) -> str:
        return self.scheme.name_en


def _info(row: BonusSchemeRow) -> SchemeInfo:
    return SchemeInfo(
        row.institution, row.code, row.version, _read(json.dumps(row.content, sort_keys=True)), row.content,
        row.sha256, row.recorded_by, row.recorded_at, row.decision, row.decided_by, row.decided_at, row.reasons or {},
    )  # fmt: skip


@lru_cache(maxsize=32)
def _read(content: str) -> BonusScheme:
    return read_scheme(json.loads(content))


def schemes(alliance: int, institution: str) -> list[SchemeInfo]:
    """All versions of a hospital's schemes, the newest first."""
    rows = select(BonusSchemeRow).where(
        BonusSchemeRow.alliance_id == alliance, BonusSchemeRow.institution == institution
    )
    return [_info(row) for row in db.session.scalars(rows.order_by(BonusSchemeRow.id.desc()))]


def scheme_info(alliance: int, institution: str, code: str, version: int) -> SchemeInfo | None:
    rows = select(BonusSchemeRow).where(
        BonusSchemeRow.alliance_id == alliance,
        BonusSchemeRow.institution == institution,
        BonusSchemeRow.code == code,
        BonusSchemeRow.version == version,
    )
    row = db.session.scalars(rows).first()
    return _info(row) if row else None


def scheme_in_force(alliance: int, institution: str, month: str) -> SchemeInfo | None:
    """The decided scheme that began last on or before the first day of a month (2026-03)."""
    rows = (
        select(BonusSchemeRow)
        .where(
            BonusSchemeRow.alliance_id == alliance,
            BonusSchemeRow.institution == institution,
            BonusSchemeRow.decision != "",
            BonusSchemeRow.valid_from <= Period.parse(month).first,
        )
        .order_by(BonusSchemeRow.valid_from.desc(), BonusSchemeRow.decided_at.desc(), BonusSchemeRow.id.desc())
    )
    row = db.session.scalars(rows.limit(1)).first()
    return _info(row) if row else None


def scheme_standing(info: SchemeInfo, holding: SchemeInfo | None, on: date) -> str:
    """Where a version stands on a day: draft, coming, in_force or past."""
    if not info.decision:
        return "draft"
    if info.valid_from > on:
        return "coming"
    return "in_force" if holding and holding.reference == info.reference else "past"


def scheme_drafters(alliance: int, reference: str) -> set[str]:
    """Everybody who imported a version while it was a draft: none of them puts it into force."""
    events = audit.events_on(alliance, [f"bonusscheme:{reference}"], limit=EVERY)
    return {event.account for event in events if event.act == Act.WORKPOINTS_SCHEME_IMPORT}


def scheme_findings(alliance: int, info: SchemeInfo, today: date) -> list[Problem]:
    """Where a scheme lies outside what is expected: in its rules, and in how it was heard."""
    heard = hearing_findings(alliance, info.institution, info.matter, info.recorded_at, today)
    return check_soft(info.scheme) + heard


def last_run_month(alliance: int, institution: str) -> str:
    """The last month that has a bonus run in force; "" when none has."""
    rows = select(BonusRun.month).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.state != REVERSED
    )
    return db.session.scalars(rows.order_by(BonusRun.month.desc()).limit(1)).first() or ""


@dataclass(frozen=True, slots=True)
class Difference:
    """An option in which two versions differ: its place, and what it was and is; "" where it is not there."""

    where: str
    old: str
    new: str


def scheme_differences(old: BonusScheme, new: BonusScheme) -> list[Difference]:
    """The options in which two versions differ, defaults put in."""
    before, after = _options(old), _options(new)
    places = [*before, *(place for place in after if place not in before)]
    return [
        Difference(place, before.get(place, ""), after.get(place, ""))
        for place in places if before.get(place, "") != after.get(place, "")
    ]  # fmt: skip


def _options(scheme: BonusScheme) -> dict[str, str]:
    """Every option by its place; of a group pool its share, because its names are no option."""
    shares = {f"groups.{code}": _text(share) for code, (_zh, _en, share) in scheme.groups.items()}
    return {place: text for place, text in _flat("", scheme).items() if not place.startswith("groups.")} | shares


def _flat(where: str, value: Any) -> dict[str, str]:
    """Every option by its place (budget.year_end, night.1.rate)."""
    parts: list[tuple[str, Any]]
    if is_dataclass(value):
        parts = [(one.name, getattr(value, one.name)) for one in fields(value) if one.name not in ("data", "place")]
    elif isinstance(value, Mapping):
        parts = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, tuple | list):
        parts = [(str(place), part) for place, part in enumerate(value, 1)]
    else:
        return {where: _text(value)}
    found: dict[str, str] = {}
    for name, part in parts:
        found |= _flat(f"{where}.{name}" if where else name, part)
    return found


def _text(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return canonical(value) if isinstance(value, Decimal) else str(value)
