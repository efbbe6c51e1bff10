"""Disease groups (W8): case-mix index, consumption indices, operating coefficient, points of a unit's cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, canonical, derived, quotient, sum_exactly
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.working import BARE, FACTOR_PLACES, POINTS, Label, Working, number

RW = Name("rw", "各组权重", "relative weights")
CASES = Name("cases", "各组例数", "cases")
DAYS = Name("days", "各组住院日", "days of stay")
COST = Name("cost", "各组费用", "costs")
REFERENCE = Name("reference", "各组参照值", "reference values")
TEI = Name("tei", "时间消耗指数", "time efficiency index")
CEI = Name("cei", "费用消耗指数", "cost efficiency index")
WEIGHT = Name("weight", "总权重", "total weight")
RATE = Name("rate", "每权重点数", "points of a weight of 1")
COEFFICIENT = Name("coefficient", "运营系数", "operating coefficient")
QUALITY = Name("quality", "病案质量得分", "quality score of the cases")


@dataclass(frozen=True, slots=True)
class CaseRules:
    """The numbers of points by disease group."""

    rate: Decimal = Decimal(100)  # points of a weight of 1
    low: Decimal = Decimal("0.8")
    high: Decimal = Decimal("1.2")
    high_multiple: Decimal = Decimal(3)
    high_multiple_heavy: Decimal = Decimal(2)  # where the weight is above `heavy`
    heavy: Decimal = Decimal(2)
    low_multiple: Decimal = Decimal("0.4")
    over_standard: Decimal = Decimal(10)  # % over the standard cost that opens an improvement plan


@dataclass(frozen=True, slots=True)
class GroupOfCases:
    """A disease group in a unit: its weight and cases, days and costs in all, and what a case takes elsewhere."""

    code: str
    rw: Figure
    cases: Figure
    days: Figure
    cost: Figure
    reference_days: Figure
    reference_cost: Figure


@dataclass(frozen=True, slots=True)
class UnitCases:
    """The figures of a unit's disease groups."""

    weight: Figure
    cmi: Figure
    tei: Figure
    cei: Figure
    coefficient: Figure
    points: Figure


def unit_cases(
    working: Working, unit: str, groups: Sequence[GroupOfCases], quality: Figure, rules: CaseRules
) -> UnitCases:  # fmt: skip
    """RW × rate × operating coefficient × quality ÷ 100 over a unit's cases.

    CMI = Σ(RW × cases) ÷ cases; TEI and CEI compare each group's days and costs with the reference, weighed by cases;
    the operating coefficient is clamp(2 − (TEI + CEI) ÷ 2, low, high). Refused: no cases, a reference of 0.
    """
    _check(unit, groups)
    owner, prefix = working.owner(unit), f"unit/{unit}/cases"
    pairs = [("rw", group.rw) for group in groups] + [("cases", group.cases) for group in groups]
    weighed = sum((Fraction(number(one.rw)) * Fraction(number(one.cases)) for one in groups), Fraction(0))
    count = sum_exactly(number(one.cases) for one in groups)
    kind = working.kind(
        Label("weight", "总权重", "Total weight"), "sum(rw * cases)", names=(RW, CASES), unit=("", "RW")
    )
    weight = derived(f"{prefix}/weight", kind, weighed, pairs, owner=owner)
    kind = working.kind(
        Label("cmi", "病例组合指数（CMI）", "Case-mix index (CMI)"), "sum(rw * cases) / sum(cases)", "4",
        names=(RW, CASES), unit=BARE,
    )  # fmt: skip
    cmi = derived(f"{prefix}/cmi", kind, weighed / Fraction(count), pairs, owner=owner)
    tei = _index(working, unit, "tei", groups)
    cei = _index(working, unit, "cei", groups)
    coefficient = operating_coefficient(working, unit, tei, cei, rules)
    rate = working.number("cases.rate", RATE.zh, "Points of a weight of 1", rules.rate, POINTS)
    kind = working.kind(
        Label("case_points", "病组工分", "Points by disease group"), "weight * rate * coefficient * quality / 100", "4",
        names=(WEIGHT, RATE, COEFFICIENT, QUALITY), unit=POINTS,
    )  # fmt: skip
    exact = weighed * Fraction(rules.rate) * Fraction(number(coefficient)) * Fraction(number(quality)) / 100
    inputs = (("weight", weight), ("rate", rate), ("coefficient", coefficient), ("quality", quality))
    points = derived(f"{prefix}/points", kind, exact, inputs, owner=owner)
    return UnitCases(weight, cmi, tei, cei, coefficient, points)


def operating_coefficient(working: Working, unit: str, tei: Figure, cei: Figure, rules: CaseRules) -> Figure:
    """clamp(2 − (TEI + CEI) ÷ 2, low, high): 0.9 and 1.0 give 1.05; 1.5 and 1.5 give 0.8."""
    low = working.number("cases.low", "运营系数下限", "Lower limit of the operating coefficient", rules.low, BARE)
    high = working.number("cases.high", "运营系数上限", "Upper limit of the operating coefficient", rules.high, BARE)
    kind = working.kind(
        Label("operating", "运营系数", "Operating coefficient"), "min(max(2 - (tei + cei) / 2, low), high)",
        FACTOR_PLACES, unit=BARE,
        names=(TEI, CEI, Name("low", "下限", "lower limit"), Name("high", "上限", "upper limit")),
    )  # fmt: skip
    middle = 2 - (Fraction(number(tei)) + Fraction(number(cei))) / 2
    exact = min(max(middle, Fraction(rules.low)), Fraction(rules.high))
    inputs = (("tei", tei), ("cei", cei), ("low", low), ("high", high))
    return derived(f"unit/{unit}/cases/coefficient", kind, exact, inputs, owner=working.owner(unit))


def _index(working: Working, unit: str, which: str, groups: Sequence[GroupOfCases]) -> Figure:
    """Σ(own ÷ reference) over Σ cases: the own mean against the reference, group by group, weighed by cases."""
    name, own = (TEI, DAYS) if which == "tei" else (CEI, COST)
    found = [(one.days, one.reference_days) if which == "tei" else (one.cost, one.reference_cost) for one in groups]
    count = sum_exactly(number(one.cases) for one in groups)
    kind = working.kind(
        Label(which, name.zh, name.en.capitalize()), f"sum({own.name} / reference) / sum(cases)", "4",
        names=(own, REFERENCE, CASES), unit=BARE,
    )  # fmt: skip
    exact = sum((quotient(number(mine), number(reference)) for mine, reference in found), Fraction(0)) / Fraction(count)
    inputs = [(own.name, mine) for mine, _ in found] + [("reference", reference) for _, reference in found]
    inputs += [("cases", one.cases) for one in groups]
    return derived(f"unit/{unit}/cases/{which}", kind, exact, inputs, owner=working.owner(unit))


def _check(unit: str, groups: Sequence[GroupOfCases]) -> None:
    problems = [
        Problem(f"{unit}/{one.code}", canonical(reference.value), mark("a reference value must be above 0"))
        for one in groups for reference in (one.reference_days, one.reference_cost) if number(reference) <= 0
    ]  # fmt: skip
    problems += [
        Problem(f"{unit}/{one.code}", canonical(one.cases.value), mark("the number of cases must be 0 or more"))
        for one in groups if number(one.cases) < 0
    ]  # fmt: skip
    if problems or not any(number(one.cases) for one in groups):
        raise Refused("%(unit)s: its disease groups hold no cases or cannot be compared.", unit=unit, problems=problems)


def over_standard(
    unit: str, costs: Sequence[tuple[str, Figure, Figure, Figure]], rules: CaseRules
) -> list[Issue]:  # fmt: skip
    """Groups (code, cost in all, cases, standard cost of a case) that cost more than the standard by over 10 %."""
    return [
        issue("cost_over_standard", f"{unit}/{code}", number(cost))
        for code, cost, cases, standard in costs
        if Fraction(number(cost)) * 100
        > Fraction(number(standard)) * Fraction(number(cases)) * (100 + Fraction(rules.over_standard))
    ]
