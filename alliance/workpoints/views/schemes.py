"""The doors of bonus schemes."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.files import read_toml
from alliance.pages import attachment
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import DecideForm, ImportSchemeForm
from alliance.workpoints.queries import Difference, SchemeInfo
from alliance.workpoints.rules.first import DRIVERS
from alliance.workpoints.rules.income import CLASSES
from alliance.workpoints.rules.records import BODIES
from alliance.workpoints.views.blueprint import asked_institution, blueprint, kept, ways
from alliance.workpoints.views.records import record_choices

TOML = "application/toml"


def _scheme(act: Act, institution: str, code: str, version: int) -> SchemeInfo:
    kept(act, institution)
    found = queries.scheme_info(alliance_id(), institution, code, version)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/schemes/list")
@requires(Act.WORKPOINTS_SCHEME_LIST)
def list_schemes() -> ResponseReturnValue:
    """All versions of the hospital's schemes."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_SCHEME_LIST, institution)
    found = queries.schemes(alliance_id(), institution)
    holding = queries.scheme_in_force(alliance_id(), institution, f"{today():%Y-%m}")
    return render_template(
        "workpoints/list_schemes.html", institution=institution, ways=ways(institution), schemes=found,
        holding=holding, keeps=can(Act.WORKPOINTS_SCHEME_IMPORT, institution),
        standings={one.reference: queries.scheme_standing(one, holding, today()) for one in found},
    )  # fmt: skip


@blueprint.get("/schemes/read/<institution>/<code>/<int:version>")
@requires(Act.WORKPOINTS_SCHEME_READ)
def read_scheme(institution: str, code: str, version: int) -> ResponseReturnValue:
    """A scheme in words: its rules, findings, records, decision; ?against= another version, the differences."""
    return _scheme_page(_scheme(Act.WORKPOINTS_SCHEME_READ, institution, code, version), DecideForm(), {})


def _scheme_page(info: SchemeInfo, form: DecideForm, reasons: Mapping[str, str]) -> ResponseReturnValue:
    """The page of a scheme; `reasons` are those just typed."""
    institution = info.institution
    others = [one for one in queries.schemes(alliance_id(), institution) if one.reference != info.reference]
    found = queries.counting(alliance_id(), institution, info.matter, info.recorded_at)
    form.decision.choices = record_choices(found)
    holding = queries.scheme_in_force(alliance_id(), institution, f"{today():%Y-%m}")
    return render_template(
        "workpoints/read_scheme.html",
        info=info,
        scheme=info.scheme,
        others=others,
        differences=_differences(info, others),
        codes={code: pair[:2] for one in (*others, info) for code, pair in one.scheme.groups.items()} | DRIVERS,
        records=queries.records(alliance_id(), institution, info.matter),
        counting={one.number for one in found},
        bodies=BODIES,
        classes=CLASSES,
        drivers=DRIVERS,
        findings=queries.scheme_findings(alliance_id(), info, today()),
        form=form,
        reasons=reasons,
        people=accounts.names({info.recorded_by, info.decided_by} - {""}),
        standing=queries.scheme_standing(info, holding, today()),
        own=actor().account in queries.scheme_drafters(alliance_id(), info.reference),
        deciding=not info.decision and can(Act.WORKPOINTS_SCHEME_DECIDE, institution),
        files=can(Act.WORKPOINTS_RECORD_FILE, institution),
        tries=can(Act.WORKPOINTS_SCHEME_TRY, institution),
        trial=next((one for one in queries.trials(alliance_id(), institution, info.reference)), None),
        institution=institution,
    ), 422 if form.refused else 200


def _differences(info: SchemeInfo, others: list[SchemeInfo]) -> list[Difference] | None:
    """How the version differs from the one of ?against=; None when none is asked for."""
    other = next((one for one in others if f"{one.code}/{one.version}" == request.args.get("against")), None)
    return queries.scheme_differences(other.scheme, info.scheme) if other else None


@blueprint.route("/schemes/import/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_SCHEME_IMPORT)
def import_scheme(institution: str) -> ResponseReturnValue:
    """Take a scheme file as a draft."""
    kept(Act.WORKPOINTS_SCHEME_IMPORT, institution)
    form = ImportSchemeForm()
    if form.validate_on_submit():
        upload = form.file.data
        ok, reference = form.done(
            lambda: services.import_scheme(
                alliance_id(), institution, read_toml(upload.read(), upload.filename or ""), by=actor(), now=now()
            )
        )
        if ok and reference:
            flash(_("The scheme is taken as draft %(reference)s.", reference=reference), "success")
            _place, code, version = reference.split("/")
            return redirect(url_for(".read_scheme", institution=institution, code=code, version=version))
    return render_template(
        "workpoints/import_scheme.html", form=form, institution=institution
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/schemes/export/<institution>/<code>/<int:version>")
@requires(Act.WORKPOINTS_SCHEME_EXPORT)
def export_scheme(institution: str, code: str, version: int) -> ResponseReturnValue:
    """A scheme as a TOML file."""
    info = _scheme(Act.WORKPOINTS_SCHEME_EXPORT, institution, code, version)
    return attachment(
        sheets.write_scheme(info.content), f"{institution}-{code}-{version}.toml", TOML, info.subject
    )  # fmt: skip


@blueprint.get("/schemes/template/<institution>")
@requires(Act.WORKPOINTS_SCHEME_EXPORT)
def export_template(institution: str) -> ResponseReturnValue:
    """The scheme to begin with, each option explained."""
    kept(Act.WORKPOINTS_SCHEME_EXPORT, institution)
    return attachment(sheets.template_scheme(), sheets.TEMPLATE, TOML, f"bonusscheme:{institution}/template")


@blueprint.post("/schemes/decide/<institution>/<code>/<int:version>")
@requires(Act.WORKPOINTS_SCHEME_DECIDE)
def decide_scheme(institution: str, code: str, version: int) -> ResponseReturnValue:
    """Put a scheme into force by a record; refused, the reasons typed stay on the page."""
    info = _scheme(Act.WORKPOINTS_SCHEME_DECIDE, institution, code, version)
    form = DecideForm()
    reasons = {key.removeprefix("reason-"): text for key, text in request.form.items() if key.startswith("reason-")}
    ok, _none = form.done(
        lambda: services.decide_scheme(
            alliance_id(), institution, code, version, reasons, decision=request.form.get("decision", ""),
            by=actor(), now=now(),
        )
    )  # fmt: skip
    if not ok:
        return _scheme_page(info, form, reasons)
    flash(_("The scheme is decided and frozen."), "success")
    return redirect(url_for(".read_scheme", institution=institution, code=code, version=version))
