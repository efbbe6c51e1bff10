"""What waits in filing: for clerks and leads of the members, and for the office that reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

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
    """Values to file, while filing is open or an exception holds, and those that the review returned."""
    for period, row in _mine(asked):
        due, view = period.due_at, "indicators.file_reading"
        if row.state in (Progress.OPEN, Progress.DRAFT):
            if due <= asked.now:
                here = (period.code, row.institution)
                leave = [one for one in asked.exceptions if (one.period, one.institution) == here]
                due = max((one.until for one in leave if one.holds(asked.now)), default=due)
            if due > asked.now:
                yield _at("file", mark("File the values"), view, row, count=row.filled, whole=row.due, due=due)
        if row.state is Progress.RETURNED:
            until = due if due > asked.now else period.review_until
            yield _at("mend", mark("Correct the returned values"), view, row, count=len(row.unlocked or ()), due=until)


@waits_for("member_lead")
def to_sign(asked: Asked) -> Iterator[Task]:
    for period, row in _mine(asked):
        if row.state in BEGUN:
            whole = row.filled >= row.due
            title = mark("Check and sign the values") if whole else mark("See that all values are filed, then sign")
            yield _at(
                "sign", title, "indicators.read_submission", row, count=row.filled, whole=row.due, due=period.due_at
            )


@waits_for("reporter", "member_lead")
def to_submit(asked: Asked) -> Iterator[Task]:
    for period, row in _mine(asked):
        if row.state is Progress.SIGNED:
            title = mark("Submit the signed values")
            yield _at("submit", title, "indicators.read_submission", row, due=period.due_at)


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
