"""The doors of staff: the list of those whom the reader may see, one employee, and what is recorded of one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.audit.views import names_of
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import label
from alliance.members import queries, services
from alliance.members.forms import STATUS_LABELS, RecordEmployeeForm
from alliance.members.queries import EmployeeFact, EmployeeInfo, EmployeeLine
from alliance.members.views.blueprint import asked_day, asked_institution, blueprint, kept
from alliance.members.views.posts import families
from alliance.pages import Leaf, part

SIZE = 50


def statuses() -> dict[str, str]:
    """The statuses of employees in the reader's language."""
    return {code: _(text) for code, text in STATUS_LABELS.items()}


@blueprint.get("/employees/list")
@requires(Act.MEMBERS_EMPLOYEE_LIST)
def list_employees() -> ResponseReturnValue:
    """The staff of one's own hospital or department on a day."""
    mine = sorted(scope().staff | {institution for institution, _unit in scope().departments})
    institution, on = asked_institution(mine), asked_day()
    everybody = queries.employees(scope(), institution, on)
    units = {line.fact.department: line.department for line in everybody if line.department}
    found = [line for line in everybody if _is_wanted(line)]
    page, size = part(request.args.get("page", 1, type=int), SIZE)
    page = max(page, 1)

    def address(number: int) -> str:
        kept_args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
        return url_for(".list_employees", page=number, **kept_args)

    return render_template(
        "members/list_employees.html",
        institution=institution,
        on=on,
        lines=found[(page - 1) * size : page * size],
        leaf=Leaf.of(page, size, len(found), address),
        narrowed=len(found) < len(everybody),
        count=len(everybody),
        whole=institution in scope().staff,
        units=[(code, label(units[code])) for code in sorted(units)],
        families=families(),
        statuses=statuses(),
        keeps=can(Act.MEMBERS_EMPLOYEE_RECORD, institution),
    )


def _is_wanted(line: EmployeeLine) -> bool:
    """Whether the filter of the address lets an employee through."""
    args, fact = request.args, line.fact
    text = args.get("search", "").strip().lower()
    return (
        args.get("department", "") in ("", fact.department)
        and args.get("family", "") in ("", line.post.family if line.post else "-")
        and args.get("status", "") in ("", fact.status)
        and (not text or any(text in name.lower() for name in (fact.number, fact.name_zh, fact.name_en)))
    )


@blueprint.get("/employees/read/<institution>/<number>")
@requires(Act.MEMBERS_EMPLOYEE_READ)
def read_employee(institution: str, number: str) -> ResponseReturnValue:
    """One employee with everything recorded."""
    found = _employee(institution, number)
    return render_template(
        "members/read_employee.html",
        institution=institution,
        one=found,
        people=names_of({by for _fact, _at, by in found.history}),
        posts={fact.code: fact for fact in queries.staffing(alliance_id(), institution, people=False).posts},
        families=families(),
        statuses=statuses(),
        keeps=can(Act.MEMBERS_EMPLOYEE_RECORD, institution),
    )


def _employee(institution: str, number: str) -> EmployeeInfo:
    found = queries.employee(scope(), institution, number, today())
    if found is None:
        raise NotFound()
    return found


@blueprint.route("/employees/record/<institution>", methods=["GET", "POST"])
@requires(Act.MEMBERS_EMPLOYEE_RECORD)
def record_employee(institution: str) -> ResponseReturnValue:
    """Record a new employee, or what is true of one from a day on."""
    kept(Act.MEMBERS_EMPLOYEE_RECORD, institution)
    number = request.args.get("number", "")
    before = _employee(institution, number).line.fact if number else None
    form = RecordEmployeeForm()
    form.offer(
        queries.departments_on(alliance_id(), institution, today()),
        [line.fact for line in queries.posts(alliance_id(), institution, today())],
    )
    if before:
        form.number.data = number
    else:
        form.known = {fact.number for fact in queries.staffing(alliance_id(), institution).employees}
    if request.method == "GET":
        form.start.data = today()
        for name in ("name_zh", "name_en", "department", "post", "title", "hired", "status") if before else ():
            form[name].data = getattr(before, name)
    if form.validate_on_submit():
        fact = _fact(form)
        ok, _none = form.done(lambda: services.record_employee(alliance_id(), institution, fact, by=actor(), now=now()))
        if ok:
            flash(_("%(what)s is recorded.", what=label(fact)), "success")
            return redirect(url_for(".read_employee", institution=institution, number=fact.number))
    return render_template(
        "members/record_employee.html", form=form, institution=institution, before=before
    ), 422 if form.errors or form.refused else 200


def _fact(form: RecordEmployeeForm) -> EmployeeFact:
    name, start = form.name_zh.data or "", form.start.data or today()
    return EmployeeFact(
        form.number.data or "",
        name,
        form.name_en.data or name,
        form.department.data,
        form.post.data,
        form.title.data or "",
        form.hired.data or start,
        form.status.data,
        start,
    )
