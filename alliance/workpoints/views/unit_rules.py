"""The doors of units' own rules of the second distribution."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import label, period
from alliance.members import queries as members
from alliance.workpoints import queries, services
from alliance.workpoints.forms import SetRuleForm, fill, rule_of
from alliance.workpoints.rules.second import COEFFICIENT
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    headed,
    kept_unit,
    ways,
)

AHEAD = 3  # months after this one that a rule may begin with


@blueprint.get("/rules/read")
@requires(Act.WORKPOINTS_RULE_READ)
def read_rule() -> ResponseReturnValue:
    """How the units distribute in a month (?month=); of one (?unit=) its rule in words, the hearing, earlier rules."""
    institution, month = asked_institution(), asked_month(f"{today():%Y-%m}")
    whole, mine = can(Act.WORKPOINTS_RULE_READ, institution), headed(institution)
    lines = [
        (fact, depth) for fact, depth in members.departments_on(alliance_id(), institution, Period.parse(month).last)
        if whole or fact.code in mine
    ]  # fmt: skip
    unit = request.args.get("unit", "")
    shown = next((fact for fact, _depth in lines if fact.code == unit), None)
    if unit and shown is None:
        raise NotFound()
    holding = queries.unit_rule_infos(alliance_id(), institution, month)
    scheme = queries.scheme_in_force(alliance_id(), institution, month)
    history = [one for one in queries.all_unit_rules(alliance_id(), institution) if one.unit == unit]
    return render_template(
        "workpoints/read_rule.html", institution=institution, month=month, lines=lines, unit=shown, holding=holding,
        scheme=scheme, history=history, ways=ways(institution, month),
        rules=holding[unit].rules if unit in holding else scheme.scheme.second if scheme else None,
        sets=can(Act.WORKPOINTS_RULE_SET, institution) or (can(Act.WORKPOINTS_RULE_SET) and unit in mine),
        people=accounts.names({one.recorded_by for one in history}),
    )  # fmt: skip


@blueprint.route("/rules/set/<institution>/<unit>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RULE_SET)
def set_rule(institution: str, unit: str) -> ResponseReturnValue:
    """Let a unit distribute by a rule of its own from a month on."""
    kept_unit(Act.WORKPOINTS_RULE_SET, institution, unit)
    fact = members.department_names(alliance_id(), institution).get(unit)
    if fact is None:
        raise NotFound()
    form = SetRuleForm()
    this = Period.parse(f"{today():%Y-%m}")
    last = queries.last_run_month(alliance_id(), institution)
    months = [one.code for one in (this.back(back) for back in range(-AHEAD, 2)) if one.code > last]
    form.offer([(code, period(code)) for code in sorted(months)])
    if request.method == "GET":
        form.month.data = this.code if this.code in months else None
        holding = queries.unit_rule_infos(alliance_id(), institution, this.code)
        fill(form, holding[unit].content if unit in holding else {"way": COEFFICIENT})
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.set_rule(
                alliance_id(), institution, unit, form.month.data, rule_of(form), form.hearing(), by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The rule of %(what)s is recorded.", what=label(fact)), "success")
            return redirect(url_for(".read_rule", institution=institution, unit=unit, month=form.month.data))
    return render_template(
        "workpoints/set_rule.html", form=form, institution=institution, unit=fact,
        scheme=queries.scheme_in_force(alliance_id(), institution, this.code),
    ), 422 if form.errors or form.refused else 200  # fmt: skip
