"""The doors of what came of cross-rating: all members side by side, and one of them item by item."""

from __future__ import annotations

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, requires, scope
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.members import queries as members
from alliance.ratings import queries
from alliance.ratings.rules.peers import LOWEST, TOP, shows_counts
from alliance.ratings.views.blueprint import blueprint, kept_links, ways


def words_of(period: str) -> queries.Words:
    """How the scheme of a period makes results of peers."""
    return queries.Words.of(current_app.config["RATERS_ASKED"](alliance_id(), period).words)


@blueprint.get("/results/list")
@requires(Act.RATINGS_RESULT_LIST)
def list_results() -> ResponseReturnValue:
    """The results of a closed round, as given and without leniency; ?period=."""
    closed = [one for one in queries.peer_rounds(alliance_id()) if one.closed_at]
    period = request.args.get("period") or next((one.period for one in closed), "")
    found = next((one for one in closed if one.period == period), None)
    words = words_of(period) if found else None
    results = queries.peer_results(found, words) if found and words else {}
    there = members.members(alliance_id(), Period.parse(period).last) if found else []
    return render_template(
        "ratings/list_results.html",
        ways=ways(),
        round=found,
        periods=[one.period for one in closed],
        words=words,
        rows=[(one, results[one.code]) for one in there if one.code in results],
    )


@blueprint.get("/results/read/<period>/<institution>")
@requires(Act.RATINGS_RESULT_READ)
def read_result(period: str, institution: str) -> ResponseReturnValue:
    """What others together say of a member, item by item: aggregates only, from enough raters up."""
    found = queries.peer_round(alliance_id(), period)
    if found is None or found.closed_at is None or not scope().sees(institution):
        raise NotFound()
    words = words_of(period)
    result = queries.peer_results(found, words).get(institution)
    if result is None:
        raise NotFound()
    return render_template(
        "ratings/read_result.html",
        ways=ways(),
        round=found,
        institution=institution,
        result=result,
        kept=kept_links(period, "peers", {institution: result.used(words)}),
        words=words,
        marks=range(LOWEST, TOP + 1),
        shown={item.code for item, kept in result.items if shows_counts(kept.counts, found.floor)},
        comments=queries.comments(found.id, institution) if queries.reads_comments(scope(), institution) else [],
    )
