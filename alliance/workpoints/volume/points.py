"""Sums over charge lines: points by person and unit, unknown codes, coverage, totals, techniques; on either engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from alliance.core.figure import canonical
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.codes import Code, check_codes
from alliance.workpoints.rules.items import ItemPoints
from alliance.workpoints.rules.meanings import ITEM
from alliance.workpoints.rules.uses import Use
from alliance.workpoints.rules.volumes import Volume, VolumePart
from alliance.workpoints.volume import sql
from alliance.workpoints.volume.engine import Engine, quoted

NO_COLUMN = mark("charge lines name who ordered and who performed, and no other role")
Row = tuple[Any, ...]
NOBODY = Code("", "")  # a line that names no person, or no ordering unit


class Answers(Protocol):
    """An engine: it has tables made of rows, and answers queries."""

    def table(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None: ...

    def rows(self, query: str) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the codes of a hospital's lines mean: points of items, units and persons behind codes."""

    hospital: str
    items: Sequence[ItemPoints]
    units: Sequence[Code]
    persons: Sequence[Code]


@dataclass(frozen=True, slots=True)
class Earned:
    """What a person (or nobody in particular, "") earned in a unit, role and setting of a month."""

    hospital: str
    month: str
    role: str
    unit: str
    person: str
    setting: str
    lines: int
    amount: Decimal
    points: Decimal


class TechniqueItem(NamedTuple):
    """A charge item by which a new technique counts, on the days from `start` until before `until`."""

    item: str
    technique: str
    start: date
    until: date


@dataclass(frozen=True, slots=True)
class Done:
    """How often somebody (or nobody in particular, "") in a unit performed a new technique in a month, refunds taken
    off."""

    technique: str
    unit: str
    person: str
    lines: int
    quantity: Decimal


def prepare(engine: Answers, meanings: Sequence[Meanings]) -> None:
    """Bring what codes mean to an engine, for one hospital or for many; refused where a code means two things."""
    items: list[Row] = []
    units: list[Row] = []
    persons: list[Row] = []
    for one in meanings:
        check_codes(one.units)
        check_codes(one.persons)
        _check_roles(one)
        items += [(one.hospital, *row) for row in one.items]
        units += [(one.hospital, *row) for row in (*one.units, NOBODY)]
        persons += [(one.hospital, *row) for row in (*one.persons, NOBODY)]
    engine.table("item_points", sql.POINT_COLUMNS, items)
    engine.table("unit_codes", sql.UNIT_COLUMNS, units)
    engine.table("person_codes", sql.PERSON_COLUMNS, persons)


def _check_roles(meanings: Meanings) -> None:
    """Refuse points of a role that no column of a charge line names: they would silently earn nothing."""
    if not {row.role for row in meanings.items} <= set(sql.ROLES):
        wrong = [row for row in meanings.items if row.role not in sql.ROLES]
        problems = [Problem(f"{row.item}/{row.role}", canonical(row.points), NO_COLUMN) for row in wrong]
        raise Refused("%(count)s points cannot be earned from charge lines.", count=len(wrong), problems=problems)


def read_lines(engine: Engine, files: Sequence[Path]) -> None:
    """Let the embedded engine read the partitions."""
    engine.view("lines", files, sql.NO_LINES)


def earned(engine: Answers, roles: Sequence[str] = sql.ROLES) -> list[Earned]:
    """Points, lines and charges by role, unit, person and setting; `roles` are those for which any item has points."""
    return [Earned(*row) for row in engine.rows(sql.points_of(roles))] if roles else []


def by_item(engine: Answers) -> list[tuple[str, str, int, Decimal]]:
    """Item, role, lines and points of what was earned."""
    return [(item, role, lines, total) for item, role, lines, total in engine.rows(sql.ITEMS)]


def used(engine: Answers) -> list[Use]:
    """Every code of a unit or a person that the lines use, by column and code."""
    return [Use(*row) for row in sorted(engine.rows(sql.USED))]


def used_by_day(engine: Answers, uses: Iterable[Use]) -> list[Use]:
    """The codes of uses day by day, whether they earn or not."""
    wanted: dict[str, list[str]] = {}
    for use in uses:
        wanted.setdefault(use.what, []).append(quoted(use.code))
    return [
        Use(column, *row) for column, codes in sorted(wanted.items())
        for row in sorted(engine.rows(sql.used_by_day(column, ", ".join(codes))))
    ]  # fmt: skip


def unearned(engine: Answers) -> list[Use]:
    """The items of lines that earn no points on their day, by code."""
    return [Use(ITEM, *row) for row in sorted(engine.rows(sql.UNEARNED))]


def unearned_by_day(engine: Answers, uses: Iterable[Use]) -> list[Use]:
    """The same of some items day by day."""
    codes = ", ".join(quoted(use.code) for use in uses)
    return [Use(ITEM, *row) for row in sorted(engine.rows(sql.UNEARNED_BY_DAY.format(codes=codes)))] if codes else []


def whole(engine: Answers) -> tuple[int, int, Decimal]:
    """How many items and lines there are, and all charges."""
    ((items, lines, amount),) = engine.rows(sql.WHOLE)
    return int(items), int(lines), amount if amount is not None else Decimal(0)


def totals(engine: Answers) -> list[tuple[str, str, str, str, int, Decimal, Decimal]]:
    """Hospital, month, performing department (its code), setting, lines, quantity, charges."""
    return engine.rows(sql.TOTALS)


def volumes(engine: Answers, hospital: str, classes: Sequence[Code]) -> tuple[list[Volume], list[Volume]]:
    """What the units did, and what was done for their patients; `classes` are the classes of items by day."""
    _classes(engine, hospital, classes)
    return _volumes(engine, sql.PERFORMED), _volumes(engine, sql.ORDERED)


def _classes(engine: Answers, hospital: str, classes: Sequence[Code]) -> None:
    check_codes(classes)
    rows = [(hospital, *row) for row in classes]
    engine.table("item_classes", sql.CLASS_COLUMNS, rows)


def volume_lines(
    engine: Answers, hospital: str, classes: Sequence[Code], part: VolumePart, *, limit: int, offset: int
) -> list[tuple[Any, ...]]:  # fmt: skip
    """The lines behind a part of the volumes, page by page: source, row, number, day, item, setting, quantity, charge,
    code of the performing department, code of the ordering one."""
    _classes(engine, hospital, classes)
    wanted = ["1 = 1"]
    if part.units is not None:
        wanted.append(f"unit IN ({', '.join(map(quoted, sorted(part.units))) or 'NULL'})")
    wanted += [
        f"{column} = {quoted(value)}" for column, value in (("setting", part.setting), ("item_class", part.item_class))
        if value
    ]  # fmt: skip
    unit = sql.ORDERED if part.ordered else sql.PERFORMED
    return engine.rows(
        sql.VOLUME_LINES.format(unit=unit, wanted=" AND ".join(wanted), limit=int(limit), offset=int(offset))
    )


def _volumes(engine: Answers, unit_code: str) -> list[Volume]:
    return [
        Volume(unit, setting, item_class, lines, quantity, amount, int(refunds), int(nameless))
        for unit, setting, item_class, lines, quantity, amount, refunds, nameless in engine.rows(
            sql.VOLUME.format(unit=unit_code)
        )
    ]


def prepare_techniques(engine: Answers, hospital: str, items: Sequence[TechniqueItem]) -> None:
    """Bring the items by which new techniques count to an engine that knows units and persons already."""
    engine.table("technique_items", sql.TECHNIQUE_COLUMNS, [(hospital, *row) for row in items])


def techniques(engine: Answers) -> list[Done]:
    """How often new techniques were done, by technique, unit and person."""
    return [Done(*row) for row in engine.rows(sql.TECHNIQUES)]


def technique_lines(engine: Answers, sums: Sequence[Done], *, limit: int, offset: int) -> list[tuple[Any, ...]]:
    """The lines behind sums, page by page: source, row, number, day, item, setting, quantity, charge, person."""
    wanted = " OR ".join(
        f"(technique = {quoted(one.technique)} AND unit = {quoted(one.unit)} AND person = {quoted(one.person)})"
        for one in sums
    )
    text = sql.TECHNIQUE_LINES.format(wanted=wanted or "1 = 0", limit=int(limit), offset=int(offset))
    return engine.rows(text)


def behind(engine: Answers, one: Earned, *, limit: int = 100, offset: int = 0) -> list[tuple[Any, ...]]:
    """The lines behind a sum, page by page: source, row, number, day, item, quantity, points each, points, charge."""
    if one.role not in sql.ROLES:
        raise ValueError(one.role)
    texts = {name: quoted(getattr(one, name)) for name in ("role", "hospital", "month", "unit", "person", "setting")}
    return engine.rows(sql.BEHIND.format(column=one.role, limit=int(limit), offset=int(offset), **texts))


def digest(rows: Iterable[Earned]) -> str:
    """SHA-256 of sums, the same for equal sums whatever engine found them in whatever order; hex."""
    lines = sorted(
        "\t".join([
            row.hospital, row.month, row.role, row.unit, row.person, row.setting, str(row.lines),
            canonical(row.amount), canonical(row.points),
        ])
        for row in rows
    )  # fmt: skip
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
