"""The doors of withheld pay and corrections: list, enter an entry, enter a correction."""

from __future__ import annotations

from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.money import cents
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import amount, label
from alliance.workpoints import queries, services
from alliance.workpoints.forms import (
    EnterCorrectionForm,
    EnterHoldingForm,
    WithdrawHoldingForm,
    line_label,
    months_around,
)
from alliance.workpoints.forms.months import MONTHS_AHEAD, MONTHS_BACK
from alliance.workpoints.rules.ledgers import SORTS, HeldPay
from alliance.workpoints.views.blueprint import asked_institution, asked_month, blueprint, closed, kept, ways


@blueprint.get("/holdings/list")
@requires(Act.WORKPOINTS_HOLDING_LIST)
def list_holdings() -> ResponseReturnValue:
    """What a month withholds, releases, recovers and corrects, and what is still withheld of whom."""
    institution, month = asked_institution(), asked_month()
    kept(Act.WORKPOINTS_HOLDING_LIST, institution)
    found = queries.all_holdings(alliance_id(), institution, month)
    corrected = queries.corrections(alliance_id(), institution, month)
    return render_template(
        "workpoints/list_holdings.html", institution=institution, month=month, holdings=found, corrections=corrected,
        balances=queries.balances(alliance_id(), institution), sorts=SORTS,
        staff=queries.employees_of(alliance_id(), institution),
        people=accounts.names(
            {one.recorded_by for one in found} | {one.recorded_by for one in corrected}
            | {one.withdrawn_by for one in found if one.withdrawn_by}
        ),
        enters=can(Act.WORKPOINTS_HOLDING_ENTER, institution), withdraws=_withdraws(institution, month),
        months=months_around(asked_month(), ahead=3),
        ways=ways(institution, month),
    )  # fmt: skip


def _withdraws(institution: str, month: str) -> bool:
    """Whether the reader may take entries of a month back."""
    run = queries.bonus_run(alliance_id(), institution, month)
    return can(Act.WORKPOINTS_HOLDING_WITHDRAW, institution) and (run is None or run.state not in queries.SHOWN)


@blueprint.route("/holdings/withdraw/<institution>/<int:number>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_HOLDING_WITHDRAW)
def withdraw_holding(institution: str, number: int) -> ResponseReturnValue:
    """Take an entry of withheld pay back before its month is approved."""
    kept(Act.WORKPOINTS_HOLDING_WITHDRAW, institution)
    one = next((one for one in queries.all_holdings(alliance_id(), institution) if one.number == number), None)
    if one is None:
        raise NotFound()
    form = WithdrawHoldingForm()
    if form.validate_on_submit():
        ok, month = form.done(
            lambda: services.withdraw_holding(
                alliance_id(), institution, number, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Entry %(number)s is taken back.", number=number), "success")
            return redirect(url_for(".list_holdings", institution=institution, month=month))
    return render_template(
        "workpoints/withdraw_holding.html", form=form, institution=institution, one=one, sorts=SORTS,
        closed=closed(institution, one.month, form),
        fact=queries.employees_of(alliance_id(), institution).get(one.person),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.route("/holdings/enter/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_HOLDING_ENTER)
def enter_holding(institution: str) -> ResponseReturnValue:
    """Withhold pay of a person, release what was withheld, or recover what was paid too much."""
    kept(Act.WORKPOINTS_HOLDING_ENTER, institution)
    form, month = EnterHoldingForm(), asked_month()
    form.offer(month)
    if request.method == "GET":
        form.month.data = month
    if form.validate_on_submit():
        given = HeldPay(
            form.person.data or "", form.month.data, form.sort.data,
            None if form.amount.data is None else cents(form.amount.data), form.rate.data, form.reason.data or "",
            form.document.data or "", form.months.data,
        )  # fmt: skip
        ok, numbers = form.done(
            lambda: services.enter_holding(alliance_id(), institution, given, by=actor(), now=now())
        )
        if ok:
            flash(ngettext("%(num)s entry was made.", "%(num)s entries were made.", len(numbers or ())), "success")
            return redirect(url_for(".list_holdings", institution=institution, month=given.month))
    return render_template(
        "workpoints/enter_holding.html", form=form, institution=institution, month=month, people=_people(institution),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _people(institution: str) -> list[tuple[str, str]]:
    """Everybody of a hospital by number, with name and unit."""
    staff = queries.employees_of(alliance_id(), institution)
    return [(number, f"{label(fact)} {fact.department}") for number, fact in sorted(staff.items())]


def _months_to_pay(institution: str, month: str) -> list[str]:
    """The months after one with which a correction may be paid: recent ones and some to come that are not approved."""
    this, paid = Period.parse(f"{today():%Y-%m}"), queries.closed_months(alliance_id(), institution)
    around = [this.back(back).code for back in range(MONTHS_BACK, -MONTHS_AHEAD - 1, -1)]
    return [code for code in around if code > month and code not in paid]


@blueprint.route("/corrections/enter/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_CORRECTION_ENTER)
def enter_correction(institution: str) -> ResponseReturnValue:
    """Correct a line of a payslip that was paid: ?person= and ?month= name the payslip."""
    kept(Act.WORKPOINTS_CORRECTION_ENTER, institution)
    month, person = asked_month(), request.args.get("person", "").strip().upper()
    paid = queries.paid_lines(alliance_id(), institution, person, month) if person else []
    lines = [one for one in paid if not one.is_taken]
    form = EnterCorrectionForm()
    form.offer(lines, _months_to_pay(institution, month), [amount(one.amount) for one in lines])
    if form.validate_on_submit():
        right = cents(form.amount.data or Decimal(0))
        given = services.GivenCorrection(
            person, month, form.pays_in.data, form.paid.data, right, form.reason.data or "", form.document.data or ""
        )
        ok, number = form.done(
            lambda: services.enter_correction(alliance_id(), institution, given, by=actor(), now=now())
        )
        if ok:
            flash(_("Correction %(number)s is entered.", number=number), "success")
            return redirect(url_for(".list_holdings", institution=institution, month=given.pays_in))
    return render_template(
        "workpoints/enter_correction.html", form=form, institution=institution, month=month, payee=person,
        lines=lines, fact=queries.employees_of(alliance_id(), institution).get(person), labels=line_label,
        people=_people(institution), months=months_around(asked_month()),
    ), 422 if form.errors or form.refused else 200  # fmt: skip
