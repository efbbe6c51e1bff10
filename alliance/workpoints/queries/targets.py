"""The questions about the budget set of a year: its versions, the agreements of departments, how far targets are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.written import content_digest
from alliance.db import db
from alliance.members import queries as members
from alliance.workpoints.models import TargetSet, TargetSignature
from alliance.workpoints.queries import charges
from alliance.workpoints.queries.entries import EntryInfo, unit_entries
from alliance.workpoints.queries.schemes import EVERY
from alliance.workpoints.queries.totals import stays, total_cells
from alliance.workpoints.rules.targets import (
    BED_DAYS,
    CMI,
    DISCHARGES,
    MEASURES,
    UNIT,
    VISITS,
    Progress,
    agreement_content,
    progress,
    read_cells,
)
from alliance.workpoints.rules.totals import our_sums
from alliance.workpoints.rules.volumes import Stays, Volume, together
from alliance.workpoints.rules.workloads import SOURCE
from alliance.workpoints.volume.partitions import Partitions

COUNTED = frozenset({VISITS, BED_DAYS})  # what charge lines tell where nobody reports it


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """A version of a year's budget set."""

    institution: str
    year: int
    version: int
    content: Mapping[str, Any]
    sha256: str
    recorded_by: str
    recorded_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None

    @property
    def reference(self) -> str:
        """T01/2026@1."""
        return f"{self.institution}/{self.year}@{self.version}"

    @property
    def subject(self) -> str:
        return f"targets:{self.reference}"

    @property
    def matter(self) -> str:
        """What the hospital's bodies decide on."""
        return self.subject

    @property
    def cells(self) -> dict[str, dict[str, Decimal]]:
        return read_cells(self.content)

    @property
    def terms(self) -> str:
        return str(self.content.get("terms", ""))

    @property
    def document(self) -> str:
        return str(self.content.get("document", ""))

    @property
    def units(self) -> list[str]:
        """The departments with targets, by code."""
        return sorted(
            key[len(UNIT) :] for key, row in self.content.get("cells", {}).items() if key.startswith(UNIT) and row
        )


@dataclass(frozen=True, slots=True)
class SignatureInfo:
    """Who signed which text for a side, and when."""

    side: str
    account: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement with a department as the set in force has it: its text, the SHA-256 of it, who signed it by side;
    and the signatures under earlier texts of the year."""

    unit: str
    content: Mapping[str, Any]
    sha256: str
    signatures: Mapping[str, SignatureInfo]
    earlier: Sequence[SignatureInfo]

    @property
    def signed(self) -> bool:
        return len(self.signatures) == 2

    @property
    def targets(self) -> dict[str, Decimal]:
        return {code: Decimal(text) for code, text in self.content["targets"].items()}


def _info(row: TargetSet) -> TargetInfo:
    return TargetInfo(
        row.institution, row.year, row.version, row.content, row.sha256, row.recorded_by, row.recorded_at,
        row.decision, row.decided_by, row.decided_at,
    )  # fmt: skip


@audit.until_next_event
def target_sets(alliance: int, institution: str) -> list[TargetInfo]:
    """All versions of a hospital's budget sets, the newest first."""
    rows = db.session.scalars(
        select(TargetSet)
        .where(TargetSet.alliance_id == alliance, TargetSet.institution == institution)
        .order_by(TargetSet.year.desc(), TargetSet.version.desc())
    )
    return [_info(row) for row in rows]


def target_info(alliance: int, institution: str, year: int, version: int) -> TargetInfo | None:
    found = target_sets(alliance, institution)
    return next((one for one in found if (one.year, one.version) == (year, version)), None)


def target_in_force(alliance: int, institution: str, year: int) -> TargetInfo | None:
    """The newest decided set of a year."""
    return next((one for one in target_sets(alliance, institution) if one.year == year and one.decision), None)


def target_drafters(alliance: int, info: TargetInfo) -> set[str]:
    """Everybody who drafted a version: none of them decides on it."""
    events = audit.events_on(alliance, [info.subject], limit=EVERY)
    return {event.account for event in events if event.act == Act.WORKPOINTS_TARGET_DRAFT}


def agreements(alliance: int, info: TargetInfo) -> list[Agreement]:
    """The agreements of a decided set, by department."""
    rows = db.session.scalars(
        select(TargetSignature)
        .where(
            TargetSignature.alliance_id == alliance, TargetSignature.institution == info.institution,
            TargetSignature.year == info.year,
        )
        .order_by(TargetSignature.id)
    )  # fmt: skip
    signed: dict[str, list[SignatureInfo]] = {}
    for row in rows:
        signed.setdefault(row.unit, []).append(SignatureInfo(row.side, row.recorded_by, row.recorded_at, row.sha256))
    cells = info.cells
    found = []
    for unit in info.units:
        content = agreement_content(info.institution, info.year, unit, cells[UNIT + unit], info.terms)
        digest, mine = content_digest(content), signed.get(unit, [])
        now = {one.side: one for one in mine if one.sha256 == digest}
        found.append(Agreement(unit, content, digest, now, [one for one in mine if one.sha256 != digest]))
    return found


def agreement(alliance: int, institution: str, year: int, unit: str) -> Agreement | None:
    """The agreement of a department in the set in force; None where there is none."""
    info = target_in_force(alliance, institution, year)
    return next((one for one in agreements(alliance, info) if one.unit == unit), None) if info else None


def unsigned(alliance: int, institution: str, year: int, side: str) -> list[str]:
    """The departments whose agreement of the year waits for a side's signature."""
    info = target_in_force(alliance, institution, year)
    return [one.unit for one in agreements(alliance, info) if side not in one.signatures] if info else []


@dataclass(frozen=True, slots=True)
class _Month:
    """What the portal knows of a month: totals of the hospital's own system, numbers of units, stays."""

    month: str
    totals: Mapping[tuple[str, str], EntryInfo]
    entries: Mapping[tuple[str, str], EntryInfo]
    stays: Mapping[str, Stays]

    def total(self, unit: str, measure: str) -> Decimal | None:
        found = self.totals.get((unit, measure))
        return found.value if found else None

    def entered(self, units: frozenset[str], kind: str) -> Decimal | None:
        """What is filed of units, added up; None where nothing is."""
        found = [one.value for (unit, code), one in self.entries.items() if code == kind and unit in units]
        known = [value for value in found if value is not None]
        return sum(known, Decimal(0)) if known else None

    def stayed(self, units: frozenset[str]) -> Stays | None:
        found = [one for unit, one in self.stays.items() if unit in units]
        return together(found) if found else None

    def value(self, unit: str, units: frozenset[str], measure: str) -> Decimal | None:
        """What is known of a department without its charge lines, None where that is nothing."""
        stayed = self.stayed(units)
        if measure == CMI:
            return stayed.case_mix if stayed else None
        reported = self.total(unit, measure)
        if reported is not None:
            return reported
        if measure == DISCHARGES:
            return Decimal(stayed.discharges) if stayed else None
        return self.entered(units, measure)


def months_over(year: int, today: date) -> list[str]:
    """The months of a year that are over on a day."""
    return [f"{year}-{month:02}" for month in range(1, 13) if Period.parse(f"{year}-{month:02}").until <= today]


def target_progress(
    alliance: int, info: TargetInfo, units: Sequence[str], partitions: Partitions, today: date
) -> dict[str, list[Progress]]:  # fmt: skip
    """How far the targets of departments are, by department in the order of the measures. Their sums hold those of the
    units beneath them. Charge lines are added up only where neither a report nor a filed number tells."""
    known = [_month(alliance, info.institution, month) for month in months_over(info.year, today)]
    lines = _Lines(alliance, info.institution, partitions)
    cells = info.cells
    found = {}
    for unit in units:
        beneath = members.beneath_of(alliance, info.institution, {unit}, min(today, date(info.year, 12, 31))) | {unit}
        targets = cells.get(UNIT + unit, {})
        found[unit] = [
            _progress(measure, targets[measure], unit, beneath, known, lines)
            for measure in MEASURES
            if measure in targets
        ]
    return found


def _month(alliance: int, institution: str, month: str) -> _Month:
    return _Month(
        month, total_cells(alliance, institution, month), unit_entries(alliance, institution, month),
        stays(alliance, institution, month),
    )  # fmt: skip


class _Lines:
    """The volumes of months from their charge lines, each added up once when it is first asked for.

    What was entered by hand alone is not all that was done: of a month without any file nothing is known.
    """

    def __init__(self, alliance: int, institution: str, partitions: Partitions) -> None:
        self._of, self._partitions = (alliance, institution), partitions
        self._known: dict[str, tuple[list[Volume], list[Volume]] | None] = {}

    def value(self, month: str, units: frozenset[str], measure: str) -> Decimal | None:
        if month not in self._known:
            loaded = any(one.source != SOURCE for one in charges.loads(*self._of, month))
            self._known[month] = charges.month_volumes(self._partitions, *self._of, month) if loaded else None
        found = self._known[month]
        return our_sums(*found, {}, units)[measure] if found else None


def _progress(
    measure: str, target: Decimal, unit: str, units: frozenset[str], known: Sequence[_Month], lines: _Lines
) -> Progress:  # fmt: skip
    values = []
    for month in known:
        value = month.value(unit, units, measure)
        if value is None and measure in COUNTED:
            value = lines.value(month.month, units, measure)
        values.append((month.month, value))
    stayed = [one for month in known if (one := month.stayed(units)) is not None]
    mean = together(stayed).case_mix if measure == CMI and stayed else None
    return progress(measure, target, values, mean)
