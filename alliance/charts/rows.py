"""Rows: a name at the left, and what is to be read at the end of a bar, for charts that go line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .lettering import LEADING, SIZE, SMALL, width_of, wrap
from .scale import quantity
from .svg import ACCENT, INK, SOFT, label

THICK = 14.0  # of a bar
GAP = 8.0  # between name and bar, bar and value, value and note
LEAST_ROW = 25.0
_LEAST_NOTE = 60.0  # width


@dataclass(frozen=True, slots=True)
class Bar:
    """A name, its value or None, the value as it is to be read, and a note such as 'tied' or 'filed late'."""

    label: str
    value: Decimal | None
    text: str
    accent: bool = False
    href: str = ""
    note: str = ""

    @property
    def words(self) -> str:
        """The value as it is read; a dash where there is none and no word for it."""
        return self.text or ("—" if self.value is None else quantity(self.value))


@dataclass(frozen=True, slots=True)
class Row:
    """A bar with its place in the picture."""

    bar: Bar
    top: float
    name: tuple[str, ...]
    beside: str  # the note behind the value
    below: tuple[str, ...]  # the note below the name, when it is too long to stand behind

    @property
    def value(self) -> float:
        return float(self.bar.value or 0)

    @property
    def tail(self) -> float:
        """Width of what stands behind the bar: gap, value, note."""
        note = GAP + width_of(self.beside, SMALL) if self.beside else 0
        return GAP + width_of(self.bar.words, bold=self.bar.accent) + note

    @property
    def height(self) -> float:
        lines = len(self.name) * SIZE + len(self.below) * SMALL
        return max(LEAST_ROW, lines * LEADING + 4)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def told(self, colon: str, comma: str) -> str:
        """Name, value and note in one line."""
        return self.bar.label + colon + comma.join(part for part in (self.bar.words, self.bar.note) if part)

    def named(self, right: float) -> str:
        """The name, set against the bars, and below it the note that had no room behind the value."""
        low = len(self.below) * SMALL * LEADING
        high = len(self.name) * SIZE * LEADING
        fill = ACCENT if self.bar.accent else INK
        name = label(self.name, right, self.middle - low / 2, anchor="end", fill=fill, bold=self.bar.accent)
        note = label(self.below, right, self.middle + high / 2, size=SMALL, anchor="end", fill=SOFT)
        return name + note

    def valued(self, start: float) -> str:
        """Value and note, beginning at `start`."""
        after = start + width_of(self.bar.words, bold=self.bar.accent) + GAP
        fill = SOFT if self.bar.value is None else ACCENT if self.bar.accent else INK
        value = label([self.bar.words], start, self.middle, fill=fill, bold=self.bar.accent)
        return value + (label([self.beside], after, self.middle, size=SMALL, fill=SOFT) if self.beside else "")


def column_of(bars: Sequence[Bar], width: float) -> float:
    """Width for the names: no wider than it takes to set each of them in two lines, if that can be."""
    return names_column([(bar.label, bar.accent) for bar in bars], width, _least(bars))


def names_column(names: Sequence[tuple[str, bool]], width: float, least: float = 0.0) -> float:
    """The same for names alone, each with whether it is set bold."""
    widest = least
    for share in (0.30, 0.36, 0.42):
        wrapped = [(wrap(name, share * width, bold=bold), bold) for name, bold in names]
        widest = max((width_of(part, bold=bold) for lines, bold in wrapped for part in lines), default=0)
        widest = max(widest, least)
        if all(len(lines) <= 2 for lines, _ in wrapped):
            break
    return widest


def _least(bars: Sequence[Bar]) -> float:
    return _LEAST_NOTE if any(bar.note for bar in bars) else 0.0


def rows_of(bars: Sequence[Bar], column: float, room: float, top: float) -> list[Row]:
    """The rows one under another; a note stands behind its value where that leaves the bars room enough."""
    below_zero = any(bar.value is not None and bar.value < 0 for bar in bars)
    rows: list[Row] = []
    for bar in bars:
        row = Row(bar, top, wrap(bar.label, column + 0.01, bold=bar.accent), beside=bar.note, below=())
        share = 0.9 if bar.value is None and not below_zero else 0.4
        if bar.note and row.tail > share * room - GAP:
            row = replace(row, beside="", below=wrap(bar.note, max(column, _LEAST_NOTE), SMALL))
        rows.append(row)
        top += row.height
    return rows
