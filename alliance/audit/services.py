"""The verbs of memory: record an event, keep a run, seal the events."""

from __future__ import annotations

import gc
import hashlib
import json
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
from alliance.db import append_many, insert_many, transaction


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
def verb(by: Actor) -> Iterator[Session]:
    """The transaction of a verb; AlreadyDone when its form was received before.

    Two at once: SQLite lets one begin after the other, PostgreSQL breaks the second on the unique token.
    """
    with transaction() as session:
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
    was = gc.isenabled()
    gc.disable()  # hundreds of thousands of small objects live until the end anyway
    try:
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
        _append_figures(session, run.id, figures)
    finally:
        if was:
            gc.enable()
    return run


def _append_figures(session: Session, run: int, figures: Sequence[Figure]) -> None:
    kinds: dict[Kind, int] = {}
    rows, inputs = [], []
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
    _append(
        session,
        FigureKind,
        [
            (
                run,
                number,
                kind.code,
                kind.zh,
                kind.en,
                kind.unit_zh,
                kind.unit_en,
                kind.formula,
                kind.rounding,
                kind.clause,
                kind.level.value,
                json.dumps([[n.name, n.zh, n.en] for n in kind.names], ensure_ascii=False),
            )
            for kind, number in kinds.items()
        ],
    )
    _append(session, FigureRow, rows)
    _append(session, FigureInput, inputs)


def _append(session: Session, model: type[Any], rows: Sequence[Sequence[object]]) -> None:
    table: Table = model.__table__
    append_many(session, table, [column.name for column in table.columns], rows)


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
