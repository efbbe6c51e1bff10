"""The doors of what rater groups found, and of vetoes."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.evaluation import queries, services
from alliance.evaluation.forms import (
    EnterAssessmentForm,
    EnterRatingForm,
    ImposeVetoForm,
)
from alliance.evaluation.rules.scheme import GROUP_NAMES
from alliance.evaluation.views.blueprint import blueprint
from alliance.i18n import bracketed, day, label, lang
from alliance.members import queries as members


def _members() -> list[tuple[str, str]]:
    return [(one.code, f"{one.code} {label(one)}") for one in members.members(alliance_id(), today())]


def names_of(period: str) -> dict[str, members.MemberInfo]:
    """The members of a period by code, by tier."""
    return {one.code: one for one in members.members(alliance_id(), Period.parse(period).last)}


@blueprint.get("/ratings/list")
@requires(Act.EVALUATION_RATING_LIST)
def list_ratings() -> ResponseReturnValue:
    """The results of rater groups in a period, ?period=, of all groups or one of them, ?group=."""
    periods = queries.rating_periods(alliance_id())
    period = request.args.get("period", "") or (periods[0] if periods else "")
    if period and period not in periods:  # asked for from the task list: nothing of it is entered yet
        periods = [period, *periods]
    rows = queries.rating_results(alliance_id(), period) if period else []
    typed = queries.typed_groups(alliance_id(), period, rows) if period else []
    shown = queries.rating_groups(alliance_id(), period, rows) if period else []
    asked = request.args.get("group", "")
    group = asked if asked in shown else ""
    names = names_of(period) if period else {}
    return render_template(
        "evaluation/list_ratings.html",
        ratings={f"{row.institution}/{row.group}": row for row in rows},
        period=period,
        periods=periods,
        vetoes=queries.vetoes(alliance_id(), period) if period else [],
        groups=GROUP_NAMES,
        shown=shown,
        typed=typed,
        group=group,
        names=names,
        missing=queries.missing_ratings(names, [group] if group else shown, rows),
        kept=queries.kept_ratings(alliance_id(), period, rows) if period else {},
        people=accounts.names({row.entered_by for row in rows} - {""}),
    )


@blueprint.route("/ratings/enter", methods=["GET", "POST"])
@requires(Act.EVALUATION_RATING_ENTER)
def enter_rating() -> ResponseReturnValue:
    """Enter a rater group's result for one member."""
    form = EnterRatingForm()
    asked = request.form.get("period", "") or request.args.get("period", "")
    here = queries.collected_groups(alliance_id(), asked) if asked else frozenset()
    form.group.choices = [
        (code, en if lang() == "en" else zh)
        for code, (zh, en) in GROUP_NAMES.items()
        if code != "data" and code not in here
    ]
    form.institution.choices = [one for one in _members() if can(Act.EVALUATION_RATING_ENTER, one[0])]
    if len(form.institution.choices) < len(_members()):
        form.institution.description = _("Your own employer is not listed: somebody else enters its results.")
    if request.method == "GET":
        form.period.data, form.group.data = request.args.get("period", ""), request.args.get("group", "")
        form.institution.data = request.args.get("institution", "")
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.enter_rating(
                alliance_id(),
                form.period.data or "",
                form.group.data,
                form.institution.data,
                form.value.data,
                form.n.data or 0,
                form.document.data or "",
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The result was entered."), "success")
            return redirect(url_for("evaluation.list_ratings", period=form.period.data))
    return render_template("evaluation/enter_rating.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.route("/assessments/enter", methods=["GET", "POST"])
@requires(Act.EVALUATION_ASSESSMENT_ENTER)
def enter_assessment() -> ResponseReturnValue:
    """Enter the regulator's own rating of a member."""
    form = EnterAssessmentForm()
    form.institution.choices = [one for one in _members() if can(Act.EVALUATION_ASSESSMENT_ENTER, one[0])]
    if request.method == "GET":
        form.period.data = request.args.get("period", "")
        form.institution.data = request.args.get("institution", "")
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.enter_assessment(
                alliance_id(), form.period.data or "", form.institution.data, form.value.data,
                form.document.data or "", by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The result was entered."), "success")
            return redirect(url_for("evaluation.list_ratings", period=form.period.data, group="regulator"))
    return render_template("evaluation/enter_assessment.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.route("/vetoes/impose", methods=["GET", "POST"])
@requires(Act.EVALUATION_VETO_IMPOSE)
def impose_veto() -> ResponseReturnValue:
    """Veto a member for a period by a recorded decision: first ?period= and ?institution=, then the rest."""
    form, subject, decisions = ImposeVetoForm(), "", []
    form.institution.choices = [("", _("Choose…")), *_members()]
    if request.method == "GET":
        form.period.data = request.args.get("period", "").strip()
        form.institution.data = request.args.get("institution", "")
    ok, period = form.done(lambda: Period.parse(form.period.data).code if form.period.data else "")
    if ok and period and form.institution.data in dict(_members()):
        subject = f"veto:{form.institution.data}/{period}"
        decisions = [one for one in accounts.decisions(alliance_id(), subject) if one.adopted]
    form.decision.choices = [(one.number, one.number + bracketed(day(one.held_on))) for one in decisions]
    if ok and form.validate_on_submit():
        if not can(Act.EVALUATION_VETO_IMPOSE, form.institution.data):
            raise NotFound()
        ok, _none = form.done(
            lambda: services.impose_veto(
                alliance_id(),
                form.period.data or "",
                form.institution.data,
                form.reason.data or "",
                decision=form.decision.data or "",
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The veto is recorded; it counts from the next computation."), "success")
            return redirect(url_for("evaluation.list_ratings", period=form.period.data))
    return render_template(
        "evaluation/impose_veto.html",
        form=form,
        subject=subject,
        decisions=decisions,
        free=bool(subject) and can(Act.EVALUATION_VETO_IMPOSE, form.institution.data),
        periods=queries.rating_periods(alliance_id()),
    ), 422 if form.errors or form.refused else 200
