"""The blueprint that every door of the wing hangs on, and the ways between its pages."""

from __future__ import annotations

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext as _

from alliance.access import can, scope
from alliance.core.acts import Act
from alliance.core.refused import NotFound, mark
from alliance.pages import Link
from alliance.ratings import queries

blueprint = Blueprint("ratings", __name__, url_prefix="/ratings")

# The pages that stand beside one another: label, endpoint, act.
WAYS: tuple[tuple[str, str, Act], ...] = (
    (mark("Results"), "evaluation.list_ratings", Act.EVALUATION_RATING_LIST),
    (mark("Cross-rating"), "ratings.list_rounds", Act.RATINGS_ROUND_LIST),
    (mark("Our ratings of others"), "ratings.list_ratings", Act.RATINGS_RATING_LIST),
    (mark("Results of cross-rating"), "ratings.list_results", Act.RATINGS_RESULT_LIST),
    (mark("My scoring"), "ratings.list_scores", Act.RATINGS_SCORE_LIST),
    (mark("Third party"), "ratings.list_panels", Act.RATINGS_PANEL_LIST),
    (mark("Rubrics"), "ratings.list_rubrics", Act.RATINGS_RUBRIC_LIST),
    (mark("Conflicts of interest"), "ratings.list_conflicts", Act.RATINGS_CONFLICT_LIST),
    (mark("Verifications"), "ratings.list_engagements", Act.RATINGS_ENGAGEMENT_LIST),
    (mark("Improvement plans"), "ratings.list_plans", Act.RATINGS_PLAN_LIST),
    (mark("Satisfaction"), "ratings.list_satisfaction", Act.RATINGS_SATISFACTION_LIST),
    (mark("Written answers"), "ratings.list_texts", Act.RATINGS_TEXT_LIST),
    (mark("Surveys"), "ratings.list_waves", Act.RATINGS_WAVE_LIST),
    (mark("Questionnaires"), "ratings.list_surveys", Act.RATINGS_SURVEY_LIST),
)
# Those about the reader's own member.
OWN_WAYS: tuple[tuple[str, str, Act], ...] = (
    (mark("Our patients"), "ratings.read_satisfaction", Act.RATINGS_SATISFACTION_READ),
    (mark("Our units"), "ratings.list_units", Act.RATINGS_UNIT_LIST),
)


def ways() -> list[Link]:
    """The pages about ratings that the reader may open, for the tabs of each."""
    known = current_app.view_functions
    found = [
        Link(_(text), url_for(end), request.endpoint == end) for text, end, act in WAYS if end in known and can(act)
    ]
    return found + [
        Link(
            _(text),
            url_for(end, institution=own),
            request.endpoint == end and request.view_args == {"institution": own},
        )
        for own in own_members()
        for text, end, act in OWN_WAYS
        if can(act, own)
    ]


def own_members() -> list[str]:
    """The members for whose own people the reader is: the first tabs of most are about one."""
    mine = scope()
    return sorted(mine.own) or ([mine.employer] if "hospital_office" in mine.roles else [])


def kept_wave(number: int) -> tuple[queries.WaveInfo, frozenset[str] | None]:
    """A wave in reach of the reader, and the members of it that are (None: all). NotFound for any other."""
    found = queries.wave(scope().alliance_id, number)
    only = queries.whose(scope(), found.family) if found else frozenset()
    if found is None or (only is not None and not only):
        raise NotFound()
    return found, only
