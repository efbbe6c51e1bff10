"""The pages of pathways and ledgers: what is typed and what is seen, by each side and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask

from alliance.core.refused import Refused
from alliance.db import db
from alliance.registers import queries, services, sheets
from alliance.store import Store
from tests.conftest import Client, run_jobs
from tests.registers.test_ledgers import ABOUT_C1, GIVEN, ITEMS, PNG
from tests.registers.test_pathways import NOW as PATH_NOW
from tests.registers.test_pathways import start, step
from tests.small import YEAR, at, by

NOW = at(10, 5)
STARTING = {
    "pathway": "diabetes", "day0": "2026-04-20", "hospital": "H1", "center": "C1", "record": "zy 000 123",
    "born": "1958", "sex": "female", "diagnosis": "e11.9",
}  # fmt: skip
TABLE = """路径,医院,基层机构,病案号,出生年份,性别,诊断编码,首诊日,步骤,完成日,备注
diabetes,H1,C1,ZY000123,1958,女,E11.9,2026/2/1,随访并调整,2026年3月30日,
diabetes,H1,C1,ZY000124,1949,男,E11.2,2026-02-03,,,
"""


@pytest.fixture
def kept(app: Flask) -> None:
    """A standard of a hospital and of the alliance."""
    with app.app_context():
        services.import_standard(1, "H1", "nursing", ITEMS, YEAR, "护理质量考核办法", by=by("h1.bonus"), now=NOW)
        services.import_standard(1, "", "nursing", ITEMS, YEAR, "医联体护理考核办法", by=by("office"), now=NOW)


def test_a_case_is_typed_by_one_side_and_done_by_both(client_as: Callable[[str], Client]) -> None:
    center, hospital = client_as("c1.reporter"), client_as("h1.reporter")
    answer = center.send("/registers/courses/start/C1", **STARTING)
    assert answer.location == "/registers/courses/read/1"
    again = center.send("/registers/courses/start/C1", **{**STARTING, "day0": "2026-05-01"})
    assert again.status_code == 422
    assert "ZY000123" not in center.get("/registers/courses/read/1").get_data(as_text=True).upper()
    wrong = center.send("/registers/steps/record/1/plan", done_on="2026-05-01")
    assert wrong.status_code == 422
    assert "由其登记" in wrong.get_data(as_text=True)
    early = hospital.send("/registers/steps/record/1/plan", done_on="2026-04-19")
    assert "不能早于第0天" in early.get_data(as_text=True)
    assert hospital.send("/registers/steps/record/1/plan", done_on="2026-05-01", note="方案已确认").status_code == 302
    assert "方案已确认" in center.get("/registers/courses/read/1").get_data(as_text=True)
    assert "2026-06-19" in center.get("/registers/courses/list").get_data(as_text=True)
    found = center.send("/registers/courses/find/C1", hospital="H1", record="ZY000123")
    assert found.location == "/registers/courses/read/1"
    back = hospital.send("/registers/steps/withdraw/1/plan", reason="填错了患者，应为另一例")
    assert back.location == "/registers/courses/read/1"
    end = center.send("/registers/courses/end/1", ended="2026-05-02", reason="患者迁往外省，不再在此就诊")
    assert end.location == "/registers/courses/read/1"
    assert "患者迁往外省" in center.get("/registers/courses/read/1").get_data(as_text=True)


def test_another_member_finds_no_case(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        start()
    other = client_as("c2.reporter")
    for path in ("/registers/courses/read/1", "/registers/steps/record/1/plan", "/registers/courses/end/1"):
        assert other.get(path).status_code == 404
    assert "E11.9" not in other.get("/registers/courses/list").get_data(as_text=True)
    assert client_as("h2.reporter").get("/registers/courses/start/H2").status_code == 404
    office = client_as("office")
    assert office.get("/registers/courses/read/1").status_code == 200
    assert office.get("/registers/courses/list?mine=1&state=overdue").status_code == 200
    assert office.get("/registers/courses/list?month=x").status_code == 404


def test_a_table_is_checked_and_then_taken_once(app: Flask, client_as: Callable[[str], Client]) -> None:
    center = client_as("c1.reporter")

    def send(text: str, **button: str) -> str:
        data = {"file": (BytesIO(text.encode()), "cases.csv"), **button}
        return center.send("/registers/courses/import/C1", **data).get_data(as_text=True)

    assert "文件无误" in send(TABLE, check="1")
    with app.app_context():
        assert queries.courses(1, queries.WantedCourses(None), NOW.date(), 1, 9)[1] == 0
    send(TABLE, apply="1")
    send(TABLE, apply="1")
    with app.app_context():
        assert queries.courses(1, queries.WantedCourses(None), NOW.date(), 1, 9)[1] == 2
    assert "没有需要导入的记录" in send(TABLE, check="1")
    broken = send(TABLE.replace("1949", "abc").replace("2026/2/1", "Sunday"), check="1")
    assert "第2行" in broken
    assert "第3行" in broken
    assert center.get("/registers/courses/template/C1").status_code == 200


def test_the_template_of_cases_can_be_read(inside: Flask) -> None:
    with inside.test_request_context():
        found = sheets.write_course_template(queries.pathways_on(1, NOW.date()).values())
    with pytest.raises(Refused, match="from 1 to"):
        sheets.read_courses(found, "模板.xlsx")


def test_rates_lead_to_their_cases(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        number = start()
        step(number, "H1", "plan", PATH_NOW.date().replace(month=3, day=1))
        db.session.remove()
    page = client_as("c1.lead").get("/registers/rates/read?period=2026Q2").get_data(as_text=True)
    assert "/registers/courses/list?pathway=diabetes&amp;member=C1&amp;month=2026Q2" in page
    assert "0.00" in page
    assert "不适用" in client_as("c1.lead").get("/registers/rates/read?period=2026-01").get_data(as_text=True)
    assert client_as("office").get("/registers/rates/read?period=2026").status_code == 200


def test_the_office_defines_a_version(client_as: Callable[[str], Client]) -> None:
    office = client_as("office")
    assert office.get("/registers/pathways/define?from=diabetes").status_code == 200
    given = {
        "code": "diabetes", "name_zh": "糖尿病联合管理", "start": "2026-06-01", "steps-0-code": "plan",
        "steps-0-name_zh": "制定诊疗方案", "steps-0-side": "hospital", "steps-0-day": "14", "steps-1-code": "visit",
        "steps-1-name_zh": "随访", "steps-1-side": "center", "steps-1-day": "45",
        **{f"steps-{place}-side": "hospital" for place in range(2, 8)},
    }  # fmt: skip
    assert office.send("/registers/pathways/define", **{**given, "steps-1-side": "hospital"}).status_code == 422
    assert office.send("/registers/pathways/define", **given).location == "/registers/pathways/list"
    assert "45" in client_as("c1.lead").get("/registers/pathways/list").get_data(as_text=True)


def entered(client: Client, place: str = "H1", **other: object) -> int:
    data = {
        "day": "2026-05-04", "item": "HL-1", "member": "H1", "unit": "N1", "person": "0002", "points": "-2.5",
        "note": "交接班未核对腕带", **other,
    }  # fmt: skip
    return client.send(f"/registers/entries/add/{place}/nursing", **data).status_code


def test_an_entry_is_made_reviewed_and_objected_to(kept: None, client_as: Callable[[str], Client]) -> None:
    office, lead, nurse, head = (client_as(name) for name in ("h1.bonus", "h1.lead", "h1.nurse", "h1.head"))
    assert entered(office, file=(BytesIO(PNG), "现场.png")) == 302
    program = (BytesIO(b"MZ\x90\0program"), "证据.pdf")
    for wrong in ({"points": "-9"}, {"points": "sNaN"}, {"item": "HL-9"}, {"file": program}):
        assert entered(office, **wrong) == 422
    assert "不得复核本人登记的" in office.get("/registers/entries/review/H1/1").get_data(as_text=True)
    assert lead.send("/registers/entries/review/H1/1", verdict="refused", reason="不对").status_code == 422
    assert lead.send("/registers/entries/review/H1/1", verdict="accepted").status_code == 302
    file = nurse.get("/registers/entries/download/H1/1")
    assert (file.status_code, file.data) == (200, PNG)
    assert nurse.send("/registers/objections/file/H1/1", reason="现场已经核对过腕带了").status_code == 302
    assert "现场已经核对过腕带了" in head.get("/registers/entries/read/H1/1").get_data(as_text=True)
    answer = lead.send("/registers/objections/answer/H1/1", outcome="upheld", answer="调阅监控属实，予以撤销")
    assert answer.status_code == 302
    assert "已撤销" in nurse.get("/registers/entries/list?month=2026-05").get_data(as_text=True)
    page = office.get("/registers/totals/read?period=2026-05").get_data(as_text=True)
    assert "没有计分的条目" in page


def test_a_hospitals_ledger_is_its_own(kept: None, app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        store = Store(app.config["ALLIANCE"].data / "ledgers")
        services.add_entry(1, "H1", GIVEN, None, store, by=by("h1.bonus"), now=NOW)
        services.add_entry(1, "", ABOUT_C1, None, store, by=by("office2"), now=NOW)
    for account in ("office", "c1.lead", "h1.reporter"):
        client = client_as(account)
        assert client.get("/registers/entries/read/H1/1").status_code == 404
        assert client.get("/registers/entries/list?place=H1").status_code == 404
    assert client_as("office").get("/registers/entries/add/H1/nursing").status_code == 404
    assert client_as("office").get("/registers/standards/import/H1/nursing").status_code == 404
    assert client_as("h1.bonus").get("/registers/entries/add/alliance/nursing").status_code == 404
    assert client_as("c1.lead").get("/registers/entries/read/alliance/1").status_code == 200
    assert client_as("c2.lead").get("/registers/entries/read/alliance/1").status_code == 404
    assert client_as("h1.bonus").get("/registers/entries/read/alliance/1").status_code == 404
    assert client_as("office").get("/registers/totals/read").status_code == 200


def test_a_standard_is_imported_and_a_notice_published(
    kept: None, app: Flask, client_as: Callable[[str], Client]
) -> None:
    office, lead = client_as("h1.bonus"), client_as("h1.lead")
    table = "条目编码,条目名称,英文名称,分值\nYL-1,查房记录不全,,-2\n"

    def send(text: str, **button: str) -> int:
        data = {"file": (BytesIO(text.encode()), "标准.csv"), "start": "2026-01-01", "title": "质控办法", **button}
        return office.send("/registers/standards/import/H1/medical_quality", **data).status_code

    assert send(table, check="1") == 200
    assert send(table.replace("-2", "0"), check="1") == 422
    assert send(table, apply="1") == 302
    assert "YL-1" in client_as("h1.head").get("/registers/standards/list?kind=medical_quality").get_data(as_text=True)
    assert office.get("/registers/standards/template/H1/medical_quality").status_code == 200
    assert entered(office) == 302
    lead.send("/registers/entries/review/H1/1", verdict="accepted")
    publish = "/registers/ledgers/publish/H1/2026-05"
    assert office.send(publish, last_day="2026-05-01").status_code == 422
    assert office.send(publish, last_day="2026-05-20", remark_zh="请整改。").status_code == 302
    assert run_jobs(app) == 1
    page = office.get("/registers/entries/list?month=2026-05").get_data(as_text=True)
    assert "2人中0人已读" in page
    for account, status in (("office", 404), ("h1.bonus", 200), ("h1.head", 200), ("c1.lead", 404)):
        assert client_as(account).get("/notices/notices/read/2026-001").status_code == status
    home = client_as("h1.nurse").get("/").get_data(as_text=True)
    assert "2026年5月考核通报" in home
