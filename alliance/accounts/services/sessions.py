"""The verbs of sessions: open one by password and one-time code, note its use, close it, end those of others."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from alliance.accounts.models import Account, Attempt, RecoveryCode, SessionRow
from alliance.accounts.queries import TOTP, kept_here, secret_hash
from alliance.accounts.rules.sign_in import ATTEMPTS, FAILURES, LOCKED, PENDING, WINDOW
from alliance.accounts.rules.totp import matching_step
from alliance.accounts.services.passwords import matches
from alliance.audit.services import record, verb
from alliance.cipher import Unreadable, keyring
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.db import transaction


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a sign-in: the session's secret, or "" with what stands against it.

    `pending`: the one-time code is still due; `locked_until`: the account is locked; `crowded`: too many failures came
    from this address; `unreadable`: no one-time code can be checked, because the key of the authenticator is not read.
    """

    secret: str = ""
    locked_until: datetime | None = None
    pending: bool = False
    crowded: bool = False
    unreadable: bool = False


def open_session(code: str, password: str, *, now: datetime, address: str = "") -> Verdict:
    """Check a password and open a session. A verdict, not a refusal: the count of failures must be kept."""
    with transaction() as session:
        if _crowded(session, address, now):
            return Verdict(crowded=True)
        account = session.scalars(select(Account).where(Account.code == code).with_for_update()).first()
        if account is None:
            matches("", password)  # an unknown account takes as long as a wrong password
            _note_attempt(session, address, now)
            return Verdict()
        right = matches(account.password, password)
        if account.locked_until and account.locked_until > now:
            _note_attempt(session, address, now)
            return Verdict(locked_until=account.locked_until)
        if not right or account.blocked_at:
            return _failed(session, account, "password" if not right else "blocked", address, now)
        if account.totp:
            return Verdict(_begin(session, account, now, pending=True), pending=True)
        return _opened(session, account, now)


def confirm_session(secret: str, typed: str, *, now: datetime, address: str = "") -> Verdict:
    """Check the one-time code, or a recovery code, of a sign-in whose password was right."""
    with transaction() as session:
        if _crowded(session, address, now):
            return Verdict(crowded=True)
        mine = select(SessionRow).where(SessionRow.secret == secret_hash(secret), SessionRow.pending)
        # The account first, as every verb locks it before its sessions.
        whose = select(Account).where(Account.id.in_(mine.with_only_columns(SessionRow.account_id)))
        account = session.scalars(whose.with_for_update()).first()
        row = session.scalars(mine.with_for_update()).first()
        if account is None or row is None or row.closed is not None or row.opened + PENDING < now or not account.totp:
            return Verdict()
        if account.blocked_at or (account.locked_until and account.locked_until > now):
            row.closed = now
            return Verdict(locked_until=account.locked_until)
        try:
            key, why = keyring().decrypt(account.totp, TOTP, account.code), "code"
        except Unreadable:
            key, why = "", "key"  # a recovery code still opens
        step = matching_step(key, "".join(typed.split()), int(now.timestamp()), account.totp_step) if key else None
        if step is None and not _recovered(session, account, typed, now):
            verdict = _failed(session, account, why, address, now)
            if verdict.locked_until:
                row.closed = now
            return Verdict(locked_until=verdict.locked_until, pending=not verdict.locked_until, unreadable=why == "key")
        if step is not None:
            account.totp_step = step
        row.closed = now  # whoever saw the secret of half a sign-in has nothing of the whole one
        return _opened(session, account, now)


def _opened(session: Session, account: Account, now: datetime) -> Verdict:
    account.failures, account.locked_until = 0, None
    secret = _begin(session, account, now, pending=False)
    record(
        session, Act.ACCOUNTS_SESSION_OPEN, f"account:{account.code}", by=Actor(account.code), now=now, alliance=None
    )
    return Verdict(secret)


def _begin(session: Session, account: Account, now: datetime, *, pending: bool) -> str:
    secret = secrets.token_urlsafe(32)
    session.add(SessionRow(secret=secret_hash(secret), account_id=account.id, opened=now, seen=now, pending=pending))
    return secret


def _failed(session: Session, account: Account, why: str, address: str, now: datetime) -> Verdict:
    """Count a failure; after five in a row the account is locked for a while."""
    account.failures += 1
    if account.failures >= FAILURES:
        account.locked_until, account.failures = now + LOCKED, 0
    _note_attempt(session, address, now)
    record(
        session,
        Act.ACCOUNTS_SESSION_OPEN,
        f"account:{account.code}",
        by=Actor(account.code),
        now=now,
        alliance=None,
        refused=why,
    )
    return Verdict(locked_until=account.locked_until if account.locked_until and account.locked_until > now else None)


def _recovered(session: Session, account: Account, typed: str, now: datetime) -> bool:
    """Whether a recovery code was typed that was not used yet; it is used now."""
    rows = select(RecoveryCode).where(
        RecoveryCode.account_id == account.id,
        RecoveryCode.used_at.is_(None),
        RecoveryCode.code == recovery_hash(typed),
    )
    found = session.scalars(rows.with_for_update()).first()
    if found:
        found.used_at = now
    return found is not None


def recovery_hash(code: str) -> str:
    """A recovery code as it is kept: without the signs between its groups, in capitals."""
    return secret_hash("".join(sign for sign in code.upper() if sign.isalnum()))


def _crowded(session: Session, address: str, now: datetime) -> bool:
    """Whether too many sign-ins from an address failed of late; "" is no address."""
    if not address:
        return False
    rows = select(func.count()).where(Attempt.address == _place(address), Attempt.at > now - WINDOW)
    return (session.scalar(rows) or 0) >= ATTEMPTS


def _note_attempt(session: Session, address: str, now: datetime) -> None:
    session.execute(delete(Attempt).where(Attempt.at <= now - WINDOW))
    if address:
        session.add(Attempt(address=_place(address), at=now))


def _place(address: str) -> str:
    return hashlib.sha256(f"address:{address}".encode()).hexdigest()


def touch_session(secret: str, *, now: datetime) -> None:
    """Note that a session is in use."""
    with transaction() as session:
        row = session.get(SessionRow, secret_hash(secret))
        if row:
            row.seen = now


def close_session(secret: str, *, by: Actor, now: datetime) -> None:
    """End a session; ending it twice is no fault."""
    with verb(by) as session:
        row = session.get(SessionRow, secret_hash(secret))
        if row and row.closed is None:
            row.closed = now
            record(session, Act.ACCOUNTS_SESSION_CLOSE, f"account:{by.account}", by=by, now=now, alliance=None)


def close_others(secret: str, *, by: Actor, now: datetime) -> None:
    """End all sessions of one's own account save the one at hand."""
    with verb(by) as session:
        account = session.scalars(select(Account.id).where(Account.code == by.account)).one()
        end_sessions(session, account, now, but=secret)
        record(session, Act.ACCOUNTS_OTHERS_CLOSE, f"account:{by.account}", by=by, now=now, alliance=None)


def end_session(alliance: int, code: str, *, by: Actor, now: datetime) -> None:
    """End all sessions of somebody's account. NotFound: an account that the alliance does not keep."""
    with verb(by) as session:
        account = session.scalar(select(Account.id).where(Account.code == code, kept_here(alliance)))
        if account is None:
            raise NotFound()
        end_sessions(session, account, now)
        record(session, Act.ACCOUNTS_SESSION_END, f"account:{code}", by=by, now=now, alliance=alliance)


def end_sessions(session: Session, account: int, now: datetime, but: str = "") -> None:
    """Within a verb: close the sessions of an account, save one."""
    rows = update(SessionRow).where(SessionRow.account_id == account, SessionRow.closed.is_(None))
    session.execute(rows.where(SessionRow.secret != secret_hash(but)).values(closed=now))
