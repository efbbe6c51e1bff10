"""The doors of the hospital's own totals: our sums beside them, filing them in a grid, the workbook in and out."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance import workbooks
from alliance.access import actor, alliance_id, can, now, requires
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.i18n import label
from alliance.members import queries as members
from alliance.pages import attachment
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import FileTotalForm, ImportTotalForm
from alliance.workpoints.rules.totals import MEASURES, WHOLE
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    checked_month,
    kept,
    partitions,
    ways,
)
from alliance.workpoints.views.charges import month_choices
from alliance.workpoints.views.entries import Line, given_cells, kept_typing, wrong_cells


@blueprint.get("/totals/read")
@requires(Act.WORKPOINTS_CHARGE_LIST)
def read_totals() -> ResponseReturnValue:
    """Our sums of a month beside the totals that the hospital's own system reports."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_CHARGE_LIST, institution)
    month = asked_month(next(iter(queries.loaded_months(alliance_id(), institution)), ""))
    cells = queries.total_cells(alliance_id(), institution, month)
    return render_template(
        "workpoints/read_totals.html",
        institution=institution,
        month=month,
        months=month_choices(institution, month),
        ways=ways(institution, month),
        found=queries.compared(alliance_id(), institution, month, partitions()),
        cells=cells,
        limit=queries.totals_limit(alliance_id(), institution, month),
        measures=MEASURES,
        names={code: label(fact) for code, fact in members.department_names(alliance_id(), institution).items()},
        people=accounts.names({one.recorded_by for one in cells.values()}),
        loaded=bool(queries.loads(alliance_id(), institution, month)),
        files=can(Act.WORKPOINTS_TOTAL_FILE, institution),
    )


def _grid(institution: str, month: str) -> list[Line]:
    """The whole hospital and its units, with what stands in their cells."""
    cells = queries.total_cells(alliance_id(), institution, month)
    units = queries.roll(alliance_id(), institution, month).units
    named = [(WHOLE, _("whole hospital")), *((code, label(fact)) for code, (fact, _depth) in units.items())]
    return [
        Line(code, code, name, {kind: cells[code, kind] for kind in MEASURES if (code, kind) in cells})
        for code, name in named
    ]


@blueprint.route("/totals/file/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_TOTAL_FILE)
def file_total(institution: str, month: str) -> ResponseReturnValue:
    """The totals of a month as a grid: the whole hospital first, then the units."""
    kept(Act.WORKPOINTS_TOTAL_FILE, institution)
    month, form = checked_month(month), FileTotalForm()
    lines = _grid(institution, month)
    if form.validate_on_submit():
        ok, changed = form.done(
            lambda: services.file_total(
                alliance_id(), institution, month, given_cells(lines, MEASURES), form.document.data or "", by=actor(),
                now=now(),
            )
        )  # fmt: skip
        if ok:
            return _saved(institution, month, changed or 0)
        lines = _grid(institution, month)
    wrong = wrong_cells(form)
    return render_template(
        "workpoints/file_total.html", form=form, institution=institution, month=month, lines=lines, kinds=MEASURES,
        wrong=wrong, typed=kept_typing(wrong),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _saved(institution: str, month: str, changed: int) -> ResponseReturnValue:
    flash(ngettext("%(num)s value was saved.", "%(num)s values were saved.", changed), "success")
    return redirect(url_for(".read_totals", institution=institution, month=month))


@blueprint.route("/totals/import/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_TOTAL_IMPORT)
def import_total(institution: str, month: str) -> ResponseReturnValue:
    """Check a workbook of totals, or apply it: the button says which. A check changes nothing."""
    kept(Act.WORKPOINTS_TOTAL_IMPORT, institution)
    month, form, checked = checked_month(month), ImportTotalForm(), None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        if request.form.get("apply"):
            ok, changed = form.done(
                lambda: services.import_total(
                    alliance_id(), institution, month, sheets.read_totals(content, name), form.document.data or "",
                    by=actor(), now=now(),
                )
            )  # fmt: skip
            if ok:
                return _saved(institution, month, changed or 0)
        else:
            _ok, checked = form.done(
                lambda: queries.total_changes(alliance_id(), institution, month, sheets.read_totals(content, name))
            )
    return render_template(
        "workpoints/import_total.html", form=form, checked=checked, institution=institution, month=month
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/totals/template/<institution>/<month>")
@requires(Act.WORKPOINTS_TOTAL_IMPORT)
def download_totals(institution: str, month: str) -> ResponseReturnValue:
    """The workbook of a month's totals with what stands in it."""
    kept(Act.WORKPOINTS_TOTAL_IMPORT, institution)
    month = checked_month(month)
    content = sheets.write_totals(
        institution, month, queries.roll(alliance_id(), institution, month),
        queries.total_cells(alliance_id(), institution, month),
    )  # fmt: skip
    name = f"totals-{institution}-{month}.xlsx"
    return attachment(content, name, workbooks.MEDIA, f"hospitaltotal:{institution}/{month}")
