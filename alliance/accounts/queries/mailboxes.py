"""The questions about mails: who can be reached, where, in which language; and who holds which role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select, true

from alliance.accounts.models import Account, GrantRow, Mailbox, OneTimeLink, Person
from alliance.accounts.queries.people import grant_of, secret_hash
from alliance.accounts.rules.mailboxes import TOPICS, leave_token, mailed_secret, read_leave
from alliance.accounts.rules.sign_in import LINK
from alliance.core.roles import Grant
from alliance.db import db

LINK_DAYS = LINK.days  # that a link in a mail is good for


@dataclass(frozen=True, slots=True)
class MailboxInfo:
    """Where a person gets mails, and which."""

    address: str
    verified_at: datetime | None
    pending: str
    asked_at: datetime | None
    tasks: bool
    bulletins: bool


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail goes to; `link` is the secret of the link in it, `leave` what ends the subscription."""

    address: str
    language: str
    link: str = ""
    leave: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role."""

    account: str
    name_zh: str
    name_en: str
    employer: str
    grant: Grant


def mailbox(account: str) -> MailboxInfo | None:
    """The mailbox of a person by account; None where there is none."""
    row = db.session.scalars(
        select(Mailbox).join(Account, Account.person_id == Mailbox.person_id).where(Account.code == account)
    ).first()
    if row is None:
        return None
    return MailboxInfo(row.address, row.verified_at, row.pending, row.asked_at, row.tasks, row.bulletins)


def holders(alliance: int, on: date, account: str = "") -> list[Holder]:
    """Everybody who holds a role in an alliance on a day and is not locked out, once for each role; one account when
    it is named."""
    rows = db.session.execute(
        select(Account.code, Person.name_zh, Person.name_en, Person.employer, GrantRow)
        .join(Person, Person.id == Account.person_id)
        .join(GrantRow, GrantRow.account_id == Account.id)
        .where(GrantRow.alliance_id == alliance, GrantRow.start <= on, Account.blocked_at.is_(None))
        .where(or_(GrantRow.until.is_(None), GrantRow.until > on))
        .where(Account.code == account if account else true())
        .order_by(Account.code, GrantRow.id)
    )
    return [Holder(code, zh, en, employer, grant_of(row)) for code, zh, en, employer, row in rows]


def reached(accounts: Iterable[str], topic: str = "") -> list[str]:
    """Of some accounts those that get mails, about a topic when one is named."""
    rows = (
        select(Account.code)
        .join(Mailbox, Mailbox.person_id == Account.person_id)
        .where(Account.code.in_(set(accounts)), Account.blocked_at.is_(None), Mailbox.address != "")
        .where(_wants(topic))
    )
    return list(db.session.scalars(rows.order_by(Account.code)))


def _wants(topic: str) -> ColumnElement[bool]:
    columns: dict[str, ColumnElement[bool]] = {
        "tasks": Mailbox.tasks.is_(True),
        "bulletins": Mailbox.bulletins.is_(True),
    }
    return columns[topic] if topic else true()


def recipient(account: str, topic: str, key: str) -> Recipient | None:
    """Where an account gets a mail now; None when it has no address, is locked, or wants none about the topic."""
    row = db.session.execute(
        select(Mailbox.person_id, Mailbox.address, Account.language)
        .join(Account, Account.person_id == Mailbox.person_id)
        .where(Account.code == account, Account.blocked_at.is_(None), Mailbox.address != "", _wants(topic))
    ).first()
    if row is None:
        return None
    return Recipient(row[1], row[2], leave=leave_token(key, row[0], topic) if topic else "")


def recipient_of_link(nonce: str, key: str, now: datetime) -> Recipient | None:
    """Where a link that sets a password goes; None when it was used, has run out, or was replaced."""
    secret = mailed_secret(key, nonce)
    row = db.session.execute(
        select(OneTimeLink.mailed_to, Account.language)
        .join(Account, Account.id == OneTimeLink.account_id)
        .where(OneTimeLink.mailed == secret_hash(secret), OneTimeLink.used_at.is_(None), OneTimeLink.until > now)
    ).first()
    return Recipient(row[0], row[1], secret) if row else None


def recipient_to_confirm(account: str, nonce: str, key: str, now: datetime) -> Recipient | None:
    """Where a link goes that confirms an address; None when another one was named meanwhile."""
    secret = mailed_secret(key, nonce)
    row = db.session.execute(
        select(Mailbox.pending, Account.language)
        .join(Account, Account.person_id == Mailbox.person_id)
        .where(Account.code == account, Mailbox.secret == secret_hash(secret), Mailbox.asked_at > now - LINK)
    ).first()
    return Recipient(row[0], row[1], secret) if row else None


def address_to_confirm(secret: str, now: datetime) -> str | None:
    """The address that a link confirms; None for a link that was used or has run out."""
    return db.session.scalar(
        select(Mailbox.pending).where(
            Mailbox.secret == secret_hash(secret), Mailbox.pending != "", Mailbox.asked_at > now - LINK
        )
    )


def subscription(token: str, key: str) -> tuple[str, bool] | None:
    """The topic of a token that ends a subscription, and whether it holds still; None for a token that is not ours."""
    found = read_leave(key, token)
    row = db.session.get(Mailbox, found[0]) if found else None
    if found is None or row is None:
        return None
    assert found[1] in TOPICS
    return found[1], bool(getattr(row, found[1]))
