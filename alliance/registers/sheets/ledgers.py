"""The standard of a ledger as a table, in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flask_babel import gettext as _

from alliance import workbooks
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.written import number_of
from alliance.files import Cell, open_table
from alliance.registers.rules.ledgers import CODE, KINDS, Item, check_item_points
from alliance.tables import Cell as Written
from alliance.tables import Table

COLUMNS = {"item": "条目编码", "name_zh": "条目名称", "name_en": "英文名称", "points": "分值"}
REQUIRED = ("item", "name_zh", "points")
PLACE = mark("row %(row)s, %(column)s")
MINUS = str.maketrans("−–—", "---")


def read_standard(content: bytes, name: str) -> list[Item]:
    """The items of a table; Refused with row, column, value and reason of each bad cell."""
    table = open_table(content, name, COLUMNS, required=REQUIRED)
    problems: list[Problem] = []
    seen: set[str] = set()
    found = []
    for number, cells in table.cells():
        item = _item(number, cells, problems)
        if item.code in seen:
            _fault(problems, number, "item", item.code, mark("stands in the table twice"))
        seen |= {item.code} - {""}
        found.append(item)
    if problems:
        raise Refused("The table has %(count)s errors; nothing was imported.", count=len(problems), problems=problems)
    return found


def _fault(problems: list[Problem], row: int, column: str, text: str, message: str) -> None:
    at: dict[str, object] = {"row": row, "column": Both(COLUMNS[column], column)}
    problems.append(Problem(PLACE, text, message, at=at))


def _item(row: int, cells: Mapping[str, Cell], problems: list[Problem]) -> Item:
    texts = {column: cells.get(column, Cell("")).text.strip() for column in COLUMNS}
    for column in REQUIRED:
        if not texts[column]:
            _fault(problems, row, column, "", mark("is missing"))
    if texts["item"] and not CODE.fullmatch(texts["item"]):
        _fault(problems, row, "item", texts["item"], mark("has other signs than letters, digits, dots and dashes"))
    if len(texts["name_zh"]) > 200 or len(texts["name_en"]) > 200:
        _fault(problems, row, "name_zh", texts["name_zh"], mark("has more than 200 characters"))
    points = _points(texts["points"], cells.get("points", Cell("")).kind)
    fault = mark("is not a number") if points is None else check_item_points(points)
    if texts["points"] and fault:
        _fault(problems, row, "points", texts["points"], fault)
    return Item(texts["item"], texts["name_zh"], texts["name_en"] or texts["name_zh"], points or Decimal(0))


def _points(text: str, kind: str) -> Decimal | None:
    found = number_of(text.translate(MINUS))
    return found if found is not None and found.adjusted() < 9 and not kind else None


def write_standard(kind: str, items: Sequence[Item]) -> bytes:
    """A workbook with the items of a standard, or to be filled in; reading it back gives the same items."""
    heads = [Written(f"{title} {column}") for column, title in COLUMNS.items()]
    rows = [
        [Written(one.code), Written(one.zh), Written(one.en), Written(str(one.points), value=one.points)]
        for one in items
    ]  # fmt: skip
    rules = _("An item gives from 0 up to its points; where they are below nought it takes off.")
    about = workbooks.About(_("Standard of a ledger"), [(_("Ledger"), KINDS[kind].zh), (_("How it is read"), rules)])
    return workbooks.write([Table(KINDS[kind].zh, [heads], rows, [])], about)
