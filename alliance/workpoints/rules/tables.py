"""Tables of item points as they are imported whole (W7): their rows, what is wrong in them, what one changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from alliance.core.figure import canonical
from alliance.core.refused import Problem, mark
from alliance.workpoints.rules.items import ALWAYS, TOGETHER, Item, ItemPoints, check_items

COLUMNS: Mapping[str, str] = {
    "item": "项目编码", "name_zh": "项目名称", "name_en": "英文名称", "item_class": "收费类别", "role": "角色",
    "points": "点数",
}  # fmt: skip
REQUIRED = ("item", "name_zh", "item_class", "points")
ROLE_WORDS: Mapping[str, str] = {"开单": "ordering", "执行": "performing", "团队": TOGETHER}
ROLES = ("ordering", "performing", TOGETHER)
TWICE = mark("stands in the table twice")
EITHER = mark("an item has points for a team or for single roles, not for both")
OTHERWISE = mark("this item has another name or class in a row above")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table: an item, and its points for a role; role "" of an item without points."""

    item: Item
    role: str
    points: Decimal | None
    line: int  # of the sheet


@dataclass(frozen=True, slots=True)
class PointChanges:
    """What a table would change of the one before: (item, role, points before, points after) of what differs, None
    where there was or will be nothing; how many items it has, and how many rows stay."""

    changes: tuple[tuple[str, str, Decimal | None, Decimal | None], ...]
    items: int
    same: int


def check_table(rows: Sequence[TableRow], start: date) -> list[Problem]:
    """Everything wrong in a table, each with the row of its sheet and its item."""
    items: dict[str, Item] = {}
    lines: dict[str, int] = {}
    bare: set[str] = set()
    roles: dict[str, set[str]] = {}
    problems = []
    for row in rows:
        if row.points is None:
            if row.item.code in bare:
                problems.append(_at(row.line, Problem(row.item.code, row.item.zh, TWICE)))
            bare.add(row.item.code)
        elif _clash(roles.setdefault(row.item.code, set()), row.role):
            problems.append(_at(row.line, Problem(row.item.code, row.role, EITHER)))
        known = items.setdefault(row.item.code, row.item)
        lines.setdefault(row.item.code, row.line)
        lines[f"{row.item.code}/{row.role}"] = row.line
        if known != row.item:
            problems.append(_at(row.line, Problem(row.item.code, row.item.zh, OTHERWISE)))
    found = check_items(items, points_of(rows, start))
    return problems + [_at(lines.get(one.where, 0), one) for one in found]


def _clash(before: set[str], role: str) -> bool:
    """Whether points of a team stand beside those of a role, so that a line would count twice."""
    before.add(role)
    return TOGETHER in before and len(before) > 1


def _at(line: int, problem: Problem) -> Problem:
    at: dict[str, object] = {"row": line, "what": problem.where}
    return Problem(mark("row %(row)s, %(what)s"), problem.value, problem.message, problem.numbers, at)


def points_of(rows: Sequence[TableRow], start: date, until: date = ALWAYS) -> list[ItemPoints]:
    """The points that a table gives."""
    return [
        ItemPoints(row.item.code, row.role, row.points, start, until) for row in rows
        if row.role and row.points is not None
    ]  # fmt: skip


def compare(before: Sequence[TableRow], after: Sequence[TableRow]) -> PointChanges:
    """What a table changes of another one."""
    old, new = _values(before), _values(after)
    differ = [
        (item, role, old.get((item, role)), new.get((item, role)))
        for item, role in sorted(old.keys() | new.keys()) if _text(old, (item, role)) != _text(new, (item, role))
    ]  # fmt: skip
    return PointChanges(tuple(differ), len({item for item, _ in new}), len(new.keys() | old.keys()) - len(differ))


def _values(rows: Sequence[TableRow]) -> dict[tuple[str, str], Decimal | None]:
    return {(row.item.code, row.role): row.points for row in rows}


def _text(values: Mapping[tuple[str, str], Decimal | None], key: tuple[str, str]) -> str:
    if key not in values:
        return "-"
    points = values[key]
    return "" if points is None else canonical(points)
