"""The charts in a real browser: with its own letters and spacing no word is cut off, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize

from alliance.i18n import LANGUAGES
from tests.browser.conftest import OFFICE, clean, fits, speak

PHONE: ViewportSize = {"width": 390, "height": 844}
PAGES = (
    "/style/charts",
    "/boards/read",
    "/standings/read/C03",
    "/evaluation/scores/read/17/C03",
    "/funds/funds/read/18",
)
# Each word of a chart in sight that runs over the edge of its picture, to the left or to the right.
CUT = """() => [...document.querySelectorAll("svg.chart")].filter(one => one.getBoundingClientRect().width)
  .flatMap(svg => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter(word => {
      const box = word.getBoundingClientRect();
      return box.left < frame.left - 0.5 || box.right > frame.right + 0.5;
    }).map(word => word.textContent);
  })"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_chart_is_cut_off(
    page: Page, portal: str, quiet: list[str], sign_in: Callable[[str], None], language: str
) -> None:
    sign_in("office")
    speak(page, language)
    cut = {}
    for path in PAGES:
        for size in (OFFICE, PHONE):
            page.set_viewport_size(size)
            page.goto(portal + path)
            assert page.evaluate("document.querySelectorAll('svg.chart').length"), path
            cut[path, size["width"]] = page.evaluate(CUT) + fits(page)
    assert {where: words for where, words in cut.items() if words} == {}
    page.goto(portal + PAGES[0])
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert clean(page) == []
