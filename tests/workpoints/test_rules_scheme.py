"""A bonus scheme is read whole, checked hard and soft."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from alliance.core.refused import Refused
from alliance.workpoints.rules.checks import check_hard, check_soft
from alliance.workpoints.rules.scheme import read_scheme, read_second

D = Decimal
HEAD = '[scheme]\ncode = "B"\nname_zh = "奖金方案"\nname_en = "Bonus scheme"\nvalid_from = "2026-01-01"\n'
WHOLE = f"""{HEAD}
[budget]
year_end = 12
match = 2
[[accrual]]
code = "surgery"
item_class = "operation"
rate = 8
[first]
model = "point"
closing = "exact"
disease_groups = true
[groups.doctor]
name_zh = "医师"
name_en = "Doctors"
share = 60
[groups.nurse]
share = 40
[roles]
ordering = 0.2
performing = 0.8
[increments]
worth = 100
[[increments.step]]
to = 10
rate = 1
[[increments.step]]
from = 10
rate = 2
[[night]]
shift = "night"
rate = 280
from = 2026-01-01
[second]
way = "template"
[[second.part]]
code = "points"
share = 100
[[second.part.factor]]
code = "points"
weight = 70
[[second.part.factor]]
code = "workload"
weight = 30
way = "least"
size = 0.8
[grades]
A = 1.3
"""


def scheme(text: str):
    return read_scheme(tomllib.loads(text, parse_float=Decimal))


def places(problems) -> set[str]:
    return {problem.where for problem in problems}


def test_a_scheme_is_read_whole_and_its_defaults_are_those_of_practice():
    found = scheme(WHOLE)
    assert (found.budget.year_end, found.budget.goal_high) == (12, D("1.1"))
    assert found.groups["nurse"] == ("nurse", "nurse", 40)
    assert [step.rate for step in found.increments.steps] == [1, 2]
    assert (found.nights[0].rate, found.nights[0].until.year) == (280, 9999)
    assert (found.second.parts[0].factors[1].way, found.second.parts[0].factors[1].size) == ("least", D("0.8"))
    assert (found.grades["A"], found.grades["D"]) == (D("1.3"), D("0.7"))
    assert (found.limits.shift, found.limits.publicity, found.quality.kind) == (5, 3, "linear")
    assert (check_hard(found), check_soft(found)) == ([], [])


def test_what_was_read_can_be_read_again():
    found = scheme(WHOLE)
    assert read_scheme(found.data) == found


def test_a_scheme_of_nothing_but_its_head_is_the_post_model_without_a_ceiling():
    found = scheme(HEAD)
    assert (found.first.model, found.first.closing, found.second.way) == ("post", "none", "coefficient")
    assert (check_hard(found), check_soft(found)) == ([], [])


def test_every_problem_of_form_is_told_at_once():
    text = """[scheme]
code = "B"
valid_from = "soon"
[budget]
year_end = "much"
bonus = 1
[first]
model = "lottery"
disease_groups = "maybe"
[limits]
publicity = 1.5
[[accrual]]
rate = 1
[[newcomer]]
from = 6
to = 3
rate = 1
[extra]
"""
    with pytest.raises(Refused) as refused:
        scheme(text)
    assert places(refused.value.problems) == {
        "scheme.extra", "scheme.valid_from", "budget.year_end", "budget.bonus", "first.model", "first.disease_groups",
        "limits.publicity", "accrual 1.code", "accrual 1.item_class", "newcomer", "scheme",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ('[[accrual]]\ncode = "x"\nitem_class = "drug"\nrate = 1', "accrual.x"),
        ('[[accrual]]\ncode = "x"\nitem_class = "examination"\nrate = 1', "accrual.x"),
        ('[first]\nclosing = "exact"', "first.closing"),
        ('[first]\nmodel = "point"', "first.closing"),
        ('[first]\nmodel = "driver"\nclosing = "exact"', "drivers"),
        ("[drivers]\nluck = 100", "drivers.luck"),
        ("[groups.a]\nshare = 90", "groups"),
        ("[groups.doctor_outpatient]\nshare = 100", "groups.doctor_outpatient"),
        ("[first]\ndisease_groups = true\n[mix]\nexponent = 1.5", "mix.exponent"),
        ("[first]\ndisease_groups = true\n[mix]\nstrategic = 1.1", "mix.strategic"),
        ("[mix]\nexponent = 3", "mix.exponent"),
        ("[roles]\nordering = 1", "roles"),
        ("[roles]\nordering = 0.5\nperforming = 0.4", "roles"),
        ("[[increments.step]]\nfrom = 5\nrate = 1", "increments.step"),
        ("[[increments.step]]\nrate = -1", "increments.step"),
        ('[[night]]\nshift = "n"\nrate = -1\nfrom = 2026-01-01', "night.n"),
        ('[[night]]\nshift = "n"\nrate = 1\nfrom = 2026-02-01\nto = 2026-01-01', "night.n"),
        ("[budget]\nyear_end = 21", "budget.year_end"),
        ("[budget]\ngoal_low = 1.2", "budget"),
        ("[limits]\nshift = 101", "limits.shift"),
        ("[second]\nreserve = 5\nreserve_limit = 5", "second.reserve"),
        ('[second]\nway = "template"', "second.part"),
        ('[[second.part]]\ncode = "p"\nshare = 100', "second.p.factor"),
        (
            '[[second.part]]\ncode = "p"\nshare = 100\nwho = ["cook"]\n[[second.part.factor]]\ncode = "x"',
            "second.p.who",
        ),
        ('[[second.fixed]]\ncode = "f"\neach = -1', "second.f"),
    ],
)
def test_what_makes_a_scheme_impossible_or_forbidden(more, where):
    assert places(check_hard(scheme(f"{HEAD}{more}\n"))) == {where}


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("[budget]\noperation_share = 70", "budget.operation_share"),
        ("[limits]\nshift = 8", "limits.shift"),
        ("[heads]\nhigh = 3", "heads"),
    ],
)
def test_what_needs_a_reason(more, where):
    assert places(check_soft(scheme(f"{HEAD}{more}\n"))) == {where}


def test_a_unit_s_own_rule_is_read_like_the_scheme_s():
    assert read_second({}, "units.C03").way == "coefficient"
    with pytest.raises(Refused):
        read_second({"way": "friendship"}, "units.C03")
