"""What those who keep accounts and roles have to see to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from alliance.accounts.models import Account, GrantRow, OneTimeLink
from alliance.accounts.queries.people import kept_here
from alliance.db import db


@dataclass(frozen=True, slots=True)
class Ending:
    """A role that has an end: the first day on which it is not held, and whether it stands in for another."""

    account: str
    role: str
    until: date
    deputy: bool


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Accounts by what is the matter with them: the invitation ran out, locked by wrong passwords, without any role;
    and the roles that end, the next one first."""

    lapsed: Sequence[str]
    locked: Sequence[str]
    roleless: Sequence[str]
    ending: Sequence[Ending]


def upkeep(alliance: int, on: date, now: datetime) -> Upkeep:
    """What is to be seen to among the accounts that the alliance keeps and the roles it gave."""
    invited = select(OneTimeLink.account_id).where(OneTimeLink.used_at.is_(None), OneTimeLink.until > now)
    to_come = select(GrantRow.account_id).where(
        GrantRow.alliance_id == alliance, or_(GrantRow.until.is_(None), GrantRow.until > on)
    )
    lapsed = (func.coalesce(Account.password, "") == "") & Account.id.not_in(invited)
    locked = Account.locked_until > now
    roleless = Account.id.not_in(to_come)
    rows = db.session.execute(
        select(Account.code, lapsed, locked, roleless)
        .where(kept_here(alliance), Account.blocked_at.is_(None), or_(lapsed, locked, roleless))
        .order_by(Account.code)
    ).all()
    ends = db.session.execute(
        select(Account.code, GrantRow.role, GrantRow.until, GrantRow.deputy_of)
        .join(GrantRow, GrantRow.account_id == Account.id)
        .where(GrantRow.alliance_id == alliance, GrantRow.start <= on, GrantRow.until > on)
        .order_by(GrantRow.until, Account.code)
    )
    return Upkeep(
        [code for code, yes, _, _ in rows if yes],
        [code for code, _, yes, _ in rows if yes],
        [code for code, _, _, yes in rows if yes],
        [Ending(code, role, until, deputy is not None) for code, role, until, deputy in ends if until],
    )
