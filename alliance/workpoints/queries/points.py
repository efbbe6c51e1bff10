"""The questions about item points: the tables of a hospital, what its items earn, what a table would change."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select

from alliance.core.period import Period
from alliance.db import Lasting, db, table_of
from alliance.workpoints.models import BonusSchemeRow, ItemPointRow, PointOverride, PointTable
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.income import PERFORMING
from alliance.workpoints.rules.items import ALWAYS, TOGETHER, Item, ItemPoints, by_role
from alliance.workpoints.rules.overrides import OwnPoints, Row, on_day, overridden
from alliance.workpoints.rules.tables import PointChanges, TableRow, compare

ALONE: Mapping[str, Decimal] = {PERFORMING: Decimal(1)}  # who earns a team's points where no scheme divides them


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table of item points: the days on which it holds (half-open; none when another took its place from its first
    day on), and where it came from; `adopted` is the number of the library's table whose rows hold."""

    number: int
    start: date
    until: date
    title: str
    items: int
    recorded_by: str
    recorded_at: datetime
    adopted: int | None = None

    @property
    def rows(self) -> int:
        """The number of the table that has the rows."""
        return self.adopted or self.number


@dataclass(frozen=True, slots=True)
class OverrideInfo:
    """A hospital's own points of a row of the library that it adopted, and who recorded them."""

    own: OwnPoints
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of a table with its points by role; no role for an item without points."""

    item: Item
    points: Mapping[str, Decimal]


def point_tables(alliance: int, institution: str) -> list[TableInfo]:
    """Every table that was ever imported, the newest first; each holds until the next one begins."""
    rows = db.session.scalars(
        select(PointTable).where(PointTable.alliance_id == alliance, PointTable.institution == institution)
        .order_by(PointTable.start, PointTable.id)
    ).all()  # fmt: skip
    after = [row.start for row in rows[1:]] + [ALWAYS]
    found = [
        TableInfo(row.id, row.start, until, row.title, row.items, row.recorded_by, row.recorded_at, row.adopted_id)
        for row, until in zip(rows, after, strict=False)
    ]
    return found[::-1]


def in_force(alliance: int, institution: str, on: date) -> TableInfo | None:
    """The table of a day."""
    return next((one for one in point_tables(alliance, institution) if one.start <= on < one.until), None)


def override_infos(table: TableInfo) -> list[OverrideInfo]:
    """What a hospital set otherwise since it adopted a version, in the order of recording."""
    if table.adopted is None:
        return []
    rows = db.session.scalars(
        select(PointOverride).where(PointOverride.table_id == table.number).order_by(PointOverride.id)
    )
    return [
        OverrideInfo(
            OwnPoints(row.item, row.role, row.points, row.start, row.reason), row.recorded_by, row.recorded_at
        )
        for row in rows
    ]  # fmt: skip


def own_points(table: TableInfo) -> list[OwnPoints]:
    """The same without who recorded it."""
    return [one.own for one in override_infos(table)]


class TableCode(NamedTuple):
    """A row of a table of points without its names."""

    item: str
    item_class: str
    role: str
    points: Decimal | None


# A table never changes once it is imported, and has thousands of rows.
_codes: Lasting[list[TableCode]] = Lasting(8)


def _codes_of(table: TableInfo) -> list[TableCode]:
    found = _codes.find(table.rows)
    if found is None:
        kept = table_of(ItemPointRow).c
        rows = db.session.execute(
            select(kept.item, kept.item_class, kept.role, kept.points)
            .where(kept.table_id == table.rows)
            .order_by(kept.item, kept.role)
        ).all()
        found = list(map(TableCode._make, rows))
        _codes.keep(table.rows, found)
    return found


def _tables_by_day(alliance: int, institution: str) -> list[TableInfo]:
    """The tables that hold on some day, the oldest first."""
    return [table for table in reversed(point_tables(alliance, institution)) if table.start < table.until]


def standing(alliance: int, institution: str, month: Period) -> tuple[Hashable, ...]:
    """The tables of a month as a key: their rows, their days, a hospital's own points."""
    tables = _tables_by_day(alliance, institution)
    holding = [one for one in tables if one.start <= month.last and one.until > month.first]
    return tuple((one.rows, one.start, one.until, *own_points(one)) for one in holding)


def item_points(alliance: int, institution: str) -> list[ItemPoints]:
    """The points of all tables as dated rows: those of a team are not yet divided."""
    return [row for table in _tables_by_day(alliance, institution) for row in _dated(table)]


def _dated(table: TableInfo) -> list[ItemPoints]:
    """The points of a table, of a library with the overrides from their days on."""
    own: dict[Row, list[OwnPoints]] = {}
    for one in own_points(table):
        own.setdefault(one.row, []).append(one)
    found = [
        ItemPoints(item, role, points, table.start, table.until)
        for item, _class, role, points in _codes_of(table) if role and points is not None
    ]  # fmt: skip
    if not own:
        return found
    return [one for row in found for one in overridden(row, own.get((row.item, row.role), ()))]


def item_classes(alliance: int, institution: str, wanted: Collection[str] | None = None) -> list[Code]:
    """The class of every item of every table, also of those without points, by day; of some items if they are named."""
    found: list[Code] = []
    last: dict[str, Code] = {}
    for table in _tables_by_day(alliance, institution):
        rows = _codes_of(table) if wanted is None else [row for row in _codes_of(table) if row.item in wanted]
        for item, item_class in dict.fromkeys((row.item, row.item_class) for row in rows):
            before = last.get(item)
            if before and before.meaning == item_class and before.until == table.start:
                last[item] = Code(item, item_class, before.start, table.until)
                continue
            if before:
                found.append(before)
            last[item] = Code(item, item_class, table.start, table.until)
    return sorted([*found, *last.values()], key=lambda code: (code.code, code.start))


def items(alliance: int, institution: str, on: date) -> dict[str, Item]:
    """The items of the table of a day, by code, also those without points."""
    return {line.item.code: line.item for line in item_lines(alliance, institution, on)}


def item_lines(alliance: int, institution: str, on: date) -> list[ItemLine]:
    """The items of the table of a day with their points, by code."""
    return lines_of(table_rows(alliance, institution, on))


def lines_of(rows: Sequence[TableRow]) -> list[ItemLine]:
    """The items of rows with their points, in the order of the rows."""
    found: dict[str, ItemLine] = {}
    for row in rows:
        line = found.setdefault(row.item.code, ItemLine(row.item, {}))
        if row.points is not None:
            found[row.item.code] = ItemLine(line.item, {**line.points, row.role: row.points})
    return list(found.values())


def table_rows(alliance: int, institution: str, on: date) -> list[TableRow]:
    """The rows of the table of a day as they hold then, by item and role; none before the first."""
    table = in_force(alliance, institution, on)
    if table is None:
        return []
    return with_own(rows_of(table.rows), on_day(own_points(table), on))


def rows_of(number: int, items: Collection[str] | None = None) -> list[TableRow]:
    """The rows of a table as it was imported, by item and role; of some items if they are named."""
    asked = select(
        ItemPointRow.item, ItemPointRow.name_zh, ItemPointRow.name_en, ItemPointRow.item_class, ItemPointRow.role,
        ItemPointRow.points,
    ).where(ItemPointRow.table_id == number)  # fmt: skip
    if items is not None:
        asked = asked.where(ItemPointRow.item.in_(items))
    rows = db.session.execute(asked.order_by(ItemPointRow.item, ItemPointRow.role))
    return [
        TableRow(Item(code, zh, en, item_class), role, points, 0) for code, zh, en, item_class, role, points in rows
    ]


def with_own(rows: Sequence[TableRow], own: Mapping[Row, OwnPoints]) -> list[TableRow]:
    """Rows of a library with what a hospital set otherwise in its place."""
    return [
        replace(row, points=own[row.item.code, row.role].points) if (row.item.code, row.role) in own else row
        for row in rows
    ]


def point_changes(alliance: int, institution: str, rows: Sequence[TableRow], start: date) -> PointChanges:
    """What a table would change from a day on."""
    return compare(table_rows(alliance, institution, start), rows)


def role_shares(alliance: int, institution: str, on: date) -> dict[str, Decimal]:
    """How the scheme in force divides the points of a team among its roles; all of them to whoever performs, where
    there is none."""
    content = db.session.scalar(
        select(BonusSchemeRow.content)
        .where(
            BonusSchemeRow.alliance_id == alliance, BonusSchemeRow.institution == institution,
            BonusSchemeRow.decision != "", BonusSchemeRow.valid_from <= on,
        )
        .order_by(BonusSchemeRow.valid_from.desc(), BonusSchemeRow.decided_at.desc(), BonusSchemeRow.id.desc())
    )  # fmt: skip
    shares = {role: Decimal(str(share)) for role, share in (content or {}).get("roles", {}).items()}
    return shares or dict(ALONE)


def earning_points(
    rows: Sequence[ItemPoints], shares: Mapping[str, Decimal], classes: Iterable[Code]
) -> list[ItemPoints]:
    """The points as roles of a line earn them: those of a team divided by the shares of a scheme, as the class allows
    that the item has in the same table; `classes` are the classes of items by day."""
    known: dict[str, list[Code]] = {}
    for code in classes:
        known.setdefault(code.code, []).append(code)
    found = []
    for row in rows:
        if row.role != TOGETHER:
            found.append(row)
            continue
        of_days = (code.meaning for code in known.get(row.item, ()) if code.start <= row.start < code.until)
        found += by_role([row], shares, {row.item: next(of_days, "")})
    return found
