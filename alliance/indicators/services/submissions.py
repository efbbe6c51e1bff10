"""The verbs of submissions: sign, submit, recall, review, return and accept what a member filed; explain a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.db import insert_many
from alliance.indicators.models import Explanation, Reading, ReturnedItem, Submission, SubmissionRound
from alliance.indicators.queries import RATED, elements_due, library
from alliance.indicators.queries.checks import findings_of
from alliance.indicators.queries.imports import current_texts
from alliance.indicators.queries.submissions import explained, explanations, returned, unanswered
from alliance.indicators.rules.checks import SHORTEST, Finding, unexplained
from alliance.indicators.rules.filing import VALUE, Progress, check_acceptance, check_filing, check_step, place_at
from alliance.indicators.services.periods import lock_period, write_to_reporters
from alliance.members import queries as members


def sign_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Sign the figures of members as their lead. Refused while a value that is due is blank, contradicts another, is
    unusual and not explained, or was returned and neither changed nor explained."""
    with verb(by) as session:
        rows = _step(session, alliance, code, institutions, "sign")
        problems = _in_the_way(alliance, code, rows)
        if problems:
            raise Refused(
                "%(count)s values stand in the way of a signature. Write the value, or n/a when it does not apply; "
                "explain what is unusual.",
                count=len(problems),
                problems=problems,
            )
        for row in rows:
            row.state, row.signed_by, row.signed_at = Progress.SIGNED.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_SIGN, rows, by, now)


def _in_the_way(alliance: int, code: str, rows: Sequence[Submission]) -> list[Problem]:
    """What keeps the members' leads from signing."""
    problems: list[Problem] = []
    for institution, found in findings_of(alliance, code, [row.institution for row in rows]).items():
        texts = explained(explanations(alliance, code, institution)) if found else {}
        problems += [_problem(institution, one) for one in unexplained(found, texts)]
    return problems + [problem for row in rows for problem in _unanswered(alliance, row)]


def _problem(institution: str, one: Finding) -> Problem:
    return Problem(VALUE, one.value, one.message, dict(one.numbers), place_at(institution, one.code))


def _unanswered(alliance: int, row: Submission) -> list[Problem]:
    """The items returned last that were neither changed nor explained since."""
    if row.unlocked is None:
        return []
    left = unanswered(alliance, row.period, row.institution, row.round)
    reason = mark("was returned: change it, or explain why it stays")
    return [Problem(VALUE, "", reason, at=place_at(row.institution, one)) for one in left]


def submit_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Submit signed figures for review; each round keeps which revision of each value it holds. Refused after the
    deadline without an exception."""
    with verb(by) as session:
        late = lock_period(session, alliance, code, institutions, now)
        rows = _step(session, alliance, code, institutions, "submit")
        for row in rows:
            row.state, row.submitted_by, row.submitted_at = Progress.SUBMITTED.value, by.account, now
            row.round, row.unlocked, row.late = row.round + 1, None, row.late or row.institution in late
            row.reviewed_by, row.reviewed_at = "", None
        held = current_texts(alliance, code, {row.institution for row in rows})
        revisions: dict[str, dict[str, int]] = {row.institution: {} for row in rows}
        for (institution, element), (revision, *_) in held.items():
            revisions[institution][element] = revision
        insert_many(session, SubmissionRound, [_round(alliance, row, revisions[row.institution]) for row in rows])
        _record_steps(session, Act.INDICATORS_SUBMISSION_SUBMIT, rows, by, now)


def _round(alliance: int, row: Submission, revisions: dict[str, int]) -> dict[str, object]:
    return {
        "alliance_id": alliance,
        "period": row.period,
        "institution": row.institution,
        "round": row.round,
        "revisions": revisions,
        "signed_by": row.signed_by,
        "signed_at": row.signed_at,
        "submitted_by": row.submitted_by,
        "submitted_at": row.submitted_at,
    }


def recall_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Take back what was submitted, before its review begins and before the deadline."""
    with verb(by) as session:
        lock_period(session, alliance, code, institutions, now)
        rows = _step(session, alliance, code, institutions, "recall")
        for row in rows:
            row.unlocked = _unlocked_in(alliance, row, row.round - 1)
            fall_back(row)
        _record_steps(session, Act.INDICATORS_SUBMISSION_RECALL, rows, by, now)


def _unlocked_in(alliance: int, row: Submission, round: int) -> list[str] | None:
    """What was open to the member after a round was returned; None when nothing was returned in it."""
    found = sorted(one.element for one in returned(alliance, row.period, row.institution) if one.round == round)
    return found or None


def review_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Take submitted figures under review: from now on the member cannot recall them. Refused as an acceptance is."""
    with verb(by) as session:
        rows = _step(session, alliance, code, institutions, "review")
        _check_hands(session, alliance, code, rows, by)
        for row in rows:
            row.state, row.reviewed_by, row.reviewed_at = Progress.REVIEW.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_REVIEW, rows, by, now)


def return_submission(
    alliance: int, code: str, institution: str, reasons: Mapping[str, str], *, by: Actor, now: datetime
) -> None:
    """Return single values with a reason each: only these unlock, the lead signs again, the next review covers what
    changed. Refused as an acceptance is, and without a reason of ten characters for each."""
    short = [one for one, reason in reasons.items() if len(reason.strip()) < SHORTEST]
    if not reasons:
        raise Refused("Choose the values to return, and write a reason for each.")
    if short:
        problem = mark("write the reason in at least %(least)s characters")
        raise Refused(
            "%(count)s values have no reason.",
            count=len(short),
            problems=[
                Problem(VALUE, reasons[one], problem, {"least": SHORTEST}, place_at(institution, one)) for one in short
            ],
        )
    with verb(by) as session:
        (row,) = _step(session, alliance, code, [institution], "return")
        _check_hands(session, alliance, code, [row], by)
        member = members.member(alliance, institution, Period.parse(code).last)
        due = elements_due(
            library(alliance, Period.parse(code).last), member.tier if member else "", Period.parse(code)
        )
        if set(reasons) - {one.code for one in due}:
            raise NotFound()
        insert_many(
            session,
            ReturnedItem,
            [
                {
                    "alliance_id": alliance,
                    "period": code,
                    "institution": institution,
                    "round": row.round,
                    "element": element,
                    "reason": reason.strip(),
                    "returned_by": by.account,
                    "returned_at": now,
                }
                for element, reason in reasons.items()
            ],
        )
        row.state, row.unlocked = Progress.RETURNED.value, sorted(reasons)
        row.signed_by, row.signed_at = "", None
        record(
            session,
            Act.INDICATORS_SUBMISSION_RETURN,
            f"submission:{institution}/{code}",
            by=by,
            now=now,
            alliance=alliance,
            elements=sorted(reasons),
            round=row.round,
        )
        write_to_reporters(session, "returned", alliance, institution, code, now)


def accept_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Accept submitted figures. Refused for an employee of the member concerned and for whoever had a hand in them."""
    with verb(by) as session:
        rows = _step(session, alliance, code, institutions, "accept")
        _check_hands(session, alliance, code, rows, by)
        for row in rows:
            row.state, row.accepted_by, row.accepted_at = Progress.ACCEPTED.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_ACCEPT, rows, by, now)


def explain_value(
    alliance: int, code: str, institution: str, about: str, value: str, text: str, *, by: Actor, now: datetime
) -> None:
    """Explain a value of a member: of an element or an indicator; `value` is the text of the value explained.

    Refused: a text under ten characters, a locked filing, an item that was not returned.
    """
    if len(text.strip()) < SHORTEST:
        raise Refused("Write the explanation in at least %(least)s characters.", least=SHORTEST)
    known = library(alliance, Period.parse(code).last)
    if about not in known.elements and about not in known.indicators:
        raise NotFound()
    with verb(by) as session:
        lock_period(session, alliance, code, [institution], now)
        row = lock_submission(session, alliance, code, institution)
        check_filing(Progress(row.state), row.unlocked, [about] if about in known.elements else [], institution)
        session.add(
            Explanation(
                alliance_id=alliance,
                period=code,
                institution=institution,
                code=about,
                value=value,
                text=text.strip(),
                written_by=by.account,
                written_at=now,
            )
        )
        if row.state == Progress.SIGNED.value:
            fall_back(row)
        record(
            session,
            Act.INDICATORS_VALUE_EXPLAIN,
            f"submission:{institution}/{code}",
            by=by,
            now=now,
            alliance=alliance,
            about=about,
        )


def _check_hands(session: Session, alliance: int, code: str, rows: Sequence[Submission], by: Actor) -> None:
    """Refuse a review by an employee of a member, or by whoever filed, signed or submitted its figures."""
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


def lock_submission(session: Session, alliance: int, code: str, institution: str) -> Submission:
    """The submission of a member, locked; made when it is the first time."""
    rows = select(Submission).where(
        Submission.alliance_id == alliance, Submission.period == code, Submission.institution == institution
    )
    row = session.scalars(rows.with_for_update()).first()
    if row is not None:
        return row
    row = Submission(alliance_id=alliance, period=code, institution=institution, state=Progress.OPEN.value)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else made it at the same moment
        return session.scalars(rows.with_for_update()).one()
    return row


def lock_submissions(
    session: Session, alliance: int, code: str, institutions: Iterable[str] | None = None
) -> list[Submission]:
    """The submissions of a period, locked in one order; those of some members, when they are named."""
    rows = select(Submission).where(Submission.alliance_id == alliance, Submission.period == code)
    if institutions is not None:
        rows = rows.where(Submission.institution.in_(set(institutions)))
    return list(session.scalars(rows.order_by(Submission.institution).with_for_update()))


def fall_back(submission: Submission) -> None:
    """Back to draft, or to what was returned: what was signed is not what is there now."""
    submission.state = (Progress.DRAFT if submission.unlocked is None else Progress.RETURNED).value
    submission.signed_by, submission.signed_at = "", None
