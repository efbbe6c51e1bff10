"""A whole month by the rules alone: from the year's lines to payslips, every cent told and nothing left over."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from alliance.core.figure import digest, trail
from alliance.workpoints.rules.budget import BudgetRules, Source, year_budget
from alliance.workpoints.rules.closing import close
from alliance.workpoints.rules.costs import CostRules, deduction
from alliance.workpoints.rules.first import PostUnit, group_pools, post_model
from alliance.workpoints.rules.payslips import Line, slip
from alliance.workpoints.rules.point_model import Entry, solve
from alliance.workpoints.rules.quality import QualityRules, quality_factor
from alliance.workpoints.rules.reconciliation import Row, reconcile
from alliance.workpoints.rules.second import SecondRules, distribute
from alliance.workpoints.rules.shifts import Shift, shifted
from tests.workpoints.making import fig, member, sound, total, working

D = Decimal
SCORES = {"C01": D("92.5"), "C02": D("101"), "N01": D("88.25")}
PEOPLE = {
    unit: [member(f"{unit}-{n}", post=D("1.0") + n * D("0.1"), score=90 + n) for n in range(1, 6)] for unit in SCORES
}


def quality(desk, unit):
    return quality_factor(desk, f"unit/{unit}/quality", fig(f"unit/{unit}/score", SCORES[unit]), QualityRules())


def budget(desk, disposable):
    sources = [
        Source("disposable", fig("line/disposable", disposable)),
        Source("fund_net", fig("line/net", "39077.46")),
    ]
    return year_budget(
        desk, sources, fig("goal", "103.5"), fig("coefficients", 20), fig("allowances", 60000), BudgetRules()
    )


def people(desk, bonuses):
    """The shares of everybody by unit; in one unit the head moves ten yuan."""
    found = {unit: distribute(desk, unit, bonus, PEOPLE[unit], SecondRules()).shares for unit, bonus in bonuses.items()}
    unit = next(iter(bonuses))
    one, two = sorted(found[unit])[:2]
    if min(figure.value for figure in found[unit].values()) >= 200:
        shifts = [Shift(one, D(10), "led the night clinic"), Shift(two, D(-10), "left early for a course")]
        found[unit] = shifted(desk, unit, found[unit], shifts, D(5), f"shift:H01/2026-03/{unit}@1")
    return found


def reconciled(desk, pools, bonuses, found):
    """The pools against the units' bonuses, those against their people."""
    rows = [Row(code, "一次分配", "First distribution", pool, tuple(parts)) for code, (pool, parts) in pools.items()]
    rows += [
        Row(unit, "二次分配", "Second distribution", bonus, tuple(found[unit].values()))
        for unit, bonus in bonuses.items()
    ]
    return reconcile(desk, rows, [])


@given(st.decimals(100000, 10**9, places=2))
def test_a_month_by_the_post_model_adds_up(disposable):
    desk = working()
    plan = budget(desk, disposable)
    units = [PostUnit(unit, fig(f"unit/{unit}/posts", 6), quality(desk, unit)) for unit in SCORES]
    closed = close(desk, "first", plan.pooled_month, post_model(desk, plan.base, units), "none")
    found = people(desk, closed.bonuses)
    result = reconciled(
        desk, {"first": (plan.pooled_month, [*closed.bonuses.values(), closed.to_fund])}, closed.bonuses, found
    )
    assert result.may_submit
    slips = [slip(desk, code, [Line("bonus", figure)]) for row in found.values() for code, figure in row.items()]
    assert total(one.net for one in slips) + closed.to_fund.value == plan.pooled_month.value
    sound(*(one.net for one in slips), *(one.difference for one in result.rows))


@given(st.decimals(10**6, 10**9, places=2), st.decimals(0, 50000, places=2))
def test_a_month_by_the_point_model_adds_up_and_is_the_same_again(disposable, drugs):
    def computed():
        desk = working()
        plan = budget(desk, disposable)
        shares = {"doctor": ("医师", "Doctors", D(60)), "nurse": ("护理", "Nurses", D(40))}
        pools = group_pools(desk, "groups", plan.pooled_month, shares)
        nothing = fig("nothing", 0)
        entries = [
            Entry(unit, fig(f"unit/{unit}/points", 1000 + place), quality(desk, unit), deduction(
                desk, unit, fig(f"unit/{unit}/drugs", drugs), nothing, nothing, CostRules(D(5))
            ))
            for place, unit in enumerate(SCORES)
        ]  # fmt: skip
        solved = {
            "doctor": solve(desk, "pool/doctor", pools["doctor"], entries[:2]),
            "nurse": solve(desk, "pool/nurse", pools["nurse"], entries[2:]),
        }
        bonuses = {unit: bonus for one in solved.values() for unit, bonus in one.bonuses.items()}
        found = people(desk, bonuses)
        rows = {code: (pools[code], list(solved[code].bonuses.values())) for code in pools}
        return plan, found, reconciled(desk, rows, bonuses, found)

    plan, found, result = computed()
    assert result.may_submit
    assert total(figure for row in found.values() for figure in row.values()) == plan.pooled_month.value
    figures = list(trail(*(one.difference for one in result.rows)))
    sound(*(one.difference for one in result.rows))
    again = computed()[2]
    assert digest(figures) == digest(list(trail(*(one.difference for one in again.rows))))
