"""Radar: some members over the dimensions of a scheme, each dimension an axis from the centre outward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import cos, pi, sin

from . import legend
from .lettering import LEADING, SIZE, least_room, width_of, wrap
from .scale import quantity
from .series import Series, alike, checked, cross, pens, runs
from .svg import ACCENT, INK, SOFT, document, group, hit_area, label
from .web import Web, grid, numbers
from .words import Words, words_of

_LARGEST, _LEAST = 150.0, 40.0  # radius
_OFF = 14.0  # from the rim to the names
_BESIDE = 92.0  # room for a name to the left or right of the rim
_ABOVE = 150.0  # and for one above or below it
_LEGEND = 176.0  # room for the legend, its keys included
_APART = 20.0  # between circle and legend
_ROOMY = 520.0  # a narrower picture has its legend below


@dataclass(frozen=True, slots=True)
class Axis:
    """A dimension: its name, and the page that explains it."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class _Spoke:
    """An axis with its name in lines, below it the value of the series that the reader looks for."""

    axis: Axis
    angle: float
    lines: tuple[str, ...]
    value: str
    known: bool

    @property
    def wide(self) -> float:
        return max(width_of(self.value, bold=True), *(width_of(part) for part in self.lines), 0)

    @property
    def high(self) -> float:
        return (len(self.lines) + bool(self.value)) * SIZE * LEADING

    @property
    def side(self) -> int:
        """1 to the right of the centre, -1 to the left, 0 above or below."""
        return 0 if abs(cos(self.angle)) < 0.01 else (1 if cos(self.angle) > 0 else -1)

    def middle(self, radius: float) -> float:
        """Height of the middle of the name, from the centre of the circle downward."""
        return (radius + _OFF + self.high / 2) * sin(self.angle)


def radar(
    *,
    title: str,
    description: str,
    axes: Sequence[Axis],
    series: Sequence[Series],
    maximum: Decimal,
    lang: str = "zh",
    width: float = 640,
) -> str:
    """Up to seven series over three or more axes (five to seven read best), as SVG `width` user units wide.

    Axes run from zero to `maximum`, or to the largest value beyond it. The values of the first series in
    accent stand at the axes; a missing value leaves a gap and a cross on its axis.
    """
    checked(series, len(axes))
    if len(axes) < 3 or maximum <= 0:
        raise ValueError(f"a radar needs three axes and a maximum above zero, not {len(axes)} and {maximum}")
    words, series = words_of(lang), alike(series)
    spokes = _spokes(axes, series, words)
    beside = width >= _ROOMY and bool(series)
    web, high = _placed(spokes, series, maximum, width - _LEGEND - _APART if beside else width)
    places = [axis.label for axis in axes]
    entries = [
        legend.entry(one, pen, places, words, _LEGEND if beside else width)
        for one, pen in zip(series, pens(series), strict=True)
    ]
    listed = sum(entry.high for entry in entries)
    height = max(high, listed) if beside else high + _APART + listed
    left, top = (width - _LEGEND, (height - listed) / 2) if beside else (0.0, high + _APART)
    web = replace(web, y=web.y + (height - high) / 2) if beside else web
    return document(
        grid(web),
        *(_name(spoke, index, web, series, words) for index, spoke in enumerate(spokes)),
        *_lines(entries, web, left, top, width),
        numbers(web, series),
        title=title,
        description=description,
        width=width,
        height=height,
        lang=lang,
        linked=any(axis.href for axis in axes) or any(one.href for one in series),
    )


def _spokes(axes: Sequence[Axis], series: Sequence[Series], words: Words) -> list[_Spoke]:
    """The axes clockwise from the top, with the values of the first series in accent, or of the only one."""
    shown = next((one for one in series if one.accent), series[0] if len(series) == 1 else None)
    spokes = []
    for index, axis in enumerate(axes):
        room = _ABOVE if 2 * index in (0, len(axes)) else _BESIDE
        room = min(max(room, least_room(axis.label)), _ABOVE)
        value = shown.values[index] if shown else None
        spokes.append(
            _Spoke(
                axis=axis,
                angle=-pi / 2 + 2 * pi * index / len(axes),
                lines=wrap(axis.label, room),
                value=_told(value, words) if shown else "",
                known=value is not None,
            )
        )
    return spokes


def _told(value: Decimal | None, words: Words) -> str:
    return words.missing if value is None else quantity(value)


def _placed(spokes: Sequence[_Spoke], series: Sequence[Series], maximum: Decimal, room: float) -> tuple[Web, float]:
    """The largest circle whose names fit the room, and the height that circle and names take."""
    radius = _LARGEST
    for spoke in spokes:
        if spoke.side:
            radius = min(radius, (room / 2 - spoke.wide) / abs(cos(spoke.angle)) - _OFF)
    radius = max(radius, _LEAST)
    top = min(spoke.middle(radius) - spoke.high / 2 for spoke in spokes)
    bottom = max(spoke.middle(radius) + spoke.high / 2 for spoke in spokes)
    rim = max([maximum, *(value for one in series for value in one.values if value is not None)])
    angles = tuple(spoke.angle for spoke in spokes)
    return Web(room / 2, 2 - top, radius, angles, maximum, rim), bottom - top + 4


def _name(spoke: _Spoke, index: int, web: Web, series: Sequence[Series], words: Words) -> str:
    """The name of an axis outside the rim, under it the value, and on the axis a cross if any is missing."""
    x = web.x + (web.radius + _OFF) * cos(spoke.angle)
    top = web.y + spoke.middle(web.radius) - spoke.high / 2
    named = len(spoke.lines) * SIZE * LEADING
    anchor = {1: "start", 0: "middle", -1: "end"}[spoke.side]
    left = {1: x, 0: x - spoke.wide / 2, -1: x - spoke.wide}[spoke.side]
    fill = ACCENT if spoke.known else SOFT
    foot = top + (named + spoke.high) / 2
    told = [f"{one.label} {_told(one.values[index], words)}" for one in series]
    missing = any(one.values[index] is None for one in series)
    return group(
        hit_area(left, top, spoke.wide, spoke.high),
        label(spoke.lines, x, top + named / 2, anchor=anchor, fill=INK),
        label([spoke.value], x, foot, anchor=anchor, fill=fill, bold=spoke.known) if spoke.value else "",
        cross(*web.at(index, web.rim)) if missing else "",
        title=spoke.axis.label + words.colon + words.comma.join(told),
        href=spoke.axis.href,
    )


def _lines(entries: Sequence[legend.Entry], web: Web, left: float, top: float, right: float) -> list[str]:
    """Each series as its line and its entry in the legend under one link; the accent lies on top."""
    marks: list[tuple[bool, str]] = []
    for entry in entries:
        one = entry.series
        named = legend.drawn(entry, left, top, right)
        marks.append((one.accent, group(_line(entry, web), named, title=one.label, href=one.href)))
        top += entry.high
    return [mark for _, mark in sorted(marks, key=lambda mark: mark[0])]


def _line(entry: legend.Entry, web: Web) -> str:
    values, pen = entry.series.values, entry.pen
    points = {index: web.at(index, value) for index, value in enumerate(values) if value is not None}
    markers = [pen.marker(x, y, 3.2) for x, y in points.values()]
    if len(points) == len(values):
        return pen.stroke(list(points.values()), closed=True) + "".join(markers)
    # The line runs on past the last axis to the first, so it is followed from a gap round to that gap.
    gap = next(index for index, value in enumerate(values) if value is None)
    turned = [*range(gap, len(values)), *range(gap)]
    stretches = runs([values[index] for index in turned])
    strokes = [pen.stroke([points[turned[step]] for step in stretch]) for stretch in stretches]
    return "".join((*strokes, *markers))
