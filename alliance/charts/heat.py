"""Heat map: a table of values in which the stronger shade is the higher value; each cell says its number too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .lettering import LEADING, SIZE, SMALL, TINY, width_of, wrap
from .rows import GAP, LEAST_ROW, names_column
from .scale import quantity
from .series import cross
from .svg import ACCENT, INK, MARK, PALE, PAPER, RULE, SOFT, document, element, group, hit_area, label, line, upward
from .words import Words, words_of

SHADES = (("#e9f1f9", INK), ("#c3dbf1", INK), ("#93bde4", INK), ("#5f9ad3", INK), (ACCENT, PAPER))
_LEAST_CELL, _MOST_CELL = 24.0, 72.0  # width
_HEAD = 132.0  # the most that a name over a column may take, set upward
_SAMPLE = 18.0  # of a shade in the legend


@dataclass(frozen=True, slots=True)
class Head:
    """The name of a row or a column, and its page."""

    label: str
    href: str = ""
    accent: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A value or None, as it is to be read; a value that is not applicable is told from one that is missing."""

    value: Decimal | None
    text: str = ""
    href: str = ""
    applies: bool = True

    def words(self, words: Words) -> str:
        """What the cell says in the language of the picture."""
        if self.value is None:
            return self.text or (words.missing if self.applies else words.not_applicable)
        return self.text or quantity(self.value)


@dataclass(frozen=True, slots=True)
class _Columns:
    """How the names stand over the columns: upright where they fit in three lines, else turned upward."""

    heads: Sequence[Head]
    lines: Sequence[tuple[str, ...]]
    turned: bool
    left: float
    wide: float
    high: float

    def x(self, index: int) -> float:
        return self.left + index * self.wide

    def drawn(self) -> str:
        """The names, at the foot of the room above the cells."""
        marks = []
        foot = self.high - 6
        for index, (head, lines) in enumerate(zip(self.heads, self.lines, strict=True)):
            middle = self.x(index) + self.wide / 2
            if self.turned:
                name = upward(lines, middle, foot, size=SMALL, bold=head.accent)
            else:
                height = len(lines) * SMALL * LEADING
                name = label(lines, middle, foot - height / 2, size=SMALL, anchor="middle", bold=head.accent)
            area = hit_area(self.x(index), 0, self.wide, self.high)
            marks.append(group(area, name, title=head.label, href=head.href))
        return "".join(marks)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What all rows share: their columns, the room for names, the size of the numbers, the range, the words."""

    over: _Columns
    names: float
    size: float
    span: tuple[Decimal, Decimal]
    words: Words

    def row(self, head: Head, cells: Sequence[Cell], top: float) -> tuple[str, float]:
        """A row with its name, and its height."""
        lines = wrap(head.label, self.names + 0.01, bold=head.accent)
        height = max(LEAST_ROW, len(lines) * SIZE * LEADING + 4)
        name = label(lines, self.names, top + height / 2, anchor="end", bold=head.accent)
        marks = [group(hit_area(0, top, self.names, height), name, title=head.label, href=head.href)]
        for index, (column, cell) in enumerate(zip(self.over.heads, cells, strict=True)):
            place = head.label + self.words.comma + column.label + self.words.colon + cell.words(self.words)
            marks.append(group(self._cell(cell, self.over.x(index), top, height), title=place, href=cell.href))
        return element("g", *marks), height

    def _cell(self, cell: Cell, left: float, top: float, high: float) -> str:
        wide = self.over.wide
        if cell.value is None:
            return _without(left, top, wide, high, applies=cell.applies)
        fill, ink = shade(cell.value, *self.span)
        box = element("rect", x=left + 0.5, y=top + 0.5, width=wide - 1, height=high - 1, fill=fill)
        text = cell.words(self.words)
        return box + label([text], left + wide / 2, top + high / 2, size=self.size, anchor="middle", fill=ink)


def heat_map(
    *,
    title: str,
    description: str,
    columns: Sequence[Head],
    rows: Sequence[tuple[Head, Sequence[Cell]]],
    low: Decimal = Decimal(0),
    high: Decimal = Decimal(100),
    unit: str = "",
    lang: str = "zh",
    width: float = 640,
) -> str:
    """Cells in five shades from `low` to `high`, each with its number, as SVG at least `width` user units wide.

    With many columns the picture grows wider, so that every number keeps its room; the page scrolls it.
    ValueError: a row with more or fewer cells than there are columns, or no range.
    """
    for head, cells in rows:
        if len(cells) != len(columns):
            raise ValueError(f"{head.label}: {len(cells)} cells for {len(columns)} columns")
    if high <= low:
        raise ValueError(f"no range from {low} to {high}")
    words = words_of(lang)
    names = names_column([(head.label, head.accent) for head, _ in rows], width)
    texts = [cell.words(words) for _, cells in rows for cell in cells if cell.value is not None]
    over = _columns(columns, texts, names + GAP, width)
    right = max(width, over.x(len(columns)) + 1)
    size = SMALL if max((width_of(text, SMALL) for text in texts), default=0) + 4 <= over.wide else TINY
    sheet = _Sheet(over, names, size, (low, high), words)
    marks = [over.drawn()]
    top = over.high
    for head, cells in rows:
        mark, height = sheet.row(head, cells, top)
        marks.append(mark)
        top += height
    if not rows or not columns:
        marks.append(label([words.missing], over.left, top + LEAST_ROW / 2, fill=SOFT))
        top += LEAST_ROW
    key, bottom = _legend(top + GAP, right, (low, high), unit, words)
    return document(
        *marks,
        key,
        title=title,
        description=description,
        width=right,
        height=bottom + 2,
        lang=lang,
        linked=_linked(columns, rows),
    )


def _linked(columns: Sequence[Head], rows: Sequence[tuple[Head, Sequence[Cell]]]) -> bool:
    return any(head.href for head in columns) or any(
        head.href or any(cell.href for cell in cells) for head, cells in rows
    )


def _columns(heads: Sequence[Head], texts: Sequence[str], left: float, width: float) -> _Columns:
    """Columns as wide as the picture allows, and no narrower than their numbers and turned names need."""
    turned = [wrap(head.label, _HEAD, SMALL, bold=head.accent) for head in heads]
    least = max([_LEAST_CELL, *(width_of(text, TINY) + 4 for text in texts)])
    wide = min(max(least, (width - left) / max(1, len(heads))), max(least, _MOST_CELL))
    upright = [wrap(head.label, wide - 6, SMALL, bold=head.accent) for head in heads]
    if all(len(lines) <= 3 for lines in upright) and wide > 40:
        high = max((len(lines) for lines in upright), default=0) * SMALL * LEADING + 10
        return _Columns(heads, upright, False, left, wide, high)
    wide = max([wide, *(len(lines) * SMALL * LEADING + 2 for lines in turned)])
    names = [(part, head.accent) for head, lines in zip(heads, turned, strict=True) for part in lines]
    longest = max((width_of(part, SMALL, bold=bold) for part, bold in names), default=0)
    return _Columns(heads, turned, True, left, wide, longest + 10)


def _without(left: float, top: float, wide: float, high: float, *, applies: bool) -> str:
    """A cell without a value: white with a cross where one is missing, grey with a dash where none is due."""
    x, middle = left + wide / 2, top + high / 2
    fill = PAPER if applies else PALE
    box = element(
        "rect", x=left + 0.5, y=top + 0.5, width=wide - 1, height=high - 1, fill=fill, stroke=RULE if applies else None
    )
    return box + (cross(x, middle) if applies else line(x - 4, middle, x + 4, middle, stroke=MARK, stroke_width=1.4))


def shade(value: Decimal, low: Decimal, high: Decimal) -> tuple[str, str]:
    """The shade of a value and the colour of the letters on it; what lies outside the range has the outermost."""
    step = int((value - low) * len(SHADES) / (high - low)) if value > low else 0
    return SHADES[min(step, len(SHADES) - 1)]


def _legend(top: float, right: float, span: tuple[Decimal, Decimal], unit: str, words: Words) -> tuple[str, float]:
    """What the shades and marks stand for, in as many lines as it takes; and where it ends."""
    low, high = span
    step = (high - low) / len(SHADES)
    entries: list[tuple[str, str]] = [
        (fill, f"{quantity(low + place * step)}–{quantity(low + (place + 1) * step, unit)}")
        for place, (fill, _) in enumerate(SHADES)
    ]
    entries += [("", words.missing), ("—", words.not_applicable)]
    marks = []
    x, middle = 0.0, top + LEAST_ROW / 2
    for fill, text in entries:
        wide = _SAMPLE + 5 + width_of(text, SMALL)
        if x and x + wide > right:
            x, middle = 0.0, middle + SMALL * LEADING + 6
        marks.append(_sample(fill, x, middle) + label([text], x + _SAMPLE + 5, middle, size=SMALL, fill=SOFT))
        x += wide + 14
    return element("g", *marks), middle + LEAST_ROW / 2


def _sample(fill: str, x: float, middle: float) -> str:
    if fill.startswith("#"):
        return element("rect", x=x, y=middle - 7, width=_SAMPLE, height=14, fill=fill)
    return _without(x, middle - 7, _SAMPLE, 14, applies=not fill)
