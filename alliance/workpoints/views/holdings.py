"""The doors of withheld pay: list it with the corrections, enter an entry, take one back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.money import cents
from alliance.core.refused import NotFound
from alliance.i18n import label
from alliance.pages import Leaf, part
from alliance.workpoints import queries, services
from alliance.workpoints.forms import EnterHoldingForm, WithdrawHoldingForm
from alliance.workpoints.rules.ledgers import SORTS, HeldPay
from alliance.workpoints.rules.runs import PAID
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    closed,
    kept,
    recent_months,
    ways,
)

SIZE = 50  # corrections to a page


@blueprint.get("/holdings/list")
@requires(Act.WORKPOINTS_HOLDING_LIST)
def list_holdings() -> ResponseReturnValue:
    """What a month withholds, releases, recovers and corrects, and what is still withheld of whom."""
    institution, month = asked_institution(), asked_month()
    kept(Act.WORKPOINTS_HOLDING_LIST, institution)
    found = queries.all_holdings(alliance_id(), institution, month)
    corrected = queries.corrections(alliance_id(), institution, month)
    page, size = part(request.args.get("page", 1, type=int), SIZE)

    def address(number: int) -> str:
        return url_for(".list_holdings", institution=institution, month=month, page=number)

    return render_template(
        "workpoints/list_holdings.html", institution=institution, month=month, holdings=found,
        corrections=corrected[(page - 1) * size : page * size], leaf=Leaf.of(page, size, len(corrected), address),
        corrected=sum(one.difference for one in corrected),
        balances=queries.balances(alliance_id(), institution), sorts=SORTS,
        staff=queries.employees_of(alliance_id(), institution),
        people=accounts.names(
            {one.recorded_by for one in found} | {one.recorded_by for one in corrected}
            | {one.withdrawn_by for one in found if one.withdrawn_by}
        ),
        enters=can(Act.WORKPOINTS_HOLDING_ENTER, institution), withdraws=_withdraws(institution, month),
        corrects=_corrects(institution, month),
        months=recent_months(month, ahead=3),
        ways=ways(institution, month),
    )  # fmt: skip


def _withdraws(institution: str, month: str) -> bool:
    """Whether the reader may take entries of a month back."""
    run = queries.bonus_run(alliance_id(), institution, month)
    return can(Act.WORKPOINTS_HOLDING_WITHDRAW, institution) and (run is None or run.state not in queries.SHOWN)


def _corrects(institution: str, month: str) -> bool:
    """Whether the reader may import corrections of a month."""
    run = queries.bonus_run(alliance_id(), institution, month)
    return can(Act.WORKPOINTS_CORRECTION_IMPORT, institution) and run is not None and run.state == PAID


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
        "workpoints/enter_holding.html", form=form, institution=institution, month=month, people=people_of(institution),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def people_of(institution: str) -> list[tuple[str, str]]:
    """Everybody of a hospital by number, with name and unit."""
    staff = queries.employees_of(alliance_id(), institution)
    return [(number, f"{label(fact)} {fact.department}") for number, fact in sorted(staff.items())]
