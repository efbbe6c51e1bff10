"""The pool of a year (W1): source lines, goal factor, year-end fund, month, base per coefficient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived, quotient
from alliance.core.refused import Refused, mark
from alliance.workpoints.rules.income import INCOME, Draw, refuse_forbidden
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.working import FACTOR_PLACES, PERCENT, Label, Working, added, number

MONTHS = 12


@dataclass(frozen=True, slots=True)
class LineKind:
    """A sort of source line: added or taken away, and whether it goes straight to those it is meant for."""

    zh: str
    en: str
    sign: int = 1
    straight: bool = False  # counted in the budget, but no part of what is distributed by coefficients


LINES: dict[str, LineKind] = {
    "disposable": LineKind("可支配资金", "Disposable funds"),
    "night_allowance": LineKind("夜班费（标准）", "Standard night allowance", -1),
    "risk_fund": LineKind("医疗风险基金", "Medical risk fund", -1),
    "development_fund": LineKind("事业发展基金", "Development fund", -1),
    "welfare_fund": LineKind("职工福利基金", "Welfare fund", -1),
    "other_deduction": LineKind("其他扣除", "Other deductions", -1),
    "accrued": LineKind("按医疗服务收入计提", "Accrued from medical service income"),
    "file_wages": LineKind(
        "档案工资绩效部分及医院匹配", "Performance part of file wages, with the match", straight=True
    ),
    "fund_net": LineKind("协同奖励基金净额", "Collaboration fund, net"),
    "surplus": LineKind("医保结余人员部分", "Staff part of the insurance surplus"),
    "referral": LineKind("转诊专项收入", "Earmarked referral income", straight=True),
    "award": LineKind("奖励", "Awards"),
    "penalty": LineKind("罚扣", "Penalties", -1),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A source line of the pool: its kind, the amount as a figure, and for an accrued one the class of charges."""

    kind: str
    amount: Figure
    item_class: str = ""


@dataclass(frozen=True, slots=True)
class BudgetRules:
    """The numbers of a budget. Rates in %, `match` the hospital's yuan to each yuan of file wages."""

    goal_low: Decimal = Decimal("0.9")
    goal_high: Decimal = Decimal("1.1")
    year_end: Decimal = Decimal(10)  # of bonus and allowances, 0 to 20
    match: Decimal = Decimal(2)
    operation_share: Decimal = Decimal(80)


@dataclass(frozen=True, slots=True)
class Budget:
    """The figures of a year's budget, in yuan; `base` is frozen for the year once it is decided."""

    gross: Figure
    factor: Figure
    year: Figure
    straight: Figure
    planned_fund: Figure
    month: Figure
    year_end_fund: Figure
    pooled_month: Figure
    base: Figure


GROSS = Name("gross", "来源合计", "sum of the sources")
PLUS = Name("plus", "增加项", "additions")
MINUS = Name("minus", "扣除项", "deductions")
SCORE = Name("score", "医院目标得分", "hospital's goal score")
LOW = Name("low", "系数下限", "lower limit")
HIGH = Name("high", "系数上限", "upper limit")
FACTOR = Name("factor", "目标系数", "goal factor")
YEAR = Name("year", "年度总额", "year's pool")
ALLOWANCES = Name("allowances", "年度津补贴", "allowances of the year")
RATE = Name("rate", "年终预留比例", "rate of the year-end fund")
FUND = Name("fund", "年终预留（计划）", "year-end fund as planned")
MONTH = Name("month", "月度总额", "month's pool")
STRAIGHT = Name("straight", "直达个人部分", "paid straight to persons")
POOLED = Name("pooled", "按系数分配的月度总额", "month's pool for the coefficients")
COEFFICIENTS = Name("coefficients", "编制系数合计", "sum of the establishment coefficients")
WAGE = Name("wage", "本人档案工资绩效部分", "performance part of the file wage")
MATCH = Name("match", "医院匹配倍数", "match by the hospital")
INCOME_NAME = Name("income", "医疗服务收入", "medical service income")
ACCRUAL = Name("rate", "计提比例", "rate of accrual")


def year_budget(
    working: Working, sources: Sequence[Source], goal: Figure, coefficients: Figure, allowances: Figure,
    rules: BudgetRules,
) -> Budget:  # fmt: skip
    """The budget of a year, to the cent: twelve months and the year-end fund are the year.

    `allowances` are the year's planned night and task allowances; with them the pool is the performance total that
    the year-end fund is a rate of. Refused: a line of an unknown kind or of forbidden income, a pool smaller than its
    fixed parts, establishment coefficients that add up to 0.
    """
    gross = _gross(working, sources)
    factor = goal_factor(working, goal, rules)
    year = _times(working, "budget/year", Label("year", "年度绩效总额", "Pool of the year"), gross, factor)
    straight = _straight(working, sources, factor)
    planned = _planned(working, year, allowances, rules)
    _check_size(year, planned, straight)
    month, kept, pooled = _months(working, year, planned, straight)
    base = base_per_coefficient(working, pooled, coefficients)
    return Budget(gross, factor, year, straight, planned, month, kept, pooled, base)


def _straight(working: Working, sources: Sequence[Source], factor: Figure) -> Figure:
    """What goes straight to those it is meant for."""
    lines = [source.amount for source in sources if LINES[source.kind].straight]
    together = working.total(
        "budget/straight_lines", Label("straight_lines", "直达来源合计", "Sources paid straight"), lines
    )
    label = Label("straight", "直达个人部分", "Paid straight to persons")
    return _times(working, "budget/straight", label, together, factor)


def _months(working: Working, year: Figure, planned: Figure, straight: Figure) -> tuple[Figure, Figure, Figure]:
    """The month, rounded down to the cent; the year-end fund, which is the rest; the month for the coefficients."""
    owner, left = working.owner(), Fraction(number(year)) - Fraction(number(planned))
    kind = working.kind(
        Label("month", "月度绩效总额", "Pool of a month"), "floor((year - fund) / 12 * 100) / 100", "2",
        names=(YEAR, FUND),
    )  # fmt: skip
    month = derived("budget/month", kind, _down(left / MONTHS), (("year", year), ("fund", planned)), owner=owner)
    kind = working.kind(Label("year_end", "年终预留", "Year-end fund"), "year - 12 * month", "2", names=(YEAR, MONTH))
    rest = Fraction(number(year)) - MONTHS * Fraction(number(month))
    kept = derived("budget/year_end", kind, rest, (("year", year), ("month", month)), owner=owner)
    kind = working.kind(
        Label("pooled_month", POOLED.zh, "Pool of a month for the coefficients"),
        "floor((year - fund - straight) / 12 * 100) / 100", "2", names=(YEAR, FUND, STRAIGHT),
    )  # fmt: skip
    exact = _down((left - Fraction(number(straight))) / MONTHS)
    inputs = (("year", year), ("fund", planned), ("straight", straight))
    return month, kept, derived("budget/pooled_month", kind, exact, inputs, owner=owner)


def goal_factor(working: Working, goal: Figure, rules: BudgetRules) -> Figure:
    """clamp(hospital goal score ÷ 100, low, high): 108 gives 1.08, 130 gives 1.1."""
    low = working.number("budget.goal_low", "目标系数下限", "Lower limit of the goal factor", rules.goal_low, ("", ""))
    high = working.number(
        "budget.goal_high", "目标系数上限", "Upper limit of the goal factor", rules.goal_high, ("", "")
    )
    kind = working.kind(
        Label("goal_factor", "目标系数", "Goal factor"), "min(max(score / 100, low), high)", FACTOR_PLACES,
        names=(SCORE, LOW, HIGH), unit=("", ""),
    )  # fmt: skip
    exact = min(max(Fraction(number(goal)) / 100, Fraction(rules.goal_low)), Fraction(rules.goal_high))
    inputs = (("score", goal), ("low", low), ("high", high))
    return derived("budget/factor", kind, exact, inputs, owner=working.owner())


def base_per_coefficient(working: Working, pooled: Figure, coefficients: Figure) -> Figure:
    """The month ÷ Σ establishment coefficients; refused when they add up to 0."""
    if number(coefficients) <= 0:
        raise Refused(
            mark("The establishment coefficients add up to %(sum)s: %(amount)s CNY a month have no base. Enter posts."),
            sum=coefficients.value, amount=pooled.value,
        )  # fmt: skip
    kind = working.kind(
        Label("base", "每系数基数", "Base per coefficient"), "pooled / coefficients", "2", names=(POOLED, COEFFICIENTS)
    )
    exact = quotient(number(pooled), number(coefficients))
    inputs = (("pooled", pooled), ("coefficients", coefficients))
    return derived("budget/base", kind, exact, inputs, owner=working.owner())


def accrued(working: Working, code: str, item_class: str, income: Figure, rate: Decimal) -> Source:
    """A source line accrued from income of a class of charges, at a rate in %; refused unless medical services."""
    refuse_forbidden([Draw(f"budget.accrued.{code}", item_class, measure=INCOME)])
    share = working.number(f"budget.accrued.{code}.rate", "计提比例", "Rate of accrual", rate)
    kind = working.kind(
        Label("accrued", LINES["accrued"].zh, LINES["accrued"].en), "income * rate / 100", "2",
        names=(INCOME_NAME, ACCRUAL),
    )  # fmt: skip
    exact = quotient(number(income), Decimal(100), rate)
    inputs = (("income", income), ("rate", share))
    return Source("accrued", derived(f"budget/accrued/{code}", kind, exact, inputs, owner=working.owner()), item_class)


def matched_wages(working: Working, person: str, wage: Figure, rules: BudgetRules) -> Figure:
    """A person's part of the source line: the performance part of the file wage with the hospital's match.

    100 at a match of 2 (1 : 2) is 300. The payslip pays it as a line of its own, by the score (payslips.wage_line).
    """
    match = working.number("budget.match", "医院匹配倍数", "Match by the hospital", rules.match, ("", ""))
    kind = working.kind(
        Label("file_wage", "档案工资绩效部分及匹配", "File wage with the match"), "wage * (1 + match)", "2",
        names=(WAGE, MATCH),
    )  # fmt: skip
    exact = Fraction(number(wage)) * (1 + Fraction(rules.match))
    inputs = (("wage", wage), ("match", match))
    return derived(f"person/{person}/file_wage", kind, exact, inputs, owner=working.owner(person=person))


def against_budget(
    working: Working, paid: Mapping[str, Figure], planned: Figure, approved: Figure
) -> tuple[list[tuple[str, Figure, Figure]], list[Issue]]:
    """Paid against budget, month by month to date: (month, paid to date, over or under), and the issue of a total
    over the approved performance-wage total of the year (F1)."""
    rows, to_date = [], []
    over = working.kind(
        Label("against_budget", "累计执行与预算之差", "To date against the budget"), "paid - months * month", "2",
        names=(Name("paid", "累计已发", "paid to date"), Name("months", "月数", "months"), MONTH),
    )  # fmt: skip
    for count, month in enumerate(sorted(paid), 1):
        to_date.append(paid[month])
        total = working.total(f"budget/paid/{month}", Label("paid_to_date", "累计已发", "Paid to date"), list(to_date))
        months = working.entered(
            f"budget/months/{month}",
            Label("months", "月数", "Months"),
            count,
            f"period:{month}",
            unit=("个月", "months"),
        )
        exact = Fraction(number(total)) - count * Fraction(number(planned))
        inputs = (("paid", total), ("months", months), ("month", planned))
        rows.append((month, total, derived(f"budget/against/{month}", over, exact, inputs, owner=working.owner())))
    whole = added(to_date)
    found = [issue("wage_total", "budget", whole - number(approved))] if whole > number(approved) else []
    return rows, found


def _gross(working: Working, sources: Sequence[Source]) -> Figure:
    for source in sources:
        if source.kind not in LINES:
            raise Refused("%(line)s is no kind of source line of the pool.", line=source.kind)
    refuse_forbidden([
        Draw(source.amount.key, source.item_class, measure=INCOME) for source in sources if source.kind == "accrued"
    ])  # fmt: skip
    signs = ((LINES[source.kind].sign, source.amount) for source in sources)
    inputs = [("plus" if sign > 0 else "minus", amount) for sign, amount in signs]
    kind = working.kind(
        Label("gross", "来源合计", "Sum of the sources"), "sum(plus) - sum(minus)", "2", names=(PLUS, MINUS)
    )
    exact = added(one for name, one in inputs if name == "plus") - added(one for name, one in inputs if name == "minus")
    return derived("budget/gross", kind, exact, inputs, owner=working.owner())


def _times(working: Working, key: str, label: Label, amount: Figure, factor: Figure) -> Figure:
    kind = working.kind(label, "amount * factor", "2", names=(Name("amount", "金额", "amount"), FACTOR))
    exact = Fraction(number(amount)) * Fraction(number(factor))
    return derived(key, kind, exact, (("amount", amount), ("factor", factor)), owner=working.owner())


def _planned(working: Working, year: Figure, allowances: Figure, rules: BudgetRules) -> Figure:
    if not 0 <= rules.year_end <= 20:
        raise Refused("The year-end fund takes %(rate)s%%; it must lie between 0 and 20%%.", rate=rules.year_end)
    rate = working.number("budget.year_end", "年终预留比例", "Rate of the year-end fund", rules.year_end, PERCENT)
    kind = working.kind(
        Label("planned_fund", "年终预留（计划）", "Year-end fund as planned"), "(year + allowances) * rate / 100", "2",
        names=(YEAR, ALLOWANCES, RATE),
    )  # fmt: skip
    exact = quotient(added([year, allowances]), Decimal(100), rules.year_end)
    inputs = (("year", year), ("allowances", allowances), ("rate", rate))
    return derived("budget/planned_fund", kind, exact, inputs, owner=working.owner())


def _check_size(year: Figure, planned: Figure, straight: Figure) -> None:
    fixed = added([planned, straight])
    if number(year) < fixed:
        raise Refused(
            "The pool of the year is %(pool)s CNY, smaller than its fixed parts of %(fixed)s CNY (year-end fund "
            "%(fund)s, paid straight to persons %(straight)s).",
            pool=year.value, fixed=fixed, fund=planned.value, straight=straight.value,
        )  # fmt: skip


def _down(exact: Fraction) -> Fraction:
    """Rounded down to whole cents."""
    return Fraction(exact.numerator * 100 // exact.denominator, 100)
