"""Item points, disease groups, outpatient and inpatient points, increments; what pay may not rest on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.refused import Refused, filled
from alliance.workpoints.rules.activity import ActivityRules, inpatient_points, outpatient_points
from alliance.workpoints.rules.cases import CaseRules, GroupOfCases, over_standard, unit_cases
from alliance.workpoints.rules.income import CLASSES, INCOME, Draw, forbidden
from alliance.workpoints.rules.increments import (
    IncrementRules,
    capped_increment,
    growth,
    increment,
    stepped,
)
from alliance.workpoints.rules.items import (
    Item,
    ItemPoints,
    MixRules,
    by_role,
    check_items,
    mixed_points,
)
from alliance.workpoints.rules.library import Override, adopted
from tests.workpoints.making import fig, shown, sound, steps, working

D = Decimal
JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)
STEPS = steps((None, 10, 1), (10, 20, 2), (20, None, 3))
BASE = fig("base", 100)
ROLES = {"ordering": D("0.2"), "performing": D("0.8")}


def points(item="I1", role="team", value="10", start=JANUARY, until=date(9999, 12, 31)):
    return ItemPoints(item, role, D(value), start, until)


ITEMS = {code: Item(code, code, code, item_class) for code, item_class in {
    "I1": "operation", "I2": "examination", "I3": "drug", "I4": "treatment",
}.items()}  # fmt: skip
BY_CLASS = {code: item.item_class for code, item in ITEMS.items()}


@pytest.mark.parametrize("item_class", CLASSES)
def test_what_pay_may_rest_on(item_class):
    def allowed(**more):
        return not forbidden([Draw("here", item_class, **more)])

    goods, examined = item_class in ("drug", "consumable"), item_class in ("examination", "laboratory")
    assert allowed() == (not goods)
    assert allowed(role="ordering") == (item_class in ("treatment", "operation"))
    assert allowed(measure=INCOME) == (not goods and not examined and item_class != "other")


def test_an_unknown_class_is_named_with_its_place():
    (problem,) = forbidden([Draw("accrual.1", "tea")])
    assert (problem.where, problem.value) == ("accrual.1", "tea")


def test_a_table_of_points_is_checked_whole():
    rows = [
        points("I1", "team", "10"), points("I1", "team", "12", JULY),  # overlap
        points("I2", "ordering", "1"), points("I3", "performing", "1"), points("I9", "team", "1"),
        points("I4", "team", "-1"), points("I4", "operator", "0.00001"), points("I4", "assistant", "1", JULY, JANUARY),
    ]  # fmt: skip
    found = {(problem.where, problem.value) for problem in check_items(ITEMS, rows)}
    assert found == {
        ("I1/team", "2026-07-01"), ("I2/ordering", "examination"), ("I3/performing", "drug"), ("I9/team", "I9"),
        ("I4/team", "-1"), ("I4/operator", "0.00001"), ("I4/assistant", "2026-01-01"),
    }  # fmt: skip
    assert check_items(ITEMS, [points("I1", "team", "10", JANUARY, JULY), points("I1", "team", "12", JULY)]) == []


@pytest.mark.parametrize(("value", "said"), [
    ("1E-9999999", "at most 4 decimal places"), ("1E+9999999", "less than"), ("-1E+9999999", "0 or more"),
    ("999999.9999", ""), ("1000000", "less than"), ("0", ""), ("5.00000", ""), ("5.00001", "at most 4"),
])  # fmt: skip
def test_points_of_any_size_are_judged_at_once(value, said):
    began = monotonic()
    found = [filled(problem.message, problem.numbers) for problem in check_items(ITEMS, [points(value=value)])]
    assert (said in found[0]) if said else found == []
    assert monotonic() - began < 5


def test_a_team_divides_points_by_role_and_ordering_takes_nothing_of_examinations():
    rows = by_role([points("I1"), points("I2"), points("I4", "operator", "3")], ROLES, BY_CLASS)
    assert {(row.item, row.role): row.points for row in rows} == {
        ("I1", "ordering"): 2, ("I1", "performing"): 8, ("I2", "performing"): 10, ("I4", "operator"): 3,
    }  # fmt: skip


@given(st.decimals(0, 10**6, places=4), st.lists(st.integers(0, 100), min_size=1, max_size=5).filter(any))
def test_dividing_points_among_roles_loses_nothing(value, parts):
    whole = sum(parts)
    shares = {f"role{n}": D(part) / 1000 for n, part in enumerate(parts)}
    shares["rest"] = 1 - sum(shares.values())
    rows = by_role([points("I1", value=str(value))], shares, BY_CLASS)
    assert whole > 0
    assert sum(row.points for row in rows) == value


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(Refused, match="exactly 1"):
        by_role([points()], {"a": D("0.5"), "b": D("0.4")}, BY_CLASS)
    with pytest.raises(Refused, match="no role may earn its 10 points"):
        by_role([points("I2")], {"ordering": D(1)}, BY_CLASS)


def test_the_case_mix_raises_item_points():
    desk = working()
    found = mixed_points(desk, "points", fig("p", 100), fig("cmi", "1.44"), MixRules(exponent=D("1.5")))
    sound(found)
    assert found.value == 120
    low = mixed_points(working(), "points", fig("p", 100), fig("cmi", "0.5"), MixRules(D(1), D("1.5"), D("0.81")))
    assert low.value == 90
    assert mixed_points(working(), "points", fig("p", 100), fig("cmi", 3), MixRules()).value == 100
    with pytest.raises(Refused, match="between 1 and 2"):
        mixed_points(working(), "points", fig("p", 1), fig("cmi", 1), MixRules(exponent=D(3)))


def test_a_hospital_adopts_a_library_and_sees_how_far_it_departs():
    library = [points("I1"), points("I4", value="5")]
    rows, departs = adopted(working(), library, [Override("I1", "team", D("12.5"), "longer with our equipment")])
    assert [row.points for row in rows] == [D("12.5"), 5]
    assert departs["I1/team"].value == 25
    sound(*departs.values())
    with pytest.raises(Refused) as refused:
        adopted(working(), library, [Override("I1", "team", D(1), "short"), Override("I1", "nurse", D(1), "x" * 10)])
    assert {problem.where for problem in refused.value.problems} == {"I1/team", "I1/nurse"}


def group(code, rw, cases, days, cost, reference_days, reference_cost):
    names = ("rw", "cases", "days", "cost", "reference_days", "reference_cost")
    values = (rw, cases, days, cost, reference_days, reference_cost)
    return GroupOfCases(code, *(fig(f"{code}/{name}", value) for name, value in zip(names, values, strict=True)))


def test_points_of_a_unit_s_cases():
    groups = [group("A", "0.8", 60, 360, 480000, 6, 8000), group("B", "2.5", 40, 400, 880000, 8, 20000)]
    found = unit_cases(working(), "C03", groups, fig("quality", 95), CaseRules())
    assert (found.weight.value, found.cmi.value) == (148, D("1.48"))
    assert (found.tei.value, found.cei.value) == (D("1.1"), D("1.04"))  # (60 + 50) ÷ 100, (60 + 44) ÷ 100
    assert found.coefficient.value == D("0.93")
    assert found.points.value == D("13075.8")  # 148 × 100 × 0.93 × 0.95
    sound(*(getattr(found, name) for name in found.__dataclass_fields__))
    assert shown(found.cmi) == "(0.8 × 60 + 2.5 × 40) ÷ (60 + 40)"


@given(st.integers(1, 500), st.integers(1, 500))
def test_the_operating_coefficient_keeps_within_its_limits(days, cost):
    found = unit_cases(working(), "C03", [group("A", 1, 10, days, cost, 10, 10)], fig("quality", 100), CaseRules())
    assert D("0.8") <= found.coefficient.value <= D("1.2")


def test_cases_that_cannot_be_compared_are_refused_by_unit_and_group():
    with pytest.raises(Refused, match="C03") as refused:
        unit_cases(working(), "C03", [group("A", 1, 10, 1, 1, 0, 10)], fig("quality", 100), CaseRules())
    assert refused.value.problems[0].where == "C03/A"
    with pytest.raises(Refused, match="hold no cases"):
        unit_cases(working(), "C03", [group("A", 1, 0, 0, 0, 1, 10)], fig("quality", 100), CaseRules())


def test_a_group_over_its_standard_cost_opens_a_plan():
    costs = [("A", fig("a", 1101), fig("an", 10), fig("as", 100)), ("B", fig("b", 1100), fig("bn", 10), fig("bs", 100))]
    assert [(one.kind, one.where) for one in over_standard("C03", costs, CaseRules())] == [
        ("cost_over_standard", "C03/A")
    ]


def test_outpatient_and_inpatient_points():
    desk = working()
    rules = ActivityRules(D("1.5"), D(2))
    out = outpatient_points(desk, "C03", fig("visits", 100), fig("items", 40), fig("admitted", 12), rules)
    inside = inpatient_points(desk, "C03", fig("cases", "13075.8"), fig("outside", "24.2"))
    sound(out, inside)
    assert (out.value, inside.value) == (214, 13100)


def test_a_growth_is_rewarded_step_by_step_and_a_fall_only_if_switched_on():
    rules = IncrementRules(STEPS, D(100))
    up, down = (growth(working(), f"g{actual}", fig(f"actual{actual}", actual), BASE) for actual in (125, 85))
    assert (up.value, down.value) == (25, -15)
    desk = working()
    found = [increment(desk, f"i{place}", one, rules) for place, one in enumerate((up, down))]
    sound(*found)
    assert [one.value for one in found] == [4500, 0]
    both = increment(working(), "i", down, IncrementRules(STEPS, D(100), negative=True))
    sound(both)
    assert both.value == -2000


def test_an_increment_keeps_to_a_tenth_of_the_unit_s_bonus():
    desk, rules = working(), IncrementRules(STEPS, D(100))
    bonus = fig("bonus", 100000)
    found = [
        capped_increment(desk, f"i{amount}", fig(f"a{amount}", amount), bonus, rules)
        for amount in (12000, 9000, -12000)
    ]
    sound(*found)
    assert [one.value for one in found] == [10000, 9000, -10000]


def test_a_base_of_nought_is_refused_with_its_place():
    with pytest.raises(Refused, match="C03/visits: the base quantity is 0"):
        growth(working(), "C03/visits", fig("actual", 5), fig("base", 0))


@given(st.decimals(-1000, 1000, places=4))
def test_steps_are_mirrored_and_print_what_they_compute(quantity):
    desk = working()
    one, other = (stepped(desk, key, "x", fig(f"q{key}", value), STEPS) for key, value in
                  (("a", quantity), ("b", -quantity)))  # fmt: skip
    sound(one, other)
    assert one.value == -other.value
