"""Departments as they are recorded: a tree on every day, codes and shares that lead somewhere, and who sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Grant, Scope, scope_of
from alliance.members import queries, services, sheets
from alliance.members.queries import CodeFact, DepartmentFact, Inside, ServiceFact, Staffing
from tests.conftest import Client
from tests.small import CLOCK, DEPARTMENTS, by

JUNE = date(2026, 6, 1)
KEEPER = by("h1.personnel")


def reader(*grants: Grant) -> Scope:
    return scope_of("somebody", "H1", grants, 1)


HEAD = reader(Grant("department_head", 1, "H1", department="D1"))
OWN = reader(Grant("personnel", 1, "H1"))
FOREIGN = reader(Grant("personnel", 1, "H2"), Grant("office", 1))


def define(fact: DepartmentFact) -> None:
    services.define_department(1, "H1", fact, by=KEEPER, now=CLOCK)


def reasons(refused: Refused) -> list[str]:
    return [f"{problem.where}: {problem.message}" for problem in refused.problems]


GROUP = DepartmentFact("D1-3", "D1", "内科三组", "Medicine group 3", "inpatient_group", "clinical", 12, JUNE)


def test_a_department_holds_from_its_day_and_the_earlier_days_keep_what_was(inside: Flask) -> None:
    define(GROUP)
    assert [line.fact.code for line in queries.departments(OWN, "H1", date(2026, 5, 31))] == [
        "D1", "D1-1", "D1-2", "N1", "D2",
    ]  # fmt: skip
    lines = queries.departments(OWN, "H1", JUNE)
    assert [(line.fact.code, line.depth, line.codes) for line in lines] == [
        ("D1", 0, 1), ("D1-1", 1, 0), ("D1-2", 1, 0), ("D1-3", 1, 0), ("N1", 1, 0), ("D2", 0, 1),
    ]  # fmt: skip
    define(replace(GROUP, beds=15, start=date(2026, 7, 1)))
    found = queries.department(OWN, "H1", "D1-3", date(2026, 6, 30))
    assert found
    assert (found.fact.beds, len(found.history)) == (12, 2)


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (replace(GROUP, parent="D9"), "D1-3: on %(day)s there is no department %(code)s, the parent of this one"),
        (replace(GROUP, parent="N1"), "D1-3: no department can stand under a medical group or a nursing unit"),
        (
            DepartmentFact("D1", "D3", "内科", "Medicine", "clinical_department", "clinical", None, JUNE),
            "D1: on %(day)s there is no department %(code)s, the parent of this one",
        ),
        (
            DepartmentFact("D1", "D1", "内科", "Medicine", "clinical_department", "clinical", None, JUNE),
            "D1: these departments are within one another",
        ),
        (
            replace(GROUP, start=date(2025, 12, 31)),
            "D1-3: on %(day)s there is no department %(code)s, the parent of this one",
        ),
    ],
)
def test_what_does_not_fit_the_tree_on_some_day_is_refused(inside: Flask, fact: DepartmentFact, said: str) -> None:
    with pytest.raises(Refused) as caught:
        define(fact)
    assert reasons(caught.value) == [said]
    assert queries.inside(1, "H1") == DEPARTMENTS


def test_a_department_ends_when_nothing_hangs_on_it(inside: Flask) -> None:
    with pytest.raises(Refused, match="does not fit"):
        services.end_department(1, "H1", "D1", JUNE, by=KEEPER, now=CLOCK)  # groups stand under it
    with pytest.raises(Refused, match="does not fit"):
        services.end_department(1, "H1", "D1-2", JUNE, by=KEEPER, now=CLOCK)  # a nursing unit serves it
    services.set_share(1, "H1", "N1", [("D1-1", Decimal(100))], JUNE, by=KEEPER, now=CLOCK)
    with pytest.raises(Refused) as caught:
        services.end_department(1, "H1", "N1", JUNE, by=KEEPER, now=CLOCK)  # somebody works there
    assert reasons(caught.value) == ["N1: from %(day)s on staff or established posts are still in this department"]
    services.end_department(1, "H1", "D1-2", JUNE, by=KEEPER, now=CLOCK)
    codes = [line.fact.code for line in queries.departments(OWN, "H1", JUNE)]
    assert codes == ["D1", "D1-1", "N1", "D2"]
    assert len(queries.departments(OWN, "H1", date(2026, 5, 31))) == 5
    with pytest.raises(Refused, match="does not exist"):
        services.end_department(1, "H1", "D1-2", JUNE, by=KEEPER, now=CLOCK)
    with pytest.raises(NotFound):
        services.end_department(1, "H1", "D99", JUNE, by=KEEPER, now=CLOCK)


def test_several_codes_lead_to_one_department_and_each_is_dated(inside: Flask) -> None:
    for fact in (CodeFact("HIS", "0102", "D1", JUNE), CodeFact("HIS", "0101", "D2", JUNE)):
        services.map_code(1, "H1", fact, by=KEEPER, now=CLOCK)

    def leading(code: str, on: date) -> list[str]:
        found = queries.department(OWN, "H1", code, on)
        assert found
        return [f"{one.system} {one.outside}" for one in found.codes]

    assert [leading("D1", date(2026, 5, 1)), leading("D1", JUNE)] == [["HIS 0101"], ["HIS 0102"]]
    assert leading("D2", JUNE) == ["HIS 0101", "LIS JYK"]
    services.map_code(1, "H1", CodeFact("LIS", "JYK", "", date(2026, 7, 1)), by=KEEPER, now=CLOCK)
    assert leading("D2", date(2026, 7, 1)) == ["HIS 0101"]
    with pytest.raises(Refused) as caught:
        services.map_code(1, "H1", CodeFact("HIS", "1", "D9", JUNE), by=KEEPER, now=CLOCK)
    assert [problem.where for problem in caught.value.problems] == ["HIS 1"]


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([("D1-1", "60"), ("D1-2", "39.99")], "N1: the shares add up to 100"),
        ([("N1", "100")], "N1: a unit does not serve itself"),
        ([("D1-1", "50"), ("D1-1", "50")], "N1: a unit that is served is named twice"),
        ([("D1-1", "100"), ("D1-2", "0")], "N1: a share is more than 0"),
        ([("D7", "100")], "N1: on %(day)s there is no department %(code)s, which these shares name"),
    ],
)
def test_shares_that_are_none_are_refused(inside: Flask, shares: list[tuple[str, str]], said: str) -> None:
    given = [(code, Decimal(share)) for code, share in shares]
    with pytest.raises(Refused) as caught:
        services.set_share(1, "H1", "N1", given, JUNE, by=KEEPER, now=CLOCK)
    assert reasons(caught.value) == [said]


def test_a_unit_serves_by_shares_that_add_up_exactly(inside: Flask) -> None:
    thirds = [("D1-1", Decimal("33.33")), ("D1-2", Decimal("33.33")), ("D2", Decimal("33.34"))]
    services.set_share(1, "H1", "N1", thirds, JUNE, by=KEEPER, now=CLOCK)
    found = queries.department(OWN, "H1", "N1", JUNE)
    assert found
    assert [(share.unit.code, share.share) for share in found.serves] == thirds
    other = queries.department(OWN, "H1", "D2", JUNE)
    assert other
    assert [(share.unit.code, str(share.share)) for share in other.served_by] == [("N1", "33.34")]
    services.set_share(1, "H1", "N1", [], date(2026, 7, 1), by=KEEPER, now=CLOCK)
    ended = queries.department(OWN, "H1", "N1", date(2026, 7, 1))
    assert ended
    assert ended.serves == ()


def test_a_head_sees_the_own_department_with_what_stands_under_it_and_nobody_sees_another_hospital(
    inside: Flask,
) -> None:
    assert [line.fact.code for line in queries.departments(HEAD, "H1", JUNE)] == ["D1", "D1-1", "D1-2", "N1"]
    assert queries.department(HEAD, "H1", "N1", JUNE)
    assert queries.department(HEAD, "H1", "D2", JUNE) is None
    assert queries.departments(FOREIGN, "H1", JUNE) == []
    assert queries.department(FOREIGN, "H1", "D1", JUNE) is None
    assert queries.insides(HEAD) == ["H1"]
    assert queries.insides(reader(Grant("office", 1), Grant("regulator", 1))) == []


def test_the_workbook_comes_back_as_it_went_and_changes_nothing(inside: Flask) -> None:
    services.set_share(1, "H1", "N1", [], JUNE, by=KEEPER, now=CLOCK)
    services.map_code(1, "H1", CodeFact("LIS", "JYK", "", JUNE), by=KEEPER, now=CLOCK)
    everything = queries.inside(1, "H1"), queries.staffing(1, "H1")
    for language in ("zh", "en"):
        back = sheets.read_structure(sheets.write_structure(*everything, language), "inside.xlsx")
        assert back == everything
        assert {line.kind for line in queries.structure_changes(1, "H1", *back)} == {"same"}
        assert services.import_structure(1, "H1", *back, by=KEEPER, now=CLOCK) == 0


def test_a_workbook_is_taken_whole_or_not_at_all(inside: Flask) -> None:
    wrong = Inside((GROUP,), (CodeFact("HIS", "7", "D7", JUNE),))
    with pytest.raises(Refused):
        queries.inside_changes(1, "H1", wrong)
    with pytest.raises(Refused):
        services.import_structure(1, "H1", wrong, by=KEEPER, now=CLOCK)
    assert queries.inside(1, "H1") == DEPARTMENTS
    given = Inside((GROUP,), (CodeFact("HIS", "7", "D1-3", JUNE),), (ServiceFact("N1", (), JUNE),))
    kinds = [line.kind for line in queries.inside_changes(1, "H1", given).lines]
    assert kinds == ["new", "new", "changed"]
    assert services.import_structure(1, "H1", given, by=KEEPER, now=CLOCK) == 3


def test_a_bad_cell_is_named_by_sheet_row_column_value_and_reason(inside: Flask) -> None:
    book = sheets.write_sheets(
        [
            (
                "departments",
                {"code": "科室代码", "name_zh": "中文名称", "kind": "科室类别", "beds": "床位数", "start": "生效日期"},
                [
                    {
                        "code": "D1-3",
                        "name_zh": "内科三组",
                        "kind": "住院医疗组",
                        "beds": "many",
                        "start": "2026-06-01",
                    },
                    {"code": "科一", "name_zh": "", "kind": "ward", "start": "June"},
                ],
            ),
            (
                "department_links",
                {"department": "服务科室", "served": "被服务科室", "share": "比例", "start": "生效日期"},
                [{"department": "N1", "served": "D1-1", "share": "1.234", "start": "2026-06-01"}],
            ),
        ]
    )
    with pytest.raises(Refused) as caught:
        sheets.read_structure(book, "inside.xlsx")
    found = [(problem.place, problem.value, problem.message) for problem in caught.value.problems]
    assert found == [
        ("sheet departments, row 2, beds", "many", "is not a whole number of 0 or more"),
        (
            "sheet departments, row 3, code",
            "科一",
            "a department's code has 1 to 16 capital letters, digits and hyphens",
        ),
        ("sheet departments, row 3, name_zh", "", "is missing"),
        ("sheet departments, row 3, kind", "ward", "is not one of the words allowed here: %(words)s"),
        ("sheet departments, row 3, start", "June", "is not a date; write 2026-01-31"),
        (
            "sheet department_links, row 2, share",
            "1.234",
            "is not a number of 0 or more with at most two decimal places",
        ),
    ]
    with pytest.raises(Refused, match="none of the sheets"):
        sheets.read_structure(sheets.write_sheets([("else", {"code": "代码"}, [])]), "inside.xlsx")


def test_the_events_of_departments_belong_to_the_hospital_and_name_no_person(inside: Flask) -> None:
    define(GROUP)
    assert [event.subject for event in audit.touches(1, "H1")][:1] == ["department:H1/D1-3"]


def test_the_workbook_is_checked_and_applied_on_its_page(client_as: Callable[[str], Client]) -> None:
    client = client_as("h1.personnel")
    exported = client.get("/members/structures/export/H1").get_data()
    path = "/members/structures/import/H1"
    checked = client.send(path, file=(BytesIO(exported), "departments.xlsx"), check="1")
    assert checked.status_code == 200
    assert "没有需要导入的记录" in checked.get_data(as_text=True)
    book = sheets.write_structure(Inside((GROUP,), (CodeFact("HIS", "9", "D1-3", JUNE),)), Staffing(), "zh")
    assert client.send(path, file=(BytesIO(book), "departments.xlsx"), apply="1").status_code == 302
    assert "内科三组" in client.get("/members/departments/list?on=2026-06-01").get_data(as_text=True)
    assert "内科三组" not in client.get("/members/departments/list?on=2026-05-31").get_data(as_text=True)
    again = client.send(path, file=(BytesIO(book), "departments.xlsx"), apply="1")
    assert "文件内容与现有数据一致，未作任何改动。" in client.get(again.location).get_data(as_text=True)
    wrong = sheets.write_structure(Inside((replace(GROUP, kind="ward"),)), Staffing(), "zh")
    refused = client.send(path, file=(BytesIO(wrong), "departments.xlsx"), check="1")
    assert "住院医疗组、住院护理单元" in refused.get_data(as_text=True)  # which words there are
    wrong = sheets.write_structure(Inside((replace(GROUP, parent="D9"),)), Staffing(), "zh")
    refused = client.send(path, file=(BytesIO(wrong), "departments.xlsx"), check="1")
    assert (refused.status_code, "D9" in refused.get_data(as_text=True)) == (422, True)


def test_the_forms_record_what_was_typed(client_as: Callable[[str], Client]) -> None:
    client = client_as("h1.bonus")
    typed = {"code": "d3", "name_zh": "外科", "name_en": "Surgery", "parent": "", "kind": "clinical_department",
             "accounting": "", "start": "2026-05-01"}  # fmt: skip
    assert client.send("/members/departments/define/H1", **typed).status_code == 302
    page = client.get("/members/departments/read/H1/D3").get_data(as_text=True)
    assert "外科" in page
    shares = {"start": "2026-05-01", "lines-0-served": "D1-1", "lines-0-share": "25.5", "lines-1-served": "D1-2",
              "lines-1-share": "74.5"}  # fmt: skip
    assert client.send("/members/shares/set/H1/N1", **shares).status_code == 302
    assert "74.5" in client.get("/members/departments/read/H1/N1").get_data(as_text=True)
    code = {"system": "HIS", "outside": "0300", "department": "D3", "start": "2026-05-01"}
    assert client.send("/members/codes/map/H1", **code).status_code == 302
    assert client.send("/members/departments/end/H1/D3", ended="2026-05-10").status_code == 302
    assert "已撤销" in client.get("/members/departments/read/H1/D3").get_data(as_text=True)
    for foreign in ("/members/departments/define/H2", "/members/structures/import/H2", "/members/codes/map/H2"):
        assert client.get(foreign).status_code == 404
