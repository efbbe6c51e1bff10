"""The elements that charts are drawn with: escaped, rounded, with presentation attributes only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from html import escape

from .lettering import LEADING, SIZE

# No space after a comma: WeasyPrint looks fonts up by what stands between the commas.
FONTS = "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC',sans-serif"

ACCENT = "#0b5cad"
INK = "#1f2933"
SOFT = "#545b64"  # second text, 6.9 : 1 on white
MARK = "#868e97"  # bars and lines beside the accent, 3.3 : 1 on white
RULE = "#dde1e6"
PALE = "#eceff2"
PAPER = "#ffffff"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BASELINE = 0.36  # from the middle of a line down to its baseline, in sizes: suits ideographs and digits


def number(value: float) -> str:
    """At most two decimals and no idle zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def quoted(text: str) -> str:
    """Text made safe for content and attributes, without the characters that XML refuses."""
    return escape(_NOT_XML.sub("", text), quote=True)


def element(name: str, *children: str, **attributes: str | float | None) -> str:
    """One element; children are markup, attributes of None are left out, `font_size` becomes font-size."""
    written = "".join(
        [
            f' {key.replace("_", "-")}="{quoted(value) if isinstance(value, str) else number(value)}"'
            for key, value in attributes.items()
            if value is not None
        ]
    )
    content = "".join(children)
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def label(
    lines: Sequence[str],
    x: float,
    middle: float,
    *,
    size: float = SIZE,
    anchor: str = "start",
    fill: str = INK,
    bold: bool = False,
) -> str:
    """Lines of text one under another, the block centred on the height `middle`."""
    first = middle - (len(lines) - 1) / 2 * size * LEADING + size * _BASELINE
    return "".join(
        element(
            "text",
            quoted(line),
            x=x,
            y=first + index * size * LEADING,
            font_size=size,
            font_weight="bold" if bold else None,
            text_anchor=anchor if anchor != "start" else None,
            fill=fill,
        )
        for index, line in enumerate(lines)
    )


def upward(lines: Sequence[str], middle: float, foot: float, *, size: float = SIZE, bold: bool = False) -> str:
    """Lines of text that run from `foot` upward, one to the right of another, centred on the distance `middle`."""
    first = middle - (len(lines) - 1) / 2 * size * LEADING + size * _BASELINE
    places = [first + index * size * LEADING for index in range(len(lines))]
    return "".join(
        element(
            "text",
            quoted(text),
            x=x,
            y=foot,
            font_size=size,
            font_weight="bold" if bold else None,
            fill=INK,
            transform=f"rotate(-90 {number(x)} {number(foot)})",
        )
        for text, x in zip(lines, places, strict=True)
    )


def line(x1: float, y1: float, x2: float, y2: float, **attributes: str | float | None) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def path(points: Sequence[tuple[float, float]], *, closed: bool = False) -> str:
    """The `d` of a line through the points."""
    steps = " ".join(f"{number(x)} {number(y)}" for x, y in points)
    return f"M{steps}" + ("Z" if closed else "")


def hit_area(left: float, top: float, width: float, height: float) -> str:
    """An unseen rectangle that can be pointed at, so that a link is not as thin as its letters."""
    return element("rect", x=left, y=top, width=width, height=height, fill="none", pointer_events="all")


def group(*marks: str, title: str, href: str = "") -> str:
    """Marks that belong together under one title, as a link when there is somewhere to go."""
    named = element("title", quoted(title))
    return element("a", named, *marks, href=href) if href else element("g", named, *marks)


def document(*marks: str, title: str, description: str, width: float, height: float, lang: str, linked: bool) -> str:
    """The whole picture; its ids come from its content, so the same picture has the same bytes."""
    digest = sha256("\x1f".join((title, description, lang, *marks)).encode()).hexdigest()[:12]
    name, account = f"chart-{digest}-title", f"chart-{digest}-desc"
    return element(
        "svg",
        element("title", quoted(title), id=name),
        element("desc", quoted(description), id=account),
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        # Links inside an image are hidden from screen readers (axe: nested-interactive).
        role="group" if linked else "img",
        aria_labelledby=name,
        aria_describedby=account,
        viewBox=f"0 0 {number(width)} {number(height)}",
        width="100%",
        lang="zh-CN" if lang.startswith("zh") else lang,
        font_family=FONTS,
        **{"class": "chart"},
    )
