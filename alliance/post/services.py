"""The verbs of the post: queue a mail, take those that are due, note how it went, send again, forget."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from alliance.audit.services import record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.db import insert_many, transaction
from alliance.post.models import Mail
from alliance.post.queries import MailInfo, mail_info
from alliance.post.rules import KEPT, TOGETHER, TRIES, pause

LARGEST = 2**31  # of the numbers that a column of ids holds


def queue_mail(
    session: Session,
    kind: str,
    accounts: Iterable[str],
    subject: str,
    matter: Mapping[str, str],
    *,
    alliance: int | None,
    now: datetime,
    topic: str = "",
) -> None:
    """Queue a mail to each account in the verb's own transaction: it is there if, and only if, the verb is done."""
    insert_many(
        session,
        Mail,
        [
            {
                "alliance_id": alliance,
                "number": uuid4().hex,
                "account": account,
                "kind": kind,
                "topic": topic,
                "subject": subject,
                "matter": dict(matter),
                "state": "waiting",
                "tries": 0,
                "queued_at": now,
                "next_at": now,
                "ended_at": None,
                "error": "",
            }
            for account in dict.fromkeys(accounts)
        ],
    )


def take_mail(*, now: datetime) -> MailInfo | None:
    """The mail that is due first, with one try more and its next one set: no other worker takes it meanwhile, and a
    worker that dies has failed once. None when nothing is due."""
    with transaction() as session:
        due = select(Mail).where(Mail.state == "waiting", Mail.next_at <= now).order_by(Mail.next_at, Mail.id)
        for row in session.scalars(due.limit(TOGETHER).with_for_update(skip_locked=True)):
            if row.tries < TRIES:
                row.tries += 1
                row.next_at = now + pause(row.tries)
                return mail_info(row)
            # Whoever tried it last died before saying how it went.
            row.state, row.ended_at = "failed", now
    return None


def note_mail(number: int, state: str, error: str = "", *, now: datetime) -> None:
    """Note how a try went: sent, failed for good, dropped because nobody wants it any more, or waiting for another.
    One that waits is given up after the last try."""
    with transaction() as session:
        row = session.scalars(select(Mail).where(Mail.id == number).with_for_update()).one()
        if row.state != "waiting":
            return
        row.state = "failed" if state == "waiting" and row.tries >= TRIES else state
        row.ended_at = None if row.state == "waiting" else now
        row.error = error


def note_outage(reason: str, *, now: datetime) -> None:
    """Note that the server cannot be spoken to: each mail that is due has failed once, the last time for good."""
    with transaction() as session:
        due = select(Mail).where(Mail.state == "waiting", Mail.next_at <= now).order_by(Mail.id)
        for row in session.scalars(due.with_for_update(skip_locked=True)):
            row.tries, row.error = row.tries + 1, reason
            row.next_at = now + pause(row.tries)
            if row.tries >= TRIES:
                row.state, row.ended_at = "failed", now


def resend_mail(alliance: int, numbers: Collection[int], *, by: Actor, now: datetime) -> int:
    """Let mails that were given up be tried again from the beginning, under their old Message-IDs; all of them when
    none are named. How many."""
    with verb(by) as session:
        rows = select(Mail).where(Mail.alliance_id == alliance, Mail.state == "failed").order_by(Mail.id)
        if numbers:
            rows = rows.where(Mail.id.in_([one for one in numbers if 0 < one < LARGEST]))
        found = session.scalars(rows.with_for_update()).all()
        for row in found:
            row.state, row.tries, row.next_at, row.ended_at, row.error = "waiting", 0, now, None, ""
        subjects = [f"mail:{row.id}" for row in found]
        record_many(session, Act.POST_MAIL_RESEND, subjects, by=by, now=now, alliance=alliance)
        return len(found)


def forget_mails(*, now: datetime) -> int:
    """Remove the mails that ended long ago; how many."""
    with transaction() as session:
        gone = session.execute(delete(Mail).where(Mail.ended_at < now - KEPT).returning(Mail.id)).all()
        return len(gone)
