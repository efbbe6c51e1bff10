"""The doors of schemes."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.evaluation import queries, services, sheets
from alliance.evaluation.forms import ImportSchemeForm
from alliance.evaluation.rules.scheme import GROUP_NAMES
from alliance.evaluation.views.blueprint import blueprint
from alliance.files import read_toml
from alliance.forms import DecideForm
from alliance.indicators import queries as indicators
from alliance.pages import attachment


def _scheme(code: str, version: int) -> queries.SchemeInfo:
    found = queries.scheme_info(alliance_id(), code, version)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/schemes/list")
@requires(Act.EVALUATION_SCHEME_LIST)
def list_schemes() -> ResponseReturnValue:
    """All versions of all schemes."""
    found = queries.schemes(alliance_id())
    holding = queries.scheme_in_force(alliance_id(), today())
    return render_template(
        "evaluation/list_schemes.html",
        schemes=found,
        holding=holding,
        standings={one.reference: queries.standing(one, holding, today()) for one in found},
    )


@blueprint.get("/schemes/read/<code>/<int:version>")
@requires(Act.EVALUATION_SCHEME_READ)
def read_scheme(code: str, version: int) -> ResponseReturnValue:
    """A scheme: lines by tier (?tier=), groups, fund rules, findings, decision."""
    return _scheme_page(_scheme(code, version), DecideForm(), {})


def _scheme_page(info: queries.SchemeInfo, form: DecideForm, reasons: Mapping[str, str]) -> ResponseReturnValue:
    """The page of a scheme; `reasons` are those just typed."""
    subject = f"scheme:{info.reference}"
    form.offer(accounts.adopted(alliance_id(), subject))
    tiers = queries.scheme_tiers(alliance_id(), info)
    shown = next((one for one in tiers if one.tier == request.args.get("tier")), tiers[0] if tiers else None)
    return render_template(
        "evaluation/read_scheme.html",
        info=info,
        scheme=queries.parsed(alliance_id(), info),
        library=indicators.library(alliance_id(), indicators.NEWEST),
        library_changed=queries.library_changed(alliance_id(), info),
        library_digest=queries.library_digest(alliance_id(), info),
        findings=queries.soft_findings(alliance_id(), info),
        subject=subject,
        form=form,
        groups=GROUP_NAMES,
        people=accounts.names({info.drafted_by, info.decided_by} - {""}),
        tiers=tiers,
        shown=shown,
        reasons=reasons,
        standing=queries.standing(info, queries.scheme_in_force(alliance_id(), today()), today()),
        own=actor().account in queries.drafters(alliance_id(), info.reference),
    ), 422 if form.refused else 200


@blueprint.route("/schemes/import", methods=["GET", "POST"])
@requires(Act.EVALUATION_SCHEME_IMPORT)
def import_scheme() -> ResponseReturnValue:
    """Take a scheme file as a draft."""
    form = ImportSchemeForm()
    if form.validate_on_submit():
        upload = form.file.data
        ok, reference = form.done(
            lambda: services.import_scheme(
                alliance_id(), read_toml(upload.read(), upload.filename or ""), by=actor(), now=now()
            )
        )
        if ok and reference:
            flash(_("The scheme is taken as draft %(reference)s.", reference=reference), "success")
            code, _sep, version = reference.rpartition("/")
            return redirect(url_for("evaluation.read_scheme", code=code, version=version))
    return render_template("evaluation/import_scheme.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.get("/schemes/export/<code>/<int:version>")
@requires(Act.EVALUATION_SCHEME_EXPORT)
def export_scheme(code: str, version: int) -> ResponseReturnValue:
    """A scheme as a TOML file."""
    text = sheets.write_scheme_file(_scheme(code, version).content)
    return attachment(text, f"scheme-{code}-{version}.toml", "application/toml", f"scheme:{code}/{version}")


@blueprint.post("/schemes/decide/<code>/<int:version>")
@requires(Act.EVALUATION_SCHEME_DECIDE)
def decide_scheme(code: str, version: int) -> ResponseReturnValue:
    """Put a scheme into force by a recorded decision; refused, the reasons typed stay on the page."""
    form = DecideForm()
    reasons = {key.removeprefix("reason-"): text for key, text in request.form.items() if key.startswith("reason-")}
    ok, _none = form.done(
        lambda: services.decide_scheme(
            alliance_id(), code, version, reasons, decision=request.form.get("decision", ""), by=actor(), now=now()
        )
    )
    if not ok:
        return _scheme_page(_scheme(code, version), form, reasons)
    flash(_("The scheme is decided and frozen."), "success")
    return redirect(url_for("evaluation.read_scheme", code=code, version=version))
