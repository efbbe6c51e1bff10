"""The doors of budgets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.figure import Figure, trail
from alliance.core.money import yuan
from alliance.core.refused import NotFound, Refused
from alliance.i18n import lang, period
from alliance.workpoints import pictures, queries, services
from alliance.workpoints.forms import DecideForm, DraftBudgetForm
from alliance.workpoints.queries import BudgetInfo
from alliance.workpoints.rules.budget import LINES
from alliance.workpoints.rules.income import CLASSES
from alliance.workpoints.rules.issues import Issue
from alliance.workpoints.rules.plans import ACCRUED, FUND_NET
from alliance.workpoints.rules.records import BODIES
from alliance.workpoints.views.blueprint import asked_institution, blueprint, kept, ways
from alliance.workpoints.views.records import record_choices

FIRST, LAST = 2000, 2100  # years that a budget may be of
# With what a hospital's pool usually begins.
USUAL = ("disposable", "night_allowance", "risk_fund", "development_fund", "welfare_fund", "file_wages")


def year_of(year: int) -> int:
    """A year that a budget may be of; NotFound for any other."""
    if not FIRST <= year <= LAST:
        raise NotFound()
    return year


@blueprint.get("/budgets/read")
@requires(Act.WORKPOINTS_BUDGET_READ)
def read_budget() -> ResponseReturnValue:
    """The budget of a year (?year=, by default this one): sources, figures, paid against it, records, decision."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_BUDGET_READ, institution)
    asked = request.args.get("year") or request.args.get("month", "")[:4]
    year = year_of(int(asked)) if asked.isdecimal() and len(asked) == 4 else today().year
    return _budget_page(institution, year, DecideForm())


def _budget_page(institution: str, year: int, form: DecideForm) -> ResponseReturnValue:
    every = queries.budgets(alliance_id(), institution)
    info = next((one for one in every if one.year == year), None)
    years = sorted({one.year for one in every} | {today().year, today().year + 1, year}, reverse=True)
    context: dict[str, Any] = {
        "institution": institution, "year": year, "years": years, "info": info, "ways": ways(institution), "form": form,
        "drafts": can(Act.WORKPOINTS_BUDGET_DRAFT, institution), "figures": {}, "refused": None, "issues": (),
    }  # fmt: skip
    if info:
        context |= _worked(info) | _decision(info, form)
    return render_template("workpoints/read_budget.html", **context), 422 if form.refused else 200


def _worked(info: BudgetInfo) -> dict[str, Any]:
    """The figures of a budget: as they were kept, or as they come out today."""
    refused, figures = None, queries.budget_figures(info)
    issues: Sequence[Issue] = ()
    if not figures:
        try:
            worked = queries.work_out_budget(alliance_id(), info.institution, info.year, info.version, info.content)
            figures, issues = {one.key: one for one in trail(*worked.results)}, worked.issues
        except Refused as found:
            refused = found
    if not figures:
        return {"refused": refused}
    paid, warned = queries.paid_against(alliance_id(), info)
    return {
        "figures": figures, "refused": None, "paid": paid,
        "issues": [(one.problem, Decimal(one.amount)) for one in (*issues, *warned)],
        "steps": queries.budget_steps(figures, info.run_id, lang()), "rows": _rows(info, figures),
        "flow": pictures.from_gross_to_base(figures, info.year),
        "trend": pictures.paid_and_planned(paid, info.year) if paid else None,
        "units": [one for key, one in sorted(figures.items()) if key.endswith("/establishment")],
        "changed": not info.run_id and worked.digest != info.sha256,
    }  # fmt: skip


def _rows(info: BudgetInfo, figures: dict[str, Figure]) -> list[dict[str, Any]]:
    """The source lines with what each adds to the pool or takes from it."""
    rules = {
        one.item_class: one
        for one in queries.scheme_of_year(alliance_id(), info.institution, info.year).scheme.accruals
    }
    found = []
    for place, line in enumerate(info.content["sources"], 1):
        kind, rule = LINES[line["kind"]], rules.get(line.get("item_class", ""))
        key = f"budget/accrued/{rule.code}" if line["kind"] == ACCRUED and rule else f"budget/source/{place}"
        figure = figures.get(key)
        found.append({
            "kind": kind, "line": line, "figure": figure, "rate": rule.rate if rule else None,
            "signed": kind.sign * figure.value if figure and figure.value is not None else None,
            "item_class": CLASSES.get(line.get("item_class", "")), "entered": Decimal(line["amount"]),
        })  # fmt: skip
    return found


def _decision(info: BudgetInfo, form: DecideForm) -> dict[str, Any]:
    """What is on record of a budget, and who may put it into force."""
    found = queries.counting(alliance_id(), info.institution, info.matter, info.recorded_at)
    form.decision.choices = record_choices(found)
    return {
        "records": queries.records(alliance_id(), info.institution, info.matter),
        "counting": {one.number for one in found},
        "bodies": BODIES,
        "people": accounts.names({info.recorded_by, info.decided_by} - {""}),
        "own": actor().account in queries.budget_drafters(alliance_id(), info),
        "deciding": not info.decision and can(Act.WORKPOINTS_BUDGET_DECIDE, info.institution),
        "files": can(Act.WORKPOINTS_RECORD_FILE, info.institution),
    }


@blueprint.route("/budgets/draft/<institution>/<int:year>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_BUDGET_DRAFT)
def draft_budget(institution: str, year: int) -> ResponseReturnValue:
    """Draft the budget of a year; it is worked out and shown before anybody decides on it."""
    kept(Act.WORKPOINTS_BUDGET_DRAFT, institution)
    year_of(year)
    form = DraftBudgetForm()
    if request.method == "GET":
        _fill(form, institution, year)
    form.offer()
    if form.validate_on_submit():
        ok, _reference = form.done(
            lambda: services.draft_budget(alliance_id(), institution, year, form.content(), by=actor(), now=now())
        )
        if ok:
            flash(_("The budget is drafted. Look at its figures; then the meeting decides on it."), "success")
            return redirect(url_for(".read_budget", institution=institution, year=year))
    return render_template(
        "workpoints/draft_budget.html", form=form, institution=institution, year=year,
        decided=queries.budget_in_force(alliance_id(), institution, year),
    ), 422 if form.faulty or form.refused else 200  # fmt: skip


def _fill(form: DraftBudgetForm, institution: str, year: int) -> None:
    """The draft that is there; else the usual lines, what the scheme accrues from, and what the alliance paid."""
    last = next((one for one in queries.budgets(alliance_id(), institution) if one.year == year), None)
    if last:
        for name in ("goal", "allowances", "approved"):
            form[name].process_data(Decimal(last.content[name]))
            form[f"{name}_document"].data = last.content[f"{name}_document"]
        form.fill([line | {"amount": Decimal(line["amount"])} for line in last.content["sources"]])
        return
    rows: list[dict[str, Any]] = [{"kind": kind} for kind in USUAL]
    try:
        scheme = queries.scheme_of_year(alliance_id(), institution, year).scheme
        rows += [{"kind": ACCRUED, "item_class": one.item_class} for one in scheme.accruals]
    except Refused:
        pass  # the verb says so when the draft is sent
    rows += [
        {
            "kind": FUND_NET, "amount": yuan(one.cents), "figure": one.figure,
            "document": _("Statement of the fund of %(period)s", period=period(one.period)),
        }
        for one in queries.given_lines(alliance_id(), institution, year)
    ]  # fmt: skip
    form.fill(rows)


@blueprint.post("/budgets/decide/<institution>/<int:year>/<int:version>")
@requires(Act.WORKPOINTS_BUDGET_DECIDE)
def decide_budget(institution: str, year: int, version: int) -> ResponseReturnValue:
    """Put a budget into force by a record; its base is frozen for the year."""
    kept(Act.WORKPOINTS_BUDGET_DECIDE, institution)
    if queries.budget_info(alliance_id(), institution, year, version) is None:
        raise NotFound()
    form = DecideForm()
    ok, _run = form.done(
        lambda: services.decide_budget(
            alliance_id(), institution, year, version, decision=request.form.get("decision", ""), by=actor(), now=now()
        )
    )
    if not ok:
        return _budget_page(institution, year, form)
    flash(_("The budget is in force; its base is frozen for the year."), "success")
    return redirect(url_for(".read_budget", institution=institution, year=year))
