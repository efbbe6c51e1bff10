"""The doors of reports of verifications: issue one, have it on paper, confirm it to anybody."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, public, requires, scope, today
from alliance.config import Config
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import LANGUAGES
from alliance.pages import attachment
from alliance.pdf import render
from alliance.ratings import queries, services, sheets
from alliance.ratings.forms import StepForm
from alliance.ratings.views.blueprint import blueprint
from alliance.ratings.views.engagements import engagement_of


@blueprint.route("/reports/issue/<number>", methods=["GET", "POST"])
@requires(Act.RATINGS_REPORT_ISSUE)
def issue_report(number: str) -> ResponseReturnValue:
    """Issue the report of a verification, frozen as it is."""
    one, form = engagement_of(number), StepForm()
    if form.validate_on_submit():
        ok, _digest = form.done(lambda: services.issue_report(alliance_id(), number, by=actor(), now=now()))
        if ok:
            flash(_("The report is issued and frozen."), "success")
            return redirect(url_for(".read_engagement", number=number))
    return render_template(
        "ratings/issue_report.html", form=form, one=one, findings=queries.findings(alliance_id(), number)
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/reports/download/<number>/<language>")
@requires(Act.RATINGS_REPORT_DOWNLOAD)
def download_report(number: str, language: str) -> ResponseReturnValue:
    """An issued report as PDF. It tells of all its members, so who stands apart from one of them has no part in it."""
    one = engagement_of(number)
    found = queries.issued_report(alliance_id(), number)
    apart = {*one.members} - queries.opened_members(scope(), one, today())
    if found is None or apart or language not in LANGUAGES:
        raise NotFound()
    config: Config = current_app.config["ALLIANCE"]
    content = render(sheets.report_paper(found, language, site=config.address))
    return attachment(content, f"verification-{number}-{language}.pdf", "application/pdf", one.subject)


@blueprint.get("/reports/confirm/<owner>/<number>/<check>")
@public(Act.RATINGS_REPORT_CONFIRM)
def confirm_report(owner: str, number: str, check: str) -> ResponseReturnValue:
    """For whoever holds a report: that it was issued, and what it says in short."""
    found = queries.confirmed_report(owner, number, check)
    if found is None:
        raise NotFound()
    return render_template("ratings/confirm_report.html", found=found)
