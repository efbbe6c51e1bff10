"""The doors of a month's run: the list, one run, its steps and its payslips."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.forms import Form
from alliance.i18n import label, named, number, words
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.pages import Step, asked_number
from alliance.work import queries as jobs
from alliance.workpoints import queries, services
from alliance.workpoints.forms import (
    ApproveRunForm,
    CheckRunForm,
    ComputeRunForm,
    ComputeSlipForm,
    PayRunForm,
    ReturnRunForm,
    ReverseRunForm,
)
from alliance.workpoints.pictures import pool_name
from alliance.workpoints.queries import BonusRunInfo, UnitInfo
from alliance.workpoints.rules import runs
from alliance.workpoints.rules.cleaning import RULES
from alliance.workpoints.rules.issues import MESSAGES, Issue
from alliance.workpoints.rules.meanings import COLUMNS
from alliance.workpoints.rules.totals import MEASURES
from alliance.workpoints.views.blueprint import (
    asked_institution,
    blueprint,
    checked_month,
    headed,
    kept,
    ways,
)

ISSUES = 200  # shown of a run
OF_UNITS = frozenset(
    {"unit_without_people", "unit_without_score", "unit_without_coefficient", "negative_points", "cost_over_standard",
     "points_without_unit", "technique_without_unit"}
)  # fmt: skip
OF_LINES = frozenset({"unknown_code", "item_without_points"})  # whose amounts are charges
OF_PERSONS = frozenset({"head_multiple", "person_without_post", "person_without_score"})
ACTS = {
    runs.CHECK: Act.WORKPOINTS_RUN_CHECK,
    runs.RETURN: Act.WORKPOINTS_RUN_RETURN,
    runs.APPROVE: Act.WORKPOINTS_RUN_APPROVE,
    runs.PAY: Act.WORKPOINTS_RUN_PAY,
    runs.REVERSE: Act.WORKPOINTS_RUN_REVERSE,
}


def run_of(act: Act, institution: str, month: str, number: int | None = None) -> BonusRunInfo:
    """A run of a hospital for all of which the reader holds an act; else NotFound."""
    kept(act, institution)
    found = queries.bonus_run(alliance_id(), institution, checked_month(month), number)
    if found is None:
        raise NotFound()
    return found


def people_of(run: BonusRunInfo) -> dict[str, tuple[str, str, str]]:
    """The names behind the accounts of a run's steps."""
    return accounts.names({step.account for step in run.steps})


@blueprint.get("/runs/list")
@requires(Act.WORKPOINTS_RUN_LIST)
def list_runs() -> ResponseReturnValue:
    """The months of a hospital's bonus; for a head those in which the own units have a share."""
    institution = asked_institution()
    found = queries.bonus_runs(alliance_id(), institution)
    whole = can(Act.WORKPOINTS_RUN_READ, institution)
    mine = headed(institution)
    standing = [one for one in found if one.state != runs.REVERSED]
    units = {one.id: queries.bonus_units(one.id) for one in standing[:24]}
    computes = can(Act.WORKPOINTS_RUN_COMPUTE, institution)
    due = queries.month_due(alliance_id(), institution, today()) if computes else ""
    return render_template(
        "workpoints/list_runs.html",
        institution=institution,
        runs=found if whole else standing,
        units=units,
        whole=whole,
        mine=mine,
        due=due,
        states=runs.STATES,
        ways=ways(institution),
    )


@blueprint.get("/runs/read/<institution>/<month>")
@requires(Act.WORKPOINTS_RUN_READ)
def read_run(institution: str, month: str) -> ResponseReturnValue:
    """One run: where it stands, what each unit gets, its reconciliation, its issues, its payslips."""
    run = run_of(Act.WORKPOINTS_RUN_READ, institution, month, request.args.get("number", type=asked_number))
    units = queries.bonus_units(run.id)
    scheme = queries.scheme_at(alliance_id(), run.scheme).scheme
    works, days = indicators.works_on(alliance_id()), scheme.limits.publicity
    final = {unit.unit for unit in units.values() if unit.is_final(today(), works, days)}
    slips = queries.slips(run.id) if run.slips_run else []
    payee = request.args.get("payee", "").strip().upper()
    lacking = _without_slip(run, {one.person for one in slips})
    if payee in lacking:
        return redirect(url_for(".correct_slip", institution=institution, month=run.month, person=payee))
    return render_template(
        "workpoints/read_run.html",
        lacking=lacking,
        payee=payee,
        run=run,
        units=units,
        final=final,
        until={unit.unit: unit.last_day(works, days) for unit in units.values()},
        lines=queries.bonus_shares(run.id, ""),
        slips=slips,
        facts=members.employee_names(alliance_id(), institution),
        since=queries.recorded_since(alliance_id(), run) if run.state in (runs.DRAFT, runs.CHECKED) else None,
        releases=_releases(run),
        steps=_steps(run, units, final),
        next_step=_next(run, units, final),
        may=_may(run),
        matter=services.subject_of(run),
        messages=MESSAGES,
        issues=_issues(run),
        states=runs.STATES,
        verbs=runs.STEPS,
        people=people_of(run),
        computing=ComputeRunForm(),
        ways=ways(institution, month),
    )


def _releases(run: BonusRunInfo) -> list[str]:
    """The units, by name, whose reserve a run that is not approved cannot be paid out of as it stands."""
    if run.state not in (runs.DRAFT, runs.CHECKED):
        return []
    units = {one.where for one in queries.release_problems(alliance_id(), run)}
    return [named("department", f"{run.institution}/{unit}") for unit in sorted(units)]


def _without_slip(run: BonusRunInfo, paid: set[str]) -> dict[str, str]:
    """Whom the reader may give a first payslip, by number with the name: everybody of the hospital without one."""
    if run.state != runs.DRAFT or not run.slips_run or not can(Act.WORKPOINTS_SLIP_CORRECT, run.institution):
        return {}
    known = queries.employees_of(alliance_id(), run.institution)
    return {number: label(fact) for number, fact in sorted(known.items()) if number not in paid}


def _issues(run: BonusRunInfo) -> list[tuple[Issue, str, str]]:
    """The entries of a run with where each stands in words, and its amount in yuan or its count."""
    return [(one, _where(run.institution, one), _at_stake(one)) for one in run.issues[:ISSUES]]


def _where(institution: str, one: Issue) -> str:
    """Rules of cleaning, columns of charge lines, units and persons by name; what has none by its code."""
    first, _slash, last = one.where.partition("/")
    if one.kind == "cleaned" and last in RULES:
        return f"{first} · {words(RULES[last])}"
    if one.kind == "totals_differ":
        where = _("whole hospital") if first == institution else named("department", f"{institution}/{first}")
        return f"{where} · {words(MEASURES[last])}"
    if first in COLUMNS:
        return f"{_(COLUMNS[first])} · {last}"  # a code from outside, whatever it may resemble here
    if one.kind == "point_value":
        return pool_name(last)
    if one.kind in OF_PERSONS:
        unit, person = ("", last) if first == "person" else (first, last)
        who = named("employee", f"{institution}/{person}")
        return " · ".join([named("department", f"{institution}/{unit}"), who] if unit else [who])
    if one.kind in OF_UNITS:
        return " · ".join([named("department", f"{institution}/{first}"), *([last] if last else [])])
    return one.where


def _at_stake(one: Issue) -> str:
    try:
        return number(Decimal(one.amount), 2 if one.kind in OF_LINES else None)
    except InvalidOperation:
        return one.amount


def _steps(run: BonusRunInfo, units: dict[str, UnitInfo], final: set[str]) -> list[Step]:
    """The stepper of a run."""
    passed = [runs.DRAFT, runs.CHECKED, runs.APPROVED, runs.PAID].index(run.state) if run.state != runs.REVERSED else 0
    published = sum(1 for unit in units.values() if unit.published_at)
    open_to = {
        "distributed": len(final) == len(units),
        "slips": run.slips_run is not None,
        "checked": passed > 0,
        "approved": passed > 1,
        "paid": passed > 2,
    }
    labels = {
        "distributed": _("Units distribute"),
        "slips": _("Payslips"),
        "checked": _("Checked by finance"),
        "approved": _("Approved by the director"),
        "paid": _("Paid out"),
    }
    notes = {"distributed": _("%(done)s of %(all)s published", done=published, all=len(units))}
    current = next((code for code, done in open_to.items() if not done), "")
    found = [Step(_("Computation done"), "done")]
    for code, done in open_to.items():
        state = "done" if done else "current" if code == current and run.state != runs.REVERSED else "todo"
        found.append(Step(labels[code], state, notes.get(code, "")))
    return found


def _next(run: BonusRunInfo, units: dict[str, UnitInfo], final: set[str]) -> str:
    """What has to be done next with a run, in words."""
    if run.state == runs.DRAFT and run.slips_run is None:
        if len(final) < len(units):
            waiting = sum(1 for unit in units.values() if not unit.published_at and unit.persons)
            if waiting:
                return ngettext(
                    "%(num)s unit has not published its distribution yet.",
                    "%(num)s units have not published their distribution yet.", waiting,
                )  # fmt: skip
            return _("All units are public; the payslips can be made once the days of publicity are over.")
        return _("Every unit is final: make the payslips.")
    words = {
        runs.DRAFT: _("The finance office checks the run."),
        runs.CHECKED: _("The director approves it on a record of the hospital's body."),
        runs.APPROVED: _("The finance office pays it and confirms that."),
        runs.PAID: _("Nothing is left to do; later corrections are paid with a later month."),
        runs.REVERSED: _("This run is reversed; it is kept and counts for nothing."),
    }
    return words[run.state]


def _may(run: BonusRunInfo) -> set[str]:
    """The steps that the reader may take now."""
    me = actor().account
    found = set()
    for move in runs.MOVES:
        barred = any(done.by == me and done.verb in move.not_by for done in run.history)
        if move.start == run.state and can(ACTS[move.verb], run.institution) and not barred:
            found.add(move.verb)
    if runs.CHECK in found and run.slips_run is None:
        found.discard(runs.CHECK)
    if run.state == runs.DRAFT and run.slips_run is None:
        if can(Act.WORKPOINTS_SLIP_COMPUTE, run.institution):
            found.add("slips")
        if can(Act.WORKPOINTS_UNIT_PUBLISH, run.institution):
            found.add("publish")
    return found


@blueprint.route("/runs/compute/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RUN_COMPUTE)
def compute_run(institution: str, month: str) -> ResponseReturnValue:
    """Compute a month: what it rests on, and all that is missing when it cannot be computed."""
    kept(Act.WORKPOINTS_RUN_COMPUTE, institution)
    month, form = checked_month(month), ComputeRunForm()
    if form.validate_on_submit():
        ok, job = form.done(lambda: services.queue_run(alliance_id(), institution, month, by=actor(), now=now()))
        if ok and job:
            _tell_of_other(job)
            return redirect(url_for("work.read_job", number=job, follow=1))
    scheme, budget = queries.needed(alliance_id(), institution, month)
    return render_template(
        "workpoints/compute_run.html",
        form=form,
        institution=institution,
        month=month,
        scheme=scheme,
        budget=budget,
        ready=queries.readiness(alliance_id(), institution, month),
        before=queries.bonus_run(alliance_id(), institution, month),
        running=jobs.open_job(alliance_id(), Act.WORKPOINTS_RUN_COMPUTE, f"{institution}/{month}"),
        ways=ways(institution, month),
    ), 422 if form.errors or form.refused else 200


def _tell_of_other(number: int) -> None:
    """Say so when somebody else asked for the same before."""
    job = jobs.job(scope(), number)
    if job and job.asked_by != actor().account:
        flash(_("Somebody asked for this before you: it is computed once, and this is how far it is."), "info")


@blueprint.route("/slips/compute/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_SLIP_COMPUTE)
def compute_slip(institution: str, month: str) -> ResponseReturnValue:
    """Make the payslips of a run whose units are all final."""
    run, form = run_of(Act.WORKPOINTS_SLIP_COMPUTE, institution, month), ComputeSlipForm()
    if form.validate_on_submit():
        works = indicators.works_on(alliance_id())
        ok, count = form.done(
            lambda: services.compute_slip(alliance_id(), institution, month, works, by=actor(), now=now())
        )
        if ok:
            flash(ngettext("%(num)s payslip is made.", "%(num)s payslips are made.", count or 0), "success")
            return redirect(url_for(".read_run", institution=institution, month=month))
    return _step_page("compute_slip", run, form)


def _step_page(name: str, run: BonusRunInfo, form: Form) -> ResponseReturnValue:
    return render_template(
        f"workpoints/{name}.html", run=run, form=form, matter=services.subject_of(run)
    ), 422 if form.errors or form.refused else 200


def _taken(
    verb: str, institution: str, month: str, form: Form, run: BonusRunInfo, work: Callable[[], None], said: str
) -> ResponseReturnValue:  # fmt: skip
    """A step of a run by its form: taken and back to the run, or the form again with the refusal."""
    if form.validate_on_submit():
        ok, _nothing = form.done(work)
        if ok:
            flash(said, "success")
            return redirect(url_for(".read_run", institution=institution, month=month, number=run.number))
    return _step_page(f"{verb}_run", run, form)


@blueprint.route("/runs/check/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RUN_CHECK)
def check_run(institution: str, month: str) -> ResponseReturnValue:
    """Confirm a draft as a second person."""
    run, form = run_of(Act.WORKPOINTS_RUN_CHECK, institution, month), CheckRunForm()

    def work() -> None:
        services.check_run(alliance_id(), institution, month, form.reason.data or "", by=actor(), now=now())

    return _taken("check", institution, month, form, run, work, _("The run is checked; the director approves it."))


@blueprint.route("/runs/return/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RUN_RETURN)
def return_run(institution: str, month: str) -> ResponseReturnValue:
    """Give a checked run back to who computes."""
    run, form = run_of(Act.WORKPOINTS_RUN_RETURN, institution, month), ReturnRunForm()

    def work() -> None:
        services.return_run(alliance_id(), institution, month, form.reason.data or "", by=actor(), now=now())

    return _taken("return", institution, month, form, run, work, _("The run is a draft again."))


def _records(run: BonusRunInfo) -> list[tuple[str, str]]:
    """The records on a run that may decide it."""
    found = queries.records(alliance_id(), run.institution, services.subject_of(run))
    return [(one.meeting.number, f"{one.meeting.number} {one.meeting.title}") for one in found]


@blueprint.route("/runs/approve/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RUN_APPROVE)
def approve_run(institution: str, month: str) -> ResponseReturnValue:
    """Approve a checked run on a record of the hospital's body."""
    run, form = run_of(Act.WORKPOINTS_RUN_APPROVE, institution, month), ApproveRunForm()
    form.decision.choices = _records(run)

    def work() -> None:
        services.approve_run(alliance_id(), institution, month, form.decision.data, by=actor(), now=now())

    return _taken("approve", institution, month, form, run, work, _("The run is approved; its people see their slips."))


@blueprint.route("/runs/pay/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RUN_PAY)
def pay_run(institution: str, month: str) -> ResponseReturnValue:
    """Confirm that an approved run was paid."""
    run, form = run_of(Act.WORKPOINTS_RUN_PAY, institution, month), PayRunForm()

    def work() -> None:
        services.pay_run(alliance_id(), institution, month, by=actor(), now=now())

    return _taken("pay", institution, month, form, run, work, _("The run is paid."))


@blueprint.route("/runs/reverse/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RUN_REVERSE)
def reverse_run(institution: str, month: str) -> ResponseReturnValue:
    """Take a run out of force; everything is kept."""
    run, form = run_of(Act.WORKPOINTS_RUN_REVERSE, institution, month), ReverseRunForm()
    used = {step.decision for step in run.steps}  # what approved a run does not reverse it
    form.decision.choices = [("", "—"), *(one for one in _records(run) if one[0] not in used)]

    def work() -> None:
        services.reverse_run(
            alliance_id(), institution, month, form.reason.data or "", form.decision.data or "", by=actor(), now=now()
        )

    return _taken("reverse", institution, month, form, run, work, _("The run is reversed; the month may be computed."))
