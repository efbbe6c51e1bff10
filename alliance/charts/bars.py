"""Ranked bars: one horizontal bar a member, in the order given, from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .lettering import LEADING, SIZE, SMALL, width_of, wrap
from .rows import GAP, LEAST_ROW, THICK, Bar, Row, column_of, rows_of
from .svg import ACCENT, INK, MARK, SOFT, document, element, group, hit_area, label, line, path
from .words import Words, words_of

_CLEAR = 5.0  # from the line of the reference to a value beside it


@dataclass(frozen=True, slots=True)
class Reference:
    """A value to compare with, drawn as a line down through the bars; the label is shown as it is."""

    value: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where things stand, in user units: the bars from `left` to `right`, zero at `zero`, the reference at `mark`."""

    names: float  # where the names end
    left: float
    right: float
    top: float
    bottom: float
    zero: float
    per_unit: float
    mark: float | None

    def x(self, value: float) -> float:
        return self.zero + value * self.per_unit

    def strikes(self, start: float, end: float) -> bool:
        """Whether the line of the reference would run through what stands from start to end, or touch it."""
        return self.mark is not None and start - 3 < self.mark < end + 3

    def tail(self, row: Row) -> tuple[float, float]:
        """Where value and note begin and end: behind the bar, so to the left of one below zero; where the line of the
        reference would run through them, beyond the line, if there is room."""
        end, text = self.x(row.value), row.tail - GAP
        back = row.value < 0
        start = end - row.tail if back else end + GAP
        if self.mark is not None and self.strikes(start, start + text):
            beyond = self.mark - _CLEAR - text if back else self.mark + _CLEAR
            if beyond >= self.names + GAP if back else beyond + text <= self.right:
                start = beyond
        return start, start + text


def ranked_bars(
    *,
    title: str,
    description: str,
    bars: Sequence[Bar],
    unit: str = "",
    reference: Reference | None = None,
    highest: Decimal | None = None,
    beside: Sequence[Bar] = (),
    lang: str = "zh",
    width: float = 640,
) -> str:
    """Bars from zero with their values at the ends, as SVG `width` user units wide.

    The caller has ranked the bars and written their texts. A bar without a value shows its text, or a dash. `highest`
    is a value that the scale reaches at least, and `beside` are bars that would fit too, so that the pictures of one
    ranking can be held side by side.
    """
    words = words_of(lang)
    every = [*bars, *beside]
    column = column_of(every, width)
    head = _Head.of(unit, reference, column, width, words)
    rows = rows_of(bars, column, width - column, head.high)
    bottom = rows[-1].bottom if rows else head.high + LEAST_ROW
    plot = _scaled(
        rows_of(every, column, width - column, head.high), reference, highest, column, width, head.high, bottom
    )
    marks = [head.drawn(), *(_drawn(row, plot, words) for row in rows)]
    marks.append(line(plot.zero, plot.top, plot.zero, plot.bottom, stroke=SOFT))
    if reference:
        marks.append(_reference(reference, head, rows, plot))
    if not rows:
        marks.append(label([words.missing], plot.zero + GAP, (plot.top + plot.bottom) / 2, fill=SOFT))
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
        left = max(column + GAP, width_of(told, SMALL) + 2 * GAP if told else 0)
        return cls(told, left, width, wrap(reference.label, width - left, SMALL) if reference else ())

    @property
    def high(self) -> float:
        lines = max(len(self.reference), 1 if self.unit else 0)
        return lines * SMALL * LEADING + 6 if lines else 2

    def drawn(self) -> str:
        return label([self.unit], 0, SMALL * LEADING / 2, size=SMALL, fill=SOFT) if self.unit else ""


def _scaled(
    rows: Sequence[Row],
    reference: Reference | None,
    highest: Decimal | None,
    names: float,
    right: float,
    top: float,
    bottom: float,
) -> _Plot:
    """The largest scale at which every bar and the value behind it still fit, to either side of zero.

    Values that the line of the reference would run through get room beyond it.
    """
    ends = [(row.value, row.tail) for row in rows]
    if highest is not None:
        ends.append((float(highest), max((row.tail for row in rows), default=0.0)))
    if reference is None:
        return _fitted(ends, rows, None, names, right, top, bottom)
    mark = float(reference.value)
    first = _fitted([*ends, (mark, 4.0)], rows, mark, names, right, top, bottom)
    tails = ((row, first.x(row.value) + (-row.tail if row.value < 0 else GAP)) for row in rows)
    struck = [row for row, start in tails if row.bar.value is not None and first.strikes(start, start + row.tail - GAP)]
    beyond = [(mark, row.tail - GAP + _CLEAR) for row in struck if (row.value < 0) == (mark < 0)]
    return _fitted([*ends, (mark, 4.0), *beyond], rows, mark, names, right, top, bottom)


def _fitted(
    ends: Sequence[tuple[float, float]],
    rows: Sequence[Row],
    mark: float | None,
    names: float,
    right: float,
    top: float,
    bottom: float,
) -> _Plot:
    """The plot in which all the ends fit: each a value and the room behind it, in user units."""
    back = [(-value, tail) for value, tail in ends if value < 0] or [(0.0, 0.0)]
    forth = [(value, tail) for value, tail in ends if value >= 0] or [(0.0, 0.0)]
    # Left of zero a value stands next to a name and needs more air than a bar does.
    left = names + (2 * GAP if any(row.value < 0 for row in rows) else GAP)
    scales = [
        (right - left - room_back - room_forth) / (far_back + far_forth)
        for far_back, room_back in back
        for far_forth, room_forth in forth
        if far_back + far_forth > 0
    ]
    per_unit = max(0.0, min(scales, default=0.0))
    zero = left + max(value * per_unit + tail for value, tail in back)
    return _Plot(names, left, right, top, bottom, zero, per_unit, None if mark is None else zero + mark * per_unit)


def _drawn(row: Row, plot: _Plot, words: Words) -> str:
    start, _ = plot.tail(row)
    return group(
        hit_area(0, row.top, plot.right, row.height),
        row.named(plot.names),
        _body(row, plot),
        row.valued(start),
        title=row.told(words.colon, words.comma),
        href=row.bar.href,
    )


def _body(row: Row, plot: _Plot) -> str:
    if not row.bar.value:
        return ""
    ends = sorted((plot.zero, plot.x(row.value)))
    return element(
        "rect",
        x=ends[0],
        y=row.middle - THICK / 2,
        width=ends[1] - ends[0],
        height=THICK,
        fill=ACCENT if row.bar.accent else MARK,
    )


def _reference(reference: Reference, head: _Head, rows: Sequence[Row], plot: _Plot) -> str:
    """The line; it goes round the few texts that had no room beyond it."""
    x = plot.x(float(reference.value))
    drawn = ""
    free = plot.top
    for row in rows:
        if plot.strikes(*plot.tail(row)):
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
