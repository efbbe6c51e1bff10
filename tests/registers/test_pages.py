"""The pages of the registers: a case from its form to its confirmation, files, lists, persons, certificates."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO

import pytest
from flask import Flask

from alliance.registers import services
from alliance.registers.queries import REGISTERS
from tests.conftest import Client
from tests.indicators.test_derived import EXTRA
from tests.registers.test_cases import VISIT
from tests.small import CLOCK, at, by

Signed = Callable[[str], Client]


def body(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def file_visit(client: Client, **other: str) -> str:
    answer = client.send("/registers/cases/file/visit/C1", **(VISIT | {"rank": "chief", "half": "morning"} | other))
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return str(answer.location)


def test_a_case_is_filed_from_a_form_confirmed_by_the_other_end_and_read_by_both(client_as: Signed) -> None:
    clerk = client_as("c1.reporter")
    assert "/registers/cases/read/visit/1" in file_visit(clerk)
    assert "待C1医院" not in body(clerk, "/registers/cases/read/visit/1")
    assert clerk.send("/registers/cases/confirm/visit", number="1/1").status_code == 404
    lead = client_as("h1.lead")
    assert 'value="1/1"' in body(lead, "/registers/cases/list/visit?waiting=1")
    assert lead.send("/registers/cases/confirm/visit", number="1").status_code == 404
    assert lead.send("/registers/cases/confirm/visit", number="1/1").status_code == 302
    for account in ("c1.reporter", "h1.lead", "office", "regulator"):
        page = body(client_as(account), "/registers/cases/read/visit/1")
        assert "已确认" in page
        assert "甲医师" in page
    body(client_as("c2.reporter"), "/registers/cases/read/visit/1", 404)
    assert "没有与您相关的记录" in body(client_as("c2.reporter"), "/registers/cases/list/visit")


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client_as: Signed) -> None:
    clerk = client_as("c1.reporter")
    answer = clerk.send(
        "/registers/cases/file/visit/C1", **(VISIT | {"expert": "7777", "patients": "17", "rank": "chief"})
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="expert-error"' in page
    assert "在职人员" in page
    assert 'value="17"' in page


@pytest.mark.parametrize("register", REGISTERS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_register_has_its_form_its_list_and_its_import(client_as: Signed, register: str, language: str) -> None:
    clerk = client_as("c1.reporter")
    clerk.send("/accounts/languages/choose", language=language)
    assert 'name="once"' in body(clerk, f"/registers/cases/file/{register}/C1")
    body(clerk, f"/registers/cases/list/{register}")
    body(clerk, f"/registers/cases/import/{register}/C1")
    template = clerk.get(f"/registers/cases/template/{register}/C1")
    assert template.data.startswith(b"PK")


def rows(*more: str) -> bytes:
    head = ",".join(["来源记录号 source_id", "版本 version", *VISIT])
    return "\n".join([head, *more]).encode()


def row(record: str, **other: str) -> str:
    return ",".join([record, "1", *(VISIT | other).values()])


def test_a_file_is_checked_then_imported_and_changes_nothing_the_second_time(client_as: Signed) -> None:
    clerk, path = client_as("c1.reporter"), "/registers/cases/import/visit/C1"
    good = rows(row("a"), row("b", day="2026-04-08"))

    def send(content: bytes, **button: str) -> tuple[int, str]:
        answer = clerk.send(path, source="HIS", file=(BytesIO(content), "visits.csv"), **button)
        return answer.status_code, answer.get_data(as_text=True)

    status, page = send(rows(row("a"), row("b", hours="x"), row("", day="2026-04-09")), check="1")
    assert status == 422
    assert "第4行" in page
    status, page = send(rows(row("a"), row("b", hours="x")), check="1")
    assert (status, "第3行" in page, "hours" in page or "现场时长" in page) == (422, True, True)
    status, page = send(good, check="1")
    assert (status, "文件无误" in page) == (200, True)
    assert "没有与您相关的记录" in body(clerk, "/registers/cases/list/visit")
    assert send(good, apply="1")[0] == 302
    assert "没有需要导入的记录" in send(good, check="1")[1]
    exported = clerk.get("/registers/cases/export/visit").data.decode("utf-8-sig")
    assert [line[0] for line in csv.reader(StringIO(exported))] == ["编号 number", "2", "1"]


def test_a_file_behind_a_case_is_read_by_both_ends_and_by_nobody_else(client_as: Signed) -> None:
    clerk = client_as("c1.reporter")
    file_visit(clerk)
    path = "/registers/proofs/add/visit/1"
    answer = clerk.send(path, files=(BytesIO(b"MZ\x90\x00"), "photo.jpg"))
    assert answer.status_code == 422
    assert clerk.send(path, files=(BytesIO("签到".encode()), "note.txt")).status_code == 302
    assert client_as("h1.lead").get("/registers/proofs/read/visit/1/1").data.decode() == "签到"
    body(client_as("c2.lead"), "/registers/proofs/read/visit/1/1", 404)
    body(clerk, "/registers/proofs/read/visit/1/2", 404)


def test_a_case_is_corrected_disputed_and_withdrawn_from_its_page(client_as: Signed) -> None:
    clerk = client_as("c1.reporter")
    file_visit(clerk)
    lead = client_as("h1.lead")
    reason = "当日专家未到现场，请核对"
    assert lead.send("/registers/cases/dispute/visit/1", reason=reason).status_code == 302
    assert reason in body(client_as("c1.reporter"), "/registers/cases/read/visit/1")
    clerk = client_as("c1.reporter")
    body(clerk, "/registers/cases/correct/visit/1")
    right = VISIT | {"rank": "chief", "half": "afternoon", "reason": "时段登记有误，应为下午", "seen": "1"}
    assert clerk.send("/registers/cases/correct/visit/1", **right).status_code == 302
    page = body(clerk, "/registers/cases/read/visit/1")
    assert "时段登记有误" in page
    assert "<del>" in page
    assert clerk.send("/registers/cases/withdraw/visit/1", reason="该次下沉取消，撤回登记").status_code == 302
    body(clerk, "/registers/cases/correct/visit/1", 404)


@pytest.mark.parametrize("page", ["-1", "0", "99999999999999999999"])
def test_a_page_that_no_list_has_is_no_fault(client_as: Signed, page: str) -> None:
    clerk = client_as("c1.reporter")
    file_visit(clerk)
    for path in ("cases/list/visit", "referrals/list", "courses/list", "persons/list"):
        body(clerk, f"/registers/{path}?page={page}")


def test_nobody_confirms_what_was_corrected_behind_the_page(client_as: Signed) -> None:
    clerk, lead = client_as("c1.reporter"), client_as("h1.lead")
    file_visit(clerk)
    assert 'name="number" value="1/1"' in body(lead, "/registers/cases/read/visit/1")
    more = VISIT | {
        "rank": "chief",
        "half": "morning",
        "patients": "120",
        "reason": "诊疗人次漏登，补充登记",
        "seen": "1",
    }
    assert clerk.send("/registers/cases/correct/visit/1", **more).status_code == 302
    told = lead.send("/registers/cases/confirm/visit", number="1/1")
    assert told.status_code == 422
    assert "已被更正" in told.get_data(as_text=True)
    page = body(lead, "/registers/cases/read/visit/1")
    assert "120" in page
    assert 'name="number" value="1/2"' in page
    assert lead.send("/registers/cases/confirm/visit", number="1/2", one="1").status_code == 302


def confirmed_visit(app: Flask) -> None:
    with app.app_context():
        number = services.file_case(1, "visit", "C1", VISIT, by=by("c1.reporter"), now=CLOCK)
        services.confirm_case(1, "visit", [number], by=by("h1.reporter"), now=CLOCK)


def test_a_certificate_is_issued_printed_and_confirmed_to_anybody_who_holds_it(app: Flask, client_as: Signed) -> None:
    confirmed_visit(app)
    lead = client_as("h1.lead")
    assert "甲医师" in body(lead, "/registers/persons/list?year=2026")
    assert lead.send("/registers/certificates/issue/H1/2026/0001").status_code == 302
    assert "2026-00001" in body(lead, "/registers/persons/list?year=2026")
    for language in ("zh", "en"):
        paper = lead.get(f"/registers/certificates/download/2026-00001/{language}")
        assert paper.data.startswith(b"%PDF-")
    with app.app_context():
        from alliance.core.roles import Scope
        from alliance.registers import queries

        found = queries.certificate(Scope(1, institutions=None), "2026-00001")
        assert found is not None
    stranger = client_as("")
    page = body(stranger, f"/registers/certificates/confirm/SMALL/2026-00001/{found.check}")
    assert "甲医师" in page
    body(stranger, "/registers/certificates/confirm/SMALL/2026-00001/0000000000000000", 404)
    body(client_as("c1.lead"), "/registers/certificates/download/2026-00001/zh", 404)
    assert client_as("c1.lead").send("/registers/certificates/issue/H1/2026/0001").status_code == 404


def test_the_regulator_sees_a_repeated_examination_at_once(client_as: Signed) -> None:
    clerk = client_as("c1.reporter")
    given = {"receiver": "C1", "giver": "H1", "item": "胸部CT", "first_at": "2026-05-01T09:00", "recognised": "no",
             "second_at": "2026-05-03T10:00", "record": "A1", "reason": "patient"}  # fmt: skip
    assert clerk.send("/registers/cases/file/repeat/C1", **given).status_code == 302
    page = body(client_as("regulator"), "/registers/repeats/list?month=2026-05")
    assert "胸部CT" in page
    assert "患者要求" in page
    assert "胸部CT" not in body(client_as("c2.lead"), "/registers/repeats/list?month=2026-05")


def test_a_derived_reading_opens_into_its_cases(app: Flask, client_as: Signed) -> None:
    confirmed_visit(app)
    with app.app_context():
        from alliance.indicators import services as indicators

        indicators.load_library(1, EXTRA, by=by("office"), now=at(2, 5))
    office = client_as("office")
    assert "专家下沉半日人次" in body(office, "/indicators/feeds/list")
    assert office.send("/indicators/feeds/set/E058", month="2026-04", derived="yes").status_code == 302
    assert office.send("/indicators/readings/derive/2026-04").status_code == 302
    lead = client_as("h1.lead")
    assert "/indicators/counted/list/H1/E058/2026-04" in body(lead, "/indicators/readings/read/H1/E058/2026-04")
    page = body(lead, "/indicators/counted/list/H1/E058/2026-04")
    assert "/registers/cases/read/visit/1" in page
    body(client_as("c1.lead"), "/indicators/counted/list/H1/E058/2026-04", 404)
    body(lead, "/indicators/counted/list/H1/E058/2026-04?revision=7", 404)
    body(office, "/indicators/feeds/set/E1", 404)


def test_the_registers_tell_what_waits(client_as: Signed) -> None:
    file_visit(client_as("c1.reporter"))
    for month, count in (("2026-04", 1), ("2026-03", 0)):  # what waits is of all months
        page = body(client_as("h1.lead"), f"/registers/registers/list?month={month}")
        assert f"本月{count}例，其中已确认0例 · 各月共1例待您确认" in page
    assert "待您确认" not in body(client_as("c1.lead"), "/registers/registers/list?month=2026-04")
    assert "待您确认" not in body(client_as("office"), "/registers/registers/list?month=2026-04")
