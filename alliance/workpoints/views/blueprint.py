"""The blueprint that all doors of the bonus hang on, and what keeps a hospital's pay shut."""

from __future__ import annotations

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext as _

from alliance.access import alliance_id, can, concerns, scope, today
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import NotFound, Refused, mark
from alliance.forms import Form
from alliance.i18n import period, said
from alliance.members import queries as members
from alliance.pages import Link, Ways, in_two_rows
from alliance.workpoints import queries
from alliance.workpoints.volume.partitions import Partitions, partitions_of

MONTHS_BACK = 12  # that are offered before this one
blueprint = Blueprint("workpoints", __name__, url_prefix="/workpoints")

# The pages by what they are about, in the order of the work: label of the group, its pages as label, endpoint and act,
# and endpoints that lie beneath these.
GROUPS: tuple[tuple[str, tuple[tuple[str, str, Act], ...], tuple[str, ...]], ...] = (
    (
        mark("Runs and analysis"),
        (
            (mark("Runs"), "workpoints.list_runs", Act.WORKPOINTS_RUN_LIST),
            (mark("Analysis"), "workpoints.read_analysis", Act.WORKPOINTS_ANALYSIS_READ),
        ),
        ("workpoints.compute_run", "workpoints.read_run", "workpoints.read_unit", "workpoints.export_payment"),
    ),
    (
        mark("Work and points"),
        (
            (mark("Charge lines"), "workpoints.list_charges", Act.WORKPOINTS_CHARGE_LIST),
            (mark("Workload ledger"), "workpoints.list_workloads", Act.WORKPOINTS_WORKLOAD_LIST),
            (mark("Item points"), "workpoints.read_points", Act.WORKPOINTS_POINTS_READ),
            (mark("Discharged cases"), "workpoints.list_cases", Act.WORKPOINTS_CASE_LIST),
        ),
        (
            "workpoints.list_libraries", "workpoints.list_lines", "workpoints.list_overrides", "workpoints.read_totals",
            "workpoints.read_volume",
        ),
    ),
    (
        mark("Records of the month"),
        (
            (mark("Month's numbers"), "workpoints.read_entries", Act.WORKPOINTS_ENTRY_READ),
            (mark("Rosters"), "workpoints.read_roster", Act.WORKPOINTS_ROSTER_READ),
            (mark("Tasks"), "workpoints.list_tasks", Act.WORKPOINTS_TASK_LIST),
            (mark("Withheld and corrected"), "workpoints.list_holdings", Act.WORKPOINTS_HOLDING_LIST),
            (mark("Reserves"), "workpoints.list_reserves", Act.WORKPOINTS_RESERVE_LIST),
        ),
        ("workpoints.read_nights", "workpoints.read_reserve"),
    ),
    (
        mark("Budget and rules"),
        (
            (mark("Budget"), "workpoints.read_budget", Act.WORKPOINTS_BUDGET_READ),
            (mark("Targets"), "workpoints.read_target", Act.WORKPOINTS_TARGET_READ),
            (mark("Schemes"), "workpoints.list_schemes", Act.WORKPOINTS_SCHEME_LIST),
            (mark("Units' rules"), "workpoints.read_rule", Act.WORKPOINTS_RULE_READ),
        ),
        ("workpoints.read_agreement",),
    ),
)  # fmt: skip


def ways(institution: str, month: str = "") -> Ways:
    """The pages of a hospital's bonus that the reader may open, for the tabs of each."""
    known = current_app.view_functions
    return in_two_rows(
        (
            _(text),
            [
                Link(_(label), url_for(end, institution=institution, month=month or None), request.endpoint == end)
                for label, end, act in pages if end in known and can(act)
            ],
            request.endpoint in beneath,
        )
        for text, pages, beneath in GROUPS
    )  # fmt: skip


def kept(act: Act, institution: str) -> None:
    """Nobody learns of the bonus of a hospital for all of which one does not hold the act."""
    if not can(act, institution):
        raise NotFound()
    concerns(institution)


def headed(institution: str) -> frozenset[str]:
    """The units that the reader heads, with all beneath them."""
    mine = {unit for place, unit in scope().departments if place == institution}
    return members.beneath_of(alliance_id(), institution, mine, today()) if mine else frozenset()


def kept_unit(act: Act, institution: str, unit: str) -> None:
    """Nobody learns of a unit's pay who neither heads the unit nor holds the act for the hospital."""
    if not can(act, institution) and not (can(act) and unit in headed(institution)):
        raise NotFound()
    concerns(institution)


def paying() -> list[str]:
    """The institutions whose bonus, or a part of it, is the reader's business, by code."""
    mine = scope()
    own = {mine.employer} if mine.employee else set()
    return sorted(mine.bonus | {institution for institution, _unit in mine.departments} | own)


def asked_institution() -> str:
    """The institution of the address, by default the first of one's own; NotFound for any other."""
    mine = paying()
    institution = request.args.get("institution") or next(iter(mine), "")
    if institution not in mine:
        raise NotFound()
    concerns(institution)
    return institution


def asked_month(default: str = "") -> str:
    """The month of the address, by default the one before today's."""
    return checked_month(request.args.get("month") or default or Period.parse(f"{today():%Y-%m}").back(1).code)


def recent_months(*besides: str, ahead: int = 0) -> list[tuple[str, str]]:
    """The months to choose from, the newest first: this one, the year before it, `ahead` that follow, and others."""
    this = Period.parse(f"{today():%Y-%m}")
    codes = {this.back(back).code for back in range(-ahead, MONTHS_BACK + 1)}
    return [(code, period(code)) for code in sorted(codes.union(besides), reverse=True)]


def checked_month(code: str) -> str:
    """A month's code; NotFound for what is none."""
    try:
        period = Period.parse(code)
    except Refused:
        raise NotFound() from None
    if period.kind is not PeriodKind.MONTH:
        raise NotFound()
    return period.code


def closed(institution: str, month: str, form: Form) -> str:
    """Why a month takes nothing more, in words; "" while its bonus is not approved, and of a form that was refused,
    which stays with what was typed."""
    if form.refused or month not in queries.closed_months(alliance_id(), institution):
        return ""
    return said(Refused(queries.CLOSED, period=month))


def partitions() -> Partitions:
    """Where the charge lines of the alliance lie."""
    config = current_app.config["ALLIANCE"]
    return partitions_of(config.data, alliance_id(), config.spark)
