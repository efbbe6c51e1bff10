"""A file of charge lines becomes a partition: read as text, cleaned by the listed rules, every line counted (W6)."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pyarrow
import pyarrow.parquet

from alliance import files
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.cleaning import COLUMNS, RULES, Cleaned, check_mapping
from alliance.workpoints.volume import cluster, scrub, sql
from alliance.workpoints.volume.engine import Bounds, Engine, opened, quoted, shared
from alliance.workpoints.volume.partitions import LINES_TOGETHER, Load, Partitions
from alliance.workpoints.volume.points import Answers

PIECE = 8 * 2**20
PARQUET = b"PAR1"
UNFINISHED = ".loading-"  # how the folder of a load begins while it runs
STEPS = ("read", "cleaned", "written")
BEYOND = tuple(f"beyond_{place}" for place in range(9))  # what a row has after its last column
ENCODINGS = ("utf-8-sig", "gb18030")
NO_LINES = mark("%(name)s cannot be read as charge lines; give CSV (UTF-8 or GB18030), .xlsx or Parquet.")


@dataclass(frozen=True, slots=True)
class Source:
    """What is loaded: a file for a hospital's month under a name; the next revision of that name takes its place."""

    hospital: str
    month: str
    name: str
    path: Path
    title: str  # what the file is called where it came from
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Loaded:
    """A finished load: the file's SHA-256, its rows, the lines that count with their charges, what each rule met."""

    digest: str
    rows: int
    lines: int
    amount: Decimal
    cleaned: tuple[Cleaned, ...]
    aside: int = field(default=0)


Progress = Callable[[int, int], None]  # steps done, of so many
InForce = Mapping[str, Iterable[Load]]  # what counts, by month


@dataclass(frozen=True, slots=True)
class Made:
    """Lines and lines put aside of a load, finished and not yet in their place."""

    source: Source
    loaded: Loaded
    lines: Path
    aside: Path

    def put(self, partitions: Partitions) -> None:
        """Give them their place, by which they are found from now on."""
        one = self.source
        partitions.put(one.hospital, one.month, one.name, one.revision, self.lines, self.aside)


@contextmanager
def made(
    partitions: Partitions, source: Source, columns: Mapping[str, str], *, in_force: InForce | None = None,
    item_codes: Mapping[str, str] | None = None, known: Mapping[str, str] | None = None, bounds: Bounds | None = None,
    progress: Progress | None = None,
) -> Iterator[Made]:  # fmt: skip
    """Read and clean a file; what comes of it is there until the end of the context, and of a failed load nothing.

    `columns` maps the columns of charge lines to headings of the file, `in_force` are the loads that count by month,
    `item_codes` old item codes to new ones, `known` the SHA-256 of loaded files to their names. Every row is either a
    line or put aside with its reason. Refused: no table, a mapping that does not fit, a file loaded already under
    another name.
    """
    step = progress or (lambda _done, _of: None)
    digest = sha256(source.path)
    other = (known or {}).get(digest, source.name)
    if other != source.name:
        raise Refused("This file was loaded already as %(name)s; nothing was loaded twice.", name=other)
    earlier = partitions.others(source.hospital, source.month, source.name, in_force or {})
    with working_folder(partitions.root) as workspace:
        reading = _as_text(source, workspace)
        folders = [partitions.root, source.path.parent]
        with opened(folders, workspace, bounds) as engine:
            headings = _stage(engine, reading, source.title)
            check_mapping(columns, set(headings))
            step(1, len(STEPS))
            scrub.clean(engine, source.hospital, source.month, source.name, columns, item_codes or {}, earlier)
            step(2, len(STEPS))
            loaded = _written(engine, workspace, digest)
        yield Made(source, loaded, workspace / "lines.parquet", workspace / "aside.parquet")
    step(3, len(STEPS))


def load(
    partitions: Partitions, source: Source, columns: Mapping[str, str], *, in_force: InForce | None = None,
    item_codes: Mapping[str, str] | None = None, known: Mapping[str, str] | None = None, bounds: Bounds | None = None,
    progress: Progress | None = None,
) -> Loaded:  # fmt: skip
    """Read, clean and give a file its place; arguments and refusals are those of `made`."""
    with made(
        partitions, source, columns, in_force=in_force, item_codes=item_codes, known=known, bounds=bounds,
        progress=progress,
    ) as one:  # fmt: skip
        one.put(partitions)
        return one.loaded


def headings(partitions: Partitions, path: Path, title: str) -> list[str]:
    """The headings of a file, for mapping them; refused when it is no table."""
    with working_folder(partitions.root) as workspace:
        reading = _as_text(Source("", "", "", path, title), workspace)
        with opened([partitions.root, path.parent], workspace) as engine:
            return _stage(engine, reading, title)


@contextmanager
def reading(partitions: Partitions, files: Sequence[Path], bounds: Bounds | None = None) -> Iterator[Answers]:
    """An engine over the lines of some files: the cluster where there is one, else the embedded one. Refused when one
    of the files is not there any more."""
    gone = [file.stem for file in files if not file.exists()]
    if gone:
        raise Refused(
            "The lines of %(name)s are not where they were kept; tell the operator of the portal.", name=tuple(gone)
        )
    if partitions.spark:
        with cluster.opened(partitions.spark) as spark:
            spark.read_lines([str(file) for file in files])
            yield spark
        return
    with shared(partitions.root, bounds) as engine:
        engine.view("lines", files, sql.NO_LINES)
        yield engine


def aside_rows(
    partitions: Partitions, source: tuple[str, str, str, int], rule: str, limit: int, offset: int
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a load (hospital, month, source, revision) that a rule put aside, with their numbers in the file and
    their cells as they were read, by column; page by page."""
    file = partitions.aside(*source)
    names = ", ".join(COLUMNS)
    with reading(Partitions(partitions.root), [file]) as engine:  # one small file: no question for a cluster
        rows = engine.rows(
            f"SELECT row_no, {names} FROM read_parquet({quoted(file)}) WHERE reason = {quoted(rule)} ORDER BY row_no "
            f"LIMIT {int(limit)} OFFSET {int(offset)}"
        )
    return [(int(number), dict(zip(COLUMNS, cells, strict=True))) for number, *cells in rows]


def clear(partitions: Partitions, before: datetime, counted: Collection[Path]) -> int:
    """Remove what loads have left that were killed before a moment: folders of their work, and files that never came
    to count, `counted` being those that did; how many."""
    left = [file for file in partitions.everything() if file not in counted]
    count = 0
    for place in (*partitions.root.glob(f"{UNFINISHED}*"), *left):
        if place.stat().st_mtime < before.timestamp():
            rmtree(place, ignore_errors=True) if place.is_dir() else place.unlink(missing_ok=True)
            count += 1
    return count


def sha256(path: Path) -> str:
    """SHA-256 of a file, read in pieces; hex."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found.update(piece)
    return found.hexdigest()


@contextmanager
def working_folder(root: Path) -> Iterator[Path]:
    """A folder beside the partitions, gone afterwards; on the same disk, so that a finished file is only renamed."""
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=root, prefix=UNFINISHED))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def _as_text(source: Source, workspace: Path) -> str:
    """The query that reads a file with every cell as text."""
    with source.path.open("rb") as file:
        head = file.read(4)
    if head == PARQUET:
        return f"SELECT *, '' AS {scrub.TOO_MUCH} FROM read_parquet({quoted(source.path)})"
    if head.startswith((files.ZIP, files.OLE)):
        return f"SELECT *, '' AS {scrub.TOO_MUCH} FROM read_parquet({quoted(_workbook(source, workspace))})"
    return _utf8(source, workspace)


def _workbook(source: Source, workspace: Path) -> Path:
    """A workbook's first sheet as Parquet of text."""
    rows = files.sheet_texts(source.path.read_bytes(), source.title)
    columns = {
        head: [row[place] if place < len(row) else "" for row in rows[1:]]
        for place, head in enumerate(rows[0] if rows else ()) if head
    }  # fmt: skip
    if not columns:
        raise Refused(NO_LINES, name=source.title)
    made = workspace / "workbook.parquet"
    texts = pyarrow.schema([(head, pyarrow.string()) for head in columns])
    pyarrow.parquet.write_table(pyarrow.table(columns, texts), made)
    return made


def _utf8(source: Source, workspace: Path) -> str:
    """The query over a text file, written anew in UTF-8 because the engine reads no other encoding."""
    made = workspace / "text.csv"
    for encoding in _encodings(source.path):
        try:
            delimiter, heads = _transcode(source.path, made, encoding)
        except UnicodeDecodeError:
            continue
        if len(heads) < 2:
            break
        if len(set(heads)) < len(heads):
            twice = tuple(sorted({head for head in heads if heads.count(head) > 1}))
            raise Refused("The file %(name)s has the column %(column)s twice.", name=source.title, column=twice)
        columns = ", ".join(f"{quoted(head)}: 'VARCHAR'" for head in [*heads, *BEYOND])
        return (
            f"SELECT * EXCLUDE ({', '.join(BEYOND)}), concat({', '.join(BEYOND)}) AS {scrub.TOO_MUCH} "
            f"FROM read_csv({quoted(made)}, auto_detect = false, columns = {{{columns}}}, header = true, "
            f"delim = {quoted(delimiter)}, quote = '\"', escape = '\"', nullstr = '', null_padding = true, "
            "strict_mode = false, store_rejects = true, rejects_limit = 0, parallel = false)"
        )
    raise Refused(NO_LINES, name=source.title)


def _encodings(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        head = file.read(2)
    return ("utf-16",) if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ENCODINGS


def _transcode(path: Path, made: Path, encoding: str) -> tuple[str, list[str]]:
    """Write a file anew in UTF-8, piece by piece; what stands between its columns, and its headings.

    UnicodeDecodeError when the file is of another encoding; no headings when it holds no text.
    """
    with path.open("r", encoding=encoding) as file, made.open("w", encoding="utf-8", newline="") as out:
        piece = file.read(PIECE).lstrip()
        head = piece.split("\n", 1)[0]
        if "\0" in head or not head.strip():
            return "", []
        while piece:
            out.write(piece)
            piece = file.read(PIECE)
    delimiter = max(",;\t|", key=head.count)
    return delimiter, [cell.strip() for cell in next(csv.reader([head], delimiter=delimiter))]


def _stage(engine: Engine, reading: str, title: str) -> list[str]:
    """Bring the file's rows into a table, numbered from 1; the headings. Refused: rows that the engine gave up."""
    try:
        engine.run(
            f"CREATE OR REPLACE TABLE staged AS SELECT row_number() OVER () AS row_no, file.* FROM ({reading}) file"
        )
    except engine.failures as error:
        raise Refused(NO_LINES, name=title) from error
    lost = engine.rejects()
    if lost:
        problems = [Problem(f"{title}:{line}", text[:80], mark("this row cannot be read")) for line, text in lost]
        raise Refused("%(count)s rows of %(name)s cannot be read.", count=len(lost), name=title, problems=problems)
    return [str(name) for name, *_ in engine.rows("DESCRIBE staged") if name not in ("row_no", scrub.TOO_MUCH)]


def _written(engine: Engine, workspace: Path, digest: str) -> Loaded:
    """Write lines and lines put aside, and count them."""
    for name, query in (("lines", scrub.LINES), ("aside", scrub.ASIDE)):
        engine.run(
            f"COPY ({query}) TO {quoted(workspace / f'{name}.parquet')} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {LINES_TOGETHER})"
        )  # fmt: skip
    ((rows, lines, amount),) = engine.rows(scrub.COUNTS)
    found = {rule: (count, sum_, tuple(first)) for rule, count, sum_, first in engine.rows(scrub.BY_RULE)}
    nothing: tuple[int, Decimal, tuple[int, ...]] = (0, Decimal(0), ())
    cleaned = tuple(Cleaned(rule, *found.get(rule, nothing)) for rule in RULES)
    return Loaded(digest, rows, lines, amount, cleaned, rows - lines)
