"""The verbs of periods: the calendar, opening, exceptions from the lock, reminders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, day_of
from alliance.core.refused import Forbidden, NotFound, Problem, Refused, mark
from alliance.db import insert_many
from alliance.indicators.models import DayRow, LockException, PeriodRow, Reminder, Submission, TimetableRow
from alliance.indicators.queries.openings import without_reviewer
from alliance.indicators.queries.periods import calendar, exceptions
from alliance.indicators.rules.calendar import Timetable, check_timetable
from alliance.indicators.rules.checks import SHORTEST
from alliance.indicators.rules.filing import Progress, check_open, closes_at
from alliance.members import queries as members
from alliance.post.services import queue_mail


def open_period(alliance: int, code: str, due_at: datetime | None = None, *, by: Actor, now: datetime) -> None:
    """Open a period for filing, until the calendar's deadline or one of its own. Refused when it is open, the deadline
    has passed, or some member's figures could be reviewed by nobody but its own people."""
    when = Period.parse(code)
    dates = calendar(alliance, code, due_at)
    if dates.due_at <= now:
        raise Refused("The deadline %(due)s has passed already.", due=dates.due_at)
    with verb(by) as session:
        if session.scalar(select(PeriodRow.id).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)):
            raise Refused("The period %(period)s is open already.", period=code)
        reason = mark("nobody outside this member may review its figures")
        stuck = [
            Problem("%(who)s", member, reason, at={"who": member}) for member in without_reviewer(alliance, when, now)
        ]
        if stuck:
            raise Refused(
                "The period cannot be opened: for %(count)s members there is no reviewer. Appoint an officer employed "
                "elsewhere.",
                count=len(stuck),
                problems=stuck,
            )
        session.add(
            PeriodRow(
                alliance_id=alliance,
                code=code,
                opened_at=now,
                due_at=dates.due_at,
                review_until=dates.review_until,
                preview_at=dates.preview_at,
                objections_until=dates.objections_until,
            )
        )
        record(
            session,
            Act.INDICATORS_PERIOD_OPEN,
            f"period:{code}",
            by=by,
            now=now,
            alliance=alliance,
            due=dates.due_at.isoformat(),
        )


def set_timetable(alliance: int, valid_from: date, one: Timetable, *, by: Actor, now: datetime) -> None:
    """Set the parameters of the calendar for periods that end on a day or later; open periods keep theirs."""
    check_timetable(one)
    if valid_from < day_of(now):
        raise Refused("The calendar cannot change backwards: %(day)s has passed.", day=valid_from)
    with verb(by) as session:
        session.add(
            TimetableRow(alliance_id=alliance, valid_from=valid_from, set_by=by.account, set_at=now, **asdict(one))
        )
        record(
            session,
            Act.INDICATORS_TIMETABLE_SET,
            f"timetable:{valid_from.isoformat()}",
            by=by,
            now=now,
            alliance=alliance,
            **asdict(one),
        )


def note_day(alliance: int, day: date, works: bool, note: str, *, by: Actor, now: datetime) -> None:
    """Note that a day works or rests against the rule, as the State Council's notice says; open periods keep their
    calendar."""
    if not note.strip():
        raise Refused("Say which notice or decision this follows.")
    with verb(by) as session:
        session.add(
            DayRow(alliance_id=alliance, day=day, works=works, note=note.strip(), set_by=by.account, set_at=now)
        )
        record(
            session,
            Act.INDICATORS_DAY_NOTE,
            f"day:{day.isoformat()}",
            by=by,
            now=now,
            alliance=alliance,
            works=works,
            note=note.strip(),
        )


def ask_exception(
    alliance: int, code: str, institution: str, reason: str, until: datetime, *, by: Actor, now: datetime
) -> int:
    """Ask for leave that a member files after the deadline or after acceptance; its number. Another person grants."""
    if len(reason.strip()) < SHORTEST:
        raise Refused("Write the reason in at least %(least)s characters.", least=SHORTEST)
    if until <= now:
        raise Refused("The end %(until)s has passed already.", until=until)
    if members.member(alliance, institution, Period.parse(code).last) is None:
        raise NotFound()
    with verb(by) as session:
        if (
            session.scalar(select(PeriodRow.id).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code))
            is None
        ):
            raise NotFound()
        row = LockException(
            alliance_id=alliance,
            period=code,
            institution=institution,
            reason=reason.strip(),
            until=until,
            asked_by=by.account,
            asked_at=now,
            granted_by="",
        )
        session.add(row)
        session.flush()
        record(
            session,
            Act.INDICATORS_EXCEPTION_ASK,
            f"submission:{institution}/{code}",
            by=by,
            now=now,
            alliance=alliance,
            exception=row.id,
            until=until.isoformat(),
        )
        return row.id


def grant_exception(alliance: int, number: int, *, by: Actor, now: datetime) -> tuple[str, str]:
    """Grant an exception that another person asked for; the member may file again until its end. Its period and member.

    What was signed, submitted or accepted falls back to a draft, all of it open. Refused for whoever asked and for
    employees of the member.
    """
    with verb(by) as session:
        row = session.scalars(
            select(LockException)
            .where(LockException.id == number, LockException.alliance_id == alliance)
            .with_for_update()
        ).first()
        if row is None:
            raise NotFound()
        if row.granted_at is not None:
            raise Refused("This exception is granted already.")
        if row.until <= now:
            raise Refused("The end %(until)s has passed already.", until=row.until)
        if row.asked_by == by.account:
            raise Forbidden("You asked for this exception: another person must grant it.")
        if by.employer == row.institution:
            raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=row.institution)
        row.granted_by, row.granted_at = by.account, now
        submission = session.scalars(
            select(Submission)
            .where(
                Submission.alliance_id == alliance,
                Submission.period == row.period,
                Submission.institution == row.institution,
            )
            .with_for_update()
        ).first()
        if submission is not None and submission.state != Progress.OPEN.value:
            submission.state, submission.unlocked = Progress.DRAFT.value, None
            submission.signed_by, submission.signed_at = "", None
        record(
            session,
            Act.INDICATORS_EXCEPTION_GRANT,
            f"submission:{row.institution}/{row.period}",
            by=by,
            now=now,
            alliance=alliance,
            exception=row.id,
            until=row.until.isoformat(),
        )
        return row.period, row.institution


def send_reminder(
    alliance: int, code: str, institutions: Sequence[str], occasion: str, *, by: Actor, now: datetime
) -> int:
    """Remind members that a period waits for them; how many were. One occasion (-3, -1, 0, or by hand in a minute)
    reminds a member once."""
    with verb(by) as session:
        known = set(
            session.scalars(
                select(Reminder.institution).where(
                    Reminder.alliance_id == alliance, Reminder.period == code, Reminder.occasion == occasion
                )
            )
        )
        new = [one for one in dict.fromkeys(institutions) if one not in known]
        insert_many(
            session,
            Reminder,
            [
                {
                    "alliance_id": alliance,
                    "period": code,
                    "institution": one,
                    "occasion": occasion,
                    "sent_by": by.account,
                    "sent_at": now,
                }
                for one in new
            ],
        )
        subjects = [f"submission:{one}/{code}" for one in new]
        record_many(
            session, Act.INDICATORS_REMINDER_SEND, subjects, by=by, now=now, alliance=alliance, occasion=occasion
        )
        held = accounts.holders(alliance, day_of(now)) if new else []
        for one in new:
            _write_to(session, "reminder", _of(held, one, "reporter", "member_lead"), alliance, one, code, now)
        return len(new)


def _of(held: Iterable[accounts.Holder], institution: str, *roles: str) -> list[str]:
    """The accounts that hold one of some roles for a member."""
    return [one.account for one in held if one.grant.institution == institution and one.grant.role in roles]


def write_to_reporters(session: Session, kind: str, alliance: int, institution: str, code: str, now: datetime) -> None:
    """Queue a mail about a period to the reporters of a member."""
    held = accounts.holders(alliance, day_of(now))
    _write_to(session, kind, _of(held, institution, "reporter"), alliance, institution, code, now)


def _write_to(
    session: Session, kind: str, people: Collection[str], alliance: int, institution: str, code: str, now: datetime
) -> None:
    queue_mail(
        session,
        kind,
        accounts.reached(people, "tasks"),
        f"submission:{institution}/{code}",
        {"period": code, "institution": institution},
        alliance=alliance,
        now=now,
        topic="tasks",
    )


def lock_period(
    session: Session, alliance: int, code: str, institutions: Collection[str], now: datetime, *, alone: bool = False
) -> frozenset[str]:
    """Hold a period open while a verb files for members, shared or alone; which of them are late, under an exception.

    Refused: a period that is not open, or closed for one of the members. What the review returned is mended until it
    ends. What raters found, and the alliance's own references, concern no filing and are taken until then too.
    """
    rows = select(PeriodRow).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)
    row = session.scalars(rows.with_for_update(read=not alone)).first()
    if row is None:
        raise Refused("The period %(period)s is not open for filing.", period=code)
    if not institutions:
        check_open(row.review_until, now, code)
    if now < row.due_at or not institutions:
        return frozenset()
    late = frozenset(institutions) - _mending(session, row, now)
    if late - {one.institution for one in exceptions(alliance, code) if one.holds(now)}:
        check_open(row.due_at, now, code)
    return late


def _mending(session: Session, period: PeriodRow, now: datetime) -> set[str]:
    """The members to which the review returned values that they may still mend."""
    rows = select(Submission.institution, Submission.unlocked).where(
        Submission.alliance_id == period.alliance_id, Submission.period == period.code
    )
    return {
        institution
        for institution, unlocked in session.execute(rows)
        if now < closes_at(period.due_at, period.review_until, unlocked)
    }
