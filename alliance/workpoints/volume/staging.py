"""A file of charge lines as a table of the engine: every cell as text, whatever the file's kind and encoding (W6)."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pyarrow
import pyarrow.parquet

from alliance import files
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.volume.engine import Engine, named, quoted
from alliance.workpoints.volume.scrub import ROW, TOO_MUCH

PIECE = 8 * 2**20
PARQUET = b"PAR1"
BEYOND = tuple(f"__beyond_{place}" for place in range(9))  # what a row has after its last column
NAMELESS = "__nameless_"  # how a column without a heading is called; nobody can map it
ENCODINGS = ("utf-8-sig", "gb18030")
TITLES = 10  # lines of one cell that may stand above the headings
EMPTY = "\ufeff \r\n\u3000"  # what may stand before the headings; not a tab, which may be what stands between them
NO_TABLE = mark("%(name)s cannot be read as charge lines; give CSV (UTF-8 or GB18030), .xlsx or Parquet.")
SWALLOWED = mark("a quotation mark opens here and is not closed in its cell; the lines beneath were read as part of it")
TOLD = 100  # rows that one refusal names
# A number of a Parquet file as a workbook would write it: 1 is not 1.0, and no noise behind the digits it keeps.
FLOATS = {
    "double": "CASE WHEN {0} = trunc({0}) AND abs({0}) < 1e15 THEN CAST(CAST({0} AS BIGINT) AS VARCHAR) "
    "ELSE format('{{:.15g}}', {0}) END",
    "float": "CASE WHEN {0} = trunc({0}) AND abs({0}) < 1e7 THEN CAST(CAST({0} AS BIGINT) AS VARCHAR) "
    "ELSE CAST({0} AS VARCHAR) END",
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """The query that reads a file, its headings, the number of its first row, and of a text file what stands between
    the columns."""

    query: str
    headings: Sequence[str]
    first: int
    between: str = ""


def stage(engine: Engine, path: Path, title: str, workspace: Path) -> list[str]:
    """Bring a file's rows into the table `staged`, numbered as in the file; its headings.

    Refused: no table, rows that the engine gave up, lines that an open quotation mark swallowed.
    """
    reading = _reading(path, title, workspace)
    try:
        engine.run(
            f"CREATE OR REPLACE TABLE staged AS SELECT row_number() OVER () + {reading.first - 1} AS {ROW}, file.* "
            f"FROM ({reading.query}) file"
        )  # fmt: skip
    except engine.failures as error:
        raise Refused(NO_TABLE, name=title) from error
    lost = [
        Problem(f"{title}:{line + reading.first - 2}", text[:80], mark("this row cannot be read"))
        for line, text in engine.rejects()
    ]
    lost += _swallowed(engine, reading, title)
    if lost:
        raise Refused("%(count)s rows of %(name)s cannot be read.", count=len(lost), name=title, problems=lost)
    return list(reading.headings)


def headings(engine: Engine, path: Path, title: str, workspace: Path) -> list[str]:
    """The headings of a file, of which no more is read than they need; refused when it is no table."""
    reading = _reading(path, title, workspace, PIECE)
    try:
        engine.rows(f"DESCRIBE {reading.query}")
    except engine.failures as error:
        raise Refused(NO_TABLE, name=title) from error
    return list(reading.headings)


def _reading(path: Path, title: str, workspace: Path, most: int | None = None) -> _Reading:
    """How a file is read; of a text file at most so many signs."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == PARQUET:
        return _parquet(path, title)
    if head.startswith((files.ZIP, files.OLE)):
        return _workbook(path, title, workspace)
    return _text(path, title, workspace, most)


def _parquet(path: Path, title: str) -> _Reading:
    try:
        schema = pyarrow.parquet.read_schema(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise Refused(NO_TABLE, name=title) from error
    _check_headings(schema.names, title)
    texts = [
        f"{FLOATS.get(str(one.type), 'CAST({0} AS VARCHAR)').format(named(one.name))} AS {named(one.name)}"
        for one in schema
    ]
    query = f"SELECT {', '.join(texts)}, '' AS {TOO_MUCH} FROM read_parquet({quoted(path)})"
    return _Reading(query, schema.names, 1)


def _workbook(path: Path, title: str, workspace: Path) -> _Reading:
    """A workbook's first sheet as Parquet of text."""
    files.check_length(path.stat().st_size)
    rows = files.sheet_texts(path.read_bytes(), title)
    above = next((place for place, row in enumerate(rows[: TITLES + 1]) if sum(map(bool, map(_plain, row))) > 1), 0)
    heads = {place: words for place, head in enumerate(rows[above] if rows else ()) if (words := _plain(head))}
    if not heads:
        raise Refused(NO_TABLE, name=title)
    _check_headings(heads.values(), title)
    columns = {
        head: [row[place] if place < len(row) else "" for row in rows[above + 1 :]] for place, head in heads.items()
    }
    made = workspace / "workbook.parquet"
    texts = pyarrow.schema([(head, pyarrow.string()) for head in columns])
    pyarrow.parquet.write_table(pyarrow.table(columns, texts), made)
    return _Reading(f"SELECT *, '' AS {TOO_MUCH} FROM read_parquet({quoted(made)})", list(columns), above + 2)


def _text(path: Path, title: str, workspace: Path, most: int | None) -> _Reading:
    """A text file, written anew in UTF-8 because the engine reads no other encoding."""
    made = workspace / "text.csv"
    for encoding in _encodings(path):
        try:
            delimiter, heads, above = _transcode(path, made, encoding, most)
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise Refused(NO_TABLE, name=title) from error
        if len(heads) < 2:
            break
        known = [head for head in heads if head]
        _check_headings(known, title)
        names = [head or f"{NAMELESS}{place}" for place, head in enumerate(heads)]
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in [*names, *BEYOND])
        query = (
            f"SELECT * EXCLUDE ({', '.join(BEYOND)}), concat({', '.join(BEYOND)}) AS {TOO_MUCH} "
            f"FROM read_csv({quoted(made)}, auto_detect = false, columns = {{{columns}}}, header = true, "
            f"delim = {quoted(delimiter)}, quote = '\"', escape = '\"', nullstr = '', null_padding = true, "
            "strict_mode = false, store_rejects = true, rejects_limit = 0, parallel = false)"
        )
        return _Reading(query, known, above + 2, delimiter)
    raise Refused(NO_TABLE, name=title)


def _plain(heading: str) -> str:
    """A heading in one line, as a form gives it back."""
    return " ".join(heading.split())


def _check_headings(heads: Iterable[str], title: str) -> None:
    """Refuse two headings that are the same to the engine, which does not tell small letters from capital ones."""
    found: dict[str, list[str]] = {}
    for head in heads:
        found.setdefault(head.lower(), []).append(head)
    twice = tuple(same[0] for same in found.values() if len(same) > 1)
    if twice:
        raise Refused("The file %(name)s has the column %(column)s twice.", name=title, column=twice)


def _encodings(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        head = file.read(2)
    return ("utf-16",) if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ENCODINGS


def _transcode(path: Path, made: Path, encoding: str, most: int | None) -> tuple[str, list[str], int]:
    """Write a file anew in UTF-8, piece by piece; what stands between its columns, its headings, and how many lines
    above them were left out.

    UnicodeDecodeError when the file is of another encoding; no headings when it holds no text.
    """
    with path.open("r", encoding=encoding) as file, made.open("w", encoding="utf-8", newline="") as out:
        whole = file.read(PIECE)
        piece = _untitled(whole)
        above = whole.count("\n", 0, len(whole) - len(piece))
        head = piece.split("\n", 1)[0]
        if "\0" in head or not head.strip():
            return "", [], above
        delimiter = max(",;\t|", key=head.count)
        heads = [_plain(cell) for cell in next(csv.reader(StringIO(piece, newline=""), delimiter=delimiter))]
        while piece:
            out.write(piece)
            piece = "" if most and out.tell() >= most else file.read(PIECE)
    return delimiter, heads, above


def _untitled(text: str) -> str:
    """A text from its headings on: above them may stand empty lines, and titles, of which each fills one cell."""
    for _title in range(TITLES):
        text = text.lstrip(EMPTY)
        head, _end, rest = text.partition("\n")
        filled = sum(bool(cell.strip(' "\r\u3000')) for cell in re.split(r"[,;\t|]", head))
        if filled > 1 or not rest or head.count('"') % 2:
            break
        text = rest
    return text


def _swallowed(engine: Engine, reading: _Reading, title: str) -> list[Problem]:
    """The rows in whose cells whole lines of the file stand: as many marks between columns as a line has.

    A line break in a remark is none of these.
    """
    if not reading.between:
        return []
    cells = [named(name) for name, *_ in engine.rows("DESCRIBE staged") if name != ROW]
    broken = " OR ".join(f"contains({cell}, chr(10))" for cell in cells)
    text = f"concat({', '.join(f'CASE WHEN contains({cell}, chr(10)) THEN {cell} END' for cell in cells)})"
    between, least = quoted(reading.between), len(cells) - 2  # without what is beyond the last column
    rows = engine.rows(
        f"SELECT {ROW}, swallowed FROM (SELECT {ROW}, {text} AS swallowed FROM staged WHERE {broken}) cells "
        f"WHERE length(swallowed) - length(replace(swallowed, {between}, '')) >= {least} ORDER BY {ROW} LIMIT {TOLD}"
    )
    return [Problem(f"{title}:{row}", str(text)[:80], SWALLOWED) for row, text in rows]
