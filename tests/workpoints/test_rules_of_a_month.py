"""A month from its filed numbers to its payslips: rule after rule, Σ exact at every step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from alliance.core.figure import digest, trail
from alliance.core.formula import tells_the_truth
from alliance.core.period import Period
from alliance.core.refused import Refused
from alliance.workpoints.rules.allowances import Night, Task
from alliance.workpoints.rules.checks import check_second
from alliance.workpoints.rules.month.first import FirstMonth, distribute_month
from alliance.workpoints.rules.month.given import (
    GroupGiven,
    HoldingGiven,
    MonthGiven,
    Number,
    PersonGiven,
    ReleaseGiven,
    UnitGiven,
)
from alliance.workpoints.rules.month.ready import check_ready
from alliance.workpoints.rules.month.second import share_month
from alliance.workpoints.rules.month.slips import Share, SlipsMonth, make_slips
from alliance.workpoints.rules.reconciliation import reconcile
from alliance.workpoints.rules.scheme import read_scheme, read_second
from alliance.workpoints.rules.working import Working

HEAD = {"code": "BONUS", "name_zh": "方案", "name_en": "Scheme", "valid_from": "2026-01-01"}
NIGHT = {"shift": "N1", "rate": "280", "from": "2026-01-01"}
MONTH = Period.parse("2026-09")


def filed(value: str | int | None, source: str = "unitentry:H1/2026-09/x/y@1") -> Number:
    return Number(None if value is None else Decimal(value), source)


def unit(
    code: str, kind: str = "inpatient_nursing", coefficients: str = "2", score: str = "100", **numbers: str
) -> Any:
    rows = {name: filed(value) for name, value in {"score": score, **numbers}.items()}
    items = {"outpatient": filed(0), "inpatient": filed(numbers.get("items", "0"))}
    return UnitGiven(code, kind, True, filed(coefficients), rows, items)


def person(number: str, unit: str = "N1", family: str = "nurse", days: int = 30, **more: Any) -> PersonGiven:
    numbers = {"score": filed("100")} | {name: filed(value) for name, value in more.pop("numbers", {}).items()}
    return PersonGiven(number, unit, family, Decimal(1), Decimal(0), days, 60, numbers=numbers, **more)


def month(units: list[Any], people: list[PersonGiven], pool: str, base: str = "0", **scheme: Any) -> MonthGiven:
    read = read_scheme({"scheme": HEAD, "night": [NIGHT], **scheme})
    return MonthGiven(
        "H1", MONTH, "H1/BONUS/1", read, filed(pool), filed(base), filed("1"), units, people,
    )  # fmt: skip


def first_of(given: MonthGiven) -> tuple[Working, FirstMonth]:
    working = Working("H1", "2026-09", given.reference)
    return working, distribute_month(working, given)


def slips_of(given: MonthGiven) -> tuple[FirstMonth, SlipsMonth]:
    working, first = first_of(given)
    second = share_month(working, given, first.bonuses, first.lines)
    shares = [
        Share(number, code, "bonus", figure.value or Decimal(0), "figure:d/k")
        for code, one in second.units.items() for number, figure in one.shares.items()
    ]  # fmt: skip
    shares += [
        Share(number, "", "head_bonus", figure.value or Decimal(0), "figure:d/k")
        for number, figure in second.heads.items()
    ]
    slips = make_slips(Working("H1", "2026-09", given.reference), given, shares)
    for rows in (first.rows, second.rows, slips.rows):
        assert all(not one.difference.value for one in reconcile(Working("H1", "2026-09", "x"), rows, []).rows)
    return first, slips


def test_two_nurses_with_equal_coefficients_and_ten_nights() -> None:
    """The example of the issue: a bonus of 100,000.00 and ten nights at 280 give 52,800.00 and 50,000.00."""
    given = month([unit("N1")], [person("1"), person("2")], "100000", "50000")
    given = replace(given, nights=[Night("1", date(2026, 9, day), "N1") for day in range(1, 11)])
    _first, slips = slips_of(given)
    assert {number: one.net.value for number, one in slips.slips.items()} == {
        "1": Decimal("52800.00"), "2": Decimal("50000.00"),
    }  # fmt: skip
    assert digest(trail(*slips.figures))


def test_post_model_leaves_what_quality_takes_to_the_year_end_fund() -> None:
    units = [unit("N1", coefficients="60", score="92.5"), unit("D1", "inpatient_group", "40", "100")]
    _working, first = first_of(month(units, [], "1200000", "12000"))
    assert first.bonuses["N1"].value == Decimal("666000.00")
    assert first.bonuses["D1"].value == Decimal("480000.00")
    assert sum(part.value or 0 for part in first.rows[-1].parts) == Decimal("1200000")


def test_an_overrun_draws_on_what_earlier_months_left() -> None:
    """1,010 of a pool of 1,000: the 10 are drawn from the 12 that January left less the 1 of February, and no more."""
    given = month([unit("N1", coefficients="1", score="101")], [], "1000", "1000")
    with pytest.raises(Refused, match="the overrun of"):
        first_of(given)
    held = {"2026-01": filed(12, "figure:a/first/left"), "2026-02": filed(-1, "figure:b/first/left")}
    _working, first = first_of(replace(given, reserve=held))
    assert first.bonuses["N1"].value == Decimal("1010.00")
    rows = reconcile(Working("H1", "2026-09", "x"), first.rows, []).rows
    assert [(one.row.source.value, one.difference.value) for one in rows] == [(Decimal(1010), 0)]
    assert all(tells_the_truth(one) for one in trail(*first.figures))
    with pytest.raises(Refused, match="the overrun of"):
        first_of(replace(given, reserve=held | {"2026-03": filed(-2, "figure:c/first/left")}))


def test_a_units_reserve_keeps_to_the_limit_of_the_scheme_of_the_month() -> None:
    own = read_second({"reserve": "5", "reserve_limit": "5"}, "unitrule/N1")
    given = month([unit("N1")], [person("1")], "1000", "500", limits={"reserve": "5"})
    _first, slips = slips_of(replace(given, rules={"N1": own}))
    assert slips.slips["1"].net.value == Decimal("950.00")
    given = month([unit("N1")], [person("1")], "1000", "500")  # today's scheme has none
    with pytest.raises(Refused) as refused:
        slips_of(replace(given, rules={"N1": own}))
    assert refused.value.problems[0].numbers["limit"] == 0
    fixed = read_second({"way": "fixed", "fixed": [{"code": "c", "each": "1"}]}, "unitrule/N1")
    assert [one.where for one in check_second("unitrule/N1", fixed, Decimal(0))] == ["unitrule/N1.way"]


def test_what_is_released_of_a_reserve_is_shared_with_the_bonus() -> None:
    """1,000 less 5 % and 200 more for one nurse: 1,150. Fixed amounts of 300 leave 900 of the two in reserve."""
    given = month([unit("N1")], [person("1")], "1000", "500", limits={"reserve": "100"})
    given = replace(given, releases=[ReleaseGiven(1, "N1", Decimal(200))], held={"N1": Decimal(200)})
    own = read_second({"reserve": "5", "reserve_limit": "5"}, "unitrule/N1")
    _first, slips = slips_of(replace(given, rules={"N1": own}))
    assert slips.slips["1"].net.value == Decimal("1150.00")
    fixed = {"way": "fixed", "reserve": "5", "reserve_limit": "100", "fixed": [{"code": "c", "each": "300"}]}
    working, first = first_of(replace(given, rules={"N1": read_second(fixed, "unitrule/N1")}))
    second = share_month(working, replace(given, rules={"N1": read_second(fixed, "unitrule/N1")}), first.bonuses, {})
    assert (second.units["N1"].reserve or first.pool).value == Decimal("900.00")
    assert all(tells_the_truth(one) for one in trail(*second.figures))
    wrong = [ReleaseGiven(1, "N1", Decimal("200.01")), ReleaseGiven(2, "N9", Decimal(1))]
    with pytest.raises(Refused) as refused:
        slips_of(replace(given, releases=wrong))
    assert [(one.where, one.value) for one in refused.value.problems] == [("N1", "200.01"), ("N9", "1")]


def test_point_model_shares_each_group_pool_by_points() -> None:
    """Doctors 60 % by 300 and 100 points, nurses 40 % to the only unit."""
    groups = {
        "doctor": {"name_zh": "医师", "name_en": "Doctors", "share": "60"},
        "nurse": {"name_zh": "护理", "name_en": "Nurses", "share": "40"},
    }
    units = [unit("D1", "inpatient_group", items="300"), unit("D2", "inpatient_group", items="100"),
             unit("N1", items="7")]  # fmt: skip
    _working, first = first_of(month(units, [], "1000", groups=groups, first={"model": "point", "closing": "exact"}))
    assert {code: one.value for code, one in first.bonuses.items()} == {
        "D1": Decimal("450.00"), "D2": Decimal("150.00"), "N1": Decimal("400.00"),
    }  # fmt: skip
    assert first.values["doctor"].value == Decimal("1.5")


def test_every_value_of_a_point_is_kept_where_it_was_solved_again() -> None:
    """W13: a unit whose cost is more than it earns gets 0, and both values of a point can be opened."""
    units = [
        unit("D1", "inpatient_group", items="500"),
        unit("D2", "inpatient_group", items="10", variable_cost="5000"),
    ]
    _working, first = first_of(month(units, [], "10200", first={"model": "point", "closing": "exact"}))
    values = {one.key: one.value for one in first.figures if one.kind.code == "point_value"}
    assert values == {"first/all/round1/value": Decimal("29.803922"), "first/all/round2/value": Decimal("20.4")}
    assert first.values[""].value == Decimal("20.4")


def test_outpatient_and_inpatient_pools_add_up_for_a_unit() -> None:
    """W9: two pools, two values of a point; the unit's bonus is both."""
    groups = {
        "doctor_outpatient": {"name_zh": "门诊", "name_en": "Outpatient", "share": "30"},
        "doctor_inpatient": {"name_zh": "住院", "name_en": "Inpatient", "share": "70"},
    }
    one = replace(unit("D1", "inpatient_group", visits="100"),
                  items={"outpatient": filed(50), "inpatient": filed(80)})  # fmt: skip
    two = replace(unit("D2", "inpatient_group"), items={"outpatient": filed(150), "inpatient": filed(20)})
    _working, first = first_of(
        month([one, two], [], "1000", groups=groups, first={"model": "point", "closing": "exact"})
    )
    assert first.values["doctor_outpatient"].value == Decimal(1)
    assert first.values["doctor_inpatient"].value == Decimal(7)
    assert first.bonuses["D1"].value == Decimal("710.00")
    assert first.bonuses["D2"].value == Decimal("290.00")


@pytest.mark.parametrize(("mix", "points"), [({"strategic": "1.2"}, "120"), ({"exponent": "1.5"}, "120"), ({}, "100")])
def test_the_strategic_coefficient_counts_without_the_case_mix_index_too(mix: dict[str, str], points: str) -> None:
    """65: points × strategic × CMI ^ (w − 1); w of 1 switches the index off and nothing else. A CMI of 1.44."""
    cases = GroupGiven("G1", "caserow:x", Decimal("1.44"), 10, Decimal(80), Decimal(1), Decimal(8), Decimal(1))
    one = replace(unit("D1", "inpatient_group", items="100", case_quality="100"), groups=[cases])
    _working, first = first_of(month([one], [], "1000", mix=mix, first={"model": "point", "closing": "exact"}))
    assert first.points["D1"].value == Decimal(points)


def test_the_cap_of_an_increment_rests_on_both_pools_of_a_unit() -> None:
    """D1 gets 250 of outpatients and 350 of inpatients without any increment: 10 % of it are 60."""
    groups = {
        code: {"name_zh": code, "name_en": code, "share": share}
        for code, share in (("doctor_inpatient", "70"), ("doctor_outpatient", "30"))
    }
    one = replace(unit("D1", "inpatient_group", actual="200", base="100"),
                  items={"outpatient": filed(50), "inpatient": filed(80)})  # fmt: skip
    two = replace(unit("D2", "inpatient_group"), items={"outpatient": filed(10), "inpatient": filed(80)})
    increments = {"worth": "100", "step": [{"rate": "1"}]}
    given = month([one, two], [], "1000", groups=groups, increments=increments,
                  first={"model": "point", "closing": "exact"})  # fmt: skip
    _working, first = first_of(given)
    held = {figure.key: figure.value for figure in trail(*first.figures) if figure.kind.code == "increment:capped"}
    assert held == {"first/doctor_inpatient/increment/D1": Decimal("60.00")}
    assert first.bonuses["D1"].value == Decimal("630.00")  # 250, and half of 700 less 60, and the 60
    assert all(tells_the_truth(figure) for figure in trail(*first.figures))


def test_who_works_for_outpatients_alone_bears_the_costs_in_their_pool() -> None:
    """D1 has no inpatients: ¾ of the 400 and of its own costs of 20, less these; a tenth of the 295 is the most that it
    loses for a fall."""
    groups = {
        code: {"name_zh": code, "name_en": code, "share": share}
        for code, share in (("doctor_inpatient", "60"), ("doctor_outpatient", "40"))
    }
    costs = {"variable_cost": "100", "actual": "50", "base": "100"}
    one = replace(unit("D1", "outpatient_medical", **costs), items={"outpatient": filed(75), "inpatient": filed(0)})
    two = replace(unit("D2", "inpatient_group"), items={"outpatient": filed(25), "inpatient": filed(80)})
    rules = {"groups": groups, "first": {"model": "point", "closing": "exact"}, "costs": {"variable_rate": "20"}}
    _working, first = first_of(month([one, two], [], "1000", **rules))
    assert {code: figure.value for code, figure in first.bonuses.items()} == {
        "D1": Decimal("295.00"), "D2": Decimal("705.00"),
    }  # fmt: skip
    falls = {"worth": "100", "negative": True, "step": [{"rate": "1"}]}
    _working, first = first_of(month([one, two], [], "1000", increments=falls, **rules))
    held = {figure.key: figure.value for figure in trail(*first.figures) if figure.kind.code == "increment:capped"}
    assert held == {"first/doctor_outpatient/increment/D1": Decimal("-29.50")}
    assert sum(figure.value for figure in first.bonuses.values()) == 1000
    assert all(tells_the_truth(figure) for figure in trail(*first.figures))


def test_heads_and_administration_are_paid_from_lines_of_their_own() -> None:
    """W15: the head gets the peers' mean × 1.8 at 80 points, administration the clinical mean × 0.85 × 90 ÷ 100."""
    groups = {
        code: {"name_zh": code, "name_en": code, "share": share}
        for code, share in (("doctor", "40"), ("heads", "40"), ("administration", "20"))
    }
    aspects = dict.fromkeys(("base", "efficiency", "scale", "management", "operation"), "80")
    people = [person("1", "D1", "doctor"), person("2", "D1", "doctor"),
              person("9", "D1", "doctor", duty="head", numbers=aspects),
              person("7", "A1", "administration", grade="C", numbers={"key_figures": "90"})]  # fmt: skip
    units = [unit("D1", "inpatient_group", items="5"), replace(unit("A1", "administration"), clinical=False)]
    given = month(units, people, "1000", groups=groups, first={"model": "point", "closing": "exact"})
    working, first = first_of(given)
    assert set(first.bonuses) == {"D1"}
    second = share_month(working, given, first.bonuses, first.lines)
    assert second.units["D1"].shares["1"].value == Decimal("200.00")
    assert second.heads["9"].value == Decimal("360.00")
    assert second.administration["7"].value == Decimal("153.00")


def test_a_person_in_two_units_has_one_slip() -> None:
    """Transferred on the 16th: the days of each unit count, the slip holds both shares."""
    people = [person("1", "N1", days=15), person("1", "N2", days=15), person("2", "N1"), person("3", "N2")]
    _first, slips = slips_of(month([unit("N1"), unit("N2")], people, "6000", "1500"))
    assert slips.slips["1"].net.value == Decimal("2000.00")
    assert len(slips.slips["1"].lines) == 2


def test_a_part_by_post_and_seniority_counts_the_days_there() -> None:
    """Transferred on the 16th: (1 + 0.2) × 15 ÷ 30 = 0.6 beside 1 in both units, and nothing twice."""
    people = [replace(person("1", code, days=15), seniority=Decimal("0.2")) for code in ("N1", "N2")]
    people += [person("2", "N1"), person("3", "N2")]
    part = {"code": "post", "share": "100", "factor": [{"code": "in_post", "weight": "100"}]}
    second = {"way": "template", "part": [part]}
    _first, slips = slips_of(month([unit("N1"), unit("N2")], people, "6400", "1600", second=second))
    assert {number: one.net.value for number, one in slips.slips.items()} == {
        "1": Decimal("2400.00"), "2": Decimal("2000.00"), "3": Decimal("2000.00"),
    }  # fmt: skip


def test_what_is_withheld_recovered_and_tasked_stands_on_the_slip() -> None:
    given = month([unit("N1")], [person("1"), person("2")], "1000", "500")
    given = replace(
        given, tasks=[Task("1", "1", "teaching", Decimal("120")), Task("2", "1", "task", Decimal("80"))],
        holdings=[HoldingGiven(1, "1", "withheld", None, Decimal(10)),
                  HoldingGiven(2, "2", "recovered", Decimal("50.50"), None)],
    )  # fmt: skip
    _first, slips = slips_of(given)
    assert slips.slips["1"].net.value == Decimal("630.00")  # 500 + 120 + 80, less 70
    assert slips.slips["2"].net.value == Decimal("449.50")
    assert [line.sort for line in slips.slips["1"].lines] == ["bonus", "task", "special", "withheld"]


def test_withheld_pay_is_released_to_somebody_who_has_left() -> None:
    """Whoever has no other line this month has a slip of the released pay alone; nothing is taken off nothing."""
    given = month([unit("N1")], [person("1")], "1000", "500")
    left = replace(given, holdings=[HoldingGiven(1, "9", "released", Decimal("300.05"), None)])
    _first, slips = slips_of(left)
    assert [(line.sort, line.amount.value) for line in slips.slips["9"].lines] == [("released", Decimal("300.05"))]
    assert slips.slips["9"].net.value == Decimal("300.05")
    with pytest.raises(Refused) as refused:
        slips_of(replace(given, holdings=[HoldingGiven(1, "9", "recovered", Decimal(50), None)]))
    assert [one.where for one in refused.value.problems] == ["9"]


def test_a_file_wage_is_paid_once_whatever_the_units() -> None:
    wage = {"file_wage": "100"}
    people = [person("1", "N1", days=15, numbers=wage), person("1", "N2", days=15), person("2", "N2")]
    _first, slips = slips_of(month([unit("N1"), unit("N2")], people, "6000", "1500"))
    assert [line.amount.value for line in slips.slips["1"].lines if line.sort == "file_wage"] == [Decimal("300.00")]
    people[1] = person("1", "N2", days=15, numbers=wage)
    with pytest.raises(Refused) as refused:
        slips_of(month([unit("N1"), unit("N2")], people, "6000", "1500"))
    assert [(one.where, one.value) for one in refused.value.problems] == [("N2/1", "100")]


def of_lines(people: list[PersonGiven]) -> MonthGiven:
    """A month with lines of heads and administration: D1 and D2 of doctors, A1 and A2 of administration."""
    groups = {
        code: {"name_zh": code, "name_en": code, "share": share}
        for code, share in (("doctor", "40"), ("heads", "40"), ("administration", "20"))
    }
    units = [unit("D1", "inpatient_group", items="5"), unit("D2", "inpatient_group", items="5")]
    units += [replace(unit(code, "administration"), clinical=False) for code in ("A1", "A2")]
    return month(units, people, "10000", groups=groups, first={"model": "point", "closing": "exact"})


def test_a_line_of_their_own_pays_heads_and_administration_by_days() -> None:
    """Peers of 2,000 a month; a head of ten days of thirty at 1.8; administration of half a month in each of two
    offices, at grade C with 90 and at grade B with 100; somebody excluded and a doctor who moved are in no mean twice.
    """
    aspects = dict.fromkeys(("base", "efficiency", "scale", "management", "operation"), "80")
    people = [
        person("1", "D1", "doctor", days=15), person("1", "D2", "doctor", days=15),
        person("2", "D1", "doctor", days=15), person("3", "D2", "doctor", days=15),
        person("4", "D1", "doctor", excluded="maternity"),
        person("9", "D1", "doctor", days=10, duty="head", numbers=aspects),
        person("7", "A1", "administration", days=15, grade="C", numbers={"key_figures": "90"}),
        person("7", "A2", "administration", days=15, grade="B", numbers={"key_figures": "100"}),
    ]  # fmt: skip
    given = of_lines(people)
    working, first = first_of(given)
    second = share_month(working, given, first.bonuses, first.lines)
    mean = Decimal("2000.00")  # 4,000 shared by four halves of a month: two persons in post
    assert second.units["D1"].shares["2"].value == Decimal("1000.00")
    assert second.heads["9"].value == mean * Decimal("1.8") / 3
    assert second.administration["7"].value == (mean * Decimal("0.765") + mean) / 2
    assert second.heads["9"].key == "person/9/head_bonus"
    figures = trail(*second.figures)
    assert digest(figures)
    assert all(tells_the_truth(one) for one in figures)


def test_everything_that_stands_in_the_way_is_listed_at_once() -> None:
    no_score = replace(person("1"), numbers={})
    given = month([unit("N1"), unit("N2")], [no_score], "1000", "100")
    working, first = first_of(given)
    with pytest.raises(Refused) as refused:
        share_month(working, given, first.bonuses, first.lines)
    assert {(one.where, one.message) for one in refused.value.problems} == {
        ("N1/1", "this person has no score for the period"),
        ("N2", "nobody works in this unit, so its amount has no taker"),
    }


def test_a_center_without_points_shares_what_the_alliance_pays_it() -> None:
    """One unit, the whole pool by the driver model, then by coefficients: no workpoints anywhere."""
    people = [person("1", "C"), replace(person("2", "C"), post=Decimal("1.5"))]
    given = month(
        [unit("C", "clinical_department")], people, "180917.77", first={"model": "driver", "closing": "exact"},
        drivers={"establishment": "100"},
    )  # fmt: skip
    first, slips = slips_of(given)
    assert first.bonuses["C"].value == Decimal("180917.77")
    assert {number: one.net.value for number, one in slips.slips.items()} == {
        "1": Decimal("72367.11"), "2": Decimal("108550.66"),
    }  # fmt: skip


def stands_in_the_way(given: MonthGiven) -> list[tuple[str, str, str]]:
    try:
        check_ready(given)
    except Refused as refused:
        return [(one.place, one.value, one.message.split(";")[0]) for one in refused.problems]
    return []


def test_what_the_filed_numbers_lack_is_known_before_any_line_is_added_up() -> None:
    people = [person("0001"), person("0002", numbers={"score": None}), person("0003", "N2", numbers={"score": "400"})]
    people += [person("0004", numbers={"score": None}, excluded="maternity"), person("0005", "N9")]
    units = [unit("N1"), unit("N2"), unit("N9", coefficients="0")]
    assert stands_in_the_way(month(units, people, "1000", "10")) == [
        ("N9", "0", "this unit has no established posts in the period"),
        ("N1/0002", "", "this person has no score for the period"),
        ("N2/0003, Personal score", "400", "must lie between %(least)s and %(most)s"),
    ]
    assert stands_in_the_way(month(units[:2], people[:1], "1000", "10")) == []


def test_heads_and_administration_need_their_scores_too() -> None:
    groups = {
        code: {"name_zh": code, "name_en": code, "share": share}
        for code, share in (("doctor", "70"), ("heads", "10"), ("administration", "20"))
    }
    people = [
        person("0001"), person("0009", duty="head", numbers={"score": None, "base": None}),
        person("0020", "A1", "administration", numbers={"score": None}),
    ]  # fmt: skip
    given = month([unit("N1"), unit("A1", "administration")], people, "1000", "10", groups=groups)
    assert stands_in_the_way(given) == [
        ("0009", "", "this person has no score for the period"),
        ("A1/0020", "", "this person has no score for the period"),
    ]
