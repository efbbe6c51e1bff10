"""Posts and staff by hand: coefficients, grades, years of service, days of a month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.period import Period
from alliance.core.refused import Refused
from alliance.members.rules.posts import (
    USUAL_SCALE,
    PostSheet,
    ScaleFact,
    check_scale,
    evaluated,
    grade_of,
    sheet_points,
    unit_coefficient,
)
from alliance.members.rules.staff import EmployeeFact, full_years, heads, in_post, per_bed, seniority, spells

MARCH = Period.parse("2026-03")
WHO = EmployeeFact("1", "甲", "A", "D1", "P1", "", date(2016, 4, 1), "active", date(2020, 1, 1))
STEPS = ((0, Decimal(0)), (5, Decimal("0.05")), (10, Decimal("0.10")))


def sheet(rater: str, level: int, day: date = date(2026, 3, 1)) -> PostSheet:
    return PostSheet("P1", rater, tuple((one.code, level) for one in USUAL_SCALE.factors), day)


def test_a_unit_coefficient_is_the_sum_over_established_posts() -> None:
    established = [(Decimal("1.60"), 3), (Decimal("1.05"), 5), (Decimal("2.00"), 0)]
    assert unit_coefficient(established) == Decimal("10.05")
    assert unit_coefficient([]) == 0


@pytest.mark.parametrize(
    ("hired", "on", "years"),
    [
        (date(2016, 4, 1), date(2026, 3, 1), 9),
        (date(2016, 4, 1), date(2026, 4, 1), 10),
        (date(2016, 3, 2), date(2026, 3, 1), 9),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2026, 3, 15), date(2026, 3, 1), 0),
    ],
)
def test_years_of_service_are_full_ones(hired: date, on: date, years: int) -> None:
    assert full_years(hired, on) == years


def test_seniority_is_the_highest_step_reached() -> None:
    assert [str(seniority(STEPS, years)) for years in (0, 4, 5, 9, 10, 40)] == [
        "0",
        "0",
        "0.05",
        "0.05",
        "0.10",
        "0.10",
    ]
    assert seniority(STEPS[1:], 4) == 0
    assert seniority((), 40) == 0


def test_the_day_of_a_transfer_belongs_to_the_new_unit() -> None:
    moved = replace(WHO, department="D2", start=date(2026, 3, 11))
    found = spells([WHO, moved], MARCH)
    assert [(one.fact.department, one.days) for one in found] == [("D1", 10), ("D2", 21)]
    # (1.60 + 0.05) × 10 ÷ 31 and × 21 ÷ 31
    shares = [in_post(Decimal("1.60"), Decimal("0.05"), one.days, MARCH) for one in found]
    assert [str(share) for share in shares] == ["0.5323", "1.1177"]
    assert [str(heads(one.days, MARCH)) for one in found] == ["0.3226", "0.6774"]


def test_who_is_hired_or_leaves_in_the_month_counts_by_calendar_days() -> None:
    hired = replace(WHO, start=date(2026, 3, 17))
    assert [one.days for one in spells([hired], MARCH)] == [15]
    left = replace(WHO, status="left", start=date(2026, 3, 17))
    assert [(one.fact.status, one.days) for one in spells([WHO, left], MARCH)] == [("active", 16), ("left", 15)]
    assert spells([replace(WHO, start=date(2026, 4, 1))], MARCH) == []
    corrected = replace(WHO, department="D3")
    assert [(one.fact.department, one.days) for one in spells([WHO, corrected], MARCH)] == [("D3", 31)]


@given(st.lists(st.dates(date(2026, 2, 1), date(2026, 4, 30)), min_size=1, max_size=6))
def test_the_days_of_a_month_are_never_counted_twice(starts: list[date]) -> None:
    facts = [WHO, *(replace(WHO, department=f"D{place}", start=day) for place, day in enumerate(starts))]
    assert sum(one.days for one in spells(facts, MARCH)) == 31


def test_points_of_a_sheet_are_weighted_and_the_grade_follows_the_cut_points() -> None:
    # 30 × 80 + 25 × 60 + 20 × 100 + 15 × 40 + 10 × 20, over 100
    levels = {"skill": 4, "responsibility": 3, "load": 5, "risk": 2, "setting": 1}
    assert sheet_points(USUAL_SCALE, PostSheet("P1", "甲", tuple(levels.items()), MARCH.first)) == Decimal("67.00")
    grades = [grade_of(USUAL_SCALE, Decimal(points)) for points in ("85", "84.99", "70", "69.99", "55", "54.99")]
    assert grades == ["A", "B", "B", "C", "C", "D"]
    for wrong in ({**levels, "skill": 6}, {**levels, "else": 1}, {"skill": 4}):
        with pytest.raises(Refused):
            sheet_points(USUAL_SCALE, PostSheet("P1", "甲", tuple(wrong.items()), MARCH.first))


def test_three_raters_make_a_grade_and_the_last_day_counts() -> None:
    two = [sheet("甲", 4), sheet("乙", 5)]
    found = evaluated([], two, MARCH.last)
    assert found
    assert (found.grade, str(found.points)) == ("", "90.00")
    found = evaluated([], [*two, sheet("丙", 3)], MARCH.last)
    assert found
    assert (found.grade, str(found.points)) == ("B", "80.00")
    corrected = evaluated([], [*two, sheet("丙", 3), sheet("丙", 5)], MARCH.last)
    assert corrected
    assert (corrected.grade, str(corrected.points)) == ("A", "93.33")
    assert evaluated([], two, date(2026, 2, 28)) is None
    own = ScaleFact(USUAL_SCALE.factors, (Decimal(95), Decimal(90), Decimal(85)), date(2026, 1, 1))
    strict = evaluated([own], [*two, sheet("丙", 3)], MARCH.last)
    assert strict
    assert strict.grade == "D"


def test_a_scale_that_is_none_is_told() -> None:
    assert check_scale(USUAL_SCALE) == []
    first, *rest = USUAL_SCALE.factors
    assert [one.where for one in check_scale(replace(USUAL_SCALE, factors=tuple(rest)))] == ["weight"]
    falling = replace(first, levels=(Decimal(40), Decimal(20)))
    assert [one.where for one in check_scale(replace(USUAL_SCALE, factors=(falling, *rest)))] == ["skill"]
    cuts = (Decimal(70), Decimal(85), Decimal(55))
    assert [one.where for one in check_scale(replace(USUAL_SCALE, cuts=cuts))] == ["cuts"]


def test_persons_per_bed_have_two_places_and_need_beds() -> None:
    assert per_bed(Decimal("24.5161"), 52) == Decimal("0.47")
    assert per_bed(Decimal(5), 0) is None
