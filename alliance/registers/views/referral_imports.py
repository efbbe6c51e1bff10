"""The doors of files of referrals: the template, the check, the import, the report of a large file."""

from __future__ import annotations

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance import workbooks
from alliance.access import actor, alliance_id, can, now, requires
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.pages import attachment
from alliance.registers import queries, services, sheets
from alliance.registers.forms import ImportReferralForm
from alliance.registers.queries import Changes
from alliance.registers.rules.imports import LARGE
from alliance.registers.views.blueprint import blueprint, works
from alliance.registers.views.imports import asked_report, own_uploads, report_page


@blueprint.route("/referrals/import/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_IMPORT)
def import_referral(institution: str) -> ResponseReturnValue:
    """Check a file of a hospital's system, or bring it in: the button says which. A check changes nothing. The file
    names patients: a small one is not kept, a large one sealed until its job has read it."""
    if not can(Act.REGISTERS_REFERRAL_IMPORT, institution):
        raise NotFound()
    form = ImportReferralForm()
    checked: Changes | None = None
    if form.validate_on_submit():
        content, name = (form.file.data.read(), form.file.data.filename or "") if form.file.data else (b"", "")
        source = form.source.data or ""
        ok, job = form.done(lambda: _queued(form, institution, source, content, name))
        if ok and job:
            return redirect(url_for("work.read_job", number=job, follow=1))
        if ok and request.form.get("apply"):
            ok, count = form.done(
                lambda: services.import_referral(
                    alliance_id(), institution, source, sheets.read_rows(content, name), works(), by=actor(), now=now()
                )
            )
            if ok:
                flash(
                    ngettext("%(num)s referral was taken in.", "%(num)s referrals were taken in.", count or 0),
                    "success",
                )
                return redirect(url_for(".list_referrals", sender=institution))
        elif ok:
            _ok, checked = form.done(lambda: _check(institution, source, content, name))
    return render_template(
        "registers/import_referral.html", form=form, institution=institution, checked=checked
    ), 422 if form.errors or form.refused else 200


def _queued(form: ImportReferralForm, institution: str, source: str, content: bytes, name: str) -> int:
    """The number of the job that takes on a large file, or one that such a job has checked; 0 for any other."""
    kept, name = form.kept.data or "", name or form.name.data or ""
    if content:
        if sheets.count_rows(content, name) <= LARGE:
            return 0
        kept = services.keep_referrals(alliance_id(), content, own_uploads(), by=actor())
    return services.queue_referrals(
        alliance_id(), institution, source, kept, name, bool(request.form.get("apply")), by=actor(), now=now()
    )


def _check(institution: str, source: str, content: bytes, name: str) -> Changes:
    found = queries.referral_changes(alliance_id(), institution, source, sheets.read_rows(content, name), now())
    if found.problems:
        raise Refused(
            "The file has %(count)s errors; nothing was changed.", count=len(found.problems), problems=found.problems
        )
    return found


@blueprint.get("/referrals/report/<institution>/<made>")
@requires(Act.REGISTERS_REFERRAL_IMPORT)
def read_referral_import(institution: str, made: str) -> ResponseReturnValue:
    """What came of checking a large file of referrals: every fault with its row, or what its rows would do."""
    if not can(Act.REGISTERS_REFERRAL_IMPORT, institution):
        raise NotFound()
    found = asked_report(made, "", institution)
    at = partial(url_for, ".read_referral_import", institution=institution, made=made)
    return render_template("registers/read_referral_import.html", **report_page(found, lambda page: at(page=page)))


@blueprint.get("/referrals/template/<institution>")
@requires(Act.REGISTERS_REFERRAL_IMPORT)
def download_referrals(institution: str) -> ResponseReturnValue:
    """The empty table that an import takes."""
    if not can(Act.REGISTERS_REFERRAL_IMPORT, institution):
        raise NotFound()
    return attachment(sheets.template(), f"referrals-{institution}.xlsx", workbooks.MEDIA, f"referrals:{institution}")
