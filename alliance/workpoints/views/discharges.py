"""The doors of the discharged cases of a month: those to look at, the table in and out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance import workbooks
from alliance.access import actor, alliance_id, can, now, requires, scope
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.i18n import label
from alliance.members import queries as members
from alliance.pages import Leaf, attachment, part
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import ImportCaseForm
from alliance.workpoints.rules.discharges import NUMBERS, WATCHED, Case, watched
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    checked_month,
    headed,
    kept,
    recent_months,
    ways,
)

SIZE = 50


@blueprint.get("/cases/list")
@requires(Act.WORKPOINTS_CASE_LIST)
def list_cases() -> ResponseReturnValue:
    """The cases of a month to look at, by reason and unit, and where the filed sums differ; a head sees the own
    units'."""
    institution = asked_institution()
    month = asked_month(queries.newest_case_month(alliance_id(), institution))
    reason, unit = request.args.get("reason", ""), request.args.get("unit", "")
    mine = None if institution in scope().bonus else headed(institution)
    listed = queries.case_list(alliance_id(), institution, month, mine)
    cases = listed.cases if listed else []
    rules = queries.case_rules(alliance_id(), institution, month)
    looked = watched(cases, rules)
    found = [one for one in looked if unit in ("", one[0].unit) and (not reason or reason in one[1])]
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)
    ties = queries.untied_groups(alliance_id(), institution, month, cases, mine) if listed else None
    kept_args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
    return render_template(
        "workpoints/list_cases.html",
        institution=institution,
        month=month,
        months=recent_months(month),
        ways=ways(institution, month),
        listed=listed,
        cases=cases,
        looked=len(looked),
        counts=Counter(why for case, reasons in looked if unit in ("", case.unit) for why in reasons),
        found=found[(page - 1) * size : page * size],
        leaf=Leaf.of(page, size, len(found), lambda number: url_for(".list_cases", page=number, **kept_args)),
        ties=ties,
        shown_ties=[one for one in ties or () if unit in ("", one.unit)][:size],
        reasons=WATCHED,
        kinds=NUMBERS,
        rules=rules,
        units=_names(institution, cases),
        narrowed=bool(reason or unit),
        people=accounts.names({listed.recorded_by} if listed else set()),
        keeps=can(Act.WORKPOINTS_CASE_IMPORT, institution),
    )


def _names(institution: str, cases: Sequence[Case]) -> dict[str, str]:
    known = members.department_names(alliance_id(), institution)
    return {code: label(known[code]) for code in sorted({one.unit for one in cases}) if code in known}


@blueprint.route("/cases/import/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_CASE_IMPORT)
def import_case(institution: str, month: str) -> ResponseReturnValue:
    """Check a month's table of cases, or apply it: the button says which. A check changes nothing."""
    kept(Act.WORKPOINTS_CASE_IMPORT, institution)
    month, form, checked = checked_month(month), ImportCaseForm(), None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""

        def read() -> list[Case]:
            return sheets.read_cases(content, name, queries.roll(alliance_id(), institution, month).units)

        if request.form.get("apply"):
            ok, count = form.done(
                lambda: services.import_case(
                    alliance_id(), institution, month, read(), form.document.data or "", by=actor(), now=now()
                )
            )
            if ok:
                flash(_imported(count or 0), "success")
                return redirect(url_for(".list_cases", institution=institution, month=month))
        else:
            _ok, checked = form.done(read)
    return render_template(
        "workpoints/import_case.html", form=form, checked=checked, institution=institution, month=month,
        before=queries.case_list(alliance_id(), institution, month),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _imported(count: int) -> str:
    if not count:
        return _("The same list stands already; nothing was changed.")
    return ngettext("%(num)s case was taken.", "%(num)s cases were taken.", count)


@blueprint.get("/cases/template/<institution>/<month>")
@requires(Act.WORKPOINTS_CASE_IMPORT)
def download_cases(institution: str, month: str) -> ResponseReturnValue:
    """The workbook of a month's cases with those that stand."""
    kept(Act.WORKPOINTS_CASE_IMPORT, institution)
    month = checked_month(month)
    listed = queries.case_list(alliance_id(), institution, month)
    content = sheets.write_cases(
        institution, month, queries.roll(alliance_id(), institution, month), listed.cases if listed else []
    )  # fmt: skip
    name = f"cases-{institution}-{month}.xlsx"
    return attachment(content, name, workbooks.MEDIA, f"dischargecases:{institution}/{month}")
