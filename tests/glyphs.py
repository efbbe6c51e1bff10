"""Whether every letter of a paper has its glyph: the codes in its pages, held against the fonts embedded in it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pypdf import PdfReader
from pypdf.generic import ContentStream

NOTDEF = 0


def missing_glyphs(content: bytes) -> list[str]:
    """Each letter of a PDF that stands there as an empty box, or whose glyph is not in its font: page, font, code."""
    pdf, found = PdfReader(BytesIO(content)), []
    held: dict[str, set[int]] = {}
    for place, page in enumerate(pdf.pages, 1):
        for font, code in _codes(pdf, page, page["/Resources"]):
            name = str(font["/BaseFont"])
            if name not in held:
                held[name] = _glyphs(font)
            if code == NOTDEF or code not in held[name]:
                found.append(f"page {place}: glyph {code} of {name}")
    return found


def _codes(pdf: PdfReader, stream: Any, resources: Any) -> Iterator[tuple[Any, int]]:
    """The glyphs that a page shows, each with its font; those of the forms on it too."""
    font: Any = None
    content = stream["/Contents"].get_object() if "/Contents" in stream else stream
    for operands, operator in ContentStream(content, pdf).operations:
        if operator == b"Tf":
            font = resources["/Font"][operands[0]].get_object()
        elif operator in (b"Tj", b"TJ"):
            parts = operands[0] if operator == b"TJ" else operands
            for part in parts:
                if not isinstance(part, int | float):
                    raw = part.original_bytes
                    yield from ((font, int.from_bytes(raw[at : at + 2], "big")) for at in range(0, len(raw), 2))
        elif operator == b"Do":
            form = resources["/XObject"][operands[0]].get_object()
            if form["/Subtype"] == "/Form":
                yield from _codes(pdf, form, form.get("/Resources", resources))


def _glyphs(font: Any) -> set[int]:
    """The codes for which an embedded font has a glyph."""
    inside = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
    part = inside.get("/FontFile3") or inside.get("/FontFile2")
    opened = TTFont(BytesIO(part.get_object().get_data()))
    return set(range(opened["maxp"].numGlyphs))
