"""The verbs of drafts: keep what was typed into a session that had ended, and forget it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from alliance.accounts.models import Draft, SessionRow
from alliance.accounts.queries import secret_hash
from alliance.accounts.queries.people import TYPED
from alliance.accounts.rules.sign_in import DRAFT, DRAFT_SIZE
from alliance.audit.services import record, verb
from alliance.cipher import Keyring
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.db import transaction


def keep_draft(
    session_secret: str, page: str, target: str, fields: Mapping[str, Sequence[str]], *, now: datetime
) -> str:
    """Keep what was typed into a form whose session had run out; the secret under which the browser finds it.

    "" when nothing is kept: no session that merely ran out (one that was ended is nobody's any more), nothing typed,
    or too much.
    """
    if not fields or len(json.dumps(fields, ensure_ascii=False)) > DRAFT_SIZE:
        return ""
    with transaction() as session:
        account = session.scalar(
            select(SessionRow.account_id).where(
                SessionRow.secret == secret_hash(session_secret),
                SessionRow.closed.is_(None),
                SessionRow.pending.is_(False),
                SessionRow.seen > now - DRAFT,
            )
        )
        session.execute(delete(Draft).where(Draft.kept_at <= now - DRAFT))
        if account is None:
            return ""
        session.execute(delete(Draft).where(Draft.account_id == account))
        secret = secrets.token_urlsafe(32)
        session.add(
            Draft(
                secret=secret_hash(secret),
                account_id=account,
                page=page,
                target=target,
                fields=Keyring([secret]).encrypt(
                    json.dumps({name: list(values) for name, values in fields.items()}), TYPED, secret_hash(secret)
                ),
                kept_at=now,
            )
        )
        return secret


def clear_drafts(*, now: datetime) -> int:
    """Forget what nobody came back for in time; how much. By the worker."""
    with transaction() as session:
        return len(session.execute(delete(Draft).where(Draft.kept_at <= now - DRAFT).returning(Draft.secret)).all())


def discard_draft(secret: str, *, by: Actor, now: datetime) -> None:
    """Forget what was kept; forgetting it twice is no fault."""
    with verb(by) as session:
        session.execute(delete(Draft).where(Draft.secret == secret_hash(secret)))
        record(session, Act.ACCOUNTS_DRAFT_DISCARD, f"account:{by.account}", by=by, now=now, alliance=None)
