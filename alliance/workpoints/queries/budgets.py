"""The questions about a hospital's budgets: the figures of a year, before and after it is decided; paid against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select

from alliance.audit import queries as audit
from alliance.core.acts import Act
from alliance.core.figure import Figure, derived, digest, trail
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.core.refused import Refused, mark
from alliance.db import db
from alliance.funds import queries as funds
from alliance.members import queries as members
from alliance.workpoints.models import BonusRun, BudgetRow, Slip
from alliance.workpoints.queries.schemes import EVERY, SchemeInfo, scheme_in_force
from alliance.workpoints.rules.budget import (
    ALLOWANCES,
    LINES,
    MONTH,
    MONTHS,
    Budget,
    Source,
    accrued,
    against_budget,
    year_budget,
)
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.plans import ACCRUED, FUND_NET, Plan, read_plan
from alliance.workpoints.rules.runs import PAID
from alliance.workpoints.rules.working import BARE, POINTS, Label, Working, number

# The figures of a budget in the order in which they come about.
KEYS = (
    "budget/gross", "budget/factor", "budget/year", "budget/straight", "budget/planned_fund", "budget/month",
    "budget/year_end", "budget/pooled_month", "budget/coefficients", "budget/base", "budget/planned_pay",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BudgetInfo:
    """A version of a year's budget; `month`, `pooled` and `base` in cents, of a decided one only, `digest` of its
    run."""

    institution: str
    year: int
    version: int
    content: Mapping[str, Any]
    sha256: str
    recorded_by: str
    recorded_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    run_id: int | None
    digest: str
    month: int | None
    pooled: int | None
    base: int | None

    @property
    def reference(self) -> str:
        """T01/2026@1."""
        return f"{self.institution}/{self.year}@{self.version}"

    @property
    def subject(self) -> str:
        return f"bonusbudget:{self.institution}/{self.year}"

    @property
    def matter(self) -> str:
        """What the hospital's bodies decide on."""
        return f"budget:{self.reference}"


@dataclass(frozen=True, slots=True)
class WorkedBudget:
    """What comes out of a budget: its lines, its figures, a coefficient figure for each unit, what to look at."""

    plan: Plan
    scheme: str
    budget: Budget
    sources: tuple[Source, ...]
    goal: Figure
    coefficients: Figure
    allowances: Figure
    approved: Figure
    planned_pay: Figure
    issues: tuple[Issue, ...]

    @property
    def results(self) -> list[Figure]:
        made = self.budget
        return [
            made.gross, made.factor, made.year, made.straight, made.planned_fund, made.month, made.year_end_fund,
            made.pooled_month, self.coefficients, made.base, self.planned_pay, self.approved,
        ]  # fmt: skip

    @property
    def digest(self) -> str:
        return digest(trail(*self.results))


@dataclass(frozen=True, slots=True)
class GivenLine:
    """What the alliance pays, as a source to take over: the period, the net in cents, the kept figure, its number."""

    period: str
    cents: int
    figure: str
    run_id: int
    number: int | None


@dataclass(frozen=True, slots=True)
class BudgetStep:
    """A figure with its formula in words and with its numbers; its number in the kept run, None before that."""

    figure: Figure
    words: str
    numbers: str
    place: int | None


def _info(row: BudgetRow, run: audit.RunInfo | None) -> BudgetInfo:
    return BudgetInfo(
        row.institution, row.year, row.version, row.content, row.sha256, row.recorded_by, row.recorded_at,
        row.decision, row.decided_by, row.decided_at, row.run_id, run.digest if run else "", row.month, row.pooled,
        row.base,
    )  # fmt: skip


def budgets(alliance: int, institution: str) -> list[BudgetInfo]:
    """All versions of a hospital's budgets, the newest first."""
    rows = db.session.scalars(
        select(BudgetRow)
        .where(BudgetRow.alliance_id == alliance, BudgetRow.institution == institution)
        .order_by(BudgetRow.year.desc(), BudgetRow.version.desc())
    ).all()
    runs = audit.read_runs([row.run_id for row in rows if row.run_id], alliance)
    return [_info(row, runs.get(row.run_id or 0)) for row in rows]


def budget_info(alliance: int, institution: str, year: int, version: int) -> BudgetInfo | None:
    return next(
        (one for one in budgets(alliance, institution) if (one.year, one.version) == (year, version)), None
    )  # fmt: skip


def budget_in_force(alliance: int, institution: str, year: int) -> BudgetInfo | None:
    """The decided budget of a year; there is one at most."""
    return next((one for one in budgets(alliance, institution) if one.year == year and one.decision), None)


def budget_drafters(alliance: int, info: BudgetInfo) -> set[str]:
    """Everybody who drafted a version: none of them decides on it."""
    events = audit.events_on(alliance, [f"bonusbudget:{info.reference}"], limit=EVERY)
    return {event.account for event in events if event.act == Act.WORKPOINTS_BUDGET_DRAFT}


def scheme_of_year(alliance: int, institution: str, year: int) -> SchemeInfo:
    """The scheme by which a year is budgeted: of its first month that has one; Refused when none has."""
    for month in range(1, MONTHS + 1):
        found = scheme_in_force(alliance, institution, f"{year}-{month:02}")
        if found:
            return found
    raise Refused(mark("No bonus scheme of the hospital is in force in %(year)s; put one into force first."), year=year)


def work_out_budget(
    alliance: int, institution: str, year: int, version: int, content: Mapping[str, Any]
) -> WorkedBudget:  # fmt: skip
    """The figures of a budget as it stands, nothing kept. Refused: every error of the content, a pool smaller than its
    fixed parts, establishment coefficients that add up to 0, no scheme."""
    scheme = scheme_of_year(alliance, institution, year)
    plan = read_plan(content, {one.item_class for one in scheme.scheme.accruals})
    working = Working(institution, str(year), scheme.reference)
    place = f"bonusbudget:{institution}/{year}@{version}"
    sources = _sources(working, plan, scheme, place)
    goal = working.entered(
        "budget/goal", Label("goal", "医院目标得分", "Hospital's goal score"), plan.goal, f"{place}#goal", unit=POINTS
    )
    allowances = working.entered(
        "budget/allowances", Label("allowances", ALLOWANCES.zh, "Allowances of the year"), plan.allowances,
        f"{place}#allowances",
    )  # fmt: skip
    approved = working.entered(
        "budget/approved", Label("approved", "核定绩效工资总量", "Approved performance-wage total"), plan.approved,
        f"{place}#approved",
    )  # fmt: skip
    coefficients = _coefficients(working, alliance, institution, year, scheme.scheme.valid_from)
    made = year_budget(working, sources, goal, coefficients, allowances, scheme.scheme.budget)
    return WorkedBudget(
        plan, scheme.reference, made, sources, goal, coefficients, allowances, approved,
        _planned_pay(working, made.month, allowances), tuple(_issues(made, allowances, approved)),
    )  # fmt: skip


def _sources(working: Working, plan: Plan, scheme: SchemeInfo, place: str) -> tuple[Source, ...]:
    rules = {one.item_class: one for one in scheme.scheme.accruals}
    found = []
    for position, line in enumerate(plan.sources, 1):
        source = line.figure or f"{place}#sources.{position}"
        kind = LINES[line.kind]
        if line.kind == ACCRUED:
            rule = rules[line.item_class]
            label = Label("income", "医疗服务收入", "Medical service income")
            income = working.entered(f"budget/income/{rule.code}", label, line.amount, source)
            found.append(accrued(working, rule.code, rule.item_class, income, rule.rate))
        else:
            label = Label(f"source:{line.kind}", kind.zh, kind.en)
            found.append(Source(line.kind, working.entered(f"budget/source/{position}", label, line.amount, source)))
    return tuple(found)


def _coefficients(working: Working, alliance: int, institution: str, year: int, start: date) -> Figure:
    """Σ establishment coefficients of the first month of the year that the scheme, begun on `start`, holds for."""
    month = Period.parse(f"{max(start, date(year, 1, 1)):%Y-%m}")
    label = Label("establishment", "编制系数", "Establishment coefficients")
    parts = [
        working.entered(
            f"unit/{unit.fact.code}/establishment", label, unit.coefficient,
            f"establishment:{institution}/{month.code}/{unit.fact.code}", unit=BARE,
            owner=working.owner(unit.fact.code),
        )
        for unit in members.staffing_report(alliance, institution, month).units if unit.coefficient
    ]  # fmt: skip
    together = Label("coefficients", "编制系数合计", "Sum of the establishment coefficients")
    return working.total("budget/coefficients", together, parts, unit=BARE)


def _planned_pay(working: Working, month: Figure, allowances: Figure) -> Figure:
    """What a month pays as planned, allowances with it: to hold what was paid against."""
    kind = working.kind(
        Label("planned_pay", "月度计划发放（含津补贴）", "Planned pay of a month with allowances"),
        "month + allowances / 12", "2", names=(MONTH, ALLOWANCES),
    )  # fmt: skip
    exact = Fraction(number(month)) + Fraction(number(allowances)) / MONTHS
    inputs = (("month", month), ("allowances", allowances))
    return derived("budget/planned_pay", kind, exact, inputs, owner=working.owner())


def _issues(made: Budget, allowances: Figure, approved: Figure) -> list[Issue]:
    over = number(made.year) + number(allowances) - number(approved)
    return [issue("wage_total", "budget", over)] if over > 0 else []


def budget_figures(info: BudgetInfo) -> dict[str, Figure]:
    """The figures of a decided budget as they were kept, by key."""
    return {one.key: one for one in audit.load_run(info.run_id)} if info.run_id else {}


def budget_steps(figures: Mapping[str, Figure], run_id: int | None, lang: str) -> list[BudgetStep]:
    """How the base comes about, one figure after the other, each with its formula and its numbers."""
    places = audit.figure_numbers(run_id, KEYS) if run_id else {}
    found = []
    for key in KEYS:
        figure = figures[key]
        inputs = [(name, _as_kept(part)) for name, part in figure.inputs]
        words, numbers = audit.formula_texts(_as_kept(figure), inputs, [False] * len(inputs), lang)
        found.append(BudgetStep(figure, words, numbers if numbers != words else "", places.get(key)))
    return found


def _as_kept(figure: Figure) -> audit.KeptFigure:
    return audit.KeptFigure(
        0, 0, figure.key, figure.kind, figure.value, figure.state, figure.source, figure.owner
    )  # fmt: skip


def given_lines(alliance: int, institution: str, year: int) -> list[GivenLine]:
    """What decided funds of the year and of the one before paid the hospital net, unless a decided budget of another
    year has taken it; the newest first."""
    taken = {
        line.get("figure") for one in budgets(alliance, institution) if one.decision and one.year != year
        for line in one.content["sources"]
    }  # fmt: skip
    found = []
    for fund in funds.decided_funds(alliance):
        own = funds.share(fund.run_id, institution)
        figure = f"figure:{fund.digest}/{institution}/net"
        if own and Period.parse(fund.period).last.year in (year - 1, year) and figure not in taken:
            key = f"{institution}/net"
            place = audit.figure_numbers(fund.run_id, [key]).get(key)
            found.append(GivenLine(fund.period, own.net, figure, fund.run_id, place))
    return found


def check_given(alliance: int, institution: str, year: int, content: Mapping[str, Any]) -> None:
    """Refuse a line that says it was taken from a statement of the fund and is not what the statement says."""
    known = {one.figure: one.cents for one in given_lines(alliance, institution, year)}
    for position, line in enumerate(content.get("sources", ()), 1):
        figure = line.get("figure")
        if figure and (line["kind"] != FUND_NET or Decimal(line["amount"]) != yuan(known.get(figure, 0))):
            raise Refused(
                mark("Line %(position)s is not what the statement of the fund says; take it over anew."),
                position=position,
            )


def paid_by_month(alliance: int, institution: str, year: int) -> dict[str, int]:
    """What the paid runs of a year paid, by month, in cents: of every payslip its newest revision."""
    newest = (
        select(Slip.bonus_run_id, Slip.person, func.max(Slip.revision).label("revision"))
        .group_by(Slip.bonus_run_id, Slip.person).subquery()
    )  # fmt: skip
    rows = (
        select(BonusRun.month, func.sum(Slip.net))
        .join(Slip, Slip.bonus_run_id == BonusRun.id)
        .join(
            newest,
            (newest.c.bonus_run_id == Slip.bonus_run_id)
            & (newest.c.person == Slip.person)
            & (newest.c.revision == Slip.revision),
        )
        .where(
            BonusRun.alliance_id == alliance,
            BonusRun.institution == institution,
            BonusRun.state == PAID,
            BonusRun.month.between(f"{year}-01", f"{year}-12"),
        )
        .group_by(BonusRun.month)
        .order_by(BonusRun.month)
    )
    return {month: int(total) for month, total in db.session.execute(rows)}


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A month of the year: paid in it, paid to date, planned to date, over (+) or under (−) the plan; in yuan."""

    month: str
    paid: Decimal
    to_date: Decimal
    planned: Decimal
    over: Decimal


def paid_against(alliance: int, info: BudgetInfo) -> tuple[list[PaidLine], Sequence[Issue]]:
    """What was paid of a decided budget, month by month, and whether the approved total is passed."""
    found, paid = budget_figures(info), paid_by_month(alliance, info.institution, info.year)
    if not paid or not found:
        return [], []
    working = Working(info.institution, str(info.year), found["budget/base"].kind.clause)
    label = Label("paid", "当月已发", "Paid in the month")
    figures = {
        month: working.entered(f"budget/month/{month}", label, yuan(cents), f"bonus:{info.institution}/{month}")
        for month, cents in paid.items()
    }
    rows, issues = against_budget(working, figures, found["budget/planned_pay"], found["budget/approved"])
    lines = [
        PaidLine(month, number(figures[month]), number(total), number(total) - number(over), number(over))
        for month, total, over in rows
    ]
    return lines, issues
