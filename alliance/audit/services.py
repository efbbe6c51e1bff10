"""The verbs of memory: record an event, keep a run, seal the events."""

from __future__ import annotations

import gc
import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance import __version__
from alliance.audit.models import Event, EventSeal, FigureInput, FigureKind, FigureRow, Run
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import Figure, Kind, canonical, digest, trail
from alliance.core.refused import AlreadyDone
from alliance.db import Base, append_many, insert_many, transaction

Row = tuple[str | int, ...]


def record(
    session: Session, act: Act, subject: str, *, by: Actor, now: datetime, alliance: int | None, **detail: Any
) -> None:
    """Add an event to the verb's own transaction; AlreadyDone when the form at hand was received before."""
    # Only the first event of a verb carries the token of its form.
    once = session.info.pop("once", None)
    event = Event(
        alliance_id=alliance, at=now, act=act.value, subject=subject, account=by.account, detail=detail, once=once
    )
    session.add(event)
    try:
        session.flush()
    except IntegrityError as error:
        if once and "once" in str(error.orig):
            raise AlreadyDone(once) from error
        raise


def record_many(
    session: Session, act: Act, subjects: Sequence[str], *, by: Actor, now: datetime, alliance: int, **detail: Any
) -> None:
    """Add one event for each subject; the first carries the form's token."""
    if not subjects:
        return
    record(session, act, subjects[0], by=by, now=now, alliance=alliance, **detail)
    insert_many(
        session,
        Event,
        [
            {
                "alliance_id": alliance,
                "at": now,
                "act": act.value,
                "subject": subject,
                "account": by.account,
                "detail": detail,
            }
            for subject in subjects[1:]
        ],
    )


@contextmanager
def verb(by: Actor, *, alone_in: int | None = None) -> Iterator[Session]:
    """The transaction of a verb; AlreadyDone when its form was received before.

    Two at once: SQLite lets one begin after the other, PostgreSQL breaks the second on the unique token. `alone_in`
    names an alliance in which they queue on PostgreSQL too: verbs that take the next number, or that decide on what
    others of them change.
    """
    with transaction() as session:
        if alone_in is not None:
            alliance = Base.metadata.tables["alliance"]
            # Not FOR UPDATE: every row that refers to the alliance would wait as well.
            session.execute(select(alliance.c.id).where(alliance.c.id == alone_in).with_for_update(key_share=True))
        if by.once:
            if session.scalar(select(Event.id).where(Event.once == by.once)):
                raise AlreadyDone(by.once)
            session.info["once"] = by.once
        yield session


def keep_run(
    session: Session,
    subject: str,
    results: Sequence[Figure],
    *,
    alliance: int,
    inputs: dict[str, Any],
    by: Actor,
    now: datetime,
) -> Run:
    """Keep everything the results rest on as a run, in the verb's transaction."""
    figures = list(trail(*results))
    run = Run(
        alliance_id=alliance,
        subject=subject,
        inputs=inputs,
        digest=digest(figures),
        figures=len(figures),
        software=__version__,
        account=by.account,
        at=now,
    )
    session.add(run)
    session.flush()
    for model, rows in zip((FigureKind, FigureRow, FigureInput), _rows(run.id, figures), strict=True):
        table: Table = model.__table__  # type: ignore[assignment]
        append_many(session, table, [column.name for column in table.columns], rows)
    return run


@contextmanager
def computing() -> Iterator[None]:
    """Around a computation of many figures: they all live until its end, so looking for rubbish only costs time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def pack(results: Sequence[Figure]) -> bytes:
    """Everything the results rest on, as one value for a column: of computations that are not kept for good.

    `audit.queries.Packed` opens it.
    """
    rows = _rows(0, list(trail(*results)))
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def _rows(run: int, figures: Sequence[Figure]) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of a run: its kinds, its figures numbered from 1, and their inputs; columns as in the tables."""
    kinds: dict[Kind, int] = {}
    rows: list[Row] = []
    inputs: list[Row] = []
    numbers = {id(figure): number for number, figure in enumerate(figures, 1)}
    by_code: dict[str, Kind] = {}
    seen: dict[int, int] = {}
    for number, figure in enumerate(figures, 1):
        kind = seen.get(id(figure.kind))
        if kind is None:
            kind = seen[id(figure.kind)] = kinds.setdefault(figure.kind, len(kinds) + 1)
            if by_code.setdefault(figure.kind.code, figure.kind) != figure.kind:
                raise ValueError(f"two kinds of one run are called {figure.kind.code}")
        rows.append(
            (run, number, kind, figure.key, canonical(figure.value), figure.state.value, figure.source, figure.owner)
        )
        for position, (name, part) in enumerate(figure.inputs):
            inputs.append((run, number, position, name, numbers[id(part)]))
    return [_kind_row(run, number, kind) for kind, number in kinds.items()], rows, inputs


def _kind_row(run: int, number: int, kind: Kind) -> Row:
    names = json.dumps([[name.name, name.zh, name.en] for name in kind.names], ensure_ascii=False)
    return (
        run, number, kind.code, kind.zh, kind.en, kind.unit_zh, kind.unit_en, kind.formula, kind.rounding, kind.clause,
        kind.level.value, names,
    )  # fmt: skip


def seal_events(*, now: datetime, limit: int = 10_000) -> int:
    """Seal the events that are not sealed yet, oldest first; how many were. Called by the worker."""
    with transaction() as session:
        if session.connection().dialect.name == "postgresql":
            # Wait for the verbs under way: an event with a lower number must not arrive after its seal.
            session.execute(text("LOCK TABLE event IN SHARE MODE"))
        last = session.scalars(select(EventSeal).order_by(EventSeal.id.desc()).limit(1)).first()
        after = last.last_event if last else 0
        events = list(session.scalars(select(Event).where(Event.id > after).order_by(Event.id).limit(limit)))
        if not events:
            return 0
        root = hashlib.sha256("\n".join(event_text(event) for event in events).encode()).hexdigest()
        previous = last.seal if last else ""
        session.add(
            EventSeal(
                id=(last.id if last else 0) + 1,
                at=now,
                first_event=events[0].id,
                last_event=events[-1].id,
                count=len(events),
                root=root,
                seal=hashlib.sha256(f"{previous}\n{root}".encode()).hexdigest(),
            )
        )
        return len(events)


def event_text(event: Event) -> str:
    """The canonical text of an event, as it enters a seal."""
    return json.dumps(
        [
            event.id,
            event.alliance_id,
            event.at.isoformat(timespec="microseconds"),
            event.act,
            event.subject,
            event.account,
            event.detail,
            event.once,
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
