"""What waits around verifications by third parties: samples to draw, figures to verify, improvement plans."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.period import end_of
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.ratings import queries as ratings


@waits_for("expert")
def to_verify(asked: Asked) -> Iterator[Task]:
    """Engagements in which figures are to be looked at, or that are ready to be locked."""
    for one in ratings.visible_engagements(asked.scope, asked.on):
        mine = ratings.verifies(asked.scope, one, asked.on) and one.drawn_at is not None and one.locked_at is None
        if mine:
            yield Task(
                "verify", mark("Verify the figures of verification %(number)s"), "ratings.read_engagement",
                {"number": one.number}, one.period, subject=one.subject, places={"number": one.number},
                count=one.looked, whole=one.figures, due=end_of(one.ends_on),
            )  # fmt: skip


def _plan(what: str, title: str, one: ratings.FindingInfo) -> Task:
    name = f"{one.engagement}/{one.number}"
    return Task(
        what, title, "ratings.read_plan", {"number": one.engagement, "finding": one.number},
        institution=one.institution, subject=one.subject, places={"number": name}, due=one.due,
    )  # fmt: skip


@waits_for("reporter", "member_lead")
def to_improve(asked: Asked) -> Iterator[Task]:
    """Findings whose plan the own member writes or carries out."""
    if not asked.scope.own:
        return
    for one in ratings.findings(asked.alliance, "", asked.scope.own):
        if one.state in ("open", "returned"):
            yield _plan("write_plan", mark("Write the improvement plan for finding %(number)s"), one)
        elif one.state == "accepted":
            yield _plan("carry_out", mark("Carry out the improvement plan for finding %(number)s"), one)


@waits_for("office")
def to_follow(asked: Asked) -> Iterator[Task]:
    """Samples to draw, plans to review, reports to issue."""
    for one in ratings.engagements(asked.alliance):
        where = {"number": one.number}
        if one.drawn_at is None and one.ends_on >= asked.on:
            yield Task(
                "draw_engagement", mark("Draw the sample of verification %(number)s"), "ratings.draw_engagement", where,
                one.period, subject=one.subject, places=where, due=end_of(one.starts_on),
            )  # fmt: skip
        elif one.locked_at is None and one.ends_on < asked.on:
            yield Task(
                "prolong", mark("Verification %(number)s ended before it was locked"), "ratings.read_engagement",
                where, one.period, subject=one.subject, places=where, count=one.figures - one.looked,
                due=end_of(one.ends_on),
            )  # fmt: skip
        elif one.locked_at is not None and one.issued_at is None:
            yield Task(
                "issue_report", mark("Issue the report of verification %(number)s"), "ratings.issue_report", where,
                one.period, subject=one.subject, places=where,
            )  # fmt: skip
    for found in ratings.findings(asked.alliance):
        if found.state == "filed" and found.institution != asked.scope.employer:
            yield _plan("review_plan", mark("Review the improvement plan for finding %(number)s"), found)


@waits_for("office", "expert")
def to_confirm(asked: Asked) -> Iterator[Task]:
    """Plans that were reported as done, save of the own employer."""
    for one in ratings.plans(asked.scope, asked.on):
        barred = ratings.conflicts_of(asked.alliance, asked.scope.account, asked.on)
        if one.state == "done" and one.institution not in barred:
            yield _plan("confirm_plan", mark("Confirm what was done about finding %(number)s"), one)
