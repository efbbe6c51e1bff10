"""The doors of the payment: what the bank and the tax office are handed, and whether it is what was approved."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, can, requires
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.pages import asked_number, attachment
from alliance.workbooks import MEDIA
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.queries import SHOWN, BonusRunInfo
from alliance.workpoints.rules.returns import STATES
from alliance.workpoints.views.blueprint import blueprint, checked_month, kept, ways

CSV = "text/csv"


def payable(act: Act, institution: str, month: str) -> BonusRunInfo:
    """The approved or paid run of a month, for whoever holds an act for the whole hospital."""
    kept(act, institution)
    run = queries.bonus_run(alliance_id(), institution, checked_month(month))
    if run is None or run.state not in SHOWN:
        raise NotFound()
    return run


@blueprint.get("/payments/export/<institution>/<month>")
@requires(Act.WORKPOINTS_PAYMENT_EXPORT)
def export_payment(institution: str, month: str) -> ResponseReturnValue:
    """The tie-out of a payment, and its files to take along."""
    run = payable(Act.WORKPOINTS_PAYMENT_EXPORT, institution, month)
    found = queries.payment(alliance_id(), run)
    return render_template(
        "workpoints/export_payment.html",
        run=run,
        payment=found,
        sort_name=sheets.sort_name,
        states=STATES,
        people=accounts.names({one.settled_by for one in found.returns if one.settled_by}),
        settles=can(Act.WORKPOINTS_BANKRETURN_SETTLE, institution),
        ways=ways(institution, run.month),
    )


@blueprint.get("/payments/download/<institution>/<month>/<what>/<form>")
@requires(Act.WORKPOINTS_PAYMENT_EXPORT)
def download_payment(institution: str, month: str, what: str, form: str) -> ResponseReturnValue:
    """The salary bank batch or the rows for the tax office, as XLSX or CSV; with ?batch= a later batch of the bank."""
    run = payable(Act.WORKPOINTS_PAYMENT_EXPORT, institution, month)
    if what not in (sheets.BANK, sheets.TAX) or form not in ("xlsx", "csv"):
        raise NotFound()
    number = request.args.get("batch", 1, type=asked_number)
    found = queries.payment(alliance_id(), run).batch(number)
    if found is None or (what == sheets.TAX and number > 1):
        raise NotFound()
    later = f"-{number}" if number > 1 else ""
    name = f"{what}-{institution}-{run.month}-{run.number}{later}.{form}"
    subject = services.payment_of(run)
    if form == "csv":
        return attachment(sheets.payment_csv(found, run, what), name, CSV, subject)
    return attachment(sheets.payment_workbook(found, run, what), name, MEDIA, subject)
