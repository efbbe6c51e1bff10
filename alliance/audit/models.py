"""Tables that are only ever added to, and the triggers that see to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from alliance.db import Base, Moment

APPEND_ONLY = ("event", "event_seal", "run", "figure_kind", "figure", "figure_input")
Id = BigInteger().with_variant(Integer, "sqlite")
MARKS = ("refused", "export", "opened")  # what the detail of an event says when it changed nothing


def marked(mark: str) -> str:
    """The condition that an event carries a mark, word for word as its index has it, so that the index is found."""
    return f"(detail ->> '{mark}') IS NOT NULL"


def _index_of(mark: str) -> Index:
    where = text(marked(mark))
    return Index(f"ix_event_{mark}", "alliance_id", "at", "id", postgresql_where=where, sqlite_where=where)


class owner_of(FunctionElement[str]):  # noqa: N801 - written as a function of the database
    """Whose data a subject such as `submission:C07/2026-03` is of: what stands between its colon and its slash."""

    type = Text()
    inherit_cache = True


@compiles(owner_of)
def _split(element: owner_of, compiler: SQLCompiler, **options: Any) -> str:
    subject = compiler.process(element.clauses, **options)
    return f"split_part(split_part({subject}, ':', 2), '/', 1)"


@compiles(owner_of, "sqlite")
def _cut(element: owner_of, compiler: SQLCompiler, **options: Any) -> str:
    subject = compiler.process(element.clauses, **options)
    behind = f"substr({subject}, instr({subject}, ':') + 1)"
    return f"substr({behind}, 1, instr({behind}, '/') - 1)"


class Event(Base):
    """Something was done or refused: who, what, to which subject, when. No personal data."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    alliance_id: Mapped[int | None] = mapped_column(ForeignKey("alliance.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    act: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    # The one-time token of the form that asked: the same request twice breaks on it.
    once: Mapped[str | None] = mapped_column(Text, unique=True)
    # The log is read newest first under one filter or another; each way has its index in that order.
    __table_args__ = (
        Index("ix_event_alliance_id_at_id", "alliance_id", "at", "id"),
        Index("ix_event_alliance_id_account_at_id", "alliance_id", "account", "at", "id"),
        Index("ix_event_alliance_id_act_at_id", "alliance_id", "act", "at", "id"),
        Index("ix_event_alliance_id_subject_at_id", "alliance_id", "subject", "at", "id"),
        *map(_index_of, MARKS),
    )


Index("ix_event_owner", Event.alliance_id, owner_of(Event.subject), Event.at, Event.id)


class EventSeal(Base):
    """The root over a batch of events, chained to the seal before."""

    __tablename__ = "event_seal"
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)  # 1, 2, 3 …
    at: Mapped[datetime] = mapped_column(Moment)
    first_event: Mapped[int] = mapped_column(Id, unique=True)
    last_event: Mapped[int] = mapped_column(Id, unique=True)
    count: Mapped[int]
    root: Mapped[str] = mapped_column(Text)
    seal: Mapped[str] = mapped_column(Text)
    # The number and a short digest of each event, by which a wrong one is named; the root alone proves.
    leaves: Mapped[bytes | None] = mapped_column(LargeBinary)


class RefusalTally(Base):
    """How often an account was refused in a minute; what goes over the limit is recorded as one event."""

    __tablename__ = "refusal_tally"
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    minute: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    count: Mapped[int]
    alliance_id: Mapped[int | None] = mapped_column(ForeignKey("alliance.id"))


class Run(Base):
    """One computation and everything it rests on; its state is its decisions, never a column."""

    __tablename__ = "run"
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    subject: Mapped[str] = mapped_column(Text)  # e.g. score:2026Q1, fund:2026Q1
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)  # natural keys: period, scheme and its SHA-256, …
    digest: Mapped[str] = mapped_column(Text, index=True)
    figures: Mapped[int]
    software: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "subject", "id"),)


class FigureKind(Base):
    """What figures of one kind share within a run."""

    __tablename__ = "figure_kind"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    unit_zh: Mapped[str] = mapped_column(Text)
    unit_en: Mapped[str] = mapped_column(Text)
    formula: Mapped[str] = mapped_column(Text)
    rounding: Mapped[str] = mapped_column(Text)
    clause: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    names: Mapped[str] = mapped_column(Text)  # JSON list of [name, zh, en]


class FigureRow(Base):
    """One figure of a run; its number counts from 1 within the run."""

    __tablename__ = "figure"
    run_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[int]
    key: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)  # canonical decimal, "" without a value
    state: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("run_id", "key"),
        {"sqlite_with_rowid": False},  # kept in the order of the key, once
    )


class FigureInput(Base):
    """Which figures a figure rests on, and under which name each enters the formula."""

    # No foreign keys, as on figure: one call writes figures and inputs from one list, and nothing can be changed
    # afterwards; the check of two keys for each input would take most of the time of keeping a run.
    __tablename__ = "figure_input"
    run_id: Mapped[int] = mapped_column(primary_key=True)
    figure: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    input: Mapped[int]
    # Nor an index by `input`: what rests on a figure is found by reading the inputs of its run once, in milliseconds.
    __table_args__ = ({"sqlite_with_rowid": False},)


def guard(connection: Connection) -> None:
    """Make the triggers that refuse to change, remove or overwrite what is kept; safe to call again.

    Every migration calls it last: a batch migration of SQLite makes tables anew and drops their triggers.
    """
    statements = _on_postgresql() if connection.dialect.name == "postgresql" else _on_sqlite()
    for statement in statements:
        connection.exec_driver_sql(statement)


def unguard(connection: Connection) -> None:
    """Remove the triggers, for a migration that goes back past the tables."""
    for table in APPEND_ONLY:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_kept ON {table}")
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_kept_whole ON {table}")
        else:
            for how in ("update", "delete", "insert"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{how}")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS kept()")


def _on_postgresql() -> list[str]:
    made = [
        "CREATE OR REPLACE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
    ]
    for table in APPEND_ONLY:
        made += [
            f"CREATE OR REPLACE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION kept()",
            f"CREATE OR REPLACE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION kept()",
        ]
    return made


def _on_sqlite() -> list[str]:
    made = []
    for table in APPEND_ONLY:
        key = " AND ".join(f"{column.name} = NEW.{column.name}" for column in Base.metadata.tables[table].primary_key)
        for how in ("UPDATE", "DELETE"):
            made.append(
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{how.lower()} BEFORE {how} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        # INSERT OR REPLACE removes the old row without asking the DELETE trigger.
        made.append(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_insert BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    return made
