"""Tables in workbooks and CSV files, cell by cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import NamedTuple

import pandas

from alliance.core.refused import Both, Refused
from alliance.files.archives import check_size
from alliance.files.texts import NO_TABLE, decoded, text_rows
from alliance.files.workbooks import (
    NO_WORKBOOK,
    check_workbook,
    is_damage,
    is_workbook,
    odd_cells,
    sheet_path,
    workbook_rows,
)

HEAD_ROWS = 10  # among these stand the headings; a title may stand above
EXACT_DIGITS = 15  # a spreadsheet keeps no more of a number
LOST = re.compile(r"[+-]?\d\.\d+[eE]\+?(?:1[1-9]|[2-9]\d)")


class Cell(NamedTuple):
    """What stands in a cell, as trimmed text. A number is exact: what the file says, never what a screen showed.

    `kind` says what the text alone does not: "percent" (0.15 is shown as 15%), "date", "truth", "error" (of a formula),
    "formula" (without a result), "lost" (digits were cut off by a spreadsheet), else "".
    """

    text: str
    kind: str = ""


BLANK = Cell("")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its headings: where the columns stand (from 0), and its rows with their numbers as in a workbook."""

    sheet: str
    head: int
    columns: Mapping[str, int]
    rows: Sequence[Sequence[object]]
    odd: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def cells(self) -> Iterator[tuple[int, dict[str, Cell]]]:
        """Row number and cells by column; empty rows are left out."""
        columns = list(self.columns.items())
        for number, row in enumerate(self.rows[self.head :], self.head + 1):
            width = len(row)
            found = {
                name: _cell(row[index], self.odd.get((number, index), "") if self.odd else "")
                if index < width
                else BLANK
                for name, index in columns
            }
            if any(one.text or one.kind for one in found.values()):
                yield number, found


def _cell(value: object, odd: str) -> Cell:
    if not odd and isinstance(value, str):  # nearly all there are
        text = value.strip()
        return Cell(text) if text else BLANK
    if odd == "error" or (odd.endswith("formula") and value == ""):
        return Cell(str(value), odd.rpartition(" ")[2])
    if isinstance(value, str):
        text = value.strip()
        return (
            BLANK if not text else Cell(text, "lost" if odd == "text" and "." in text and LOST.fullmatch(text) else "")
        )
    if isinstance(value, bool):
        return Cell(str(value).upper(), "truth")
    if isinstance(value, int | float):
        return Cell(exact_text(value), "percent" if odd.startswith("percent") else "")
    if isinstance(value, date):
        day = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return Cell(day.date().isoformat() if day.time() == datetime.min.time() else day.isoformat(" "), "date")
    return Cell(str(value), "date")


def exact_text(value: float) -> str:
    """The shortest decimal that is this number of a spreadsheet; what a formula left behind the 15th digit goes."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    number = Decimal(repr(value))
    if len(number.as_tuple().digits) > EXACT_DIGITS and number != number.to_integral_value():
        number = Decimal(f"{value:.{EXACT_DIGITS}g}")
    return f"{number.to_integral_value():f}" if number == number.to_integral_value() else f"{number:f}"


def open_table(
    content: bytes, name: str, columns: Mapping[str, str], *, required: Sequence[str], sheet: str | None = None
) -> Table:
    """The table of a workbook (.xlsx) or of a CSV file (UTF-8, UTF-16 or GB18030; comma, semicolon or tab), cell by
    cell with its type. `columns` as in read_table. Refused as there, and a workbook as in check_workbook."""
    check_size(content)
    odd: Mapping[tuple[int, int], str] = {}
    if is_workbook(content):
        title, rows, odd = workbook_rows(content, name, sheet)
    else:
        title, rows = sheet or "", text_rows(content, name)
        odd = _AllText()
    head, found = _head(rows, columns, required, name)
    return Table(title, head, found, rows, odd)


class _AllText(dict[tuple[int, int], str]):
    """Every cell of a text file is text that a spreadsheet may have shortened."""

    def get(self, _place: object, _otherwise: object = None) -> str:
        return "text"

    def __bool__(self) -> bool:
        return True


def _head(
    rows: Sequence[Sequence[object]], columns: Mapping[str, str], required: Sequence[str], name: str
) -> tuple[int, dict[str, int]]:
    """The number of the row of headings, and where each column stands."""
    best: dict[str, int] = {}
    for number, row in enumerate(rows[:HEAD_ROWS], 1):
        found: dict[str, int] = {}
        for index, head in enumerate(row):
            column = _column(str(head), columns)
            if column in found:
                raise Refused("The file %(name)s has the column %(column)s twice.", name=name, column=str(head).strip())
            if column:
                found[column] = index
        if all(column in found for column in required):
            return number, found
        best = max(best, found, key=len)
    missing = tuple(Both(columns[column], column) for column in required if column not in best)
    raise Refused("The file %(name)s lacks the columns %(columns)s.", name=name, columns=missing)


def _column(head: str, columns: Mapping[str, str]) -> str:
    """The column that a heading names: by name, by Chinese title or by both."""
    words = set(re.split(r"[\s/（）()]+", head.strip().lower()))
    for column, title in columns.items():
        if head.strip() == title or column in words or title in words:
            return column
    return ""


def sheet_texts(content: bytes, name: str) -> list[list[str]]:
    """The first sheet of a workbook, each cell as its exact text; refused as in check_workbook."""
    _, rows, odd = workbook_rows(content, name, None)
    return [
        [_cell(value, odd.get((number, index), "")).text for index, value in enumerate(row)]
        for number, row in enumerate(rows, 1)
    ]


def read_table(
    content: bytes, name: str, columns: Mapping[str, str], *, required: Sequence[str], sheet: str | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a workbook (.xlsx) or CSV file (UTF-8 or GB18030) as trimmed text by column, with their line numbers.

    `columns` maps a column's name to its Chinese title; a heading holds either or both. Empty rows are left out.
    Refused: too large, no table, a required column missing.
    """
    check_size(content)
    frame = _frame(content, name, sheet)
    heads = {index: _column(str(head), columns) for index, head in enumerate(frame.columns)}
    found = {column for column in heads.values() if column}
    missing = tuple(Both(columns[column], column) for column in required if column not in found)
    if missing:
        raise Refused("The file %(name)s lacks the columns %(columns)s.", name=name, columns=missing)
    wanted = [(index, column) for index, column in heads.items() if column]
    for number, row in enumerate(frame.itertuples(index=False), 2):
        cells = {column: str(row[index]).strip() for index, column in wanted}
        if any(cells.values()):
            yield number, cells


def _frame(content: bytes, name: str, sheet: str | None) -> pandas.DataFrame:
    if is_workbook(content):
        check_workbook(content, name)
        try:
            with zipfile.ZipFile(BytesIO(content)) as box:
                title, path = sheet_path(box, sheet)
                odd_cells(box, path, name)
            book = pandas.ExcelFile(BytesIO(content), engine="calamine")
            return pandas.read_excel(book, title, dtype=str, keep_default_na=False, na_filter=False)
        except Refused:
            raise
        except BaseException as error:
            if not isinstance(error, Exception) and not is_damage(error):
                raise
            raise Refused(NO_WORKBOOK, name=name) from error
    try:
        return pandas.read_csv(StringIO(decoded(content, name)), dtype=str, keep_default_na=False, na_filter=False)
    except (pandas.errors.ParserError, pandas.errors.EmptyDataError) as error:
        raise Refused(NO_TABLE, name=name) from error
