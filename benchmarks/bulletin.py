"""Bulletins on paper through our `render`, against WeasyPrint alone on the same HTML and style sheet.

    python -m benchmarks.bulletin [repeats] [repeats of the large one]

The one is that of 26 members; the other is composed by the portal's own verbs from an alliance of 287 members and has
60 pages with 12 charts or more. Both ways load the same fonts, ours through the closed fetcher. Times are of the
processor, so that a busy machine does not spoil the ratio. It fails (exit 1) when the paper is too short, untagged,
without its fonts or with a letter missing, when a member or a chart is left out, and when ours takes more than 1.2
times as long.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import resources
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from flask_migrate import upgrade
from pypdf import PdfReader
from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.text.fonts import FontConfiguration

from alliance.bulletins.views import document
from alliance.config import Config
from alliance.pdf import FONTS, STYLE, VARIANT, render
from app import create_app
from benchmarks import city
from tests.bulletins.example import bulletin
from tests.bulletins.paper import page
from tests.glyphs import missing_glyphs

PAGES, LARGE = 6, 60
CHARTS = 12
TARGET = 1.2


def alone(html: str) -> bytes:
    """WeasyPrint with nothing of ours: its own fetcher reads the fonts of the house as files."""
    fonts, counters = FontConfiguration(), CounterStyle()
    text = STYLE.read_text("utf-8")
    for name, file in FONTS.items():
        text = text.replace(f"house:{name}", Path(str(resources.files("pylopdf_fonts_zh_cn") / file)).as_uri())
    style = CSS(string=text, font_config=fonts, counter_style=counters)
    content: bytes = HTML(string=html).write_pdf(
        stylesheets=[style], font_config=fonts, counter_style=counters, pdf_variant=VARIANT
    )
    return content


def seconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def faults(content: bytes, pages: int) -> list[str]:
    """What is wrong with a bulletin's PDF."""
    pdf = PdfReader(BytesIO(content))
    found = [] if len(pdf.pages) >= pages else [f"{len(pdf.pages)} pages, {pages} are due"]
    root: Any = pdf.trailer["/Root"]
    if "/StructTreeRoot" not in root or not root.get("/MarkInfo", {}).get("/Marked"):
        found.append("not tagged")
    fonts: dict[str, Any] = {}
    for one in pdf.pages:
        here: Any = one["/Resources"]
        for font in here["/Font"].values():
            fonts[str(font["/BaseFont"])] = font["/DescendantFonts"][0]["/FontDescriptor"]
    found += [f"{name} is not embedded" for name, font in fonts.items() if not {"/FontFile2", "/FontFile3"} & set(font)]
    found += missing_glyphs(content)[:5]
    return found if fonts else [*found, "no font"]


def left_out(content: bytes, language: str) -> list[str]:
    """The members of the city that do not stand in its bulletin."""
    text = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
    return [code for code, name in city.names(language).items() if "".join(name.split()) not in text]


def measured(name: str, language: str, make: Callable[[], str], pages: int, repeats: int) -> list[str]:
    """Set a bulletin both ways, print the times; what is wrong."""
    html = make()
    content = render(html)  # warm: fonts found, modules loaded
    alone(html)
    wrong = faults(content, pages)
    charts = html.count('class="chart"')
    if pages == LARGE:
        wrong += [f"{charts} charts, {CHARTS} are due"] if charts < CHARTS else []
        wrong += [f"{code} is left out" for code in left_out(content, language)]
    ours, theirs, made = [], [], []
    for _ in range(repeats):  # in turn, so that whatever else happens hits all alike
        ours.append(seconds(partial(render, html)))
        theirs.append(seconds(partial(alone, html)))
        made.append(seconds(make))
    ratio = median(ours) / median(theirs)
    print(
        f"{name} {language}: {len(PdfReader(BytesIO(content)).pages)} pages, {charts} charts, "
        f"{len(content) / 1000:.0f} kB; render {median(ours):.2f} s, weasyprint alone {median(theirs):.2f} s, "
        f"ratio {ratio:.2f} (target {TARGET}); HTML and charts {median(made):.2f} s",
        flush=True,
    )
    wrong += [f"ratio {ratio:.2f} is above {TARGET}"] if ratio > TARGET else []
    return [f"{name} {language}: {fault}" for fault in wrong]


def main(repeats: int = 7, large: int = 3) -> int:
    wrong = []
    for language in ("zh", "en"):
        wrong += measured("bulletin", language, partial(page, bulletin(), language), PAGES, repeats)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bulletin.sqlite3"
        app = create_app(Config("b" * 40, Path(folder), url, testing=True))
        with app.app_context():
            upgrade()
            began = perf_counter()
            issued = city.bulletin(city.found())
            print(f"a city of {len(city.TIERS)} members: filed, scored, paid and composed in "
                  f"{perf_counter() - began:.0f} s", flush=True)  # fmt: skip
            for language in ("zh", "en"):
                make = partial(document, issued, language, site="https://portal.example")
                wrong += measured("large bulletin", language, make, LARGE, large)
    for fault in wrong:
        print(f"bulletin: {fault}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
