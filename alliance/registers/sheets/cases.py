"""Cases as workbooks and CSV, in and out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import xlsxwriter

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.written import whole
from alliance.files import Cell, open_table
from alliance.registers.queries import CaseInfo, Register
from alliance.registers.rules.cases import STATES
from alliance.registers.rules.imports import (
    COLUMNS,
    KEY,
    MOST_VERSION,
    RECORD,
    VERSION,
    ImportRow,
    columns_of,
)
from alliance.registers.rules.kinds.shapes import CHOICE, YES, Field

UNSAFE = ("=", "+", "-", "@", "\t", "\r")
UNREADABLE = frozenset({"error", "formula", "lost"})
NO_KEY = mark("is not a number of a record with at most %(count)s characters")
NO_VERSION = mark("is not a whole number from 1 on")
NO_CELL = mark("cannot be read: an error, a formula without a result, or digits that were cut off")
ROWS = 50_000


def read_cases(content: bytes, name: str, register: Register) -> list[ImportRow]:
    """The rows of a file of cases. Refused: what is no table or lacks a column of a required field; with row and
    column, a record without a number or with a wrong version, and cells that a spreadsheet has spoilt."""
    columns = columns_of(register)
    table = open_table(content, name, columns, required=_required(register))
    problems: list[Problem] = []
    rows = [_row(cells, line, columns, problems) for line, cells in table.cells()]
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    if len(rows) > ROWS:
        raise Refused("The file has %(count)s rows; at most %(limit)s are taken at once.", count=len(rows), limit=ROWS)
    return rows


def count_cases(content: bytes, name: str, register: Register) -> int:
    """How many rows a file of cases has. Refused: what is no table or lacks a column of a required field."""
    table = open_table(content, name, columns_of(register), required=_required(register))
    return len(table.rows) - table.head


def _required(register: Register) -> list[str]:
    return [KEY, *(one.code for one in register.fields if one.required)]


def _row(cells: dict[str, Cell], line: int, columns: dict[str, str], problems: list[Problem]) -> ImportRow:
    def fault(column: str, message: str, **numbers: object) -> None:
        at: dict[str, object] = {"row": line, "column": Both(columns[column], column)}
        problems.append(Problem(mark("row %(row)s, %(column)s"), cells[column].text, message, numbers, at))

    for column, cell in cells.items():
        if cell.kind in UNREADABLE:
            fault(column, NO_CELL)
    given = {column: _plain(cell.text) for column, cell in cells.items()}
    record, version = given.pop(KEY), given.pop(VERSION, "") or "1"
    if not 0 < len(record) <= RECORD:
        fault(KEY, NO_KEY, count=RECORD)
    number = whole(version) or 0
    if not 0 < number <= MOST_VERSION:
        fault(VERSION, NO_VERSION)
    return ImportRow(line, record, number, given)


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:2] in UNSAFE else text


def write_template(register: Register) -> bytes:
    """An empty workbook with the headings of a register; its second sheet says what each column takes."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1})
    sheet, words = book.add_worksheet("cases"), book.add_worksheet("columns")
    for place, (column, title) in enumerate(columns_of(register).items()):
        sheet.write_string(0, place, f"{title} {column}", head)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(register.fields) + 1, 20)
    lines = [("列 Column", "必填 Required", "内容 Takes"), *map(_told, COLUMNS.items()), *map(_takes, register.fields)]
    for line, cells in enumerate(lines):
        for place, cell in enumerate(cells):
            words.write_string(line, place, cell, head if line == 0 else None)
    words.set_column(0, 1, 24)
    words.set_column(2, 2, 90)
    book.close()
    return buffer.getvalue()


def _told(column: tuple[str, str]) -> tuple[str, str, str]:
    code, title = column
    needed = "是 yes" if code == KEY else "否 no"
    return f"{title} {code}", needed, "来源系统中的编号 number at the source" if code == KEY else "1, 2, 3 …"


def _takes(one: Field) -> tuple[str, str, str]:
    unit = f"（{one.unit.zh} {one.unit.en}）" if one.unit.en else ""
    allowed = "；".join(f"{words.zh} {words.en}" for words in one.choices.values())
    kinds = {
        "date": "2026-01-31",
        "moment": "2026-01-31 09:30",
        YES: "是 / 否 yes / no",
        CHOICE: allowed,
        "person": "工号 staff number",
        "member": "机构代码 code",
        "members": "机构代码，以空格分隔 codes, blanks between",
    }
    return f"{one.name.zh} {one.code}", "是 yes" if one.required else "否 no", f"{kinds.get(one.type, '')}{unit}"


def write_cases(register: Register, cases: Iterable[CaseInfo]) -> str:
    """Cases as CSV, with the mark by which spreadsheets know UTF-8; no cell is taken for a formula. Its headings are
    those of an import, with number, state and the member that filed before them."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    before: Sequence[str] = ("编号 number", "状态 state", "登记单位 filed_by")
    writer.writerow([*before, *(f"{title} {column}" for column, title in columns_of(register).items())])
    for one in cases:
        fields = [one.texts.get(field.code, "") for field in register.fields]
        told = [str(one.number), STATES[one.state].zh, one.institution, one.record, str(one.version or ""), *fields]
        writer.writerow([f"'{cell}" if cell.startswith(UNSAFE) else cell for cell in told])
    return "\ufeff" + out.getvalue()
