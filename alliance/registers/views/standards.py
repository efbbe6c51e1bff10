"""The doors of the standards of ledgers: the items with their points, their import, and the file of it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance import workbooks
from alliance.access import actor, alliance_id, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.pages import attachment
from alliance.registers import queries, services, sheets
from alliance.registers.forms import ImportStandardForm
from alliance.registers.rules.ledgers import KINDS
from alliance.registers.views.blueprint import blueprint
from alliance.registers.views.ledger_reach import acting, asked_place, kept, owner, places
from alliance.registers.views.ledgers import kind_choices, place_name
from alliance.registers.views.tabs import tabs


@blueprint.get("/standards/list")
@requires(Act.REGISTERS_STANDARD_LIST)
def list_standards() -> ResponseReturnValue:
    """The items of a ledger's standard that holds today, and its versions."""
    place = asked_place()
    kind = request.args.get("kind") or next(iter(KINDS))
    if kind not in KINDS:
        raise NotFound()
    found = queries.standards(alliance_id(), owner(place), kind)
    held = queries.standard_on(alliance_id(), owner(place), kind, today())
    chosen = next((one for one in found if one.version == request.args.get("version", 0, type=int)), held)
    return render_template(
        "registers/list_standards.html", tabs=tabs(), place=place, kind=kind, versions=found, held=held, one=chosen,
        places=[(code, place_name(code)) for code in places()], name=place_name(place), kinds=kind_choices(),
        ledger=KINDS[kind], imports=place in acting(Act.REGISTERS_STANDARD_IMPORT),
        people=accounts.names({one.recorded_by for one in found}),
    )  # fmt: skip


@blueprint.route("/standards/import/<place>/<kind>", methods=["GET", "POST"])
@requires(Act.REGISTERS_STANDARD_IMPORT)
def import_standard(place: str, kind: str) -> ResponseReturnValue:
    """Check a table of items, or import it: the button says which. A check changes nothing."""
    institution = kept(Act.REGISTERS_STANDARD_IMPORT, place)
    if kind not in KINDS:
        raise NotFound()
    form, items = ImportStandardForm(), None
    if request.method == "GET":
        form.start.data = today()
    if form.validate_on_submit():
        start = form.start.data
        assert start is not None
        content, name = form.file.data.read(), form.file.data.filename or ""
        ok, items = form.done(lambda: sheets.read_standard(content, name))
        if ok and items is not None and request.form.get("apply"):
            read = items
            ok, version = form.done(
                lambda: services.import_standard(
                    alliance_id(), institution, kind, read, start, form.title.data or "", by=actor(), now=now()
                )
            )
            if ok:
                said = _("Version %(number)s is imported.", number=version) if version else _("Nothing has changed.")
                flash(said, "success")
                return redirect(url_for(".list_standards", place=place, kind=kind, version=version or None))
    return render_template(
        "registers/import_standard.html", form=form, items=items, place=place, kind=kind, ledger=KINDS[kind],
        name=place_name(place),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.get("/standards/template/<place>/<kind>")
@requires(Act.REGISTERS_STANDARD_IMPORT)
def download_standard(place: str, kind: str) -> ResponseReturnValue:
    """The workbook of the standard of today, or one to be filled in."""
    institution = kept(Act.REGISTERS_STANDARD_IMPORT, place)
    if kind not in KINDS:
        raise NotFound()
    held = queries.standard_on(alliance_id(), institution, kind, today())
    content = sheets.write_standard(kind, held.items if held else ())
    return attachment(content, f"standard-{kind}.xlsx", workbooks.MEDIA, f"ledgerstandard:{place}/{kind}")
