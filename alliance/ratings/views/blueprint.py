"""The blueprint that every door of the wing hangs on, and the ways between its pages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext as _

from alliance.access import can, scope
from alliance.core.acts import Act
from alliance.core.refused import NotFound, mark
from alliance.pages import Link, Ways, in_two_rows
from alliance.ratings import queries

blueprint = Blueprint("ratings", __name__, url_prefix="/ratings")

# The pages by what they are about: label of the group, its pages as label, endpoint and act, and endpoints that lie
# beneath these. A page about a member is there once for each of the reader's own.
GROUPS: tuple[tuple[str, tuple[tuple[str, str, Act], ...], tuple[str, ...]], ...] = (
    (mark("Results"), ((mark("Results"), "evaluation.list_ratings", Act.EVALUATION_RATING_LIST),), ()),
    (
        mark("Cross-rating"),
        (
            (mark("Rounds of cross-rating"), "ratings.list_rounds", Act.RATINGS_ROUND_LIST),
            (mark("Our ratings of others"), "ratings.list_ratings", Act.RATINGS_RATING_LIST),
            (mark("Results of cross-rating"), "ratings.list_results", Act.RATINGS_RESULT_LIST),
        ),
        ("ratings.read_round", "ratings.read_result"),
    ),
    (
        mark("Third party"),
        (
            (mark("My scoring"), "ratings.list_scores", Act.RATINGS_SCORE_LIST),
            (mark("Panels of experts"), "ratings.list_panels", Act.RATINGS_PANEL_LIST),
            (mark("Rubrics"), "ratings.list_rubrics", Act.RATINGS_RUBRIC_LIST),
            (mark("Conflicts of interest"), "ratings.list_conflicts", Act.RATINGS_CONFLICT_LIST),
        ),
        (),
    ),
    (
        mark("Verification"),
        (
            (mark("Verifications"), "ratings.list_engagements", Act.RATINGS_ENGAGEMENT_LIST),
            (mark("Improvement plans"), "ratings.list_plans", Act.RATINGS_PLAN_LIST),
        ),
        (),
    ),
    (
        mark("Surveys"),
        (
            (mark("Our patients"), "ratings.read_satisfaction", Act.RATINGS_SATISFACTION_READ),
            (mark("Our units"), "ratings.list_units", Act.RATINGS_UNIT_LIST),
            (mark("Satisfaction of members"), "ratings.list_satisfaction", Act.RATINGS_SATISFACTION_LIST),
            (mark("Written answers"), "ratings.list_texts", Act.RATINGS_TEXT_LIST),
            (mark("In the field"), "ratings.list_waves", Act.RATINGS_WAVE_LIST),
            (mark("Questionnaires"), "ratings.list_surveys", Act.RATINGS_SURVEY_LIST),
        ),
        ("ratings.read_count", "ratings.read_wave"),
    ),
)
OWN = ("ratings.read_satisfaction", "ratings.list_units")  # about one member


def ways() -> Ways:
    """The pages about ratings that the reader may open; of one group alone, its pages are the first row."""
    return in_two_rows(
        (_(text), [link for page in pages for link in _links(*page)], request.endpoint in beneath)
        for text, pages, beneath in GROUPS
    )


def _links(text: str, end: str, act: Act) -> list[Link]:
    """The links to a page: none where the reader may not open it, one for each own member where it is about one."""
    if end in OWN:
        return [
            Link(_(text), url_for(end, institution=own), request.endpoint == end and _about(own))
            for own in own_members()
            if can(act, own)
        ]
    known = end in current_app.view_functions and can(act)
    return [Link(_(text), url_for(end), request.endpoint == end)] if known else []


def _about(institution: str) -> bool:
    return request.view_args == {"institution": institution}


def own_members() -> list[str]:
    """The members for whose own people the reader is: the first tabs of most are about one."""
    mine = scope()
    return sorted(mine.own) or ([mine.employer] if "hospital_office" in mine.roles else [])


def kept_links(period: str, group: str, values: Mapping[str, Decimal | None]) -> dict[str, str]:
    """Where results of a rater group are explained, by member: those that entered the official run of a period as they
    are, for who may open them."""
    if not can(Act.DESK_FIGURE_READ):
        return {}
    found: dict[str, tuple[int, int]] = current_app.config["RESULTS_KEPT"](scope(), period, group, values)
    return {who: url_for("desk.read_figure", run=run, number=number) for who, (run, number) in found.items()}


def kept_wave(number: int) -> tuple[queries.WaveInfo, frozenset[str] | None]:
    """A wave in reach of the reader, and the members of it that are (None: all). NotFound for any other."""
    found = queries.wave(scope().alliance_id, number)
    only = queries.whose(scope(), found.family) if found else frozenset()
    if found is None or (only is not None and not only):
        raise NotFound()
    return found, only
