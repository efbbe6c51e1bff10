"""The verbs of mailboxes: name an address, confirm it by a link, end a subscription."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.accounts.models import Account, Mailbox
from alliance.accounts.queries import secret_hash
from alliance.accounts.rules.mailboxes import asks_after, check_address, mailed_secret, read_leave
from alliance.accounts.rules.sign_in import LINK
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.post.services import queue_mail


def set_mailbox(
    alliance: int | None, address: str, tasks: bool, bulletins: bool, key: str, *, by: Actor, now: datetime
) -> bool:
    """Set one's own address and what one gets; whether a link was sent to confirm the address, which counts only then.

    A blank address ends all mails. Refused: what is no address; too many links in a day.
    """
    if address:
        check_address(address)
    with verb(by) as session:
        row = _mailbox(session, by.account)
        row.tasks, row.bulletins = tasks, bulletins
        asks = bool(address) and address != row.address
        if not address:
            row.address, row.verified_at = "", None
        if not asks:
            row.pending, row.secret = "", ""
        else:
            row.asks, row.asked_at = asks_after(row.asks, row.asked_at, now), now
            nonce = secrets.token_urlsafe(16)
            row.pending, row.secret = address, secret_hash(mailed_secret(key, nonce))
            about = f"account:{by.account}"
            queue_mail(session, "address", [by.account], about, {"nonce": nonce}, alliance=alliance, now=now)
        record(
            session,
            Act.ACCOUNTS_MAILBOX_SET,
            f"account:{by.account}",
            by=by,
            now=now,
            alliance=None,
            tasks=tasks,
            bulletins=bulletins,
        )
        return asks


def _mailbox(session: Session, account: str) -> Mailbox:
    person = session.scalars(select(Account.person_id).where(Account.code == account).with_for_update()).one()
    row = session.get(Mailbox, person) or Mailbox(person_id=person, address="", pending="", secret="", asks=0)
    session.add(row)
    return row


def confirm_mailbox(secret: str, *, now: datetime) -> None:
    """Confirm an address by the link that was sent to it. NotFound: a link that was used or has run out."""
    with verb(Actor("")) as session:
        row = session.scalars(select(Mailbox).where(Mailbox.secret == secret_hash(secret)).with_for_update()).first()
        if row is None or not row.pending or row.asked_at is None or row.asked_at + LINK <= now:
            raise NotFound()
        take_address(row, row.pending, now)
        account = session.scalars(select(Account.code).where(Account.person_id == row.person_id)).first() or ""
        record(
            session,
            Act.ACCOUNTS_MAILBOX_CONFIRM,
            f"account:{account}",
            by=Actor(account),
            now=now,
            alliance=None,
        )


def take_address(row: Mailbox, address: str, now: datetime) -> None:
    """From now on the person gets mails at an address."""
    row.address, row.verified_at, row.pending, row.secret = address, now, "", ""


def end_subscription(token: str, key: str, *, now: datetime) -> None:
    """End a subscription by what a mail carries; ending it again changes nothing. NotFound: a token not ours."""
    found = read_leave(key, token)
    if found is None:
        raise NotFound()
    person, topic = found
    with verb(Actor("")) as session:
        row = session.get(Mailbox, person, with_for_update=True)
        if row is None:
            raise NotFound()
        if not getattr(row, topic):
            return
        setattr(row, topic, False)
        account = session.scalars(select(Account.code).where(Account.person_id == person)).first() or ""
        record(
            session,
            Act.ACCOUNTS_SUBSCRIPTION_END,
            f"account:{account}",
            by=Actor(account),
            now=now,
            alliance=None,
            topic=topic,
        )
