"""Official documents as Word files: the layout of GB/T 9704-2012 in its main figures, the same content always the same
bytes.

A4 with 37 mm above and 28 mm on the binding side, a type area of 156 by 225 mm with 22 lines of 28 characters; a red
head with its line; fonts are named and not embedded, as offices have them and edit with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

SONG, TITLE, HEI, KAI, FANG = "宋体", "方正小标宋简体", "黑体", "楷体", "仿宋"
LATIN = "Times New Roman"
RED = RGBColor(0xE6, 0x00, 0x12)
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)  # 2号, 3号, 4号, 5号
LINE = Pt(28.95)  # 225 mm in 22 lines

NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LATIN_WIDTH = 0.43  # of a Latin letter beside a Chinese character
TALLEST = 44  # points of the red head: 22 mm is the most it may be
THE_BEGINNING = (1980, 1, 1, 0, 0, 0)  # a ZIP knows no earlier day, and none is to be told
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
BOTH = WD_ALIGN_PARAGRAPH.JUSTIFY


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its heads, its rows as texts, which columns hold numbers, and the widths of all in mm."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int]
    widths: Sequence[int]
    bold: frozenset[int] = frozenset()  # rows of sums


class Official:
    """An official document in the making: head and title, then paragraphs and tables in the order they are added."""

    def __init__(self, language: str, title: str, owner: str, made: datetime) -> None:
        self.language = language
        self._file = Document()
        for paragraph in list(self._file.paragraphs):
            paragraph._p.getparent().remove(paragraph._p)
        properties = self._file.core_properties
        properties.title = _plain(title)
        properties.author = properties.last_modified_by = _plain(owner)
        properties.created = properties.modified = made.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        properties.language, properties.comments, properties.revision = language, "", 1
        self._style()
        self._page()

    def _style(self) -> None:
        style = self._file.styles["Normal"]
        style.font.name, style.font.size = LATIN, SIZE_3
        style.element.rPr.rFonts.set(qn("w:eastAsia"), FANG)
        tight = OxmlElement("w:spacing")  # 28 characters of 16 points in 156 mm
        tight.set(qn("w:val"), "-4")
        style.element.rPr.append(tight)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)

    def _page(self) -> None:
        section = self._file.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.left_margin = Mm(37), Mm(28)
        section.right_margin, section.bottom_margin = Mm(210 - 28 - 156), Mm(297 - 37 - 225)
        section.footer_distance = Mm(25)
        grid = section._sectPr.find(qn("w:docGrid"))
        if grid is None:
            grid = OxmlElement("w:docGrid")
            section._sectPr.append(grid)
        for name, value in {"type": "lines", "linePitch": "579"}.items():
            grid.set(qn(f"w:{name}"), value)
        self._file.settings.odd_and_even_pages_header_footer = True
        for footer, side in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
            _number(footer.paragraphs[0], side)

    def head(self, owner: str, reference: str) -> None:
        """The red head: the body that issues, the document number, and the red line."""
        wide = sum(1 if ord(sign) > 255 else 0.55 for sign in owner)
        size = Pt(min(TALLEST, int(442 / (wide + 1))))
        line = self._line("", CENTRE)
        line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        self._write(line, owner, TITLE, size, colour=RED)
        self._line("", CENTRE)
        number = self._line(reference, CENTRE)
        borders, under = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
        for name, value in {"val": "single", "sz": "18", "space": "11", "color": "E60012"}.items():  # 4 mm below
            under.set(qn(f"w:{name}"), value)
        borders.append(under)
        number._p.get_or_add_pPr().append(borders)
        self._line("", CENTRE)

    def title(self, text: str) -> None:
        """The title under the line."""
        self._line("", CENTRE)
        for part in text.splitlines():
            self._write(self._line("", CENTRE, outline=0), part, TITLE, SIZE_2)
        self._line("", CENTRE)

    def addressed(self, text: str) -> None:
        """To whom it goes."""
        self._line(text, LEFT)

    def part(self, text: str) -> None:
        """A heading of the first level."""
        self._heading(text, HEI, 0)

    def section(self, text: str) -> None:
        """A heading of the second level."""
        self._heading(text, KAI, 1)

    def _heading(self, text: str, font: str, level: int) -> None:
        line = self._line("", LEFT, indent=2, outline=level)
        line.paragraph_format.keep_with_next = True
        self._write(line, text, font, SIZE_3, bold=self.language == "en")

    def text(self, text: str) -> None:
        """A paragraph of the body."""
        self._line(text, BOTH, indent=2)

    def attachments(self, names: Sequence[str], word: str) -> None:
        """The list of what is attached, under the body."""
        self._line("", LEFT)
        for number, name in enumerate(names, 1):
            lead = f"{word}{number}. " if number == 1 else f"{number}. "
            under = 2 + sum(1 if ord(sign) > 255 else LATIN_WIDTH for sign in word)
            line = self._line(lead + name, LEFT, indent=2 if number == 1 else under)
            line.paragraph_format.keep_with_next = True

    def signed(self, owner: str, day: str) -> None:
        """The body that issues and the day, on the right under the text, kept together."""
        for text, room in (("", 0), ("", 0), (owner, 2), (day, 4)):
            line = self._line(text, RIGHT)
            line.paragraph_format.right_indent = Pt(16 * room)
            line.paragraph_format.keep_with_next = text != day

    def attachment(self, word: str, title: str) -> None:
        """What is attached begins a new page with its number and title."""
        first = self._line("", LEFT)
        first.paragraph_format.page_break_before = True
        self._write(first, word, HEI, SIZE_3)
        self._write(self._line("", CENTRE, outline=0), title, TITLE, SIZE_2)
        self._line("", LEFT)

    def table(self, grid: Grid) -> None:
        """A table whose head is repeated on every page and whose rows are not torn."""
        table = self._file.add_table(rows=0, cols=len(grid.heads))
        table.style, table.autofit = "Table Grid", False
        for column, width in zip(table.columns, grid.widths, strict=True):  # Word reads the cells, others the columns
            column.width = Mm(width)
        for place, texts in enumerate([grid.heads, *grid.rows]):
            row = table.add_row()
            properties = row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if place == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.width = Mm(grid.widths[column])
                side = CENTRE if place == 0 else RIGHT if column in grid.numeric else LEFT
                paragraph = cell.paragraphs[0]
                paragraph.alignment = side
                _off_grid(paragraph)
                heavy = place == 0 or place - 1 in grid.bold
                self._write(paragraph, text, HEI if heavy else FANG, SIZE_5, bold=heavy and self.language == "en")
        self._line("", LEFT)

    def imprint(self, lines: Iterable[str]) -> None:
        """The notes between two lines at the very end: who printed it when, and what it was made from."""
        written = list(lines)
        for place, text in enumerate(written):
            line = self._line("", LEFT)
            _off_grid(line)
            line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
            self._write(line, text, FANG, SIZE_4)
            borders = OxmlElement("w:pBdr")
            for side in ("top", "bottom") if place == len(written) - 1 else ("top",):
                edge = OxmlElement(f"w:{side}")
                for name, value in {"val": "single", "sz": "6", "space": "2", "color": "000000"}.items():
                    edge.set(qn(f"w:{name}"), value)
                borders.append(edge)
            line._p.get_or_add_pPr().append(borders)

    def content(self) -> bytes:
        """The file; nothing in it tells when it was made."""
        made, settled = BytesIO(), BytesIO()
        self._file.save(made)
        with ZipFile(made) as read, ZipFile(settled, "w", ZIP_DEFLATED) as written:
            for name in read.namelist():
                entry = ZipInfo(name, THE_BEGINNING)
                entry.compress_type = ZIP_DEFLATED
                written.writestr(entry, read.read(name))
        return settled.getvalue()

    def _line(self, text: str, side: Any, *, indent: float = 0, outline: int | None = None) -> Paragraph:
        paragraph = self._file.add_paragraph()
        paragraph.alignment = side
        shape = paragraph.paragraph_format
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
        if indent:
            shape.first_line_indent = Pt(16 * indent)
        if outline is not None:
            level = OxmlElement("w:outlineLvl")
            level.set(qn("w:val"), str(outline))
            paragraph._p.get_or_add_pPr().append(level)
        if text:
            self._write(paragraph, text, FANG, SIZE_3)
        return paragraph

    def _write(
        self,
        paragraph: Paragraph,
        text: str,
        font: str,
        size: Pt,
        *,
        bold: bool = False,
        colour: RGBColor | None = None,
    ) -> None:
        run = paragraph.add_run(_plain(text))
        run.font.name, run.font.size, run.bold = LATIN, size, bold
        _east(run, font)
        if colour is not None:
            run.font.color.rgb = colour


def _plain(text: str) -> str:
    """A text as XML can hold it: from spreadsheets and word processors come breaks of lines that it cannot."""
    return NO_XML.sub(" ", text)


def _east(run: Run, font: str) -> None:
    """The font of the Chinese characters of a run, beside that of its Latin letters."""
    fonts = run._r.get_or_add_rPr().rFonts
    assert fonts is not None
    fonts.set(qn("w:eastAsia"), font)


def _off_grid(paragraph: Paragraph) -> None:
    """Small print takes the room of its letters, not a whole line of the grid."""
    mark = OxmlElement("w:snapToGrid")
    mark.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().append(mark)


def _number(paragraph: Paragraph, side: Any) -> None:
    """— 1 — on the outer side, one character in."""
    paragraph.alignment = side
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = SIZE_4
    for what in ("— ", "PAGE", " —"):
        run = paragraph.add_run("" if what == "PAGE" else what)
        run.font.name, run.font.size = SONG, SIZE_4
        _east(run, SONG)
        if what == "PAGE":
            for kind in ("begin", "text", "end"):
                run._r.append(_field(kind))


def _field(kind: str) -> Any:
    if kind == "text":
        code = OxmlElement("w:instrText")
        code.text = "PAGE"
        return code
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark
