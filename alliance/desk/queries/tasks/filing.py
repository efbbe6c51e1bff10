"""What waits in filing: for clerks and leads of the members, and for the office that reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alliance.core.period import Period
from alliance.core.refused import Problem, mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.indicators import queries as indicators
from alliance.indicators.queries import Progress, SubmissionInfo

OVERDUE = timedelta(hours=1)  # after which somebody should know that a period did not open by itself
NAMED = 3  # members in the way whose names are told
BEGUN = (Progress.DRAFT, Progress.RETURNED)


def _mine(asked: Asked) -> Iterator[tuple[indicators.PeriodInfo, SubmissionInfo]]:
    for period in asked.periods:
        for row in asked.own_submissions(period.code):
            yield period, row


def _at(what: str, title: str, view: str, row: SubmissionInfo, **more: object) -> Task:
    where = {"period": row.period, "institution": row.institution}
    return Task(what, title, view, where, row.period, row.institution, **more)  # type: ignore[arg-type]


@waits_for("reporter")
def to_file(asked: Asked) -> Iterator[Task]:
    """Values to file, while filing is open or an exception holds, until they are whole and nothing in them asks for a
    word; and those that the review returned, until each is changed or explained."""
    for period, row in _mine(asked):
        if row.state in (Progress.OPEN, Progress.DRAFT):
            due = _until(asked, period, row)
            if due > asked.now:
                yield from _to_complete(asked, row, due)
        if row.state is Progress.RETURNED and (left := _unanswered(asked, row)):
            yield _at(
                "mend", mark("Correct the returned values"), "indicators.file_reading", row, count=left,
                due=_until(asked, period, row),
            )  # fmt: skip


def _to_complete(asked: Asked, row: SubmissionInfo, due: datetime) -> Iterator[Task]:
    view = "indicators.file_reading"
    if row.state is Progress.OPEN or not _whole(asked, row):
        yield _at("file", mark("File the values"), view, row, count=row.filled, whole=row.due, due=due)
    elif doubts := indicators.doubts(asked.alliance, row.period, row.institution):
        yield _at("file", mark("Explain or correct what stands out"), view, row, count=len(doubts), due=due)


@waits_for("member_lead")
def to_sign(asked: Asked) -> Iterator[Task]:
    for period, row in _mine(asked):
        if row.state in BEGUN:
            title, count, whole = _before_signing(asked, row)
            due = _until(asked, period, row)
            yield _at("sign", title, "indicators.read_submission", row, count=count, whole=whole, due=due)


def _before_signing(asked: Asked, row: SubmissionInfo) -> tuple[str, int, int]:
    """What a lead is told of values to sign, and how far they are."""
    if row.state is Progress.RETURNED:
        left = _unanswered(asked, row)
        again = mark("Check what was returned, then sign again")
        return (mark("See that the returned values are corrected, then sign"), left, 0) if left else (again, 0, 0)
    if not _whole(asked, row):
        return mark("See that all values are filed, then sign"), row.filled, row.due
    doubts = indicators.doubts(asked.alliance, row.period, row.institution) if asked.counted else ()
    if doubts:
        return mark("See that what stands out is explained, then sign"), len(doubts), 0
    return mark("Check and sign the values"), row.filled, row.due


def _whole(asked: Asked, row: SubmissionInfo) -> bool:
    """Whether all is filed; not known where values are not counted."""
    return asked.counted and row.filled >= row.due


def _unanswered(asked: Asked, row: SubmissionInfo) -> int:
    """How many of the values returned last nobody has changed or explained since."""
    return len(indicators.unanswered(asked.alliance, row.period, row.institution, row.round))


def _until(asked: Asked, period: indicators.PeriodInfo, row: SubmissionInfo) -> datetime:
    """Until when a member may file: the deadline, for what was returned the end of the review, or of an exception."""
    closes = period.due_at if row.unlocked is None else max(period.due_at, period.review_until)
    if closes > asked.now:
        return closes
    here = (period.code, row.institution)
    leave = [one.until for one in asked.exceptions if (one.period, one.institution) == here and one.holds(asked.now)]
    return max(leave, default=closes)


@waits_for("reporter", "member_lead")
def to_submit(asked: Asked) -> Iterator[Task]:
    for period, row in _mine(asked):
        if row.state is Progress.SIGNED:
            title, due = mark("Submit the signed values"), _until(asked, period, row)
            yield _at("submit", title, "indicators.read_submission", row, due=due)


@waits_for("office")
def to_review(asked: Asked) -> Iterator[Task]:
    """What was submitted by members other than the own employer, and who has not submitted."""
    for period in asked.periods:
        rows = asked.submissions(period.code)
        here = {"period": period.code}
        states = (Progress.SUBMITTED, Progress.REVIEW)
        waiting = [one for one in rows if one.state in states and one.institution != asked.scope.employer]
        if waiting:
            yield Task(
                "accept", mark("Review what was submitted"), "indicators.list_submissions", here, period.code,
                count=len(waiting), due=period.review_until,
            )  # fmt: skip
        missing = sum(row.waits for row in rows)
        if missing and period.due_at > asked.now:
            yield Task(
                "chase", mark("See who has not submitted"), "indicators.list_submissions", here, period.code,
                count=len(rows) - missing, whole=len(rows), due=period.due_at,
            )  # fmt: skip


@waits_for("office")
def to_grant(asked: Asked) -> Iterator[Task]:
    """Exceptions that wait for a second person: not who asked, and nobody of the member."""
    for period in asked.periods:
        found = [
            one
            for one in asked.exceptions
            if one.period == period.code
            and one.granted_at is None
            and one.until > asked.now
            and one.asked_by != asked.scope.account
            and one.institution != asked.scope.employer
        ]
        if found:
            yield Task(
                "grant", mark("Decide on an exception"), "indicators.read_period", {"period": period.code},
                period.code, count=len(found), due=min(one.until for one in found),
            )  # fmt: skip


@waits_for("office")
def to_open(asked: Asked) -> Iterator[Task]:
    """Periods that did not open by themselves: the members in the way, or nobody knows why."""
    for one in indicators.due_openings(asked.alliance, asked.now):
        if one.stuck or one.dates.opens_at + OVERDUE <= asked.now:
            yield Task(
                "open", mark("Open the period for filing"), "indicators.open_period", {"period": one.code}, one.code,
                count=len(one.stuck), due=one.dates.due_at, note=_why_shut(one.stuck),
            )  # fmt: skip


@waits_for("office")
def to_open_by_hand(asked: Asked) -> Iterator[Task]:
    """The period after the newest one of its length, once its calendar says that filing begins, where the timetable
    opens none by itself."""
    newest: dict[str, Period] = {}
    for one in asked.periods:
        when = Period.parse(one.code)
        newest.setdefault(when.kind, when)
    for when in newest.values():
        following = when.back(-1)
        if following.until > asked.on or indicators.timetable(asked.alliance, following.until).automatic:
            continue
        if indicators.calendar(asked.alliance, following.code).opens_at <= asked.now:
            where = {"period": following.code}
            yield Task("open", mark("Open the period for filing"), "indicators.open_period", where, following.code)


def _why_shut(stuck: Sequence[str]) -> Problem:
    """Why a period did not open by itself; the first members in the way by name."""
    if not stuck:
        return Problem("", "", mark("Its day has come, but it did not open by itself. Open it by hand."))
    return Problem(
        "", "",
        mark(
            "It did not open by itself: nobody employed elsewhere may review %(who)s. Appoint an officer of another "
            "employer."
        ),
        {"who": (*stuck[:NAMED], *(["…"] if len(stuck) > NAMED else []))},
    )  # fmt: skip
