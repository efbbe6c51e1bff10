"""The questions about events and seals: who did what, and who touched whose data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    and_,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
)

from alliance.audit.models import MARKS, Event, EventSeal, Id, marked, owner_of
from alliance.audit.rules import BLIND, OWNED, is_blind
from alliance.core.acts import Act
from alliance.core.period import SHANGHAI
from alliance.db import Lasting, Moment, db, remembered


@dataclass(frozen=True, slots=True)
class EventInfo:
    """An event, for pages."""

    at: datetime
    act: str
    subject: str
    account: str
    detail: dict[str, Any]


def events_on(alliance: int, subjects: Iterable[str], limit: int = 100) -> list[EventInfo]:
    """What happened to subjects, oldest first."""
    rows = (
        select(Event)
        .where(Event.alliance_id == alliance, Event.subject.in_(list(subjects)))
        .order_by(Event.id)
        .limit(limit)
    )
    return [EventInfo(row.at, row.act, row.subject, row.account, row.detail) for row in db.session.scalars(rows)]


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


P = ParamSpec("P")
T = TypeVar("T")
NEWEST = 256  # events that may come to light late
CHANGE = [cast("ColumnElement[bool]", text(f"NOT ({marked(mark)})")) for mark in MARKS]
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
        found.extend(CHANGE)
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


@remembered
def recorded() -> tuple[int, int]:
    """Changes whenever a change is recorded: its number, and how many of the numbers before it there are, because an
    event of a longer transaction may come to light after a later one. Refusals, exports and openings change nothing."""
    newest = select(Event.id).where(*CHANGE).order_by(Event.id.desc()).limit(1).correlate(None).scalar_subquery()
    last, before = db.session.execute(
        select(func.max(Event.id), func.count()).where(Event.id <= newest, Event.id > newest - NEWEST)
    ).one()
    return last or 0, before


def until_next_event(question: Callable[P, T]) -> Callable[P, T]:
    """A question about the alliance, whoever asks: answered anew when anything was recorded since (record 0213).

    Only for lists and numbers that never change without an event; arguments are hashable. Inside a verb, which sees
    what it has not recorded yet, it is asked.
    """
    answers: Lasting[tuple[tuple[int, int], T]] = Lasting()

    @wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> T:
        if db.session().info.get("verb"):
            return question(*args, **kwargs)
        key, stamp = (args, tuple(sorted(kwargs.items()))), recorded()
        found = answers.find(key)
        if found is None or found[0] != stamp:
            found = stamp, question(*args, **kwargs)
            answers.keep(key, found)
        return copy(found[1])

    return ask


def unsealed_since() -> datetime | None:
    """When the first event after the last seal happened; None while everything is sealed."""
    last = select(func.coalesce(func.max(EventSeal.last_event), 0)).scalar_subquery()
    return db.session.scalar(select(Event.at).where(Event.id > last).order_by(Event.id).limit(1))


def seals() -> Iterator[SealInfo]:
    """Every seal, oldest first."""
    for row in db.session.execute(select(*SEAL).order_by(EventSeal.id).execution_options(yield_per=1000)):
        yield SealInfo(*row)


def touches(
    alliance: int, institution: str, *, before: tuple[datetime, int] | None = None, limit: int = 50
) -> list[LoggedEvent]:
    """What happened to what belongs to an institution, newest first; nothing of blind ratings."""
    narrowed: list[ColumnElement[bool]] = [
        Event.alliance_id == alliance,
        owner_of(Event.subject) == institution,
        or_(*(Event.subject.like(f"{kind}:%/%") for kind in OWNED)),
        *(Event.act.not_like(f"%{part}%") for part in BLIND),
    ]
    if before:
        narrowed.append(tuple_(Event.at, Event.id) < tuple_(literal(before[0], Moment), literal(before[1], Id)))
    rows = select(*SHOWN).where(*narrowed).order_by(Event.at.desc(), Event.id.desc()).limit(limit)
    return [LoggedEvent(*row) for row in db.session.execute(rows)]


def ratings_of(alliance: int, institution: str, now: datetime) -> list[tuple[str, int]]:
    """How many ratings of an institution were recorded in each month that is over, newest first: (month, count).

    Nothing finer: who looks again after a colleague has rated must learn nothing.
    """
    blind = [act.value for act in Act if is_blind(act.value)]
    rows = select(Event.at).where(
        Event.alliance_id == alliance,
        Event.act.in_(blind),
        or_(*(Event.subject.like(f"rating:%/{institution}{end}") for end in ("", "/%", "@%"))),
        *CHANGE,
    )
    months = Counter(at.astimezone(SHANGHAI).strftime("%Y-%m") for at in db.session.scalars(rows))
    months.pop(now.astimezone(SHANGHAI).strftime("%Y-%m"), None)
    return sorted(months.items(), reverse=True)


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done with a one-time token: subject and detail of its event."""

    subject: str
    detail: dict[str, Any]


def deed(once: str) -> Deed | None:
    """What was done with a one-time token; None when nothing was."""
    row = db.session.execute(select(Event.subject, Event.detail).where(Event.once == once)).first()
    return Deed(row.subject, row.detail) if row else None
