"""Pages become PDF and pictures here: WeasyPrint with our own fonts and style sheets, and no way out to any address."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib import resources
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from threading import Lock
from typing import Any

import pypdfium2
from PIL import Image, ImageChops
from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

STYLE = Path(__file__).parents[1] / "static" / "document.css"
FONTS = {"sans.otf": "NotoSansSC-Regular.otf", "serif.otf": "NotoSerifSC-Regular.otf"}
VARIANT = "pdf/a-2a"
SLIPS_STYLE = STYLE.with_name("payslips.css")
STRIP_STYLE = STYLE.with_name("strip.css")
STRIP_WIDTH = 1080  # pixels of a phone's picture
STRIP_END = 60  # pixels of paper under the last line
PROCESSES = 4  # that set papers side by side
COLOURS = 128  # enough for letters and charts, a third of the bytes
_drawing = Lock()  # PDFium draws for one thread at a time


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


def render(html: str, sheet: Path = STYLE) -> bytes:
    """A tagged PDF/A-2a with embedded Chinese fonts from a whole HTML document; the same HTML gives the same bytes.

    AsksOutside: the document asks for anything but the fonts of the house.
    """
    return _set(html, sheet, VARIANT)


def render_each(documents: Iterable[str], sheet: Path = STYLE, processes: int | None = None) -> Iterator[bytes]:
    """Many documents as PDFs of their own, in their order, side by side in as many processes as there are processors.

    The processes are begun anew and take nothing over from a worker's threads. AsksOutside as in `render`.
    """
    processes = processes or min(os.cpu_count() or 1, PROCESSES)
    if processes == 1:
        yield from (render(html, sheet) for html in documents)
        return
    waiting: deque[Future[bytes]] = deque()
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for html in documents:
            waiting.append(pool.submit(render, html, sheet))
            if len(waiting) > 2 * processes:  # so many documents are held at most
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def render_all(documents: Iterable[str], title: str) -> bytes:
    """Several documents as one tagged PDF/A-2a under a title of its own, each counting its own pages; taken one
    after the other, so that whoever gives them knows how far it is. AsksOutside as in `render`; ValueError: none."""
    with _closed() as house:
        laid = [_laid(html, STYLE, VARIANT, house) for html in documents]
        if not laid:
            raise ValueError("nothing to set")
        laid[0].metadata.title = title
        whole = laid[0].copy([page for one in laid for page in one.pages])
        content: bytes = whole.write_pdf(pdf_variant=VARIANT)
        return content


def strip(html: str) -> list[bytes]:
    """A document as one long PNG, 1080 pixels wide; more of them, from above, when it is longer than static/strip.css
    lets a page be. The same HTML gives the same bytes. AsksOutside as in `render`."""
    with _drawing:
        document = pypdfium2.PdfDocument(_set(html, STRIP_STYLE, None))
        try:
            return [_png(page) for page in document]
        finally:
            document.close()


def _png(page: Any) -> bytes:
    """A page without the empty paper under its last line."""
    picture: Image.Image = page.render(scale=STRIP_WIDTH / page.get_width()).to_pil().convert("RGB")
    drawn = ImageChops.difference(picture, Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1))))
    box = drawn.getbbox() or (0, 0, picture.width, picture.height)
    picture = picture.crop((0, 0, picture.width, min(box[3] + STRIP_END, picture.height)))
    content = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(content, "PNG", compress_level=9)
    return content.getvalue()


def _set(html: str, sheet: Path, variant: str | None) -> bytes:
    with _closed() as house:
        content: bytes = _laid(html, sheet, variant, house).write_pdf(pdf_variant=variant)
        return content


@contextmanager
def _closed() -> Iterator[House]:
    """A fetcher for all that is asked for inside, while pages are laid out and while they are written."""
    house = House()
    # Parts of WeasyPrint go on after a refusal (a picture inside a picture), others raise what is no Exception.
    try:
        yield house
    except FatalURLFetchingError as error:
        raise AsksOutside(house.outside) from error
    if house.outside:
        raise AsksOutside(house.outside)


def _laid(html: str, sheet: Path, variant: str | None, house: House) -> Document:
    """A document broken into pages."""
    fonts, counters = FontConfiguration(), CounterStyle()
    style = CSS(string=sheet.read_text("utf-8"), url_fetcher=house, font_config=fonts, counter_style=counters)
    page = HTML(string=html, url_fetcher=house)
    return page.render(stylesheets=[style], font_config=fonts, counter_style=counters, pdf_variant=variant)
