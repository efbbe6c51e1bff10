"""The doors of the codes of charge lines: what they mean."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.i18n import label
from alliance.members import queries as members
from alliance.workpoints import queries, services
from alliance.workpoints.forms import MapCodeForm
from alliance.workpoints.rules.meanings import WHAT, Meaning
from alliance.workpoints.views.blueprint import blueprint, kept


@blueprint.get("/codes/list/<institution>")
@requires(Act.WORKPOINTS_CHARGE_LIST)
def list_codes(institution: str) -> ResponseReturnValue:
    """Everything that was recorded about codes of charge lines, the newest first."""
    kept(Act.WORKPOINTS_CHARGE_LIST, institution)
    found = queries.charge_codes(alliance_id(), institution)[::-1]
    return render_template(
        "workpoints/list_codes.html",
        institution=institution,
        codes=found,
        people=accounts.names({one.recorded_by for one in found}),
        what={code: _(words) for code, words in WHAT.items()},
        units={code: label(fact) for code, fact in members.department_names(alliance_id(), institution).items()},
        maps=can(Act.WORKPOINTS_CODE_MAP, institution),
    )


@blueprint.route("/codes/map/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_CODE_MAP)
def map_code(institution: str) -> ResponseReturnValue:
    """Say what a code of charge lines means from a day on, or put its lines aside for good."""
    kept(Act.WORKPOINTS_CODE_MAP, institution)
    form = MapCodeForm()
    form.what.choices = [(code, _(words)) for code, words in WHAT.items()]
    departments = members.departments_on(alliance_id(), institution, today())
    units = [(one.code, f"{'　' * depth}{label(one)} {one.code}") for one, depth in departments]
    form.unit.choices = [("", "—"), *units]
    if request.method == "GET":
        form.what.data, form.outside.data = request.args.get("what", "item"), request.args.get("outside", "")
        form.start.data = _asked_start()
        form.aside.data = bool(request.args.get("aside"))
    if form.validate_on_submit():
        fact = Meaning(form.what.data, (form.outside.data or "").strip(), form.meaning, form.start.data or today())
        ok, _none = form.done(
            lambda: services.map_code(alliance_id(), institution, fact, form.reason.data or "", by=actor(), now=now())
        )
        if ok:
            flash(_("The code %(code)s is recorded.", code=fact.outside), "success")
            month = request.args.get("month") or None
            return redirect(url_for(".list_charges", institution=institution, month=month))
    return render_template(
        "workpoints/map_code.html",
        form=form,
        institution=institution,
        month=request.args.get("month") or None,
        given=bool(request.args.get("outside")),
        people=_people(institution) if form.what.data == "person" else [],
    ), 422 if form.errors or form.refused else 200


def _asked_start() -> date:
    try:
        return date.fromisoformat(request.args.get("start", ""))
    except ValueError:
        return today()


def _people(institution: str) -> list[tuple[str, str]]:
    """The staff numbers with names, as suggestions while one types."""
    found = {fact.number: label(fact) for fact in members.staffing(alliance_id(), institution).employees}
    return sorted(found.items())
