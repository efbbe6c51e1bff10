"""The doors of importing cases: the template, the check, the import."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance.access import actor, alliance_id, now, requires, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.pages import attachment
from alliance.registers import queries, services, sheets
from alliance.registers.forms import ImportCaseForm
from alliance.registers.rules.kinds import register_of
from alliance.registers.views.blueprint import blueprint
from alliance.registers.views.ways import own_members
from alliance.workbooks import MEDIA


@blueprint.route("/cases/import/<register>/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_CASE_IMPORT)
def import_case(register: str, institution: str) -> ResponseReturnValue:
    """Check a file of cases, or import it: the button says which. A check changes nothing."""
    kind, form, report = register_of(register), ImportCaseForm(), None
    if institution not in own_members(Act.REGISTERS_CASE_IMPORT):
        raise NotFound()
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        source = (form.source.data or "").strip()
        if request.form.get("apply"):
            ok, done = form.done(
                lambda: services.import_case(
                    alliance_id(), register, institution, source, sheets.read_cases(content, name, kind), by=actor(),
                    now=now(),
                )
            )  # fmt: skip
            if ok and done:
                flash(ngettext("%(num)s case was imported.", "%(num)s cases were imported.", done.moved), "success")
                return redirect(url_for(".list_cases", register=register))
        else:
            _ok, report = form.done(lambda: _checked(register, institution, source, content, name))
    return render_template(
        "registers/import_case.html", register=kind, institution=institution, form=form, report=report
    ), 422 if form.errors or form.refused else 200


def _checked(register: str, institution: str, source: str, content: bytes, name: str) -> queries.Report:
    rows = sheets.read_cases(content, name, register_of(register))
    report = queries.dry_run(alliance_id(), register, institution, source, rows, today=today())
    if report.problems:
        raise Refused(
            "The file has %(count)s errors; nothing was changed.", count=len(report.problems),
            problems=report.problems,
        )  # fmt: skip
    return report


@blueprint.get("/cases/template/<register>/<institution>")
@requires(Act.REGISTERS_CASE_IMPORT)
def download_template(register: str, institution: str) -> ResponseReturnValue:
    """An empty workbook for the cases of a register."""
    kind = register_of(register)
    if institution not in own_members(Act.REGISTERS_CASE_IMPORT):
        raise NotFound()
    return attachment(
        sheets.write_template(kind), f"{register}-template.xlsx", MEDIA, f"cases:{institution}/{register}"
    )
