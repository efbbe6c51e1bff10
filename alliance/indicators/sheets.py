"""Readings in tables: a month of many members read from a workbook or CSV file, and the template to fill."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import xlsxwriter

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.files import read_table
from alliance.indicators.rules.codes import Pair, Term
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import Row, read_value

COLUMNS = {"institution": "机构代码", "element": "数据元代码", "period": "期间", "value": "数值"}
CELL = mark("row %(row)s, %(column)s")


def read_readings(content: bytes, name: str, period: str, known: Library) -> list[Row]:
    """The values of a file, one a row; Refused with line, column, value and reason of each bad cell."""
    problems: list[Problem] = []
    rows: list[Row] = []
    for number, cells in read_table(
        content, name, COLUMNS, required=("institution", "element", "value"), sheet="readings"
    ):
        if cells.get("period", period) not in ("", period):
            reason = mark("is another period than the one chosen")
            problems.append(Problem(CELL, cells["period"], reason, at=_at(number, "period")))
        element = known.elements.get(cells["element"])
        if element is None:
            reason = mark("no data element has this code")
            problems.append(Problem(CELL, cells["element"], reason, at=_at(number, "element")))
            continue
        entry = read_value(cells["value"], element, problems, CELL, **_at(number, "value"))
        rows.append(Row(cells["institution"], element.code, entry))
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    if not rows:
        raise Refused("The file %(name)s holds no values.", name=name)
    return rows


def _at(row: int, column: str) -> dict[str, object]:
    return {"row": row, "column": Both(COLUMNS[column], column)}


def write_readings(period: str, rows: Sequence[tuple[str, str, str, str, str]]) -> bytes:
    """A workbook of (institution, its name, element, its name, value as text)."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("readings")
    head = book.add_format({"bold": True, "bottom": 1})
    titles = ("机构代码 institution", "机构 (name)", "数据元代码 element", "数据元 (name)", "期间 period", "数值 value")
    sheet.write_row(0, 0, titles, head)
    for line, (institution, who, element, what, value) in enumerate(rows, 1):
        sheet.write_row(line, 0, (institution, who, element, what, period))
        if value:
            sheet.write_string(line, 5, value)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 5, 16)
    sheet.set_column(3, 3, 40)
    book.close()
    return buffer.getvalue()


TERM_COLUMNS = {"code": "编码", "name_zh": "名称", "name_en": "英文名称"}
PAIR_COLUMNS = {"code": "编码", "target": "对应编码"}


def read_terms(content: bytes, name: str) -> list[Term]:
    """The codes of a file, one a row."""
    rows = read_table(content, name, TERM_COLUMNS, required=("code", "name_zh"))
    return [Term(cells["code"], cells["name_zh"], cells.get("name_en", "")) for _, cells in rows]


def read_pairs(content: bytes, name: str) -> list[Pair]:
    """The pairs of a mapping, one a row; a blank target ends a mapping."""
    rows = read_table(content, name, PAIR_COLUMNS, required=("code", "target"))
    return [Pair(cells["code"], cells["target"]) for _, cells in rows]
