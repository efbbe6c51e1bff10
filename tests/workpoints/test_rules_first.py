"""The first distribution: three models, closing rules, group pools, quality, costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alliance.core.refused import Refused
from alliance.workpoints.rules.closing import close
from alliance.workpoints.rules.costs import CostRules, deduction, step_down
from alliance.workpoints.rules.first import PostUnit, driver_model, group_pools, post_model
from alliance.workpoints.rules.point_model import Entry, solve
from alliance.workpoints.rules.quality import QualityRules, quality_factor
from tests.workpoints.making import amounts, fig, figs, shown, sound, total, working

D = Decimal
POOLS = st.decimals(0, 10**7, places=2)
UNITS = st.sampled_from(["C01", "C02", "C03", "C04", "C05"])
POINTS = st.dictionaries(UNITS, st.decimals(0, 10**5, places=4), min_size=1)


def entry(unit, points, quality="1", deduction=None, increment=None):
    return Entry(
        unit, fig(f"{unit}/points", points), fig(f"{unit}/quality", quality),
        None if deduction is None else fig(f"{unit}/deduction", deduction),
        () if increment is None else (fig(f"{unit}/increment", increment),),
    )  # fmt: skip


def test_quality_is_linear_by_default_and_a_gate_by_choice():
    desk = working()
    linear = [quality_factor(desk, f"q{score}", fig(f"s{score}", score), QualityRules()) for score in (84, 85, 101)]
    assert [one.value for one in linear] == [D("0.84"), D("0.85"), D("1.01")]
    gate = [quality_factor(desk, f"g{score}", fig(f"t{score}", score), QualityRules("gate")) for score in (84, 85, 101)]
    assert [one.value for one in gate] == [D("0.84"), 1, 1]
    sound(*linear, *gate)
    with pytest.raises(Refused, match="the score is -1"):
        quality_factor(desk, "q", fig("s", -1), QualityRules())


def test_the_post_model_names_every_unit_without_a_score_or_posts():
    units = [PostUnit("C01", fig("c1", 10), None), PostUnit("C02", fig("c2", 0), fig("q2", 1))]
    with pytest.raises(Refused) as refused:
        post_model(working(), fig("base", 100), units)
    assert [problem.where for problem in refused.value.problems] == ["C01", "C02"]


def test_an_overrun_needs_a_reserve_that_covers_it():
    computed = figs("bonus", {"C01": 700, "C02": 500}, "department")
    with pytest.raises(Refused, match=r"overrun of 200.* CNY needs a reserve, which holds 150"):
        close(working(), "first", fig("pool", 1000), computed, "none", fig("reserve", 150))
    closed = close(working(), "first", fig("pool", 1000), computed, "none", fig("reserve", 250))
    assert (closed.drawn.value, closed.to_fund.value) == (200, 0)
    sound(closed.drawn, closed.to_fund)


def test_a_cap_scales_down_only():
    computed = figs("bonus", {"C01": 700, "C02": 500}, "department")
    over = close(working(), "first", fig("pool", 1000), computed, "cap")
    assert amounts(over.bonuses) == {"C01": D("583.33"), "C02": D("416.67")}
    under = close(working(), "first", fig("pool", 2000), computed, "cap")
    assert amounts(under.bonuses) == {"C01": 700, "C02": 500}
    assert under.to_fund.value == 800
    exact = close(working(), "first", fig("pool", 2400), computed, "exact")
    assert amounts(exact.bonuses) == {"C01": 1400, "C02": 1000}
    for closed in (over, under, exact):
        sound(closed.left)
    with pytest.raises(Refused, match="no closing rule"):
        close(working(), "first", fig("pool", 1), computed, "guess")


@given(POOLS, st.dictionaries(UNITS, st.decimals(0, 10**6, places=2), min_size=1), st.sampled_from(["cap", "exact"]))
def test_what_is_closed_adds_up_to_the_pool(pool, computed, rule):
    assume(sum(computed.values()))
    closed = close(working(), "first", fig("pool", pool), figs("bonus", computed, "department"), rule)
    assert total(closed.bonuses.values()) + closed.to_fund.value - closed.drawn.value == pool
    assert closed.drawn.value == 0
    assert rule == "cap" or closed.to_fund.value == 0


def test_the_value_of_a_point_closes_the_pool():
    entries = [entry("C01", 600, "0.9", 1000, 500), entry("C02", 400, "1.05")]
    solved = solve(working(), "doctors", fig("pool", 10000), entries)
    # (10,000 + 1,000 − 500) ÷ (540 + 420) = 10.9375; C01 5,906.25 − 1,000 + 500
    assert [one.value for one in solved.values] == [D("10.9375")]
    assert amounts(solved.bonuses) == {"C01": D("5406.25"), "C02": D("4593.75")}
    assert solved.issues == []
    sound(*solved.bonuses.values(), *solved.values)
    assert shown(solved.bonuses["C01"]) == "取大(0，5906.25 − 1000 + 500)"


def test_a_unit_that_would_fall_under_nought_gets_nought_and_the_value_is_solved_again():
    entries = [entry("C01", 10, deduction=5000), entry("C02", 490), entry("C03", 500)]
    solved = solve(working(), "doctors", fig("pool", 10000), entries)
    assert [one.value for one in solved.values] == [15, D("10.10101")]
    assert amounts(solved.bonuses) == {"C01": 0, "C02": D("4949.49"), "C03": D("5050.51")}
    assert [(one.kind, one.where, one.amount) for one in solved.issues] == [("point_value", "doctors", "15 → 10.10101")]
    sound(*solved.bonuses.values(), *solved.values)


@given(POOLS, POINTS, st.dictionaries(UNITS, st.decimals(0, 10**6, places=2)), st.randoms(use_true_random=False))
def test_the_bonuses_add_up_to_the_pool_whatever_falls_under_nought_and_in_any_order(pool, points, costs, random):
    entries = [entry(unit, value, "0.95", costs.get(unit)) for unit, value in points.items()]
    if not any(points.values()):
        with pytest.raises(Refused, match="add up to 0"):
            solve(working(), "doctors", fig("pool", pool), entries)
        return
    solved = solve(working(), "doctors", fig("pool", pool), entries)
    assert total(solved.bonuses.values()) == pool
    assert min(amounts(solved.bonuses).values()) >= 0
    sound(*solved.bonuses.values(), *solved.values)
    random.shuffle(entries)
    again = solve(working(), "doctors", fig("pool", pool), entries)
    assert amounts(again.bonuses) == amounts(solved.bonuses)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry("C01", -5), entry("C02", 10)], r"doctors/C01: .*\[-5\]"),
        ([Entry("C01", fig("p", 5), None)], r"doctors/C01: this unit has no score"),
        ([entry("C01", 0), entry("C02", 0)], r"doctors: the weights add up to 0, so 10000 CNY"),
        ([entry("C01", 5, increment=20000)], r"pool is 10000 CNY .* increments of 20000"),
        ([entry("C01", 5, deduction=-1)], r"doctors/C01: must be 0 or more"),
    ],
)
def test_what_cannot_be_shared_by_points_is_refused_with_place_and_amount(entries, said):
    with pytest.raises(Refused, match=said):
        solve(working(), "doctors", fig("pool", 10000), entries)


def test_the_driver_model_weighs_several_drivers():
    values = {
        "establishment": figs("e", {"C01": 60, "C02": 40}, "department"),
        "points": figs("p", {"C01": 100, "C02": 300}, "department"),
    }
    found = driver_model(working(), "first", fig("pool", 1000), {"establishment": D(40), "points": D(60)}, values)
    assert amounts(found.shares) == {"C01": 390, "C02": 610}  # 0.4 · 0.6 + 0.6 · 0.25
    sound(*found.shares.values())


@given(POOLS, POINTS, st.decimals(0, 100, places=2), st.randoms(use_true_random=False))
def test_the_driver_model_is_exact_in_any_order(pool, points, weight, random):
    assume(sum(points.values()))
    weights = {"points": weight, "establishment": 100 - weight}

    def shared(units):
        values = {
            "points": figs("p", {unit: points[unit] for unit in units}, "department"),
            "establishment": figs("e", dict.fromkeys(units, 1), "department"),
        }
        return driver_model(working(), "first", fig("pool", pool), weights, values).shares

    units = list(points)
    found = shared(units)
    assert total(found.values()) == pool
    sound(*found.values())
    random.shuffle(units)
    assert amounts(shared(units)) == amounts(found)


def test_the_driver_model_refuses_losses_unless_they_count_as_nought():
    values = {"balance": figs("b", {"C01": -500, "C02": 1000}, "department")}
    with pytest.raises(Refused, match=r"first/balance/C01: a weight must be 0 or more \[-500\]"):
        driver_model(working(), "first", fig("pool", 10), {"balance": D(100)}, values)
    found = driver_model(working(), "first", fig("pool", 10), {"balance": D(100)}, values, losses_count_nothing=True)
    assert amounts(found.shares) == {"C01": 0, "C02": 10}
    sound(*found.shares.values())


def test_the_driver_model_refuses_what_is_not_whole():
    one = figs("e", {"C01": 1, "C02": 0}, "department")
    nobody = figs("p", {"C01": 0, "C02": 0}, "department")
    halves = {"establishment": D(50), "points": D(50)}
    with pytest.raises(Refused, match="first: the weights add up to 0, so 10 CNY"):
        driver_model(working(), "first", fig("pool", 10), halves, {"establishment": one, "points": nobody})
    with pytest.raises(Refused, match="exactly 100"):
        driver_model(working(), "first", fig("pool", 10), {"points": D(90)}, {"points": one})
    with pytest.raises(Refused, match="first/points/C02: has no value"):
        driver_model(
            working(), "first", fig("pool", 10), halves, {"establishment": one, "points": figs("p", {"C01": 1})}
        )
    with pytest.raises(Refused, match="no such drivers"):
        driver_model(working(), "first", fig("pool", 10), {"luck": D(100)}, {})


def test_the_month_is_divided_among_the_groups():
    shares = {
        "doctor": ("医师", "Doctors", D(50)),
        "nurse": ("护理", "Nurses", D(40)),
        "other": ("其他", "Others", D(10)),
    }
    found = group_pools(working(), "groups", fig("month", "1000000.01"), shares)
    assert amounts(found) == {"doctor": D("500000.01"), "nurse": D("400000.00"), "other": D("100000.00")}
    sound(*found.values())
    with pytest.raises(Refused, match="exactly 100"):
        group_pools(working(), "groups", fig("month", 1), {"doctor": ("医师", "Doctors", D(50))})


def test_costs_take_something_off():
    found = deduction(
        working(), "C01", fig("v", 40000), fig("c", 12000), fig("s", 10000), CostRules(D(50), D(20))
    )  # fmt: skip
    sound(found)
    assert found.value == 20400
    with pytest.raises(Refused, match=r"C01\.variable: must be 0 or more \[-1\]"):
        deduction(working(), "C01", fig("v", -1), fig("c", 0), fig("s", 0), CostRules())


COSTS = st.fixed_dictionaries({code: st.decimals(0, 10**6, places=2) for code in ("A", "B", "X", "Y")})
DRIVEN = st.lists(st.integers(0, 50), min_size=5, max_size=5)


@given(COSTS, DRIVEN)
def test_stepping_down_keeps_every_yuan(direct, driven):
    drivers = {
        "A": figs("A", dict(zip("BXY", driven, strict=False)), "department"),
        "B": figs("B", dict(zip("XY", driven[3:], strict=False)), "department"),
    }
    found = step_down(working(), ["A", "B"], figs("direct", direct, "department"), drivers)
    assert total(found.final.values()) == sum(direct.values())
    sound(*found.final.values())


def test_a_department_without_drivers_keeps_its_cost_and_is_listed():
    direct = figs("direct", {"A": 100, "X": 50}, "department")
    found = step_down(working(), ["A"], direct, {"A": figs("A", {"X": 0}, "department")})
    assert amounts(found.final) == {"A": 100, "X": 50}
    assert [(one.kind, one.where, one.amount) for one in found.issues] == [("zero_divisor", "cost/A", "100")]


def test_costs_never_flow_back():
    direct = figs("direct", {"A": 100, "B": 100, "X": 50}, "department")
    with pytest.raises(Refused, match="B → A"):
        step_down(working(), ["A", "B"], direct, {"B": figs("B", {"A": 1}, "department")})
