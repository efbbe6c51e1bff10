"""The rules of joint care pathways, by worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from alliance.core.figure import State
from alliance.core.refused import Both, Refused
from alliance.registers.rules.pathways import (
    CENTER,
    HOSPITAL,
    OPEN,
    SHIPPED,
    Cohort,
    Pathway,
    Patient,
    Rate,
    Step,
    check_day0,
    check_end,
    check_pathway,
    check_patient,
    check_step,
    counted,
    deadlines,
    in_force,
    is_in_time,
    rate,
    record_number,
)

DAY0 = date(2026, 1, 10)
TODAY = date(2026, 5, 10)
PLAN, FOLLOW = date(2026, 2, 9), date(2026, 3, 11)  # days 30 and 60


def cohort(plan: date | None, follow: date | None, ended: date | None = None) -> Cohort:
    return Cohort("1", "H1", "C1", ((PLAN, plan), (FOLLOW, follow)), ended)


def test_deadlines_are_calendar_days_from_day_0() -> None:
    diabetes, discharge = SHIPPED
    assert deadlines(diabetes, DAY0) == [PLAN, FOLLOW]
    assert deadlines(discharge, DAY0) == [date(2026, 1, 17), date(2026, 4, 10)]
    assert (diabetes.days, discharge.days) == (60, 90)
    for one in SHIPPED:
        check_pathway(one)


def test_a_step_counts_on_its_last_day_and_not_the_day_after() -> None:
    assert is_in_time(PLAN, PLAN)
    assert not is_in_time(PLAN, PLAN + timedelta(days=1))
    assert not is_in_time(PLAN, None)


def test_the_rate_is_complete_cases_over_those_due() -> None:
    """Of four cases one is complete, one has a late step, one a step never done, and one ended before its last day."""
    cases = [
        cohort(date(2026, 2, 1), date(2026, 3, 1)),
        cohort(date(2026, 2, 10), date(2026, 3, 1)),
        cohort(date(2026, 2, 1), None),
        cohort(date(2026, 2, 1), None, date(2026, 2, 20)),
    ]
    assert rate(cases) == Rate(1, 3)
    assert rate(cases).percent == Decimal("33.33")
    assert Rate(2, 3).percent == Decimal("66.67")
    assert Rate(1, 8).percent == Decimal("12.5")


def test_without_a_cohort_the_rate_does_not_apply() -> None:
    assert rate([]).percent is None
    assert rate([]).state is State.NOT_APPLICABLE
    assert rate([cohort(None, None, DAY0)]).state is State.NOT_APPLICABLE
    assert rate([cohort(None, None)]).percent == 0


def test_a_case_enters_both_members_in_the_month_of_its_last_deadline() -> None:
    found = counted([cohort(PLAN, FOLLOW), cohort(PLAN, None), cohort(None, None, PLAN)])
    assert [(one.institution, one.month, one.measure) for one in found] == [
        ("H1", "2026-03", "pathway.due"), ("H1", "2026-03", "pathway.complete"),
        ("C1", "2026-03", "pathway.due"), ("C1", "2026-03", "pathway.complete"),
        ("H1", "2026-03", "pathway.due"), ("C1", "2026-03", "pathway.due"),
    ]  # fmt: skip


def test_whoever_is_ended_after_the_last_deadline_stays_in_the_cohort() -> None:
    assert cohort(PLAN, None, FOLLOW).left
    assert not cohort(PLAN, None, FOLLOW + timedelta(days=1)).left


def test_the_version_of_a_case_is_the_one_of_its_day_0() -> None:
    newer = replace(SHIPPED[0], version=1, start=date(2026, 3, 1))
    again = replace(newer, version=2)
    assert in_force([*SHIPPED, newer], DAY0)["diabetes"].version == 0
    assert in_force([*SHIPPED, newer], date(2026, 3, 1))["diabetes"].version == 1
    assert in_force([*SHIPPED, again, newer], TODAY)["diabetes"].version == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Diabetes"},
        {"name": Both("", "")},
        {"steps": ()},
        {"steps": (Step("plan", Both("方案", "Plan"), HOSPITAL, 30),)},
        {"steps": (Step("a1", Both("甲", "A"), HOSPITAL, 30), Step("a1", Both("乙", "B"), CENTER, 60))},
        {"steps": (Step("a1", Both("甲", "A"), HOSPITAL, -1), Step("b1", Both("乙", "B"), CENTER, 60))},
        {"steps": (Step("a1", Both("甲", "A"), HOSPITAL, 731), Step("b1", Both("乙", "B"), CENTER, 60))},
        {"steps": (Step("a1", Both("", ""), HOSPITAL, 1), Step("b1", Both("乙", "B"), CENTER, 60))},
        {"steps": (Step("a1", Both("甲", "A"), "bank", 1), Step("b1", Both("乙", "B"), CENTER, 60))},
    ],
)
def test_a_pathway_that_cannot_be_walked_is_refused(wrong: dict[str, object]) -> None:
    given: Pathway = replace(SHIPPED[0], **wrong)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        check_pathway(given)


def test_a_record_number_is_one_however_it_is_typed() -> None:
    assert record_number(" ｚｙ00 123 ") == "ZY00123"
    for wrong in ("", "12", "张三李四", "Zhang San;", "1" * 31):
        with pytest.raises(Refused):
            record_number(wrong)


def test_a_patient_is_a_year_a_sex_and_a_code() -> None:
    check_patient(Patient(1958, "female", "E11.9"), DAY0)
    for wrong in (
        Patient(2027, "male", "E11"), Patient(1800, "male", "E11"), Patient(1958, "", "E11"),
        Patient(1958, "male", "糖尿病"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            check_patient(wrong, DAY0)


def test_days_lie_between_day_0_and_today() -> None:
    check_day0(TODAY, TODAY)
    check_step(DAY0, DAY0, TODAY)
    with pytest.raises(Refused, match="cannot lie ahead"):
        check_day0(TODAY + timedelta(days=1), TODAY)
    with pytest.raises(Refused, match="before day 0"):
        check_step(DAY0 - timedelta(days=1), DAY0, TODAY)
    with pytest.raises(Refused, match="lies ahead"):
        check_step(TODAY + timedelta(days=1), DAY0, TODAY)


def test_a_case_ends_once_with_a_reason_and_after_what_was_done() -> None:
    reason = "患者迁往外省，后续不在本医联体就诊"
    check_end(OPEN, PLAN, DAY0, [PLAN, None], TODAY, reason)
    for state, ended, words in (
        ("closed", PLAN, reason), (OPEN, PLAN, "迁出"), (OPEN, PLAN - timedelta(days=1), reason),
        (OPEN, TODAY + timedelta(days=1), reason),
    ):  # fmt: skip
        with pytest.raises(Refused):
            check_end(state, ended, DAY0, [PLAN, None], TODAY, words)
