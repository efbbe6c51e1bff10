"""The doors of departments: the tree of a hospital, one department, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.audit.views import names_of
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import label, named
from alliance.members import queries, services
from alliance.members.forms import (
    CLASS_LABELS,
    KIND_LABELS,
    DefineDepartmentForm,
    EndDepartmentForm,
    MapCodeForm,
    SetShareForm,
    unit_choices,
)
from alliance.members.queries import CodeFact, DepartmentFact, DepartmentInfo, DepartmentLine
from alliance.members.rules.departments import KINDS
from alliance.members.views.blueprint import asked_day, asked_institution, blueprint, kept


def words() -> dict[str, dict[str, str]]:
    """The kinds and classes of departments in the reader's language."""
    return {
        "kinds": {code: _(text) for code, text in KIND_LABELS.items()},
        "classes": {code: _(text) for code, text in CLASS_LABELS.items()},
    }


@blueprint.get("/departments/list")
@requires(Act.MEMBERS_DEPARTMENT_LIST)
def list_departments() -> ResponseReturnValue:
    """The departments of one's own hospital on a day, as a tree that can be narrowed."""
    mine = queries.insides(scope())
    institution, on = asked_institution(mine), asked_day()
    everything = queries.departments(scope(), institution, on)
    shown = [line for line in everything if _is_wanted(line)]
    return render_template(
        "members/list_departments.html",
        institution=institution,
        choices=[(code, named("who", code)) for code in mine],
        on=on,
        lines=shown,
        count=len(everything),
        narrowed=len(shown) < len(everything),
        names={line.fact.code: label(line.fact) for line in everything},
        keeps=can(Act.MEMBERS_DEPARTMENT_DEFINE, institution),
        **words(),
    )


def _is_wanted(line: DepartmentLine) -> bool:
    """Whether the filter of the address lets a department through."""
    args, fact = request.args, line.fact
    text = args.get("search", "").strip().lower()
    return (
        args.get("kind", "") in ("", fact.kind)
        and args.get("accounting", "") in ("", fact.accounting)
        and (not text or any(text in name.lower() for name in (fact.code, fact.name_zh, fact.name_en)))
    )


@blueprint.get("/departments/read/<institution>/<code>")
@requires(Act.MEMBERS_DEPARTMENT_READ)
def read_department(institution: str, code: str) -> ResponseReturnValue:
    """One department with its history, the codes that lead to it, and whom it serves."""
    found = queries.department(scope(), institution, code, today())
    if found is None:
        raise NotFound()
    mine = {line.fact.code for line in queries.departments(scope(), institution, today())}
    heads: Callable[..., Sequence[Any]] = current_app.config["DEPARTMENT_HEADS"]
    return render_template(
        "members/read_department.html",
        heads=heads(alliance_id(), institution, code, today()),
        staffed=institution in scope().staff or (can(Act.MEMBERS_EMPLOYEE_LIST) and institution not in scope().inside),
        establishes=can(Act.MEMBERS_ESTABLISHMENT_SET, institution),
        institution=institution,
        one=found,
        people=names_of({row.recorded_by for row in found.history}),
        mine=mine,
        keeps=can(Act.MEMBERS_DEPARTMENT_DEFINE, institution),
        **words(),
    )


def _known(act: Act, institution: str, code: str) -> DepartmentInfo:
    kept(act, institution)
    found = queries.department(scope(), institution, code, today())
    if found is None:
        raise NotFound()
    return found


@blueprint.route("/departments/define/<institution>", methods=["GET", "POST"])
@requires(Act.MEMBERS_DEPARTMENT_DEFINE)
def define_department(institution: str) -> ResponseReturnValue:
    """Define a new department, or what is true of one from a day on."""
    kept(Act.MEMBERS_DEPARTMENT_DEFINE, institution)
    code = request.args.get("code", "")
    before = _known(Act.MEMBERS_DEPARTMENT_DEFINE, institution, code) if code else None
    form = DefineDepartmentForm()
    if before:
        form.code.data = code
    else:
        form.known = queries.department_names(alliance_id(), institution)
    if request.method == "GET":
        _fill(form, before.fact if before else None)
    form.offer(queries.departments_on(alliance_id(), institution, today()))
    if form.validate_on_submit():
        fact = _fact(form)
        ok, _none = form.done(
            lambda: services.define_department(alliance_id(), institution, fact, by=actor(), now=now())
        )
        if ok:
            flash(_("%(what)s is recorded.", what=label(fact)), "success")
            return redirect(url_for(".read_department", institution=institution, code=fact.code))
    return render_template(
        "members/define_department.html", form=form, institution=institution, before=before
    ), 422 if form.errors or form.refused else 200


def _fill(form: DefineDepartmentForm, fact: DepartmentFact | None) -> None:
    form.start.data = today()
    for name in ("parent", "name_zh", "name_en", "kind", "accounting", "beds") if fact else ():
        form[name].data = getattr(fact, name)
    if fact is None:
        form.parent.data = request.args.get("parent", "")


def _fact(form: DefineDepartmentForm) -> DepartmentFact:
    name = form.name_zh.data or ""
    return DepartmentFact(
        form.code.data or "",
        form.parent.data,
        name,
        form.name_en.data or name,
        form.kind.data,
        form.accounting.data or KINDS[form.kind.data],
        form.beds.data,
        form.start.data or today(),
    )


@blueprint.route("/departments/end/<institution>/<code>", methods=["GET", "POST"])
@requires(Act.MEMBERS_DEPARTMENT_END)
def end_department(institution: str, code: str) -> ResponseReturnValue:
    """Let a department exist no more from a day on."""
    one, form = _known(Act.MEMBERS_DEPARTMENT_END, institution, code), EndDepartmentForm()
    if request.method == "GET":
        form.ended.data = today()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.end_department(
                alliance_id(), institution, code, form.ended.data or today(), by=actor(), now=now()
            )
        )
        if ok:
            flash(_("%(what)s ends on %(day)s.", what=label(one.fact), day=form.ended.data), "success")
            return redirect(url_for(".read_department", institution=institution, code=code))
    return render_template(
        "members/end_department.html", form=form, institution=institution, one=one
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/codes/map/<institution>", methods=["GET", "POST"])
@requires(Act.MEMBERS_CODE_MAP)
def map_code(institution: str) -> ResponseReturnValue:
    """Let a code of a hospital system lead to a department from a day on."""
    kept(Act.MEMBERS_CODE_MAP, institution)
    form = MapCodeForm()
    form.department.choices = unit_choices(
        queries.departments_on(alliance_id(), institution, today()), _("no department any more")
    )
    if request.method == "GET":
        form.start.data = today()
        for name in ("system", "outside", "department"):
            form[name].data = request.args.get(name, "")
    if form.validate_on_submit():
        fact = CodeFact(
            form.system.data or "", form.outside.data or "", form.department.data, form.start.data or today()
        )
        ok, _none = form.done(lambda: services.map_code(alliance_id(), institution, fact, by=actor(), now=now()))
        if ok:
            flash(_("The code %(code)s is recorded.", code=f"{fact.system} {fact.outside}"), "success")
            back = fact.department or request.args.get("department", "")
            return redirect(
                url_for(".read_department", institution=institution, code=back)
                if back
                else url_for(".list_departments", institution=institution)
            )
    return render_template(
        "members/map_code.html", form=form, institution=institution
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/shares/set/<institution>/<code>", methods=["GET", "POST"])
@requires(Act.MEMBERS_SHARE_SET)
def set_share(institution: str, code: str) -> ResponseReturnValue:
    """Say whom a unit serves from a day on, by shares."""
    one, form = _known(Act.MEMBERS_SHARE_SET, institution, code), SetShareForm()
    if request.method == "GET":
        form.start.data = today()
        for share in one.serves:
            form.lines.append_entry({"served": share.unit.code, "share": share.share})
    form.offer(queries.departments_on(alliance_id(), institution, today()), but=code)
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.set_share(
                alliance_id(), institution, code, form.shares, form.start.data or today(), by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Whom %(what)s serves is recorded.", what=label(one.fact)), "success")
            return redirect(url_for(".read_department", institution=institution, code=code))
    return render_template(
        "members/set_share.html", form=form, institution=institution, one=one
    ), 422 if form.errors or form.refused else 200
