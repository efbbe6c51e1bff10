"""The members' workbook: read into rows, and written from what is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from alliance.core.refused import Problem, Refused
from alliance.files import read_table
from alliance.members.queries.institutions import MemberInfo
from alliance.members.rules.institutions import COLUMNS, InstitutionRow, read_row

SHEET = "institutions"


def read_workbook(content: bytes, name: str) -> list[InstitutionRow]:
    """The institutions of a workbook (row, column, value and reason of each bad cell in Refused.problems)."""
    problems: list[Problem] = []
    rows = []
    for number, cells in read_table(
        content, name, COLUMNS, required=("code", "name_zh", "name_en", "tier", "joined"), sheet=SHEET
    ):
        row = read_row(cells, number, problems)
        if row:
            rows.append(row)
    if problems:
        raise Refused("The workbook has %(count)s errors.", count=len(problems), problems=problems)
    return rows


def write_workbook(members: Sequence[MemberInfo]) -> bytes:
    """The same workbook filled with what is recorded: reading it back changes nothing."""
    return write_rows([{name: getattr(member, name) for name in COLUMNS} for member in members])


def write_rows(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A workbook of rows by column name; dates as ISO text, so that no spreadsheet turns them."""
    return write_sheets([(SHEET, COLUMNS, rows)])


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
