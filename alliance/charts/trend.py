"""Trend: some series over periods, each line named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .ends import End, lines_of, spread
from .lettering import LEADING, SIZE, SMALL, width_of, wrap
from .periods import named
from .scale import quantity, ticks
from .series import KEY, Pen, Series, checked, cross, pens, runs
from .svg import ACCENT, INK, MARK, PALE, RULE, SOFT, document, element, group, hit_area, label, line, path
from .words import Words, words_of

_LEAST_PLOT = 220.0  # height
_INSET = 12.0  # from the edges of the plot to the first and last point
_LEAST_NAME = 150.0  # room for a name with its key
_OUT = 16.0  # from the plot to the names
_RISE = 8.0  # names may begin this far above the plot
_POINTED = 24.0  # across the place that can be pointed at about a value
_MANY = 13  # this many periods get smaller markers


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of values that counts as normal, shaded behind the lines."""

    low: Decimal
    high: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where values and periods stand, in user units; `last` is the newest period with any value."""

    left: float
    right: float
    top: float
    bottom: float
    ticks: tuple[Decimal, ...]
    periods: Sequence[str]
    last: int

    @property
    def step(self) -> float:
        return (self.right - self.left - 2 * _INSET) / max(1, len(self.periods) - 1)

    def x(self, index: int) -> float:
        """Of a period; a lone one stands in the middle."""
        if len(self.periods) == 1:
            return (self.left + self.right) / 2
        return self.left + _INSET + index * self.step

    def y(self, value: Decimal) -> float:
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return self.bottom - float(share) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How values are told: their unit, and the words of the language."""

    unit: str
    words: Words

    def told(self, value: Decimal | None) -> str:
        return self.words.missing if value is None else quantity(value, self.unit)


def trend(
    *,
    title: str,
    description: str,
    periods: Sequence[str],
    series: Sequence[Series],
    unit: str = "",
    band: Band | None = None,
    target: Decimal | None = None,
    from_zero: bool = False,
    lang: str = "zh",
    width: float = 640,
) -> str:
    """Up to seven lines over one or more periods, as SVG `width` user units wide; `from_zero` where what is above zero
    is compared, such as sums to date.

    A missing value leaves a gap and a cross on the time axis. Periods after the last value stay empty: they
    are still to come.
    """
    checked(series, len(periods))
    manner = _Manner(unit, words_of(lang))
    last = _newest(series)
    room = max(_LEAST_NAME, 0.32 * width)
    ends = [_end(one, last, manner, room) for one in series]
    guides = _guides(band, target, manner, room)
    plot = _laid(periods, last, [*ends, *guides], _scale(series, band, target, from_zero), width)
    middles = _middles([*ends, *guides], plot)
    missing = _missing(series, plot, manner)
    return document(
        _head(manner, bool(missing)),
        _ground(plot, band),
        *_guided(guides, middles[len(ends) :], plot, band),
        _calendar(plot),
        *_lines(series, ends, middles, plot, manner, width),
        missing,
        title=title,
        description=description,
        width=width,
        height=plot.bottom + 2 * SMALL * LEADING + 10,
        lang=lang,
        linked=any(one.href or any(one.hrefs) for one in series),
    )


def _newest(series: Sequence[Series]) -> int:
    """Index of the newest period with any value, -1 where there is none at all."""
    known = [index for one in series for index, value in enumerate(one.values) if value is not None]
    return max(known, default=-1)


def _middles(ends: Sequence[End], plot: _Plot) -> list[float]:
    """Heights for the names, each as near to the end of its line as the others let it."""
    wanted = [plot.bottom if end.value is None else plot.y(end.value) for end in ends]
    heights = [end.high for end in ends]
    low = plot.top - _RISE
    return spread(wanted, heights, low, max(plot.bottom, low + sum(heights)))


def _end(series: Series, last: int, manner: _Manner, room: float) -> End:
    """The name of a line with its newest value, at the height of the last value that there is."""
    known = [value for value in series.values if value is not None]
    newest = series.values[last] if last >= 0 else None
    value = manner.words.lacking if newest is None else manner.told(newest)
    lines = lines_of(series.label, value, room, bold=series.accent)
    return End(lines, known[-1] if known else None, series.accent, bool(series.href))


def _guides(band: Band | None, target: Decimal | None, manner: _Manner, room: float) -> list[End]:
    """The names of the target and of the band, where there are such."""
    guides = []
    if target is not None:
        guides.append(End(lines_of(manner.words.target, manner.told(target), room), target))
    if band is not None:
        guides.append(End(wrap(band.label, room - KEY), (band.low + band.high) / 2))
    return guides


def _scale(series: Sequence[Series], band: Band | None, target: Decimal | None, from_zero: bool) -> tuple[Decimal, ...]:
    """Round values for the axis, which begins at zero unless the lines would lie flat far above it."""
    shown = [value for one in series for value in one.values if value is not None]
    shown += [band.low, band.high] if band else []
    shown += [target] if target is not None else []
    low, high = (min(shown), max(shown)) if shown else (Decimal(0), Decimal(1))
    if 0 <= low <= high / 2 or (from_zero and low > 0):
        low = Decimal(0)
    if low / 2 <= high <= 0 and low < 0:
        high = Decimal(0)
    return ticks(low, high)


def _laid(periods: Sequence[str], last: int, ends: Sequence[End], scale: tuple[Decimal, ...], width: float) -> _Plot:
    """The plot between the values of the axis at its left and the names of the lines at its right."""
    left = max(width_of(quantity(tick), SMALL) for tick in scale) + 8
    right = width - max((end.wide + _OUT for end in ends), default=0) - 2
    top = SMALL * LEADING + 14
    high = max(_LEAST_PLOT, sum(end.high for end in ends) - _RISE)
    return _Plot(left, right, top, top + high, scale, periods, last)


def _head(manner: _Manner, missing: bool) -> str:
    """The unit of the axis, and what a cross means if there is one."""
    words = manner.words
    text = f"{words.unit}{words.colon}{manner.unit}" if manner.unit else ""
    middle = SMALL * LEADING / 2
    marks = label([text], 0, middle, size=SMALL, fill=SOFT) if text else ""
    if missing:
        x = width_of(text, SMALL) + 20 if text else 6
        marks += cross(x, middle) + label([words.missing], x + 8, middle, size=SMALL, fill=SOFT)
    return marks


def _ground(plot: _Plot, band: Band | None) -> str:
    """The band, the grid, and the values of the axis."""
    marks = []
    if band:
        y = plot.y(band.high)
        high = plot.y(band.low) - y
        marks.append(element("rect", x=plot.left, y=y, width=plot.right - plot.left, height=high, fill=PALE))
    for tick in plot.ticks:
        y = plot.y(tick)
        stroke = SOFT if tick == plot.ticks[0] or tick == 0 else RULE
        marks.append(line(plot.left, y, plot.right, y, stroke=stroke))
        marks.append(label([quantity(tick)], plot.left - 6, y, size=SMALL, anchor="end", fill=SOFT))
    return element("g", *marks)


def _guided(guides: Sequence[End], middles: Sequence[float], plot: _Plot, band: Band | None) -> list[str]:
    """Target and band with their names; the target has its line, the band a patch of its shade as key."""
    marks = []
    x = plot.right + _OUT
    for index, (guide, middle) in enumerate(zip(guides, middles, strict=True)):
        first = middle - (len(guide.lines) - 1) / 2 * SIZE * LEADING
        y = plot.y(guide.value or Decimal(0))
        if band and index == len(guides) - 1:
            key = element("rect", x=x, y=first - 6, width=KEY - 6, height=12, fill=PALE, stroke=MARK)
        else:
            key = _rule(x, x + KEY - 6, first) + _rule(plot.left, plot.right, y)
        marks.append(_leader(plot, plot.right, y, first) + key + label(guide.lines, x + KEY, middle))
    return marks


def _rule(start: float, end: float, y: float) -> str:
    return line(start, y, end, y, stroke=INK, stroke_width=1.2, stroke_dasharray="5 2 1 2")


def _leader(plot: _Plot, start: float, y: float, middle: float) -> str:
    """From the end of a line to its name, where the name had to give way.

    All turn off at the edge of the plot: from there on no two of them cross.
    """
    if abs(y - middle) < 3:
        return ""
    turns = [(start + 2, y), (plot.right + 2, y), (plot.right + _OUT - 3, middle)]
    return element("path", d=path(turns), fill="none", stroke=MARK, stroke_width=0.8)


def _calendar(plot: _Plot) -> str:
    marks = []
    for index, name, year in named(plot.periods, plot.step):
        x = plot.x(index)
        marks.append(line(x, plot.bottom, x, plot.bottom + 4, stroke=SOFT))
        for row, text in enumerate((name, year)):
            y = plot.bottom + 6 + (row + 0.5) * SMALL * LEADING
            marks.append(label([text], x, y, size=SMALL, anchor="middle", fill=SOFT) if text else "")
    return element("g", *marks)


def _lines(
    series: Sequence[Series],
    ends: Sequence[End],
    middles: Sequence[float],
    plot: _Plot,
    manner: _Manner,
    width: float,
) -> list[str]:
    """Each series as its line and its name under one link, its values under their own; the accent lies on top."""
    marks: list[tuple[bool, str]] = []
    for one, pen, end, middle in zip(series, pens(series), ends, middles, strict=False):
        name = _name(one, pen, end, middle, plot, width)
        newest = one.values[plot.last] if plot.last >= 0 else None
        title = f"{one.label}{manner.words.colon}{manner.told(newest)}"
        line = _line(one, pen, plot)
        values = _values(one, pen, plot, manner)
        within, beside = ("", values) if one.hrefs else (values, "")
        marks.append((one.accent, group(line, within, name, title=title, href=one.href) + beside))
    return [mark for _, mark in sorted(marks, key=lambda mark: mark[0])]


def _points(series: Series, plot: _Plot) -> list[tuple[float, float] | None]:
    return [None if value is None else (plot.x(index), plot.y(value)) for index, value in enumerate(series.values)]


def _line(series: Series, pen: Pen, plot: _Plot) -> str:
    points = _points(series, plot)
    strokes = [pen.stroke([point for index in stretch if (point := points[index])]) for stretch in runs(series.values)]
    return "".join(strokes)


def _values(series: Series, pen: Pen, plot: _Plot, manner: _Manner) -> str:
    """The markers of a series, each under its own link where it has one."""
    radius = 3.2 if len(plot.periods) < _MANY else 2.3
    wide = min(_POINTED, plot.step) if len(plot.periods) > 1 else _POINTED
    marks = []
    for index, (point, value) in enumerate(zip(_points(series, plot), series.values, strict=True)):
        if point is None:
            continue
        title = f"{plot.periods[index]} {series.label}{manner.words.colon}{manner.told(value)}"
        if series.hrefs:
            x, y = point
            around = hit_area(x - wide / 2, y - _POINTED / 2, wide, _POINTED)
            marks.append(group(around, pen.marker(x, y, radius), title=title, href=series.hrefs[index]))
        else:
            marks.append(pen.marker(*point, radius, title))
    return "".join(marks)


def _name(series: Series, pen: Pen, end: End, middle: float, plot: _Plot, width: float) -> str:
    x = plot.right + _OUT
    first = middle - (len(end.lines) - 1) / 2 * SIZE * LEADING
    fill = ACCENT if series.accent else INK
    newest = series.values[plot.last] if plot.last >= 0 else None
    leader = "" if newest is None else _leader(plot, plot.x(plot.last) + 4, plot.y(newest), first)
    return "".join(
        (
            hit_area(x, middle - end.high / 2, width - x, end.high),
            leader,
            pen.key(x, first),
            label(end.lines, x + KEY, middle, fill=fill, bold=series.accent),
        )
    )


def _missing(series: Sequence[Series], plot: _Plot, manner: _Manner) -> str:
    """A cross on the time axis under each period that lacks a value, up to the last that has any."""
    marks = []
    for index in range(plot.last + 1):
        lost = [one.label for one in series if one.values[index] is None]
        if lost:
            words = manner.words
            told = f"{plot.periods[index]} {words.missing}{words.colon}{words.comma.join(lost)}"
            marks.append(cross(plot.x(index), plot.bottom - 7, told))
    return "".join(marks)
