"""The doors of quantities reported elsewhere: side by side with ours, entered, imported, explained."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import label, lang, words
from alliance.indicators import queries, services, sheets
from alliance.indicators.forms import EnterReportForm, ExplainReportForm, ImportReportForm
from alliance.indicators.rules.reports import REPORTS, Reported
from alliance.indicators.views.blueprint import blueprint
from alliance.members import queries as members

STANDINGS = ("open", "explained", "same", "alone")


def report_names() -> dict[str, str]:
    return {code: en if lang() == "en" else zh for code, (zh, en) in REPORTS.items()}


def _mine(act: Act) -> list[str]:
    """The members of which the reader may report, or whose differences it may explain."""
    return [one.code for one in members.members(alliance_id(), today()) if can(act, one.code)]


@blueprint.get("/reports/list")
@requires(Act.INDICATORS_REPORT_LIST)
def list_reports() -> ResponseReturnValue:
    """Both values side by side with their difference; ?institution=, ?report= and ?standing= narrow the list."""
    institution, report, standing = (request.args.get(name, "") for name in ("institution", "report", "standing"))
    rows = queries.reports(alliance_id(), scope().institutions, report=report)
    rows = [one for one in rows if institution in ("", one.institution)]
    open_ones = sum(one.standing == "open" for one in rows)
    names = {one.code: one for one in members.institutions(alliance_id(), today())}
    return render_template(
        "indicators/list_reports.html",
        rows=[one for one in rows if standing in ("", one.standing)],
        open_ones=open_ones,
        names=names,
        reports=report_names(),
        elements=queries.library(alliance_id()).elements,
        people=accounts.names({one.recorded_by for one in rows}),
        chosen={"institution": institution, "report": report, "standing": standing},
        seen=[code for code in names if scope().sees(code)],
        explains=set(_mine(Act.INDICATORS_REPORT_EXPLAIN)),
    )


@blueprint.route("/reports/enter", methods=["GET", "POST"])
@requires(Act.INDICATORS_REPORT_ENTER)
def enter_report() -> ResponseReturnValue:
    """Enter a quantity as it was reported elsewhere."""
    form, mine = EnterReportForm(), _mine(Act.INDICATORS_REPORT_ENTER)
    names = {one.code: one for one in members.members(alliance_id(), today())}
    form.institution.choices = [(code, f"{code} {label(names[code])}") for code in mine]
    form.report.choices = list(report_names().items())
    known = queries.library(alliance_id()).elements.values()
    form.element.choices = [(one.code, f"{one.code} {words(one.name)}") for one in known if not one.external]
    if form.validate_on_submit():
        row = Reported(
            form.institution.data, form.element.data, form.period.data or "", form.report.data, form.value.data or "",
            form.document.data or "",
        )  # fmt: skip
        ok, new = form.done(lambda: services.enter_report(alliance_id(), row, mine, by=actor(), now=now()))
        if ok:
            flash(_("The value is saved.") if new else _("This value stands already."), "success")
            return redirect(url_for("indicators.list_reports", institution=row.institution))
    return render_template("indicators/enter_report.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.route("/reports/import", methods=["GET", "POST"])
@requires(Act.INDICATORS_REPORT_IMPORT)
def import_report() -> ResponseReturnValue:
    """Check a file of quantities reported elsewhere, or apply it: the button says which. A check changes nothing."""
    form, checked, mine = ImportReportForm(), None, _mine(Act.INDICATORS_REPORT_IMPORT)
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        if request.form.get("apply"):
            ok, count = form.done(
                lambda: services.import_report(
                    alliance_id(), sheets.read_reported(content, name), mine, by=actor(), now=now()
                )
            )
            if ok:
                flash(ngettext("%(num)s value is new.", "%(num)s values are new.", count or 0), "success")
                return redirect(url_for("indicators.list_reports"))
        else:
            ok, checked = form.done(
                lambda: queries.new_reports(
                    alliance_id(), queries.read_reports(alliance_id(), sheets.read_reported(content, name), mine)
                )
            )
    return render_template(
        "indicators/import_report.html", form=form, checked=checked, reports=report_names()
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/reports/explain/<period>/<institution>/<element>/<report>", methods=["GET", "POST"])
@requires(Act.INDICATORS_REPORT_EXPLAIN)
def explain_report(period: str, institution: str, element: str, report: str) -> ResponseReturnValue:
    """Say why a quantity was reported otherwise elsewhere."""
    if institution not in _mine(Act.INDICATORS_REPORT_EXPLAIN):
        raise NotFound()
    found = queries.report_of(alliance_id(), period, institution, element, report)
    if found is None:
        raise NotFound()
    form = ExplainReportForm()
    if request.method == "GET":
        form.text.data = found.explanation
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.explain_report(
                alliance_id(), period, institution, element, report, form.text.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The explanation is saved."), "success")
            return redirect(url_for("indicators.list_reports", institution=institution))
    return render_template(
        "indicators/explain_report.html",
        form=form,
        found=found,
        element=queries.library(alliance_id()).elements.get(element),
        reports=report_names(),
    ), 422 if form.errors or form.refused else 200
