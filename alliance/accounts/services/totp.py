"""The verbs of second factors: enrol one's own, take somebody's away."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from alliance.accounts.models import Account, RecoveryCode
from alliance.accounts.queries import TOTP, kept_here
from alliance.accounts.rules.sign_in import RECOVERY_CODES
from alliance.accounts.rules.totp import SECRET, matching_step
from alliance.accounts.services.sessions import end_sessions, recovery_hash
from alliance.audit.services import record, verb
from alliance.cipher import Unreadable, keyring
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused


def new_secret() -> str:
    """A fresh secret: 160 bits in base 32, as RFC 4226 recommends."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def enrol_totp(session_secret: str, secret: str, typed: str, *, by: Actor, now: datetime) -> list[str]:
    """Take a second factor into use, proved by its present code; ten recovery codes, told once.

    One's other sessions end. Refused: one that is in use already, a wrong code.
    """
    if not SECRET.fullmatch(secret):
        raise Refused("This is not a secret of an authenticator; begin again.")
    with verb(by) as session:
        account = session.scalars(select(Account).where(Account.code == by.account).with_for_update()).one()
        if account.totp:
            raise Refused("An authenticator is in use already; the security administrator can reset it.")
        step = matching_step(secret, "".join(typed.split()), int(now.timestamp()), 0)
        if step is None:
            raise Refused("The code is wrong. Check that the clock of the phone is right and type the next code.")
        account.totp = keyring().encrypt(secret, TOTP, account.code)
        account.totp_step, account.totp_at = step, now
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        session.add_all(RecoveryCode(account_id=account.id, code=recovery_hash(code)) for code in codes)
        end_sessions(session, account.id, now, but=session_secret)
        record(session, Act.ACCOUNTS_TOTP_ENROL, f"account:{by.account}", by=by, now=now, alliance=None)
        return codes


def _recovery_code() -> str:
    """Eighty bits in four groups."""
    text = base64.b32encode(secrets.token_bytes(10)).decode()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def reset_totp(alliance: int, code: str, *, by: Actor, now: datetime) -> None:
    """Take the second factor and the recovery codes of an account away, and end its sessions.

    Refused: one's own, for whoever took over a session could free it that way.
    """
    if code == by.account:
        raise Refused("You cannot reset your own authenticator; another security administrator can.")
    with verb(by) as session:
        rows = select(Account).where(Account.code == code, kept_here(alliance))
        account = session.scalars(rows.with_for_update()).first()
        if account is None:
            raise NotFound()
        _take_away(session, account, now)
        record(session, Act.ACCOUNTS_TOTP_RESET, f"account:{code}", by=by, now=now, alliance=alliance)


def _take_away(session: Session, account: Account, now: datetime) -> None:
    account.totp, account.totp_at = "", None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    end_sessions(session, account.id, now)


def renew_keys(*, by: Actor, now: datetime) -> int:
    """Encrypt the keys of authenticators anew that are not under the newest key of the deployment; how many were.

    Unreadable, and nothing changed, when one of them cannot be read.
    """
    keys = keyring()
    with verb(by) as session:
        rows = select(Account).where(Account.totp != "", ~Account.totp.startswith(f"{keys.newest}."))
        found = session.scalars(rows.order_by(Account.id).with_for_update()).all()
        for account in found:
            account.totp = keys.encrypt(keys.decrypt(account.totp, TOTP, account.code), TOTP, account.code)
        if found:
            record(
                session, Act.ACCOUNTS_KEYS_RENEW, "keys:totp", by=by, now=now, alliance=None, count=len(found)
            )  # fmt: skip
        return len(found)


def discard_keys(*, by: Actor, now: datetime) -> list[str]:
    """Take the second factors away whose keys nobody can read any more, and end the sessions; the accounts concerned.

    Whose role asks for one sets it up again at the next sign-in.
    """
    keys, lost = keyring(), []
    with verb(by) as session:
        rows = select(Account).where(Account.totp != "").order_by(Account.id)
        for account in session.scalars(rows.with_for_update()):
            try:
                keys.decrypt(account.totp, TOTP, account.code)
            except Unreadable:
                _take_away(session, account, now)
                lost.append(account.code)
        for code in lost:
            record(session, Act.ACCOUNTS_TOTP_RESET, f"account:{code}", by=by, now=now, alliance=None)
        return lost
