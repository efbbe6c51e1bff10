"""A bulletin of six pages or more through our `render`, against WeasyPrint alone on the same HTML and style sheet.

    python -m benchmarks.bulletin [repeats]

Both load the same fonts, ours through the closed fetcher. Times are of the processor, so that a busy machine does not
spoil the ratio. It fails (exit 1) when the paper is too short, untagged or without its fonts, and when ours takes more
than 1.2 times as long.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib import resources
from io import BytesIO
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from pypdf import PdfReader
from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.text.fonts import FontConfiguration

from alliance.pdf import FONTS, STYLE, VARIANT, render
from tests.bulletins.example import bulletin
from tests.bulletins.paper import page

PAGES = 6
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


def faults(content: bytes) -> list[str]:
    """What is wrong with a bulletin's PDF."""
    pdf = PdfReader(BytesIO(content))
    found = [] if len(pdf.pages) >= PAGES else [f"{len(pdf.pages)} pages, {PAGES} are due"]
    root: Any = pdf.trailer["/Root"]
    if "/StructTreeRoot" not in root or not root.get("/MarkInfo", {}).get("/Marked"):
        found.append("not tagged")
    fonts: dict[str, Any] = {}
    for one in pdf.pages:
        here: Any = one["/Resources"]
        for font in here["/Font"].values():
            fonts[str(font["/BaseFont"])] = font["/DescendantFonts"][0]["/FontDescriptor"]
    found += [f"{name} is not embedded" for name, font in fonts.items() if not {"/FontFile2", "/FontFile3"} & set(font)]
    return found if fonts else [*found, "no font"]


def main(repeats: int = 7) -> int:
    wrong = []
    for language in ("zh", "en"):
        html = page(bulletin(), language)
        content = render(html)  # warm: fonts found, modules loaded
        alone(html)
        ours, theirs, made = [], [], []
        for _ in range(repeats):  # in turn, so that whatever else happens hits all alike
            ours.append(seconds(partial(render, html)))
            theirs.append(seconds(partial(alone, html)))
            made.append(seconds(partial(page, bulletin(), language)))
        ratio = median(ours) / median(theirs)
        pages = len(PdfReader(BytesIO(content)).pages)
        print(
            f"bulletin {language}: {pages} pages, {len(content) / 1000:.0f} kB; render {median(ours):.2f} s, "
            f"weasyprint alone {median(theirs):.2f} s, ratio {ratio:.2f} (target {TARGET}); "
            f"HTML and charts {median(made):.2f} s"
        )
        wrong += [f"{language}: {fault}" for fault in faults(content)]
        wrong += [f"{language}: ratio {ratio:.2f} is above {TARGET}"] if ratio > TARGET else []
    for fault in wrong:
        print(f"bulletin: {fault}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
