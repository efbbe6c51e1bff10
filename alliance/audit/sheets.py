"""The log as a table to take away: CSV and a workbook."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO

import xlsxwriter

from alliance.audit.queries import LoggedEvent
from alliance.audit.rules import is_blind
from alliance.core.period import SHANGHAI

COLUMNS = ("number", "time", "account", "act", "act_in_words", "subject", "kind", "detail")
WIDTHS = (10, 22, 18, 34, 30, 40, 10, 60)


def cells(event: LoggedEvent, words: str) -> Sequence[str]:
    """One event as the cells of a row; the values of a blind rating are left out."""
    detail = {} if is_blind(event.act) else event.detail
    return (
        str(event.id),
        event.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        event.account,
        event.act,
        words,
        event.subject,
        event.kind,
        json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else "",
    )


def write_csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """CSV in UTF-8 with a mark by which Excel knows it, a piece at a time."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, 1):
        writer.writerow([_harmless(cell) for cell in row])
        if number % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def write_workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook in which every cell is text."""
    buffer = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet = book.add_worksheet("events")
    head = book.add_format({"bold": True, "bottom": 1})
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name, head)
    for line, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            sheet.write_string(line, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
