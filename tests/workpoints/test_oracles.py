"""The published examples of workpoints, each worked out by the rules as the portal would."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from alliance.core.steps import Step
from alliance.workpoints.rules.allowances import Night, NightRate, night_allowances
from alliance.workpoints.rules.closing import close
from alliance.workpoints.rules.costs import step_down
from alliance.workpoints.rules.first import PostUnit, post_model
from alliance.workpoints.rules.increments import stepped
from alliance.workpoints.rules.items import component_points, priced
from alliance.workpoints.rules.payslips import Line, slip
from alliance.workpoints.rules.quality import QualityRules, quality_factor
from alliance.workpoints.rules.scheme import read_second
from alliance.workpoints.rules.second import SecondRules, distribute
from tests.core.example import read
from tests.workpoints.making import amounts, fig, figs, member, sound, total, working

D = Decimal
CASES = read("workpoints", "workpoints")["case"]


def case(words: str):
    """The one case whose name begins with the words."""
    (found,) = [one for one in CASES if one["name"].startswith(words)]
    return found


def template(*parts, **more):
    return read_second({"way": "template", "part": parts, **more}, "units.C03")


def shares(pool, people, rules):
    """The personal bonuses of a unit, all of them true."""
    made = distribute(working(), "U1", fig("pool", pool), people, rules)
    sound(*made.shares.values())
    return amounts(made.shares)


def test_a_head_nurse_without_a_score_weighs_the_mean_of_the_positive_ones_times_a_factor():
    one = case("nursing pool")
    factor = {"code": "score", "way": "head_mean", "size": one["head_factor"]}
    people = [
        member(code, values={"score": score}, duty="head_nurse" if code == "head" else "")
        for code, score in one["scores"].items()
    ]
    found = shares(one["pool"], people, template({"code": "nursing", "share": 100, "factor": [factor]}))
    assert found == one["shares"]


def test_a_doctor_without_workload_weighs_a_fixed_number():
    one = case("doctor pool")
    factor = {"code": "workload", "way": "least", "size": one["zero_weight"]}
    people = [member(code, "doctor", values={"workload": load}) for code, load in one["workload"].items()]
    found = shares(one["pool"], people, template({"code": "doctors", "share": 100, "factor": [factor]}))
    assert found == one["shares"]


@pytest.mark.parametrize(("rounding", "key"), [("largest_remainder", "shares"), ("heaviest", "published")])
def test_head_and_head_nurse_take_their_part_and_the_rest_goes_by_points(rounding, key):
    one = case("department surplus")
    alike = [{"code": "alike", "way": "equal"}]
    head, nurse = (one[f"{name}_share"] * 100 for name in ("head", "head_nurse"))
    rules = template(
        {"code": "head", "share": head, "who": ["head"], "factor": alike},
        {"code": "head_nurse", "share": nurse, "who": ["head_nurse"], "factor": alike},
        {"code": "points", "share": 100 - head - nurse, "factor": [{"code": "points"}]},
        rounding=rounding,
    )
    people = [
        member(code, values={"points": points}, duty=code if code in ("head", "head_nurse") else "")
        for code, points in one["points"].items()
    ]
    assert shares(one["pool"], people, rules) == one[key]


def test_progressive_steps():
    one = case("progressive steps")
    table = [
        Step(D(row["from"]) if "from" in row else None, D(row["to"]) if "to" in row else None, D(row["rate"]))
        for row in one["steps"]
    ]
    for quantity, points in one["quantities"].items():
        found = stepped(working(), "points", "visits", fig("quantity", quantity), table)
        sound(found)
        assert found.value == points


def test_the_relative_values_of_one_visit():
    one, desk = case("relative values"), working()
    parts = [
        (fig(f"value/{place}", value), fig(f"local/{place}", local))
        for place, (value, local) in enumerate(one["components"])
    ]
    points = component_points(desk, "V1", parts)
    assert points.value == one["points"]
    amount = priced(desk, "V1/amount", points, fig("value", one["value_of_a_point"]))
    sound(amount)
    assert amount.value == one["amount"]


def test_step_down():
    one = case("step-down")
    drivers = {code: figs(f"driver/{code}", row, "department") for code, row in one["drivers"].items()}
    found = step_down(working(), one["order"], figs("direct", one["direct"], "department"), drivers)
    assert (amounts(found.final), found.issues) == (one["final"], [])
    sound(*found.final.values())


def test_the_post_model_leaves_what_the_scores_took_to_the_year_end_fund():
    one, desk = case("post model"), working()
    units = [
        PostUnit(code, fig(f"{code}/coefficients", value), quality_factor(
            desk, f"{code}/quality", fig(f"{code}/score", one["score"][code]), QualityRules()
        ))
        for code, value in one["establishment"].items()
    ]  # fmt: skip
    computed = post_model(desk, fig("base", one["base"]), units)
    closed = close(desk, "first", fig("month", one["monthly_total"]), computed, one["closing"])
    assert amounts(closed.bonuses) == one["unit"]
    assert (closed.to_fund.value, closed.drawn.value) == (one["left"], 0)
    sound(closed.to_fund, closed.drawn, *closed.bonuses.values())


def test_allowances_are_never_pooled():
    one, desk = case("allowances are never pooled"), working()
    people = [member(code, post=value) for code, value in one["coefficients"].items()]
    bonus = distribute(desk, "U1", fig("bonus", one["unit_bonus"]), people, SecondRules()).shares
    rates = [NightRate("night", one["rate"], date(2026, 1, 1), date(2027, 1, 1))]
    roster = [
        Night(code, date(2026, 3, day + 1), "night") for code, count in one["nights"].items() for day in range(count)
    ]
    nights = night_allowances(desk, roster, rates)
    slips = {
        code: slip(desk, code, [
            Line("bonus", bonus[code]), *([Line("night", nights[code])] if code in nights else [])
        ])
        for code in one["pay"]
    }  # fmt: skip
    assert amounts({code: paid.net for code, paid in slips.items()}) == one["pay"]
    sound(*(paid.net for paid in slips.values()))
    assert total(bonus.values()) == one["unit_bonus"]


def test_every_published_example_is_told():
    told = re.findall(r'case\("([^"]+)"\)', Path(__file__).read_text("utf-8"))
    assert len(told) == len(CASES) == 8
    assert all(sum(one["name"].startswith(words) for one in CASES) == 1 for words in told)
