"""What waits around surveys: drafts to be published, addresses to be handed out, low responses, closing."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.period import end_of
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.ratings import queries as ratings


@waits_for("office", "hospital_office")
def in_the_field(asked: Asked) -> Iterator[Task]:
    """Surveys under way that nobody was asked yet, or that come to an end with few answers; and those that have ended
    and are not counted, which the office sees until the worker or it has closed them."""
    office = "office" in asked.scope.roles
    for one in ratings.seen_waves(asked.scope):
        if one.closed_at or one.opens_on > asked.on:
            continue
        only, page = ratings.whose(asked.scope, one.family), {"number": one.number}
        due = end_of(one.closes_on)
        if one.closes_on < asked.on:
            if office:
                ended = mark("Close a survey that has ended")
                yield Task("close_wave", ended, "ratings.read_wave", page, one.period, due=due)
        elif not ratings.handed_out(one.number, only):
            yield Task("hand_out", mark("Hand out a survey"), "ratings.make_link", page, one.period, due=due)
        elif slow := ratings.slow(one, asked.on, only):
            more = mark("Hand out more of a survey: few have answered")
            yield Task("slow_wave", more, "ratings.read_wave", page, one.period, count=len(slow), due=due)


@waits_for("office")
def to_publish(asked: Asked) -> Iterator[Task]:
    """Drafts of questionnaires."""
    for one in ratings.surveys(asked.alliance):
        if one.state == "draft":
            page = {"code": one.code, "version": one.version}
            yield Task("publish_survey", mark("Finish a questionnaire and publish it"), "ratings.read_survey", page)
