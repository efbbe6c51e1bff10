"""The doors of corrections: enter one, import those of a paid month, the workbook for it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance import workbooks
from alliance.access import actor, alliance_id, now, requires, scope
from alliance.core.acts import Act
from alliance.core.money import cents
from alliance.core.refused import NotFound
from alliance.i18n import amount, period
from alliance.pages import attachment
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import EnterCorrectionForm, ImportCorrectionForm, line_label
from alliance.workpoints.queries import GivenRight, PaidPerson, RightPart
from alliance.workpoints.rules.ledgers import CorrectionPaper
from alliance.workpoints.rules.runs import PAID
from alliance.workpoints.views.blueprint import asked_month, blueprint, checked_month, kept
from alliance.workpoints.views.holdings import people_of

SHOWN = 100  # of what a file would change


def _paper(form: EnterCorrectionForm | ImportCorrectionForm, month: str) -> CorrectionPaper:
    return CorrectionPaper(month, form.pays_in.data, form.reason.data or "", form.document.data or "")


@blueprint.route("/corrections/enter/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_CORRECTION_ENTER)
def enter_correction(institution: str) -> ResponseReturnValue:
    """Correct a line of a payslip that was paid: ?person= and ?month= name the payslip."""
    kept(Act.WORKPOINTS_CORRECTION_ENTER, institution)
    months = {run.month for run in queries.bonus_runs(alliance_id(), institution) if run.state == PAID}
    month, person = asked_month(max(months, default="")), request.args.get("person", "").strip().upper()
    paid = queries.paid_lines(alliance_id(), institution, person, month) if person else []
    lines = [one for one in paid if not one.is_taken]
    form = EnterCorrectionForm()
    form.offer(
        lines, queries.months_to_pay(alliance_id(), institution, month), [amount(one.amount) for one in lines]
    )  # fmt: skip
    if form.validate_on_submit():
        given = GivenRight(person, cents(form.amount.data or Decimal(0)), form.paid.data)
        ok, number = form.done(
            lambda: services.enter_correction(
                alliance_id(), institution, _paper(form, month), given, by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Correction %(number)s is entered.", number=number), "success")
            return redirect(url_for(".list_holdings", institution=institution, month=form.pays_in.data))
    return render_template(
        "workpoints/enter_correction.html", form=form, institution=institution, month=month, payee=person,
        lines=lines, fact=queries.employees_of(alliance_id(), institution).get(person), labels=line_label,
        people=people_of(institution), months=[(one, period(one)) for one in sorted({month, *months}, reverse=True)],
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _paid(institution: str, month: str) -> list[PaidPerson]:
    """What a month paid each person; NotFound for one that is not paid."""
    kept(Act.WORKPOINTS_CORRECTION_IMPORT, institution)
    found = queries.paid_in_all(alliance_id(), institution, checked_month(month))
    if not found:
        raise NotFound()
    return found


@blueprint.route("/corrections/import/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_CORRECTION_IMPORT)
def import_correction(institution: str, month: str) -> ResponseReturnValue:
    """Check the workbook of a paid month's corrections, or apply it: the button says which. A check changes nothing."""
    _paid(institution, month)
    month, form = checked_month(month), ImportCorrectionForm()
    form.offer(queries.months_to_pay(alliance_id(), institution, month))
    checked: Sequence[RightPart] | None = None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        if request.form.get("apply"):
            ok, count = form.done(
                lambda: services.import_correction(
                    alliance_id(), institution, _paper(form, month), sheets.read_corrections(content, name),
                    by=actor(), now=now(),
                )
            )  # fmt: skip
            if ok:
                flash(ngettext("%(num)s correction is entered.", "%(num)s corrections are entered.", count or 0),
                      "success")  # fmt: skip
                return redirect(url_for(".list_holdings", institution=institution, month=form.pays_in.data))
        else:
            _ok, checked = form.done(
                lambda: queries.correction_changes(
                    alliance_id(), institution, _paper(form, month), sheets.read_corrections(content, name),
                    scope().employee if scope().employer == institution else "",
                )
            )  # fmt: skip
    changes = [one for one in checked or () if one.difference]
    return render_template(
        "workpoints/import_correction.html", form=form, institution=institution, month=month, changes=changes,
        same=len(checked or ()) - len(changes), sum=sum(one.difference for one in changes), shown=SHOWN,
        staff=queries.employees_of(alliance_id(), institution),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.get("/corrections/template/<institution>/<month>")
@requires(Act.WORKPOINTS_CORRECTION_IMPORT)
def download_corrections(institution: str, month: str) -> ResponseReturnValue:
    """The workbook of a paid month, a row for each payslip."""
    paid, month = _paid(institution, month), checked_month(month)
    content = sheets.write_corrections(institution, month, paid, queries.names_of(alliance_id(), institution))
    name = f"corrections-{institution}-{month}.xlsx"
    return attachment(content, name, workbooks.MEDIA, f"correction:{institution}/{month}")
