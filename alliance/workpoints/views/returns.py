"""The doors of payments that the bank returned: enter one, import the bank's list, pay again or withhold."""

from __future__ import annotations

from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, now, requires
from alliance.core.acts import Act
from alliance.core.money import cents
from alliance.core.refused import Refused
from alliance.core.written import whole
from alliance.members import queries as members
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import EnterBankreturnForm, ImportBankreturnForm, SettleBankreturnForm
from alliance.workpoints.queries import GivenReturn
from alliance.workpoints.rules.returns import CHOICES, OPEN
from alliance.workpoints.views.blueprint import blueprint
from alliance.workpoints.views.payments import payable

CHOICE = "choice-"  # how the fields of single payments begin


def _back(institution: str, month: str) -> ResponseReturnValue:
    return redirect(url_for(".export_payment", institution=institution, month=month))


def _entered(institution: str, month: str, count: int) -> ResponseReturnValue:
    said = ngettext("%(num)s returned payment is entered.", "%(num)s returned payments are entered.", count)
    flash(said, "success")
    return _back(institution, month)


@blueprint.route("/bankreturns/enter/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_BANKRETURN_ENTER)
def enter_bankreturn(institution: str, month: str) -> ResponseReturnValue:
    """Enter one payment that the bank returned."""
    run, form = payable(Act.WORKPOINTS_BANKRETURN_ENTER, institution, month), EnterBankreturnForm()
    if request.method == "GET":
        form.person.data = request.args.get("person", "")
    if form.validate_on_submit():
        given = GivenReturn(form.person.data or "", cents(form.amount.data or Decimal(0)), form.reason.data or "")
        ok, count = form.done(
            lambda: services.enter_bankreturn(
                alliance_id(), institution, month, given, form.document.data or "", by=actor(), now=now()
            )
        )
        if ok:
            return _entered(institution, month, count or 0)
    known = members.employee_names(alliance_id(), institution)
    return render_template(
        "workpoints/enter_bankreturn.html",
        form=form,
        run=run,
        known=[(one.person, known.get(one.person)) for one in queries.slips(run.id)],
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/bankreturns/import/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_BANKRETURN_IMPORT)
def import_bankreturn(institution: str, month: str) -> ResponseReturnValue:
    """Check the bank's list of what it returned, or enter it: the button says which. A check changes nothing."""
    run, form = payable(Act.WORKPOINTS_BANKRETURN_IMPORT, institution, month), ImportBankreturnForm()
    checked: list[GivenReturn] | None = None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""

        def read() -> list[GivenReturn]:
            given = sheets.read_returns(content, name)
            problems = queries.return_problems(run, given)
            if problems:
                raise Refused("%(count)s returned payments cannot be entered.", count=len(problems), problems=problems)
            return given

        if request.form.get("apply"):
            ok, count = form.done(
                lambda: services.import_bankreturn(
                    alliance_id(), institution, month, sheets.read_returns(content, name), form.document.data or "",
                    by=actor(), now=now(),
                )
            )  # fmt: skip
            if ok:
                return _entered(institution, month, count or 0)
        else:
            _ok, checked = form.done(read)
    return render_template(
        "workpoints/import_bankreturn.html", form=form, run=run, checked=checked
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/bankreturns/settle/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_BANKRETURN_SETTLE)
def settle_bankreturn(institution: str, month: str) -> ResponseReturnValue:
    """Pay returned payments again in a new batch, or withhold them."""
    run, form = payable(Act.WORKPOINTS_BANKRETURN_SETTLE, institution, month), SettleBankreturnForm()
    waiting = [one for one in queries.bank_returns(run.id) if one.state == OPEN]
    if form.validate_on_submit():
        choices = {
            number: verb for name, verb in request.form.items()
            if name.startswith(CHOICE) and verb in CHOICES
            and (number := whole(name.removeprefix(CHOICE))) is not None
        }  # fmt: skip
        ok, batch = form.done(
            lambda: services.settle_bankreturn(
                alliance_id(), institution, month, choices, form.note.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(
                _("Batch %(number)s is made; take its file to the bank.", number=batch) if batch
                else _("The returned payments are withheld."), "success",
            )  # fmt: skip
            return _back(institution, month)
    return render_template(
        "workpoints/settle_bankreturn.html", form=form, run=run, waiting=waiting, chosen=request.form
    ), 422 if form.errors or form.refused else 200
