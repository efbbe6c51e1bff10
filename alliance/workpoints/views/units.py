"""The doors of a unit's distribution: its people's shares, the head's shifts, publicity, objections."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, concerns, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.core.written import whole
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.pages import asked_number
from alliance.workpoints import queries, services
from alliance.workpoints.forms import (
    AnswerObjectionForm,
    FileObjectionForm,
    PublishUnitForm,
    ShiftUnitForm,
)
from alliance.workpoints.queries import BonusRunInfo, UnitInfo
from alliance.workpoints.rules import runs
from alliance.workpoints.views.blueprint import blueprint, checked_month, headed, kept_unit, ways
from alliance.workpoints.views.runs import run_of


def _found(institution: str, month: str, unit: str) -> tuple[BonusRunInfo, UnitInfo]:
    """The run of a month and a unit of it; NotFound where there is none."""
    number = request.args.get("number", type=asked_number)
    run = queries.bonus_run(alliance_id(), institution, checked_month(month), number)
    found = queries.bonus_units(run.id).get(unit) if run else None
    if run is None or found is None:
        raise NotFound()
    return run, found


def _employee(run: BonusRunInfo, unit: UnitInfo) -> str:
    """The reader's staff number where the distribution is open to the unit's own people; else ""."""
    me = scope()
    out = unit.published_at is not None or run.state in queries.SHOWN
    if not me.employee or me.employer != run.institution or not out:
        return ""
    return me.employee if queries.bonus_shares(run.id, unit.unit, me.employee) else ""


@blueprint.get("/units/read/<institution>/<month>/<unit>")
@requires(Act.WORKPOINTS_UNIT_READ)
def read_unit(institution: str, month: str, unit: str) -> ResponseReturnValue:
    """A unit's bonus and how it is distributed; an employee sees the own share alone."""
    concerns(institution)
    run, found = _found(institution, month, unit)
    whole = can(Act.WORKPOINTS_UNIT_READ, institution) or unit in headed(institution)
    person = "" if whole else _employee(run, found)
    if not whole and not person:
        raise NotFound()
    shares = queries.bonus_shares(run.id, unit, None if whole else person)
    scheme = queries.scheme_at(alliance_id(), run.scheme).scheme
    works = indicators.works_on(alliance_id())
    return render_template(
        "workpoints/read_unit.html",
        run=run,
        unit=found,
        whole=whole,
        shares=shares,
        shifts=queries.head_shifts(run.id, unit, found.revision) if whole else {},
        coefficients=_coefficients(run, unit, [one.person for one in shares]),
        facts=members.employee_names(alliance_id(), institution),
        rule=queries.unit_rules(alliance_id(), institution, month).get(unit, scheme.second),
        own_rule=unit in queries.unit_rules(alliance_id(), institution, month),
        limit=scheme.limits.shift,
        days=scheme.limits.publicity,
        until=found.last_day(works, scheme.limits.publicity),
        final=found.is_final(today(), works, scheme.limits.publicity),
        objections=queries.objections(run.id, unit, None if whole else person),
        shifting=run.distributing and _may(Act.WORKPOINTS_UNIT_SHIFT, institution, unit),
        publishing=run.distributing and _may(Act.WORKPOINTS_UNIT_PUBLISH, institution, unit) and not found.published_at,
        answering=_instance(institution, unit) if run.distributing else "",
        objecting=run.distributing and bool(person) and found.published_at is not None,
        form=PublishUnitForm(seen=str(found.revision)),
        people=accounts.names({one.answered_by for one in queries.objections(run.id, unit)} | {found.published_by}),
        states=runs.STATES,
        ways=ways(institution, month) if whole else [],
    )


def _may(act: Act, institution: str, unit: str) -> bool:
    """Whether the reader may do it to a unit: for the hospital, or as its head."""
    return can(act, institution) or (can(act) and unit in headed(institution))


def _instance(institution: str, unit: str) -> str:
    """In whose name the reader answers objections: of the head or of the office; "" in nobody's."""
    if can(Act.WORKPOINTS_OBJECTION_ANSWER, institution):
        return "office"
    return "head" if can(Act.WORKPOINTS_OBJECTION_ANSWER) and unit in headed(institution) else ""


def _coefficients(run: BonusRunInfo, unit: str, people: list[str]) -> Mapping[str, Decimal]:
    """The personal coefficients behind the shares, where the unit shares by these."""
    keys = {f"unit/{unit}/person/{person}/coefficient": person for person in people}
    return {keys[key]: value for key, value in audit.values_of(run.second_run, keys).items()}


@blueprint.route("/units/shift/<institution>/<month>/<unit>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_UNIT_SHIFT)
def shift_unit(institution: str, month: str, unit: str) -> ResponseReturnValue:
    """The head shifts amounts within the unit: inside the limit, with reasons, the sum unchanged."""
    kept_unit(Act.WORKPOINTS_UNIT_SHIFT, institution, unit)
    run, found = _found(institution, month, unit)
    form = ShiftUnitForm()
    if form.validate_on_submit():
        ok, _revision = form.done(
            lambda: services.shift_unit(
                alliance_id(), institution, month, unit, ShiftUnitForm.shifts(request.form, unit),
                whole(form.seen.data) or 0, by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The shifts are recorded; publish the distribution when it is as you want it."), "success")
            return redirect(url_for(".read_unit", institution=institution, month=month, unit=unit))
    elif request.method == "GET":
        form.seen.data = str(found.revision)
    scheme = queries.scheme_at(alliance_id(), run.scheme).scheme
    return render_template(
        "workpoints/shift_unit.html",
        form=form,
        run=run,
        unit=found,
        shares=queries.bonus_shares(run.id, unit),
        shifts=queries.head_shifts(run.id, unit, found.revision),
        typed=request.form if request.method == "POST" else None,
        facts=members.employee_names(alliance_id(), institution),
        limit=scheme.limits.shift,
        states=runs.STATES,
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/units/publish/<institution>/<month>/<unit>")
@requires(Act.WORKPOINTS_UNIT_PUBLISH)
def publish_unit(institution: str, month: str, unit: str) -> ResponseReturnValue:
    """Make a unit's distribution public within the unit."""
    kept_unit(Act.WORKPOINTS_UNIT_PUBLISH, institution, unit)
    seen = request.form.get("seen", type=asked_number) or 0
    services.publish_unit(alliance_id(), institution, checked_month(month), unit, seen, by=actor(), now=now())
    flash(_("The distribution is public; the days of publicity have begun."), "success")
    return redirect(url_for(".read_unit", institution=institution, month=month, unit=unit))


@blueprint.post("/units/publish-rest/<institution>/<month>")
@requires(Act.WORKPOINTS_UNIT_PUBLISH)
def publish_rest(institution: str, month: str) -> ResponseReturnValue:
    """Make all distributions public that are not yet, as they were computed."""
    run_of(Act.WORKPOINTS_UNIT_PUBLISH, institution, month)
    count = services.publish_rest(alliance_id(), institution, checked_month(month), by=actor(), now=now())
    flash(ngettext("%(num)s distribution is public now.", "%(num)s distributions are public now.", count), "success")
    return redirect(url_for(".read_run", institution=institution, month=month))


@blueprint.route("/objections/file/<institution>/<month>/<unit>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_OBJECTION_FILE)
def file_objection(institution: str, month: str, unit: str) -> ResponseReturnValue:
    """Object to the published distribution of one's unit."""
    concerns(institution)
    run, found = _found(institution, month, unit)
    person, form = _employee(run, found), FileObjectionForm()
    if not person:
        raise NotFound()
    if form.validate_on_submit():
        ok, _number = form.done(
            lambda: services.file_objection(
                alliance_id(), institution, month, unit, person, form.text.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Your objection is filed; you will find the answer here."), "success")
            return redirect(url_for(".read_unit", institution=institution, month=month, unit=unit))
    return render_template(
        "workpoints/file_objection.html", form=form, run=run, unit=found, states=runs.STATES
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/objections/answer/<institution>/<month>/<unit>/<int:number>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_OBJECTION_ANSWER)
def answer_objection(institution: str, month: str, unit: str, number: int) -> ResponseReturnValue:
    """Answer an objection, as the head or as the office."""
    kept_unit(Act.WORKPOINTS_OBJECTION_ANSWER, institution, unit)
    run, found = _found(institution, month, unit)
    one = next((one for one in queries.objections(run.id, unit) if one.id == number), None)
    if one is None:
        raise NotFound()
    form, instance = AnswerObjectionForm(), _instance(institution, unit)
    if form.validate_on_submit():
        ok, _nothing = form.done(
            lambda: services.answer_objection(
                alliance_id(), institution, month, number, form.accepted.data == "yes", form.answer.data or "",
                instance, by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The objection is answered."), "success")
            return redirect(url_for(".read_unit", institution=institution, month=month, unit=unit))
    return render_template(
        "workpoints/answer_objection.html", form=form, run=run, unit=found, one=one,
        facts=members.employee_names(alliance_id(), institution), states=runs.STATES,
    ), 422 if form.errors or form.refused else 200  # fmt: skip
