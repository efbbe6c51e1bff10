"""The verbs of submissions: sign, submit and accept what a member filed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance.audit.services import record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries import RATED, elements_due, library
from alliance.indicators.queries.imports import current_texts
from alliance.indicators.rules.filing import BLANK, VALUE, Progress, check_acceptance, check_step, place_at
from alliance.indicators.services.periods import lock_period
from alliance.members import queries as members


def sign_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Sign the figures of members as their lead. Refused while an element that is due is blank."""
    with verb(by) as session:
        rows = _step(session, alliance, code, institutions, "sign")
        blank = _blanks(alliance, code, [row.institution for row in rows])
        if blank:
            raise Refused(
                "%(count)s values are blank. Write the value, or n/a when it does not apply.",
                count=len(blank),
                problems=blank,
            )
        for row in rows:
            row.state, row.signed_by, row.signed_at = Progress.SIGNED.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_SIGN, rows, by, now)


def submit_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Submit signed figures for review. Refused after the deadline."""
    with verb(by) as session:
        lock_period(session, alliance, code, now)
        rows = _step(session, alliance, code, institutions, "submit")
        for row in rows:
            row.state, row.submitted_by, row.submitted_at = Progress.SUBMITTED.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_SUBMIT, rows, by, now)


def accept_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Accept submitted figures. Refused for an employee of the member concerned and for whoever had a hand in them."""
    with verb(by) as session:
        rows = _step(session, alliance, code, institutions, "accept")
        hands: dict[str, set[str]] = {row.institution: {row.signed_by, row.submitted_by} for row in rows}
        # Whoever brought in what raters found had no hand in what the member filed.
        raters = [
            one for one, element in library(alliance, Period.parse(code).last).elements.items() if element.mode in RATED
        ]
        filers = (
            select(Reading.institution, Reading.filed_by)
            .where(Reading.alliance_id == alliance, Reading.period == code, Reading.element.not_in(raters))
            .distinct()
        )
        for institution, account in session.execute(filers):
            if institution in hands:
                hands[institution].add(account)
        for row in rows:
            check_acceptance(row.institution, by.employer, by.account, hands[row.institution])
            row.state, row.accepted_by, row.accepted_at = Progress.ACCEPTED.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_ACCEPT, rows, by, now)


def _step(session: Session, alliance: int, code: str, institutions: Sequence[str], step: str) -> list[Submission]:
    """The submissions of the members named, locked, each ready for the step."""
    rows = lock_submissions(session, alliance, code, institutions)
    missing = sorted(set(institutions) - {row.institution for row in rows})
    for who in missing:
        check_step(step, Progress.OPEN, who)
    for row in rows:
        check_step(step, Progress(row.state), row.institution)
    return rows


def _record_steps(session: Session, act: Act, rows: Sequence[Submission], by: Actor, now: datetime) -> None:
    session.flush()
    subjects = [f"submission:{row.institution}/{row.period}" for row in rows]
    record_many(session, act, subjects, by=by, now=now, alliance=rows[0].alliance_id if rows else 0)


def _blanks(alliance: int, code: str, institutions: Sequence[str]) -> list[Problem]:
    """The elements that are due and blank."""
    when = Period.parse(code)
    known = library(alliance, when.last)
    tiers = {one.code: one.tier for one in members.members(alliance, when.last)}
    current = current_texts(alliance, code, set(institutions))
    filled = {place for place, (_, _, state) in current.items() if state != BLANK.state.value}
    return [
        Problem(VALUE, "", mark("is blank"), at=place_at(institution, element.code))
        for institution in institutions
        for element in elements_due(known, tiers.get(institution, ""), when)
        if (institution, element.code) not in filled
    ]


def lock_submission(session: Session, alliance: int, code: str, institution: str) -> Submission:
    """The submission of a member, locked; made when it is the first time."""
    rows = select(Submission).where(
        Submission.alliance_id == alliance, Submission.period == code, Submission.institution == institution
    )
    row = session.scalars(rows.with_for_update()).first()
    if row is not None:
        return row
    try:
        with session.begin_nested():
            session.add(
                Submission(alliance_id=alliance, period=code, institution=institution, state=Progress.OPEN.value)
            )
    except IntegrityError:
        pass  # somebody else made it at the same moment
    return session.scalars(rows.with_for_update()).one()


def lock_submissions(
    session: Session, alliance: int, code: str, institutions: Iterable[str] | None = None
) -> list[Submission]:
    rows = select(Submission).where(Submission.alliance_id == alliance, Submission.period == code)
    found = session.scalars(rows.order_by(Submission.institution).with_for_update())
    wanted = None if institutions is None else set(institutions)
    return [row for row in found if wanted is None or row.institution in wanted]


def fall_back(submission: Submission) -> None:
    """Back to draft: what was signed is not what is there now."""
    submission.state = Progress.DRAFT.value
    submission.signed_by, submission.signed_at = "", None
