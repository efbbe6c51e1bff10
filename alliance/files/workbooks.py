"""Workbooks from outside: what is refused before one is read, and the cells whose value alone would mislead."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from alliance.core.refused import Refused, mark
from alliance.files.archives import BROKEN, ZIP, check_size, has_macros

OLE = b"\xd0\xcf\x11\xe0"  # workbooks of before 2007, and those with a password
CELLS_LIMIT = 4_000_000  # cells in the rectangle that a sheet fills; a reader makes room for all of them
PERCENT_FORMATS = {9, 10}  # the built-in ones
PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)  # the reader takes odder ones too
ROW = re.compile(r"\d{1,7}", re.ASCII)
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
            if len(parts) < len(box.namelist()):  # of two parts of one name readers take one or the other
                raise Refused(NO_WORKBOOK, name=name)
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
    except BaseException as error:
        if not is_damage(error):
            raise
        raise Refused(NO_WORKBOOK, name=name) from error


def is_damage(error: BaseException) -> bool:
    """Whether reading failed for what the file holds. Damaged archives and documents fail in as many ways as there are
    bytes; over some of them the engine panics, which is no Exception and would end the process."""
    of_file = (*BROKEN, CalamineError, ElementTree.ParseError, expat.ExpatError, LookupError, StopIteration)
    return isinstance(error, of_file) or type(error).__name__ == "PanicException"


def sheet_path(box: zipfile.ZipFile, wanted: str | None) -> tuple[str, str]:
    """The title of the sheet wanted, or else of the first, and the part that holds it."""
    book = ElementTree.fromstring(box.read("xl/workbook.xml"))
    sheets = [one for one in book.iter() if one.tag.endswith("}sheet") or one.tag == "sheet"]
    links = ElementTree.fromstring(box.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in links}
    chosen = next((one for one in sheets if one.get("name") == wanted), sheets[0])
    identity = next(value for key, value in chosen.attrib.items() if key.endswith("relationships}id"))
    target = targets[identity].removeprefix("/")
    return chosen.attrib["name"], target if target.startswith("xl/") else f"xl/{target}"


def odd_cells(box: zipfile.ZipFile, path: str, name: str) -> dict[tuple[int, int], str]:
    """The cells whose value alone would mislead, by (row from 1, column from 0): percent, error, formula.

    Refused: a sheet that fills too large a rectangle; a reader would make room for every cell of it, and where there is
    none it ends the process. So each cell must say plainly where it stands; ValueError for one that does not.
    """
    scan = _Scan(_percent_styles(box))
    parser = expat.ParserCreate("utf-8")  # the reader knows no other encoding
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = scan.start, scan.doctype
    parser.Parse(box.read(path), True)
    if scan.rows * scan.width > CELLS_LIMIT:
        raise Refused(
            "The sheet of %(name)s fills %(rows)s rows and %(columns)s columns; remove what is not needed.",
            name=name, rows=scan.rows, columns=scan.width,
        )  # fmt: skip
    return scan.found


class _Scan:
    """Goes through the elements of a sheet: the rectangle of its filled cells, and which of them are odd."""

    def __init__(self, percent: set[int]) -> None:
        self.percent, self.found = percent, dict[tuple[int, int], str]()
        self.row, self.column, self.rows, self.width = 0, -1, 0, 0
        self.kind: str | None = None  # of the cell at hand

    def doctype(self, *_what: object) -> None:
        raise ValueError("a sheet has no document type")

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        what = tag.rpartition(":")[2]
        if what == "c":
            self._place(given.get("r"))
            percent = self.percent and int(given.get("s", "0")) in self.percent
            self.kind = "error" if given.get("t") == "e" else "percent" if percent else ""
        elif what in ("v", "f", "is") and self.kind is not None:
            self._fill(what)
        else:
            self.kind = None
            if what == "row":
                self.row, self.column = _row(given.get("r"), self.row + 1), -1

    def _place(self, written: str | None) -> None:
        if written is None:
            self.column += 1
        elif place := PLACE.fullmatch(written):
            self.column, self.row = _column_number(place[1]), int(place[2])
        else:
            raise ValueError("a cell stands where there is none")

    def _fill(self, what: str) -> None:
        """A cell without anything in it takes no room."""
        self.rows, self.width = max(self.rows, self.row), max(self.width, self.column + 1)
        if what == "f" and self.kind != "error":
            self.kind = f"{self.kind} formula".strip()
        if self.kind:
            self.found[self.row, self.column] = self.kind


def _row(written: str | None, following: int) -> int:
    if written is not None and not ROW.fullmatch(written):
        raise ValueError("a row stands where there is none")
    return following if written is None else int(written)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
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
