"""The doors of the workbook of a hospital's inside."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alliance.access import actor, alliance_id, can, now, requires
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.i18n import lang
from alliance.members import queries, services, sheets
from alliance.members.forms import ImportStructureForm
from alliance.members.views.blueprint import XLSX, blueprint, kept, recorded
from alliance.pages import attachment


@blueprint.route("/structures/import/<institution>", methods=["GET", "POST"])
@requires(Act.MEMBERS_STRUCTURE_IMPORT)
def import_structure(institution: str) -> ResponseReturnValue:
    """Check the workbook of a hospital's inside, or apply it: the button says which. A check changes nothing."""
    kept(Act.MEMBERS_STRUCTURE_IMPORT, institution)
    form, checked = ImportStructureForm(), None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        if request.form.get("apply"):
            ok, rows = form.done(
                lambda: services.import_structure(
                    alliance_id(), institution, *_given(institution, content, name), by=actor(), now=now()
                )
            )
            if ok:
                flash(recorded(rows or 0), "success")
                return redirect(url_for(".list_departments", institution=institution))
        else:
            _ok, checked = form.done(
                lambda: queries.structure_changes(alliance_id(), institution, *_given(institution, content, name))
            )
    return render_template(
        "members/import_structure.html", form=form, checked=checked, institution=institution
    ), 422 if form.errors or form.refused else 200


def _given(institution: str, content: bytes, name: str) -> tuple[queries.Inside, queries.Staffing]:
    """The facts of a workbook; refused when it holds people, whom somebody else keeps."""
    inside, staffing = sheets.read_structure(content, name)
    if staffing != queries.Staffing() and not can(Act.MEMBERS_EMPLOYEE_RECORD, institution):
        raise Refused("Posts, establishment and staff are kept by the personnel office; take these sheets out.")
    return inside, staffing


@blueprint.get("/structures/export/<institution>")
@requires(Act.MEMBERS_STRUCTURE_EXPORT)
def export_structure(institution: str) -> ResponseReturnValue:
    """Everything recorded of a hospital's inside, as an Excel file."""
    kept(Act.MEMBERS_STRUCTURE_EXPORT, institution)
    keeps = can(Act.MEMBERS_EMPLOYEE_RECORD, institution)  # of posts and staff, who may bring them back too
    staffing = queries.staffing(alliance_id(), institution) if keeps else None
    content = sheets.write_structure(queries.inside(alliance_id(), institution), staffing, lang())
    return attachment(content, f"departments-{institution}.xlsx", XLSX, f"structure:{institution}/departments")
