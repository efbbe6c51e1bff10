"""The questions about charge lines: what was loaded, what its codes mean, what a month's lines earn and tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Select, select

from alliance.core.period import Period
from alliance.db import Lasting, db
from alliance.members import queries as members
from alliance.workpoints.models import ChargeCode, ChargeLoad, ChargeMapping
from alliance.workpoints.queries import points as tables
from alliance.workpoints.queries.workloads import workload_codes
from alliance.workpoints.rules.cleaning import Cleaned
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.income import GOODS
from alliance.workpoints.rules.items import TOGETHER, Covered, ItemPoints
from alliance.workpoints.rules.meanings import (
    ITEM,
    PERSON,
    UNIT,
    Meaning,
    as_points,
    classed,
    of_systems,
    placed,
    pointed,
)
from alliance.workpoints.rules.volumes import Volume
from alliance.workpoints.rules.workloads import not_said
from alliance.workpoints.volume import loading, points
from alliance.workpoints.volume.partitions import LOOKED_BACK, Load, Partitions, partitions_of
from alliance.workpoints.volume.points import Earned, Unknown

POINTS, GOODS_ITEM, WITHOUT, UNKNOWN, ASIDE = "points", "goods", "without", "unknown", "aside"
STANDINGS = (POINTS, WITHOUT, GOODS_ITEM, ASIDE, UNKNOWN)


@dataclass(frozen=True, slots=True)
class LoadInfo:
    """A file that was loaded, or, with a reason, the note that it was taken out again; amounts in yuan."""

    month: str
    source: str
    revision: int
    title: str
    sha256: str
    rows: int
    lines: int
    aside: int
    amount: Decimal
    cleaned: tuple[Cleaned, ...]
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """What a code means from a day on, by whom it was recorded; without a meaning it is put aside for good."""

    meaning: Meaning
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """The lines and charges of an item in a month, and how it stands: with points, without, goods that may earn none,
    put aside for good, or in no table."""

    item: str
    lines: int
    amount: Decimal
    standing: str


@dataclass(frozen=True, slots=True)
class MonthLines:
    """What the lines of a month earn by role, unit, person and setting, and what stands in their way.

    `covered` are the items that may earn points, with or without; goods, unknown items and those put aside for good
    are not among them. `aside` are the codes put aside for good, with the lines that wait for nothing. `performed` is
    what the units did, `ordered` what was done for their patients.
    """

    earned: list[Earned]
    unknown: list[Unknown]
    covered: list[Covered]
    lines: int
    amount: Decimal
    loads: tuple[Load, ...]
    digest: str
    aside: list[Unknown]
    items: list[ItemStanding]
    performed: list[Volume]
    ordered: list[Volume]


@dataclass(frozen=True, slots=True)
class Understood:
    """What the codes of a hospital's lines mean: what earns, what is known besides, what is put aside, the classes."""

    items: tuple[ItemPoints, ...]
    units: tuple[Code, ...]
    persons: tuple[Code, ...]
    listed: tuple[Code, ...]  # every item of the tables with its class
    aside: tuple[tuple[str, tuple[Code, ...]], ...]  # by what the codes stand for


# The files of a load never change, so what comes of the same loads and the same meanings is the same: a page that is
# opened again, or the run after the page, does not read millions of lines anew.
_worked: Lasting[MonthLines] = Lasting(4)


def _loads(alliance: int, institution: str) -> Select[ChargeLoad]:
    return select(ChargeLoad).where(ChargeLoad.alliance_id == alliance, ChargeLoad.institution == institution)


def _info(row: ChargeLoad) -> LoadInfo:
    cleaned = tuple(
        Cleaned(one["rule"], one["lines"], Decimal(one["amount"]), tuple(one["rows"])) for one in row.cleaned
    )
    return LoadInfo(
        row.month, row.source, row.revision, row.title, row.sha256, row.rows, row.lines, row.aside, row.amount,
        cleaned, row.reason, row.recorded_by, row.recorded_at,
    )  # fmt: skip


def loads(alliance: int, institution: str, month: str) -> list[LoadInfo]:
    """The loads of a month that count, by source: of each the newest, unless it was taken out again."""
    newest = {one.source: one for one in load_history(alliance, institution, month)[::-1]}
    return [newest[source] for source in sorted(newest) if not newest[source].reason]


def load_history(alliance: int, institution: str, month: str) -> list[LoadInfo]:
    """Everything that was loaded for a month, the newest first."""
    rows = _loads(alliance, institution).where(ChargeLoad.month == month).order_by(ChargeLoad.id.desc())
    return [_info(row) for row in db.session.scalars(rows)]


def next_revision(alliance: int, institution: str, month: str, source: str) -> int:
    """The revision that the next load of a source would have."""
    found = [one.revision for one in load_history(alliance, institution, month) if one.source == source]
    return max(found, default=0) + 1


def load_of(alliance: int, institution: str, month: str, source: str, revision: int) -> LoadInfo | None:
    """One load; None where there is none."""
    row = db.session.scalar(
        _loads(alliance, institution).where(
            ChargeLoad.month == month, ChargeLoad.source == source, ChargeLoad.revision == revision
        )
    )
    return _info(row) if row else None


def loaded_months(alliance: int, institution: str) -> list[str]:
    """The months for which something was loaded, the newest first."""
    rows = db.session.scalars(
        select(ChargeLoad.month)
        .where(ChargeLoad.alliance_id == alliance, ChargeLoad.institution == institution)
        .distinct()
    )
    return sorted(rows, reverse=True)


def loads_in_force(alliance: int, institution: str, month: str) -> dict[str, list[Load]]:
    """What counts of a month and of the months in which the charges of its refunds are looked for."""
    period = Period.parse(month)
    months = [period.back(back).code for back in range(LOOKED_BACK + 1)]
    return {code: [(one.source, one.revision) for one in loads(alliance, institution, code)] for code in months}


def loaded_digests(alliance: int, institution: str) -> dict[str, LoadInfo]:
    """The loads that count, of all months, by the SHA-256 of their files."""
    months = loaded_months(alliance, institution)
    return {one.sha256: one for month in months for one in loads(alliance, institution, month)}


def counted_files(data: Path, alliance: int) -> set[Path]:
    """Every file of lines that ever came to count, of all hospitals."""
    partitions = partitions_of(data, alliance)
    rows = db.session.execute(
        select(ChargeLoad.institution, ChargeLoad.month, ChargeLoad.source, ChargeLoad.revision)
        .where(ChargeLoad.alliance_id == alliance)
    )  # fmt: skip
    return {file for place in rows for file in (partitions.file(*place), partitions.aside(*place))}


def charge_mapping(alliance: int, institution: str, source: str) -> dict[str, str]:
    """The heading of each column in the files of a source, as it was recorded last; empty where it never was."""
    found = db.session.scalar(
        select(ChargeMapping.columns)
        .where(
            ChargeMapping.alliance_id == alliance, ChargeMapping.institution == institution,
            ChargeMapping.source == source,
        )
        .order_by(ChargeMapping.id.desc())
    )  # fmt: skip
    return dict(found or {})


def charge_sources(alliance: int, institution: str) -> list[str]:
    """The sources of a hospital, by name."""
    rows = db.session.scalars(
        select(ChargeMapping.source)
        .where(ChargeMapping.alliance_id == alliance, ChargeMapping.institution == institution)
        .distinct()
    )
    return sorted(rows)


def charge_codes(alliance: int, institution: str) -> list[CodeInfo]:
    """Everything that was recorded about codes of charge lines, in the order of recording."""
    rows = db.session.scalars(
        select(ChargeCode)
        .where(ChargeCode.alliance_id == alliance, ChargeCode.institution == institution)
        .order_by(ChargeCode.id)
    )
    return [
        CodeInfo(
            Meaning(row.what, row.outside, row.meaning, row.start), row.reason, row.recorded_by, row.recorded_at
        )
        for row in rows
    ]  # fmt: skip


def understood(alliance: int, institution: str, rows: Sequence[ItemPoints]) -> Understood:
    """What the codes of a hospital's lines mean, with the points of its items as they are earned."""
    said: dict[str, list[Meaning]] = {ITEM: [], UNIT: [], PERSON: []}
    for one in charge_codes(alliance, institution):
        said[one.meaning.what].append(one.meaning)
    facts = members.inside(alliance, institution).codes
    staff = {fact.number for fact in members.staffing(alliance, institution).employees}
    listed = tables.item_classes(alliance, institution)
    own_units, own_persons = workload_codes(alliance, institution)
    units, no_units = placed(
        of_systems((fact.system, fact.outside, fact.department, fact.start) for fact in facts), said[UNIT]
    )
    persons, no_persons = placed([Code(number, number) for number in sorted(staff)], said[PERSON])
    units, persons, no_units = [*units, *own_units], [*persons, *own_persons], [*no_units, *not_said(own_units)]
    _items, no_items = placed([], said[ITEM])
    aside = ((ITEM, tuple(no_items)), (UNIT, tuple(no_units)), (PERSON, tuple(no_persons)))
    return Understood(
        tuple(pointed(rows, said[ITEM])), tuple(units), tuple(persons), tuple(classed(listed, said[ITEM])), aside
    )


def month_lines(
    partitions: Partitions, alliance: int, institution: str, month: str, rows: Sequence[ItemPoints]
) -> MonthLines:
    """What the lines of a month that count earn with the points of items, worked out by the engine in one go."""
    found = loads(alliance, institution, month)
    names = tuple((one.source, one.revision) for one in found)
    known = understood(alliance, institution, rows)
    key = (partitions, institution, month, names, known)
    worked = _worked.find(key)
    if worked is None:
        worked = _worked_out(partitions, institution, month, names, known)
        _worked.keep(key, worked)
    return replace(
        worked, lines=sum(one.lines for one in found), amount=sum((one.amount for one in found), Decimal(0)),
        earned=list(worked.earned), unknown=list(worked.unknown), covered=list(worked.covered),
    )  # fmt: skip


def _worked_out(
    partitions: Partitions, institution: str, month: str, names: tuple[Load, ...], known: Understood
) -> MonthLines:
    with loading.reading(partitions, partitions.files(institution, month, names)) as engine:
        points.prepare(engine, [points.Meanings(institution, known.items, known.units, known.persons)])
        earned, coverage = points.earned(engine), points.covered(engine)
        performed, ordered = points.volumes(engine, institution, known.listed)
        waiting = points.unknown(engine)
        points.prepare(engine, [_all_known(institution, known)])
        unknown = points.unknown(engine)
    standings = _standings(coverage, unknown, known)
    covered = [
        Covered(one.item, one.lines, one.amount, one.standing == POINTS) for one in standings
        if one.standing in (POINTS, WITHOUT)
    ]  # fmt: skip
    aside = _aside(waiting, unknown, known)
    digest = points.digest(earned)
    return MonthLines(
        earned, unknown, covered, 0, Decimal(0), names, digest, aside, standings, performed, ordered
    )  # fmt: skip


def _all_known(institution: str, known: Understood) -> points.Meanings:
    """Everything that needs no more looking after: what earns, items that earn nothing, what is put aside."""
    aside = dict(known.aside)
    items = (*known.items, *as_points(known.listed), *as_points(aside[ITEM]))
    return points.Meanings(institution, items, (*known.units, *aside[UNIT]), (*known.persons, *aside[PERSON]))


def _standings(
    coverage: Sequence[tuple[str, str, str, int, Decimal, bool]], unknown: Sequence[Unknown], known: Understood
) -> list[ItemStanding]:
    classes = {code.code: code.meaning for code in known.listed}
    aside = {code.code for code in dict(known.aside)[ITEM]}
    nobody = {one.code for one in unknown if one.what == ITEM}

    def standing(item: str, has_points: bool) -> str:
        if has_points:
            return POINTS
        if item in nobody:
            return UNKNOWN
        if item in aside:
            return ASIDE
        return GOODS_ITEM if classes.get(item) in GOODS else WITHOUT

    return [
        ItemStanding(item, lines, amount, standing(item, has_points))
        for _hospital, _month, item, lines, amount, has_points in coverage
    ]


def _aside(waiting: Sequence[Unknown], unknown: Sequence[Unknown], known: Understood) -> list[Unknown]:
    """The lines of codes put aside for good: those that would wait, less those that still do."""
    gone = {(what, code.code) for what, found in known.aside for code in found}
    still = {(one.what, one.code): one for one in unknown}
    found = []
    for one in waiting:
        if (one.what.rpartition("_")[2], one.code) in gone:
            left = still.get((one.what, one.code))
            lines, amount = (left.lines, left.amount) if left else (0, Decimal(0))
            if one.lines > lines:
                found.append(replace(one, lines=one.lines - lines, amount=one.amount - amount))
    return found


def earning(alliance: int, institution: str, on: date) -> list[ItemPoints]:
    """The points of items as roles earn them under the scheme of a day."""
    rows = tables.item_points(alliance, institution)
    if not any(row.role == TOGETHER for row in rows):  # classes of thousands of items are read for teams alone
        return rows
    shares = tables.role_shares(alliance, institution, on)
    return tables.earning_points(rows, shares, tables.items(alliance, institution, on))


def lines_behind(
    partitions: Partitions, alliance: int, institution: str, month: str, names: Sequence[Load], one: Earned,
    limit: int, offset: int, rows: Sequence[ItemPoints] | None = None,
) -> list[tuple[object, ...]]:  # fmt: skip
    """The lines behind a sum, page by page: source, row, number, day, item, quantity, points each, points, charge.

    `names` are the loads that the sum rests on, `rows` the points as they are earned, by default those of the scheme
    in force.
    """
    if rows is None:
        rows = earning(alliance, institution, Period.parse(month).last)
    known = understood(alliance, institution, rows)
    with loading.reading(partitions, partitions.files(institution, month, names)) as engine:
        points.prepare(engine, [points.Meanings(institution, known.items, known.units, known.persons)])
        return points.behind(engine, one, limit=limit, offset=offset)
