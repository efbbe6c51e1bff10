"""Files that come from outside: their limits, and the tables in them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO, StringIO

import pandas

from alliance.config import UNPACKED_LIMIT, UPLOAD_LIMIT
from alliance.core.refused import Both, Refused

ZIP = b"PK\x03\x04"


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
        except zipfile.BadZipFile as error:
            raise Refused("The file is damaged: it cannot be opened as a workbook.") from error
        if unpacked > UNPACKED_LIMIT:
            raise Refused(
                "Unpacked, the file has %(size)s MB; at most %(limit)s MB are taken.",
                size=unpacked // 2**20,
                limit=UNPACKED_LIMIT // 2**20,
            )


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
