"""What waits around what people judge: forms to hand in, flags to decide, rounds to begin and to close."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.ratings import queries as rated


@waits_for("member_lead", "quality_officer")
def to_rate(asked: Asked) -> Iterator[Task]:
    """Forms of the own members that are not handed in, while there is time."""
    for one in rated.peer_rounds(asked.alliance) if asked.scope.own else ():
        if not one.is_open(asked.now):
            continue
        for line in rated.rater_lines(one, asked.scope.own):
            if line.submitted_at is None:
                yield Task(
                    "rate_peers", mark("Rate the members you work with"), "ratings.list_ratings",
                    {"period": one.period, "institution": line.rater}, one.period, line.rater, count=line.ready,
                    whole=line.targets, due=one.due_at,
                )  # fmt: skip


@waits_for("office")
def to_close_peers(asked: Asked) -> Iterator[Task]:
    """Rounds of cross-rating that nobody rates in any more: their flags, and their closing."""
    for one in rated.peer_rounds(asked.alliance):
        if one.is_over(asked.now):
            waiting = len(rated.open_flags(asked.alliance, one.id, asked.on))
            title = mark("Decide on flags of the cross-rating") if waiting else mark("Close the cross-rating")
            yield Task(
                "peers", title, "ratings.read_round", {"period": one.period}, one.period, count=waiting,
                due=one.due_at if asked.now >= one.due_at else None,
            )  # fmt: skip


@waits_for("committee")
def to_decide_peers(asked: Asked) -> Iterator[Task]:
    """Flags of cross-rating that concern everybody in the office, so that the committee decides on them."""
    for one in rated.peer_rounds(asked.alliance):
        if one.is_over(asked.now):
            flags = rated.open_flags(asked.alliance, one.id, asked.on)
            mine = [row for row in flags if asked.scope.account in rated.deciders(asked.alliance, row.flag, asked.on)]
            if mine:
                yield Task(
                    "peers", mark("Decide on flags of the cross-rating"), "ratings.read_round", {"period": one.period},
                    one.period, count=len(mine),
                )  # fmt: skip


@waits_for("office")
def to_begin_peers(asked: Asked) -> Iterator[Task]:
    """The newest quarter that is over, where rounds are held and it has none yet."""
    rounds = rated.peer_rounds(asked.alliance)
    newest = next(iter(rated.openable(asked.alliance, asked.now)), "") if rounds else ""
    if newest and newest > rounds[0].period:
        yield Task(
            "begin_peers", mark("Begin the cross-rating"), "ratings.open_round", {"period": newest}, newest
        )  # fmt: skip
