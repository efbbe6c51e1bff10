"""The questions about submissions: how far each has come, what was returned, explained and changed, what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.figure import State, canonical
from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import Explanation, Reading, ReturnedItem, Submission, SubmissionRound
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.readings import ReadingInfo, current_readings, of_members, readings
from alliance.indicators.rules.filing import Progress
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class SubmissionInfo:
    """How far an institution's filing of a period has come, and by whose hands. `unlocked` are the elements that may
    be changed after a return; None: all."""

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
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    round: int = 0
    unlocked: frozenset[str] | None = None
    late: bool = False

    @property
    def waits(self) -> bool:
        """Whether the member has something to do before its figures can be reviewed."""
        return self.state in (Progress.OPEN, Progress.DRAFT, Progress.SIGNED, Progress.RETURNED)


@dataclass(frozen=True, slots=True)
class ReturnedInfo:
    """A value that was returned, with the reason."""

    element: str
    round: int
    reason: str
    returned_by: str
    returned_at: datetime


@dataclass(frozen=True, slots=True)
class ExplanationInfo:
    """The last explanation of a value."""

    code: str
    value: str
    text: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs from the submission before: its text then and now ("" for none)."""

    element: str
    before: str
    after: str


def submissions(
    alliance: int, code: str, institutions: frozenset[str] | None = None, *, counted: bool = True
) -> list[SubmissionInfo]:
    """One line for each member of a period; only those named, when some are. Who needs to know only how far each has
    come, and not how many values are filed, does not have them `counted`: 0 stands there."""
    return list(submissions_of(alliance, (code,), institutions, counted=counted)[code])


@audit.until_next_event
def submissions_of(
    alliance: int, codes: tuple[str, ...], institutions: frozenset[str] | None = None, *, counted: bool = True
) -> dict[str, list[SubmissionInfo]]:
    """The same of several periods, asked of the database together."""
    recorded: dict[str, dict[str, Submission]] = {code: {} for code in codes}
    rows = select(Submission).where(Submission.alliance_id == alliance, Submission.period.in_(codes))
    for row in db.session.scalars(of_members(rows, institutions, Submission.institution)):
        recorded[row.period][row.institution] = row
    filled = _filled(alliance, codes, institutions) if counted else {}
    return {
        code: _submissions(alliance, code, institutions, rows, filled.get(code, {})) for code, rows in recorded.items()
    }


def _submissions(
    alliance: int,
    code: str,
    institutions: frozenset[str] | None,
    rows: Mapping[str, Submission],
    filled: Mapping[str, frozenset[str]],
) -> list[SubmissionInfo]:
    when = Period.parse(code)
    known = library(alliance, when.last)
    there = [one for one in members.members(alliance, when.last) if institutions is None or one.code in institutions]
    of_tier = {
        tier: frozenset(element.code for element in elements_due(known, tier, when))
        for tier in {one.tier for one in there}
    }
    due = {one.code: of_tier[one.tier] for one in there}
    return [
        _submission(rows.get(one), one, code, len(elements & filled.get(one, frozenset())), len(elements))
        for one, elements in due.items()
    ]


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
        row.reviewed_by,
        row.reviewed_at,
        row.round,
        None if row.unlocked is None else frozenset(row.unlocked),
        row.late,
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


def _filled(
    alliance: int, codes: Collection[str], institutions: frozenset[str] | None
) -> dict[str, dict[str, frozenset[str]]]:
    """The elements that members have filed, by period and member: a row for each of these, for this is asked with
    every page that shows tasks."""
    rows = of_members(current_readings(alliance, codes), institutions).where(Reading.state != State.MISSING.value)
    rows = rows.with_only_columns(Reading.period, Reading.institution, func.aggregate_strings(Reading.element, " "))
    found: dict[str, dict[str, frozenset[str]]] = {}
    for code, institution, elements in db.session.execute(rows.group_by(Reading.period, Reading.institution)):
        found.setdefault(code, {})[institution] = frozenset(elements.split())
    return found


def returned(alliance: int, code: str, institution: str) -> list[ReturnedInfo]:
    """What was returned to a member in a period, oldest first."""
    rows = select(ReturnedItem).where(
        ReturnedItem.alliance_id == alliance, ReturnedItem.period == code, ReturnedItem.institution == institution
    )
    return [
        ReturnedInfo(row.element, row.round, row.reason, row.returned_by, row.returned_at)
        for row in db.session.scalars(rows.order_by(ReturnedItem.id))
    ]


def unanswered(alliance: int, code: str, institution: str, round: int) -> list[str]:
    """The elements returned with a round that were neither changed nor explained since."""
    filed, texts = readings(alliance, code, institution), explanations(alliance, code, institution)
    found = []
    for one in returned(alliance, code, institution):
        reading, text = filed.get(one.element), texts.get(one.element)
        changed = reading is not None and reading.filed_at > one.returned_at
        answered = text is not None and text.written_at > one.returned_at
        if one.round == round and not (changed or answered):
            found.append(one.element)
    return found


def explanations(alliance: int, code: str, institution: str) -> dict[str, ExplanationInfo]:
    """The last explanation of each value of a member, by element or indicator."""
    rows = select(Explanation).where(
        Explanation.alliance_id == alliance, Explanation.period == code, Explanation.institution == institution
    )
    return {
        row.code: ExplanationInfo(row.code, row.value, row.text, row.written_by, row.written_at)
        for row in db.session.scalars(rows.order_by(Explanation.id))
    }


def changes_since(alliance: int, code: str, institution: str, round: int) -> list[Change]:
    """What differs between a round of a submission and the values as they are now, or were in the next round."""
    rounds = select(SubmissionRound).where(
        SubmissionRound.alliance_id == alliance,
        SubmissionRound.period == code,
        SubmissionRound.institution == institution,
        SubmissionRound.round == round,
    )
    before = db.session.scalars(rounds).first()
    if before is None:
        return []
    now = readings(alliance, code, institution)
    changed = [one for one in now.values() if one.revision != before.revisions.get(one.element, 0)]
    rows = select(Reading).where(
        Reading.alliance_id == alliance,
        Reading.period == code,
        Reading.institution == institution,
        Reading.element.in_([one.element for one in changed]),
    )
    texts = {(row.element, row.revision): _text(row.value, row.state) for row in db.session.scalars(rows)}
    found = [
        Change(
            one.element,
            texts.get((one.element, before.revisions.get(one.element, 0)), ""),
            texts[one.element, one.revision],
        )
        for one in changed
    ]
    return [one for one in found if one.before != one.after]


def _text(value: str, state: str) -> str:
    return "n/a" if state == State.NOT_APPLICABLE.value else value


def explained(found: Mapping[str, ExplanationInfo]) -> dict[str, tuple[str, str]]:
    """Explanations as the checks take them: (value, text) by code."""
    return {code: (one.value, one.text) for code, one in found.items()}


def people(submission: SubmissionInfo | None, revisions: Iterable[ReadingInfo] = ()) -> dict[str, tuple[str, str, str]]:
    """The names of those who had a hand in a submission and its readings, by account."""
    codes = {one.filed_by for one in revisions}
    if submission:
        codes |= {submission.signed_by, submission.submitted_by, submission.accepted_by, submission.reviewed_by}
    return accounts.names(codes - {""})


def timeliness(alliance: int, codes: Collection[str]) -> dict[tuple[str, str], datetime]:
    """When each member first submitted each period: by (member, period)."""
    rows = select(SubmissionRound.institution, SubmissionRound.period, func.min(SubmissionRound.submitted_at)).where(
        SubmissionRound.alliance_id == alliance, SubmissionRound.period.in_(list(codes)), SubmissionRound.round == 1
    )
    found = db.session.execute(rows.group_by(SubmissionRound.institution, SubmissionRound.period))
    return {(institution, period): at for institution, period, at in found}


def value_text(info: ReadingInfo | None) -> str:
    """The text of a reading that an explanation refers to."""
    return "" if info is None or info.value is None else canonical(info.value)
