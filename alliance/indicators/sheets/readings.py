"""Values read from a workbook or CSV file, and the same workbook with its wrong cells marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.written import whole
from alliance.files import ZIP, Cell, Table, open_table
from alliance.i18n import place, said
from alliance.indicators.rules.cells import CELL, COLUMNS, Filled, Note, at_cell, read_entry, read_period
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import Row

SHEET = "readings"
NOTHING = Cell("")
WRONG = PatternFill("solid", start_color="FFFFC7CE")
UNSAFE = ("=", "+", "-", "@", "\t", "\r")


def read_filled(content: bytes, name: str, period: str, known: Library, institution: str = "") -> Filled:
    """What a file says for a period, with every cell that cannot be read. A blank value says nothing.

    `institution` is the member whose file it is: it need not be named in it. Refused: no table, a column missing, a
    file in which nothing is said.
    """
    table = _table(content, name, institution)
    rows: list[Row] = []
    notes: list[Note] = []
    problems: list[Problem] = []
    blanks = 0
    for line, cells in table.cells():
        value, told = cells["value"], cells.get("explanation", NOTHING)
        if not (value.text or value.kind or told.text):
            blanks += 1
            continue
        who = cells["institution"].text if "institution" in cells else institution
        element = known.elements.get(cells["element"].text)
        if "period" in cells and (when := cells["period"].text) not in ("", period) and read_period(when) != period:
            reason = mark("is another period than the one chosen")
            problems.append(Problem(CELL, when, reason, at=at_cell(line, "period")))
        if element is None:
            reason = mark("no data element has this code")
            problems.append(Problem(CELL, cells["element"].text, reason, at=at_cell(line, "element")))
            continue
        entry = read_entry(value.text, value.kind, element, line, problems)
        if entry is not None:
            rows.append(Row(who, element.code, entry, whole(cells.get("revision", NOTHING).text), line))
        if told.text:
            notes.append(Note(who, element.code, _unquoted(told.text), entry.text if entry else "", line))
    if not (rows or notes or problems):
        raise Refused("The file %(name)s holds no values.", name=name)
    return Filled(tuple(rows), tuple(notes), tuple(problems), blanks)


def _table(content: bytes, name: str, institution: str) -> Table:
    required = ("element", "value") if institution else ("institution", "element", "value")
    return open_table(content, name, COLUMNS, required=required, sheet=SHEET)


def _unquoted(text: str) -> str:
    """A text without the mark that kept a spreadsheet from taking it for a formula."""
    return text[1:] if text.startswith("'") and text[1:2] in UNSAFE else text


def read_readings(content: bytes, name: str, period: str, known: Library) -> list[Row]:
    """The values of a file of many members; Refused with row, column, value and reason of each bad cell."""
    filled = read_filled(content, name, period, known)
    if filled.problems:
        raise Refused(
            "The file has %(count)s errors; nothing was changed.", count=len(filled.problems), problems=filled.problems
        )
    return list(filled.rows)


def mark_faults(content: bytes, name: str, problems: Sequence[Problem], institution: str = "") -> bytes:
    """The same workbook with its wrong cells in colour, each with the reasons as a comment in the reader's language; a
    CSV file comes as a workbook. Formulas stay formulas, formats stay as they are."""
    table, book = _table(content, name, institution), _loaded(content)
    if book:
        sheet = book[table.sheet]
    else:
        book = Workbook()
        sheet = book.active
        sheet.title = SHEET
        for row in table.rows:
            sheet.append([_safe(str(one)) for one in row])
    for (line, column), found in _by_cell(table, problems).items():
        cell = sheet.cell(line, column + 1)
        cell.fill = WRONG
        text = ILLEGAL_CHARACTERS_RE.sub(" ", "\n".join(f"{place(one)}: {said(one)}" for one in found))
        cell.comment = Comment(text, "Alliance", width=360, height=40 + 40 * len(found))
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _loaded(content: bytes) -> Any:
    """The workbook as it came; None for a CSV file, and for a workbook whose form is too odd to be written again."""
    try:
        return load_workbook(BytesIO(content), keep_links=False) if content.startswith(ZIP) else None
    except Exception:
        return None


def _by_cell(table: Table, problems: Sequence[Problem]) -> Mapping[tuple[int, int], list[Problem]]:
    """The problems by the cell they are about; what has no column of its own is told at the value."""
    found: dict[tuple[int, int], list[Problem]] = {}
    for one in problems:
        line, column = one.at.get("row"), one.at.get("column")
        if isinstance(line, int) and isinstance(column, Both):
            index = table.columns.get(column.en, table.columns["value"])
            found.setdefault((line, index), []).append(one)
    return found


def _safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    text = ILLEGAL_CHARACTERS_RE.sub(" ", text)
    return f"'{text}" if text.startswith(UNSAFE[:1] + UNSAFE[3:]) else text
