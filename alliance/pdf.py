"""Pages become PDF here: WeasyPrint with our own fonts and style sheet, and no way out to any address."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

STYLE = Path(__file__).parents[1] / "static" / "document.css"
FONTS = {"sans.otf": "NotoSansSC-Regular.otf", "serif.otf": "NotoSerifSC-Regular.otf"}
VARIANT = "pdf/a-2a"


class AsksOutside(Exception):
    """A document asks for something that the house does not give; it is not rendered."""


class House(URLFetcher):
    """Gives the fonts of the house under `house:`; whatever else a document asks for ends the rendering."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=())
        self.outside = ""  # the first address that was asked for and refused

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        name = url.removeprefix("house:")
        if name == url or name not in FONTS:
            self.outside = self.outside or url[:80]
            raise FatalURLFetchingError(f"a document asks for {url[:80]}")
        return URLFetcherResponse(url, font(name), {"Content-Type": "font/otf"})


@cache
def font(name: str) -> bytes:
    """A font of the house: sans.otf or serif.otf, for machines that have no Chinese font of their own."""
    return resources.files("pylopdf_fonts_zh_cn").joinpath(FONTS[name]).read_bytes()


def render(html: str) -> bytes:
    """A tagged PDF/A-2a with embedded Chinese fonts from a whole HTML document; the same HTML gives the same bytes.

    AsksOutside: the document asks for anything but the fonts of the house.
    """
    fonts, counters, house = FontConfiguration(), CounterStyle(), House()
    # Parts of WeasyPrint go on after a refusal (a picture inside a picture), others raise what is no Exception.
    try:
        style = CSS(string=STYLE.read_text("utf-8"), url_fetcher=house, font_config=fonts, counter_style=counters)
        page = HTML(string=html, url_fetcher=house)
        content: bytes = page.write_pdf(
            stylesheets=[style], font_config=fonts, counter_style=counters, pdf_variant=VARIANT
        )
    except FatalURLFetchingError as error:
        raise AsksOutside(house.outside) from error
    if house.outside:
        raise AsksOutside(house.outside)
    return content
