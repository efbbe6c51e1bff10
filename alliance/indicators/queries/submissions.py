"""The questions about submissions: how far the filing of each member has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.core.figure import State
from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.readings import ReadingInfo, current_readings, readings
from alliance.indicators.rules.filing import Progress
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class SubmissionInfo:
    """How far an institution's filing of a period has come, and by whose hands."""

    institution: str
    period: str
    state: Progress
    filled: int = 0
    due: int = 0
    signed_by: str = ""
    signed_at: datetime | None = None
    submitted_by: str = ""
    submitted_at: datetime | None = None
    accepted_by: str = ""
    accepted_at: datetime | None = None


def submissions(alliance: int, code: str, institutions: frozenset[str] | None = None) -> list[SubmissionInfo]:
    """One line for each member of a period; only those named, when some are."""
    when = Period.parse(code)
    known = library(alliance, when.last)
    rows = {
        row.institution: row
        for row in db.session.scalars(
            select(Submission).where(Submission.alliance_id == alliance, Submission.period == code)
        )
    }
    filled = _filled(alliance, code)
    found = []
    for member in members.members(alliance, when.last):
        if institutions is not None and member.code not in institutions:
            continue
        due = {element.code for element in elements_due(known, member.tier, when)}
        row = rows.get(member.code)
        count = len(due & filled.get(member.code, set()))
        found.append(_submission(row, member.code, code, count, len(due)))
    return found


def _submission(row: Submission | None, institution: str, period: str, filled: int, due: int) -> SubmissionInfo:
    if row is None:
        return SubmissionInfo(institution, period, Progress.OPEN, filled, due)
    return SubmissionInfo(
        institution,
        period,
        Progress(row.state),
        filled,
        due,
        row.signed_by,
        row.signed_at,
        row.submitted_by,
        row.submitted_at,
        row.accepted_by,
        row.accepted_at,
    )


def submission(alliance: int, code: str, institution: str) -> SubmissionInfo | None:
    """The submission of one member; None when it is no member in the period."""
    when = Period.parse(code)
    member = members.member(alliance, institution, when.last)
    if member is None:
        return None
    row = db.session.scalars(
        select(Submission).where(
            Submission.alliance_id == alliance, Submission.period == code, Submission.institution == institution
        )
    ).first()
    due = {element.code for element in elements_due(library(alliance, when.last), member.tier, when)}
    filled = {one.element for one in readings(alliance, code, institution).values() if one.state is not State.MISSING}
    return _submission(row, institution, code, len(due & filled), len(due))


def _filled(alliance: int, code: str) -> dict[str, set[str]]:
    rows = db.session.execute(
        current_readings(alliance, [code]).with_only_columns(Reading.institution, Reading.element, Reading.state)
    )
    found: dict[str, set[str]] = {}
    for institution, element, state in rows:
        if state != State.MISSING:
            found.setdefault(institution, set()).add(element)
    return found


def people(submission: SubmissionInfo | None, revisions: Iterable[ReadingInfo] = ()) -> dict[str, tuple[str, str, str]]:
    """The names of those who had a hand in a submission and its readings, by account."""
    codes = {one.filed_by for one in revisions}
    if submission:
        codes |= {submission.signed_by, submission.submitted_by, submission.accepted_by}
    return accounts.names(codes - {""})
