"""The questions about mails: what waits, was sent or was given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from alliance.db import db
from alliance.post.models import Mail
from alliance.post.rules import STATES


@dataclass(frozen=True, slots=True)
class MailInfo:
    """A mail, without its words."""

    id: int
    alliance_id: int | None
    number: str
    account: str
    kind: str
    topic: str
    subject: str
    matter: Mapping[str, str]
    state: str
    tries: int
    queued_at: datetime
    next_at: datetime
    ended_at: datetime | None
    error: str


def mail_info(row: Mail) -> MailInfo:
    """A row as others see it."""
    return MailInfo(
        row.id,
        row.alliance_id,
        row.number,
        row.account,
        row.kind,
        row.topic,
        row.subject,
        row.matter,
        row.state,
        row.tries,
        row.queued_at,
        row.next_at,
        row.ended_at,
        row.error,
    )


def mails(alliance: int, state: str = "", *, start: int = 0, count: int = 50) -> list[MailInfo]:
    """The mails of an alliance, newest first; of one state when it is named."""
    rows = select(Mail).where(Mail.alliance_id == alliance)
    if state:
        rows = rows.where(Mail.state == state)
    return [mail_info(row) for row in db.session.scalars(rows.order_by(Mail.id.desc()).offset(start).limit(count))]


def counts(alliance: int) -> dict[str, int]:
    """How many mails of an alliance are in each state."""
    rows = select(Mail.state, func.count()).where(Mail.alliance_id == alliance).group_by(Mail.state)
    found = {row[0]: row[1] for row in db.session.execute(rows)}
    return dict.fromkeys(STATES, 0) | found


def last_error() -> MailInfo | None:
    """The oldest mail that waits after a failed try, with what the server said last; None when none waits so."""
    row = db.session.scalars(
        select(Mail).where(Mail.state == "waiting", Mail.tries > 0, Mail.error != "").order_by(Mail.id).limit(1)
    ).first()
    return mail_info(row) if row else None
