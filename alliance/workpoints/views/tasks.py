"""The doors of the task ledger: list, enter, review."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, concerns, now, requires, scope
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.money import cents
from alliance.core.refused import NotFound
from alliance.i18n import label, words
from alliance.pages import Leaf, part
from alliance.workpoints import queries, services
from alliance.workpoints.forms import EnterTaskForm, ReviewTaskForm
from alliance.workpoints.queries import EmployeeFact, TaskInfo
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED, REVIEW_STATES, TASK_SUBJECTS
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    closed,
    headed,
    kept,
    recent_months,
    ways,
)

SIZE = 50


@blueprint.get("/tasks/list")
@requires(Act.WORKPOINTS_TASK_LIST)
def list_tasks() -> ResponseReturnValue:
    """The entries of the ledger, filtered by month, state, subject and person; a head sees the own units'."""
    institution, month = asked_institution(), asked_month()
    state, subject = request.args.get("state", ""), request.args.get("subject", "")
    search = request.args.get("search", "").strip().lower()
    staff, mine = queries.employees_of(alliance_id(), institution), _people(institution, month)
    found = [
        one for one in queries.tasks(alliance_id(), institution, month, state)
        if one.person in mine and subject in ("", one.subject) and _is_called(staff.get(one.person), one, search)
    ]  # fmt: skip
    page, size = part(request.args.get("page", 1, type=int), SIZE)
    page = max(page, 1)
    hands = {name for one in found for name in (one.entered_by, one.reviewed_by)} - {""}
    kept_args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
    return render_template(
        "workpoints/list_tasks.html", institution=institution, month=month, staff=staff,
        tasks=found[(page - 1) * size : page * size], subjects=TASK_SUBJECTS, states=REVIEW_STATES,
        state_choices=[(code, words(one)) for code, one in REVIEW_STATES.items()],
        subject_choices=[(code, words(one)) for code, one in TASK_SUBJECTS.items()],
        leaf=Leaf.of(page, size, len(found), lambda number: url_for(".list_tasks", page=number, **kept_args)),
        waiting=sum(one.state == ENTERED for one in found), narrowed=bool(state or subject or search),
        accepted=sum(one.amount for one in found if one.state == ACCEPTED), people=accounts.names(hands),
        account=scope().account, months=recent_months(month), ways=ways(institution, month),
        takes_back=month not in queries.closed_months(alliance_id(), institution),
        enters=can(Act.WORKPOINTS_TASK_ENTER), reviews=can(Act.WORKPOINTS_TASK_REVIEW, institution),
        own=scope().employee if scope().employer == institution else "",
    )  # fmt: skip


def _is_called(fact: EmployeeFact | None, one: TaskInfo, search: str) -> bool:
    names = (one.person, fact.name_zh, fact.name_en) if fact else (one.person,)
    return not search or any(search in name.lower() for name in names)


def _people(institution: str, month: str) -> dict[str, str]:
    """The persons of a month whose tasks are the reader's business, by number with their unit."""
    people = queries.roll(alliance_id(), institution, month).people
    if institution in scope().bonus:
        everybody = {
            number: fact.department for number, fact in queries.employees_of(alliance_id(), institution).items()
        }
        return everybody | {person: unit for unit, person in people}
    mine = headed(institution)
    return {person: unit for unit, person in people if unit in mine}


@blueprint.route("/tasks/enter/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_TASK_ENTER)
def enter_task(institution: str) -> ResponseReturnValue:
    """Enter what somebody did and what it pays; ?month= names the month."""
    if not can(Act.WORKPOINTS_TASK_ENTER, institution) and not headed(institution):
        raise NotFound()
    concerns(institution)
    form, month = EnterTaskForm(), asked_month()
    form.offer(asked_month())
    if request.method == "GET":
        form.month.data = month
    mine = _people(institution, form.month.data or month)
    if form.validate_on_submit():
        if form.person.data not in mine:
            form.person.errors = [_("Nobody of your units has this staff number in the month.")]
        else:
            given = services.GivenTask(
                form.person.data, form.month.data, form.subject.data, cents(form.amount.data or Decimal(0)),
                form.text.data or "", form.document.data or "",
            )  # fmt: skip
            ok, number = form.done(
                lambda: services.enter_task(alliance_id(), institution, given, by=actor(), now=now())
            )
            if ok:
                flash(_("Task %(number)s waits for a review by somebody else.", number=number), "success")
                return redirect(url_for(".list_tasks", institution=institution, month=given.month))
    staff = queries.employees_of(alliance_id(), institution)
    return render_template(
        "workpoints/enter_task.html", form=form, institution=institution, month=month,
        people=[(number, f"{label(staff[number])} {unit}") for number, unit in sorted(mine.items()) if number in staff],
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.route("/tasks/review/<institution>/<int:number>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_TASK_REVIEW)
def review_task(institution: str, number: int) -> ResponseReturnValue:
    """Accept a task or refuse it; one that was accepted is taken back until its month is approved."""
    kept(Act.WORKPOINTS_TASK_REVIEW, institution)
    found = queries.task(alliance_id(), institution, number)
    if found is None:
        raise NotFound()
    form = ReviewTaskForm()
    form.offer(found.state, accepts=request.method == "POST" or not closed(institution, found.month, form))
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.review_task(
                alliance_id(), institution, number, form.verdict.data, form.reason.data or "", form.seen.data,
                by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(
                _("Task %(number)s: %(state)s.", number=number, state=words(REVIEW_STATES[form.verdict.data])),
                "success",
            )
            return redirect(url_for(".list_tasks", institution=institution, month=found.month))
    return render_template(
        "workpoints/review_task.html", form=form, institution=institution, task=found, subjects=TASK_SUBJECTS,
        states=REVIEW_STATES, fact=queries.employees_of(alliance_id(), institution).get(found.person),
        closed=closed(institution, found.month, form),
        people=accounts.names({found.entered_by, found.reviewed_by} - {""}),
    ), 422 if form.errors or form.refused else 200  # fmt: skip
