"""The pages of referrals as each role meets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
from flask import Flask

from alliance.core.period import SHANGHAI
from alliance.db import db
from alliance.forms import typed
from alliance.registers import services
from tests.conftest import Client
from tests.registers.referring import PATIENT, PHONE, actor, file, identity, see
from tests.small import CLOCK

TYPED = {
    "receiver": "H1", "specialty": "03.04", "urgency": "urgent", "diagnosis": "i10.x05", "system": "ICD-10",
    "system_version": "2.0", "patient_name": PATIENT, "patient_phone": PHONE, "patient_identity": identity(),
    "purpose": "血压控制不佳", "consent": "y",
}  # fmt: skip


@pytest.fixture
def filed(app: Flask) -> str:
    """A case from C1 to H1."""
    with app.app_context():
        number = file(1, "C1", "H1", CLOCK - timedelta(hours=1))
        db.session.remove()
    return number


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_a_clerk_files_a_referral_and_the_hospital_accepts_it(client_as: Callable[[str], Client]) -> None:
    clerk = client_as("c1.reporter")
    answer = clerk.send("/registers/referrals/file/C1", **TYPED)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    page = text_of(clerk, answer.location)
    assert PATIENT in page
    assert "I10.x05" in page
    assert "/registers/referrals/cancel/" in page
    assert "/registers/referrals/accept/" not in page
    hospital = client_as("h1.reporter")
    assert "2026-000001" in text_of(hospital, "/registers/referrals/list?state=filed")
    assert "/registers/referrals/list?waits=answer" in text_of(hospital, "/")
    page = text_of(hospital, "/registers/referrals/read/2026-000001")
    assert PHONE in page
    assert "/registers/referrals/accept/2026-000001" in page
    assert hospital.send("/registers/referrals/accept/2026-000001", version="1").status_code == 302
    told = client_as("h1.lead").send("/registers/referrals/accept/2026-000001", version="1")
    assert told.status_code == 422
    assert "已接收" in told.get_data(as_text=True)
    # The receiver chosen last stands in the form.
    assert '<option selected value="H1">' in text_of(clerk, "/registers/referrals/file/C1")


def test_a_referral_is_found_by_its_number(client_as: Callable[[str], Client], filed: str) -> None:
    hospital = client_as("h1.reporter")
    for text in (filed, " 1 ", "000001"):
        assert f"/registers/referrals/read/{filed}" in text_of(hospital, f"/registers/referrals/list?number={text}"), (
            text
        )
    for text in ("2", "2025-000001", "9" * 5000, "x"):
        page = text_of(hospital, f"/registers/referrals/list?number={text}")
        assert f"/registers/referrals/read/{filed}" not in page, text
    assert f"read/{filed}" not in text_of(client_as("c2.reporter"), "/registers/referrals/list?number=1")


def test_the_stepper_tells_the_day_of_shanghai(app: Flask, client_as: Callable[[str], Client]) -> None:
    early = CLOCK.astimezone(SHANGHAI).replace(hour=7, minute=0)
    with app.app_context():
        number = file(1, "C1", "H1", early)
        db.session.remove()
    page = text_of(client_as("c1.reporter"), f"/registers/referrals/read/{number}")
    assert f"{early.date()} 07:00" in page
    assert str(early.date() - timedelta(days=1)) not in page


def test_what_is_mistyped_is_told_at_its_field(client_as: Callable[[str], Client]) -> None:
    wrong = {"patient_identity": identity()[:-1] + "7", "patient_phone": "12", "diagnosis": "x", "consent": ""}
    answer = client_as("c1.reporter").send("/registers/referrals/file/C1", **{**TYPED, **wrong})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    for field in ("patient_identity", "patient_phone", "diagnosis", "consent"):
        assert f'href="#{field}"' in page, field


@pytest.mark.parametrize("account", ["office", "analyst", "regulator", "chair"])
def test_others_see_the_case_and_not_the_patient(
    client_as: Callable[[str], Client], filed: str, account: str
) -> None:  # fmt: skip
    client = client_as(account)
    page = text_of(client, f"/registers/referrals/read/{filed}")
    assert "1956" in page
    assert "I10.x05" in page
    for path in (f"/registers/referrals/read/{filed}", "/registers/referrals/list"):
        assert not any(word in text_of(client, path) for word in (PATIENT, PHONE, identity()))
    book = client.get("/registers/referrals/list?format=xlsx")
    assert book.mimetype.endswith("sheet")
    assert client.get(f"/registers/referrals/download/{filed}/zh").status_code == 403


def test_the_quality_officer_of_a_side_does_not_see_the_patient(client_as: Callable[[str], Client], filed: str) -> None:
    assert PATIENT not in text_of(client_as("c1.quality"), f"/registers/referrals/read/{filed}")
    assert client_as("c2.reporter").get(f"/registers/referrals/read/{filed}").status_code == 404
    assert client_as("auditor").get(f"/registers/referrals/read/{filed}").status_code == 403


def test_the_paper_holds_number_patient_and_code(client_as: Callable[[str], Client], filed: str) -> None:
    for language, word in (("zh", "转诊单"), ("en", "Referral")):
        answer = client_as("h1.reporter").get(f"/registers/referrals/download/{filed}/{language}")
        assert answer.mimetype == "application/pdf"
        document = pypdfium2.PdfDocument(answer.data)
        text = "".join(page.get_textpage().get_text_range() for page in document)
        document.close()
        for part in (filed, PATIENT, PHONE, word):
            assert part in text, part


def test_every_step_has_its_page(client_as: Callable[[str], Client], filed: str) -> None:
    hospital, center, path = client_as("h1.reporter"), client_as("c1.reporter"), f"/registers/referrals/%s/{filed}"
    today = f"{CLOCK.astimezone(SHANGHAI):%Y-%m-%d}"
    for name in ("decline", "see", "miss", "discharge", "return", "charge"):
        text_of(hospital, path % name)
    for name in ("cancel", "follow", "close"):
        text_of(center, path % name)
    assert hospital.send(path % "accept", version="1").status_code == 302
    assert hospital.send(path % "see", version="2", day=today).status_code == 302
    assert hospital.send(path % "discharge", version="3", day=today).status_code == 302
    assert hospital.send(path % "charge", version="4", bed="1,200.50", diagnosis="50").status_code == 302
    assert hospital.send(path % "return", version="5", day=today, summary="监测血压").status_code == 302
    assert center.send(path % "follow", version="6", day=today).status_code == 302
    refused = hospital.send(path % "close", version="7")
    assert refused.status_code == 422
    assert center.send(path % "close", version="7").status_code == 302
    page = text_of(center, path % "read")
    assert "监测血压" in page
    assert "1,200.50" in page
    assert hospital.send(path % "return", version="8", day=today, summary="晚了").status_code == 422


def test_a_version_that_is_none_is_refused(client_as: Callable[[str], Client], filed: str) -> None:
    hospital, today = client_as("h1.reporter"), f"{CLOCK.astimezone(SHANGHAI):%Y-%m-%d}"
    for version in ("9" * 5000, "x", "²", ""):
        assert hospital.send(f"/registers/referrals/accept/{filed}", version=version).status_code == 422, version[:9]
    assert hospital.send(f"/registers/referrals/accept/{filed}", version="1").status_code == 302
    told = hospital.send(f"/registers/referrals/see/{filed}", version="9" * 5000, day=today)
    assert told.status_code == 422


def test_both_sides_talk_on_the_case(client_as: Callable[[str], Client], filed: str) -> None:
    center = client_as("c1.reporter")
    sent = center.send(f"/registers/messages/write/{filed}", kind="note", text="请带上既往检查结果。")
    assert sent.status_code == 302
    assert "请带上既往检查结果。" in text_of(client_as("h1.lead"), f"/registers/referrals/read/{filed}")
    assert "请带上既往检查结果。" not in text_of(client_as("office"), f"/registers/referrals/read/{filed}")
    assert center.send(f"/registers/messages/write/{filed}", kind="dispute", text="?").status_code == 422


def test_a_pair_is_certified_and_decided_on_pages(
    app: Flask, client_as: Callable[[str], Client], filed: str
) -> None:  # fmt: skip
    with app.app_context():
        see(1, filed, "H1", CLOCK - timedelta(minutes=30))
        file(1, "H1", "C1", CLOCK)
        db.session.remove()
    center, office = client_as("c1.reporter"), client_as("office2")
    assert "/registers/pairs/certify/1" in text_of(center, "/registers/pairs/list")
    assert "/registers/pairs/list" in text_of(center, "/")
    text_of(center, "/registers/pairs/certify/1")
    reason = "术后恢复期需在社区继续康复治疗。"
    assert client_as("h1.reporter").send("/registers/pairs/certify/1", reason=reason).status_code == 403
    assert center.send("/registers/pairs/certify/1", reason=reason).status_code == 302
    assert "/registers/pairs/countersign/1" in text_of(office, "/registers/pairs/list?state=certified")
    assert reason in text_of(office, "/registers/pairs/countersign/1")
    assert client_as("office").send("/registers/pairs/countersign/1", verdict="yes").status_code == 422
    assert office.send("/registers/pairs/countersign/1", verdict="yes").status_code == 302


def test_reports_and_offers(app: Flask, client_as: Callable[[str], Client], filed: str) -> None:
    with app.app_context():
        see(1, filed, "H1", CLOCK - timedelta(minutes=30))
        services.publish_offer(1, "H1", "03.04", "bed", CLOCK.date(), 3, by=actor("H1"), now=CLOCK)
        db.session.remove()
    for account in ("c1.lead", "office"):
        client = client_as(account)
        page = text_of(client, "/registers/flows/read?month=2026-05")
        assert (
            '<a href="/registers/referrals/list?month=2026-05&amp;figures=counted&amp;sender=C1&amp;receiver=H1"'
            in page
        )
        cases = "/registers/referrals/list?month=2026-05&figures=counted&sender=C1&receiver=H1&direction=up"
        assert cases.replace("&", "&amp;") in page
        assert filed in text_of(client, cases)
        text_of(client, "/registers/reconciliations/read?institution=C1&partner=H1&month=2026-05")
        assert client.get("/registers/flows/read?month=2026Q1").status_code == 404
    page = text_of(client_as("c1.reporter"), "/registers/referrals/file/C1")
    assert 'name="offer"' in page
    hospital = client_as("h1.reporter")
    data = {"specialty": "03.04", "kind": "slot", "day": f"{CLOCK:%Y-%m-%d}", "capacity": "4"}
    assert hospital.send("/registers/offers/publish/H1", **data).status_code == 302
    assert "心血管内科" in text_of(hospital, "/registers/offers/list")
    assert hospital.send("/registers/offers/publish/H1", **{**data, "capacity": "900"}).status_code == 422


HEADS = "记录号,版本,接收单位,科室,诊断编码,编码系统,编码版本,紧急程度,转诊时间,姓名,电话,身份证号,知情同意,转诊原因"


def table(*rows: str) -> tuple[BytesIO, str]:
    return BytesIO("\n".join([HEADS, *rows]).encode("utf-8-sig")), "his.csv"


def test_a_file_is_checked_and_then_taken(client_as: Callable[[str], Client]) -> None:
    client, path = client_as("c1.reporter"), "/registers/referrals/import/C1"
    good = f"A1,1,H1,03.04,I10.x05,ICD-10,2.0,急,2026-05-09 09:30,{PATIENT},{PHONE},{identity()},是,血压高"
    bad = f"A2,1,C1,03.04,I10.x05,ICD-10,2.0,急,2026-05-09 09:30,{PATIENT},{PHONE},{identity()[:-1]}7,是,"
    told = client.send(path, source="HIS", file=table(good, bad), check="1")
    page = told.get_data(as_text=True)
    assert told.status_code == 422
    assert "身份证号" in page
    assert PATIENT not in page
    assert client.send(path, source="HIS", file=table(good), check="1").status_code == 200
    assert "2026-000001" not in text_of(client, "/registers/referrals/list")
    assert client.send(path, source="HIS", file=table(good), apply="1").status_code == 302
    assert "2026-000001" in text_of(client, "/registers/referrals/list")
    assert client.send(path, source="HIS", file=table(good), apply="1").status_code == 302
    assert "2026-000002" not in text_of(client, "/registers/referrals/list")
    assert client.send(path, source="HIS", file=table(good.replace("2026-05-09 09:30", "9 May")), check="1"
                       ).status_code == 422  # fmt: skip
    # A record stays when the patient's data are erased, so it must not name the patient.
    named = client.send(path, source="HIS", file=table(good.replace("A1", f"MZ{identity()}")), check="1")
    assert named.status_code == 422
    assert identity() not in named.get_data(as_text=True)
    template = client.get("/registers/referrals/template/C1")
    assert template.mimetype.endswith("sheet")


def test_what_was_typed_about_a_patient_is_not_kept_when_a_session_ends() -> None:
    found = typed({name: [value] for name, value in TYPED.items()})
    assert set(found) == {name for name in TYPED if not name.startswith("patient_")}
