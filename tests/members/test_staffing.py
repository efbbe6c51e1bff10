"""Posts, establishment and staff as they are recorded, the report of a month, and who sees people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.period import Period
from alliance.core.refused import Refused
from alliance.core.roles import Grant, Scope, scope_of
from alliance.members import queries, services, sheets
from alliance.members.queries import EmployeeFact, EstablishmentFact, Inside, PostFact, PostSheet
from alliance.members.rules.posts import USUAL_SCALE
from tests.conftest import Client
from tests.small import CLOCK, STAFFING, YEAR, by

KEEPER = by("h1.personnel")
JUNE = date(2026, 6, 1)
NURSE = EmployeeFact("0003", "丙护士", "Nurse C", "N1", "P2", "护士", date(2026, 3, 17), "active", date(2026, 3, 17))


def reader(*grants: Grant) -> Scope:
    return scope_of("somebody", "H1", grants, 1)


PERSONNEL = reader(Grant("personnel", 1, "H1"))
HEAD = reader(Grant("department_head", 1, "H1", department="N1"))


def employ(fact: EmployeeFact) -> None:
    services.record_employee(1, "H1", fact, by=KEEPER, now=CLOCK)


def numbers(scope: Scope, on: date) -> list[str]:
    return [line.fact.number for line in queries.employees(scope, "H1", on)]


def test_a_month_is_reported_by_department_established_and_in_post(inside: Flask) -> None:
    employ(NURSE)
    report = queries.staffing_report(1, "H1", Period.parse("2026-03"))
    found = {line.fact.code: line for line in report.units}
    group, unit = found["D1-1"], found["N1"]
    # 3 × 1.60; the doctor hired in April 2016 has nine full years: 1.60 + 0.05
    assert (group.established, group.coefficient, group.in_post, group.doctors) == (
        3, Decimal("4.80"), Decimal("1.65"), Decimal(1),
    )  # fmt: skip
    # 5 × 1.05; 1.05 for the whole month, and 1.05 × 15 ÷ 31
    assert (unit.coefficient, unit.in_post, unit.persons) == (Decimal("5.25"), Decimal("1.5581"), Decimal("1.4839"))
    assert (report.beds, report.nurses_per_bed, report.doctors_per_bed) == (50, Decimal("0.03"), Decimal("0.02"))
    assert report.in_post == Decimal("3.2081")
    whole = found["D1"]
    assert (whole.doctors_per_bed, whole.nurses_per_bed) == (Decimal("0.02"), Decimal("0.03"))
    assert (group.doctors_per_bed, group.nurses_per_bed, unit.nurses_per_bed) == (Decimal("0.03"), None, None)
    april = queries.staffing_report(1, "H1", Period.parse("2026-04"))
    assert next(line for line in april.units if line.fact.code == "D1-1").in_post == Decimal("1.70")


def test_a_transfer_in_the_month_is_shared_by_calendar_days(inside: Flask) -> None:
    doctor = STAFFING.employees[0]
    employ(replace(doctor, department="D1-2", start=date(2026, 3, 11)))
    report = queries.staffing_report(1, "H1", Period.parse("2026-03"))
    found = {line.fact.code: line.in_post for line in report.units}
    assert (found["D1-1"], found["D1-2"]) == (Decimal("0.5323"), Decimal("1.1177"))
    employ(replace(doctor, department="D1-2", status="leave", start=date(2026, 3, 21)))
    report = queries.staffing_report(1, "H1", Period.parse("2026-03"))
    found = {line.fact.code: line.in_post for line in report.units}
    assert (found["D1-1"], found["D1-2"]) == (Decimal("0.5323"), Decimal("0.5323"))


def test_people_in_post_are_told_one_by_one_and_add_up_to_the_report(inside: Flask) -> None:
    employ(replace(STAFFING.employees[0], department="D1-2", start=date(2026, 3, 11)))
    march = Period.parse("2026-03")
    people = queries.people_in_post(1, "H1", march)
    assert [(one.fact.number, one.fact.department, one.days) for one in people] == [
        ("0001", "D1-1", 10), ("0001", "D1-2", 21), ("0002", "N1", 31),
    ]  # fmt: skip
    assert sum(one.coefficient for one in people) == queries.staffing_report(1, "H1", march).in_post


def test_the_establishment_is_dated(inside: Flask) -> None:
    services.set_establishment(1, "H1", EstablishmentFact("N1", "P2", 0, JUNE), by=KEEPER, now=CLOCK)
    services.set_establishment(1, "H1", EstablishmentFact("N1", "P1", 1, JUNE), by=KEEPER, now=CLOCK)

    def unit(month: str) -> tuple[int, Decimal]:
        report = queries.staffing_report(1, "H1", Period.parse(month))
        return next((line.established, line.coefficient) for line in report.units if line.fact.code == "N1")

    assert (unit("2026-05"), unit("2026-06")) == ((5, Decimal("5.25")), (1, Decimal("1.60")))


def test_what_names_no_department_or_post_of_the_day_is_refused(inside: Flask) -> None:
    for fact in (replace(NURSE, department="D9"), replace(NURSE, post="P9"), replace(NURSE, start=YEAR)):
        with pytest.raises(Refused):
            employ(fact)
    with pytest.raises(Refused):
        services.set_establishment(1, "H1", EstablishmentFact("N1", "P9", 1, JUNE), by=KEEPER, now=CLOCK)
    ended = replace(STAFFING.posts[1], start=JUNE, ended=JUNE)
    with pytest.raises(Refused) as caught:
        services.define_post(1, "H1", ended, by=KEEPER, now=CLOCK)
    assert [problem.message for problem in caught.value.problems] == [
        "from %(day)s on staff are still in this post, or it is still established"
    ]
    assert queries.staffing(1, "H1") == STAFFING


def test_a_post_is_graded_by_three_sheets_that_are_kept(inside: Flask) -> None:
    for rater, level in (("甲", 4), ("乙", 5), ("丙", 4)):
        levels = tuple(sorted((factor.code, level) for factor in USUAL_SCALE.factors))
        services.rate_post(1, "H1", PostSheet("P1", rater, levels, YEAR), by=KEEPER, now=CLOCK)
    found = queries.post(1, "H1", "P1", JUNE)
    assert found
    (grade,) = found.evaluations
    assert (grade.grade, str(grade.points), len(grade.sheets)) == ("A", "86.67", 3)
    assert [line.grade for line in queries.posts(1, "H1", JUNE)] == ["A", ""]
    with pytest.raises(Refused):
        services.rate_post(1, "H1", PostSheet("P1", "丁", (("skill", 9),), YEAR), by=KEEPER, now=CLOCK)


def test_a_coefficient_holds_from_its_day(inside: Flask) -> None:
    raised = replace(STAFFING.posts[0], skill=Decimal("1.50"), start=JUNE)
    services.define_post(1, "H1", raised, by=KEEPER, now=CLOCK)
    months = [queries.staffing_report(1, "H1", Period.parse(month)).coefficient for month in ("2026-05", "2026-06")]
    assert months == [Decimal("10.05"), Decimal("10.95")]
    assert isinstance(queries.post(1, "H1", "P1", JUNE), queries.PostInfo)
    assert PostFact.coefficient.fget


def test_a_head_sees_the_people_of_the_own_unit_and_the_reporter_nobody(inside: Flask) -> None:
    assert numbers(PERSONNEL, JUNE) == ["0001", "0002"]
    assert numbers(HEAD, JUNE) == ["0002"]
    assert queries.employee(HEAD, "H1", "0001", JUNE) is None
    assert queries.employee(PERSONNEL, "H1", "0001", JUNE)
    mixed = reader(Grant("reporter", 1, "H1"), Grant("department_head", 1, "H1", department="N1"))
    assert numbers(mixed, JUNE) == ["0002"]
    assert numbers(reader(Grant("personnel", 1, "H2"), Grant("office", 1)), JUNE) == []
    assert queries.employee(reader(Grant("personnel", 1, "H2")), "H1", "0001", JUNE) is None
    employ(replace(STAFFING.employees[1], department="D1-1", start=JUNE))
    assert numbers(HEAD, JUNE) == []


def test_events_about_staff_name_no_person(inside: Flask) -> None:
    employ(NURSE)
    newest = audit.touches(1, "H1")[0]
    assert newest.subject == "staff:H1/N1"
    assert "0003" not in str(newest.detail)
    assert "丙" not in str(newest.detail)


def test_the_performance_office_neither_imports_nor_exports_people(client_as: Callable[[str], Client]) -> None:
    client = client_as("h1.bonus")
    exported = client.get("/members/structures/export/H1").get_data()
    inside, staffing = sheets.read_structure(exported, "inside.xlsx")
    assert staffing == queries.Staffing()
    again = client.send("/members/structures/import/H1", file=(BytesIO(exported), "inside.xlsx"), check="1")
    assert again.status_code == 200
    everything = sheets.write_structure(inside, STAFFING, "zh")
    answer = client.send("/members/structures/import/H1", file=(BytesIO(everything), "inside.xlsx"), check="1")
    assert (answer.status_code, "人事科" in answer.get_data(as_text=True)) == (422, True)


def test_a_number_given_twice_hides_no_other_fault(inside: Flask) -> None:
    """All that is wrong is told at once: the workbook need not be brought in again for each."""
    nurse = replace(STAFFING.employees[1], number="0009")
    lost = replace(nurse, number="0010", department="D9")
    given = queries.Staffing(employees=(nurse, replace(nurse, post="P1"), lost))
    with pytest.raises(Refused) as caught:
        queries.structure_changes(1, "H1", Inside(), given)
    assert [(one.where, one.value) for one in caught.value.problems] == [("0009", "0009"), ("0010", "D9")]


def test_the_forms_of_posts_and_staff_record_what_was_typed(client_as: Callable[[str], Client]) -> None:
    client = client_as("h1.personnel")
    post = {"code": "p3", "name_zh": "技师岗", "name_en": "", "family": "technician", "skill": "1.1", "management": "0",
            "risk": "0.25", "start": "2026-05-01", "ended": ""}  # fmt: skip
    assert client.send("/members/posts/define/H1", **post).status_code == 302
    assert "1.35" in client.get("/members/posts/list").get_data(as_text=True)
    assert client.send("/members/posts/define/H1", **post | {"skill": "1.123"}).status_code == 422
    number = {"post": "P3", "number": "2", "start": "2026-05-01"}
    assert client.send("/members/establishments/set/H1/D2", **number).status_code == 302
    assert "2.70" in client.get("/members/staffings/read?month=2026-05").get_data(as_text=True)
    levels = {f"level_{factor.code}": "4" for factor in USUAL_SCALE.factors}
    rated = client.send("/members/posts/rate/H1/P3", rater="张三", start="2026-05-02", **levels)
    assert rated.status_code == 302
    assert "80.00" in client.get("/members/posts/read/H1/P3").get_data(as_text=True)
    person = {"number": "0009", "name_zh": "丁技师", "name_en": "", "department": "D2", "post": "P3", "title": "技师",
              "hired": "2026-05-01", "status": "active", "start": "2026-05-01"}  # fmt: skip
    assert client.send("/members/employees/record/H1", **person).status_code == 302
    assert "丁技师" in client.get("/members/employees/list?search=0009").get_data(as_text=True)
    moved = person | {"department": "D1", "start": "2026-05-08"}
    taken = client.send("/members/employees/record/H1", **moved)
    assert (taken.status_code, "0009已存在" in taken.get_data(as_text=True)) == (422, True)
    assert client.send("/members/employees/record/H1?number=0009", **moved).status_code == 302
    assert "检验科" in client.get("/members/employees/read/H1/0009").get_data(as_text=True)
    assert client.get("/members/employees/read/H2/0009").status_code == 404
