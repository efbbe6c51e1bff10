"""Workbooks from outside: what is refused before one is read, and the cells whose value alone would mislead."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook

from alliance.core.refused import Refused, mark
from alliance.files.archives import BROKEN, ZIP, check_size, has_macros

OLE = b"\xd0\xcf\x11\xe0"  # workbooks of before 2007, and those with a password
CELLS_LIMIT = 4_000_000  # cells in the rectangle that a sheet fills; a reader makes room for all of them
PERCENT_FORMATS = {9, 10}  # the built-in ones
TOKEN = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>(?:\s*<(?:\w+:)?(f)(?=[\s/>]))?")
PLACE = re.compile(rb"\sr=[\"']([A-Z]{0,3})(\d+)[\"']")
STYLE = re.compile(rb"\ss=[\"'](\d+)[\"']")
ERROR = re.compile(rb"\st=[\"']e[\"']")
NO_WORKBOOK = mark("%(name)s cannot be read as a workbook: it is damaged or of another kind.")


def is_workbook(content: bytes) -> bool:
    """Whether bytes begin as a workbook does, and not as text."""
    return content.startswith((ZIP, OLE))


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
    if has_macros(parts, kinds):
        raise Refused("%(name)s holds macros, which are not taken. Save it as .xlsx.", name=name)
    if any("externallinks/" in part for part in parts):
        raise Refused(
            "%(name)s refers to other workbooks. Paste their values, remove the links, save again.", name=name
        )
    if "xl/workbook.xml" not in parts:
        raise Refused(NO_WORKBOOK, name=name)


def sheet_titles(content: bytes, name: str) -> list[str]:
    """The titles of the sheets of a workbook, in their order. Refused as in check_workbook."""
    check_workbook(content, name)
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            book = ElementTree.fromstring(box.read("xl/workbook.xml"))
    except (*BROKEN, ElementTree.ParseError) as error:
        raise Refused(NO_WORKBOOK, name=name) from error
    return [one.get("name", "") for one in book.iter() if one.tag.endswith("}sheet") or one.tag == "sheet"]


def workbook_rows(
    content: bytes, name: str, sheet: str | None
) -> tuple[str, Sequence[Sequence[object]], Mapping[tuple[int, int], str]]:
    """The title of the sheet wanted, or else of the first, its rows and its odd cells. Refused as in check_workbook."""
    check_workbook(content, name)
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            title, path = sheet_path(box, sheet)
            odd = odd_cells(box, path, name)
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        return title, book.get_sheet_by_name(title).to_python(skip_empty_area=False), odd
    except Refused:
        raise
    # Damaged archives and documents fail in as many ways as there are bytes.
    except (*BROKEN, CalamineError, ElementTree.ParseError, LookupError, StopIteration) as error:
        raise Refused(NO_WORKBOOK, name=name) from error


def sheet_path(box: zipfile.ZipFile, wanted: str | None) -> tuple[str, str]:
    """The title of the sheet wanted, or else of the first, and the part that holds it."""
    book = ElementTree.fromstring(box.read("xl/workbook.xml"))
    sheets = [one for one in book.iter() if one.tag.endswith("}sheet") or one.tag == "sheet"]
    links = ElementTree.fromstring(box.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in links}
    chosen = next((one for one in sheets if one.get("name") == wanted), sheets[0])
    identity = next(value for key, value in chosen.attrib.items() if key.endswith("relationships}id"))
    target = targets[identity]
    return chosen.attrib["name"], target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def odd_cells(box: zipfile.ZipFile, path: str, name: str) -> dict[tuple[int, int], str]:
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
