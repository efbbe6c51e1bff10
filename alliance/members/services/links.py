"""The verbs of links: say who supports a member in a specialty from a day on, end that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from alliance.audit.services import record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.db import insert_many
from alliance.members.models import MemberLink
from alliance.members.queries.institutions import members
from alliance.members.queries.links import SpellChange
from alliance.members.rules.links import Support, check_support


def set_link(alliance: int, supports: Sequence[Support], *, by: Actor, now: datetime) -> int:
    """Record who supports members in specialties from a day on, in the place of who did before; how many links.

    Refused: shares that do not add up to 100, who is no member, a day before something else that is recorded.
    """
    with verb(by, alone_in=alliance) as session:
        there: dict[date, set[str]] = {}
        for one in supports:
            known = there.setdefault(one.start, {row.code for row in members(alliance, one.start)})
            problems = check_support(one, known)
            if problems:
                raise Refused("The supporters cannot be recorded.", problems=problems)
        count = sum(_set(session, alliance, one, None, by, now) for one in supports)
        record_many(session, Act.MEMBERS_LINK_SET, _subjects(supports), by=by, now=now, alliance=alliance, count=count)
        return count


def _set(session: Session, alliance: int, one: Support, until: date | None, by: Actor, now: datetime) -> int:
    """Record who supports a member in the place of who did before; how many links."""
    _end(session, alliance, one.supported, one.specialty, one.start, by, now)
    ended = {"ended_by": by.account if until else "", "ended_at": now if until else None}
    rows = [
        {
            "alliance_id": alliance, "supporter": supporter, "supported": one.supported, "specialty": one.specialty,
            "share": share, "start": one.start, "until": until, "recorded_by": by.account, "recorded_at": now, **ended,
        }
        for supporter, share in one.shares
    ]  # fmt: skip
    insert_many(session, MemberLink, rows)
    return len(rows)


def keep_spells(session: Session, alliance: int, changes: Sequence[SpellChange], *, by: Actor, now: datetime) -> int:
    """Record what a workbook changes of who supports whom, in the order of days, within another verb; how many."""
    moved = [one for one in changes if one.what != "same"]
    for one in moved:
        support, until = one.spell.support, one.spell.until
        if one.what == "ended" and until:
            _end(session, alliance, support.supported, support.specialty, until, by, now)
        else:
            _set(session, alliance, support, until, by, now)
    for act, ended in ((Act.MEMBERS_LINK_SET, False), (Act.MEMBERS_LINK_END, True)):
        same = [one.spell.support for one in moved if (one.what == "ended") is ended]
        record_many(
            session, act, _subjects(same), by=by, now=now, alliance=alliance, count=sum(len(s.shares) for s in same)
        )
    return len(moved)


def _subjects(supports: Iterable[Support]) -> list[str]:
    return [f"link:{one.supported}/{one.specialty or 'all'}" for one in supports]


def _end(session: Session, alliance: int, supported: str, specialty: str, until: date, by: Actor, now: datetime) -> int:
    """End the links of a member in a specialty that hold on a day; how many. Refused where something begins later."""
    place = (
        MemberLink.alliance_id == alliance,
        MemberLink.supported == supported,
        MemberLink.specialty == specialty,
        or_(MemberLink.until.is_(None), MemberLink.until > until),
    )
    rows = list(session.scalars(select(MemberLink).where(*place).with_for_update()))
    later = [row.start for row in rows if row.start > until]
    if later:
        raise Refused("From %(day)s on something else is recorded; end it on that day or later.", day=max(later))
    for row in rows:
        row.until, row.ended_by, row.ended_at = until, by.account, now
    return len(rows)


def end_link(alliance: int, supported: str, specialty: str, until: date, *, by: Actor, now: datetime) -> None:
    """Let nobody support a member in a specialty from a day on. NotFound where nobody does."""
    with verb(by, alone_in=alliance) as session:
        if not _end(session, alliance, supported, specialty, until, by, now):
            raise NotFound()
        subject = f"link:{supported}/{specialty or 'all'}"
        record_many(
            session, Act.MEMBERS_LINK_END, [subject], by=by, now=now, alliance=alliance, until=until.isoformat()
        )
