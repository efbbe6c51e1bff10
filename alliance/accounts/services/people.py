"""The verbs of people: make accounts, invite, reset and lock them; passwords and languages of one's own."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alliance.accounts.models import Account, OneTimeLink, Person
from alliance.accounts.queries import kept_here, secret_hash
from alliance.accounts.rules.sign_in import LINK, check_account, check_password
from alliance.accounts.services.passwords import hash_password, matches
from alliance.accounts.services.sessions import end_sessions
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused


def create_account(
    code: str,
    password: str,
    name_zh: str,
    name_en: str,
    employer: str,
    *,
    by: Actor,
    now: datetime,
    hashed: str = "",
    alliance: int | None = None,
) -> None:
    """Create a person with an account. `hashed` is a ready hash, where many accounts share a demo password."""
    check_password(password, code)
    with verb(by) as session:
        _add_account(session, code, hashed or hash_password(password), name_zh, name_en, employer, alliance, now)
        record(session, Act.ACCOUNTS_ACCOUNT_CREATE, f"account:{code}", by=by, now=now, alliance=None)


def _add_account(
    session: Session,
    code: str,
    password: str,
    name_zh: str,
    name_en: str,
    employer: str,
    alliance: int | None,
    now: datetime,
) -> Account:
    if session.scalar(select(Account.id).where(Account.code == code)):
        raise Refused("The account %(code)s exists already.", code=code)
    person = Person(name_zh=name_zh, name_en=name_en, employer=employer, alliance_id=alliance)
    session.add(person)
    session.flush()
    account = Account(code=code, person_id=person.id, password=password, password_at=now, language="", failures=0)
    session.add(account)
    session.flush()
    return account


def invite_account(
    alliance: int, code: str, name_zh: str, name_en: str, employer: str, *, by: Actor, now: datetime
) -> str:
    """Create a person with an account that has no password yet; the secret of the link that sets one, told once.

    Refused: a name that is taken or cannot be an account's.
    """
    check_account(code)
    with verb(by) as session:
        account = _add_account(session, code, "", name_zh, name_en or name_zh, employer, alliance, now)
        secret = _link(session, account, by, now)
        record(session, Act.ACCOUNTS_ACCOUNT_INVITE, f"account:{code}", by=by, now=now, alliance=alliance)
        return secret


def reset_account(alliance: int, code: str, *, by: Actor, now: datetime) -> str:
    """Take an account's password and sessions away; the secret of the link that sets a new one, told once."""
    with verb(by) as session:
        account = _kept(session, alliance, code)
        account.password, account.failures, account.locked_until = "", 0, None
        end_sessions(session, account.id, now)
        secret = _link(session, account, by, now)
        record(session, Act.ACCOUNTS_ACCOUNT_RESET, f"account:{code}", by=by, now=now, alliance=alliance)
        return secret


def _kept(session: Session, alliance: int, code: str) -> Account:
    """An account that the alliance keeps, locked; NotFound for any other."""
    rows = select(Account).where(Account.code == code, kept_here(alliance))
    account = session.scalars(rows.with_for_update()).first()
    if account is None:
        raise NotFound()
    return account


def _link(session: Session, account: Account, by: Actor, now: datetime) -> str:
    """A new one-time link for an account; those made before are good no more."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.account_id == account.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
    secret = secrets.token_urlsafe(32)
    session.add(
        OneTimeLink(
            secret=secret_hash(secret), account_id=account.id, made_by=by.account, made_at=now, until=now + LINK
        )
    )
    return secret


def lock_account(alliance: int, code: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Shut an account until it is unlocked, and end its sessions. Refused: one's own."""
    if code == by.account:
        raise Refused("You cannot lock your own account.")
    with verb(by) as session:
        account = _kept(session, alliance, code)
        if account.blocked_at:
            raise Refused("The account %(code)s is locked already.", code=code)
        account.blocked_at, account.blocked_why = now, reason
        end_sessions(session, account.id, now)
        record(session, Act.ACCOUNTS_ACCOUNT_LOCK, f"account:{code}", by=by, now=now, alliance=alliance)


def unlock_account(alliance: int, code: str, *, by: Actor, now: datetime) -> None:
    """Open an account again, whether an administrator or wrong passwords locked it."""
    with verb(by) as session:
        account = _kept(session, alliance, code)
        account.blocked_at, account.blocked_why, account.locked_until, account.failures = None, "", None, 0
        record(session, Act.ACCOUNTS_ACCOUNT_UNLOCK, f"account:{code}", by=by, now=now, alliance=alliance)


def set_password(secret: str, password: str, *, now: datetime) -> str:
    """Set a password with a one-time link; the account's code. NotFound: a link that was used or has run out."""
    with verb(Actor("")) as session:
        link = session.scalars(
            select(OneTimeLink).where(OneTimeLink.secret == secret_hash(secret)).with_for_update()
        ).first()
        if link is None or link.used_at is not None or link.until <= now:
            raise NotFound()
        account = session.scalars(select(Account).where(Account.id == link.account_id).with_for_update()).one()
        check_password(password, account.code)
        link.used_at = now
        account.password, account.password_at = hash_password(password), now
        account.failures, account.locked_until = 0, None
        end_sessions(session, account.id, now)
        by = Actor(account.code)
        record(session, Act.ACCOUNTS_PASSWORD_SET, f"account:{account.code}", by=by, now=now, alliance=None)
        return account.code


def change_password(secret: str, old: str, new: str, *, by: Actor, now: datetime) -> None:
    """Change one's own password and end one's other sessions. Refused: a wrong old one, the same again."""
    with verb(by) as session:
        account = session.scalars(select(Account).where(Account.code == by.account).with_for_update()).one()
        if not matches(account.password, old):
            raise Refused("The old password is wrong.")
        if old == new:
            raise Refused("The new password is the old one; choose another.")
        check_password(new, account.code)
        account.password, account.password_at = hash_password(new), now
        end_sessions(session, account.id, now, but=secret)
        record(session, Act.ACCOUNTS_PASSWORD_CHANGE, f"account:{by.account}", by=by, now=now, alliance=None)


def choose_language(account: str, language: str, *, by: Actor, now: datetime) -> None:
    """Remember a person's language."""
    with verb(by) as session:
        row = session.scalars(select(Account).where(Account.code == account)).one()
        row.language = language
        record(
            session,
            Act.ACCOUNTS_LANGUAGE_CHOOSE,
            f"account:{account}",
            by=by,
            now=now,
            alliance=None,
            language=language,
        )
