"""The data standard of a period: what is due, by whom, until when; on a page and on paper in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from alliance.indicators import queries, services
from tests.conftest import Client
from tests.small import at, by


def test_it_names_element_officer_and_deadline(inside: Flask) -> None:
    found = queries.standard(1, "2026-04")
    assert [row.element.code for row in found.rows] == ["E1", "E2", "E3", "E4"]
    assert found.rows[0].officer.zh == "成员单位填报员"
    assert found.rows[0].due_at == at(1, 6)
    assert found.rows[0].indicators == ["I1"]
    assert queries.standard(1, "2026-09").rows[0].due_at is None
    # A quarter holds what its months file, due with the last of them.
    assert queries.standard(1, "2026Q1").rows[0].due_at == at(30)


def test_it_follows_the_definitions_of_its_own_period(inside: Flask) -> None:
    row = {
        "code": "E1", "name_zh": "转诊人次", "name_en": "Referrals", "unit_zh": "人次", "unit_en": "cases",
        "officer_zh": "医务科", "officer_en": "Medical office", "tiers": ["primary"], "code_system": "ICD-10-CN 2.0",
    }  # fmt: skip
    indicator = {
        "code": "I1", "name_zh": "转诊率", "name_en": "Referral rate", "kind": "ratio", "numerator": ["E1"],
        "denominator": ["E2"], "factor": "100", "dimension": "collaboration", "tags": ["collaboration"],
        "tiers": ["primary"], "unit_zh": "%", "unit_en": "%",
    }  # fmt: skip
    why, start = "管理委员会会议纪要第5号。", date(2026, 7, 1)
    services.define_indicator(1, indicator, 1, start, "need", why, by=by("office"), now=at(10, 5))
    services.define_element(1, row, 1, start, "need", why, by=by("office"), now=at(10, 5))
    assert queries.standard(1, "2026-06").rows[0].officer.en == "The member's reporter"
    assert queries.standard(1, "2026-07").rows[0].officer.en == "Medical office"
    assert "E1" not in [one.element.code for one in queries.standard(1, "2026-07", "tertiary").rows]


def test_its_text_holds_from_a_day(inside: Flask) -> None:
    assert queries.standard(1, "2026-06").since is None
    services.define_standard(1, date(2026, 7, 1), "按时填报。", "File in time.", by=by("office"), now=at(10, 5))
    assert queries.standard(1, "2026-06").since is None
    assert queries.standard(1, "2026-07").rewards.en == "File in time."


@pytest.mark.parametrize(("language", "said"), [("zh", "奖惩规定"), ("en", "Rewards and penalties")])
def test_it_prints_tagged_with_its_fonts(client_as: Callable[[str], Client], language: str, said: str) -> None:
    answer = client_as("c1.reporter").get(f"/indicators/standards/download/2026-04/{language}?tier=primary")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    pdf = PdfReader(BytesIO(answer.data))
    text = "".join(page.extract_text() for page in pdf.pages)
    assert said in text
    assert "E4" in text
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"].startswith(language)
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all("/FontFile3" in str(font["/DescendantFonts"][0].get_object()["/FontDescriptor"]) for font in fonts)


@pytest.mark.parametrize("path", ["2026-13/zh", "2026-04/fr", "2026-04/zh?tier=other"])
def test_what_is_none_is_not_found(client_as: Callable[[str], Client], path: str) -> None:
    assert client_as("office").get(f"/indicators/standards/download/{path}").status_code == 404


def test_the_office_writes_the_text(client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    assert client.get("/indicators/standards/define").status_code == 200
    answer = client.send(
        "/indicators/standards/define", text_zh="逾期不予受理。", text_en="Late is late.", valid_from="2026-04-01",
        once="s1",
    )  # fmt: skip
    assert answer.status_code == 302
    assert "逾期不予受理" in client.get("/indicators/standards/read?period=2026-04").get_data(as_text=True)
