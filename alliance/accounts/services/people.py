"""The verbs of people: make accounts, invite, reset and lock them; passwords and languages of one's own."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from alliance.accounts.models import Account, Mailbox, OneTimeLink, Person
from alliance.accounts.queries import kept_here, secret_hash
from alliance.accounts.rules.mailboxes import check_address, mailed_secret
from alliance.accounts.rules.sign_in import LINK, check_account, check_password
from alliance.accounts.services.mailboxes import take_address
from alliance.accounts.services.passwords import hash_password, matches
from alliance.accounts.services.sessions import end_sessions
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.post.services import queue_mail


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
    employee: str = "",
) -> None:
    """Create a person with an account. `hashed` is a ready hash, where many accounts share a demo password."""
    check_password(password, code)
    with verb(by) as session:
        person = Person(
            name_zh=name_zh, name_en=name_en, employer=employer, alliance_id=alliance, employee=employee
        )  # fmt: skip
        _add_account(session, code, hashed or hash_password(password), person, now)
        record(session, Act.ACCOUNTS_ACCOUNT_CREATE, f"account:{code}", by=by, now=now, alliance=None)


def _add_account(
    session: Session,
    code: str,
    password: str,
    person: Person,
    now: datetime,
) -> Account:
    """Add a person with an account. Refused: an account or, at one employer, a staff number that is taken."""
    if session.scalar(select(Account.id).where(Account.code == code)):
        raise Refused("The account %(code)s exists already.", code=code)
    if person.employee and session.scalar(
        select(Person.id).where(Person.employer == person.employer, Person.employee == person.employee)
    ):
        raise Refused("Staff number %(number)s belongs to an account already.", number=person.employee)
    session.add(person)
    session.flush()
    account = Account(code=code, person_id=person.id, password=password, password_at=now, language="", failures=0)
    session.add(account)
    session.flush()
    return account


def invite_account(
    alliance: int,
    code: str,
    name_zh: str,
    name_en: str,
    employer: str,
    address: str = "",
    key: str = "",
    employee: str = "",
    *,
    by: Actor,
    now: datetime,
) -> str:
    """Create a person with an account that has no password yet; the secret of the link that sets one, told once.

    With an address the link is mailed too; whoever uses the mailed one has shown to be reached there.
    Refused: a name that is taken or cannot be an account's; what is no address.
    """
    check_account(code)
    if address:
        check_address(address)
    with verb(by) as session:
        person = Person(
            name_zh=name_zh, name_en=name_en or name_zh, employer=employer, alliance_id=alliance, employee=employee
        )  # fmt: skip
        account = _add_account(session, code, "", person, now)
        secret, link = _link(session, account, by, now)
        if address:
            session.add(Mailbox(person_id=account.person_id, pending=address, tasks=True, bulletins=True))
            _mail_link(session, "invitation", account, link, address, key, alliance, now)
        record(session, Act.ACCOUNTS_ACCOUNT_INVITE, f"account:{code}", by=by, now=now, alliance=alliance)
        return secret


def reset_account(alliance: int, code: str, key: str = "", *, by: Actor, now: datetime) -> str:
    """Take an account's password and sessions away; the secret of the link that sets a new one, told once.

    With a key the link is mailed too, where the person is reached by mail.
    """
    with verb(by) as session:
        account = _kept(session, alliance, code)
        account.password, account.failures, account.locked_until = "", 0, None
        end_sessions(session, account.id, now)
        secret, link = _link(session, account, by, now)
        box = session.get(Mailbox, account.person_id)
        if key and box is not None and box.address:
            _mail_link(session, "reset", account, link, box.address, key, alliance, now)
        record(session, Act.ACCOUNTS_ACCOUNT_RESET, f"account:{code}", by=by, now=now, alliance=alliance)
        return secret


def _kept(session: Session, alliance: int, code: str) -> Account:
    """An account that the alliance keeps, locked; NotFound for any other."""
    rows = select(Account).where(Account.code == code, kept_here(alliance))
    account = session.scalars(rows.with_for_update()).first()
    if account is None:
        raise NotFound()
    return account


def _link(session: Session, account: Account, by: Actor, now: datetime) -> tuple[str, OneTimeLink]:
    """The secret of a new one-time link for an account, and its row; those made before are good no more."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.account_id == account.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
    secret = secrets.token_urlsafe(32)
    link = OneTimeLink(
        secret=secret_hash(secret), account_id=account.id, made_by=by.account, made_at=now, until=now + LINK
    )
    session.add(link)
    return secret, link


def _mail_link(
    session: Session,
    kind: str,
    account: Account,
    link: OneTimeLink,
    address: str,
    key: str,
    alliance: int,
    now: datetime,
) -> None:
    """Queue a mail with a link: one and the same row, under a secret of its own that the mail's number leads to."""
    nonce = secrets.token_urlsafe(16)
    link.mailed, link.mailed_to = secret_hash(mailed_secret(key, nonce)), address
    queue_mail(session, kind, [account.code], f"account:{account.code}", {"nonce": nonce}, alliance=alliance, now=now)


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
        hashed = secret_hash(secret)
        link = session.scalars(
            select(OneTimeLink).where(or_(OneTimeLink.secret == hashed, OneTimeLink.mailed == hashed)).with_for_update()
        ).first()
        if link is None or link.used_at is not None or link.until <= now:
            raise NotFound()
        account = session.scalars(select(Account).where(Account.id == link.account_id).with_for_update()).one()
        check_password(password, account.code)
        link.used_at = now
        box = session.get(Mailbox, account.person_id)
        if link.mailed == hashed and box is not None and box.pending == link.mailed_to:
            take_address(box, link.mailed_to, now)
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
