"""What waits around schemes and scores."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.period import Period, PeriodKind
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.evaluation import queries as evaluation
from alliance.indicators import queries as indicators
from alliance.indicators.queries import Progress
from alliance.members import queries as members


def _next(asked: Asked) -> Period | None:
    """The first period after those that are scored, when it is over."""
    if not asked.runs:
        return None
    following = Period.parse(asked.runs[0].period).back(-1)
    return following if following.until <= asked.on else None


@waits_for("office")
def to_enter(asked: Asked) -> Iterator[Task]:
    """Results of rater groups that a period needs before it is scored."""
    when = _next(asked)
    if when is None:
        return
    there = evaluation.rating_results(asked.alliance, when.code)
    # What is collected here has tasks of its own, and the regulator rates by itself.
    groups = [one for one in evaluation.typed_groups(asked.alliance, when.code, there) if one != "regulator"]
    codes = [one.code for one in members.members(asked.alliance, when.last)]
    missing, whole = evaluation.missing_ratings(codes, groups, there), len(codes) * len(groups)
    if missing:
        where = {"period": when.code} | ({"group": groups[0]} if len(groups) == 1 else {})
        yield Task(
            "rate", mark("Enter the results of the rater groups"), "evaluation.list_ratings", where, when.code,
            count=whole - missing, whole=whole,
        )  # fmt: skip


@waits_for("office")
def to_compute(asked: Asked) -> Iterator[Task]:
    """A period whose months are all accepted, and which has no official scores."""
    when = _next(asked)
    if when is None:
        return
    opened = {one.code for one in indicators.periods(asked.alliance)}
    months = [part.code for part in when.parts(PeriodKind.MONTH)]
    if not opened.issuperset(months):
        return
    asked.look_up(*months)
    rows = [row for month in months for row in asked.submissions(month)]
    accepted = sum(row.state is Progress.ACCEPTED for row in rows)
    if rows and accepted == len(rows):
        yield Task("compute", mark("Compute the official scores"), "evaluation.list_runs", period=when.code)


@waits_for("committee")
def to_decide(asked: Asked) -> Iterator[Task]:
    for one in evaluation.schemes(asked.alliance):
        if not one.decision:
            where = {"code": one.code, "version": one.version}
            yield Task(
                "decide_scheme", mark("Decide on scheme %(scheme)s"), "evaluation.read_scheme", where,
                subject=one.reference, places={"scheme": one.reference},
            )  # fmt: skip


@waits_for("analyst")
def to_try(asked: Asked) -> Iterator[Task]:
    """Drafts of schemes whose effect nobody has tried yet."""
    tried = {one.scheme for one in evaluation.trials(asked.alliance)}
    for one in evaluation.schemes(asked.alliance):
        if not one.decision and one.reference not in tried:
            yield Task(
                "try", mark("Try what scheme %(scheme)s would change"), "evaluation.list_runs",
                subject=one.reference, places={"scheme": one.reference},
            )  # fmt: skip
