"""The doors of joint care pathways: cases, their steps, rates of a period, and the pathways themselves."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance import workbooks
from alliance.access import actor, alliance_id, can, concerns, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.diagnoses import SYSTEMS, Diagnosis
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import NotFound
from alliance.i18n import period, words
from alliance.pages import Leaf, Step, attachment, part
from alliance.registers import queries, services, sheets
from alliance.registers.forms import (
    DefinePathwayForm,
    EndCourseForm,
    FindCourseForm,
    ImportCourseForm,
    RecordStepForm,
    StartCourseForm,
    WithdrawStepForm,
)
from alliance.registers.queries import CourseInfo, NewCourse, StepInfo, WantedCourses
from alliance.registers.rules.pathways import CENTER, HOSPITAL, OPEN, SEXES, SIDES, TIERS, Pathway
from alliance.registers.views.blueprint import blueprint
from alliance.registers.views.diagnoses import find_icd10, named
from alliance.registers.views.tabs import months, period_asked, tabs, tiers_of

SIZE = 50
KINDS = {"open": "wait", "overdue": "bad", "complete": "good", "incomplete": "warn", "ended": "neutral"}


def standings() -> dict[str, str]:
    """How a case stands, in words."""
    return {
        "open": _("under way"), "overdue": _("a step is overdue"), "complete": _("complete in time"),
        "incomplete": _("done, not in time"), "ended": _("ended early"),
    }  # fmt: skip


def own(act: Act) -> list[str]:
    """The members for which the reader may do an act."""
    return [code for code in sorted(scope().own) if can(act, code)]


def _names() -> dict[str, Pathway]:
    """The newest name of each pathway."""
    return {one.code: one for one in queries.versions(alliance_id())}


@blueprint.get("/courses/list")
@requires(Act.REGISTERS_COURSE_LIST)
def list_courses() -> ResponseReturnValue:
    """The cases in reach, filtered by pathway, standing, member and month of the last deadline."""
    args = request.args
    wanted = WantedCourses(
        scope().institutions, args.get("pathway", ""), args.get("state", ""), args.get("member", ""),
        _month(args.get("month", "")), bool(args.get("mine")),
    )  # fmt: skip
    page, size = part(max(args.get("page", 1, type=int), 1), SIZE)
    found, total = queries.courses(alliance_id(), wanted, today(), page, size)
    kept: dict[str, Any] = {name: value for name, value in args.items() if name != "page"}
    mine = own(Act.REGISTERS_COURSE_START)
    return render_template(
        "registers/list_courses.html", tabs=tabs(), courses=found, names=_names(), standings=standings(), kinds=KINDS,
        on=today(), leaf=Leaf.of(page, size, total, lambda number: url_for(".list_courses", page=number, **kept)),
        narrowed=any(kept.get(name) for name in ("pathway", "state", "member", "month", "mine")),
        months=months(), members=_member_choices(), mine=mine, sexes=SEXES, diagnoses=_diagnoses(*found),
        pathways=[(code, words(one.name)) for code, one in _names().items()],
    )  # fmt: skip


def _month(code: str) -> str:
    """A month's code or nothing; NotFound for what is neither."""
    return period_asked(code).code if code else ""


def _member_choices() -> list[tuple[str, str]]:
    """The members that can be asked for: all in reach, which are both sides of one's own cases."""
    return [(code, name) for code, (tier, name) in tiers_of().items() if tier in TIERS.values()]


def _course(number: int) -> CourseInfo:
    """A case of which the reader may know; NotFound for any other."""
    found = queries.course(alliance_id(), number)
    if found is None or not any(scope().sees(code) for code in found.parties):
        raise NotFound()
    concerns(next((code for code in found.parties if code in scope().own), found.hospital))
    return found


@blueprint.get("/courses/read/<int:number>")
@requires(Act.REGISTERS_COURSE_READ)
def read_course(number: int) -> ResponseReturnValue:
    """One case: its steps on a line, what was recorded of each, and what one may do."""
    one = _course(number)
    return render_template(
        "registers/read_course.html", one=one, pathway=_version(one), steps=[_drawn(step, one) for step in one.steps],
        standing=one.standing(today()), standings=standings(), kinds=KINDS, sexes=SEXES, sides=SIDES, on=today(),
        records=own(Act.REGISTERS_STEP_RECORD) if one.state != "ended" else [],
        ends=one.state == OPEN and any(code in own(Act.REGISTERS_COURSE_END) for code in one.parties),
        people=accounts.names(_accounts(one)), diagnoses=_diagnoses(one),
    )  # fmt: skip


def _diagnoses(*cases: CourseInfo) -> dict[tuple[str, str], Diagnosis]:
    """What the diagnoses of cases mean; they are told in ICD-10."""
    return named({(SYSTEMS[0], one.diagnosis) for one in cases})


def _version(one: CourseInfo) -> Pathway:
    return next(
        path for path in queries.versions(alliance_id()) if (path.code, path.version) == (one.pathway, one.version)
    )


def _accounts(one: CourseInfo) -> set[str]:
    found = {record.recorded_by for step in one.steps for record in step.records}
    found |= {record.withdrawn_by for step in one.steps for record in step.records}
    return (found | {one.started_by, one.ended_by}) - {""}


def _drawn(step: StepInfo, one: CourseInfo) -> Step:
    """A step on the line: done, to be done next, or still to come."""
    state = "done" if step.done else "current" if one.next == step else "todo"
    if step.done is None:
        note = _("until %(day)s", day=step.due.isoformat())
    elif step.in_time:
        note = _("done %(day)s", day=step.done.isoformat())
    else:
        note = _("done %(day)s, too late to count", day=step.done.isoformat())
    return Step(words(step.name), state, note)


def _acting(act: Act, one: CourseInfo, whose: str = "") -> str:
    """The member of a case for which the reader does something: the one it belongs to, if that is theirs; NotFound
    where neither is."""
    mine = [code for code in one.parties if code in own(act)]
    if not mine:
        raise NotFound()
    return whose if whose in mine else mine[0]


@blueprint.route("/courses/start/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_COURSE_START)
def start_course(institution: str) -> ResponseReturnValue:
    """Start a case of one's own member with one of the other side."""
    side = _side(institution, Act.REGISTERS_COURSE_START)
    form = StartCourseForm()
    form.find = find_icd10
    known = tiers_of()

    def members(of: str) -> list[tuple[str, str]]:
        mine = [(code, name) for code, (tier, name) in known.items() if tier == TIERS[of]]
        return [one for one in mine if of != side or one[0] == institution]

    paths = queries.pathways_on(alliance_id(), today()).values()
    form.offer([(one.code, words(one.name)) for one in paths], members(HOSPITAL), members(CENTER))
    if request.method == "GET":
        form.day0.data = today()
    if form.validate_on_submit():
        ok, number = form.done(
            lambda: services.start_course(alliance_id(), institution, _given(form), by=actor(), now=now())
        )
        if ok:
            flash(_("Case %(number)s has begun.", number=number), "success")
            return redirect(url_for(".read_course", number=number))
    return render_template(
        "registers/start_course.html", form=form, institution=institution
    ), 422 if form.errors or form.refused else 200


def _side(institution: str, act: Act) -> str:
    """On which side a member stands; NotFound where one may not act for it, or it stands on neither."""
    concerns(institution)
    tier = tiers_of().get(institution, ("", ""))[0]
    side = next((side for side, wanted in TIERS.items() if wanted == tier), "")
    if institution not in own(act) or not side:
        raise NotFound()
    return side


def _given(form: StartCourseForm) -> NewCourse:
    assert form.day0.data is not None
    return NewCourse(
        form.pathway.data, form.hospital.data, form.center.data, form.record.data or "", form.patient(),
        form.day0.data,
    )  # fmt: skip


@blueprint.route("/courses/find/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_COURSE_FIND)
def find_course(institution: str) -> ResponseReturnValue:
    """Find the case of a patient by the hospital's record number."""
    _side(institution, Act.REGISTERS_COURSE_FIND)
    form = FindCourseForm()
    form.hospital.choices = [(code, name) for code, (tier, name) in tiers_of().items() if tier == TIERS[HOSPITAL]]
    if form.validate_on_submit():
        ok, number = form.done(
            lambda: services.find_course(
                alliance_id(), institution, form.hospital.data, form.record.data or "", by=actor(), now=now()
            )
        )
        if ok:
            return redirect(url_for(".read_course", number=number))
    return render_template(
        "registers/find_course.html", form=form, institution=institution
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/steps/record/<int:number>/<code>", methods=["GET", "POST"])
@requires(Act.REGISTERS_STEP_RECORD)
def record_step(number: int, code: str) -> ResponseReturnValue:
    """Record that a step was done."""
    one = _course(number)
    step = _step(one, code)
    institution = _acting(Act.REGISTERS_STEP_RECORD, one, step.institution)
    form = RecordStepForm()
    if request.method == "GET":
        form.done_on.data = today()
    if form.validate_on_submit():
        done = form.done_on.data
        assert done is not None
        ok, _none = form.done(
            lambda: services.record_step(
                alliance_id(), institution, number, code, done, form.note.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("“%(step)s” is recorded.", step=words(step.name)), "success")
            return redirect(url_for(".read_course", number=number))
    return render_template(
        "registers/record_step.html",
        form=form,
        one=one,
        step=step,
        pathway=_version(one),
        sexes=SEXES,
        diagnoses=_diagnoses(one),
    ), 422 if form.errors or form.refused else 200


def _step(one: CourseInfo, code: str) -> StepInfo:
    found = next((step for step in one.steps if step.code == code), None)
    if found is None:
        raise NotFound()
    return found


@blueprint.route("/steps/withdraw/<int:number>/<code>", methods=["GET", "POST"])
@requires(Act.REGISTERS_STEP_WITHDRAW)
def withdraw_step(number: int, code: str) -> ResponseReturnValue:
    """Take back a step that was recorded wrongly."""
    one = _course(number)
    step, form = _step(one, code), WithdrawStepForm()
    institution = _acting(Act.REGISTERS_STEP_WITHDRAW, one, step.institution)
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.withdraw_step(
                alliance_id(), institution, number, code, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("“%(step)s” is taken back.", step=words(step.name)), "success")
            return redirect(url_for(".read_course", number=number))
    return render_template(
        "registers/withdraw_step.html", form=form, one=one, step=step
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/courses/end/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_COURSE_END)
def end_course(number: int) -> ResponseReturnValue:
    """End a case before its steps are done."""
    one, form = _course(number), EndCourseForm()
    institution = _acting(Act.REGISTERS_COURSE_END, one)
    if request.method == "GET":
        form.ended.data = today()
    if form.validate_on_submit():
        ended = form.ended.data
        assert ended is not None
        ok, _none = form.done(
            lambda: services.end_course(
                alliance_id(), institution, number, ended, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Case %(number)s is ended.", number=number), "success")
            return redirect(url_for(".read_course", number=number))
    return render_template("registers/end_course.html", form=form, one=one), 422 if form.errors or form.refused else 200


@blueprint.route("/courses/import/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_COURSE_IMPORT)
def import_course(institution: str) -> ResponseReturnValue:
    """Check a member's table of cases and steps, or apply it: the button says which. A check changes nothing."""
    _side(institution, Act.REGISTERS_COURSE_IMPORT)
    form, plan = ImportCourseForm(), None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        if request.form.get("apply"):
            ok, done = form.done(
                lambda: services.import_course(
                    alliance_id(), institution, sheets.read_courses(content, name), by=actor(), now=now()
                )
            )
            if ok and done:
                flash(_("%(cases)s cases began, %(steps)s steps were recorded.", cases=done[0], steps=done[1]),
                      "success")  # fmt: skip
                return redirect(url_for(".list_courses"))
        else:
            _ok, plan = form.done(
                lambda: queries.course_plan(alliance_id(), institution, sheets.read_courses(content, name), today())
            )
    wrong = form.errors or form.refused or (plan and plan.problems)
    return render_template(
        "registers/import_course.html", form=form, plan=plan, institution=institution
    ), 422 if wrong else 200


@blueprint.get("/courses/template/<institution>")
@requires(Act.REGISTERS_COURSE_IMPORT)
def download_course(institution: str) -> ResponseReturnValue:
    """A workbook to be filled in."""
    _side(institution, Act.REGISTERS_COURSE_IMPORT)
    content = sheets.write_course_template(queries.pathways_on(alliance_id(), today()).values())
    return attachment(content, f"pathways-{institution}.xlsx", workbooks.MEDIA, f"courses:{institution}")


@blueprint.get("/rates/read")
@requires(Act.REGISTERS_RATE_READ)
def read_rates() -> ResponseReturnValue:
    """The rate of a period by pathway and member, with links to the cases."""
    asked = period_asked(Period.parse(f"{today():%Y-%m}").back(1).code)
    this = Period.parse(f"{today():%Y-%m}")
    choices = [this.around(kind).back(back) for kind, count in ((PeriodKind.MONTH, 13), (PeriodKind.QUARTER, 5),
               (PeriodKind.YEAR, 2)) for back in range(count)]  # fmt: skip
    return render_template(
        "registers/read_rates.html", tabs=tabs(), period=asked, running=asked.until > today(), names=_names(),
        months=[one.code for one in asked.parts(PeriodKind.MONTH)],
        lines=queries.rates(alliance_id(), asked, scope().institutions),
        periods=[(one.code, period(one.code)) for one in (choices if asked in choices else [asked, *choices])],
    )  # fmt: skip


@blueprint.get("/pathways/list")
@requires(Act.REGISTERS_PATHWAY_LIST)
def list_pathways() -> ResponseReturnValue:
    """Every version of every pathway, and which of them holds today."""
    held = queries.pathways_on(alliance_id(), today())
    return render_template(
        "registers/list_pathways.html", tabs=tabs(), sides=SIDES, today=today(),
        versions=sorted(queries.versions(alliance_id()), key=lambda one: (one.code, -one.version)),
        held={(one.code, one.version) for one in held.values()}, defines=can(Act.REGISTERS_PATHWAY_DEFINE),
    )  # fmt: skip


@blueprint.route("/pathways/define", methods=["GET", "POST"])
@requires(Act.REGISTERS_PATHWAY_DEFINE)
def define_pathway() -> ResponseReturnValue:
    """Define a pathway; ?from= names one of which this is the next version."""
    form = DefinePathwayForm()
    form.offer()
    before = _names().get(request.args.get("from", ""))
    if request.method == "GET":
        form.start.data = today()
        if before:
            form.begin(before)
    if form.validate_on_submit():
        ok, version = form.done(lambda: services.define_pathway(alliance_id(), form.pathway(), by=actor(), now=now()))
        if ok:
            flash(_("Version %(number)s is defined.", number=version), "success")
            return redirect(url_for(".list_pathways"))
    return render_template(
        "registers/define_pathway.html", form=form, before=before
    ), 422 if form.errors or form.refused else 200
