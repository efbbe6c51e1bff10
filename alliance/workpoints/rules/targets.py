"""The budget set of a year (W1b): income and expenditure, the structure of pay, targets of departments, agreements.

No department has a target in money earned: hospitals may set none, and pay may not be linked to one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from alliance.core.figure import canonical, half_up, sum_exactly
from alliance.core.refused import Both, Forbidden, NotFound, Problem, Refused, mark
from alliance.workpoints.rules.entries import BARE, YUAN, EntryKind
from alliance.workpoints.rules.subjects import GROUPS, SUBJECTS

MONTHS = 12
PERCENT_PLACES = 2
USE = Both("目标责任书", "target agreement")
AMOUNT = "amount"
VISITS, DISCHARGES, BED_DAYS, OPERATIONS, CMI = "visits", "discharges", "bed_days", "operations", "cmi"
VARIABLE, CONTROLLABLE = "variable_cost", "controllable_cost"
LIMITS = frozenset({VARIABLE, CONTROLLABLE})  # not to be passed; every other target is to be reached
MEANS = frozenset({CMI})  # the same all year; every other target is a sum over the months
MEASURES: Mapping[str, EntryKind] = {
    one.code: one for one in (
        EntryKind(VISITS, "门诊人次", "Outpatient visits", ("人次", "visits"), 0, "volume", USE),
        EntryKind(DISCHARGES, "出院人次", "Discharges", ("人次", "discharges"), 0, "volume", USE),
        EntryKind(BED_DAYS, "住院床日", "Bed-days", ("床日", "bed-days"), 0, "volume", USE),
        EntryKind(OPERATIONS, "三四级手术台次", "Grade 3–4 operations", ("台", "operations"), 0, "technique", USE),
        EntryKind(CMI, "病例组合指数（CMI）", "Case-mix index (CMI)", BARE, 4, "technique", USE, most=Decimal(20)),
        EntryKind(VARIABLE, "变动成本限额", "Limit of the variable cost", YUAN, 2, "cost", USE),
        EntryKind(CONTROLLABLE, "可控成本限额", "Limit of the controllable cost", YUAN, 2, "cost", USE),
    )
}  # fmt: skip
FLOW_KINDS: Mapping[str, EntryKind] = {
    AMOUNT: EntryKind(AMOUNT, "全年预算", "Budget of the year", YUAN, 2, "flow", USE)
}
PAY_KINDS: Mapping[str, EntryKind] = {
    code: EntryKind(code, zh, en, YUAN, 2, "pay", USE) for code, (zh, en) in GROUPS.items()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flow:
    """A line of the hospital's income (sign 1) or expenditure (sign -1), as its accounts name it."""

    zh: str
    en: str
    sign: int


STAFF = "staff"
FLOWS: Mapping[str, Flow] = {
    "medical": Flow("医疗收入", "Medical income", 1),
    "fiscal": Flow("财政拨款收入", "Fiscal appropriation", 1),
    "research": Flow("科教收入", "Research and teaching income", 1),
    "other_income": Flow("其他收入", "Other income", 1),
    STAFF: Flow("人员经费", "Staff costs", -1),
    "drugs": Flow("药品费", "Drugs", -1),
    "materials": Flow("卫生材料费", "Medical materials", -1),
    "depreciation": Flow("固定资产折旧费", "Depreciation", -1),
    "amortisation": Flow("无形资产摊销费", "Amortisation", -1),
    "risk_fund": Flow("提取医疗风险基金", "Medical risk fund", -1),
    "other_costs": Flow("其他费用", "Other expenditure", -1),
}
FLOW, PAY, UNIT = "flow:", "pay:", "unit:"  # how keys of the cells begin
DIRECTOR, HEAD = "director", "head"
SIDES: Mapping[str, Both] = {DIRECTOR: Both("院长", "director"), HEAD: Both("科室负责人", "head of the department")}
Cells = Mapping[str, Mapping[str, Decimal]]  # by key of the line and kind


def kinds_of(key: str) -> Mapping[str, EntryKind]:
    """What may stand in a line of a set; empty for a line that there is not."""
    if key.startswith(FLOW) and key[len(FLOW) :] in FLOWS:
        return FLOW_KINDS
    if key.startswith(PAY) and key[len(PAY) :] in SUBJECTS:
        return PAY_KINDS
    return MEASURES if key.startswith(UNIT) else {}


def read_cells(content: Mapping[str, Any]) -> dict[str, dict[str, Decimal]]:
    """The numbers of a kept set."""
    return {key: {kind: Decimal(text) for kind, text in row.items()} for key, row in content.get("cells", {}).items()}


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a set, in yuan: income, expenditure, all pay and the performance pay in it; the share of medical
    operation pay in % of the performance pay, None without any."""

    income: Decimal
    expenditure: Decimal
    pay: Decimal
    performance: Decimal
    operation_share: Decimal | None

    @property
    def balance(self) -> Decimal:
        return self.income - self.expenditure


def totals(cells: Cells) -> Totals:
    """What a set adds up to."""

    def flows(sign: int) -> Decimal:
        return sum_exactly(
            cells.get(FLOW + code, {}).get(AMOUNT, Decimal(0)) for code, one in FLOWS.items() if one.sign == sign
        )

    def pays(codes: Iterable[str]) -> Decimal:
        return sum_exactly(value for code in codes for value in cells.get(PAY + code, {}).values())

    performance = pays(code for code, one in SUBJECTS.items() if one.performance)
    operation = pays(code for code, one in SUBJECTS.items() if one.performance and one.operation)
    share = half_up(Fraction(operation) * 100 / Fraction(performance), PERCENT_PLACES) if performance else None
    return Totals(flows(1), flows(-1), pays(SUBJECTS), performance, share)


def stands_in_the_way(cells: Cells, document: str) -> list[Problem]:
    """Why a set cannot be put into force as it stands."""
    found, sums = [], totals(cells)
    for where, amount, reason in (
        ("income", sums.income, mark("no income is budgeted")),
        ("expenditure", sums.expenditure, mark("no expenditure is budgeted")),
        ("pay", sums.performance, mark("no performance pay is budgeted")),
    ):
        if not amount:
            found.append(Problem(where, canonical(amount), reason))
    staff = cells.get(FLOW + STAFF, {}).get(AMOUNT, Decimal(0))
    if sums.pay > staff:
        reason = mark("the pay by subject and staff group is more than the staff costs of %(staff)s CNY")
        found.append(Problem("pay", canonical(sums.pay), reason, {"staff": staff}))
    if not any(row for key, row in cells.items() if key.startswith(UNIT)):
        found.append(Problem("units", "0", mark("no department has a target")))
    if not document.strip():
        found.append(Problem("document", "", mark("is missing")))
    return found


def agreement_content(institution: str, year: int, unit: str, row: Mapping[str, Decimal], terms: str) -> dict[str, Any]:
    """What an agreement says, as plain data: its SHA-256 is what both sides sign."""
    return {
        "institution": institution, "year": str(year), "unit": unit, "terms": terms.strip(),
        "targets": {code: canonical(row[code]) for code in MEASURES if code in row},
    }  # fmt: skip


def check_signature(side: str, account: str, signed: Mapping[str, str], digest: str, seen: str) -> None:
    """Refused: a text other than the one that was read, a side that has signed, one account for both sides; `signed`
    is who signed, by side."""
    if side not in SIDES:
        raise NotFound()
    if digest != seen:
        raise Refused("The agreement has changed since you opened it; read it again before you sign.")
    if side in signed:
        raise Refused("This side has signed already.")
    if account in signed.values():
        raise Forbidden("You signed for the other side; another person signs for this one.")


ON_COURSE, OFF_COURSE, UNKNOWN = "on", "off", "unknown"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a target is: by month what is known (None where it is not), to date, what was due for the months that
    are known, the part of the year's target in %, and whether it is on course."""

    measure: str
    target: Decimal
    months: tuple[tuple[str, Decimal | None], ...]
    to_date: Decimal | None
    due: Decimal | None
    percent: Decimal | None
    state: str

    @property
    def known(self) -> int:
        return sum(value is not None for _month, value in self.months)


def progress(
    measure: str, target: Decimal, months: Sequence[tuple[str, Decimal | None]], mean: Decimal | None = None
) -> Progress:
    """A target beside what is known of the months that are over. A sum is held against the same part of the year, a
    twelfth for each month that is known; `mean` is the value to date of what is no sum, held against the target."""
    known = [value for _month, value in months if value is not None]
    to_date = mean if measure in MEANS else (sum_exactly(known) if known else None)
    if to_date is None:
        return Progress(measure, target, tuple(months), None, None, None, UNKNOWN)
    whole = target if measure in MEANS else Fraction(target) * len(known) / MONTHS
    reached = Fraction(to_date) <= whole if measure in LIMITS else Fraction(to_date) >= whole
    percent = half_up(Fraction(to_date) * 100 / Fraction(target), PERCENT_PLACES) if target else None
    due = half_up(Fraction(whole), MEASURES[measure].places)
    return Progress(measure, target, tuple(months), to_date, due, percent, ON_COURSE if reached else OFF_COURSE)
