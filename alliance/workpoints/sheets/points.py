"""Tables of item points as workbooks and CSV, in and out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import xlsxwriter

from alliance.core.figure import canonical
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.written import number_of
from alliance.files import Cell, open_table
from alliance.workpoints.rules.income import CLASSES, PERFORMING
from alliance.workpoints.rules.items import Item
from alliance.workpoints.rules.tables import COLUMNS, REQUIRED, ROLE_WORDS, ROLES, TableRow

CLASS_WORDS = {zh: code for code, (zh, _en) in CLASSES.items()} | {"卫材": "consumable", "材料": "consumable",
               "诊查": "consultation", "化验": "laboratory", "其他": "other"}  # fmt: skip
SHEET = "items"
UNSAFE = ("=", "+", "-", "@", "\t", "\r")


def read_points(content: bytes, name: str) -> list[TableRow]:
    """The rows of a table; Refused with row, column, value and reason of each bad cell.

    A blank class or role is not guessed, save that points without a role are earned by whoever performs.
    """
    table = open_table(content, name, COLUMNS, required=REQUIRED)
    problems: list[Problem] = []
    rows = [_row(cells, number, problems) for number, cells in table.cells()]
    if problems:
        raise Refused("The table has %(count)s errors; nothing was imported.", count=len(problems), problems=problems)
    return rows


def _row(cells: dict[str, Cell], number: int, problems: list[Problem]) -> TableRow:
    def text(column: str) -> str:
        found = cells[column].text if column in cells else ""
        return found[1:] if found.startswith("'") and found[1:2] in UNSAFE else found

    def fault(column: str, message: str) -> None:
        at: dict[str, object] = {"row": number, "column": Both(COLUMNS[column], column)}
        problems.append(Problem(mark("row %(row)s, %(column)s"), text(column), message, at=at))

    for column in ("item", "name_zh", "item_class"):
        if not text(column):
            fault(column, mark("is missing"))
    if cells["item"].kind:
        fault("item", mark("is no code; a spreadsheet made something else of it"))
    item_class = CLASS_WORDS.get(text("item_class"), text("item_class").lower())
    if text("item_class") and item_class not in CLASSES:
        fault("item_class", mark("there is no such class of charges"))
    role = ROLE_WORDS.get(text("role"), text("role").lower())
    if role and role not in ROLES:
        fault("role", mark("is none of the roles ordering, performing and team"))
    points = number_of(text("points"))
    if text("points") and (points is None or cells["points"].kind):
        fault("points", mark("is not a number"))
    item = Item(text("item"), text("name_zh"), text("name_en") or text("name_zh"), item_class)
    return TableRow(item, (role or PERFORMING) if points is not None else "", points, number)


def write_points(rows: Sequence[TableRow], language: str) -> bytes:
    """The same table as a workbook; reading it back gives the same rows."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet, head = book.add_worksheet(SHEET), book.add_format({"bold": True, "bottom": 1})
    for place, (column, title) in enumerate(COLUMNS.items()):
        sheet.write_string(0, place, f"{title} {column}", head)
    for line, cells in enumerate(_cells(rows, language), 1):
        for place, cell in enumerate(cells):
            sheet.write_string(line, place, cell)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(COLUMNS) - 1, 16)
    sheet.set_column(1, 2, 36)
    book.close()
    return buffer.getvalue()


def write_points_csv(rows: Sequence[TableRow], language: str) -> str:
    """The same table as CSV, with the mark by which spreadsheets know UTF-8; no cell is taken for a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([f"{title} {column}" for column, title in COLUMNS.items()])
    writer.writerows([f"'{cell}" if cell.startswith(UNSAFE) else cell for cell in cells] for cells in _cells(
        rows, language
    ))  # fmt: skip
    return "\ufeff" + out.getvalue()


def _cells(rows: Sequence[TableRow], language: str) -> Iterable[tuple[str, ...]]:
    words = {code: word for word, code in ROLE_WORDS.items()} if language == "zh" else {}
    classes = {code: zh for code, (zh, _en) in CLASSES.items()} if language == "zh" else {}
    for row in rows:
        one = row.item
        yield (
            one.code, one.zh, one.en, classes.get(one.item_class, one.item_class), words.get(row.role, row.role),
            "" if row.points is None else canonical(row.points),
        )  # fmt: skip
