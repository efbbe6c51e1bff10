"""The verbs of memory: record an event, keep a run, seal the events."""

from __future__ import annotations

import gc
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance import __version__
from alliance.audit.models import Event, EventSeal, FigureInput, FigureKind, FigureRow, RefusalTally, Run
from alliance.audit.rules import OPENINGS, REFUSALS, Batch, event_text, seal_text
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import Figure, Kind, canonical, digest, trail
from alliance.core.refused import AlreadyDone, mark
from alliance.db import Base, Moment, append_many, insert_many, table_of, transaction

SYSTEM = Actor("system")
Row = tuple[str | int, ...]


def record(
    session: Session, act: Act, subject: str, *, by: Actor, now: datetime, alliance: int | None, **detail: Any
) -> None:
    """Add an event to the verb's own transaction; AlreadyDone when the form at hand was received before."""
    # Only the first event of a verb carries the token of its form.
    once = session.info.pop("once", None)
    event = {
        "alliance_id": alliance, "at": now, "act": act.value, "subject": subject, "account": by.account,
        "detail": detail, "once": once,
    }  # fmt: skip
    try:
        session.flush()
        insert_many(session, Event, [event])
    except IntegrityError as error:
        if once and "once" in str(error.orig):
            raise AlreadyDone(once) from error
        raise
    session.info.setdefault("acts", []).append(act.value)


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
    session.info["acts"].extend([act.value] * (len(subjects) - 1))


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
        table = table_of(model)
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


def record_refusal(
    act: Act, subject: str, message: str, *, status: int, by: Actor, now: datetime, alliance: int | None
) -> bool:
    """Record that somebody was refused; whether it has an event of its own.

    Of an account and a minute the first `REFUSALS` have; the rest are counted, and `count_refusals` records the count.
    `message` is the English message id, without what was typed.
    """
    minute = now.replace(second=0, microsecond=0)
    with verb(replace(by, once="")) as session:
        # One statement, so that two processes at the same moment count two.
        count = session.scalar(
            text(
                "INSERT INTO refusal_tally (account, minute, count, alliance_id) "
                "VALUES (:account, :minute, 1, :alliance) ON CONFLICT (account, minute) "
                "DO UPDATE SET count = refusal_tally.count + 1 RETURNING count"
            ).bindparams(
                bindparam("account", by.account), bindparam("minute", minute, Moment), bindparam("alliance", alliance)
            )
        )
        if count is None or count > REFUSALS:
            return False
        record(session, act, subject, by=by, now=now, alliance=alliance, refused=message, status=status)
        return True


def count_refusals(*, now: datetime) -> int:
    """Record, for each account and minute that is over, how many refusals had no event of their own. By the worker."""
    over = now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    with verb(SYSTEM) as session:
        rows = session.execute(
            delete(RefusalTally)
            .where(RefusalTally.minute < over)
            .returning(RefusalTally.account, RefusalTally.minute, RefusalTally.count, RefusalTally.alliance_id)
        ).all()
        many = sorted((row for row in rows if row[2] > REFUSALS), key=lambda row: (row[1], row[0]))
        for account, minute, count, alliance in many:
            record(
                session,
                Act.AUDIT_REFUSAL_COUNT,
                f"account:{account}",
                by=Actor(account),
                now=now,
                alliance=alliance,
                refused=mark("Refusals that were only counted."),
                count=count - REFUSALS,
                minute=minute.isoformat(),
            )
        return len(many)


def record_export(act: Act, subject: str, form: str, *, by: Actor, now: datetime, alliance: int | None) -> None:
    """Record that somebody took a file out; without this event no file leaves."""
    with verb(replace(by, once="")) as session:
        record(session, act, subject, by=by, now=now, alliance=alliance, export=form)


def record_opening(act: Act, subject: str, *, by: Actor, now: datetime, alliance: int | None) -> bool:
    """Record that somebody from elsewhere opened what belongs to a member; the same page within the hour is one."""
    with verb(replace(by, once="")) as session:
        since = now - timedelta(seconds=OPENINGS)
        if session.scalar(
            select(Event.id)
            .where(
                Event.alliance_id == alliance,
                Event.subject == subject,
                Event.at > since,
                Event.account == by.account,
                Event.act == act.value,
            )
            .limit(1)
        ):
            return False
        record(session, act, subject, by=by, now=now, alliance=alliance, opened=True)
        return True


def seal_events(*, now: datetime, limit: int = 10_000) -> int:
    """Seal the events that are not sealed yet, oldest first; how many were. Called by the worker."""
    with transaction() as session:
        if session.connection().dialect.name == "postgresql":
            # Wait for the verbs under way: an event with a lower number must not arrive after its seal.
            session.execute(text("LOCK TABLE event IN SHARE MODE"))
        last = session.execute(
            select(EventSeal.id, EventSeal.last_event, EventSeal.seal).order_by(EventSeal.id.desc()).limit(1)
        ).first()
        number, after, previous = last or (0, 0, "")
        batch, at = Batch(), now.astimezone(UTC)
        columns = (
            Event.id, Event.alliance_id, Event.at, Event.act, Event.subject, Event.account, Event.detail, Event.once
        )  # fmt: skip
        for row in session.execute(select(*columns).where(Event.id > after).order_by(Event.id).limit(limit)):
            batch.add(row[0], event_text(*row))
        if batch.count:
            session.add(
                EventSeal(
                    id=number + 1,
                    at=now,
                    first_event=batch.first,
                    last_event=batch.last,
                    count=batch.count,
                    root=batch.root,
                    seal=seal_text(previous, number + 1, at, batch.first, batch.last, batch.count, batch.root),
                    leaves=batch.leaves,
                )
            )
        return batch.count
