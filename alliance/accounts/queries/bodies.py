"""The questions about bodies: their seats by day, and their decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select

from alliance.accounts.models import Body, Decision, Person, Seat, Vote
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused, mark
from alliance.db import db


@dataclass(frozen=True, slots=True)
class SeatInfo:
    """A seat on a body."""

    number: int
    name_zh: str
    name_en: str
    institution: str


@dataclass(frozen=True, slots=True)
class BodyInfo:
    """A body with the seats that hold on a day."""

    code: str
    name_zh: str
    name_en: str
    quorum: int
    seats: tuple[SeatInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionInfo:
    """A decision with its votes as (seat, choice)."""

    number: str
    body: BodyInfo
    held_on: date
    subject: str
    text: str
    document: str
    adopted: bool
    recorded_by: str
    recorded_at: datetime
    votes: tuple[tuple[SeatInfo, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Term:
    """A seat with its time; `until` is the first day without it."""

    seat: SeatInfo
    start: date
    until: date | None

    def state(self, on: date) -> str:
        """now, future or past, seen from a day."""
        if self.until is not None and self.until <= max(on, self.start):
            return "past"
        return "now" if self.start <= on else "future"

    @property
    def last(self) -> date | None:
        """The last day on which it is held, None for no end."""
        return None if self.until is None else self.until - timedelta(days=1)


def bodies(alliance: int, on: date) -> list[BodyInfo]:
    """The bodies of an alliance with the seats of a day."""
    rows = db.session.scalars(select(Body).where(Body.alliance_id == alliance).order_by(Body.id))
    return [
        BodyInfo(row.code, row.name_zh, row.name_en, row.quorum, tuple(seat for _, seat in _seats(row.id, on)))
        for row in rows
    ]


def terms(alliance: int, body: str) -> list[Term]:
    """Every seat that a body has, had or will have, by number."""
    rows = db.session.execute(
        select(Seat, Person)
        .join(Person, Person.id == Seat.person_id)
        .join(Body, Body.id == Seat.body_id)
        .where(Body.alliance_id == alliance, Body.code == body)
        .order_by(Seat.number, Seat.start)
    )
    return [
        Term(SeatInfo(seat.number, person.name_zh, person.name_en, seat.institution), seat.start, seat.until)
        for seat, person in rows
    ]


def _seats(body: int, on: date) -> list[tuple[int, SeatInfo]]:
    rows = db.session.execute(
        select(Seat, Person)
        .join(Person, Person.id == Seat.person_id)
        .where(Seat.body_id == body, Seat.start <= on)
        .where((Seat.until.is_(None)) | (Seat.until > on))
        .order_by(Seat.number)
    )
    return [(seat.id, SeatInfo(seat.number, person.name_zh, person.name_en, seat.institution)) for seat, person in rows]


def decisions(alliance: int, subject: str = "") -> list[DecisionInfo]:
    """Decisions, newest first; of one subject when it is named."""
    rows = select(Decision, Body).join(Body, Body.id == Decision.body_id).where(Decision.alliance_id == alliance)
    if subject:
        rows = rows.where(Decision.subject == subject)
    return [
        _decision(row, body)
        for row, body in db.session.execute(rows.order_by(Decision.held_on.desc(), Decision.id.desc()))
    ]


def adopted(alliance: int, subject: str) -> list[tuple[str, date]]:
    """Number and day of the decisions that adopt a subject, newest first."""
    return [(one.number, one.held_on) for one in decisions(alliance, subject) if one.adopted]


def decision(alliance: int, number: str) -> DecisionInfo | None:
    """A decision with its votes."""
    found = db.session.execute(
        select(Decision, Body)
        .join(Body, Body.id == Decision.body_id)
        .where(Decision.alliance_id == alliance, Decision.number == number)
    ).first()
    return _decision(*found) if found else None


def _decision(row: Decision, body: Body) -> DecisionInfo:
    votes = db.session.execute(
        select(Seat, Person, Vote.choice)
        .join(Vote, Vote.seat_id == Seat.id)
        .join(Person, Person.id == Seat.person_id)
        .where(Vote.decision_id == row.id)
        .order_by(Seat.number)
    )
    cast = tuple(
        (SeatInfo(seat.number, person.name_zh, person.name_en, seat.institution), choice)
        for seat, person, choice in votes
    )
    return DecisionInfo(
        row.number,
        BodyInfo(body.code, body.name_zh, body.name_en, body.quorum),
        row.held_on,
        row.subject,
        row.text,
        row.document,
        row.adopted,
        row.recorded_by,
        row.recorded_at,
        cast,
    )


def next_number(alliance: int, year: int) -> str:
    """The decision number after the highest of a year: 2026-003."""
    taken = select(Decision.number).where(Decision.alliance_id == alliance, Decision.number.like(f"{year}-%"))
    found = [number.partition("-")[2] for number in db.session.scalars(taken)]
    return f"{year}-{max((int(one) for one in found if one.isdecimal() and len(one) < 10), default=0) + 1:03}"


# What a body can decide on: of each kind of subject, whom one of them concerns; None when there is no such subject.
MATTERS: dict[str, Callable[[int, str], frozenset[str] | None]] = {}


def decides_on(kind: str, concerned: Callable[[int, str], frozenset[str] | None]) -> None:
    """Tell how a kind of subject is looked up; each wing does so for its own, which this one must not know."""
    MATTERS[kind] = concerned


def concerned_by(alliance: int, subject: str) -> frozenset[str]:
    """The institutions whose seats take no part in a matter; NotFound when there is no such matter."""
    kind, _, what = subject.partition(":")
    found = MATTERS[kind](alliance, what) if kind in MATTERS else None
    if found is None:
        raise NotFound()
    return found


def decision_on(alliance: int, number: str, subject: str, *, since: datetime | None = None) -> DecisionInfo:
    """The decision of a number on a subject, adopted or not; Refused when there is none, it is on another matter, or is
    older than `since`, when what it is about was made."""
    found = decision(alliance, number)
    if found is None:
        raise Refused(mark("There is no decision %(number)s. Record the decision of the body first."), number=number)
    if found.subject != subject:
        raise Refused(
            mark("Decision %(number)s is on another matter (%(subject)s)."), number=number, subject=found.subject
        )
    if since is not None and (found.recorded_at < since or found.held_on < day_of(since)):
        raise Refused(
            mark("Decision %(number)s is older than what stands here now; the body has to decide on it anew."),
            number=number,
        )
    return found


def require_decision(alliance: int, number: str, subject: str, *, since: datetime | None = None) -> DecisionInfo:
    """The adopted decision on a subject; Refused when there is none, it is on another matter, was not adopted, or is
    older than `since`, when what it is to put into force was made."""
    found = decision_on(alliance, number, subject, since=since)
    if not found.adopted:
        raise Refused(mark("Decision %(number)s was not adopted."), number=number)
    return found
