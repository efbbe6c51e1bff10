"""The doors of institutions: list, one institution, the workbook in and out."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alliance.access import actor, alliance_id, now, requires, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.core.specialties import SPECIALTIES
from alliance.i18n import lang
from alliance.members import queries, services, sheets
from alliance.members.forms import ImportWorkbookForm
from alliance.members.rules import COLUMNS
from alliance.members.views.blueprint import XLSX, blueprint, recorded
from alliance.pages import attachment


@blueprint.get("/institutions/list")
@requires(Act.MEMBERS_INSTITUTION_LIST)
def list_institutions() -> ResponseReturnValue:
    """The members of today."""
    return render_template("members/list_institutions.html", members=queries.members(alliance_id(), today()))


@blueprint.get("/institutions/read/<code>")
@requires(Act.MEMBERS_INSTITUTION_READ)
def read_institution(code: str) -> ResponseReturnValue:
    """One institution and everything recorded of it."""
    facts = queries.facts(alliance_id(), code)
    if not facts:
        raise NotFound()
    return render_template(
        "members/read_institution.html", member=queries.member(alliance_id(), code, today()) or facts[-1], facts=facts
    )


@blueprint.route("/workbook/import", methods=["GET", "POST"])
@requires(Act.MEMBERS_WORKBOOK_IMPORT)
def import_workbook() -> ResponseReturnValue:
    """Check a workbook, or apply it: the button says which. A check changes nothing."""
    form, checked, moved = ImportWorkbookForm(), None, None
    if form.validate_on_submit():
        upload = form.file.data
        content, name = upload.read(), upload.filename or ""
        if request.form.get("apply"):
            ok, changed = form.done(
                lambda: services.import_workbook(
                    alliance_id(), *sheets.read_workbook(content, name), by=actor(), now=now()
                )
            )
            if ok:
                flash(recorded(changed or 0), "success")
                return redirect(url_for("members.list_institutions"))
        else:
            ok, found = form.done(lambda: _checked(content, name))
            checked, moved = found or (None, None)
    return render_template(
        "members/import_workbook.html",
        form=form,
        checked=checked,
        moved=moved,
        specialties=SPECIALTIES,
        titles={name: title if lang() == "zh" else name for name, title in COLUMNS.items()},
    ), 422 if form.errors or form.refused else 200


def _checked(content: bytes, name: str) -> tuple[list[queries.Change], list[queries.SpellChange]]:
    rows, spells = sheets.read_workbook(content, name)
    return queries.what_changes(alliance_id(), rows), queries.spell_changes(alliance_id(), spells, rows)


@blueprint.get("/workbook/export")
@requires(Act.MEMBERS_WORKBOOK_EXPORT)
def export_workbook() -> ResponseReturnValue:
    """The workbook of the members, as an Excel file."""
    content = sheets.write_workbook(queries.institutions(alliance_id(), today()), queries.spells(alliance_id()))
    return attachment(content, "members.xlsx", XLSX, "workbook:members")
