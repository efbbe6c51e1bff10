"""The questions about links between members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from alliance.db import db
from alliance.members.models import MemberLink
from alliance.members.rules.links import LinkFact, partners


@dataclass(frozen=True, slots=True)
class LinkInfo(LinkFact):
    """A link as it was recorded."""

    recorded_by: str = ""
    recorded_at: datetime | None = None
    ended_by: str = ""


def _rows(alliance: int) -> Any:
    columns = (
        MemberLink.supporter, MemberLink.supported, MemberLink.specialty, MemberLink.share, MemberLink.start,
        MemberLink.until, MemberLink.recorded_by, MemberLink.recorded_at, MemberLink.ended_by,
    )  # fmt: skip
    return (
        select(*columns)
        .where(MemberLink.alliance_id == alliance, or_(MemberLink.until.is_(None), MemberLink.until > MemberLink.start))
        .order_by(MemberLink.supported, MemberLink.specialty, MemberLink.start, MemberLink.supporter)
    )


def links(alliance: int, on: date, institution: str = "") -> list[LinkInfo]:
    """The links that hold on a day, by the member supported; of one member, at either end, where it is named."""
    found = [LinkInfo(*row) for row in db.session.execute(_rows(alliance))]
    return [one for one in found if one.holds(on, on) and institution in ("", one.supporter, one.supported)]


def links_of(alliance: int, supported: str, specialty: str) -> list[LinkInfo]:
    """All that was ever recorded of the supporters of a member in a specialty, by the day on which it began."""
    rows = _rows(alliance).where(MemberLink.supported == supported, MemberLink.specialty == specialty)
    return [LinkInfo(*row) for row in db.session.execute(rows)]


def linked(alliance: int, first: date, last: date) -> set[frozenset[str]]:
    """The pairs of members that a link joins on some day between two days, both included."""
    return partners((LinkInfo(*row) for row in db.session.execute(_rows(alliance))), first, last)
