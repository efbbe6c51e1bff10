"""A unit's points of a month, outpatient and inpatient apart (W9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived
from alliance.workpoints.rules.working import POINTS, Label, Working, number

OUTPATIENT, INPATIENT = "outpatient", "inpatient"
SETTINGS = (OUTPATIENT, INPATIENT)
PLACES = "4"

VISITS = Name("visits", "门诊人次", "visits")
VISIT_POINTS = Name("visit_points", "每人次点数", "points of a visit")
ITEMS = Name("items", "项目工分", "item points")
ADMITTED = Name("admitted", "收入院病例权重", "weight of admissions brought in")
ADMISSION_POINTS = Name("admission_points", "收入院每权重点数", "points of an admission's weight")
CASES = Name("cases", "病组工分", "points by disease group")


@dataclass(frozen=True, slots=True)
class ActivityRules:
    """Points of a visit, and of a weight of 1 brought in as an admission."""

    visit_points: Decimal = Decimal(1)
    admission_points: Decimal = Decimal(0)


def outpatient_points(
    working: Working, unit: str, visits: Figure, items: Figure, admitted: Figure, rules: ActivityRules
) -> Figure:  # fmt: skip
    """visits × p + Σ item points + Σ RW of admissions brought in × p_a. 100 visits at 1.5, 40 points and RW 12 at 2
    give 214."""
    each = working.number("activity.visit_points", VISIT_POINTS.zh, "Points of a visit", rules.visit_points, POINTS)
    per_weight = working.number(
        "activity.admission_points", ADMISSION_POINTS.zh, "Points of an admission's weight", rules.admission_points,
        POINTS,
    )  # fmt: skip
    kind = working.kind(
        Label("outpatient_points", "门诊工分", "Outpatient points"),
        "visits * visit_points + items + admitted * admission_points", PLACES,
        names=(VISITS, VISIT_POINTS, ITEMS, ADMITTED, ADMISSION_POINTS), unit=POINTS,
    )  # fmt: skip
    exact = (
        Fraction(number(visits)) * Fraction(rules.visit_points)
        + Fraction(number(items))
        + Fraction(number(admitted)) * Fraction(rules.admission_points)
    )
    inputs = (
        ("visits", visits), ("visit_points", each), ("items", items), ("admitted", admitted),
        ("admission_points", per_weight),
    )  # fmt: skip
    return derived(f"unit/{unit}/points/{OUTPATIENT}", kind, exact, inputs, owner=working.owner(unit))


def inpatient_points(working: Working, unit: str, cases: Figure, items: Figure) -> Figure:
    """Points by disease group and item points outside the group."""
    kind = working.kind(
        Label("inpatient_points", "住院工分", "Inpatient points"), "cases + items", PLACES, names=(CASES, ITEMS),
        unit=POINTS,
    )  # fmt: skip
    exact = Fraction(number(cases)) + Fraction(number(items))
    inputs = (("cases", cases), ("items", items))
    return derived(f"unit/{unit}/points/{INPATIENT}", kind, exact, inputs, owner=working.owner(unit))
