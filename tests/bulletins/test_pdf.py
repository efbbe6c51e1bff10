"""A bulletin on paper: complete, tagged, with its fonts in it, always the same bytes, and deaf to the world outside."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from alliance.pdf import FONTS, STYLE, AsksOutside, font, render
from tests.bulletins.example import FOREWORD, bulletin
from tests.bulletins.paper import page
from tests.glyphs import missing_glyphs

LANGUAGES = ("zh", "en")
CHINESE = re.compile("[\u3400-\u9fff\uff00-\uffef]")
OUTSIDE = "http://127.0.0.1:9/a"
SECRET = "file:///etc/passwd"


@dataclass(frozen=True)
class Paper:
    """A rendered bulletin and what WeasyPrint said while it was rendered."""

    language: str
    html: str
    content: bytes
    complaints: list[str]

    @cached_property
    def pdf(self) -> PdfReader:
        return PdfReader(BytesIO(self.content))

    @cached_property
    def texts(self) -> list[str]:
        return [one.extract_text() for one in self.pdf.pages]


@contextmanager
def listening() -> Iterator[list[str]]:
    """What the logger of WeasyPrint is told: missing glyphs, unknown properties, what could not be loaded."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    ear, logger = Ear(logging.WARNING), logging.getLogger("weasyprint")
    logger.addHandler(ear)
    try:
        yield said
    finally:
        logger.removeHandler(ear)


def printed(language: str, **kinds: bool) -> Paper:
    html = page(bulletin(**kinds), language)
    with listening() as said:
        content = render(html)
    return Paper(language, html, content, said)


@pytest.fixture(scope="module", params=LANGUAGES)
def paper(request: pytest.FixtureRequest) -> Paper:
    return printed(request.param)


def objects(pdf: PdfReader) -> list[dict[str, Any]]:
    found = (pdf.get_object(number) for number in range(1, int(pdf.trailer["/Size"])))
    return [one for one in found if isinstance(one, dict)]


def test_weasyprint_has_nothing_to_complain_of(paper: Paper) -> None:
    """No glyph is missing, the rare ones of names included, and no rule of the style sheet is unknown."""
    assert paper.complaints == []
    assert missing_glyphs(paper.content) == []
    assert ("䶮山" if paper.language == "zh" else "Yanshan") in "".join(paper.texts)


def test_it_has_about_ten_pages_each_with_its_number(paper: Paper) -> None:
    pages = len(paper.pdf.pages)
    assert 8 <= pages <= 11
    for number, text in enumerate(paper.texts, 1):
        foot = re.findall(r"\d+", text.splitlines()[-1]) if paper.language == "en" else []
        assert not foot or [str(number), str(pages)] == foot[-2:]
        assert "2026-02" in text


def test_every_page_but_the_first_has_its_running_head(paper: Paper) -> None:
    owner = {"zh": "滨江市城市医疗集团", "en": "Binjiang City Medical Alliance"}[paper.language]
    assert all(text.count(owner) == 1 for text in paper.texts)


def test_it_is_tagged_as_pdf_a_2a(paper: Paper) -> None:
    catalog = paper.pdf.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == {"zh": "zh-Hans-CN", "en": "en"}[paper.language]
    assert "/StructTreeRoot" in catalog
    assert catalog["/OutputIntents"]
    metadata = catalog["/Metadata"].get_data().decode()
    assert re.search('part="2"', metadata)
    assert re.search('conformance="A"', metadata)


def test_every_font_is_embedded_and_knows_simplified_chinese(paper: Paper) -> None:
    fonts = {}
    for one in paper.pdf.pages:
        fonts |= {name: found.get_object() for name, found in one["/Resources"].get("/Font", {}).items()}
    assert fonts
    for found in fonts.values():
        inside = found["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(inside), found["/BaseFont"]
        assert re.search("Noto-(Sans|Serif)(-CJK)?-SC", found["/BaseFont"]), found["/BaseFont"]
        assert "/ToUnicode" in found


def test_charts_have_words_and_tables_have_heads(paper: Paper) -> None:
    elements = [one for one in objects(paper.pdf) if one.get("/Type") == "/StructElem"]
    figures = [one for one in elements if one["/S"] == "/Figure"]
    assert len(figures) == 5  # the ranking of primary care stands in two columns
    assert all(one["/Alt"] for one in figures)
    tables = paper.html.count("<table")
    assert sum(one["/S"] == "/Caption" for one in elements) == tables + paper.html.count("<figure>")
    assert sum(one["/S"] == "/THead" for one in elements) >= tables
    assert {"/H1", "/H2", "/H3", "/L", "/Sect"} <= {one["/S"] for one in elements}


def test_it_opens_with_bookmarks_of_three_levels(paper: Paper) -> None:
    first, parts = paper.pdf.outline
    assert first.title
    titles = [one.title for one in parts if not isinstance(one, list)]
    assert len(titles) == 11  # foreword, contents and nine parts
    assert [title[:2] for title in titles[2:4]] == {"zh": ["一、", "二、"], "en": ["1.", "2."]}[paper.language]
    tiers = parts[5]
    assert [one.title for one in tiers] == {
        "zh": ["三级医院", "二级医院", "基层机构"], "en": ["Tertiary", "Secondary", "Primary care"],
    }[paper.language]  # fmt: skip


def test_the_contents_name_the_pages_of_the_parts(paper: Paper) -> None:
    pdf = paper.pdf
    parts = [one for one in pdf.outline[1] if not isinstance(one, list)][2:]
    pages = [str((pdf.get_destination_page_number(one) or 0) + 1) for one in parts]
    assert paper.texts[0].splitlines()[: len(pages)] == pages  # floats come first in the text of a page


def test_a_table_repeats_its_head_and_tears_no_row(paper: Paper) -> None:
    """One page holds the table of the fund, or the second begins with the heads."""
    begins = [number for number, text in enumerate(paper.texts) if "94,372.76 105,977.70 11,604.94" in text]
    ends = [number for number, text in enumerate(paper.texts) if "62,408.33 0.00 −62,408.33" in text]
    assert len(begins) == len(ends) == 1
    head = {"zh": "成员单位 缴入 分得 净额 备注", "en": "Member Paid in Received Net Remark"}[paper.language]
    assert head in paper.texts[begins[0]]
    assert ends == begins or paper.texts[ends[0]].splitlines()[0] == head


def test_the_ranks_of_a_tier_stand_on_one_page_where_they_fit(paper: Paper) -> None:
    first = {"zh": "南湖社区卫生服务中心", "en": "Nanhu Community Health Center"}[paper.language]
    last = {"zh": "古城社区卫生服务中心", "en": "Gucheng Community Health Center"}[paper.language]
    begins = [number for number, text in enumerate(paper.texts) if re.search(rf"{first} 93\.20 90\.20 88\.93", text)]
    ends = [number for number, text in enumerate(paper.texts) if re.search(rf"{last} 62\.59 59\.59 58\.32", text)]
    assert len(begins) == 1
    assert begins == ends


def test_a_chart_and_the_table_of_its_numbers_stand_on_one_page(paper: Paper) -> None:
    charts = {"zh": ("分维度比较", "逐期变化"), "en": ("By dimension", "Over time")}[paper.language]
    table = {"zh": "图表数据", "en": "The numbers of the chart"}[paper.language]
    on_pages = [(sum(text.splitlines().count(one) for one in charts), text.count(table)) for text in paper.texts]
    assert sum(heads for heads, _tables in on_pages) == 2
    assert all(heads == tables for heads, tables in on_pages)


def test_the_money_adds_up_in_print(paper: Paper) -> None:
    text = "".join(paper.texts)
    for amount in ("2,318,404.77", "500,000.00", "2,806,059.10", "12,345.67"):
        assert amount in text
    assert text.count("2,818,404.77") >= 3  # the fund: at the head, in words, and on both sides of the sum


def test_english_paper_speaks_english() -> None:
    """Chinese stands there only where somebody wrote it in Chinese, and is marked as such."""
    html = page(bulletin(), "en")
    own = re.sub(r'<(\w+) lang="zh-Hans-CN"[^>]*>.*?</\1>|<svg.*?</svg>', "", html, flags=re.DOTALL)
    assert CHINESE.findall(own) == []
    charts = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert CHINESE.findall(charts) == []


def test_a_foreword_without_english_stands_in_chinese_marked_as_such() -> None:
    found = bulletin()
    html = page(replace(found, content={**found.content, "foreword_en": ""}), "en")
    assert '<div class="prose" lang="zh-Hans-CN">' in html
    assert FOREWORD.splitlines()[0] in html


@pytest.mark.parametrize("kinds", [{"first": True}, {"fund": False}, {"first": True, "fund": False}])
def test_the_first_bulletin_and_one_without_a_fund(kinds: dict[str, bool]) -> None:
    found = printed("zh", **kinds)
    assert found.complaints == []
    assert ('id="fund"' in found.html) == kinds.get("fund", True)


def test_the_same_document_has_the_same_bytes(paper: Paper) -> None:
    assert render(paper.html) == paper.content


def test_what_people_wrote_stays_text() -> None:
    found = bulletin()
    hostile = f'<img src="{SECRET}"><script>alert(1)</script> & <b>'
    html = page(replace(found, content={**found.content, "foreword": hostile}), "zh")
    assert "<script" not in html
    assert "&lt;img" in html
    with listening() as said:
        render(html)
    assert said == []


@pytest.mark.parametrize(
    "hostile",
    [
        f'<img src="{SECRET}">', f'<img src="{OUTSIDE}.png">', '<img src="house:../../etc/passwd">',
        f'<embed src="{SECRET}">', f'<object data="{SECRET}"></object>',
        f'<link rel="stylesheet" href="{OUTSIDE}.css">',
        f'<style>@import url("{OUTSIDE}.css");</style>',
        f'<style>@font-face {{ font-family: x; src: url("{SECRET}") }}</style>',
        f'<style>p::before {{ content: url("{SECRET}") }}</style><p>x</p>',
        f'<p style="background: url({OUTSIDE}.png)">x</p>', f'<p style="border-image: url({OUTSIDE}.png)">x</p>',
        f'<ul style="list-style-image: url({OUTSIDE}.png)"><li>x</li></ul>',
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{SECRET}" width="9" height="9"/></svg>',
        f'<link rel="attachment" href="{SECRET}">', f'<a rel="attachment" href="{SECRET}">x</a>',
        '<base href="http://127.0.0.1:9/"><img src="a.png">', '<img src="data:image/png;base64,AAAA">',
        '<img src="ftp://127.0.0.1:9/a.png">', '<img src="FILE:/etc/passwd">',
    ],
)  # fmt: skip
def test_a_document_that_asks_for_anything_outside_is_not_rendered(hostile: str) -> None:
    with pytest.raises(AsksOutside, match=r"127\.0\.0\.1|etc/passwd|data:"):
        render(bare(hostile))


@pytest.mark.parametrize(
    "unheard",
    [
        f'<svg xmlns="http://www.w3.org/2000/svg"><use href="{OUTSIDE}.svg#x"/></svg>',
        '<img src="//127.0.0.1:9/a.png">', f'<p style="content: url({SECRET})">x</p>',
        f'<script src="{OUTSIDE}.js"></script>', f'<iframe src="{OUTSIDE}"></iframe>',
    ],
)  # fmt: skip
def test_what_weasyprint_never_asks_for_is_not_in_the_file(unheard: str) -> None:
    """These it does not load at all; should it learn to, the fetcher ends the rendering."""
    content = render(bare(unheard))
    assert b"root:" not in content
    assert b"EmbeddedFile" not in content


def bare(body: str) -> str:
    return f'<!doctype html><html lang="en"><title>t</title><body>{body}</body></html>'


@pytest.mark.parametrize("name", FONTS)
def test_the_fonts_of_the_house_are_there(name: str) -> None:
    assert font(name)[:4] == b"OTTO"


def test_a_machine_without_chinese_fonts_sets_it_in_those_of_the_house(tmp_path: Path) -> None:
    style = STYLE.read_text("utf-8").replace('"Noto Sans CJK SC", ', "").replace('"Noto Serif CJK SC", ', "")
    place = tmp_path / "document.css"
    place.write_text(style, "utf-8")
    with listening() as said:
        content = render(page(bulletin(), "zh").replace("Noto Sans CJK SC", "Noto Sans SC"), place)
    assert said == []
    names = {str(one["/BaseFont"]) for one in objects(PdfReader(BytesIO(content))) if "/BaseFont" in one}
    assert names
    assert not [name for name in names if "CJK" in name]
