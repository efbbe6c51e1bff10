"""The discharged cases of a month: their table, which are looked at, the filed sums beside them, who sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from time import process_time

import pytest
from flask import Flask

from alliance.audit.queries import events_on
from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.models import DischargeCase
from alliance.workpoints.queries import GivenCase, GivenMonth
from alliance.workpoints.rules.cases import CaseRules
from alliance.workpoints.rules.discharges import IDENTITY, Case, Sums, Tie, case_faults, untied, watched
from tests.conftest import Client
from tests.small import CLOCK, by
from tests.workpoints.small_bonus import HOSPITAL, put_scheme, scheme_data
from tests.workpoints.small_month import MONTH, workbook
from tests.workpoints.test_reserves import approve
from tests.workpoints.test_runs import day, prepared

D = Decimal
SignIn = Callable[[str], Client]
OFFICE, DOCUMENT = by("h1.bonus"), "医保结算清单 2026-04"
LIST = f"/workpoints/cases/list?institution={HOSPITAL}&month={MONTH}"
HEADS: list[object] = ["病例号", "科室代码", "病种代码", "权重", "费用", "医保支付", "医保扣款", "分解住院", "upcoded"]
HIGH = Case("A1", "D1-1", "FR21", D("0.98"), 3_100_00, 1_000_00)
LOW = Case("A2", "D1-1", "FR21", D("0.98"), 399_99, 1_000_00, 50_00, frozenset({"upcoded"}))
PLAIN = Case("B1", "N1", "ES3", D("1.2"), 900_00, 1_000_00)
CASES = (HIGH, LOW, PLAIN)


def keep(
    *cases: Case, month: str = MONTH, institution: str = HOSPITAL, document: str = DOCUMENT, account: str = "h1.bonus"
) -> int:  # fmt: skip
    return services.import_case(1, institution, month, cases, document, by=by(account), now=CLOCK)


def read(content: bytes, name: str = "cases.xlsx") -> list[Case]:
    return sheets.read_cases(content, name, queries.roll(1, HOSPITAL, MONTH).units)


def table(*rows: Sequence[object]) -> bytes:
    return workbook({"病例": [HEADS, *rows]})


def one(number: str, rw: str, cost: int, payment: int, *flags: str) -> Case:
    return Case(number, "D1", "A", D(rw), cost, payment, flags=frozenset(flags))


def test_the_cases_to_look_at() -> None:
    cases = [
        one("1", "1", 31, 10), one("2", "1", 30, 10), one("3", "3", 21, 10), one("4", "1", 3, 10),
        one("5", "1", 10, 10, "split", "upcoded"), one("6", "2", 21, 10), one("7", "1", 4, 10),
        one("8", "1", 1, 0), one("9", "1", 0, 0, "refused"), one("10", "1", 39, 10, "split"),
    ]  # fmt: skip
    assert {case.number: why for case, why in watched(cases, CaseRules())} == {
        "1": ("high_multiple",), "3": ("high_multiple",), "4": ("low_multiple",), "5": ("split", "upcoded"),
        "8": ("high_multiple",), "9": ("refused",), "10": ("high_multiple", "split"),
    }  # fmt: skip
    assert [case.ratio for case in cases[:1] + cases[7:8]] == [D("3.10"), None]


def test_filed_sums_are_compared_with_those_of_the_cases() -> None:
    filed = {
        ("D1-1", "FR21"): Sums(2, D("3499.99"), D(2000)), ("D1-2", "X1"): Sums(1, D(1), D(1)),
        ("N1", "ES3"): Sums(1, D("900"), D("999")),
    }  # fmt: skip
    assert untied(filed, CASES) == [
        Tie("D1-2", "X1", Sums(1, D(1), D(1)), None),
        Tie("N1", "ES3", Sums(1, D(900), D(999)), Sums(1, D(900), D(1000))),
    ]
    assert untied({}, CASES[:1]) == [Tie("D1-1", "FR21", None, Sums(1, D(3100), D(1000)))]


@pytest.mark.parametrize("number", [
    "110105199003077654", "11010519900307765X", "110105900307765", "ZY-110105199003077654", "11010519900307765x",
])  # fmt: skip
def test_an_identity_number_is_no_case_number_and_is_not_shown_again(number: str) -> None:
    assert [(column, value) for _at, column, value, _why in case_faults([replace(HIGH, number=number)], {"D1-1"})] == [
        ("case", "")
    ]


@pytest.mark.parametrize("number", [
    "1", "2026040100001234", "202604010000123456", "ZY2026-0012", "000123", "20260401000012345678", "123456789012345",
])  # fmt: skip
def test_a_running_number_is_taken(number: str) -> None:
    assert not IDENTITY.search(number)
    assert list(case_faults([replace(HIGH, number=number)], {"D1-1"})) == []


@pytest.mark.parametrize(("wrong", "reason"), [
    ({"number": "张三"}, "no running number"), ({"number": "Zhang"}, "no running number"),
    ({"number": ""}, "no running number"), ({"number": "A" + "1" * 32}, "no running number"),
    ({"number": "110105199003077654"}, "identity number"), ({"number": "B1"}, "twice"), ({"unit": "D9"}, "no unit"),
    ({"group": "心衰"}, "no code"), ({"cost": -1}, "0 or more"), ({"rw": D(-1)}, "0 or more"),
])  # fmt: skip
def test_what_is_wrong_with_a_case_is_told_and_nothing_is_kept(
    inside: Flask, wrong: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        keep(PLAIN, replace(HIGH, **wrong))  # type: ignore[arg-type]
    assert reason in refused.value.problems[0].message
    assert queries.case_list(1, HOSPITAL, MONTH) is None


def test_a_list_needs_cases_a_document_a_month_and_a_hospital(inside: Flask) -> None:
    for wrong in ({"document": " "}, {"month": "2026Q2"}):
        with pytest.raises(Refused):
            keep(HIGH, **wrong)
    with pytest.raises(Refused, match="this one holds 0"):
        keep()
    with pytest.raises(NotFound):
        keep(HIGH, institution="X9")


def test_a_list_replaces_the_one_before_which_stays(inside: Flask) -> None:
    assert keep(*CASES) == 3
    assert keep(*reversed(CASES)) == 0  # the same list
    assert keep(HIGH, replace(PLAIN, cost=950_00)) == 2
    found = queries.case_list(1, HOSPITAL, MONTH)
    assert found is not None
    assert (found.revision, found.document, found.recorded_by) == (2, DOCUMENT, "h1.bonus")
    assert found.cases == [HIGH, replace(PLAIN, cost=950_00)]
    rows = db.session.scalars(db.select(DischargeCase.revision).order_by(DischargeCase.revision)).all()
    assert rows == [1, 1, 1, 2, 2]
    assert queries.case_list(1, HOSPITAL, "2026-05") is None
    assert queries.newest_case_month(1, HOSPITAL) == MONTH
    mine = queries.case_list(1, HOSPITAL, MONTH, {"N1"})
    assert mine is not None
    assert [case.number for case in mine.cases] == ["B1"]


def test_the_event_names_no_case(inside: Flask) -> None:
    keep(*CASES)
    event = events_on(1, [f"dischargecases:{HOSPITAL}/{MONTH}@1"], 1)[0]
    assert event.detail == {"count": 3, "document": DOCUMENT}


def test_a_table_is_read_in_either_language_as_workbook_or_csv(inside: Flask) -> None:
    rows: list[list[object]] = [
        ["A1", "D1-1", "FR21", 0.98, 3100, "1,000.00", "", "", ""],
        ["Ａ2", "D1-1", "FR21", "0.98", 399.99, 1000, 50, "否", "是"],
        ["B1", "N1", "ES3", 1.2, 900, 1000, 0, 0, "no"],
    ]  # fmt: skip
    assert read(table(*rows)) == list(CASES)
    heads = "case,unit,group,rw,cost,payment,name"  # a column besides is not read
    lines = [heads, "A1,D1-1,FR21,0.98,3100,1000,张三", "B1,N1,ES3,1.2,900.00,1000,李四"]
    assert read("\n".join(lines).encode("gb18030"), "cases.csv") == [HIGH, PLAIN]


def test_each_bad_cell_is_told_with_row_column_and_reason(inside: Flask) -> None:
    with pytest.raises(Refused) as refused:
        read(table(
            ["A1", "D9", "FR21", 0.98, "many", 1000, "", "", ""],
            ["A2", "N1", "FR21", 0.98, 1.005, 1000, "", "maybe", ""],
            ["110105199003077654", "N1", "FR21", 0.98, 1, "", "", "", ""],
            ["", "N1", "FR 21", 0.98, 1, 1, -1, "", ""],
            ["A1", "N1", "FR21", 0.98, 1, "n/a", "", "", ""],
        ))  # fmt: skip
    told = [(problem.at["row"], problem.at["column"].en, problem.value) for problem in refused.value.problems]  # type: ignore[attr-defined]
    assert told == [
        (2, "unit", "D9"), (2, "cost", "many"), (3, "cost", "1.005"), (3, "split", "maybe"), (4, "case", ""),
        (4, "payment", ""), (5, "case", ""), (5, "group", "FR 21"), (5, "deductions", "-1"), (6, "case", "A1"),
        (6, "payment", "n/a"),
    ]  # fmt: skip
    with pytest.raises(Refused, match="holds no case"):
        read(table())
    with pytest.raises(Refused, match="lacks the columns"):
        read(workbook({"a": [HEADS[:3]]}))


def test_the_workbook_reads_back_as_it_was_written(app: Flask) -> None:
    with app.test_request_context():
        content = sheets.write_cases(HOSPITAL, MONTH, queries.roll(1, HOSPITAL, MONTH), CASES)
        assert read(content) == list(CASES)


def test_twenty_thousand_cases_come_in_one_go(inside: Flask) -> None:
    lines = ["case,unit,group,rw,cost,payment,deductions,split"]
    lines += [f"ZY{n:08},D1-1,FR{n % 600:03},1.2345,{10_000 + n}.55,{9_000 + n}.05,0,否" for n in range(20_000)]
    content, begun = "\n".join(lines).encode(), process_time()
    assert keep(*read(content, "cases.csv")) == 20_000
    found = queries.case_list(1, HOSPITAL, MONTH)
    assert found is not None
    assert watched(found.cases, CaseRules()) == []
    assert process_time() - begun < 30  # seconds; about 2 where nothing else runs


def test_a_list_may_come_when_the_bonus_of_its_month_is_approved(inside: Flask) -> None:
    """Nothing is paid by it: the run keeps every figure and does not ask for another."""
    prepared(1, scheme_data(night=[{"shift": "N1", "rate": "280", "from": "2026-01-01"}]))
    approve(1, "2026-06", day(2), day(10))
    before = queries.bonus_run(1, HOSPITAL, "2026-06")
    assert keep(HIGH, month="2026-06") == 1
    assert queries.bonus_run(1, HOSPITAL, "2026-06") == before


def test_the_limits_are_those_of_the_scheme(inside: Flask) -> None:
    assert queries.case_rules(1, HOSPITAL, MONTH) == CaseRules()
    put_scheme(1, scheme_data(cases={"high_multiple": "5"}))
    assert queries.case_rules(1, HOSPITAL, MONTH).high_multiple == 5


def file_groups(*groups: tuple[str, str, int, str, str]) -> None:
    given = [
        GivenCase(unit, code, D(1), count, D(1), D(cost), D(payment), D(1), D(1))
        for unit, code, count, cost, payment in groups
    ]
    services.import_entry(1, HOSPITAL, MONTH, GivenMonth(cases=given), DOCUMENT, by=OFFICE, now=CLOCK)


def test_the_page_lists_who_is_looked_at_and_where_sums_differ(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        keep(*CASES)
    office = client_as("h1.bonus")

    def page(more: str = "") -> str:
        return office.get(LIST + more).get_data(as_text=True)

    whole = page()
    assert "3例" in whole
    assert "其中2例需关注" in whole
    assert "高倍率病例" in whole
    assert "3.10" in whole
    assert ">B1<" not in whole
    assert "本月尚未填报病种" in whole
    assert ">A1<" not in page("&reason=low_multiple")
    assert ">A2<" in page("&reason=upcoded")
    assert ">A1<" not in page("&unit=N1")
    with app.app_context():
        file_groups(("D1-1", "FR21", 2, "3499.99", "2000"), ("N1", "ES3", 1, "900", "1000"))
    assert "填报合计与病例一致" in page()
    with app.app_context():
        file_groups(("N1", "ES3", 4, "900", "1000"))
    assert "填报合计与病例不一致" in page()
    assert "该科室一致" in page("&unit=D1-1")
    assert client_as("h1.finance").get(LIST).status_code == 200


def test_pages_of_fifty(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        keep(*(replace(HIGH, number=f"Z{n:03}") for n in range(120)))
    office = client_as("h1.bonus")
    last = office.get(LIST + "&page=3&reason=high_multiple").get_data(as_text=True)
    assert ">Z099<" not in last
    assert last.count(">Z1") == 20
    assert "reason=high_multiple" in last


def test_a_head_sees_the_cases_of_the_own_units_alone(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        keep(HIGH, replace(HIGH, number="ZY-900123", unit="D2", group="CC9"))
        file_groups(("D2", "CC9", 9, "1", "1"), ("D1-1", "FR21", 9, "1", "1"))
    page = client_as("h1.head").get(LIST).get_data(as_text=True)
    assert ">A1<" in page
    assert "ZY-900123" not in page
    assert ">CC9<" not in page
    assert ">FR21<" in page
    assert "/workpoints/cases/import/" not in page
    assert "ZY-900123" not in client_as("h1.head").get(LIST + "&unit=D2").get_data(as_text=True)


def test_nobody_of_another_hospital_learns_of_them(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        keep(*CASES)
    office = client_as("h1.bonus")
    for path in (
        f"/workpoints/cases/list?institution=H2&month={MONTH}", f"/workpoints/cases/import/H2/{MONTH}",
        f"/workpoints/cases/template/H2/{MONTH}", f"/workpoints/cases/import/{HOSPITAL}/2026Q1",
    ):  # fmt: skip
        assert office.get(path).status_code == 404, path


def test_a_table_is_checked_and_applied_on_its_page(app: Flask, client_as: SignIn) -> None:
    office, where = client_as("h1.bonus"), f"/workpoints/cases/import/{HOSPITAL}/{MONTH}"
    good = table(["A1", "D1-1", "FR21", 0.98, 3100, 1000, "", "", ""])

    def send(content: bytes, **button: str) -> tuple[int, str]:
        answer = office.send(where, file=(BytesIO(content), "c.xlsx"), document=DOCUMENT, **button)
        return answer.status_code, answer.get_data(as_text=True)

    checked = send(good, check="1")
    assert checked[0] == 200
    assert "文件校验通过，共1例" in checked[1]
    with app.app_context():
        assert queries.case_list(1, HOSPITAL, MONTH) is None
    wrong = send(table(["A1", "D9", "FR21", 0.98, "x", 1000, "", "", ""]), apply="1")
    assert wrong[0] == 422
    assert "第2行" in wrong[1]
    assert "D9" in wrong[1]
    assert send(good, apply="1")[0] == 302
    assert "替换现有的1例清单" in office.get(where).get_data(as_text=True)
    assert send(office.get(f"/workpoints/cases/template/{HOSPITAL}/{MONTH}").data, apply="1")[0] == 302
    with app.app_context():
        found = queries.case_list(1, HOSPITAL, MONTH)
        assert found is not None
        assert found.revision == 1
