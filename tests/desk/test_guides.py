"""The guides: the same in both languages, true to the words of the pages, short, open to all who are signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from markdown_it import MarkdownIt
from markdown_it.token import Token

from alliance.desk.queries.guides import GUIDES, PICTURE, READERS, guide, picture
from tests.conftest import Client

LANGUAGES = ("zh", "en")
EVERY = [(lang, name) for lang in LANGUAGES for name in READERS]
# Whoever installs a server reads longer, at a desk.
SHORT = [(lang, name) for lang, name in EVERY if name != "operator"]
CATALOG = Path(__file__).parents[2] / "alliance" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
PLACE = "/desk/guides/pictures/{}"


@cache
def tokens(lang: str, name: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse((GUIDES / lang / f"{name}.md").read_text("utf-8"))


def inline(lang: str, name: str) -> Iterator[Token]:
    """Everything inside the lines of a guide."""
    for token in tokens(lang, name):
        yield from token.children or ()


def kinds(lang: str, name: str) -> list[str]:
    """The build of a guide: headings, lists, tables, pictures, code, one after another."""
    found = []
    for token in tokens(lang, name):
        if token.type in ("heading_open", "list_item_open", "tr_open", "fence"):
            found.append(token.tag or token.type)
        found += [str(child.attrGet("src")) for child in token.children or () if child.type == "image"]
    return found


def bold(lang: str, name: str) -> list[str]:
    found, open_ = [], False
    for token in inline(lang, name):
        if token.type in ("strong_open", "strong_close"):
            open_ = token.type == "strong_open"
        elif open_:
            found.append(token.content)
    return found


@cache
def labels(lang: str) -> set[str]:
    """Every word of the pages in a language that has no place for a number in it."""
    with CATALOG.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    texts = [message.id if lang == "en" else message.string for message in messages]
    return {text for text in texts if isinstance(text, str) and "%(" not in text}


@pytest.mark.parametrize("name", READERS)
def test_both_languages_say_the_same_in_the_same_order(name: str) -> None:
    assert kinds("zh", name) == kinds("en", name)


@pytest.mark.parametrize("name", READERS)
def test_what_is_typed_into_a_server_is_the_same_in_both_languages(name: str) -> None:
    typed = {lang: [token.content for token in tokens(lang, name) if token.type == "fence"] for lang in LANGUAGES}
    assert typed["zh"] == typed["en"]


@pytest.mark.parametrize(("lang", "name"), EVERY)
def test_a_guide_says_for_whom_it_is_and_answers_questions(lang: str, name: str) -> None:
    first, *rest = [token for token in tokens(lang, name) if token.type.endswith("_open") and token.level == 0]
    assert (first.tag, rest[0].tag, rest[1].tag) == ("h1", "p", "h2")
    texts = [token.content for token in tokens(lang, name) if token.type == "inline"]
    assert len(re.sub(r"\s+", " ", texts[1])) < 200
    if name != "operator":
        parts = [
            tokens(lang, name)[place + 1].content for place, one in enumerate(tokens(lang, name)) if one.tag == "h2"
        ]
        assert [part for part in parts[::2] if not re.search(r"[?？]", part)] == []


@pytest.mark.parametrize(("lang", "name"), EVERY)
def test_what_is_bold_stands_on_a_page(lang: str, name: str) -> None:
    assert [text for text in bold(lang, name) if text not in labels(lang)] == []


@pytest.mark.parametrize(("lang", "name"), EVERY)
def test_no_mark_of_the_writing_is_left_in_the_text(lang: str, name: str) -> None:
    """A bold mark beside Chinese punctuation may not be taken for one."""
    assert [token.content for token in inline(lang, name) if token.type == "text" and "**" in token.content] == []


@pytest.mark.parametrize(("lang", "name"), SHORT)
def test_a_guide_is_read_in_five_minutes(lang: str, name: str) -> None:
    text = "".join(token.content for token in tokens(lang, name) if token.type == "inline")
    assert len(re.findall(r"[\u4e00-\u9fff]" if lang == "zh" else r"\w+", text)) <= (1600 if lang == "zh" else 1000)


@pytest.mark.parametrize("name", READERS)
def test_a_chinese_paragraph_is_one_line(name: str) -> None:
    assert [token.type for token in inline("zh", name) if token.type in ("softbreak", "hardbreak")] == []


@pytest.mark.parametrize(("lang", "name"), EVERY)
def test_links_and_pictures_lead_somewhere(lang: str, name: str) -> None:
    links = [str(token.attrGet("href")) for token in inline(lang, name) if token.type == "link_open"]
    assert [link for link in links if link.removesuffix(".md") not in READERS] == []
    for source in [str(token.attrGet("src")) for token in inline(lang, name) if token.type == "image"]:
        found = PICTURE.fullmatch(source)
        assert found
        assert picture(found["name"], lang)
    assert all(token.content for token in inline(lang, name) if token.type == "image")


def test_a_page_leads_to_pictures_and_other_guides() -> None:
    page = guide("auditor", "en", PLACE)
    assert page is not None
    assert '<a href="/desk/guides/pictures/events"><img src="/desk/guides/pictures/events"' in page.html
    assert '<a href="operator">' in page.html
    assert "<h1" not in page.html
    assert [f'id="{anchor}"' in page.html for anchor, _ in page.parts] == [True] * len(page.parts)
    assert guide("../../README", "en", PLACE) is None


def test_a_picture_is_only_what_lies_among_them() -> None:
    for name in ("../../README", "home.png", "", "nothing"):
        assert picture(name, "zh") is None


@pytest.mark.parametrize(
    ("who", "own"),
    [
        ("c1.reporter", "reporter cooperation experts"),
        ("c1.lead", "lead cooperation ratings experts bonus pay targets"),
        ("office", "office ratings surveys experts checks"),
        ("chair", "committee"),
        ("auditor", "auditor"),
    ],
)
def test_the_guide_for_ones_own_work_comes_first(client_as: Callable[[str], Client], who: str, own: str) -> None:
    text = client_as(who).get("/desk/guides/list").get_data(as_text=True)
    for_me, _, for_others = text.partition("其他岗位")
    assert [name for name in READERS if f"/desk/guides/read/{name}" in for_me] == ["start", *own.split()]
    assert all(f"/desk/guides/read/{name}" in for_others for name in READERS if name not in ("start", *own.split()))


def test_a_guide_speaks_the_language_of_the_reader(client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    assert "怎样填报一个月的数据？" in client.get("/desk/guides/read/reporter").get_data(as_text=True)
    shown = client.get("/desk/guides/pictures/zh/filing.png")
    assert shown.mimetype == "image/png"
    assert shown.headers["Cache-Control"] == "max-age=3600, private"
    assert client.get("/desk/guides/pictures/fr/filing.png").status_code == 404
    assert client.get("/desk/guides/read/nothing").status_code == 404
