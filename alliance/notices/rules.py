"""What is true of notices: what one must hold, whom it concerns, when one can be reminded of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alliance.core.refused import Refused
from alliance.core.roles import DEPARTMENTAL, PERSONAL, PLACED, ROLES, Grant

LONGEST_TEXT = 8000
SIZE_LIMIT = 20 * 2**20  # bytes of the file
BETWEEN = timedelta(hours=1)  # two reminders


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice before it is published. No institutions are all members; `due_at` is the first moment too late."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    roles: tuple[str, ...]
    institutions: tuple[str, ...]
    due_at: datetime


def check_draft(draft: Draft, now: datetime) -> None:
    """Refuse a notice without a text, with a title in one language and its text in another, for nobody, or due
    before it is out."""
    languages = ((draft.title_zh, draft.text_zh), (draft.title_en, draft.text_en))
    if not any(title and text for title, text in languages):
        raise Refused("Write title and text, in one language at least.")
    if any(bool(title) != bool(text) for title, text in languages):
        raise Refused("In each language that is used, a notice has a title and a text.")
    if not draft.roles or set(draft.roles) - ROLES.keys():
        raise Refused("Choose whose role the notice concerns.")
    if draft.institutions and not set(draft.roles) & PLACED:
        raise Refused("Roles held for the whole alliance belong to no member: choose all members, or other roles.")
    if draft.due_at <= now:
        raise Refused("The last day to confirm has passed already.")


def check_file(name: str, size: int) -> None:
    """Refuse a file that is empty or too large."""
    if not size:
        raise Refused("%(name)s is empty.", name=name)
    if size > SIZE_LIMIT:
        raise Refused("%(name)s is larger than %(limit)s MB.", name=name, limit=SIZE_LIMIT // 2**20)


def concerns(roles: tuple[str, ...], institutions: tuple[str, ...], grant: Grant) -> bool:
    """Whether a notice concerns whoever holds a role: for named members only roles held for one of them."""
    return grant.role in roles and (not institutions or grant.institution in institutions)


def is_inside(roles: tuple[str, ...], institutions: tuple[str, ...]) -> bool:
    """Whether a notice is a member's own matter: for heads and staff of named members, and for nobody else."""
    return bool(institutions) and set(roles) <= DEPARTMENTAL | PERSONAL


def check_reminder(last: datetime | None, now: datetime) -> None:
    """Refuse to remind again within the hour."""
    if last is not None and now < last + BETWEEN:
        raise Refused("You reminded of this notice less than an hour ago.")
