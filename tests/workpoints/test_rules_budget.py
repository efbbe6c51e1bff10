"""The budget of a year: pool, months and year-end fund to the cent; structure and warnings."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.refused import Refused
from alliance.workpoints.rules.budget import (
    LINES,
    BudgetRules,
    Source,
    accrued,
    against_budget,
    goal_factor,
    matched_wages,
    year_budget,
)
from alliance.workpoints.rules.subjects import SUBJECTS, PaidBefore, Pay, operation_share, structure
from tests.workpoints.making import amounts, fig, figs, shown, sound, working

D = Decimal
CENTS = st.decimals(0, 10**9, places=2)


def budget(sources, *, goal=100, coefficients=100, allowances=0, **rules):
    lines = [Source(kind, fig(f"line/{kind}", amount)) for kind, amount in sources.items()]
    return year_budget(
        working(), lines, fig("goal", goal), fig("coefficients", coefficients), fig("allowances", allowances),
        BudgetRules(**{name: D(value) for name, value in rules.items()}),
    )  # fmt: skip


def test_the_pool_is_a_sum_of_lines_times_the_goal_factor():
    found = budget(
        {"disposable": 20000000, "night_allowance": 600000, "risk_fund": 400000, "fund_net": 39077.46,
         "file_wages": 1200000, "penalty": 39077.46},
        goal=104, allowances=600000,
    )  # fmt: skip
    # 20,000,000 − 600,000 − 400,000 + 39,077.46 + 1,200,000 − 39,077.46 = 20,200,000; × 1.04 = 21,008,000
    assert (found.gross.value, found.factor.value, found.year.value) == (D(20200000), D("1.04"), D(21008000))
    assert found.straight.value == 1248000
    assert found.planned_fund.value == D("2160800.00")  # 10 % of 21,008,000 + 600,000
    assert found.month.value == D("1570600.00")
    assert found.pooled_month.value == D("1466600.00")  # less 1,248,000 ÷ 12
    assert found.base.value == D("14666.00")
    sound(*(getattr(found, name) for name in found.__dataclass_fields__))
    assert shown(found.base) == "1466600 ÷ 100"
    assert shown(found.gross) == "20000000 + 39077.46 + 1200000 − (600000 + 400000 + 39077.46)"


@given(CENTS, st.decimals(0, 200, places=2), st.decimals(0, 20, places=2), st.decimals("0.01", 5000, places=2))
def test_twelve_months_and_the_year_end_fund_are_the_year(disposable, goal, rate, coefficients):
    found = budget({"disposable": disposable}, goal=goal, year_end=rate, coefficients=coefficients)
    assert 12 * found.month.value + found.year_end_fund.value == found.year.value
    assert 0 <= found.year_end_fund.value - found.planned_fund.value < D("0.12")
    sound(*(getattr(found, name) for name in found.__dataclass_fields__))


@given(st.permutations(list(LINES)))
def test_the_order_of_the_lines_does_not_matter(order):
    sources = {"disposable": 50000000} | {kind: 1000 * place for place, kind in enumerate(LINES, 1) if place > 1}
    sources = {kind: amount for kind, amount in sources.items() if kind != "accrued"}
    again = {kind: sources[kind] for kind in order if kind in sources}
    assert budget(again).base.value == budget(sources).base.value


@pytest.mark.parametrize(("score", "factor"), [(130, "1.1"), (50, "0.9"), (100, "1"), ("97.25", "0.9725")])
def test_the_goal_factor_keeps_within_its_limits(score, factor):
    assert goal_factor(working(), fig("goal", score), BudgetRules()).value == D(factor)


def test_a_pool_smaller_than_its_fixed_parts_is_refused_with_both_amounts():
    with pytest.raises(Refused, match=r"1000\.00 CNY, smaller than its fixed parts of 1100\.00"):
        budget({"file_wages": 1000})


def test_establishment_coefficients_of_nought_are_refused_with_the_amount():
    with pytest.raises(Refused, match=r"add up to 0: 75000\.00 CNY"):
        budget({"disposable": 1000000}, coefficients=0)


def test_a_year_end_fund_beyond_a_fifth_is_refused():
    with pytest.raises(Refused, match="21%"):
        budget({"disposable": 1000000}, year_end=21)


def test_a_line_without_an_amount_is_refused_by_its_name():
    with pytest.raises(Refused, match="line/award has no value"):
        budget({"disposable": 1000000, "award": None})


def test_an_unknown_line_is_refused():
    with pytest.raises(Refused, match="lottery"):
        budget({"lottery": 1})


def test_a_pool_accrues_from_medical_services_only():
    desk = working()
    source = accrued(desk, "surgery", "operation", fig("income", 1000000), D(30))
    assert source.amount.value == 300000
    sound(source.amount)
    for item_class in ("drug", "consumable", "examination", "laboratory", "other"):
        with pytest.raises(Refused, match="pay to drugs"):
            accrued(desk, "x", item_class, fig("income", 1), D(1))
    with pytest.raises(Refused, match=r"line/accrued"):
        year_budget(
            desk, [Source("accrued", fig("line/accrued", 5), "drug")], fig("goal", 100), fig("c", 1), fig("a", 0),
            BudgetRules(),
        )  # fmt: skip


def test_the_hospital_matches_file_wages():
    found = matched_wages(working(), "P1", fig("wage", "1000.50"), BudgetRules())
    sound(found)
    assert (found.value, found.owner) == (D("3001.50"), "person:H01/P1")


def test_paid_against_budget_by_month_and_against_the_approved_total():
    paid = figs("paid", {"2026-01": 100, "2026-02": 130, "2026-03": 90})
    rows, issues = against_budget(working(), paid, fig("month", 100), fig("approved", 300))
    assert [(month, to_date.value, over.value) for month, to_date, over in rows] == [
        ("2026-01", 100, 0), ("2026-02", 230, 30), ("2026-03", 320, 20),
    ]  # fmt: skip
    assert [(one.kind, one.amount, one.blocks) for one in issues] == [("wage_total", "20", False)]
    sound(*(figure for row in rows for figure in row[1:]))


def test_pay_by_subject_and_group_and_the_share_of_medical_operation_pay():
    pays = [
        Pay("bonus", "doctor", fig("1", 500)), Pay("bonus", "doctor", fig("2", 100)),
        Pay("night", "nurse", fig("3", 160)), Pay("research", "doctor", fig("4", 240)),
        Pay("basic", "nurse", fig("5", 9000)),
    ]  # fmt: skip
    sums = structure(working(), pays)
    assert amounts(sums)[("bonus", "doctor")] == 600
    share, issues = operation_share(working(), pays, D(80))
    sound(share, *sums.values())
    assert share.value == 76
    assert [(one.kind, one.amount) for one in issues] == [("operation_share", "76")]
    assert operation_share(working(), pays[:3], D(80))[1] == []
    assert operation_share(working(), [], D(80)) == (None, [])


def test_the_share_of_medical_operation_pay_is_of_the_year_to_date():
    """70 % of this month's 100; with January's 95 of 100 it is 82.5 % of the year, with 75 of 100 it is 72.5 %."""
    pays = [Pay("bonus", "doctor", fig("bonus", 70)), Pay("research", "doctor", fig("research", 30))]
    share, issues = operation_share(working(), pays, D(80), [PaidBefore("2026-01", D(95), D(100))])
    assert (share.value, issues) == (D("82.5"), [])
    sound(share)
    share, issues = operation_share(working(), pays, D(80), [PaidBefore("2026-01", D(75), D(100))])
    assert [(one.kind, one.amount) for one in issues] == [("operation_share", "72.5")]


def test_a_subject_or_group_that_there_is_not_is_refused():
    with pytest.raises(Refused, match="no such pay subject"):
        structure(working(), [Pay("bonus", "gardener", fig("1", 1))])


def test_every_subject_has_one_of_the_three_classes():
    assert {one.pay_class for one in SUBJECTS.values()} == {"contribution", "maintenance", "strategic"}
