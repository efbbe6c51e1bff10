"""The doors of evidence: the files behind the values of a member, one file, attaching and removing."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, machine_now, now, requires, scope
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.indicators import queries, services
from alliance.indicators.forms import AddEvidenceForm, RemoveEvidenceForm
from alliance.indicators.views.blueprint import blueprint
from alliance.indicators.views.submissions import names_of, submission_of
from alliance.pages import attachment
from alliance.store import Store


def _store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "evidence", machine_now)


@blueprint.get("/evidence/list/<period>/<institution>")
@requires(Act.INDICATORS_EVIDENCE_READ)
def list_evidence(period: str, institution: str) -> ResponseReturnValue:
    """The values of a member in a period, each with its files."""
    found, name, info = submission_of(period, institution)
    due = queries.elements_due(
        queries.library(alliance_id(), Period.parse(period).last), name.tier, Period.parse(period)
    )
    return render_template(
        "indicators/list_evidence.html",
        submission=found,
        member=name,
        period=info,
        due=due,
        evidence=queries.evidence(alliance_id(), period, institution),
        may_add=can(Act.INDICATORS_EVIDENCE_ADD, institution),
    )


@blueprint.route("/evidence/add/<period>/<institution>/<element>", methods=["GET", "POST"])
@requires(Act.INDICATORS_EVIDENCE_ADD)
def add_evidence(period: str, institution: str, element: str) -> ResponseReturnValue:
    """Attach files to a value."""
    found, name, info = submission_of(period, institution)
    due = queries.elements_due(
        queries.library(alliance_id(), Period.parse(period).last), name.tier, Period.parse(period)
    )
    about = next((one for one in due if one.code == element), None)
    if about is None or not can(Act.INDICATORS_EVIDENCE_ADD, institution):
        raise NotFound()
    form = AddEvidenceForm()
    if form.validate_on_submit():
        files = [(one.filename or "", one.read()) for one in form.files.data]
        ok, count = form.done(
            lambda: services.add_evidence(
                alliance_id(), period, institution, element, files, _store(), by=actor(), now=now()
            )
        )
        if ok:
            flash(ngettext("%(num)s file was attached.", "%(num)s files were attached.", count or 0), "success")
            return redirect(url_for("indicators.list_evidence", period=period, institution=institution))
    return render_template(
        "indicators/add_evidence.html",
        form=form,
        submission=found,
        member=name,
        period=info,
        element=about,
        evidence=queries.evidence(alliance_id(), period, institution, element),
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/evidence/read/<int:number>")
@requires(Act.INDICATORS_EVIDENCE_READ)
def read_evidence(number: int) -> ResponseReturnValue:
    """One file, to be saved; what is missing on the disk or was altered there is told."""
    info = _visible(number)
    try:
        content = _store().read(info.sha256)
    except NotFound:
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=info.name) from None
    # Should a browser show it after all, nothing in it runs.
    shut = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return attachment(content, info.name, info.media, f"evidence:{info.institution}/{info.period}/{number}", shut)


def _visible(number: int) -> queries.EvidenceInfo:
    info = queries.evidence_by_number(alliance_id(), number)
    if info is None or not scope().sees(info.institution):
        raise NotFound()
    return info


@blueprint.route("/evidence/remove/<int:number>", methods=["GET", "POST"])
@requires(Act.INDICATORS_EVIDENCE_REMOVE)
def remove_evidence(number: int) -> ResponseReturnValue:
    """Remove a file from a value: asked first, then done."""
    info = _visible(number)
    if info.removed_at is not None or not can(Act.INDICATORS_EVIDENCE_REMOVE, info.institution):
        raise NotFound()
    form = RemoveEvidenceForm()
    if form.validate_on_submit():
        ok, _done = form.done(lambda: services.remove_evidence(alliance_id(), number, by=actor(), now=now()))
        if ok:
            flash(_("The file %(name)s was removed.", name=info.name), "success")
            return redirect(url_for("indicators.list_evidence", period=info.period, institution=info.institution))
    return render_template(
        "indicators/remove_evidence.html",
        form=form,
        info=info,
        member=names_of(info.period).get(info.institution),
        element=queries.library(alliance_id(), Period.parse(info.period).last).elements[info.element],
    ), 422 if form.errors or form.refused else 200
