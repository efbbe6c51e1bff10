"""The doors of the files behind cases."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance.access import actor, alliance_id, machine_now, now, requires
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.pages import attachment
from alliance.registers import queries, services
from alliance.registers.forms import AddProofForm
from alliance.registers.rules.kinds import register_of
from alliance.registers.views.blueprint import blueprint
from alliance.registers.views.cases import found_case, may_attach
from alliance.store import Store


def _store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "proofs", machine_now)


@blueprint.route("/proofs/add/<register>/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_PROOF_ADD)
def add_proof(register: str, number: int) -> ResponseReturnValue:
    """Attach files to a case."""
    one, form = found_case(register, number), AddProofForm()
    if not may_attach(one):
        raise NotFound()
    if form.validate_on_submit():
        files = [(each.filename or "", each.read()) for each in form.files.data]
        ok, count = form.done(
            lambda: services.add_proof(alliance_id(), register, number, files, _store(), by=actor(), now=now())
        )
        if ok:
            flash(ngettext("%(num)s file was attached.", "%(num)s files were attached.", count or 0), "success")
            return redirect(url_for(".read_case", register=register, number=number))
    return render_template(
        "registers/add_proof.html", register=register_of(register), one=one, form=form
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/proofs/read/<register>/<int:number>/<int:proof>")
@requires(Act.REGISTERS_PROOF_READ)
def read_proof(register: str, number: int, proof: int) -> ResponseReturnValue:
    """One file, to be saved; what is missing on the disk or was altered there is told."""
    one = found_case(register, number)
    info = next((each for each in queries.proofs(one.id) if each.number == proof), None)
    if info is None:
        raise NotFound()
    try:
        content = _store().read(info.sha256)
    except NotFound:
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=info.name) from None
    # Should a browser show it after all, nothing in it runs.
    shut = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return attachment(content, info.name, info.media, f"case:{one.institution}/{register}-{number}", shut)
