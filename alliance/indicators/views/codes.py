"""The doors of code systems: versions, codes, mappings, and their import."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance.access import actor, alliance_id, now, requires, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import bracketed, label
from alliance.indicators import queries, services, sheets
from alliance.indicators.forms import ImportCodesystemForm, ImportMappingForm
from alliance.indicators.views.blueprint import blueprint

SHOWN = 200


@blueprint.get("/codesystems/list")
@requires(Act.INDICATORS_CODESYSTEM_LIST)
def list_codesystems() -> ResponseReturnValue:
    """The code systems with their versions."""
    return render_template("indicators/list_codesystems.html", systems=queries.code_systems(alliance_id()))


@blueprint.get("/codesystems/read/<code>/<version>")
@requires(Act.INDICATORS_CODESYSTEM_READ)
def read_codesystem(code: str, version: str) -> ResponseReturnValue:
    """The codes of a version and its mappings; ?search= narrows both."""
    system = queries.code_system(alliance_id(), code, version)
    if system is None:
        raise NotFound()
    search = request.args.get("search", "").strip()
    return render_template(
        "indicators/read_codesystem.html",
        system=system,
        search=search,
        terms=queries.terms(system, search, SHOWN),
        mappings=queries.mappings(alliance_id(), system, search, SHOWN),
        most=SHOWN,
    )


@blueprint.route("/codesystems/import", methods=["GET", "POST"])
@requires(Act.INDICATORS_CODESYSTEM_IMPORT)
def import_codesystem() -> ResponseReturnValue:
    """Check a file of codes, or apply it: the button says which. A check changes nothing."""
    form, checked = ImportCodesystemForm(), None
    if request.method == "GET":
        form.valid_from.data = today().replace(month=1, day=1)
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        code, version = form.code.data or "", form.version.data or ""
        if request.form.get("apply"):
            head = services.CodeSystemHead(
                code, version, form.name_zh.data or "", form.name_en.data or "", form.source.data or "",
                form.valid_from.data or today(),
            )  # fmt: skip
            ok, count = form.done(
                lambda: services.import_codesystem(
                    alliance_id(), head, sheets.read_terms(content, name), by=actor(), now=now()
                )
            )
            if ok:
                flash(ngettext("%(num)s code was added.", "%(num)s codes were added.", count or 0), "success")
                return redirect(url_for("indicators.read_codesystem", code=code, version=version))
        else:
            ok, checked = form.done(
                lambda: queries.term_changes(alliance_id(), code, version, sheets.read_terms(content, name))
            )
    return render_template("indicators/import_codesystem.html", form=form, checked=checked), (
        422 if form.errors or form.refused else 200
    )


@blueprint.route("/mappings/import", methods=["GET", "POST"])
@requires(Act.INDICATORS_MAPPING_IMPORT)
def import_mapping() -> ResponseReturnValue:
    """Check a file of a mapping, or apply it: the button says which. A check changes nothing."""
    form, checked = ImportMappingForm(), None
    systems = queries.code_systems(alliance_id())
    choices = [(f"{one.code}/{one.version}", label(one) + bracketed(one.version)) for one in systems]
    form.source.choices = form.target.choices = choices
    if request.method == "GET":
        form.valid_from.data = today().replace(day=1)
    if form.validate_on_submit():
        content, name, start = form.file.data.read(), form.file.data.filename or "", form.valid_from.data or today()
        source, target = _split(form.source.data), _split(form.target.data)
        if request.form.get("apply"):
            ok, count = form.done(
                lambda: services.import_mapping(
                    alliance_id(), source, target, start, sheets.read_pairs(content, name), by=actor(), now=now()
                )
            )
            if ok:
                words = ngettext(
                    "%(num)s row of the mapping was added.", "%(num)s rows of the mapping were added.", count or 0
                )
                flash(words, "success")
                return redirect(url_for("indicators.read_codesystem", code=source[0], version=source[1]))
        else:
            ok, checked = form.done(
                lambda: queries.pair_changes(alliance_id(), source, target, start, sheets.read_pairs(content, name))
            )
    return render_template("indicators/import_mapping.html", form=form, checked=checked, systems=systems), (
        422 if form.errors or form.refused else 200
    )


def _split(reference: str) -> tuple[str, str]:
    code, _slash, version = reference.partition("/")
    return code, version
