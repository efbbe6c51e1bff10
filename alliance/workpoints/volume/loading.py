"""A file of charge lines becomes a partition: read as text, cleaned by the listed rules, every line counted (W6)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.workpoints.rules.cleaning import COLUMNS, RULES, Cleaned, check_mapping
from alliance.workpoints.volume import cluster, scrub, sql, staging
from alliance.workpoints.volume.engine import Bounds, Engine, opened, quoted, shared
from alliance.workpoints.volume.partitions import LINES_TOGETHER, Load, Partitions
from alliance.workpoints.volume.points import Answers

UNFINISHED = ".loading-"  # how the folder of a load begins while it runs
STEPS = ("read", "cleaned", "written")
NO_LINES = mark("%(name)s has no lines beneath its headings.")
NONE_COUNT = mark("None of the %(count)s rows of %(name)s can count; see to the month and the columns.")


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
    another name, and one of whose rows none can count.
    """
    step = progress or (lambda _done, _of: None)
    digest = sha256(source.path)
    other = (known or {}).get(digest, source.name)
    if other != source.name:
        raise Refused("This file was loaded already as %(name)s; nothing was loaded twice.", name=other)
    earlier = partitions.others(source.hospital, source.month, source.name, in_force or {})
    with working_folder(partitions.root) as workspace:
        folders = [partitions.root, source.path.parent]
        with opened(folders, workspace, bounds) as engine:
            check_mapping(columns, set(staging.stage(engine, source.path, source.title, workspace)))
            step(1, len(STEPS))
            scrub.clean(engine, source.hospital, source.month, source.name, columns, item_codes or {}, earlier)
            step(2, len(STEPS))
            loaded = _written(engine, workspace, digest)
            _check_any(loaded, source.title)
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


def head(partitions: Partitions, path: Path, title: str) -> staging.Head:
    """The headings of a file, for mapping them, with examples; refused when it is no table."""
    with working_folder(partitions.root) as workspace, opened([partitions.root, path.parent], workspace) as engine:
        return staging.head(engine, path, title, workspace)


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
        while piece := file.read(staging.PIECE):
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


def _check_any(loaded: Loaded, title: str) -> None:
    """Refuse what would only take the place of lines that count: a file without rows, or of another month."""
    if not loaded.rows:
        raise Refused(NO_LINES, name=title)
    if not loaded.lines:
        problems = [
            Problem(
                mark("%(rule)s"), "", mark("%(count)s rows put aside, the first is row %(row)s"),
                {"count": one.lines, "row": one.rows[0]}, {"rule": Both(RULES[one.rule].zh, RULES[one.rule].en)},
            )
            for one in loaded.cleaned if one.lines and RULES[one.rule].aside
        ]  # fmt: skip
        raise Refused(NONE_COUNT, count=loaded.rows, name=title, problems=problems)
