"""Readings in tables: a month of many members read from a workbook or CSV file, and the template to fill."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import xlsxwriter

from alliance.core.refused import Problem, Refused, mark
from alliance.files import read_table
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import read_value
from alliance.indicators.services import Row

COLUMNS = {"institution": "机构代码", "element": "数据元代码", "period": "期间", "value": "数值"}


def read_readings(content: bytes, name: str, period: str, known: Library) -> list[Row]:
    """The values of a file, one a row; Refused with line, column, value and reason of each bad cell."""
    problems: list[Problem] = []
    rows: list[Row] = []
    for number, cells in read_table(
        content, name, COLUMNS, required=("institution", "element", "value"), sheet="readings"
    ):
        where = f"row {number}"
        if cells.get("period", period) not in ("", period):
            problems.append(Problem(f"{where} period", cells["period"], mark("is another period than the one chosen")))
        element = known.elements.get(cells["element"])
        if element is None:
            problems.append(Problem(f"{where} element", cells["element"], mark("no data element has this code")))
            continue
        entry = read_value(cells["value"], element, f"{where} value", problems)
        rows.append(Row(cells["institution"], element.code, entry))
    if problems:
        raise Refused("The file has %(count)s faults; nothing was changed.", count=len(problems), problems=problems)
    if not rows:
        raise Refused("The file %(name)s holds no values.", name=name)
    return rows


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
