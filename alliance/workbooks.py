"""The tables of a page as a workbook: a sheet for each, and one that says what the file is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from alliance.tables import Cell, Table

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAME = 31  # characters of a sheet's name
TEXT = 32_767  # characters of a cell
NARROW, WIDE = 8, 60  # of columns, in characters
EARLIEST = date(1900, 3, 1)  # before it Excel counts a day that never was
# Nothing that is written becomes a formula, a link or a number by what it looks like.
OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False
}  # fmt: skip
Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class About:
    """What a workbook says of itself: a title, and names with their values."""

    title: str
    facts: Sequence[tuple[str, str]]


def write(tables: Sequence[Table], about: About) -> bytes:
    """A workbook with a sheet for each table and a last one about the file."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    book.set_properties({"title": about.title})
    taken: set[str] = set()
    last = sheet_name(_("About this file"), set())
    taken.add(last.casefold())
    for table in tables:
        name = sheet_name(table.caption or about.title, taken)
        taken.add(name.casefold())
        _Sheet(book, name).write(table)
    facts = [[Cell(name), Cell(value)] for name, value in about.facts]
    _Sheet(book, last).write(Table(about.title, [], facts, []))
    book.close()
    return buffer.getvalue()


def sheet_name(text: str, taken: set[str]) -> str:
    """A name for a sheet that Excel takes, and that no other sheet of the book has."""
    plain = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", text).split()).strip("' ")
    plain = "Sheet" if not plain or plain.casefold() == "history" else plain
    for number in range(1, len(taken) + 2):
        behind = f" {number}" if number > 1 else ""
        name = plain[: NAME - len(behind)].rstrip("' ") + behind
        if name.casefold() not in taken:
            return name
    raise AssertionError("one more name than there are sheets is always free")


class _Sheet:
    """One sheet while it is written, and how wide its columns have to be."""

    def __init__(self, book: Any, name: str) -> None:
        self.book, self.sheet = book, book.add_worksheet(name)
        self.widths: dict[int, int] = {}
        self.looks: dict[tuple[str, bool], Any] = {}

    def write(self, table: Table) -> None:
        heads, rows = len(table.heads), len(table.rows)
        self._rows(0, table.heads, bold=True)
        self._rows(heads, table.rows)
        self._rows(heads + rows, table.feet, bold=True)
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, min(max(width + 2, NARROW), WIDE))
        if heads:
            self.sheet.freeze_panes(heads, 0)
        if heads and rows and self.widths:
            self.sheet.autofilter(heads - 1, 0, heads + rows - 1, max(self.widths))
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        if heads:
            self.sheet.repeat_rows(0, heads - 1)

    def _rows(self, line: int, rows: Rows, *, bold: bool = False) -> None:
        """Write rows from a line on; what spans several columns or rows leaves its place in the others."""
        covered: set[tuple[int, int]] = set()
        for number, row in enumerate(rows, line):
            column = 0
            for cell in row:
                while (number, column) in covered:
                    column += 1
                self._cell(number, column, cell, bold)
                covered |= {(number + down, column + over) for down in range(cell.down) for over in range(cell.across)}
                column += cell.across

    def _cell(self, line: int, column: int, cell: Cell, bold: bool) -> None:
        value, text = cell.value, cell.text[:TEXT]
        if isinstance(value, Decimal):
            self.sheet.write_number(line, column, value, self._look(cell.look, bold))
        elif isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) >= EARLIEST:
            look = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
            self.sheet.write_datetime(line, column, value, self._look(look, bold))
        elif text:
            self.sheet.write_string(line, column, text, self._look("@" if value is None and not bold else "", bold))
        if cell.across == 1:
            self.widths[column] = max(self.widths.get(column, 0), _width(text))
        else:
            self.widths.setdefault(column + cell.across - 1, 0)

    def _look(self, number: str, bold: bool) -> Any:
        if (number, bold) not in self.looks:
            given: dict[str, object] = {"valign": "top", "text_wrap": number in ("", "@")}
            given |= {"bold": True} if bold else {}
            given |= {"num_format": number} if number else {}
            self.looks[number, bold] = self.book.add_format(given)
        return self.looks[number, bold]


def _width(text: str) -> int:
    """How wide a text is, in narrow characters; of several lines the widest."""
    return max((sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line[:WIDE])
                for line in text.split("\n")), default=0)  # fmt: skip
