"""The doors of the workbook of a hospital's inside."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import lang
from alliance.members import queries, services, sheets
from alliance.members.forms import ImportStructureForm
from alliance.members.views.blueprint import XLSX, blueprint
from alliance.pages import attachment


@blueprint.route("/structures/import/<institution>", methods=["GET", "POST"])
@requires(Act.MEMBERS_STRUCTURE_IMPORT)
def import_structure(institution: str) -> ResponseReturnValue:
    """Check the workbook of a hospital's inside, or apply it: the button says which. A check changes nothing."""
    if not can(Act.MEMBERS_STRUCTURE_IMPORT, institution):
        raise NotFound()
    form, checked = ImportStructureForm(), None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        if request.form.get("apply"):
            ok, kept = form.done(
                lambda: services.import_structure(
                    alliance_id(), institution, sheets.read_structure(content, name), by=actor(), now=now()
                )
            )
            if ok:
                flash(ngettext("%(num)s row was recorded.", "%(num)s rows were recorded.", kept or 0), "success")
                return redirect(url_for(".list_departments", institution=institution))
        else:
            _ok, checked = form.done(
                lambda: queries.inside_changes(alliance_id(), institution, sheets.read_structure(content, name)).lines
            )
    return render_template(
        "members/import_structure.html", form=form, checked=checked, institution=institution
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/structures/export/<institution>")
@requires(Act.MEMBERS_STRUCTURE_EXPORT)
def export_structure(institution: str) -> ResponseReturnValue:
    """Everything recorded of a hospital's inside, as an Excel file."""
    if not can(Act.MEMBERS_STRUCTURE_EXPORT, institution):
        raise NotFound()
    content = sheets.write_structure(queries.inside(alliance_id(), institution), lang())
    return attachment(content, f"departments-{institution}.xlsx", XLSX, f"structure:{institution}/departments")
