"""The doors of a figure opened."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from alliance.access import concerns, requires, scope
from alliance.core.acts import Act
from alliance.desk import queries
from alliance.desk.views.blueprint import blueprint
from alliance.desk.views.items import names_of
from alliance.evaluation import queries as evaluation
from alliance.i18n import lang

OWNERS = ("institution", "department", "person")
# The entry of the rail under which the figures of a run belong, where that is not the bonus.
WINGS = {
    "score": "evaluation",
    "monitoring": "evaluation",
    "trial": "evaluation",
    "estimate": "evaluation",
    "fund": "funds",
}
# What is asked before a page behind a figure of the bonus is linked.
PAY_ACTS = {
    "read_rule": Act.WORKPOINTS_RULE_READ,
    "read_scheme": Act.WORKPOINTS_SCHEME_READ,
    "read_budget": Act.WORKPOINTS_BUDGET_READ,
    "read_entries": Act.WORKPOINTS_ENTRY_READ,
    "list_lines": Act.WORKPOINTS_LINE_LIST,
    "list_technique": Act.WORKPOINTS_LINE_LIST,
    "read_nights": Act.WORKPOINTS_ROSTER_READ,
    "read_roster": Act.WORKPOINTS_ROSTER_READ,
    "list_tasks": Act.WORKPOINTS_TASK_LIST,
    "list_holdings": Act.WORKPOINTS_HOLDING_LIST,
    "read_reserve": Act.WORKPOINTS_RESERVE_READ,
    "read_unit": Act.WORKPOINTS_UNIT_READ,
    "read_employee": Act.MEMBERS_EMPLOYEE_READ,
    "read_staffing": Act.MEMBERS_STAFFING_READ,
    "read_run": Act.WORKPOINTS_RUN_READ,
}


@blueprint.get("/figures/<int:run>/<int:number>")
@requires(Act.DESK_FIGURE_READ)
def read_figure(run: int, number: int) -> ResponseReturnValue:
    """Any figure opened: formula, numbers, inputs, clause, people."""
    return _figure_page("read_figure", queries.explain(scope(), run, number, lang()))


@blueprint.get("/figures/trials/<int:trial>/<int:number>")
@requires(Act.DESK_FIGURE_READ)
def read_trial_figure(trial: int, number: int) -> ResponseReturnValue:
    """A figure of a trial, opened in the same way for those who see trials."""
    return _figure_page("read_trial_figure", queries.explain_trial(scope(), trial, number, lang()))


@blueprint.get("/figures/estimates/<what>/<period>/<int:number>")
@requires(Act.DESK_FIGURE_READ)
def read_estimate_figure(what: str, period: str, number: int) -> ResponseReturnValue:
    """A provisional figure, opened in the same way."""
    return _figure_page("read_estimate_figure", queries.explain_estimate(scope(), what, period, number, lang()))


def _figure_page(page: str, explained: queries.Explanation) -> ResponseReturnValue:
    g.wing = WINGS.get(explained.run.subject.partition(":")[0], "workpoints")
    kind, _sep, owner = explained.figure.owner.partition(":")
    if kind in OWNERS:
        concerns(owner.partition("/")[0])
    return render_template(
        f"desk/{page}.html",
        explained=explained,
        names=names_of(),
        groups=evaluation.GROUP_NAMES,
        pay_origins=queries.PAY_ORIGINS,
        acts=PAY_ACTS,
    )


@blueprint.get("/figures/<int:run>/by-key/<path:key>")
@requires(Act.DESK_FIGURE_READ)
def find_figure(run: int, key: str) -> ResponseReturnValue:
    """The same page under the figure's natural key."""
    return redirect(url_for("desk.read_figure", run=run, number=queries.number_of(scope(), run, key)))
