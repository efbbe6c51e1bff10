"""The doors of improvement plans: all that one may see, one with its course, and each step."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from alliance.access import actor, alliance_id, can, concerns, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.forms import Form
from alliance.ratings import queries, services
from alliance.ratings.forms import ConfirmPlanForm, FilePlanForm, FinishPlanForm, ReviewPlanForm
from alliance.ratings.queries import FindingInfo
from alliance.ratings.rules.plans import CONFIRMING, OFFICE, PILLS, STATES, WORDS
from alliance.ratings.rules.verification import SEVERITIES
from alliance.ratings.views.blueprint import blueprint, ways
from alliance.ratings.views.engagements import file_of, verification_store


def _plan(number: str, finding: int) -> FindingInfo:
    """A plan that the reader may open."""
    found = queries.plan(scope(), number, finding, today())
    if found is None:
        raise NotFound()
    concerns(found.institution)
    return found


def _may(act: Act, found: FindingInfo) -> bool:
    """Whether the reader may take a step of a plan: of the own member, or of another one than the own employer's."""
    if act in (Act.RATINGS_PLAN_FILE, Act.RATINGS_PLAN_FINISH):
        return can(act, found.institution) and found.institution == current_user.employer
    if not can(act, found.institution):
        return False
    return not ({found.institution} & queries.conflicts_of(alliance_id(), current_user.code, today()))


@blueprint.get("/plans/list")
@requires(Act.RATINGS_PLAN_LIST)
def list_plans() -> ResponseReturnValue:
    """Improvement plans that the reader may see, those that are late first."""
    found = queries.plans(scope(), today())
    state = request.args.get("state", "")
    shown = [
        one for one in found
        if not state or one.state == state or (state == "overdue" and one.is_overdue(now()))
    ]  # fmt: skip
    shown.sort(key=lambda one: (not one.is_overdue(now()), one.state == "confirmed", one.due_on))
    return render_template(
        "ratings/list_plans.html", ways=ways(), plans=shown, whole=len(found), states=STATES, pills=PILLS,
        state=state, severities=SEVERITIES, overdue=sum(one.is_overdue(now()) for one in found),
    )  # fmt: skip


@blueprint.get("/plans/read/<number>/<int:finding>")
@requires(Act.RATINGS_PLAN_READ)
def read_plan(number: str, finding: int) -> ResponseReturnValue:
    """A finding with its plan: what was found, what the member does, and what happened."""
    found = _plan(number, finding)
    steps = queries.plan_steps(found.id)
    files = found.state in ("open", "returned")
    return render_template(
        "ratings/read_plan.html", one=found, steps=steps, states=STATES, pills=PILLS, words=WORDS,
        severities=SEVERITIES, people=accounts.names({found.recorded_by, *(step.done_by for step in steps)}),
        files=files and _may(Act.RATINGS_PLAN_FILE, found),
        finishes=found.state == "accepted" and _may(Act.RATINGS_PLAN_FINISH, found),
        reviews=found.state in OFFICE and _may(Act.RATINGS_PLAN_REVIEW, found),
        confirms=found.state in CONFIRMING and _may(Act.RATINGS_PLAN_CONFIRM, found),
    )  # fmt: skip


@blueprint.get("/plans/download/<number>/<int:finding>/<int:step>")
@requires(Act.RATINGS_PLAN_READ)
def download_plan(number: str, finding: int, step: int) -> ResponseReturnValue:
    """The file of a step of a plan."""
    found = _plan(number, finding)
    kept = next((one for one in queries.plan_steps(found.id) if one.id == step), None)
    if kept is None:
        raise NotFound()
    return file_of(kept.file_sha256, kept.file_name, kept.file_media, found.subject)


def _step(
    act: Act, found: FindingInfo, form: Form, work: Callable[[], None], said: str, page: str
) -> ResponseReturnValue:
    """One step of a plan: its page, or the step and back to the plan."""
    if not _may(act, found):
        raise NotFound()
    if form.validate_on_submit():
        ok, _none = form.done(work)
        if ok:
            flash(said, "success")
            return redirect(url_for(".read_plan", number=found.engagement, finding=found.number))
    return render_template(page, form=form, one=found, severities=SEVERITIES, states=STATES), (
        422 if form.errors or form.refused else 200
    )


@blueprint.route("/plans/file/<number>/<int:finding>", methods=["GET", "POST"])
@requires(Act.RATINGS_PLAN_FILE)
def file_plan(number: str, finding: int) -> ResponseReturnValue:
    """Write what is done about a finding."""
    found, form = _plan(number, finding), FilePlanForm()
    if request.method == "GET":
        form.begin(found.problem, found.cause, found.actions)
    return _step(
        Act.RATINGS_PLAN_FILE, found, form,
        lambda: services.file_plan(
            alliance_id(), number, finding, form.problem.data or "", form.cause.data or "", form.written(), by=actor(),
            now=now(),
        ),
        _("The plan is filed; the performance office reviews it."), "ratings/file_plan.html",
    )  # fmt: skip


@blueprint.route("/plans/review/<number>/<int:finding>", methods=["GET", "POST"])
@requires(Act.RATINGS_PLAN_REVIEW)
def review_plan(number: str, finding: int) -> ResponseReturnValue:
    """Accept a plan or return it."""
    found, form = _plan(number, finding), ReviewPlanForm()
    form.offer()
    return _step(
        Act.RATINGS_PLAN_REVIEW, found, form,
        lambda: services.review_plan(
            alliance_id(), number, finding, form.step.data or "", form.reason.data or "", by=actor(), now=now()
        ),
        _("The verdict is recorded."), "ratings/review_plan.html",
    )  # fmt: skip


@blueprint.route("/plans/finish/<number>/<int:finding>", methods=["GET", "POST"])
@requires(Act.RATINGS_PLAN_FINISH)
def finish_plan(number: str, finding: int) -> ResponseReturnValue:
    """Report a plan as done, with a file that shows it."""
    found, form = _plan(number, finding), FinishPlanForm()

    def work() -> None:
        file = (form.file.data.filename or "", form.file.data.read()) if form.file.data else None
        services.finish_plan(
            alliance_id(), number, finding, form.text.data or "", file, verification_store(), by=actor(), now=now()
        )

    said = _("Reported as done; an expert or the performance office confirms it.")
    return _step(Act.RATINGS_PLAN_FINISH, found, form, work, said, "ratings/finish_plan.html")


@blueprint.route("/plans/confirm/<number>/<int:finding>", methods=["GET", "POST"])
@requires(Act.RATINGS_PLAN_CONFIRM)
def confirm_plan(number: str, finding: int) -> ResponseReturnValue:
    """Confirm that a plan is done, or say what is still to be done."""
    found, form = _plan(number, finding), ConfirmPlanForm()
    form.offer()
    return _step(
        Act.RATINGS_PLAN_CONFIRM, found, form,
        lambda: services.confirm_plan(
            alliance_id(), number, finding, form.step.data or "", form.reason.data or "", by=actor(), now=now()
        ),
        _("The verdict is recorded."), "ratings/confirm_plan.html",
    )  # fmt: skip
