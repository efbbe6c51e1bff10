"""The doors of questionnaires: the list, one with its preview, the builder, publishing."""

from __future__ import annotations

from flask import flash, get_template_attribute, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, requires
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.i18n import LANGUAGES, in_language, words
from alliance.ratings import queries, services
from alliance.ratings.forms import DraftSurveyForm, EditSurveyForm, StepForm
from alliance.ratings.rules.questions import (
    DIMENSIONS,
    FAMILIES,
    KINDS,
    LONGEST,
    MOST_QUESTIONS,
    WORDS,
    read_questionnaire,
)
from alliance.ratings.views.blueprint import blueprint, ways


@blueprint.get("/surveys/list")
@requires(Act.RATINGS_SURVEY_LIST)
def list_surveys() -> ResponseReturnValue:
    """All questionnaires in all versions."""
    return render_template(
        "ratings/list_surveys.html", ways=ways(), surveys=queries.surveys(alliance_id()), families=FAMILIES
    )


def _survey(code: str, version: int) -> queries.SurveyInfo:
    found = queries.survey(alliance_id(), code, version)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/surveys/read/<code>/<int:version>")
@requires(Act.RATINGS_SURVEY_READ)
def read_survey(code: str, version: int) -> ResponseReturnValue:
    """One version: as a phone shows it, in both languages, and what a draft still lacks."""
    found, lacks, shown = _survey(code, version), None, {}
    if found.state == "draft":
        try:
            read_questionnaire(found.questionnaire.content)
        except Refused as refused:
            lacks = refused
    for side in LANGUAGES:
        with in_language(side):
            fragment = get_template_attribute("ratings/questions.html", "questions")
            shown[side] = fragment(found.questionnaire, side, WORDS, DIMENSIONS, LONGEST, name=side)
    return render_template(
        "ratings/read_survey.html", one=found, asked=found.questionnaire, families=FAMILIES, kinds=KINDS, lacks=lacks,
        dimensions=DIMENSIONS, shown=shown, form=StepForm(),
    )  # fmt: skip


@blueprint.route("/surveys/draft", methods=["GET", "POST"])
@requires(Act.RATINGS_SURVEY_DRAFT)
def draft_survey() -> ResponseReturnValue:
    """Begin a questionnaire from one that is shipped, or the next version of one's own."""
    form = DraftSurveyForm()
    form.model.choices = [(code, words(queries.shipped(code).titles)) for code in queries.SHIPPED]
    if form.validate_on_submit():
        code = (form.code.data or "").strip()
        model = form.model.data
        ok, version = form.done(lambda: services.draft_survey(alliance_id(), code, model, by=actor(), now=now()))
        if ok:
            return redirect(url_for(".edit_survey", code=code, version=version))
    if request.method == "GET":
        form.model.data = form.code.data = request.args.get("from") or queries.SHIPPED[0]
    return render_template("ratings/draft_survey.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.route("/surveys/edit/<code>/<int:version>", methods=["GET", "POST"])
@requires(Act.RATINGS_SURVEY_EDIT)
def edit_survey(code: str, version: int) -> ResponseReturnValue:
    """The builder: questions added, ordered, changed, both languages side by side."""
    found, form = _survey(code, version), EditSurveyForm()
    form.offer()
    if form.validate_on_submit():
        content = form.content(found.questionnaire.family, request.form.get("move", ""))
        ok, _done = form.done(
            lambda: services.edit_survey(alliance_id(), code, version, content, by=actor(), now=now())
        )
        if ok and request.form.get("ready"):
            return redirect(url_for(".read_survey", code=code, version=version))
        if ok:
            flash(_("The draft is saved."), "success")
            return redirect(url_for(".edit_survey", code=code, version=version))
    if request.method == "GET":
        form.begin(found.questionnaire)
    return render_template(
        "ratings/edit_survey.html", form=form, one=found, families=FAMILIES, most=MOST_QUESTIONS
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/surveys/publish/<code>/<int:version>")
@requires(Act.RATINGS_SURVEY_PUBLISH)
def publish_survey(code: str, version: int) -> ResponseReturnValue:
    """Publish a draft, for good."""
    services.publish_survey(alliance_id(), code, version, by=actor(), now=now())
    flash(_("The questionnaire is published; it can go into the field."), "success")
    return redirect(url_for(".read_survey", code=code, version=version))
