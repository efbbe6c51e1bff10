"""The questions to memory: runs, figures with what they rest on, events on a subject."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
)

from alliance.audit.models import (
    APPEND_ONLY,
    MARKS,
    Event,
    EventSeal,
    FigureInput,
    FigureKind,
    FigureRow,
    Id,
    Run,
    marked,
)
from alliance.audit.rules import OWNED, Batch, differences, event_text, first_seal_text, is_blind, leaves_of, seal_text
from alliance.core.acts import Act
from alliance.core.figure import Figure, Kind, Level, Name, State
from alliance.core.period import SHANGHAI
from alliance.db import Moment, db


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


@dataclass(frozen=True, slots=True)
class EventInfo:
    """An event, for pages."""

    at: datetime
    act: str
    subject: str
    account: str
    detail: dict[str, Any]


def read_run(run_id: int, alliance: int) -> RunInfo | None:
    run = db.session.scalars(select(Run).where(Run.id == run_id, Run.alliance_id == alliance)).first()
    return _info(run) if run else None


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

    def used_by(self, number: int, limit: int = 20) -> list[KeptFigure]:
        users = (figure for figure, parts in self._inputs.items() if any(part == number for _, part in parts))
        found = (self.read_figure(figure) for figure in islice(users, limit))
        return [figure for figure in found if figure is not None]


class Kept:
    """The figures of a kept run, asked one by one."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id

    def read_figure(self, number: int) -> KeptFigure | None:
        return next(iter(_figures(self.run_id, [number])), None)

    def inputs_of(self, number: int) -> list[tuple[str, KeptFigure]]:
        """What a figure rests on: (name in the formula, figure), in order."""
        rows = list(
            db.session.execute(
                select(FigureInput.name, FigureInput.input)
                .where(FigureInput.run_id == self.run_id, FigureInput.figure == number)
                .order_by(FigureInput.position)
            )
        )
        by_number = {figure.number: figure for figure in _figures(self.run_id, [part for _, part in rows])}
        return [(name, by_number[part]) for name, part in rows]

    def used_by(self, number: int, limit: int = 20) -> list[KeptFigure]:
        """The figures that rest directly on this one."""
        rows = select(FigureInput.figure).where(FigureInput.run_id == self.run_id, FigureInput.input == number)
        return _figures(self.run_id, list(db.session.scalars(rows.distinct().limit(limit))))


def figure_numbers(run_id: int, keys: Iterable[str]) -> dict[str, int]:
    """The numbers of figures by key, for links."""
    found: dict[str, int] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        rows = select(FigureRow.key, FigureRow.number).where(
            FigureRow.run_id == run_id, FigureRow.key.in_(wanted[start : start + 500])
        )
        found.update((key, number) for key, number in db.session.execute(rows))
    return found


def figures_of(run_id: int, keys: Iterable[str]) -> dict[str, KeptFigure]:
    """Kept figures by key; those that the run does not have are left out."""
    numbers = figure_numbers(run_id, keys)
    return {figure.key: figure for figure in _figures(run_id, list(numbers.values()))}


def sources_among(run_ids: Iterable[int], sources: Iterable[str]) -> set[str]:
    """Those of the sources on which some figure of the runs rests."""
    rows = select(FigureRow.source).where(FigureRow.run_id.in_(list(run_ids)), FigureRow.source.in_(list(sources)))
    return set(db.session.scalars(rows))


def _figures(run_id: int, numbers: Sequence[int]) -> list[KeptFigure]:
    found: list[KeptFigure] = []
    kinds: dict[int, Kind] = {}
    for start in range(0, len(numbers), 500):
        rows = (
            select(FigureRow, FigureKind)
            .join(FigureKind, (FigureKind.run_id == FigureRow.run_id) & (FigureKind.number == FigureRow.kind))
            .where(FigureRow.run_id == run_id, FigureRow.number.in_(numbers[start : start + 500]))
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


def events_on(alliance: int, subjects: Iterable[str], limit: int = 100) -> list[EventInfo]:
    """What happened to subjects, oldest first."""
    rows = (
        select(Event)
        .where(Event.alliance_id == alliance, Event.subject.in_(list(subjects)))
        .order_by(Event.id)
        .limit(limit)
    )
    return [EventInfo(row.at, row.act, row.subject, row.account, row.detail) for row in db.session.scalars(rows)]


def computed(alliance: int, what: str) -> set[str]:
    """What was computed of one sort: of `score` the periods that have an official run."""
    rows = select(Run.subject).where(Run.alliance_id == alliance, Run.subject.startswith(f"{what}:", autoescape=True))
    return {subject.partition(":")[2] for subject in db.session.scalars(rows)}


def all_runs() -> list[RunInfo]:
    """Every kept run of every alliance, oldest first; for checks from the command line."""
    return [_info(run) for run in db.session.scalars(select(Run).order_by(Run.id))]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events a reader of the log asks for; what is empty does not narrow.

    `kind` is change or one of the marks refused, export, opened. A subject that ends in `/` or `:` stands for all that
    begin with it.
    """

    since: datetime | None = None
    until: datetime | None = None
    account: str = ""
    act: str = ""
    subject: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of the log with its number."""

    id: int
    at: datetime
    act: str
    subject: str
    account: str
    detail: dict[str, Any]

    @property
    def kind(self) -> str:
        return next((mark for mark in MARKS if self.detail.get(mark) is not None), "change")


@dataclass(frozen=True, slots=True)
class SealInfo:
    """A seal, without what names its events."""

    id: int
    at: datetime
    first_event: int
    last_event: int
    count: int
    root: str
    seal: str


ENDS = ("/", ":")  # how the beginning of a subject ends
SHOWN = (Event.id, Event.at, Event.act, Event.subject, Event.account, Event.detail)
SEAL = (
    EventSeal.id, EventSeal.at, EventSeal.first_event, EventSeal.last_event, EventSeal.count, EventSeal.root,
    EventSeal.seal,
)  # fmt: skip


def events(
    alliance: int,
    accounts: Collection[str],
    wanted: Wanted,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[LoggedEvent]:
    """Events of an alliance, newest first; `before` is time and number of the last one seen.

    What belongs to no alliance, such as a sign-in, is shown with those of `accounts`.
    """
    narrowed, at = _narrowed(wanted), _clock(wanted.subject)
    if before:
        narrowed.append(tuple_(at, Event.id) < tuple_(literal(before[0], Moment), literal(before[1], Id)))
    found: list[LoggedEvent] = []
    for whose in _whose(alliance, accounts):
        rows = select(*SHOWN).where(*whose, *narrowed).order_by(at.desc(), Event.id.desc()).limit(limit)
        found.extend(LoggedEvent(*row) for row in db.session.execute(rows))
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]


def _clock(subject: str) -> ColumnElement[datetime]:
    """The time to sort by. Under the beginning of a subject it hides from the planner, which would otherwise walk
    through all of the alliance in order of time, looking for the few that begin so."""
    at: ColumnElement[datetime] = type_coerce(Event.at, Moment)
    return type_coerce(func.coalesce(Event.at, Event.at), Moment) if subject.endswith(ENDS) else at


def each_event(alliance: int, accounts: Collection[str], wanted: Wanted, limit: int) -> Iterator[LoggedEvent]:
    """All events that are wanted, newest first, fetched a thousand at a time."""
    before: tuple[datetime, int] | None = None
    while limit > 0:
        found = events(alliance, accounts, wanted, before=before, limit=min(limit, 1000))
        if not found:
            return
        yield from found
        limit -= len(found)
        before = found[-1].at, found[-1].id


def _whose(alliance: int, accounts: Collection[str]) -> Iterator[list[ColumnElement[bool]]]:
    yield [Event.alliance_id == alliance]
    if accounts:
        yield [Event.alliance_id.is_(None), Event.account.in_(sorted(accounts))]


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(Event.at >= wanted.since)
    if wanted.until:
        found.append(Event.at < wanted.until)
    if wanted.account:
        found.append(Event.account == wanted.account)
    if wanted.act:
        found.append(Event.act == wanted.act)
    if wanted.subject.endswith(ENDS):
        found.append(_begins(wanted.subject))
    elif wanted.subject:
        found.append(Event.subject == wanted.subject)
    if wanted.kind in MARKS:
        found.append(text(marked(wanted.kind)))  # type: ignore[arg-type]
    elif wanted.kind == "change":
        found.extend(text(f"NOT ({marked(mark)})") for mark in MARKS)  # type: ignore[misc]
    return found


def _begins(start: str) -> ColumnElement[bool]:
    """Subjects that begin so, as a range that the index knows."""
    return and_(Event.subject >= start, Event.subject < start[:-1] + chr(ord(start[-1]) + 1))


def event(alliance: int, accounts: Collection[str], number: int) -> LoggedEvent | None:
    """One event that the readers of this alliance's log may see."""
    for whose in _whose(alliance, accounts):
        row = db.session.execute(select(*SHOWN).where(Event.id == number, *whose)).first()
        if row:
            return LoggedEvent(*row)
    return None


def seal_of(number: int) -> SealInfo | None:
    """The seal that holds an event; None while it is not sealed."""
    row = db.session.execute(
        select(*SEAL).where(EventSeal.last_event >= number).order_by(EventSeal.last_event).limit(1)
    ).first()
    return SealInfo(*row) if row and row.first_event <= number else None


def last_seal() -> SealInfo | None:
    row = db.session.execute(select(*SEAL).order_by(EventSeal.id.desc()).limit(1)).first()
    return SealInfo(*row) if row else None


def seals() -> Iterator[SealInfo]:
    """Every seal, oldest first."""
    for row in db.session.execute(select(*SEAL).order_by(EventSeal.id).execution_options(yield_per=1000)):
        yield SealInfo(*row)


def touches(
    alliance: int, institution: str, *, before: tuple[datetime, int] | None = None, limit: int = 50
) -> list[LoggedEvent]:
    """What happened to what belongs to an institution, newest first; nothing of blind ratings."""
    narrowed: list[ColumnElement[bool]] = [Event.alliance_id == alliance, Event.act.not_like("%:rating:%")]
    at = _clock("/")
    if before:
        narrowed.append(tuple_(at, Event.id) < tuple_(literal(before[0], Moment), literal(before[1], Id)))
    found: list[LoggedEvent] = []
    for kind in OWNED:
        rows = select(*SHOWN).where(_begins(f"{kind}:{institution}/"), *narrowed)
        found.extend(
            LoggedEvent(*row) for row in db.session.execute(rows.order_by(at.desc(), Event.id.desc()).limit(limit))
        )
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]


def ratings_of(alliance: int, institution: str, now: datetime) -> list[tuple[str, int]]:
    """How many ratings of an institution were recorded in each month that is over, newest first: (month, count).

    Nothing finer: who looks again after a colleague has rated must learn nothing.
    """
    blind = [act.value for act in Act if is_blind(act.value)]
    rows = select(Event.at).where(
        Event.alliance_id == alliance,
        Event.act.in_(blind),
        or_(*(Event.subject.like(f"rating:%/{institution}{end}") for end in ("", "/%", "@%"))),
        *(text(f"NOT ({marked(mark)})") for mark in MARKS),
    )
    months = Counter(at.astimezone(SHANGHAI).strftime("%Y-%m") for at in db.session.scalars(rows))
    months.pop(now.astimezone(SHANGHAI).strftime("%Y-%m"), None)
    return sorted(months.items(), reverse=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with the log: what (`event 7`, `seal 3`), and how it is wrong, in English."""

    what: str
    wrong: str


@dataclass(slots=True)
class Verdict:
    """What a walk through the log came to; `findings` are the first ones, `wrong` counts all."""

    events: int = 0
    seals: int = 0
    unsealed: int = 0
    unused: int = 0  # numbers that the sequence gave out and no event has; PostgreSQL only
    last: SealInfo | None = None
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)

    def find(self, what: str, wrong: str) -> None:
        self.wrong += 1
        if len(self.findings) < 1000:
            self.findings.append(Finding(what, wrong))


TOLD = {
    "edited": "was changed after it was sealed",
    "removed": "was removed after it was sealed",
    "inserted": "was put in after the others around it were sealed",
}


def verify(connection: Connection, copy: Mapping[int, str] | None = None) -> Verdict:
    """Work every root and seal out again from the rows; constant memory, reads only.

    `copy` are seals kept elsewhere, by number: each must be there and the same.
    """
    verdict, before = Verdict(), None
    _check_guard(connection, verdict)
    previous: SealInfo | None = None
    kept = dict(copy or {})
    while True:
        row = connection.execute(
            select(*SEAL, EventSeal.leaves)
            .where(EventSeal.id > (previous.id if previous else 0))
            .order_by(EventSeal.id)
            .limit(1)
        ).first()
        if row is None:
            break
        seal, leaves = SealInfo(*row[:7]), row[7]
        _check_seal(verdict, previous, seal, leaves, before)
        before = leaves
        theirs = kept.pop(seal.id, None)
        if theirs is not None and theirs != seal.seal:
            verdict.find(f"seal {seal.id}", "differs from the copy kept elsewhere")
        _check_batch(connection, verdict, previous.last_event if previous else 0, seal, leaves)
        verdict.seals += 1
        previous = verdict.last = seal
    for number in sorted(kept):
        verdict.find(f"seal {number}", "stands in the copy kept elsewhere and is not there any more")
    _count_unsealed(connection, verdict, previous.last_event if previous else 0)
    return verdict


def _check_guard(connection: Connection, verdict: Verdict) -> None:
    """The triggers that refuse changes must be there: without them nothing is kept but by good will."""
    if connection.dialect.name == "postgresql":
        there = set(
            connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"))
        )
        wanted = {f"{table}_kept{end}": table for table in APPEND_ONLY for end in ("", "_whole")}
    else:
        there = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
        wanted = {f"{table}_no_{how}": table for table in APPEND_ONLY for how in ("update", "delete", "insert")}
    for table in sorted({table for trigger, table in wanted.items() if trigger not in there}):
        verdict.find(f"table {table}", "has lost the triggers that keep it from being changed")


def _check_seal(
    verdict: Verdict, previous: SealInfo | None, seal: SealInfo, leaves: bytes | None, before: bytes | None
) -> None:
    """Whether a seal follows from the one before and from its own row."""
    expected = previous.id + 1 if previous else 1
    if seal.id != expected:
        gone = f"seal {expected}" if seal.id == expected + 1 else f"seals {expected} to {seal.id - 1}"
        verdict.find(gone, "was removed" if seal.id == expected + 1 else "were removed")
    last = previous.seal if previous else ""
    # Seals made before they named their events stand at the beginning of the chain only.
    old = leaves is None and (previous is None or before is None)
    if leaves is None and not old:
        verdict.find(f"seal {seal.id}", "has lost the list of its events")
    made = (
        first_seal_text(last, seal.root)
        if old
        else seal_text(last, seal.id, seal.at, seal.first_event, seal.last_event, seal.count, seal.root)
    )
    if made != seal.seal:
        verdict.find(f"seal {seal.id}", "does not follow from the seal before it and its own row")


def _check_batch(connection: Connection, verdict: Verdict, after: int, seal: SealInfo, leaves: bytes | None) -> None:
    """Whether the events under a seal are those that were sealed; names the ones that are not."""
    batch = Batch()
    found: list[tuple[int, bytes]] = []
    surplus = 0
    # Before the first seal nothing has a number below 1, unless somebody put it there.
    for number, content in _texts(connection, after or -(2**62), seal.last_event):
        head = batch.add(number, content)
        if batch.count <= 2 * seal.count + 1000:
            found.append((number, head))
        else:
            surplus += 1
    verdict.events += batch.count
    if connection.dialect.name == "sqlite" and leaves is not None and seal.last_event - after != seal.count:
        # SQLite gives every number: one that was skipped was there and is gone.
        sealed = {number for number, _ in leaves_of(seal.first_event, leaves)}
        for number in range(after + 1, min(seal.last_event, after + 1_000_000)):
            if number not in sealed:
                verdict.find(f"event {number}", "is missing; it was never sealed")
    same = batch.root == seal.root
    if same and (batch.first, batch.last, batch.count) == (seal.first_event, seal.last_event, seal.count):
        if leaves is not None and leaves != batch.leaves:
            verdict.find(f"seal {seal.id}", "names other events than those it holds")
        return
    named = 0
    if leaves is not None:
        for number, how in differences(leaves_of(seal.first_event, leaves), found):
            verdict.find(f"event {number}", TOLD[how])
            named += 1
    if surplus:
        verdict.find(f"{surplus} more events", f"were put in among those of seal {seal.id}")
    if not named:
        verdict.find(
            f"events {seal.first_event} to {seal.last_event}",
            f"are not what seal {seal.id} holds; which of them, cannot be told",
        )


def _texts(connection: Connection, after: int, last: int) -> Iterator[tuple[int, str]]:
    """Number and canonical text of the events with these numbers; what cannot be read has a text of its own."""
    plain = connection.dialect.name == "sqlite"
    # Columns as they stand in the file: what somebody wrote there by hand must not stop the walk.
    at: ColumnElement[Any] = cast(Event.at, Text) if plain else type_coerce(Event.at, Moment)
    columns = (
        Event.id, Event.alliance_id, at, Event.act, Event.subject, Event.account, cast(Event.detail, Text), Event.once
    )  # fmt: skip
    within = select(*columns).where(Event.id > after, Event.id <= last).order_by(Event.id)
    rows = connection.execute(within.execution_options(yield_per=2000))
    for number, alliance, when, act, subject, account, detail, once in rows:
        try:
            moment = datetime.fromisoformat(when).replace(tzinfo=UTC) if plain else when.astimezone(UTC)
            yield number, event_text(number, alliance, moment, act, subject, account, json.loads(detail), once)
        except (ValueError, TypeError):
            yield number, f"unreadable event {number}"


def _count_unsealed(connection: Connection, verdict: Verdict, after: int) -> None:
    """What came after the last seal, and the numbers in it that no event has."""
    row = connection.execute(select(func.count(), func.min(Event.id), func.max(Event.id)).where(Event.id > after)).one()
    verdict.unsealed = row[0]
    verdict.events += row[0]
    if connection.dialect.name == "postgresql":
        # A transaction that was rolled back leaves its numbers unused: nothing can be said of them.
        given = connection.scalar(text("SELECT last_value FROM event_id_seq WHERE is_called")) or 0
        verdict.unused = max(given, row[2] or 0) - verdict.events
    elif verdict.unsealed != (row[2] or after) - after:
        there = set(connection.scalars(select(Event.id).where(Event.id > after).limit(100_000)))
        for number in range(after + 1, min(row[2], after + 100_000) + 1):
            if number not in there:
                verdict.find(f"event {number}", "is missing; it was never sealed")
