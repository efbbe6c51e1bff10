"""What else is made of a bulletin: drafts that say so, the page that confirms, the Word file, the long picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from flask import Flask
from PIL import Image
from pypdf import PdfReader

from alliance.bulletins import queries, services, sheets
from alliance.bulletins.views import document, long_page
from alliance.evaluation import services as evaluation
from alliance.i18n import in_language
from alliance.pdf import render, strip
from alliance.word import Official
from tests.bulletins.example import bulletin
from tests.bulletins.paper import press
from tests.conftest import Client
from tests.small import at, by, decide

HERE, SITE = "/bulletins/bulletins", "https://portal.example.org"
PAPER = {"zh": b"%PDF-1 zh", "en": b"%PDF-1 en"}
SignIn = Callable[[str], Client]


def issued() -> queries.BulletinInfo:
    return replace(bulletin(), issued_by="office", issued_at=datetime(2026, 5, 20, 2, tzinfo=UTC))


@pytest.fixture
def number(app: Flask) -> str:
    """The number of a draft."""
    with app.app_context():
        evaluation.compute_run(1, "2026Q1", by=by("office"), now=at(20))
        return services.compose_bulletin(1, "2026Q1", "开头", by=by("office"), now=at(23))


def issue(app: Flask, number: str) -> None:
    with app.app_context():
        decide(1, "2026-020", f"bulletin:{number}", at(24))
        services.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(24))
        services.issue_bulletin(1, number, PAPER, by=by("office2"), now=at(25))


@pytest.mark.parametrize(("language", "word"), [("zh", "草稿"), ("en", "Draft, not issued")])
def test_every_page_of_a_draft_says_so(language: str, word: str) -> None:
    with press().app_context():
        pages = PdfReader(BytesIO(render(document(bulletin(), language, draft=True)))).pages
        assert all(word in page.extract_text() for page in pages)
        assert word not in document(bulletin(), language)


def test_a_draft_is_previewed_until_it_is_issued(app: Flask, client_as: SignIn, number: str) -> None:
    office = client_as("office")
    answer = office.get(f"{HERE}/preview/{number}/en")
    assert answer.mimetype == "application/pdf"
    assert "Draft, not issued" in PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    assert client_as("c1.reporter").get(f"{HERE}/preview/{number}/en").status_code in (403, 404)
    assert office.get(f"{HERE}/preview/{number}/fr").status_code == 404
    issue(app, number)
    assert office.get(f"{HERE}/preview/{number}/en").status_code == 404


def test_paper_leads_to_its_confirmation_where_the_address_is_known() -> None:
    with press().app_context():
        html = document(bulletin(), "zh", site=SITE)
        assert f"{SITE}{HERE}/confirm/BJ/2026-02" in html
        assert "/confirm/" not in document(bulletin(), "zh")


def test_anybody_confirms_an_issued_bulletin_and_no_draft(app: Flask, number: str) -> None:
    app.test_client_class = Client
    anybody = app.test_client()
    assert anybody.get(f"{HERE}/confirm/SMALL/{number}").status_code == 404
    issue(app, number)
    page = anybody.get(f"{HERE}/confirm/SMALL/{number}").get_data(as_text=True)
    assert number in page
    assert len(re.findall(r"<code[^>]*>[0-9a-f]{64}</code>", page)) == 2
    assert anybody.get(f"{HERE}/confirm/OTHER/{number}").status_code == 404
    assert anybody.get(f"{HERE}/confirm/SMALL/2026-99").status_code == 404


def word(language: str) -> bytes:
    found = issued()
    with press().app_context(), in_language(language):
        return sheets.word(queries.matter(found.content), found, language, "ab" * 32)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_word_file_is_the_same_each_time_and_tells_the_numbers(language: str) -> None:
    content = word(language)
    assert word(language) == content
    paper = Document(BytesIO(content))
    text = "\n".join(one.text for one in paper.paragraphs)
    for told in ("滨医集〔2026〕12号", "2,818,404.77", "2026-02", "ab" * 32):
        assert told in text
    cells = {cell.text for table in paper.tables for row in table.rows for cell in row.cells}
    for row in issued().content["rows"]:
        assert any(row[f"name_{language}"] in cell for cell in cells)
    assert {"93.20", "90.20"} <= cells


def test_the_word_file_has_the_parts_of_an_official_document() -> None:
    lines = [one.text for one in Document(BytesIO(word("zh"))).paragraphs if one.text]
    text = "\n".join(lines)
    places = [text.index(part) for part in ("滨医集〔2026〕12号", "一、", "二、", "附件", "2026年5月20日")]
    assert places == sorted(places)


def test_the_word_file_of_a_month_has_the_scores_of_its_data_once() -> None:
    found = replace(issued(), content={**issued().content, "kind": "monitoring"})
    with press().app_context(), in_language("en"):
        paper = Document(BytesIO(sheets.word(queries.matter(found.content), found, "en", "ab" * 32)))
    heads = [cell.text for cell in paper.tables[0].rows[0].cells]
    assert heads == ["Tier", "Rank", "Member", "Data score", "Collaboration score"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_picture_is_as_wide_as_a_phone_shows_it_and_no_longer_than_it_may_be(language: str) -> None:
    with press().app_context():
        html = long_page(issued(), language, site=SITE)
    parts = strip(html)
    assert strip(html) == parts
    for part in parts:
        picture = Image.open(BytesIO(part))
        assert picture.format == "PNG"
        assert picture.width == 1080
        assert 400 < picture.height <= 15_000


def test_parts_of_a_picture_travel_in_one_file_that_is_always_the_same() -> None:
    made = sheets.bundle([b"one", b"two"], "bulletin")
    assert made == sheets.bundle([b"one", b"two"], "bulletin")
    with ZipFile(BytesIO(made)) as bag:
        assert bag.namelist() == ["bulletin-1.png", "bulletin-2.png"]


def test_a_line_break_of_a_word_processor_does_not_stop_the_word_file() -> None:
    paper = Official("zh", "通报\x0b（一）", "市医联体", at(5, 5))
    paper.text("各成员单位：\x0b请查收\x01\ufffe😀")
    assert [one.text for one in Document(BytesIO(paper.content())).paragraphs if one.text] == [
        "各成员单位： 请查收  😀"
    ]  # fmt: skip


def test_members_load_word_and_picture_of_what_is_issued(app: Flask, client_as: SignIn, number: str) -> None:
    office, member = client_as("office"), client_as("c1.reporter")
    here = f"{HERE}/download/{number}/zh"
    assert office.get(f"{here}/word").status_code == office.get(f"{here}/picture").status_code == 404
    issue(app, number)
    answer = member.get(f"{here}/word")
    assert answer.headers["Content-Disposition"].endswith(f"bulletin-{number}-zh.docx")
    assert Document(BytesIO(answer.data)).tables
    answer = member.get(f"{here}/picture")
    assert Image.open(BytesIO(answer.data)).width == 1080
