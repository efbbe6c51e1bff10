"""The questions of those who keep the accounts: a list to search, and all about one person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from alliance.accounts.models import Account, GrantRow, OneTimeLink, Person, SessionRow
from alliance.accounts.queries.people import grant_of, kept_here, known_here
from alliance.accounts.rules.sign_in import IDLE
from alliance.core.roles import ONLY_ONE, Grant
from alliance.db import db

LARGEST = 2**31 - 1  # of the numbers that a column of ids holds


@dataclass(frozen=True, slots=True)
class PersonLine:
    """An account in the list: the roles are those held today; `state` is open, invited, locked or blocked."""

    account: str
    name_zh: str
    name_en: str
    employer: str
    grants: tuple[Grant, ...]
    state: str
    totp: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that is open: when it began, when it was last used, and whether it is the one at hand."""

    opened: datetime
    seen: datetime
    here: bool = False


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account of a person; `invited_until`: its one-time link is still good."""

    code: str
    state: str
    blocked_why: str
    locked_until: datetime | None
    password_at: datetime | None
    totp_at: datetime | None
    invited_until: datetime | None
    sessions: tuple[Opened, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """The name of who holds a role."""

    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role with its time and its people; `state` is now, future or past."""

    id: int
    account: str
    holder: Holder
    grant: Grant
    state: str
    deputy_for: Holder | None
    given_by: str
    given_at: datetime
    ended_by: str
    ended_at: datetime | None
    reason: str

    @property
    def may_have_deputy(self) -> bool:
        """Whether somebody may be named to stand in."""
        return self.deputy_for is None and self.grant.role not in ONLY_ONE

    @property
    def last(self) -> date | None:
        """The last day on which it holds, None for no end."""
        return None if self.grant.until == date.max else self.grant.until - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """All that one alliance may know about a person; `kept`: it keeps the accounts."""

    name_zh: str
    name_en: str
    employer: str
    kept: bool
    accounts: tuple[AccountLine, ...]
    grants: tuple[GrantLine, ...]


def people(
    alliance: int, on: date, now: datetime, *, search: str = "", employer: str = "", role: str = "", start: int = 0,
    count: int = 50,
) -> tuple[list[PersonLine], int]:  # fmt: skip
    """A part of the people known to an alliance, by account, and how many there are altogether."""
    found = _found(alliance, on, search, employer, role)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = db.session.execute(found.order_by(Account.code).offset(start).limit(count)).all()
    grants: dict[int, list[Grant]] = {}
    held = select(GrantRow).where(_held(alliance, on), GrantRow.account_id.in_([account.id for account, _ in rows]))
    for row in db.session.scalars(held.order_by(GrantRow.id)):
        grants.setdefault(row.account_id, []).append(grant_of(row))
    return [
        PersonLine(
            account.code,
            person.name_zh,
            person.name_en,
            person.employer,
            tuple(grants.get(account.id, ())),
            _state(account, now),
            bool(account.totp),
        )
        for account, person in rows
    ], total


def _found(alliance: int, on: date, search: str, employer: str, role: str) -> Select[Account, Person]:
    rows = select(Account, Person).join(Person, Person.id == Account.person_id).where(known_here(alliance))
    if search:
        like = "%" + re.sub(r"([%_!])", r"!\1", search.lower()) + "%"
        columns = (Account.code, Person.name_zh, Person.name_en)
        rows = rows.where(or_(*(func.lower(column).like(like, escape="!") for column in columns)))
    if employer:
        rows = rows.where(Person.employer == ("" if employer == "-" else employer))
    if role:
        rows = rows.where(Account.id.in_(select(GrantRow.account_id).where(_held(alliance, on), GrantRow.role == role)))
    return rows


def _held(alliance: int, on: date) -> ColumnElement[bool]:
    return and_(
        GrantRow.alliance_id == alliance,
        GrantRow.start <= on,
        or_(GrantRow.until.is_(None), GrantRow.until > on),
    )


def _state(account: Account, now: datetime) -> str:
    if account.blocked_at:
        return "blocked"
    if account.locked_until and account.locked_until > now:
        return "locked"
    return "open" if account.password else "invited"


def person(alliance: int, account: str, on: date, now: datetime, secret_hash: str = "") -> PersonInfo | None:
    """Everything about the person behind an account; None when the alliance does not know it.

    `secret_hash` marks the session at hand among the open ones.
    """
    found = db.session.execute(
        select(Person, kept_here(alliance))
        .join(Account, Account.person_id == Person.id)
        .where(Account.code == account, known_here(alliance))
    ).first()
    if found is None:
        return None
    who, kept = found
    accounts = db.session.scalars(select(Account).where(Account.person_id == who.id).order_by(Account.id)).all()
    return PersonInfo(
        who.name_zh,
        who.name_en,
        who.employer,
        bool(kept),
        tuple(account_line(one, now, secret_hash) for one in accounts),
        tuple(_grants(alliance, who.id, on)),
    )


def account_line(account: Account, now: datetime, secret_hash: str = "") -> AccountLine:
    """An account with its open sessions."""
    invited = db.session.scalar(
        select(func.max(OneTimeLink.until)).where(
            OneTimeLink.account_id == account.id, OneTimeLink.used_at.is_(None), OneTimeLink.until > now
        )
    )
    sessions = db.session.scalars(
        select(SessionRow)
        .where(
            SessionRow.account_id == account.id,
            SessionRow.closed.is_(None),
            SessionRow.pending.is_(False),
            SessionRow.seen >= now - IDLE,
        )
        .order_by(SessionRow.seen.desc())
    )
    return AccountLine(
        account.code,
        _state(account, now),
        account.blocked_why,
        account.locked_until if account.locked_until and account.locked_until > now else None,
        account.password_at if account.password else None,
        account.totp_at,
        invited,
        tuple(Opened(one.opened, one.seen, one.secret == secret_hash) for one in sessions),
    )


def own_account(code: str, alliance: int | None, on: date, now: datetime, secret_hash: str) -> PersonInfo:
    """What a person is told about the account at hand; grants of the alliance in which the person works."""
    account = db.session.scalars(select(Account).where(Account.code == code)).one()
    who = db.session.get_one(Person, account.person_id)
    grants = [] if alliance is None else [one for one in _grants(alliance, who.id, on) if one.account == code]
    line = account_line(account, now, secret_hash)
    return PersonInfo(who.name_zh, who.name_en, who.employer, True, (line,), tuple(grants))


def grant_line(alliance: int, number: int, on: date) -> GrantLine | None:
    """One grant of the alliance."""
    if number > LARGEST:
        return None
    person = db.session.scalar(
        select(Account.person_id)
        .join(GrantRow, GrantRow.account_id == Account.id)
        .where(GrantRow.id == number, GrantRow.alliance_id == alliance)
    )
    return next((one for one in _grants(alliance, person, on) if one.id == number), None) if person else None


def _grants(alliance: int, person: int, on: date) -> list[GrantLine]:
    """The grants of a person in an alliance: those that hold, then those to come, then those that are over."""
    stands_for, stood_for = aliased(GrantRow), aliased(Account)
    principal = aliased(Person)
    rows = db.session.execute(
        select(GrantRow, Account.code, Person, principal)
        .join(Account, Account.id == GrantRow.account_id)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(stands_for, stands_for.id == GrantRow.deputy_of)
        .outerjoin(stood_for, stood_for.id == stands_for.account_id)
        .outerjoin(principal, principal.id == stood_for.person_id)
        .where(Person.id == person, GrantRow.alliance_id == alliance)
        .order_by(GrantRow.start.desc(), GrantRow.id.desc())
    )
    found = [
        GrantLine(
            row.id,
            code,
            Holder(who.name_zh, who.name_en),
            grant_of(row),
            _when(grant_of(row), on),
            Holder(other.name_zh, other.name_en) if other else None,
            row.given_by,
            row.given_at,
            row.ended_by,
            row.ended_at,
            row.reason,
        )
        for row, code, who, other in rows
    ]
    return sorted(found, key=lambda line: ("now", "future", "past").index(line.state))


def _when(grant: Grant, on: date) -> str:
    if grant.until <= max(on, grant.start):
        return "past"
    return "now" if grant.start <= on else "future"


def candidates(alliance: int) -> list[tuple[str, str, str]]:
    """Everybody known to an alliance who can be chosen: account, name in Chinese, name in English."""
    rows = db.session.execute(
        select(Account.code, Person.name_zh, Person.name_en)
        .join(Person, Person.id == Account.person_id)
        .where(known_here(alliance), Account.blocked_at.is_(None))
        .order_by(Account.code)
    )
    return [(code, zh, en) for code, zh, en in rows]
