"""The doors of the payment: what the bank and the tax office are handed, and whether it is what was approved."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, requires
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.pages import attachment
from alliance.workbooks import MEDIA
from alliance.workpoints import queries, sheets
from alliance.workpoints.queries import SHOWN, BonusRunInfo
from alliance.workpoints.views.blueprint import blueprint, checked_month, kept, ways

CSV = "text/csv"


def _payable(institution: str, month: str) -> BonusRunInfo:
    """The approved or paid run of a month."""
    kept(Act.WORKPOINTS_PAYMENT_EXPORT, institution)
    run = queries.bonus_run(alliance_id(), institution, checked_month(month))
    if run is None or run.state not in SHOWN:
        raise NotFound()
    return run


@blueprint.get("/payments/export/<institution>/<month>")
@requires(Act.WORKPOINTS_PAYMENT_EXPORT)
def export_payment(institution: str, month: str) -> ResponseReturnValue:
    """The tie-out of a payment, and its files to take along."""
    run = _payable(institution, month)
    return render_template(
        "workpoints/export_payment.html",
        run=run,
        payment=queries.payment(alliance_id(), run),
        sort_name=sheets.sort_name,
        ways=ways(institution, run.month),
    )


@blueprint.get("/payments/download/<institution>/<month>/<what>/<form>")
@requires(Act.WORKPOINTS_PAYMENT_EXPORT)
def download_payment(institution: str, month: str, what: str, form: str) -> ResponseReturnValue:
    """The salary bank batch or the rows for the tax office, as XLSX or CSV."""
    run = _payable(institution, month)
    if what not in (sheets.BANK, sheets.TAX) or form not in ("xlsx", "csv"):
        raise NotFound()
    found = queries.payment(alliance_id(), run)
    name = f"{what}-{institution}-{run.month}-{run.number}.{form}"
    subject = f"payment:{institution}/{run.month}@{run.number}"
    if form == "csv":
        return attachment(sheets.payment_csv(found, run, what), name, CSV, subject)
    return attachment(sheets.payment_workbook(found, run, what), name, MEDIA, subject)
