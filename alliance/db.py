"""The database: one base, one way to begin and end a verb, and the types that keep numbers and times exact."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from itertools import chain
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from flask import Flask, has_request_context
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    event,
    insert,
    make_url,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.orm import DeclarativeBase, Session

from alliance.core.figure import canonical

P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")


class Base(DeclarativeBase):
    """The base of every table; constraints are named so that migrations can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class DecimalText(TypeDecorator[Decimal]):
    """An exact decimal, kept as its canonical text on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """A point in time: kept in UTC, always with its zone; a naive one is a fault of the program."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BLOCK = 10_000  # rows in one piece of a COPY
ANSWERS = 256  # of one question that stay, kept for a database
TOGETHER = 100  # rows in one INSERT of SQLite: half the time of one by one
BUSY_WAIT, LOG_WAIT = 10_000, 200  # ms that SQLite waits for another one, and to empty its log
ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

UNREADABLE = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_IOERR")
# A server that is not there must not keep a request or a task waiting for as long as TCP would, in seconds and ms.
PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 20_000}

db = SQLAlchemy(
    metadata=Base.metadata,
    disable_autonaming=True,
    session_options={"autoflush": False},
)
migrate = Migrate(render_as_batch=True, compare_type=True)


def prepare(app: Flask) -> None:
    """Bind the database to the app, and SQLite to its pragmas."""
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations")
    with app.app_context():
        # What is made up need not outlive a loss of power, and loads in half the time.
        prepare_engine(db.engine, durable=not (app.testing or app.config["ALLIANCE"].demo))


def engine_options(url: str) -> dict[str, Any]:
    """How the engine of an address is made.

    What stood in a statement may be somebody's data, and errors are logged. A database that was restarted has closed
    the connections that wait here: each is tried before it is used, which costs a tenth of a millisecond.
    """
    found = make_url(url)
    patience = {name: value for name, value in PATIENCE.items() if name not in found.query}
    given = {"connect_args": patience} if found.get_backend_name() == "postgresql" else {}
    return {"hide_parameters": True, "pool_pre_ping": True, **given}


def prepare_engine(engine: Engine, *, durable: bool = True) -> None:
    """SQLite: WAL, foreign keys, and transactions that begin when we say, so that a verb may begin IMMEDIATE.

    `durable` waits at each commit until the disk has it: what was acknowledged outlives a loss of power too. Without,
    it outlives the death of a process only.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        synchronous = "FULL" if durable else "NORMAL"
        # What is erased is overwritten: patients' data must not lie on in free pages.
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", f"busy_timeout={BUSY_WAIT}", "foreign_keys=ON",
                       "secure_delete=ON"):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def empty_log() -> bool:
    """SQLite: bring the write-ahead log into the database and empty it; whether that was possible now.

    The log holds each transaction by itself until others are written over it: what was erased or mixed since, such as
    the answers to surveys, would lie on in it as it came. PostgreSQL has a log of its own.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        # Who reads now is not waited for long, since nobody can write meanwhile.
        cursor.execute(f"PRAGMA busy_timeout={LOG_WAIT}")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={BUSY_WAIT}")
        return not busy
    finally:
        connection.close()


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database itself cannot be reached or read, and not that something was asked of it
    wrongly: no connection, one that broke, none free, or a file of SQLite that cannot be opened or is none."""
    if isinstance(error, NoneFree):
        return True
    if not isinstance(error, DBAPIError):
        return False
    unreadable = str(getattr(error.orig, "sqlite_errorname", "")).startswith(UNREADABLE)
    return error.connection_invalidated or error.statement is None or unreadable


@contextmanager
def transaction() -> Iterator[Session]:
    """One verb, one transaction: all of it is kept, or none. On SQLite it begins IMMEDIATE, so it waits its turn.

    A verb called inside another verb's transaction is a fault of the program.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted or session.info.get("verb"):
        raise RuntimeError("a verb begins in the middle of another")
    # End the transaction in which the request was reading, so that the verb reads what is true now.
    session.rollback()
    session.info["verb"] = True
    try:
        session.connection(execution_options={"immediate": True})
        yield session
        session.flush()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.clear()


def remembered(question: Callable[P, T]) -> Callable[P, T]:
    """A question that many rooms ask for one page, such as who is a member: the database answers it once for a request.

    A verb forgets all answers, and inside of one nothing is remembered. The arguments must be hashable.
    """

    @wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> T:
        info = db.session().info
        if not has_request_context() or info.get("verb"):
            return question(*args, **kwargs)
        answers, key = info.setdefault("answers", {}), (question, args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = question(*args, **kwargs)
        return _own(cast(T, answers[key]))

    return ask


def _own(answer: T) -> T:
    """Whoever sorts or narrows a list does so with one of its own."""
    return copy(answer) if isinstance(answer, (list, dict)) else answer


class Lasting(Generic[V]):
    """Values that are the same for good, kept by this process for each database on its own; of more than `most` the one
    that nobody asked for longest goes."""

    def __init__(self, most: int = ANSWERS) -> None:
        self._most, self._lock = most, Lock()
        self._of: WeakKeyDictionary[Engine, OrderedDict[Hashable, V]] = WeakKeyDictionary()

    def find(self, key: Hashable) -> V | None:
        with self._lock:
            kept = self._of.get(db.engine)
            if kept is None or key not in kept:
                return None
            kept.move_to_end(key)
            return kept[key]

    def keep(self, key: Hashable, value: V) -> None:
        """Nothing is kept from inside a verb: it may be taken back, and its numbers be given out again."""
        if db.session().info.get("verb"):
            return
        with self._lock:
            kept = self._of.setdefault(db.engine, OrderedDict())
            kept[key] = value
            if len(kept) > self._most:
                kept.popitem(last=False)

    def everything(self) -> dict[Hashable, V]:
        """All that is kept of the database at hand."""
        with self._lock:
            return dict(self._of.get(db.engine, {}))


def lasting(question: Callable[P, T]) -> Callable[P, T]:
    """A question whose answer stays as it is once there is one, such as what a run kept: asked of the database once.

    The arguments must say all that the answer rests on and be hashable; who may read it is no matter of such a question
    (record 0162). An empty answer may be filled yet and is not kept.
    """
    answers: Lasting[T] = Lasting()

    @wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (args, tuple(sorted(kwargs.items())))
        found = answers.find(key)
        if found is None:
            found = question(*args, **kwargs)
            if found:
                answers.keep(key, found)
        return _own(found)

    return ask


def append_many(session: Session, table: Table, columns: Sequence[str], rows: Sequence[tuple[str | int, ...]]) -> None:
    """Add many rows of text and whole numbers at once: COPY on PostgreSQL, a hundred to a statement on SQLite."""
    if not rows:
        return
    connection = session.connection()
    names = ", ".join(f'"{column}"' for column in columns)
    if connection.dialect.name != "postgresql":
        whole = len(rows) - len(rows) % TOGETHER
        marks = f"({', '.join('?' * len(columns))})"
        for size, part in ((TOGETHER, rows[:whole]), (1, rows[whole:])):
            if part:
                groups = [tuple(chain(*part[start : start + size])) for start in range(0, len(part), size)]
                values = ", ".join([marks] * size)
                connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES {values}', groups)
        return
    with connection.connection.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for start in range(0, len(rows), BLOCK):
            copy.write(_copied(rows[start : start + BLOCK]))


def _copied(rows: Sequence[tuple[str | int, ...]]) -> str:
    """Rows as COPY takes them: a line each, a tab between columns, and what these mean escaped where it occurs."""
    plain = "\n".join(["\t".join(map(str, row)) for row in rows])
    tabs = sum(map(len, rows)) - len(rows)
    if "\\" in plain or "\r" in plain or plain.count("\n") != len(rows) - 1 or plain.count("\t") != tabs:
        plain = "\n".join(["\t".join([str(value).translate(ESCAPED) for value in row]) for row in rows])
    return plain + "\n"


def insert_many(session: Session, model: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Add many rows given by column name, with the table's own types."""
    if rows:
        session.execute(insert(table_of(model)), [dict(row) for row in rows])


def table_of(model: type[Base]) -> Table:
    """The table of a model, for what is read or added too often to pay for objects that nobody changes."""
    return cast(Table, model.__table__)
