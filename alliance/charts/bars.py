"""Ranked bars: one horizontal bar a member, in the order given, from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .lettering import LEADING, SIZE, SMALL, width_of, wrap
from .scale import quantity
from .svg import ACCENT, INK, MARK, SOFT, document, element, group, hit_area, label, line, path
from .words import Words, words_of

_THICK = 14.0
_GAP = 8.0  # between name and bar, bar and value, value and note
_LEAST_ROW = 25.0
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


@dataclass(frozen=True, slots=True)
class Reference:
    """A value to compare with, drawn as a line down through the bars; the label is shown as it is."""

    value: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class _Row:
    bar: Bar
    top: float
    name: tuple[str, ...]
    beside: str  # the note behind the value
    below: tuple[str, ...]  # the note below the name, when it is too long to stand behind

    @property
    def words(self) -> str:
        return self.bar.text or ("—" if self.bar.value is None else quantity(self.bar.value))

    @property
    def value(self) -> float:
        return float(self.bar.value or 0)

    @property
    def tail(self) -> float:
        """Width of what stands behind the bar: gap, value, note."""
        note = _GAP + width_of(self.beside, SMALL) if self.beside else 0
        return _GAP + width_of(self.words, bold=self.bar.accent) + note

    @property
    def height(self) -> float:
        lines = len(self.name) * SIZE + len(self.below) * SMALL
        return max(_LEAST_ROW, lines * LEADING + 4)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where things stand, in user units: the bars from `left` to `right`, zero at `zero`."""

    names: float  # where the names end
    left: float
    right: float
    top: float
    bottom: float
    zero: float
    per_unit: float

    def x(self, value: float) -> float:
        return self.zero + value * self.per_unit


def ranked_bars(
    *,
    title: str,
    description: str,
    bars: Sequence[Bar],
    unit: str = "",
    reference: Reference | None = None,
    lang: str = "zh",
    width: float = 640,
) -> str:
    """Bars from zero with their values at the ends, as SVG `width` user units wide.

    The caller has ranked the bars and written their texts. A bar without a value shows its text, or a dash.
    """
    words = words_of(lang)
    column = _column(bars, width)
    head = _Head.of(unit, reference, column, width, words)
    rows = _rows(bars, column, width - column, head.high)
    bottom = rows[-1].top + rows[-1].height if rows else head.high + _LEAST_ROW
    plot = _scaled(rows, reference, column, width, head.high, bottom)
    marks = [head.drawn(), *(_drawn(row, plot, words) for row in rows)]
    marks.append(line(plot.zero, plot.top, plot.zero, plot.bottom, stroke=SOFT))
    if reference:
        marks.append(_reference(reference, head, rows, plot))
    if not rows:
        marks.append(label([words.missing], plot.zero + _GAP, (plot.top + plot.bottom) / 2, fill=SOFT))
    return document(
        *marks,
        title=title,
        description=description,
        width=width,
        height=bottom + 4,
        lang=lang,
        linked=any(bar.href for bar in bars),
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """The line above the bars: the unit at its left, and the name of the reference where the line stands."""

    unit: str
    left: float  # where the unit leaves room
    right: float
    reference: tuple[str, ...]

    @classmethod
    def of(cls, unit: str, reference: Reference | None, column: float, width: float, words: Words) -> _Head:
        told = f"{words.unit}{words.colon}{unit}" if unit else ""
        left = max(column + _GAP, width_of(told, SMALL) + 2 * _GAP if told else 0)
        return cls(told, left, width, wrap(reference.label, width - left, SMALL) if reference else ())

    @property
    def high(self) -> float:
        lines = max(len(self.reference), 1 if self.unit else 0)
        return lines * SMALL * LEADING + 6 if lines else 2

    def drawn(self) -> str:
        return label([self.unit], 0, SMALL * LEADING / 2, size=SMALL, fill=SOFT) if self.unit else ""


def _column(bars: Sequence[Bar], width: float) -> float:
    """Width for the names: no wider than it takes to set each of them in two lines, if that can be."""
    least = _LEAST_NOTE if any(bar.note for bar in bars) else 0.0
    widest = least
    for share in (0.30, 0.36, 0.42):
        names = [wrap(bar.label, share * width, bold=bar.accent) for bar in bars]
        widest = max(
            (width_of(part, bold=bar.accent) for bar, name in zip(bars, names, strict=True) for part in name),
            default=0,
        )
        widest = max(widest, least)
        if all(len(name) <= 2 for name in names):
            break
    return widest


def _rows(bars: Sequence[Bar], column: float, room: float, top: float) -> list[_Row]:
    """The rows one under another; a note stands behind its value where that leaves the bars room enough."""
    below_zero = any(bar.value is not None and bar.value < 0 for bar in bars)
    rows: list[_Row] = []
    for bar in bars:
        row = _Row(bar, top, wrap(bar.label, column + 0.01, bold=bar.accent), beside=bar.note, below=())
        share = 0.9 if bar.value is None and not below_zero else 0.4
        if bar.note and row.tail > share * room - _GAP:
            row = replace(row, beside="", below=wrap(bar.note, max(column, _LEAST_NOTE), SMALL))
        rows.append(row)
        top += row.height
    return rows


def _scaled(
    rows: Sequence[_Row], reference: Reference | None, names: float, right: float, top: float, bottom: float
) -> _Plot:
    """The largest scale at which every bar and the value behind it still fit, to either side of zero."""
    ends = [(row.value, row.tail) for row in rows]
    ends += [(float(reference.value), 4.0)] if reference else []
    back = [(-value, tail) for value, tail in ends if value < 0] or [(0.0, 0.0)]
    forth = [(value, tail) for value, tail in ends if value >= 0] or [(0.0, 0.0)]
    # Left of zero a value stands next to a name and needs more air than a bar does.
    left = names + (2 * _GAP if any(row.value < 0 for row in rows) else _GAP)
    scales = [
        (right - left - room_back - room_forth) / (far_back + far_forth)
        for far_back, room_back in back
        for far_forth, room_forth in forth
        if far_back + far_forth > 0
    ]
    per_unit = max(0.0, min(scales, default=0.0))
    zero = left + max(value * per_unit + tail for value, tail in back)
    return _Plot(names, left, right, top, bottom, zero, per_unit)


def _drawn(row: _Row, plot: _Plot, words: Words) -> str:
    bar = row.bar
    told = words.comma.join(part for part in (row.words, bar.note) if part)
    fill = ACCENT if bar.accent else INK
    start, _ = _tail(row, plot)
    after = start + width_of(row.words, bold=bar.accent) + _GAP
    return group(
        hit_area(0, row.top, plot.right, row.height),
        _name(row, plot.names),
        _body(row, plot),
        label([row.words], start, row.middle, fill=SOFT if bar.value is None else fill, bold=bar.accent),
        label([row.beside], after, row.middle, size=SMALL, fill=SOFT) if row.beside else "",
        title=f"{bar.label}{words.colon}{told}",
        href=bar.href,
    )


def _name(row: _Row, right: float) -> str:
    """The name, set against the bars, and below it the note that had no room behind the value."""
    low = len(row.below) * SMALL * LEADING
    high = len(row.name) * SIZE * LEADING
    fill = ACCENT if row.bar.accent else INK
    name = label(row.name, right, row.middle - low / 2, anchor="end", fill=fill, bold=row.bar.accent)
    note = label(row.below, right, row.middle + high / 2, size=SMALL, anchor="end", fill=SOFT)
    return name + note


def _body(row: _Row, plot: _Plot) -> str:
    if not row.bar.value:
        return ""
    ends = sorted((plot.zero, plot.x(row.value)))
    return element(
        "rect",
        x=ends[0],
        y=row.middle - _THICK / 2,
        width=ends[1] - ends[0],
        height=_THICK,
        fill=ACCENT if row.bar.accent else MARK,
    )


def _tail(row: _Row, plot: _Plot) -> tuple[float, float]:
    """Where value and note begin and end: behind the bar, so to the left of one below zero."""
    end = plot.x(row.value)
    text = row.tail - _GAP
    return (end - row.tail, end - _GAP) if row.value < 0 else (end + _GAP, end + _GAP + text)


def _reference(reference: Reference, head: _Head, rows: Sequence[_Row], plot: _Plot) -> str:
    """The line goes round the texts that it would strike through."""
    x = plot.x(float(reference.value))
    drawn = ""
    free = plot.top
    for row in rows:
        start, end = _tail(row, plot)
        if start - 3 < x < end + 3:
            drawn += path([(x, free), (x, row.middle - SIZE / 2 - 2)])
            free = row.middle + SIZE / 2 + 2
    drawn += path([(x, free), (x, plot.bottom)])
    half = max((width_of(part, SMALL) for part in head.reference), default=0) / 2
    middle = min(max(x, head.left + half), head.right - half)
    return group(
        label(head.reference, middle, (plot.top - 4) / 2, size=SMALL, anchor="middle", fill=INK),
        element("path", d=drawn, stroke=INK, stroke_width=1.4, stroke_dasharray="4 3"),
        title=reference.label,
    )
