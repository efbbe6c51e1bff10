"""The questions about point libraries: their versions, who adopted which, what adopting one would change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.workpoints.models import PointLibrary, PointOverride, PointTable
from alliance.workpoints.queries import points as tables
from alliance.workpoints.queries.charges import charge_codes, earning, loads, understood
from alliance.workpoints.queries.points import OverrideInfo, TableInfo
from alliance.workpoints.queries.runs import bonus_runs
from alliance.workpoints.rules.items import Item, ItemPoints
from alliance.workpoints.rules.meanings import ITEM, pointed
from alliance.workpoints.rules.overrides import (
    Carried,
    Deviations,
    Differences,
    OwnPoints,
    Row,
    carried,
    deviations,
    differences,
    on_day,
)
from alliance.workpoints.rules.runs import APPROVED, PAID
from alliance.workpoints.rules.tables import PointChanges, TableRow, compare
from alliance.workpoints.rules.working import Working
from alliance.workpoints.volume import loading, points
from alliance.workpoints.volume.partitions import Partitions

NOTHING = "0"  # the state of a library or of a hospital's tables before the first


@dataclass(frozen=True, slots=True)
class LibraryInfo:
    """A version of a point library: since when it may be adopted, where it comes from, in how many items it differs
    from the version before."""

    number: int
    code: str
    version: int
    level: str
    title: str
    source: str
    start: date
    items: int
    sha256: str
    added: int
    dropped: int
    changed: int
    published_by: str
    published_at: datetime

    @property
    def reference(self) -> str:
        return f"{self.code}/{self.version}"


@dataclass(frozen=True, slots=True)
class Adoption:
    """How many members a version holds in on a day, and how many items these override: in all, and the fewest and the
    most of one."""

    members: int
    overridden: int
    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What a table changes of the one before: the items, the points, and what the items are called."""

    items: Differences
    points: PointChanges
    names: Mapping[str, Item]


@dataclass(frozen=True, slots=True)
class AdoptionChanges:
    """What adopting a version from a day on would change in a hospital, and what becomes of its overrides."""

    version: LibraryInfo
    before: TableInfo | None
    table: TableChanges
    overrides: Carried


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """A row of the library that a hospital overrides: the points of both, the difference in % (none where the library
    gives 0 points), since when and why, by whom."""

    item: Item
    role: str
    library: Decimal
    own: Decimal
    percent: Decimal | None
    info: OverrideInfo


@dataclass(frozen=True, slots=True)
class DeviationReport:
    """How far a hospital departs from the library that holds on a day; no library where its table is its own."""

    table: TableInfo | None
    library: LibraryInfo | None
    lines: tuple[DeviationLine, ...]
    items: int
    mean: Decimal | None
    largest: Decimal | None
    history: tuple[OverrideInfo, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """The points of an item for a role on a day; of a library also its own points, and the override if there is one."""

    role: str
    points: Decimal | None
    library: Decimal | None
    override: OverrideInfo | None


@dataclass(frozen=True, slots=True)
class ItemOrigin:
    """Where the points of an item come from on a day; `mapped` is the code of the charge lines that means it."""

    item: Item
    mapped: str
    table: TableInfo
    library: LibraryInfo | None
    rows: tuple[ItemRow, ...]


def libraries(alliance: int, code: str | None = None) -> list[LibraryInfo]:
    """Every version of every library, by code, the newest first; of one library if it is named."""
    asked = select(PointLibrary, PointTable).join(PointTable, PointTable.id == PointLibrary.table_id)
    asked = asked.where(PointLibrary.alliance_id == alliance)
    if code is not None:
        asked = asked.where(PointLibrary.code == code)
    rows = db.session.execute(asked.order_by(PointLibrary.code, PointLibrary.version.desc()))
    return [_info(one, table) for one, table in rows]


def _info(one: PointLibrary, table: PointTable) -> LibraryInfo:
    return LibraryInfo(
        table.id, one.code, one.version, one.level, table.title, one.source, table.start, table.items, table.sha256,
        one.added, one.dropped, one.changed, table.recorded_by, table.recorded_at,
    )  # fmt: skip


def library_version(alliance: int, code: str, version: int) -> LibraryInfo:
    """One version; NotFound where there is none."""
    found = next((one for one in libraries(alliance, code) if one.version == version), None)
    if found is None:
        raise NotFound()
    return found


def library_of(alliance: int, table: TableInfo | None) -> LibraryInfo | None:
    """The version that a hospital's table adopted; None for a table of its own."""
    if table is None or table.adopted is None:
        return None
    return next(one for one in libraries(alliance) if one.number == table.adopted)


def newer_version(alliance: int, table: TableInfo | None) -> LibraryInfo | None:
    """The newest version of the library that a hospital adopted, if it has an older one."""
    mine = library_of(alliance, table)
    newest = next(iter(libraries(alliance, mine.code)), None) if mine else None
    return newest if mine and newest and newest.version > mine.version else None


def library_changes(alliance: int, version: LibraryInfo) -> TableChanges:
    """In which items and points a version differs from the one before; everything is new in the first."""
    before = next((one for one in libraries(alliance, version.code) if one.version == version.version - 1), None)
    return _changes(tables.rows_of(before.number) if before else [], tables.rows_of(version.number))


def _changes(before: Sequence[TableRow], after: Sequence[TableRow]) -> TableChanges:
    names = {row.item.code: row.item for row in (*before, *after)}
    return TableChanges(differences(before, after), compare(before, after), names)


def published_changes(alliance: int, code: str, rows: Sequence[TableRow]) -> tuple[int, TableChanges]:
    """What publishing rows would change: the newest version (0 for none), and how they differ from it."""
    newest = next(iter(libraries(alliance, code)), None)
    old = tables.rows_of(newest.number) if newest else []
    return newest.version if newest else 0, _changes(old, rows)


def adoptions(alliance: int, on: date) -> dict[int, Adoption]:
    """By the number of a version, in how many members it holds on a day and how many items these override; no member
    is named."""
    rows = db.session.execute(
        select(PointTable.institution, PointTable.id, PointTable.adopted_id)
        .where(PointTable.alliance_id == alliance, PointTable.institution != "", PointTable.start <= on)
        .order_by(PointTable.start, PointTable.id)
    )
    holding = {institution: (number, adopted) for institution, number, adopted in rows}
    counts: dict[int, list[int]] = {}
    for number, adopted in holding.values():
        if adopted is not None:
            counts.setdefault(adopted, []).append(_overridden(number, on))
    return {number: Adoption(len(each), sum(each), min(each), max(each)) for number, each in counts.items()}


def _overridden(number: int, on: date) -> int:
    """How many items a table overrides on a day."""
    rows = db.session.scalars(select(PointOverride).where(PointOverride.table_id == number).order_by(PointOverride.id))
    own = [OwnPoints(row.item, row.role, row.points, row.start, row.reason) for row in rows]
    return len({item for item, _role in on_day(own, on)})


def points_state(alliance: int, institution: str) -> str:
    """What a page saw of a hospital's tables and overrides: another one once anything was added."""
    newest = db.session.scalar(
        select(func.max(PointTable.id)).where(PointTable.alliance_id == alliance, PointTable.institution == institution)
    )
    changed = db.session.scalar(
        select(func.max(PointOverride.id)).join(PointTable, PointTable.id == PointOverride.table_id).where(
            PointTable.alliance_id == alliance, PointTable.institution == institution
        )
    )  # fmt: skip
    return f"{newest or NOTHING}-{changed or NOTHING}"


def check_unpaid(alliance: int, institution: str, start: date) -> None:
    """Refused where the bonus of a month from a day on is approved: points that changed under it would belie it."""
    last = last_approved(alliance, institution)
    if last >= f"{start:%Y-%m}":
        raise Refused("The bonus of %(period)s is approved; choose a month after it.", period=last)


def last_approved(alliance: int, institution: str) -> str:
    """The last month whose bonus is approved; "" before the first."""
    runs = bonus_runs(alliance, institution)
    return max((one.month for one in runs if one.state in (APPROVED, PAID)), default="")


def adoption_changes(alliance: int, institution: str, version: LibraryInfo, start: date) -> AdoptionChanges:
    """What adopting a version from a day on would change. Refused: a day before the version holds, a version that
    holds on that day already, a month whose bonus is approved."""
    if start < version.start:
        raise Refused("%(version)s holds from %(day)s; choose a later month.",
                      version=version.reference, day=version.start.isoformat())  # fmt: skip
    check_unpaid(alliance, institution, start)
    before = tables.in_force(alliance, institution, start)
    if before and before.adopted == version.number:
        raise Refused("%(version)s holds in this month already.", version=version.reference)
    old, new = tables.table_rows(alliance, institution, start), tables.rows_of(version.number)
    own = tables.own_points(before) if before else []
    same = (mine := library_of(alliance, before)) is not None and mine.code == version.code
    rows = {(row.item.code, row.role) for row in new if row.role} if same else set()
    kept = carried(own, rows, start)
    then = tables.with_own(new, on_day(kept.stay, start))
    return AdoptionChanges(version, before, _changes(old, then), kept)


def deviation_report(alliance: int, institution: str, on: date) -> DeviationReport:
    """How far the hospital departs from its library on a day, the largest first."""
    table = tables.in_force(alliance, institution, on)
    library = library_of(alliance, table)
    if table is None or library is None:
        return DeviationReport(table, None, (), 0, None, None, ())
    infos = tables.override_infos(table)
    own = on_day((one.own for one in infos), on)
    rows = tables.rows_of(table.rows, {item for item, _role in own})
    named = {key: row for row in rows if (key := (row.item.code, row.role)) in own}
    found = _measured(institution, on, library, named, own)
    lines = [
        DeviationLine(
            row.item, row.role, row.points or Decimal(0), own[key].points or Decimal(0),
            found.each[key].value if key in found.each else None,
            next(one for one in reversed(infos) if one.own == own[key]),
        )
        for key, row in named.items()
    ]  # fmt: skip
    lines.sort(key=lambda line: (line.percent is not None, -abs(line.percent or Decimal(0)), line.item.code, line.role))
    items = len({line.item.code for line in lines})
    return DeviationReport(table, library, tuple(lines), items, found.mean, found.largest, tuple(reversed(infos)))


def earned_points(
    partitions: Partitions, alliance: int, institution: str, month: str, items: Collection[str]
) -> dict[str, Decimal]:
    """What items earned in a month, by item, also under the codes that mean them."""
    period = Period.parse(month)
    rows = [row for row in earning(alliance, institution, period) if row.item in items]
    known = understood(alliance, institution)
    said = {one.outside: one.meaning for one in known.said if one.meaning in items}
    names = [(one.source, one.revision) for one in loads(alliance, institution, month)]
    found: dict[str, Decimal] = {}
    with loading.reading(partitions, partitions.files(institution, month, names)) as engine:
        points.prepare(engine, [points.Meanings(institution, pointed(rows, known.said), known.units, known.persons)])
        for code, _role, _lines, total in points.by_item(engine):
            item = said.get(code, code)
            found[item] = found.get(item, Decimal(0)) + total
    return found


def _measured(
    institution: str, on: date, library: LibraryInfo, named: dict[Row, TableRow],
    own: dict[Row, OwnPoints],
) -> Deviations:  # fmt: skip
    shared = {
        key: ItemPoints(row.item.code, row.role, row.points, library.start)
        for key, row in named.items()
        if row.points is not None
    }
    return deviations(Working(institution, f"{on:%Y-%m}", library.reference), shared, own)


def item_origin(alliance: int, institution: str, code: str, on: date) -> ItemOrigin:
    """Where the points of an item come from on a day, also of a code of the charge lines that means another item;
    NotFound for one that no table has."""
    table = tables.in_force(alliance, institution, on)
    if table is None:
        raise NotFound()
    meant = _meant(alliance, institution, code, on)
    rows = tables.rows_of(table.rows, [meant])
    if not rows:
        raise NotFound()
    infos = tables.override_infos(table)
    own = on_day((one.own for one in infos), on)
    found = []
    for row in rows:
        mine = own.get((row.item.code, row.role))
        info = next((one for one in reversed(infos) if one.own == mine), None)
        found.append(ItemRow(
            row.role, row.points if mine is None else mine.points, row.points if table.adopted else None, info
        ))  # fmt: skip
    mapped = code if meant != code else ""
    return ItemOrigin(rows[0].item, mapped, table, library_of(alliance, table), tuple(found))


def _meant(alliance: int, institution: str, code: str, on: date) -> str:
    """The item that a code of the charge lines means on a day: what the office says of it, else itself."""
    said = [one.meaning for one in charge_codes(alliance, institution)
            if one.meaning.what == ITEM and one.meaning.outside == code and one.meaning.start <= on]  # fmt: skip
    newest = sorted(said, key=lambda one: one.start)[-1:]
    return newest[0].meaning or code if newest else code
