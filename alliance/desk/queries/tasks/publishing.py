"""What waits on the way of a bulletin: composed, decided, issued."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.bulletins.queries import BulletinInfo
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for


def _about(what: str, title: str, one: BulletinInfo) -> Task:
    places = {"number": one.number}
    return Task(what, title, "bulletins.read_bulletin", places, one.period, subject=one.number, places=places)


@waits_for("office")
def to_compose(asked: Asked) -> Iterator[Task]:
    """The newest scored period, once its fund is decided, while no bulletin tells of its scores or will."""
    newest = asked.runs[0] if asked.runs else None
    if newest is None or not any(fund.period == newest.period and fund.decision for fund in asked.funds):
        return
    told = {one.period for one in asked.going_on}
    told |= {one.period for one in asked.bulletins if one.issued_at and one.content["score_run"] == newest.run_id}
    if newest.period not in told:
        title, places = mark("Compose the bulletin"), {"period": newest.period}
        yield Task("compose", title, "bulletins.compose_bulletin", places, newest.period)


@waits_for("office")
def to_compose_month(asked: Asked) -> Iterator[Task]:
    """The newest month whose review is over, while no bulletin tells of it or will; of an alliance that has begun to
    write bulletins of months."""
    month = next((one.code for one in asked.months if one.review_until <= asked.now), "")
    told = {one.period for one in asked.bulletins if one.issued_at} | {one.period for one in asked.going_on}
    told |= {one.period for one in asked.runs}
    if month and month not in told and any(one.monitoring for one in asked.bulletins):
        title, places = mark("Compose the bulletin of the month"), {"period": month}
        yield Task("compose_month", title, "bulletins.compose_bulletin", places, month)


@waits_for("office")
def to_issue(asked: Asked) -> Iterator[Task]:
    for one in asked.going_on:
        if one.state == "decided":
            yield _about("issue", mark("Issue bulletin %(number)s"), one)


@waits_for("committee")
def to_decide(asked: Asked) -> Iterator[Task]:
    for one in asked.going_on:
        if one.state == "draft":
            yield _about("decide_bulletin", mark("Decide on bulletin %(number)s"), one)
