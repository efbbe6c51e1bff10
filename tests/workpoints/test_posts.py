"""Whose post or title changes within a month, and who stays in the unit, is paid for all the days there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from flask import Flask

from alliance.audit import queries as audit
from alliance.core.figure import digest, trail
from alliance.core.formula import tells_the_truth
from alliance.core.period import Period
from alliance.members import queries as staff
from alliance.members import services as members
from alliance.members.rules.posts import PostFact
from alliance.members.rules.staff import EmployeeFact
from alliance.workpoints import queries
from alliance.workpoints.rules.month.given import PostGiven
from alliance.workpoints.rules.month.second import share_month
from tests.small import STAFFING, YEAR, by
from tests.workpoints.small_bonus import HOSPITAL
from tests.workpoints.test_rules_of_a_month import first_of, of_lines, person
from tests.workpoints.test_runs import MONTH, computed, day, prepared

D = Decimal
NURSE = replace(STAFFING.employees[1], number="0003", name_zh="丙护士", name_en="Nurse C", start=date(2026, 6, 16))
IN_CHARGE = PostFact("P3", "护理组长岗", "Nurse in charge", "nurse", D("1.60"), D(0), D("0.50"), YEAR)


def record(fact: EmployeeFact) -> None:
    members.record_employee(1, HOSPITAL, fact, by=by("h1.personnel"), now=day(1, 6))


def shares() -> tuple[int, list[int]]:
    """The second distribution of June, and what the two nurses get in it, in cents."""
    run = computed(1)
    info = queries.bonus_run(1, HOSPITAL, MONTH)
    assert info is not None
    return info.second_run, [one.amount for one in queries.bonus_shares(run, "N1")]


def test_a_new_title_within_the_month_takes_no_days_away(inside: Flask) -> None:
    prepared(1)
    record(replace(NURSE, title="主管护师"))
    _run, (one, other) = shares()
    assert abs(one - other) <= 1
    people = {one.fact.number: one for one in staff.people_in_post(1, HOSPITAL, Period.parse(MONTH))}
    assert (people["0003"].days, people["0003"].fact.title) == (30, "主管护师")


def test_days_of_leave_are_not_there_and_those_before_and_after_are(inside: Flask) -> None:
    prepared(1)
    record(replace(NURSE, status="leave", start=date(2026, 6, 11)))
    record(replace(NURSE, start=date(2026, 6, 21)))
    run, (one, other) = shares()
    assert audit.values_of(run, ["person/0003/N1/days"]) == {"person/0003/N1/days": 20}
    assert abs(one * 2 - other * 3) <= 3


def test_another_post_of_the_unit_counts_from_its_day_on(inside: Flask) -> None:
    """Half of June at 1.05 and half at 2.10 are 1.575, beside 1.05."""
    prepared(1)
    members.define_post(1, HOSPITAL, IN_CHARGE, by=by("h1.personnel"), now=day(1, 6))
    record(replace(NURSE, post="P3"))
    run, (one, other) = shares()
    key = "unit/N1/person/0003/coefficient"
    assert audit.values_of(run, [key]) == {key: D("1.575")}
    assert abs(one * 3 - other * 2) <= 3


def test_heads_and_administration_of_two_posts_are_paid_once_by_all_their_days() -> None:
    """Administration at grade C for ten days and at grade A for twenty: (0.85 + 1.2 × 2) ÷ 3, here of 90 %."""
    aspects = dict.fromkeys(("base", "efficiency", "scale", "management", "operation"), "80")
    held = [PostGiven(D(1), "C", 10), PostGiven(D(2), "A", 20)]
    people = [
        person("1", "D1", "doctor"), person("2", "D2", "doctor"),
        person("9", "D1", "doctor", duty="head", numbers=aspects, posts=held),
        person("7", "A1", "administration", grade="A", numbers={"key_figures": "90"}, posts=held),
    ]  # fmt: skip
    given = of_lines(people)
    working, first = first_of(given)
    second = share_month(working, given, first.bonuses, first.lines)
    assert second.heads["9"].value == D(3600)
    assert second.administration["7"].value == D("1950.00")  # 1.083333 of 1,800
    figures = trail(*second.figures)
    assert digest(figures)
    assert all(tells_the_truth(one) for one in figures)
