"""The questions about runs: their figures, and the kinds of these."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import (
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from alliance.audit.models import (
    FigureInput,
    FigureKind,
    FigureRow,
    Run,
)
from alliance.core.figure import Figure, Kind, Level, Name, State
from alliance.db import db, lasting

PART = 500  # figures that one statement asks for
USERS = 20  # figures shown that rest on one


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A kept run without its figures."""

    id: int
    alliance_id: int
    subject: str
    inputs: dict[str, Any]
    digest: str
    figures: int
    software: str
    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptFigure:
    """A figure as it was kept, with its place."""

    run_id: int
    number: int
    key: str
    kind: Kind
    value: Decimal | None
    state: State
    source: str
    owner: str


@lasting
def read_run(run_id: int, alliance: int) -> RunInfo | None:
    run = db.session.scalars(select(Run).where(Run.id == run_id, Run.alliance_id == alliance)).first()
    return _info(run) if run else None


def read_runs(numbers: Collection[int], alliance: int) -> dict[int, RunInfo]:
    """Several runs of an alliance by number."""
    return {run.id: run for run in _read_runs(tuple(sorted(numbers)), alliance)} if numbers else {}


@lasting
def _read_runs(numbers: tuple[int, ...], alliance: int) -> list[RunInfo]:
    rows = db.session.scalars(select(Run).where(Run.id.in_(numbers), Run.alliance_id == alliance))
    return [_info(run) for run in rows]


def run_of_digest(digest: str, alliance: int) -> RunInfo | None:
    """The first run with this digest: runs of one digest hold the same figures."""
    found = select(Run).where(Run.digest == digest, Run.alliance_id == alliance).order_by(Run.id).limit(1)
    run = db.session.scalars(found).first()
    return _info(run) if run else None


def _info(run: Run) -> RunInfo:
    return RunInfo(
        run.id, run.alliance_id, run.subject, run.inputs, run.digest, run.figures, run.software, run.account, run.at
    )


class Packed:
    """The figures of a computation that is not kept for good, from the bytes of `audit.services.pack`.

    Asked like a kept run; its figures have the run 0.
    """

    def __init__(self, content: bytes) -> None:
        kinds, self._rows, inputs = json.loads(zlib.decompress(content))
        self._kinds = {number: _kind_of(*rest) for _, number, *rest in kinds}
        self._inputs: dict[int, list[tuple[str, int]]] = {}
        for _, figure, _, name, part in inputs:
            self._inputs.setdefault(figure, []).append((name, part))
        self.numbers = {row[3]: row[1] for row in self._rows}

    def read_figure(self, number: int) -> KeptFigure | None:
        if not 0 < number <= len(self._rows):
            return None
        run, number, kind, key, value, state, source, owner = self._rows[number - 1]
        held = Decimal(value) if value else None
        return KeptFigure(run, number, key, self._kinds[kind], held, State(state), source, owner)

    def inputs_of(self, number: int) -> list[tuple[str, KeptFigure]]:
        found = [(name, self.read_figure(part)) for name, part in self._inputs.get(number, ())]
        return [(name, part) for name, part in found if part is not None]

    def used_by(self, number: int) -> list[KeptFigure]:
        users = (figure for figure, parts in self._inputs.items() if any(part == number for _, part in parts))
        found = (self.read_figure(figure) for figure in islice(users, USERS))
        return [figure for figure in found if figure is not None]


class Kept:
    """The figures of a kept run, asked one by one."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id

    def read_figure(self, number: int) -> KeptFigure | None:
        found = _opened(self.run_id, number)
        return found.figure if found else None

    def inputs_of(self, number: int) -> list[tuple[str, KeptFigure]]:
        """What a figure rests on: (name in the formula, figure), in order."""
        found = _opened(self.run_id, number)
        return list(found.inputs) if found else []

    def used_by(self, number: int) -> list[KeptFigure]:
        """The figures that rest directly on this one."""
        found = _opened(self.run_id, number)
        return list(found.used_by) if found else []


@dataclass(frozen=True, slots=True)
class _Opened:
    """A figure of a kept run with what it rests on and what rests on it."""

    figure: KeptFigure
    inputs: Sequence[tuple[str, KeptFigure]]
    used_by: Sequence[KeptFigure]


@lasting
def _opened(run_id: int, number: int) -> _Opened | None:
    figure = next(iter(_figures(run_id, [number])), None)
    if figure is None:
        return None
    inputs = list(
        db.session.execute(
            select(FigureInput.name, FigureInput.input)
            .where(FigureInput.run_id == run_id, FigureInput.figure == number)
            .order_by(FigureInput.position)
        )
    )
    users = select(FigureInput.figure).where(FigureInput.run_id == run_id, FigureInput.input == number)
    using = list(db.session.scalars(users.distinct().limit(USERS)))
    around = {one.number: one for one in _figures(run_id, sorted({part for _, part in inputs}.union(using)))}
    return _Opened(figure, [(name, around[part]) for name, part in inputs], [around[one] for one in sorted(using)])


def figure_numbers(run_id: int, keys: Iterable[str]) -> dict[str, int]:
    """The numbers of figures by key, for links."""
    found: dict[str, int] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), PART):
        rows = select(FigureRow.key, FigureRow.number).where(
            FigureRow.run_id == run_id, FigureRow.key.in_(wanted[start : start + PART])
        )
        found.update((key, number) for key, number in db.session.execute(rows))
    return found


def values_of(run_id: int, keys: Iterable[str]) -> dict[str, Decimal]:
    """The values alone by key, of those figures that have one."""
    found: dict[str, Decimal] = {}
    wanted = tuple(keys)
    for start in range(0, len(wanted), PART):
        found |= _values(run_id, wanted[start : start + PART])
    return found


@lasting
def _values(run_id: int, keys: tuple[str, ...]) -> dict[str, Decimal]:
    """In one statement, which sees the whole run or nothing of it."""
    rows = select(FigureRow.key, FigureRow.value).where(
        FigureRow.run_id == run_id, FigureRow.key.in_(keys), FigureRow.value != ""
    )
    return {key: Decimal(value) for key, value in db.session.execute(rows)}


def figures_of(run_id: int, keys: Iterable[str]) -> dict[str, KeptFigure]:
    """Kept figures by key; those that the run does not have are left out."""
    wanted, found = tuple(keys), dict[str, KeptFigure]()
    for start in range(0, len(wanted), PART):
        found |= _by_key(run_id, wanted[start : start + PART])
    return found


@lasting
def _by_key(run_id: int, keys: tuple[str, ...]) -> dict[str, KeptFigure]:
    """In one statement, which sees the whole run or nothing of it."""
    return {figure.key: figure for figure in _figures(run_id, keys, FigureRow.key)}


def keys_of_kind(run_id: int, code: str) -> list[str]:
    """The keys of the figures of one kind in a run."""
    rows = (
        select(FigureRow.key)
        .join(FigureKind, (FigureKind.run_id == FigureRow.run_id) & (FigureKind.number == FigureRow.kind))
        .where(FigureRow.run_id == run_id, FigureKind.code == code)
    )
    return list(db.session.scalars(rows.order_by(FigureRow.number)))


def sources_among(run_ids: Iterable[int], sources: Iterable[str]) -> set[str]:
    """Those of the sources on which some figure of the runs rests."""
    rows = select(FigureRow.source).where(FigureRow.run_id.in_(list(run_ids)), FigureRow.source.in_(list(sources)))
    return set(db.session.scalars(rows))


def _figures(
    run_id: int, wanted: Sequence[int] | Sequence[str], by: InstrumentedAttribute[Any] = FigureRow.number
) -> list[KeptFigure]:
    found: list[KeptFigure] = []
    kinds: dict[int, Kind] = {}
    for start in range(0, len(wanted), PART):
        rows = (
            select(FigureRow, FigureKind)
            .join(FigureKind, (FigureKind.run_id == FigureRow.run_id) & (FigureKind.number == FigureRow.kind))
            .where(FigureRow.run_id == run_id, by.in_(wanted[start : start + PART]))
            .order_by(FigureRow.number)
        )
        for row, kind in db.session.execute(rows):
            found.append(_kept(row, kinds.setdefault(kind.number, _kind(kind))))
    return found


def _kept(row: FigureRow, kind: Kind) -> KeptFigure:
    value = Decimal(row.value) if row.value else None
    return KeptFigure(row.run_id, row.number, row.key, kind, value, State(row.state), row.source, row.owner)


def _kind(row: FigureKind) -> Kind:
    return _kind_of(
        row.code, row.zh, row.en, row.unit_zh, row.unit_en, row.formula, row.rounding, row.clause, row.level, row.names
    )


def _kind_of(code: str, zh: str, en: str, unit_zh: str, unit_en: str, formula: str, rounding: str, clause: str,
             level: str, names: str) -> Kind:  # fmt: skip
    """A kind from its columns."""
    named = tuple(Name(*parts) for parts in json.loads(names))
    return Kind(code, zh, en, unit_zh, unit_en, formula, rounding, clause, Level(level), named)


def load_run(run_id: int) -> list[Figure]:
    """All figures of a run, joined up again as they were computed; inputs before what they enter."""
    kinds = {
        row.number: _kind(row) for row in db.session.scalars(select(FigureKind).where(FigureKind.run_id == run_id))
    }
    inputs: dict[int, list[tuple[str, int]]] = {}
    rows = select(FigureInput.figure, FigureInput.name, FigureInput.input).where(FigureInput.run_id == run_id)
    for figure, name, part in db.session.execute(rows.order_by(FigureInput.figure, FigureInput.position)):
        inputs.setdefault(figure, []).append((name, part))
    figures: dict[int, Figure] = {}
    columns = select(
        FigureRow.number,
        FigureRow.kind,
        FigureRow.key,
        FigureRow.value,
        FigureRow.state,
        FigureRow.source,
        FigureRow.owner,
    )
    for number, kind, key, value, state, source, owner in db.session.execute(
        columns.where(FigureRow.run_id == run_id).order_by(FigureRow.number)
    ):
        parts = tuple((name, figures[part]) for name, part in inputs.get(number, ()))
        figures[number] = Figure(
            key, kinds[kind], Decimal(value) if value else None, State(state), source=source, inputs=parts, owner=owner
        )
    return list(figures.values())


def computed(alliance: int, what: str) -> set[str]:
    """What was computed of one sort: of `score` the periods that have an official run."""
    rows = select(Run.subject).where(Run.alliance_id == alliance, Run.subject.startswith(f"{what}:", autoescape=True))
    return {subject.partition(":")[2] for subject in db.session.scalars(rows)}


def all_runs() -> list[RunInfo]:
    """Every kept run of every alliance, oldest first; for checks from the command line."""
    return [_info(run) for run in db.session.scalars(select(Run).order_by(Run.id))]
