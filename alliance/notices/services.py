"""The verbs of notices: publish, acknowledge, remind, withdraw. Nothing is edited: another one takes its place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.media import media_of, plain_name
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.files import kinds_of
from alliance.members import queries as members
from alliance.notices import queries
from alliance.notices.models import Notice, NoticeReceipt
from alliance.notices.rules import Draft, check_draft, check_file, check_reminder, concerns
from alliance.post.services import queue_mail
from alliance.store import Store

KEPT_UNNAMED = timedelta(days=1)  # bytes that no notice refers to: of a verb that was refused, or is under way


def publish_notice(
    alliance: int,
    draft: Draft,
    file: tuple[str, bytes] | None,
    store: Store,
    replaces: str = "",
    *,
    by: Actor,
    now: datetime,
) -> str:
    """Publish a notice, with a file given as (name, bytes), in the place of another one when that is named; its
    number. Whoever it concerns gets a task and, where reached, a mail.

    Refused: what rules.check_draft says; a notice that concerns nobody; in the place of one that holds no more.
    """
    check_draft(draft, now)
    name, media, size, digest = _kept(file, store)
    with verb(by, alone_in=alliance) as session:
        known = {one.code for one in members.members(alliance, day_of(now))}
        if set(draft.institutions) - known:
            raise NotFound()
        if replaces:
            old = _notice(session, alliance, replaces)
            old.ended_by, old.ended_at = by.account, now
        year = day_of(now).year
        row = Notice(
            alliance_id=alliance,
            number=f"{year}-{queries.count(alliance, year) + 1:03}",
            title_zh=draft.title_zh,
            title_en=draft.title_en,
            text_zh=draft.text_zh,
            text_en=draft.text_en,
            roles=list(draft.roles),
            institutions=list(draft.institutions),
            due_at=draft.due_at,
            replaces=replaces,
            file_name=name,
            file_media=media,
            file_size=size,
            file_sha256=digest,
            published_by=by.account,
            published_at=now,
        )
        session.add(row)
        session.flush()
        concerned = _concerned(alliance, row, now)
        if not concerned:
            raise Refused("Nobody holds one of these roles there: the notice would concern nobody.")
        record(
            session,
            Act.NOTICES_NOTICE_PUBLISH,
            f"notice:{row.number}",
            by=by,
            now=now,
            alliance=alliance,
            roles=list(draft.roles),
            institutions=list(draft.institutions),
            due=draft.due_at.isoformat(),
            **({"replaces": replaces} if replaces else {}),
            **({"sha256": digest} if digest else {}),
        )
        _write_to(session, row, concerned, now)
        return row.number


def _kept(file: tuple[str, bytes] | None, store: Store) -> tuple[str, str, int, str]:
    """Name, media type, size and digest of a file that is now on the disk; nothing of each without one."""
    if file is None:
        return "", "", 0, ""
    name, content = plain_name(file[0]), file[1]
    check_file(name, len(content))
    media = media_of(kinds_of(content, name), name)
    return name, media, len(content), store.keep(content)


def _concerned(alliance: int, row: Notice, now: datetime) -> list[str]:
    """The accounts that a notice concerns now."""
    roles, institutions = tuple(row.roles), tuple(row.institutions)
    held = accounts.holders(alliance, day_of(now))
    return list(dict.fromkeys(one.account for one in held if concerns(roles, institutions, one.grant)))


def _write_to(session: Session, row: Notice, concerned: Iterable[str], now: datetime) -> None:
    """Queue a mail to whom a notice concerns; it must be read, so nobody can end this subscription."""
    matter = {"number": row.number, "due": row.due_at.isoformat()}
    reached = accounts.reached(concerned)
    queue_mail(session, "notice", reached, f"notice:{row.number}", matter, alliance=row.alliance_id, now=now)


def acknowledge_notice(alliance: int, number: str, *, by: Actor, now: datetime) -> None:
    """Confirm that one has read a notice. NotFound: one that does not concern the person. Refused: one that was
    withdrawn or replaced, or confirmed before."""
    with verb(by) as session:
        row = session.scalars(
            select(Notice).where(Notice.alliance_id == alliance, Notice.number == number).with_for_update(read=True)
        ).first()
        if row is None or by.account not in _concerned(alliance, row, now):
            raise NotFound()
        if row.ended_at is not None:
            raise Refused("Notice %(number)s is no longer valid: it was withdrawn or replaced.", number=number)
        if session.get(NoticeReceipt, (row.id, by.account)):
            raise Refused("You have confirmed notice %(number)s already.", number=number)
        session.add(NoticeReceipt(notice_id=row.id, account=by.account, employer=by.employer, read_at=now))
        record(session, Act.NOTICES_NOTICE_ACKNOWLEDGE, f"notice:{number}", by=by, now=now, alliance=alliance)


def remind_notice(alliance: int, number: str, *, by: Actor, now: datetime) -> int:
    """Remind whoever has not confirmed a notice; how many they are. Refused: again within the hour; when all have
    confirmed; one that holds no more."""
    with verb(by) as session:
        row = _notice(session, alliance, number)
        check_reminder(row.reminded_at, now)
        read = set(session.scalars(select(NoticeReceipt.account).where(NoticeReceipt.notice_id == row.id)))
        missing = [one for one in _concerned(alliance, row, now) if one not in read]
        if not missing:
            raise Refused("Everybody has confirmed this notice.")
        row.reminded_at = now
        record(
            session,
            Act.NOTICES_NOTICE_REMIND,
            f"notice:{number}",
            by=by,
            now=now,
            alliance=alliance,
            reminded=len(missing),
        )
        _write_to(session, row, missing, now)
        return len(missing)


def withdraw_notice(alliance: int, number: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Withdraw a notice with a reason; it stays readable, and nobody has to confirm it any more."""
    if not reason.strip():
        raise Refused("Write why the notice is withdrawn.")
    with verb(by) as session:
        row = _notice(session, alliance, number)
        row.ended_by, row.ended_at, row.reason = by.account, now, reason.strip()
        record(
            session,
            Act.NOTICES_NOTICE_WITHDRAW,
            f"notice:{number}",
            by=by,
            now=now,
            alliance=alliance,
            reason=reason.strip(),
        )


def _notice(session: Session, alliance: int, number: str) -> Notice:
    """A notice that holds, locked; NotFound when there is none, Refused when it was withdrawn or replaced."""
    rows = select(Notice).where(Notice.alliance_id == alliance, Notice.number == number)
    row = session.scalars(rows.with_for_update()).first()
    if row is None:
        raise NotFound()
    if row.ended_at is not None:
        raise Refused("Notice %(number)s is no longer valid: it was withdrawn or replaced.", number=number)
    return row


def clear_notices(store: Store, *, now: datetime) -> int:
    """Remove bytes that no notice refers to and that were not kept within a day; how many files."""
    return store.clear(now - KEPT_UNNAMED, queries.files())
