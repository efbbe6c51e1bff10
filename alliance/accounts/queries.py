"""The questions about people: who signs in, with which grants; names; bodies and decisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select

from alliance.accounts.models import Account, Body, Decision, GrantRow, Person, Seat, SessionRow, Vote
from alliance.accounts.rules import IDLE
from alliance.core.refused import Refused, mark
from alliance.core.roles import Grant
from alliance.db import db


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """The person at the keyboard, as flask-login and access know them."""

    code: str
    name_zh: str
    name_en: str
    employer: str
    language: str
    grants: tuple[Grant, ...] = ()
    secret: str = ""
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.secret


@dataclass(frozen=True, slots=True)
class Demo:
    """A sign-in shown in the demo."""

    code: str
    name_zh: str
    name_en: str
    employer: str
    roles: tuple[str, ...]
    alliance_id: int


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


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def account_of_session(secret: str, now: datetime) -> AccountInfo | None:
    """The account of an open session that has not been idle too long."""
    found = db.session.execute(
        select(SessionRow, Account, Person)
        .join(Account, Account.id == SessionRow.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(SessionRow.secret == secret_hash(secret), SessionRow.closed.is_(None))
    ).first()
    if found is None or found[0].seen + IDLE < now:
        return None
    _, account, person = found
    grants = tuple(
        _grant(row)
        for row in db.session.scalars(select(GrantRow).where(GrantRow.account_id == account.id).order_by(GrantRow.id))
    )
    return AccountInfo(account.code, person.name_zh, person.name_en, person.employer, account.language, grants, secret)


def session_seen(secret: str) -> datetime | None:
    return db.session.scalar(select(SessionRow.seen).where(SessionRow.secret == secret_hash(secret)))


def _grant(row: GrantRow) -> Grant:
    return Grant(row.role, row.alliance_id, row.institution, row.start, row.until or date.max)


def names(codes: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Name in Chinese, in English and employer of accounts by code."""
    rows = db.session.execute(
        select(Account.code, Person.name_zh, Person.name_en, Person.employer)
        .join(Person, Person.id == Account.person_id)
        .where(Account.code.in_(set(codes)))
    )
    return {code: (zh, en, employer) for code, zh, en, employer in rows}


def accounts_of(alliance: int) -> list[str]:
    """The codes of all accounts that have, or had, a grant for an alliance."""
    rows = (
        select(Account.code).join(GrantRow, GrantRow.account_id == Account.id).where(GrantRow.alliance_id == alliance)
    )
    return list(db.session.scalars(rows.distinct().order_by(Account.code)))


def demo_accounts() -> list[Demo]:
    """All accounts with their roles; for the demo's sign-in page only."""
    found: dict[str, Demo] = {}
    rows = db.session.execute(
        select(Account.code, Person.name_zh, Person.name_en, Person.employer, GrantRow.role, GrantRow.alliance_id)
        .join(Person, Person.id == Account.person_id)
        .join(GrantRow, GrantRow.account_id == Account.id)
        .order_by(Account.id, GrantRow.id)
    )
    for code, zh, en, employer, role, alliance in rows:
        before = found[code].roles if code in found else ()
        found[code] = Demo(code, zh, en, employer, (*before, role), alliance)
    return list(found.values())


def officers(alliance: int, role: str, on: date) -> list[tuple[str, str]]:
    """Accounts that hold a role for the whole alliance on a day, with their employers."""
    rows = db.session.execute(
        select(Account.code, Person.employer)
        .join(Person, Person.id == Account.person_id)
        .join(GrantRow, GrantRow.account_id == Account.id)
        .where(
            GrantRow.alliance_id == alliance, GrantRow.role == role, GrantRow.institution == "", GrantRow.start <= on
        )
        .where((GrantRow.until.is_(None)) | (GrantRow.until > on))
    )
    return [(code, employer) for code, employer in rows]


def bodies(alliance: int, on: date) -> list[BodyInfo]:
    """The bodies of an alliance with the seats of a day."""
    rows = db.session.scalars(select(Body).where(Body.alliance_id == alliance).order_by(Body.id))
    return [
        BodyInfo(row.code, row.name_zh, row.name_en, row.quorum, tuple(seat for _, seat in _seats(row.id, on)))
        for row in rows
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
    return [_decision(row, body) for row, body in db.session.execute(rows.order_by(Decision.id.desc()))]


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
    """The next free decision number of a year: 2026-003."""
    count = db.session.scalar(
        select(func.count())
        .select_from(Decision)
        .where(Decision.alliance_id == alliance, Decision.number.like(f"{year}-%"))
    )
    return f"{year}-{(count or 0) + 1:03}"


def require_decision(alliance: int, number: str, subject: str) -> DecisionInfo:
    """The adopted decision on a subject; Refused when there is none, it is on another matter or was not adopted."""
    found = decision(alliance, number)
    if found is None:
        raise Refused(mark("There is no decision %(number)s. Record the decision of the body first."), number=number)
    if found.subject != subject:
        raise Refused(
            mark("Decision %(number)s is on another matter (%(subject)s)."), number=number, subject=found.subject
        )
    if not found.adopted:
        raise Refused(mark("Decision %(number)s was not adopted."), number=number)
    return found
