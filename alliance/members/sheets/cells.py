"""The sheets of any workbook of members: their rows read by what is wanted of a cell, and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeVar

import xlsxwriter

from alliance.core.refused import Both, Problem, mark
from alliance.files import Cell, open_table
from alliance.members.rules.structure import Sheet

UNREADABLE = frozenset({"error", "formula", "lost"})
Given = TypeVar("Given")
Reader = Callable[[Mapping[str, str], int, list[Problem]], Given | None]


def rows_of(
    content: bytes,
    name: str,
    titles: Mapping[str, Sheet],
    sheet: Sheet,
    read: Reader[Given],
    problems: list[Problem],
) -> list[Given]:
    """What the rows of a sheet say, of all that are called so; every bad cell is added to the problems."""
    found = []
    for title in (title for title, one in titles.items() if one is sheet):
        table = open_table(content, f"{name} / {title}", sheet.columns, required=sheet.required, sheet=title)
        for number, cells in table.cells():
            given = read(_texts(cells, sheet, number, problems), number, problems)
            if given is not None:
                found.append(given)
    return found


def _texts(cells: Mapping[str, Cell], sheet: Sheet, number: int, problems: list[Problem]) -> dict[str, str]:
    """The cells as text: what a spreadsheet shows as 60% is 60, and what holds no value is a problem."""
    for column, cell in cells.items():
        if cell.kind in UNREADABLE:
            at: dict[str, object] = {"sheet": sheet.name, "row": number, "column": Both(sheet.columns[column], column)}
            reason = mark("holds no value, but an error, a formula without a result or a number that lost its digits")
            problems.append(Problem(mark("sheet %(sheet)s, row %(row)s, %(column)s"), cell.text, reason, at=at))
    return {column: _text(cell) for column, cell in cells.items()}


def _text(cell: Cell) -> str:
    return f"{(Decimal(cell.text) * 100).normalize():f}" if cell.kind == "percent" else cell.text


def write_sheets(sheets: Iterable[tuple[str, Mapping[str, str], Iterable[Mapping[str, Any]]]]) -> bytes:
    """A workbook of sheets, each with its title, its columns with their Chinese titles, and its rows by column."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1})
    for name, columns, rows in sheets:
        sheet = book.add_worksheet(name)
        for place, (column, title) in enumerate(columns.items()):
            sheet.write_string(0, place, f"{title} {column}", head)
        for line, row in enumerate(rows, 1):
            for place, column in enumerate(columns):
                value = row.get(column)
                text = ("yes" if value else "no") if isinstance(value, bool) else value
                sheet.write_string(line, place, "" if text is None else str(text))
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(columns) - 1, 18)
    book.close()
    return buffer.getvalue()
