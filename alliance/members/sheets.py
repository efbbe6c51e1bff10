"""The members' workbook: read into rows, and written from what is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from alliance.core.refused import Problem, Refused
from alliance.files import read_table
from alliance.members.queries import MemberInfo
from alliance.members.rules import COLUMNS, InstitutionRow, read_row

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
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "bottom": 1})
    for column, (name, title) in enumerate(COLUMNS.items()):
        sheet.write_string(0, column, f"{title} {name}", head)
        for line, row in enumerate(rows, 1):
            value = row.get(name)
            text = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            sheet.write_string(line, column, "" if text is None else str(text))
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(COLUMNS) - 1, 18)
    book.close()
    return buffer.getvalue()
