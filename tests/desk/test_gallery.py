"""The gallery: every kind of chart, sound on the page and whole on paper, with no letter missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from alliance import charts
from alliance.desk.views import gallery
from alliance.i18n import in_language
from alliance.pdf import render
from tests.bulletins.paper import press
from tests.bulletins.test_pdf import listening
from tests.charts.picture import assert_sound
from tests.conftest import Client
from tests.glyphs import missing_glyphs

OWNER = {"zh": "滨江市城市医疗集团", "en": "Binjiang City Medical Alliance"}


@pytest.mark.parametrize("language", OWNER)
def test_every_letter_of_the_gallery_has_its_glyph(language: str) -> None:
    with press().app_context(), in_language(language), listening() as said:
        content = render(gallery.paper(OWNER[language]))
    assert said == []
    assert missing_glyphs(content) == []


def test_a_letter_without_a_glyph_is_found() -> None:
    page = '<html lang="zh-Hans-CN"><title>t</title><body><p>滨江\U0010fffd</p></body></html>'
    assert len(missing_glyphs(render(page))) == 1


@pytest.mark.parametrize("language", OWNER)
def test_every_chart_is_sound_and_has_its_table(language: str) -> None:
    with press().app_context(), in_language(language):
        shown = gallery.exhibits()
    for one in shown:
        assert_sound(one.wide)
        assert_sound(one.narrow)
        assert one.rows
        assert all(len(row) == len(one.heads) for row in one.rows)
    assert len({one.code for one in shown}) == len(shown)


def test_no_kind_of_chart_is_left_out() -> None:
    kinds = {name for name in charts.__all__ if name[0].islower()}
    assert kinds <= set(vars(gallery))


def test_the_gallery_is_a_page_and_a_file(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    page = client.get("/style/charts").get_data(as_text=True)
    assert page.count("<svg") > 9
    assert 'href="/style/charts/download/zh"' in page
    answer = client.get("/style/charts/download/zh")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert client.get("/style/charts/download/fr").status_code == 404
