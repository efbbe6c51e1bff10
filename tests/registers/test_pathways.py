"""Joint care pathways: cases and steps by both sides, what counts, the table, the tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from alliance.audit.models import Event
from alliance.core.period import Period
from alliance.core.refused import Both, NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.desk.queries.tasks import tasks as home_tasks
from alliance.registers import queries, services
from alliance.registers.queries import CourseRow, NewCourse, WantedCourses
from alliance.registers.rules.pathways import SHIPPED, Patient
from tests.small import at, by

NOW = at(10, 5)
TODAY = date(2026, 5, 10)
DAY0 = date(2026, 2, 1)  # plan until 2026-03-03, follow-up until 2026-04-02
PATIENT = Patient(1958, "female", "E11.9")
GIVEN = NewCourse("diabetes", "H1", "C1", "ZY000123", PATIENT, DAY0)
REASON = "患者迁往外省，后续不在本医联体就诊"
REPORTER = {"H1": by("h1.reporter"), "C1": by("c1.reporter"), "C2": by("c2.reporter")}


def start(given: NewCourse = GIVEN, institution: str = "C1", now: datetime = NOW) -> int:
    return services.start_course(1, institution, given, by=REPORTER[institution], now=now)


def step(number: int, institution: str, code: str, done: date, now: datetime = NOW) -> None:
    services.record_step(1, institution, number, code, done, "已沟通", by=REPORTER[institution], now=now)


def measures(month: str = "2026-04", known: datetime = NOW) -> list[tuple[str, str, str]]:
    found = queries.counted_pathways(1, month, known)
    return [(one.institution, one.measure, one.case) for one in found]


def test_a_case_is_done_by_both_sides_and_enters_both(inside: Flask) -> None:
    number = start()
    step(number, "H1", "plan", date(2026, 3, 3))
    step(number, "C1", "follow_up", date(2026, 4, 2))
    one = queries.course(1, number)
    assert one
    assert (one.state, one.standing(TODAY), one.next) == ("closed", "complete", None)
    assert measures() == [
        ("H1", "pathway.due", "1"), ("H1", "pathway.complete", "1"),
        ("C1", "pathway.due", "1"), ("C1", "pathway.complete", "1"),
    ]  # fmt: skip
    assert measures("2026-03") == []


def test_a_late_step_is_kept_and_not_counted(inside: Flask) -> None:
    number = start()
    step(number, "H1", "plan", date(2026, 3, 4))
    step(number, "C1", "follow_up", date(2026, 3, 30))
    one = queries.course(1, number)
    assert one
    assert one.standing(TODAY) == "incomplete"
    assert [(each.done, each.in_time) for each in one.steps] == [(date(2026, 3, 4), False), (date(2026, 3, 30), True)]
    assert measures() == [("H1", "pathway.due", "1"), ("C1", "pathway.due", "1")]


def test_the_wrong_side_is_refused(inside: Flask) -> None:
    number = start()
    with pytest.raises(Refused, match="belongs to H1"):
        step(number, "C1", "plan", date(2026, 3, 1))
    with pytest.raises(NotFound):
        step(number, "C2", "plan", date(2026, 3, 1))


def test_a_step_before_day_0_ahead_or_twice_is_refused(inside: Flask) -> None:
    number = start()
    for wrong in (date(2026, 1, 31), date(2026, 5, 11)):
        with pytest.raises(Refused):
            step(number, "H1", "plan", wrong)
    step(number, "H1", "plan", date(2026, 3, 1))
    with pytest.raises(Refused, match="recorded already"):
        step(number, "H1", "plan", date(2026, 3, 2))


def test_one_case_at_a_time_for_a_patient_on_a_pathway(inside: Flask) -> None:
    start()
    later = replace(GIVEN, day0=date(2026, 4, 1), center="C2")
    with pytest.raises(Refused, match="already, since 2026-02-01"):
        start(later, "C2")
    start(replace(later, pathway="discharge"), "C2")
    services.end_course(1, "C1", 1, date(2026, 2, 20), REASON, by=REPORTER["C1"], now=NOW)
    assert start(later, "C2") == 3


def test_the_record_number_is_nowhere_and_the_same_patient_is_known_under_an_older_key(inside: Flask) -> None:
    number = start()
    kept = db.session.execute(text("SELECT * FROM pathway_case")).one()
    assert "ZY000123" not in str(tuple(kept))
    assert "ZY000123" not in str([(row.subject, row.detail) for row in db.session.query(Event)])
    inside.config["ALLIANCE"] = replace(inside.config["ALLIANCE"], data_keys=("n" * 40,))
    assert [one.number for one in queries.courses_of(1, "H1", " zy000123")] == [number]
    with pytest.raises(Refused, match="already, since"):
        start(replace(GIVEN, day0=date(2026, 4, 1)))
    assert queries.courses_of(1, "H2", "ZY000123") == []


def test_members_of_another_kind_start_no_case(inside: Flask) -> None:
    for wrong, institution in (
        (replace(GIVEN, hospital="H2"), "C1"), (replace(GIVEN, center="H2"), "H1"), (GIVEN, "C2"),
        (replace(GIVEN, pathway="none"), "C1"), (replace(GIVEN, day0=date(2026, 5, 11)), "C1"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            start(wrong, institution)


def test_who_is_ended_leaves_the_cohort_with_the_reason(inside: Flask) -> None:
    number = start()
    services.end_course(1, "C1", number, date(2026, 3, 20), REASON, by=REPORTER["C1"], now=NOW)
    one = queries.course(1, number)
    assert one
    assert (one.state, one.ended_on, one.reason) == ("ended", date(2026, 3, 20), REASON)
    assert measures() == []
    with pytest.raises(Refused, match="ended early"):
        step(number, "H1", "plan", date(2026, 3, 1))
    other = start(replace(GIVEN, record="ZY000124"))
    services.end_course(1, "C1", other, date(2026, 4, 3), REASON, by=REPORTER["C1"], now=NOW)
    assert [one[1] for one in measures()] == ["pathway.due", "pathway.due"]


def test_what_counts_is_what_was_known(inside: Flask) -> None:
    number = start(now=at(1, 3))
    step(number, "H1", "plan", date(2026, 3, 1), at(5, 3))
    step(number, "C1", "follow_up", date(2026, 4, 1), at(2, 4))
    assert measures(known=at(28, 2)) == []
    assert len(measures(known=at(6, 3))) == 2
    assert len(measures(known=at(3, 4))) == 4
    services.withdraw_step(1, "C1", number, "follow_up", "填错了患者，应为另一例", by=REPORTER["C1"], now=at(5, 4))
    assert len(measures(known=at(3, 4))) == 4
    assert len(measures(known=at(6, 4))) == 2
    one = queries.course(1, number)
    assert one
    assert (one.state, one.steps[1].done, len(one.steps[1].records)) == ("open", None, 1)
    step(number, "C1", "follow_up", date(2026, 4, 2), at(7, 4))
    assert len(measures(known=at(8, 4))) == 4


def test_a_new_version_holds_for_cases_that_begin_then(inside: Flask) -> None:
    number = start()
    newer = replace(
        SHIPPED[0], start=date(2026, 4, 1), steps=(SHIPPED[0].steps[0], replace(SHIPPED[0].steps[1], day=45))
    )
    assert services.define_pathway(1, newer, by=by("office"), now=NOW) == 1
    old = queries.course(1, number)
    young = queries.course(1, start(replace(GIVEN, record="ZY000200", day0=date(2026, 4, 1))))
    assert old
    assert young
    assert (old.version, old.last_due) == (0, date(2026, 4, 2))
    assert (young.version, young.last_due) == (1, date(2026, 5, 16))
    with pytest.raises(Refused, match="choose a later day"):
        services.define_pathway(1, newer, by=by("office"), now=NOW)
    own = replace(newer, code="copd", name=Both("慢阻肺", "COPD"))
    assert services.define_pathway(1, own, by=by("office"), now=NOW) == 1


def test_cases_are_found_by_where_they_stand(inside: Flask) -> None:
    done, late, over, ended, going = (
        start(replace(GIVEN, record=f"ZY00{place}", day0=day))
        for place, day in enumerate((DAY0, DAY0, DAY0, DAY0, date(2026, 5, 1)))
    )
    for number, day in ((done, date(2026, 3, 1)), (late, date(2026, 3, 5))):
        step(number, "H1", "plan", day)
        step(number, "C1", "follow_up", date(2026, 3, 20))
    services.end_course(1, "C1", ended, date(2026, 2, 2), REASON, by=REPORTER["C1"], now=NOW)

    def asked(**wanted: object) -> list[int]:
        found, total = queries.courses(1, replace(WantedCourses(None), **wanted), TODAY, 1, 50)  # type: ignore[arg-type]
        assert total == len(found)
        for one in found:
            assert wanted.get("state", "") in ("", "due", "left", one.standing(TODAY))
        return sorted(one.number for one in found)

    assert asked(state="complete") == [done]
    assert asked(state="incomplete") == [late]
    assert asked(state="overdue") == [over]
    assert asked(state="ended") == [ended]
    assert asked(state="open") == [going]
    assert asked(state="left") == [ended]
    assert asked(state="due") == [done, late, over, going]
    assert asked(state="nonsense") == []
    assert asked(month="2026-04") == [done, late, over, ended]
    assert asked(institutions=["C2"]) == []
    assert asked(institutions=["C1"], mine=True) == [over]
    assert queries.courses(1, WantedCourses(None), TODAY, 2, 2)[1] == 5
    lines = {(one.pathway, one.member): (one.rate.complete, one.rate.due, one.left)
             for one in queries.rates(1, Period.parse("2026-04"), None)}  # fmt: skip
    assert lines["diabetes", "C1"] == (1, 3, 1)
    assert lines["diabetes", ""] == (1, 3, 1)
    assert {one.member for one in queries.rates(1, Period.parse("2026Q2"), ["C1"])} == {"C1"}


def test_steps_that_are_due_are_tasks_of_their_side(inside: Flask) -> None:
    start()
    start(replace(GIVEN, record="ZY000999", day0=date(2026, 4, 12)))  # plan until 2026-05-12

    def waiting(code: str) -> list[tuple[str, int]]:
        scope = Scope(1, "x", code, frozenset({"reporter"}), frozenset({code}), frozenset({code}))
        return [(one.what, one.count) for one in home_tasks(scope, NOW) if one.what.startswith("pathway")]

    assert sorted(waiting("H1")) == [("pathway_overdue", 1), ("pathway_step", 1)]
    assert waiting("C1") == [("pathway_overdue", 1)]
    assert waiting("C2") == []


def row(at_: int, **given: object) -> CourseRow:
    first = CourseRow(at_, "diabetes", "H1", "C1", "ZY000123", 1958, "female", "E11.9", DAY0)
    return replace(first, **given)  # type: ignore[arg-type]


def test_a_table_starts_cases_and_records_own_steps_once(inside: Flask) -> None:
    rows = [
        row(2, step="随访并调整", done=date(2026, 3, 30)),
        row(3, record="ZY000124", step="follow_up", done=date(2026, 4, 9)),
        row(4, record="ZY000125"),
    ]

    def load() -> tuple[int, int]:
        return services.import_course(1, "C1", rows, by=REPORTER["C1"], now=NOW)

    plan = queries.course_plan(1, "C1", rows, TODAY)
    assert (len(plan.starts), len(plan.steps), plan.problems) == (3, 2, [])
    assert queries.courses(1, WantedCourses(None), TODAY, 1, 9)[1] == 0
    assert load() == (3, 2)
    assert load() == (0, 0)
    more = [row(2, center="", born=None, sex="", diagnosis="", step="plan", done=date(2026, 3, 1))]
    assert services.import_course(1, "H1", more, by=REPORTER["H1"], now=NOW) == (0, 1)


def test_a_table_with_one_bad_row_does_nothing(inside: Flask) -> None:
    start()
    rows = [
        row(2, record="ZY000777"),
        row(3, step="plan", done=date(2026, 3, 1)),
        row(4, born=1960),
        row(5, step="follow_up", done=date(2026, 1, 1)),
        row(6, step="dance", done=date(2026, 3, 1)),
        row(7, pathway="none"),
        row(8, record="ZY000778", center="C2"),
        row(9, record="ZY000779", born=None),
        row(10, day0=date(2026, 4, 1)),
        row(11, step="follow_up"),
    ]
    with pytest.raises(Refused) as found:
        services.import_course(1, "C1", rows, by=REPORTER["C1"], now=NOW)
    assert [problem.at["row"] for problem in found.value.problems] == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert queries.courses(1, WantedCourses(None), TODAY, 1, 9)[1] == 1


def test_keys_of_patients_are_forgotten_after_three_years(inside: Flask) -> None:
    start()
    assert services.erase_patients(now=at(1, 4).replace(year=2029)) == 0
    assert services.erase_patients(now=at(9, 4).replace(year=2029)) == 1
    assert queries.courses_of(1, "H1", "ZY000123") == []
    assert len(measures()) == 2


def test_a_case_is_found_by_the_record_number_and_that_is_kept(inside: Flask) -> None:
    number = start()
    assert services.find_course(1, "C1", "H1", "zy 000123", by=REPORTER["C1"], now=NOW) == number
    assert db.session.query(Event).filter_by(act="registers:course:find").count() == 1
    with pytest.raises(Refused, match="No case of yours"):
        services.find_course(1, "C2", "H1", "ZY000123", by=REPORTER["C2"], now=NOW)
