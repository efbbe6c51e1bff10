"""Files that come from outside: their limits, and the tables in them."""

from __future__ import annotations

import codecs
import csv
import re
import tomllib
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pandas
from python_calamine import CalamineError, CalamineWorkbook

from alliance.config import UNPACKED_LIMIT, UPLOAD_LIMIT
from alliance.core.refused import Both, Refused, mark

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"  # workbooks of before 2007, and those with a password
PIECE = 2**20
CELLS_LIMIT = 4_000_000  # cells in the rectangle that a sheet fills; a reader makes room for all of them
HEAD_ROWS = 10  # among these stand the headings; a title may stand above
EXACT_DIGITS = 15  # a spreadsheet keeps no more of a number
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# How a damaged or hostile archive makes its reader fail.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError, OSError)
PERCENT_FORMATS = {9, 10}  # the built-in ones
TOKEN = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>(?:\s*<(?:\w+:)?(f)(?=[\s/>]))?")
PLACE = re.compile(rb"\sr=[\"']([A-Z]{0,3})(\d+)[\"']")
STYLE = re.compile(rb"\ss=[\"'](\d+)[\"']")
ERROR = re.compile(rb"\st=[\"']e[\"']")
LOST = re.compile(r"[+-]?\d\.\d+[eE]\+?(?:1[1-9]|[2-9]\d)")
DAMAGED = mark("The file is damaged: it cannot be opened as a workbook.")
NO_WORKBOOK = mark("%(name)s cannot be read as a workbook: it is damaged or of another kind.")
NO_TABLE = mark("%(name)s cannot be read as a table; save it as .xlsx or as CSV.")


def check_size(content: bytes) -> None:
    """Refuse an upload over the limits, packed or unpacked, before anything reads it."""
    if len(content) > UPLOAD_LIMIT:
        raise Refused(
            "The file has %(size)s MB; at most %(limit)s MB are taken. Split it.",
            size=len(content) // 2**20,
            limit=UPLOAD_LIMIT // 2**20,
        )
    if content.startswith(ZIP):
        try:
            unpacked = sum(part.file_size for part in zipfile.ZipFile(BytesIO(content)).infolist())
        except BROKEN as error:
            raise Refused(DAMAGED) from error
        if unpacked > UNPACKED_LIMIT:
            raise Refused(
                "Unpacked, the file has %(size)s MB; at most %(limit)s MB are taken.",
                size=unpacked // 2**20,
                limit=UNPACKED_LIMIT // 2**20,
            )
        _check_parts(content)


def read_toml(content: bytes, name: str) -> dict[str, Any]:
    """The data of a TOML file, numbers exact; Refused when it is none, with the line."""
    check_size(content)
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise Refused("%(name)s is not a text file in UTF-8.", name=name) from error
    except tomllib.TOMLDecodeError as error:
        raise Refused("%(name)s is not valid TOML: %(fault)s.", name=name, fault=str(error)) from error


def _check_parts(content: bytes) -> None:
    """Refuse an archive with a part that holds more than it declares: the readers of workbooks unpack all there is."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            for part in box.infolist():
                declared, size = part.file_size, 0
                part.file_size += 1
                with box.open(part) as stream:
                    while piece := stream.read(PIECE):
                        size += len(piece)
                if size > declared:
                    raise Refused(DAMAGED)
    except BROKEN as error:
        raise Refused(DAMAGED) from error


def check_workbook(content: bytes, name: str) -> None:
    """Refuse what is no plain .xlsx: macros, links to other files, a password, an old or binary kind, a bomb."""
    check_size(content)
    if content.startswith(OLE):
        raise Refused(
            "%(name)s is an old .xls workbook or has a password. Save it as .xlsx without a password.", name=name
        )
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            parts = {part.lower() for part in box.namelist()}
            kinds = box.read("[Content_Types].xml") if "[content_types].xml" in parts else b""
    except (*BROKEN, KeyError) as error:
        raise Refused(NO_WORKBOOK, name=name) from error
    if _has_macros(parts, kinds):
        raise Refused("%(name)s holds macros, which are not taken. Save it as .xlsx.", name=name)
    if any("externallinks/" in part for part in parts):
        raise Refused(
            "%(name)s refers to other workbooks. Paste their values, remove the links, save again.", name=name
        )
    if "xl/workbook.xml" not in parts:
        raise Refused(NO_WORKBOOK, name=name)


def _has_macros(parts: Collection[str], kinds: bytes) -> bool:
    """Whether an archive brings macros, by the names of its parts in small letters and its table of kinds."""
    return b"macroenabled" in kinds.lower() or any(
        part.endswith("vbaproject.bin") or "macrosheets/" in part for part in parts
    )


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
        title, rows, odd = _workbook_rows(content, name, sheet)
    else:
        title, rows = sheet or "", _text_rows(content, name)
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


def _workbook_rows(
    content: bytes, name: str, sheet: str | None
) -> tuple[str, Sequence[Sequence[object]], Mapping[tuple[int, int], str]]:
    check_workbook(content, name)
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            title, path = _sheet_path(box, sheet)
            odd = _odd_cells(box, path, name)
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        return title, book.get_sheet_by_name(title).to_python(skip_empty_area=False), odd
    except Refused:
        raise
    # Damaged archives and documents fail in as many ways as there are bytes.
    except (*BROKEN, CalamineError, ElementTree.ParseError, LookupError, StopIteration) as error:
        raise Refused(NO_WORKBOOK, name=name) from error


def sheet_texts(content: bytes, name: str) -> list[list[str]]:
    """The first sheet of a workbook, each cell as its exact text; refused as in check_workbook."""
    _, rows, odd = _workbook_rows(content, name, None)
    return [
        [_cell(value, odd.get((number, index), "")).text for index, value in enumerate(row)]
        for number, row in enumerate(rows, 1)
    ]


def is_workbook(content: bytes) -> bool:
    """Whether bytes begin as a workbook does, and not as text."""
    return content.startswith((ZIP, OLE))


def sheet_titles(content: bytes, name: str) -> list[str]:
    """The titles of the sheets of a workbook, in their order. Refused as in check_workbook."""
    check_workbook(content, name)
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            book = ElementTree.fromstring(box.read("xl/workbook.xml"))
    except (*BROKEN, ElementTree.ParseError) as error:
        raise Refused(NO_WORKBOOK, name=name) from error
    return [one.get("name", "") for one in book.iter() if one.tag.endswith("}sheet") or one.tag == "sheet"]


def _sheet_path(box: zipfile.ZipFile, wanted: str | None) -> tuple[str, str]:
    """The title of the sheet wanted, or else of the first, and the part that holds it."""
    book = ElementTree.fromstring(box.read("xl/workbook.xml"))
    sheets = [one for one in book.iter() if one.tag.endswith("}sheet") or one.tag == "sheet"]
    links = ElementTree.fromstring(box.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in links}
    chosen = next((one for one in sheets if one.get("name") == wanted), sheets[0])
    identity = next(value for key, value in chosen.attrib.items() if key.endswith("relationships}id"))
    target = targets[identity]
    return chosen.attrib["name"], target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _odd_cells(box: zipfile.ZipFile, path: str, name: str) -> dict[tuple[int, int], str]:
    """The cells whose value alone would mislead, by (row from 1, column from 0): percent, error, formula.

    Refused: a sheet that fills too large a rectangle; a reader would make room for every cell of it.
    """
    percent = _percent_styles(box)
    found: dict[tuple[int, int], str] = {}
    row, column, rows, width = 0, -1, 0, 0
    for token in TOKEN.finditer(box.read(path)):
        what, more, formula = token.groups()
        place = PLACE.search(more)
        if what == b"row":
            row, column = int(place[2]) if place else row + 1, -1
            continue
        if place:
            row, column = int(place[2]), _column_number(place[1])
        else:
            column += 1
        if more.endswith(b"/"):
            continue
        rows, width = max(rows, row), max(width, column + 1)
        if ERROR.search(more):
            found[row, column] = "error"
            continue
        style = STYLE.search(more) if percent else None
        kind = "percent" if style and int(style[1]) in percent else ""
        if kind or formula:
            found[row, column] = f"{kind} formula".strip() if formula else kind
    if rows * width > CELLS_LIMIT:
        raise Refused(
            "The sheet of %(name)s fills %(rows)s rows and %(columns)s columns; remove what is not needed.",
            name=name, rows=rows, columns=width,
        )  # fmt: skip
    return found


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _percent_styles(box: zipfile.ZipFile) -> set[int]:
    """The numbers of the cell styles that show a percentage."""
    if "xl/styles.xml" not in box.namelist():
        return set()
    root = ElementTree.fromstring(box.read("xl/styles.xml"))
    formats = {
        int(one.get("numFmtId", "0"))
        for one in root.iter()
        if one.tag.endswith("numFmt") and "%" in re.sub(r'"[^"]*"|\\.', "", one.get("formatCode", ""))
    }
    styles: Iterable[ElementTree.Element] = next((one for one in root if one.tag.endswith("cellXfs")), ())
    return {index for index, one in enumerate(styles) if int(one.get("numFmtId", "0")) in formats | PERCENT_FORMATS}


def _text_rows(content: bytes, name: str) -> list[list[str]]:
    text = _decoded(content, name)
    if "\0" in text or not text.strip():
        raise Refused(NO_TABLE, name=name)
    first = text.lstrip().splitlines()[0]
    mark_between = max(",;\t", key=first.count)
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=mark_between, strict=True))
    except csv.Error as error:
        raise Refused(NO_TABLE, name=name) from error


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
                title, path = _sheet_path(box, sheet)
                _odd_cells(box, path, name)
            book = pandas.ExcelFile(BytesIO(content), engine="calamine")
            return pandas.read_excel(book, title, dtype=str, keep_default_na=False, na_filter=False)
        except Refused:
            raise
        except Exception as error:
            raise Refused(NO_WORKBOOK, name=name) from error
    try:
        return pandas.read_csv(StringIO(_decoded(content, name)), dtype=str, keep_default_na=False, na_filter=False)
    except (pandas.errors.ParserError, pandas.errors.EmptyDataError) as error:
        raise Refused(NO_TABLE, name=name) from error


def _decoded(content: bytes, name: str) -> str:
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(NO_TABLE, name=name)


def _column(head: str, columns: Mapping[str, str]) -> str:
    """The column that a heading names: by name, by Chinese title or by both."""
    words = set(re.split(r"[\s/（）()]+", head.strip().lower()))
    for column, title in columns.items():
        if head.strip() == title or column in words or title in words:
            return column
    return ""


NOT_TAKEN = mark("%(name)s is none of the files that are taken: PDF, PNG, JPEG, XLSX, DOCX, CSV, TXT.")
PDF, PNG, JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
OFFICE = {"xl/workbook.xml": "XLSX", "word/document.xml": "DOCX"}
MARKUP = re.compile(r"<\s*(?:!doctype|html|svg|script|\?xml|head|body|iframe)|^\s*(?:#!|MZ)", re.IGNORECASE)


def kinds_of(content: bytes, name: str) -> tuple[str, ...]:
    """What a file is by its content: PDF, PNG, JPEG, XLSX, DOCX, or CSV and TXT, which nothing tells apart.

    Refused: anything else, whatever its name; macros, links to other files, damaged and overgrown archives.
    """
    if content.startswith(PDF) and b"%%EOF" in content[-2048:]:
        return ("PDF",)
    if content.startswith(PNG) and content[12:16] == b"IHDR" and b"IEND" in content[-64:]:
        return ("PNG",)
    if content.startswith(JPEG) and b"\xff\xd9" in content[-1024:]:
        return ("JPEG",)
    if content.startswith(ZIP):
        return (_office_kind(content, name),)
    if _is_text(content):
        return ("CSV", "TXT")
    raise Refused(NOT_TAKEN, name=name)


def _office_kind(content: bytes, name: str) -> str:
    check_size(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            parts = {part.lower() for part in box.namelist()}
            kinds = box.read("[Content_Types].xml")
    except (*BROKEN, KeyError) as error:
        raise Refused(NOT_TAKEN, name=name) from error
    if _has_macros(parts, kinds):
        raise Refused("%(name)s holds macros, which are not taken. Save it without them.", name=name)
    for part, kind in OFFICE.items():
        if part in parts:
            return kind
    raise Refused(NOT_TAKEN, name=name)


def _is_text(content: bytes) -> bool:
    """Whether bytes are plain text: of an encoding that is used, without control signs, and no page or program."""
    try:
        text = _decoded(content, "")
    except Refused:
        return False
    if any(sign < " " and sign not in "\t\r\n\f" for sign in set(text)):
        return False
    return bool(text.strip()) and not MARKUP.search(text[:4096]) and "<script" not in text.lower()
