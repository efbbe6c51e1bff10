"""The second distribution: coefficients, templates, shifts, publicity; heads and administration; allowances."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.refused import Refused
from alliance.workpoints.rules.allowances import (
    Night,
    NightRate,
    Task,
    check_nights,
    night_allowances,
    special_share,
    task_allowances,
)
from alliance.workpoints.rules.heads import (
    HeadRules,
    administration_bonus,
    grade_coefficient,
    head_bonus,
    head_multiple,
    head_score,
    peers_mean,
    within_line,
)
from alliance.workpoints.rules.publicity import Hearing, check_hearing, last_day, may_be_final, next_instance
from alliance.workpoints.rules.scheme import read_second
from alliance.workpoints.rules.second import SecondRules, distribute
from alliance.workpoints.rules.shifts import Shift, shifted
from alliance.workpoints.rules.weighing import coefficient, newcomer_factor
from alliance.workpoints.rules.working import Label
from tests.workpoints.making import amounts, fig, figs, member, shown, sound, steps, total, working

D = Decimal
PEOPLE = st.dictionaries(
    st.sampled_from([f"P{n}" for n in range(12)]),
    st.tuples(st.decimals("0.1", 3, places=2), st.decimals(1, 120, places=2)),
    min_size=1,
)
REASON = "took over the night clinic"


def shares(bonus, people, rules=None):
    return distribute(working(), "C03", fig("bonus", bonus), people, rules or SecondRules())


@given(st.decimals(0, 10**7, places=2), PEOPLE, st.randoms(use_true_random=False))
def test_the_people_of_a_unit_share_its_bonus_to_the_cent_in_any_order(bonus, rows, random):
    people = [member(code, post=post, score=score) for code, (post, score) in rows.items()]
    found = shares(bonus, people)
    assert total(found.shares.values()) == bonus
    sound(*found.shares.values())
    random.shuffle(people)
    assert amounts(shares(bonus, people).shares) == amounts(found.shares)


def test_a_coefficient_is_post_and_seniority_by_score_days_and_newness():
    one = member(
        "P1", post="1.5", score=90, days=fig("days", 10), month_days=fig("month", 30), newcomer=fig("new", "0.7")
    )
    found = coefficient(working(), "C03", one)
    sound(found)
    assert found.value == D("0.315")
    assert shown(found) == "(1.5 + 0) × 90 ÷ 100 × 10 ÷ 30 × 0.7"
    assert found.owner == "person:H01/P1"


@pytest.mark.parametrize(("months", "factor"), [(0, "0.7"), (3, "0.85"), (5, "0.85"), (6, "1"), (240, "1")])
def test_a_newcomer_counts_less_for_some_months(months, factor):
    table = steps((0, 3, "0.7"), (3, 6, "0.85"), (6, 12, "1"))
    found = newcomer_factor(working(), "P1", fig("months", months), table)
    sound(found)
    assert found.value == D(factor)


def test_who_is_on_leave_gets_nothing_and_is_shown():
    found = shares(300, [member("P1"), member("P2"), member("P3", excluded="maternity")])
    assert amounts(found.shares) == {"P1": 150, "P2": 150, "P3": 0}
    sound(*found.shares.values())


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([], r"C03: nobody can take its bonus of 300 CNY"),
        ([member("P1", excluded="study")], r"C03: nobody can take its bonus of 300 CNY"),
        ([member("P1"), member("P2", post=None)], r"C03/P2: this person has no post"),
        ([member("P1", score=None)], r"C03/P1: this person has no score"),
        ([member("P1", post=0), member("P2", score=0)], r"weights add up to 0, so 300 CNY"),
    ],
)
def test_a_bonus_that_cannot_be_distributed_is_refused_with_place_and_amount(people, said):
    with pytest.raises(Refused, match=said):
        shares(300, people)


def template(*parts, **more):
    return read_second({"way": "template", "part": parts, **more}, "units.C03")


def part(code, share, *factors, **more):
    return {"code": code, "share": share, "factor": list(factors), **more}


def test_a_factor_that_nobody_has_gives_its_weight_to_the_others():
    rules = template(part("all", 100, {"code": "quantity", "weight": 60}, {"code": "risk", "weight": 40}))
    people = [member(code, values={"quantity": value, "risk": 0}) for code, value in (("P1", 1), ("P2", 3))]
    found = shares(400, people, rules)
    assert amounts(found.shares) == {"P1": 100, "P2": 300}
    assert [(one.kind, one.where) for one in found.issues] == [("factor_dropped", "unit/C03/second/all/risk")]
    sound(*found.shares.values())


def test_a_fee_is_divided_between_doctors_and_nurses():
    rules = template(
        part("reading", 70, {"code": "reads"}, who=["doctor"]),
        part("pool", 30, {"code": "x", "way": "equal"}, who=["nurse"]),
    )  # fmt: skip
    people = [
        member("D1", "doctor", values={"reads": 3}), member("D2", "doctor", values={"reads": 4}),
        member("N1", "nurse"), member("N2", "nurse"),
    ]  # fmt: skip
    found = shares(1000, people, rules)
    assert amounts(found.shares) == {"D1": 300, "D2": 400, "N1": 150, "N2": 150}
    sound(*found.shares.values())


def test_a_bed_allowance_goes_by_thirds():
    rules = template(
        part("beds", 2, {"code": "bed_days"}, who=["doctor"]),
        part("pool", 1, {"code": "x", "way": "equal"}, who=["nurse"]), whole=3,
    )  # fmt: skip
    people = [member("D1", "doctor", values={"bed_days": 40}), member("N1"), member("N2")]
    found = distribute(working(), "C03", fig("allowance", 100), people, rules, "beds")
    assert amounts(found.shares) == {"D1": D("66.67"), "N1": D("16.67"), "N2": D("16.66")}
    assert found.shares["D1"].key == "unit/C03/beds/beds/D1"
    sound(*found.shares.values())
    with pytest.raises(Refused, match="add up to 3, not to 100"):
        shares(100, people, template(part("a", 3, {"code": "x", "way": "equal"})))


def test_certificate_money_leaves_an_unspent_rest():
    rules = read_second({"way": "fixed", "fixed": [{"code": "certificate", "each": 50, "who": ["nurse"]}]}, "units.C03")
    found = shares(1000, [member("N1"), member("N2"), member("D1", "doctor")], rules)
    assert amounts(found.shares) == {"N1": 50, "N2": 50, "D1": 0}
    assert found.reserve.value == 900
    sound(found.reserve, *found.shares.values())


def test_units_with_rules_of_their_own_do_not_meet():
    desk, found = working(), []
    for unit, share in (("C03", 80), ("C04", 50)):
        rules = read_second(
            {
                "way": "template",
                "part": [
                    part("points", share, {"code": "points"}),
                    part("alike", 100 - share, {"code": "x", "way": "equal"}),
                ],
            },
            f"units.{unit}",
        )
        people = [member(f"{unit}-{n}", values={"points": n}) for n in (1, 3)]
        found.append(distribute(desk, unit, fig(f"{unit}/bonus", 1000), people, rules).shares)
    assert [amounts(one) for one in found] == [{"C03-1": 300, "C03-3": 700}, {"C04-1": 375, "C04-3": 625}]
    sound(*found[0].values(), *found[1].values())
    with pytest.raises(ValueError, match="two numbers under one place"):
        desk.number("units.C03.points", "占比", "Share", D(50))


def test_a_title_weighs_in_a_factor():
    rules = template(part("all", 100, {"code": "discharges", "times": "title"}))
    people = [
        member("P1", values={"discharges": 10, "title": "1.0"}),
        member("P2", values={"discharges": 10, "title": "1.5"}),
    ]
    found = shares(1000, people, rules)
    assert amounts(found.shares) == {"P1": 400, "P2": 600}
    sound(*found.shares.values())


def test_fixed_amounts_and_a_reserve_come_first():
    rules = template(
        part("rest", 100, {"code": "x", "way": "equal"}), fixed=[{"code": "certificate", "each": 50, "who": ["nurse"]}],
        reserve=5, reserve_limit=5,
    )  # fmt: skip
    found = shares(1000, [member("N1"), member("D1", "doctor")], rules)
    assert found.reserve.value == 50
    assert amounts(found.shares) == {"N1": 500, "D1": 450}
    sound(found.reserve, *found.shares.values())
    with pytest.raises(Refused, match=r"C03: its bonus of 40 CNY is smaller than its fixed parts of 52"):
        shares(40, [member("N1"), member("D1", "doctor")], rules)
    beyond = template(part("rest", 100, {"code": "x", "way": "equal"}), reserve=6, reserve_limit=5)
    with pytest.raises(Refused, match="keeps 6% in reserve; the scheme allows 5%"):
        shares(1000, [member("N1")], beyond)


def test_a_part_without_anybody_and_a_person_without_a_value_are_refused():
    rules = template(
        part("heads", 10, {"code": "x", "way": "equal"}, who=["head"]), part("rest", 90, {"code": "points"})
    )
    with pytest.raises(Refused, match=r"C03/heads: nobody works in this unit"):
        shares(100, [member("P1", values={"points": 1})], rules)
    with pytest.raises(Refused, match="P1 has no value of the factor points"):
        shares(100, [member("P1", duty="head")], rules)


def test_a_head_nurse_s_mean_needs_somebody_s_score():
    rules = template(part("all", 100, {"code": "score", "way": "head_mean", "size": D("1.4")}))
    with pytest.raises(Refused, match="nobody has a value above 0"):
        shares(100, [member("P1", duty="head_nurse", values={"score": 0}), member("P2", values={"score": 0})], rules)


@given(
    st.decimals(0, 10**6, places=2),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8),
    st.sampled_from(["largest_remainder", "heaviest"]),
)
def test_a_template_shares_to_the_cent(bonus, rows, rounding):
    rules = template(
        part("alike", "12.5", {"code": "x", "way": "equal"}),
        part("work", "87.5", {"code": "a", "weight": 70}, {"code": "b", "weight": 30}), rounding=rounding,
    )  # fmt: skip
    people = [member(f"P{n}", values={"a": a, "b": b}) for n, (a, b) in enumerate(rows)]
    if not any(a or b for a, b in rows):
        with pytest.raises(Refused, match="add up to 0"):
            shares(bonus, people, rules)
        return
    found = shares(bonus, people, rules)
    assert total(found.shares.values()) == bonus
    sound(*found.shares.values())


COMPUTED = {"P1": "1000.00", "P2": "1000.00", "P3": "500.00"}


def test_the_head_shifts_three_percent_and_is_refused_eight():
    computed = figs("share", COMPUTED)
    moved = [Shift("P1", D("30.00"), REASON), Shift("P2", D("-30.00"), REASON)]
    found = shifted(working(), "C03", computed, moved, D(5), "shift:H01/2026-03/C03@1")
    assert amounts(found) == {"P1": D("1030.00"), "P2": D("970.00"), "P3": D("500.00")}
    assert found["P3"] is computed["P3"]
    sound(*found.values())
    with pytest.raises(Refused, match=r"C03/P1: at most ±50\.00 CNY: 5% of the 1000\.00 CNY .*\[80\]"):
        shifted(working(), "C03", computed, [Shift("P1", D(80), REASON), Shift("P2", D(-80), REASON)], D(5), "shift:1")


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ([Shift("P1", D(10), REASON)], r"C03: the shifts must add up to 0 \[10\]"),
        ([Shift("P1", D(10), "short"), Shift("P2", D(-10), REASON)], "needs a reason of ten characters"),
        ([Shift("P9", D(10), REASON), Shift("P2", D(-10), REASON)], "C03/P9: nobody of this unit"),
        ([Shift("P1", D(10), REASON), Shift("P1", D(-10), REASON)], "C03/P1: is shifted twice"),
        ([Shift("P1", D("0.005"), REASON), Shift("P2", D("-0.005"), REASON)], "has parts of a cent"),
    ],
)
def test_a_shift_that_breaks_a_rule_is_refused(moved, said):
    with pytest.raises(Refused, match=said):
        shifted(working(), "C03", figs("share", COMPUTED), moved, D(5), "shift:1")


@given(st.lists(st.integers(-2500, 2500), min_size=1, max_size=2))
def test_a_shift_preserves_the_sum(changes):
    changes = [D(one) / 100 for one in changes]
    moved = [Shift(f"P{n}", one, REASON) for n, one in enumerate([*changes, -sum(changes)], 1)]
    computed = figs("share", {f"P{n}": 1000 for n in range(1, 5)})
    found = shifted(working(), "C03", computed, moved, D(5), "shift:1")
    assert total(found.values()) == 4000


def works(day):
    return day.weekday() < 5


def test_publicity_counts_working_days_and_objections():
    thursday = date(2026, 3, 5)
    assert last_day(thursday, works) == date(2026, 3, 10)
    assert not may_be_final(date(2026, 3, 10), thursday, works, 0)
    assert may_be_final(date(2026, 3, 11), thursday, works, 0)
    assert not may_be_final(date(2026, 3, 11), thursday, works, 1)
    assert not may_be_final(date(2026, 3, 11), None, works, 0)
    assert (next_instance("head"), next_instance("office")) == ("office", "")


def test_a_hearing_is_told_whole():
    check_hearing("C03", Hearing(date(2026, 1, 5), 12, 8, 3, "C03-2026-01"))
    with pytest.raises(Refused) as refused:
        check_hearing("C03", Hearing(None, 12, 6, 3, " "))
    assert [problem.where for problem in refused.value.problems] == ["C03.held_on", "C03.minutes", "C03.votes"]
    with pytest.raises(Refused, match="more votes than participants"):
        check_hearing("C03", Hearing(date(2026, 1, 5), 3, 3, 1, "m"))


@pytest.mark.parametrize(("score", "multiple"), [(60, "1.6"), (80, "1.8"), (100, "2"), (40, "1.6"), (120, "2")])
def test_a_head_s_multiple_rises_with_the_score(score, multiple):
    found = head_multiple(working(), "P1", fig("score", score), HeadRules())
    sound(found)
    assert found.value == D(multiple)


def test_a_head_is_paid_by_the_peers_mean_from_an_own_line():
    desk = working()
    aspects = {"base": (fig("base", 90), D(20)), "efficiency": (fig("eff", 75), D(80))}
    score = head_score(desk, "P1", aspects)
    assert score.value == 78
    mean = peers_mean(desk, "mean", [fig("a", 10000), fig("b", "10000.01")], Label("peers", "均值", "Mean"))
    bonus, issues = head_bonus(desk, "P1", mean, head_multiple(desk, "P1", score, HeadRules()), HeadRules())
    assert (mean.value, bonus.value, issues) == (D("10000.01"), D("17800.02"), [])
    left = within_line(desk, "heads/left", fig("line", 20000), [bonus])
    sound(left)
    assert left.value == D("2199.98")
    with pytest.raises(Refused, match=r"line holds 10000 CNY, its bonuses are 17800\.02"):
        within_line(desk, "heads/left", fig("line", 10000), [bonus])
    _, issues = head_bonus(desk, "P2", mean, fig("multiple", "2.3"), HeadRules())
    assert [(one.kind, one.where, one.amount) for one in issues] == [("head_multiple", "person/P2", "2.3")]
    with pytest.raises(Refused, match="no peers"):
        peers_mean(desk, "mean", [], Label("peers", "均值", "Mean"))


def test_administration_is_paid_by_grade_and_key_figures():
    desk = working()
    grade = grade_coefficient(desk, "P1", "C")
    found = administration_bonus(desk, "P1", fig("mean", 8000), grade, fig("score", 90))
    sound(found)
    assert found.value == 6120
    with pytest.raises(Refused, match="E is no grade"):
        grade_coefficient(desk, "P1", "E")


RATES = [
    NightRate("night", D(280), date(2026, 1, 1), date(2026, 3, 16)),
    NightRate("night", D(300), date(2026, 3, 16), date(2027, 1, 1)),
]  # fmt: skip


def test_nights_are_paid_at_the_rate_of_their_date():
    roster = [Night("P1", date(2026, 3, day), "night") for day in (14, 15, 16)] + [
        Night("P2", date(2026, 3, 20), "night")
    ]
    found = night_allowances(working(), roster, RATES)
    assert amounts(found) == {"P1": 860, "P2": 300}
    assert shown(found["P1"]) == "2 × 280 + 1 × 300"
    sound(*found.values())
    assert [part.kind.en for name, part in found["P1"].inputs if name == "rate"] == [
        "Rate of a night: night, from 2026-01-01", "Rate of a night: night, from 2026-03-16",
    ]  # fmt: skip
    assert check_nights(fig("roster", 4), found.values()) == []
    assert [(one.kind, one.amount) for one in check_nights(fig("roster", 5), found.values())] == [
        ("nights_differ", "1")
    ]


def test_a_night_without_a_rate_is_refused_with_person_and_day():
    with pytest.raises(Refused, match=r"P1/2025-12-31: no rate holds"):
        night_allowances(working(), [Night("P1", date(2025, 12, 31), "night")], RATES)


def test_tasks_are_summed_by_person_and_subject():
    tasks = [
        Task("1", "P1", "teaching", D(200)), Task("2", "P1", "teaching", D("50.50")),
        Task("3", "P2", "alliance", D(80)),
    ]  # fmt: skip
    found = task_allowances(working(), tasks)
    assert amounts(found) == {("P1", "teaching"): D("250.50"), ("P2", "alliance"): 80}
    sound(*found.values())
    with pytest.raises(Refused, match="no such pay subject"):
        task_allowances(working(), [Task("4", "P1", "golf", D(1))])


@pytest.mark.parametrize(("special", "kinds"), [(4, ["special_share_low"]), (10, []), (30, ["special_share_high"])])
def test_special_pay_has_a_lower_and_an_upper_warning_line(special, kinds):
    share, issues = special_share(working(), fig("special", special), fig("all", 100), D(5), D(20))
    sound(share)
    assert (share.value, [one.kind for one in issues]) == (special, kinds)
