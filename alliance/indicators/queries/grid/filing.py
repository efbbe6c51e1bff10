"""Who files what and when, as of one look, and what of it is locked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from alliance.core.period import Period
from alliance.core.refused import NotFound, mark
from alliance.db import db
from alliance.indicators.models import Submission
from alliance.indicators.queries.libraries import library
from alliance.indicators.queries.periods import PeriodInfo, exceptions, period
from alliance.indicators.queries.readings import ReadingInfo
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import CAPTURED, Progress, closes_at
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class Filing:
    """Who files what and when: the period with its calendar, the definitions and the member, as of one look."""

    when: Period
    known: Library
    info: PeriodInfo
    member: members.MemberInfo


def filing(alliance: int, code: str, institution: str) -> Filing:
    """What a request about a member's values looks up once. NotFound for a stranger or a period never opened."""
    when = Period.parse(code)
    known, info = library(alliance, when.last), period(alliance, code)
    member = members.member(alliance, institution, when.last)
    if member is None or info is None:
        raise NotFound()
    return Filing(when, known, info, member)


def submission_row(alliance: int, code: str, institution: str) -> Submission | None:
    return db.session.scalars(
        select(Submission).where(
            Submission.alliance_id == alliance, Submission.period == code, Submission.institution == institution
        )
    ).first()


def whole_lock(alliance: int, info: PeriodInfo, institution: str, row: Submission | None, now: datetime) -> str:
    """Why nothing can be changed."""
    state = Progress(row.state) if row else Progress.OPEN
    if state is Progress.ACCEPTED:
        return mark("was accepted and is locked")
    if state in (Progress.SUBMITTED, Progress.REVIEW):
        return mark("is under review")
    closes = closes_at(info.due_at, info.review_until, row.unlocked if row else None)
    if now >= closes and not any(one.holds(now) for one in exceptions(alliance, info.code, institution)):
        return mark("filing is closed")
    return ""


def lock_of(code: str, unlocked: Collection[str] | None, reading: ReadingInfo | None) -> str:
    """Why one value cannot be changed while others can."""
    if unlocked is not None and code not in unlocked:
        return mark("was not returned and stays locked")
    if reading is not None and reading.origin == CAPTURED:
        return mark("was captured at its source and stands; if it is wrong, write why")
    return ""
