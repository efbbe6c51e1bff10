"""The doors of importing cases: the template, the check, the import."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, machine_now, now, requires, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.i18n import number
from alliance.pages import Leaf, attachment, part
from alliance.registers import queries, services, sheets
from alliance.registers.forms import ImportCaseForm
from alliance.registers.rules.import_reports import COUNTS, ImportReport, report_of
from alliance.registers.rules.imports import LARGE
from alliance.registers.rules.kinds import register_of
from alliance.registers.views.blueprint import blueprint
from alliance.registers.views.ways import own_members
from alliance.store import Store, uploads
from alliance.workbooks import MEDIA

SIZE = 100


@blueprint.route("/cases/import/<register>/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_CASE_IMPORT)
def import_case(register: str, institution: str) -> ResponseReturnValue:
    """Check a file of cases, or import it: the button says which. A check changes nothing. A large file is taken on by
    a job."""
    kind, form, report = register_of(register), ImportCaseForm(), None
    if institution not in own_members(Act.REGISTERS_CASE_IMPORT):
        raise NotFound()
    if form.validate_on_submit():
        content, name = (form.file.data.read(), form.file.data.filename or "") if form.file.data else (b"", "")
        source = (form.source.data or "").strip()
        ok, job = form.done(lambda: _queued(form, register, institution, source, content, name))
        if ok and job:
            return redirect(url_for("work.read_job", number=job, follow=1))
        if ok and request.form.get("apply"):
            ok, done = form.done(
                lambda: services.import_case(
                    alliance_id(), register, institution, source, sheets.read_cases(content, name, kind), by=actor(),
                    now=now(),
                )
            )  # fmt: skip
            if ok and done:
                flash(ngettext("%(num)s case was imported.", "%(num)s cases were imported.", done.moved), "success")
                return redirect(url_for(".list_cases", register=register))
        elif ok:
            _ok, report = form.done(lambda: _checked(register, institution, source, content, name))
    return render_template(
        "registers/import_case.html", register=kind, institution=institution, form=form, report=report
    ), 422 if form.errors or form.refused else 200


def own_uploads() -> Store:
    """Where the files lie that the reader sent to be checked."""
    return uploads(current_app.config["ALLIANCE"].data, alliance_id(), actor().account, machine_now)


def _queued(
    form: ImportCaseForm, register: str, institution: str, source: str, content: bytes, name: str
) -> int:  # fmt: skip
    """The number of the job that takes on a large file, or one that such a job has checked; 0 for any other."""
    kept, name = form.kept.data or "", name or form.name.data or ""
    if content:
        if sheets.count_cases(content, name, register_of(register)) <= LARGE:
            return 0
        kept = own_uploads().keep(content)
    return services.queue_cases(
        alliance_id(), register, institution, source, kept, name, bool(request.form.get("apply")), by=actor(), now=now()
    )


def asked_report(made: str, register: str, institution: str) -> ImportReport:
    """The report of a file that the reader had checked; NotFound for any other, and when its day is over."""
    found = report_of(own_uploads().read(made))
    if found is None or (found.register, found.institution) != (register, institution):
        raise NotFound()
    return found


def report_page(found: ImportReport, url: Callable[[int], str]) -> dict[str, Any]:
    """What the page of a report shows."""
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)
    form = ImportCaseForm(formdata=None, data={"source": found.source, "kept": found.kept, "name": found.name})
    return {
        "report": found, "problems": found.problems[(page - 1) * size : page * size], "form": form,
        "leaf": Leaf.of(page, size, len(found.problems), url), "institution": found.institution,
        "counts": [(_(COUNTS[code]), number(count)) for code, count in found.counts.items()],
    }  # fmt: skip


@blueprint.get("/cases/report/<register>/<institution>/<made>")
@requires(Act.REGISTERS_CASE_IMPORT)
def read_import(register: str, institution: str, made: str) -> ResponseReturnValue:
    """What came of checking a large file: every fault with its row, or what its rows would do."""
    kind = register_of(register)
    if institution not in own_members(Act.REGISTERS_CASE_IMPORT):
        raise NotFound()
    found = asked_report(made, register, institution)
    at = partial(url_for, ".read_import", register=register, institution=institution, made=made)
    return render_template(
        "registers/read_import.html", register=kind, **report_page(found, lambda page: at(page=page))
    )


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
