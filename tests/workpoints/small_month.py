"""What tests of a bonus month have in common: the shift table, and workbooks as people send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO

import xlsxwriter

from alliance.workpoints import services
from alliance.workpoints.rules.duties import ShiftFact
from tests.small import CLOCK, YEAR, by

MONTH = "2026-04"
SHIFTS = (
    ShiftFact("D", "白班", "Day", "08:00–16:00", False, YEAR),
    ShiftFact("N1", "大夜", "Late night", "00:00–08:00", True, YEAR),
    ShiftFact("N2", "小夜", "Early night", "16:00–24:00", True, YEAR),
)


def shift_table(alliance: int, shifts: Sequence[ShiftFact] = SHIFTS) -> None:
    """The usual shifts of H1 from the beginning of the year."""
    for fact in shifts:
        services.define_shift(alliance, "H1", fact, by=by("h1.bonus"), now=CLOCK)


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook of rows by the title of the sheet."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    value = value.isoformat()
                sheet.write(line, column, value)
    book.close()
    return buffer.getvalue()
