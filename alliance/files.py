"""Files that come from outside: their limits, and the tables in them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO, StringIO

import pandas

from alliance.config import UNPACKED_LIMIT, UPLOAD_LIMIT
from alliance.core.refused import Both, Refused

ZIP = b"PK\x03\x04"
FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")  # the element of a formula in a sheet of a workbook
PIECE = 2**20


def check_size(content: bytes) -> None:
    """Refuse an upload over the limits, packed or unpacked, before anything reads it."""
    if len(content) > UPLOAD_LIMIT:
        raise Refused(
            "The file has %(size)s MB; at most %(limit)s MB are taken. Split it.",
            size=len(content) // 2**20,
            limit=UPLOAD_LIMIT // 2**20,
        )
    if content.startswith(ZIP):
        _check_workbook(content)


def _check_workbook(content: bytes) -> None:
    """Refuse what a workbook may not bring along: too much, macros, links to other files, formulas.

    What a part holds is unpacked here and counted, because the size that its heading claims may be a lie.
    """
    left = UNPACKED_LIMIT
    try:
        book = zipfile.ZipFile(BytesIO(content))
        parts = book.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused("The file is damaged: it cannot be opened as a workbook.") from error
    names = {part.filename.lower() for part in parts}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise Refused("The workbook holds macros. Save it as .xlsx without macros and send that.")
    if any("/externallinks/" in name for name in names):
        raise Refused("The workbook refers to other files. Replace these links by their values and send it again.")
    for part in parts:
        sheet = re.fullmatch(r"xl/worksheets/([^/]+)\.xml", part.filename, re.IGNORECASE)
        tail = b""
        for piece in _unpacked(content, part):
            left -= len(piece)
            if left < 0:
                raise Refused("Unpacked, the file has more than %(limit)s MB. Split it.", limit=UNPACKED_LIMIT // 2**20)
            if sheet and FORMULA.search(tail + piece):
                raise Refused(
                    "The workbook holds formulas (%(sheet)s). Copy the cells, paste them as values and send it again.",
                    sheet=sheet[1],
                )
            tail = piece[-16:]


def _unpacked(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part in pieces, from its own packed bytes alone, to their very end."""
    start = part.header_offset
    head = content[start : start + 30]
    if len(head) < 30 or not head.startswith(ZIP) or part.flag_bits & 1:
        raise Refused("The file is damaged: it cannot be opened as a workbook.")
    begin = start + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    packed = content[begin : begin + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Refused("The file is damaged: it cannot be opened as a workbook.")
    inflate = zlib.decompressobj(-15)
    try:
        while packed and not inflate.eof:
            yield inflate.decompress(packed, PIECE)
            packed = inflate.unconsumed_tail
    except zlib.error as error:
        raise Refused("The file is damaged: it cannot be opened as a workbook.") from error


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
    if content.startswith(ZIP):
        try:
            book = pandas.ExcelFile(BytesIO(content), engine="calamine")
            chosen = sheet if sheet in book.sheet_names else book.sheet_names[0]
            return pandas.read_excel(book, chosen, dtype=str, keep_default_na=False, na_filter=False)
        except Exception as error:
            raise Refused(
                "%(name)s cannot be read as a workbook: it is damaged or of another kind.", name=name
            ) from error
    try:
        return pandas.read_csv(StringIO(_decoded(content, name)), dtype=str, keep_default_na=False, na_filter=False)
    except (pandas.errors.ParserError, pandas.errors.EmptyDataError) as error:
        raise Refused("%(name)s cannot be read as a table; save it as .xlsx or as CSV.", name=name) from error


def _decoded(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("%(name)s cannot be read as a table; save it as .xlsx or as CSV.", name=name)


def _column(head: str, columns: Mapping[str, str]) -> str:
    """The column that a heading names: by name, by Chinese title or by both."""
    words = set(re.split(r"[\s/（）()]+", head.strip().lower()))
    for column, title in columns.items():
        if head.strip() == title or column in words or title in words:
            return column
    return ""
