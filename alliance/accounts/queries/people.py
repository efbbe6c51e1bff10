"""The questions about people: who signs in, with which grants; who is known here; names and officers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, or_, select

from alliance.accounts.models import Account, Draft, GrantRow, OneTimeLink, Person, SessionRow
from alliance.accounts.rules.sign_in import DRAFT, IDLE, PENDING
from alliance.accounts.rules.totp import next_code
from alliance.cipher import PREFIX, Keyring, Unreadable, keyring
from alliance.core.roles import Grant
from alliance.db import db

# What a grant is made from: read with every request.
HELD = (
    GrantRow.role, GrantRow.alliance_id, GrantRow.institution, GrantRow.start, GrantRow.until, GrantRow.department,
)  # fmt: skip
TYPED = "draft.fields"  # for what is encrypted of a form whose session ended
TOTP = "account.totp"  # for what the keys of authenticators are encrypted


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """The person at the keyboard, as flask-login and access know them."""

    code: str
    name_zh: str
    name_en: str
    employer: str
    language: str
    password_at: datetime
    totp: bool = False  # signs in with a second factor
    grants: tuple[Grant, ...] = ()
    secret: str = ""
    employee: str = ""  # staff number at the employer
    seen: datetime | None = None  # when the session was last in use
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
    totp: bool  # signs in with a one-time code too
    one_time_code: str  # that a sign-in takes now; "" where none is asked, or the next one is not there yet


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def account_of_session(secret: str, now: datetime) -> AccountInfo | None:
    """The account of an open session that has not been idle too long."""
    rows = db.session.execute(_signed_in(), {"secret": secret_hash(secret)}).all()
    found = next(iter(rows), None)
    if found is None or found.seen + IDLE < now or found.blocked_at is not None:
        return None
    return AccountInfo(
        found.code,
        found.name_zh,
        found.name_en,
        found.employer,
        found.language,
        found.password_at,
        bool(found.totp),
        tuple(grant_of(row) for row in rows if row.role is not None),
        secret,
        found.employee,
        found.seen,
    )


@cache
def _signed_in() -> Any:
    """The account of an open session, a row for each of its grants; built once, since every request asks it."""
    return (
        select(
            SessionRow.seen,
            Account.blocked_at,
            Account.code,
            Person.name_zh,
            Person.name_en,
            Person.employer,
            Person.employee,
            Account.language,
            Account.password_at,
            Account.totp,
            *HELD,
        )
        .join(Account, Account.id == SessionRow.account_id)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(GrantRow, GrantRow.account_id == Account.id)
        .where(SessionRow.secret == bindparam("secret"), SessionRow.closed.is_(None), SessionRow.pending.is_(False))
        .order_by(GrantRow.id)
    )


def foreign_keys() -> dict[str, int]:
    """Under which keys that the deployment does not have keys of authenticators are encrypted, and how many."""
    prefix = func.substr(Account.totp, 1, PREFIX)
    found = db.session.execute(select(prefix, func.count()).where(Account.totp != "").group_by(prefix).order_by(prefix))
    return {name: count for name, count in found if not keyring().knows(name)}


def unreadable_keys() -> list[str]:
    """The accounts whose key of an authenticator cannot be read, each tried."""
    keys, lost = keyring(), []
    for code, kept in db.session.execute(select(Account.code, Account.totp).where(Account.totp != "")):
        try:
            keys.decrypt(kept, TOTP, code)
        except Unreadable:
            lost.append(code)
    return sorted(lost)


def grant_of(row: GrantRow | Row[*tuple[Any, ...]]) -> Grant:
    """A row as the grant that the rules know."""
    return Grant(row.role, row.alliance_id, row.institution, row.start, row.until or date.max, row.department)


def pending_account(secret: str, now: datetime) -> str:
    """The account whose sign-in waits for its one-time code; "" when none does."""
    row = db.session.execute(
        select(Account.code, SessionRow.opened)
        .join(SessionRow, SessionRow.account_id == Account.id)
        .where(SessionRow.secret == secret_hash(secret), SessionRow.closed.is_(None), SessionRow.pending)
    ).first()
    return row[0] if row is not None and now <= row[1] + PENDING else ""


def account_of_link(secret: str, now: datetime) -> str | None:
    """The account whose password a one-time link sets; None when it was used, has run out or never was."""
    return db.session.scalar(
        select(Account.code)
        .join(OneTimeLink, OneTimeLink.account_id == Account.id)
        .where(or_(OneTimeLink.secret == secret_hash(secret), OneTimeLink.mailed == secret_hash(secret)))
        .where(OneTimeLink.used_at.is_(None), OneTimeLink.until > now)
    )


@dataclass(frozen=True, slots=True)
class DraftInfo:
    """What somebody had typed when the session ended: the page of the form, where it is sent, the fields."""

    page: str
    target: str
    fields: Mapping[str, list[str]]


def draft(secret: str, account: str, now: datetime) -> DraftInfo | None:
    """What was kept under a secret, for its own account and while it is fresh."""
    row = db.session.scalars(
        select(Draft)
        .join(Account, Account.id == Draft.account_id)
        .where(Draft.secret == secret_hash(secret), Account.code == account, Draft.kept_at > now - DRAFT)
    ).first()
    if row is None:
        return None
    try:
        fields = json.loads(Keyring([secret]).decrypt(row.fields, TYPED, row.secret))
    except (Unreadable, AttributeError):  # of a release that kept them otherwise
        return None
    return DraftInfo(row.page, row.target, fields)


def known_here(alliance: int) -> ColumnElement[bool]:
    """Of accounts: whether the person is kept by the alliance, or was ever given a role in it."""
    granted = (
        select(Account.person_id)
        .join(GrantRow, GrantRow.account_id == Account.id)
        .where(GrantRow.alliance_id == alliance)
    )
    return or_(kept_here(alliance), Account.person_id.in_(granted))


def kept_here(alliance: int) -> ColumnElement[bool]:
    """Of accounts: whether it is this alliance that keeps them, and no other."""
    return Account.person_id.in_(select(Person.id).where(Person.alliance_id == alliance))


def lives_here(alliance: int) -> ColumnElement[bool]:
    """Of accounts: whether they may be given something here: known, or of a person whom nobody keeps yet."""
    return or_(known_here(alliance), Account.person_id.in_(select(Person.id).where(Person.alliance_id.is_(None))))


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


def demo_accounts(alliance: int, now: datetime) -> list[Demo]:
    """The accounts of the demo's alliance with their roles and present one-time codes; for its sign-in pages only."""
    found: dict[str, Demo] = {}
    rows = db.session.execute(
        select(Account, Person.name_zh, Person.name_en, Person.employer, GrantRow.role)
        .join(Person, Person.id == Account.person_id)
        .join(GrantRow, GrantRow.account_id == Account.id)
        .where(GrantRow.alliance_id == alliance)
        .order_by(Account.id, GrantRow.id)
    )
    for account, zh, en, employer, role in rows:
        before = found[account.code].roles if account.code in found else ()
        code = _present_code(account, now) if account.totp else ""
        found[account.code] = Demo(account.code, zh, en, employer, (*before, role), alliance, bool(account.totp), code)
    return list(found.values())


def _present_code(account: Account, now: datetime) -> str:
    """The code that an authenticator's holder would type now; "" where its key cannot be read."""
    try:
        secret = keyring().decrypt(account.totp, TOTP, account.code)
    except Unreadable:
        return ""
    return next_code(secret, int(now.timestamp()), account.totp_step)


@dataclass(frozen=True, slots=True)
class Head:
    """The name of who heads a department, or stands in for who does."""

    name_zh: str
    name_en: str
    deputy: bool


def department_heads(alliance: int, institution: str, department: str, on: date) -> list[Head]:
    """Who holds the role of a head for a department on a day, deputies last."""
    rows = db.session.execute(
        select(Person.name_zh, Person.name_en, GrantRow.deputy_of)
        .join(Account, Account.person_id == Person.id)
        .join(GrantRow, GrantRow.account_id == Account.id)
        .where(
            GrantRow.alliance_id == alliance,
            GrantRow.role == "department_head",
            GrantRow.institution == institution,
            GrantRow.department == department,
            GrantRow.start <= on,
            or_(GrantRow.until.is_(None), GrantRow.until > on),
        )
        .order_by(GrantRow.deputy_of.is_not(None), GrantRow.id)
    )
    return [Head(zh, en, deputy is not None) for zh, en, deputy in rows]


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


def home(account: str) -> int | None:
    """The alliance that keeps an account; None where nobody does, or where there is no such account."""
    return db.session.scalar(
        select(Person.alliance_id).join(Account, Account.person_id == Person.id).where(Account.code == account)
    )


def employee_of(account: str) -> tuple[str, str]:
    """Who employs the holder of an account, and under which staff number; ("", "") for nobody."""
    found = db.session.execute(
        select(Person.employer, Person.employee)
        .join(Account, Account.person_id == Person.id)
        .where(Account.code == account)
    ).first()
    return (found.employer, found.employee) if found else ("", "")


def account_of_employee(institution: str, number: str) -> str | None:
    """The account of an employee of an institution."""
    return db.session.scalar(
        select(Account.code)
        .join(Person, Person.id == Account.person_id)
        .where(Person.employer == institution, Person.employee == number)
    )
