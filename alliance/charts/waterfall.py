"""Waterfall: from one total to the next, line by line: what rose, what fell, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .lettering import LEADING, SMALL
from .rows import GAP, LEAST_ROW, THICK, Bar, Row, column_of, rows_of
from .svg import ACCENT, MARK, PAPER, SOFT, document, element, group, hit_area, label, line
from .words import Words, words_of

_RISE, _FALL = "#4a5560", PAPER  # full and hollow: they differ in grey and on paper too
_LEAST = 1.0  # width of a step that is not nought


@dataclass(frozen=True, slots=True)
class _Float:
    """A row with the values between which its bar hangs; a total hangs from zero."""

    row: Row
    start: Decimal
    end: Decimal
    total: bool
    hangs: bool = True  # a step has nothing to hang from when the total before it is not known

    @property
    def right(self) -> float:
        return float(max(self.start, self.end))


@dataclass(frozen=True, slots=True)
class _Plot:
    names: float
    right: float
    zero: float
    per_unit: float

    def x(self, value: Decimal | float) -> float:
        return self.zero + float(value) * self.per_unit


def waterfall(
    *,
    title: str,
    description: str,
    start: Bar,
    steps: Sequence[Bar],
    end: Bar,
    unit: str = "",
    lang: str = "zh",
    width: float = 640,
) -> str:
    """The total before, the steps from it, and the total after, as SVG `width` user units wide; totals from zero.

    A step without a value moves nothing and says so. ValueError: both totals are known, every step is, and they do
    not lead from the one to the other.
    """
    _checked(start, steps, end)
    words = words_of(lang)
    bars = [start, *steps, end]
    column = column_of(bars, width)
    head = SMALL * LEADING + 6 if unit else 2
    floats = _floats(rows_of(bars, column, width - column, head))
    plot = _fitted(floats, column, width)
    bottom = floats[-1].row.bottom
    marks = [label([f"{words.unit}{words.colon}{unit}"], 0, (head - 6) / 2, size=SMALL, fill=SOFT) if unit else ""]
    marks.append(line(plot.zero, head, plot.zero, bottom, stroke=SOFT))
    marks += [_joint(one, floats[index + 1], plot) for index, one in enumerate(floats[:-1])]
    marks += [_drawn(one, plot, words) for one in floats]
    return document(
        *marks,
        title=title,
        description=description,
        width=width,
        height=bottom + 4,
        lang=lang,
        linked=any(bar.href for bar in bars),
    )


def _checked(start: Bar, steps: Sequence[Bar], end: Bar) -> None:
    known = [step.value for step in steps if step.value is not None]
    if start.value is None or end.value is None or len(known) < len(steps):
        return
    reached = start.value + sum(known, Decimal(0))
    if reached != end.value:
        raise ValueError(f"the steps lead from {start.value} to {reached}, not to {end.value}")


def _floats(rows: Sequence[Row]) -> list[_Float]:
    """Where each bar hangs; a step goes on from the one before it."""
    zero = Decimal(0)
    reached = rows[0].bar.value or zero
    floats = [_Float(rows[0], zero, reached, total=True)]
    for row in rows[1:-1]:
        after = reached + (row.bar.value or zero)
        if rows[0].bar.value is None:
            after = zero
        floats.append(_Float(row, reached, after, total=False, hangs=rows[0].bar.value is not None))
        reached = after
    last = rows[-1].bar.value
    return [*floats, _Float(rows[-1], zero, reached if last is None else last, total=True)]


def _fitted(floats: Sequence[_Float], names: float, right: float) -> _Plot:
    """The largest scale at which every bar and the value to its right still fit."""
    low = min(float(min(one.start, one.end)) for one in floats)
    left = names + GAP
    scales = [(right - left - one.row.tail) / (one.right - low) for one in floats if one.right > low]
    per_unit = max(0.0, min(scales, default=0.0))
    return _Plot(names, right, left - low * per_unit, per_unit)


def _joint(one: _Float, following: _Float, plot: _Plot) -> str:
    """A thin line from where a bar ends to where the next one begins; a total that is not known has none."""
    if not (one.hangs and following.hangs) or any(
        part.total and part.row.bar.value is None for part in (one, following)
    ):
        return ""
    x = plot.x(one.end)
    top, bottom = one.row.middle + THICK / 2, following.row.middle - THICK / 2
    return line(x, top, x, bottom, stroke=MARK, stroke_width=0.8, stroke_dasharray="2 2")


def _drawn(one: _Float, plot: _Plot, words: Words) -> str:
    row = one.row
    return group(
        hit_area(0, row.top, plot.right, max(row.height, LEAST_ROW)),
        row.named(plot.names),
        _body(one, plot),
        row.valued(plot.x(one.right) + GAP),
        title=row.told(words.colon, words.comma),
        href=row.bar.href,
    )


def _body(one: _Float, plot: _Plot) -> str:
    """The bar: a total full, a rise dark, a fall hollow; of nought a stroke where it stands."""
    row = one.row
    top = row.middle - THICK / 2
    if not one.hangs:
        return ""
    if not row.bar.value:
        x = plot.x(one.end)
        return "" if one.total else line(x, top, x, top + THICK, stroke=MARK, stroke_width=1.4)
    left, right = sorted((plot.x(one.start), plot.x(one.end)))
    if one.total:
        fill = ACCENT if row.bar.accent else MARK
        return element("rect", x=left, y=top, width=right - left, height=THICK, fill=fill)
    fill = _RISE if row.bar.value > 0 else _FALL
    wide = max(right - left, _LEAST)
    return element("rect", x=left, y=top, width=wide, height=THICK, fill=fill, stroke=_RISE, stroke_width=1)
