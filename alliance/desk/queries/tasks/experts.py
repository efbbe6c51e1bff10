"""What waits around the third party: scores, further experts, panels to close, visits to sign; the regulator."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.period import Period
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.evaluation import queries as evaluation
from alliance.members import queries as members
from alliance.ratings import queries as ratings


def _open(asked: Asked) -> list[ratings.PanelInfo]:
    return [one for one in ratings.panels(asked.alliance) if one.closed_at is None]


@waits_for("expert")
def to_score(asked: Asked) -> Iterator[Task]:
    """Scores asked of the expert, while there is time; and those that were missed."""
    for one in _open(asked):
        rows = ratings.scores(asked.alliance, one, asked.now, asked.scope.account)
        mine = [row for row in rows if row.stands]
        left = [row.due_at for row in mine if row.state != "locked"]
        if asked.scope.account and left:
            locked = sum(row.state == "locked" for row in mine)
            yield Task(
                "score", mark("Score members as an expert"), "ratings.list_scores", {"period": one.period}, one.period,
                count=locked, whole=len(mine), due=min(left),
            )  # fmt: skip


@waits_for("office")
def to_bring_in(asked: Asked) -> Iterator[Task]:
    """Panels on which experts are late, disagree, or are done."""
    for one in _open(asked):
        rows, where = ratings.scores(asked.alliance, one, asked.now), {"period": one.period}
        states = ratings.item_states(rows, dict.fromkeys(row.item for row in rows))
        wanting = sum(state.wants_further for state in states)
        waiting = [row.due_at for row in rows if row.waits]
        if wanting:
            yield Task(
                "further", mark("Ask a further expert: too little agreement or too few scores"), "ratings.read_panel",
                where, one.period, count=wanting,
            )  # fmt: skip
        elif not waiting:
            yield Task(
                "close_panel", mark("Close the panel of experts"), "ratings.close_panel", where, one.period,
                due=one.due_at,
            )  # fmt: skip
        if waiting:
            behind = {row.account for row in rows if row.waits}
            yield Task(
                "chase", mark("Experts have not locked their scores"), "ratings.read_panel", where, one.period,
                count=len(behind), due=min(waiting),
            )  # fmt: skip


@waits_for("member_lead")
def to_sign(asked: Asked) -> Iterator[Task]:
    """Visits of experts that the member's lead has not confirmed."""
    for one in ratings.visits(asked.alliance) if asked.scope.own else []:
        if one.confirmed_at is None and one.institution in asked.scope.own:
            yield Task(
                "visit", mark("Confirm the visit of experts"), "ratings.confirm_visit",
                {"period": one.period, "institution": one.institution, "number": one.number}, one.period,
                one.institution,
            )  # fmt: skip


@waits_for("regulator")
def to_assess(asked: Asked) -> Iterator[Task]:
    """The regulator's rating of the first period that is over and not scored, where the scheme gives it a weight."""
    runs = asked.runs
    when = Period.parse(runs[0].period).back(-1) if runs else None
    if (
        when is None
        or when.until > asked.on
        or "regulator" not in evaluation.weighted_groups(asked.alliance, when.code)
    ):
        return
    there = {one.institution for one in evaluation.ratings(asked.alliance, when.code) if one.group == "regulator"}
    codes = [one.code for one in members.members(asked.alliance, when.last)]
    if set(codes) - there:
        yield Task(
            "assess", mark("Rate the members as regulator"), "evaluation.enter_assessment", {"period": when.code},
            when.code, count=len(there & set(codes)), whole=len(codes),
        )  # fmt: skip
