"""The web of a radar: its axes, its rings, and the numbers of the rings where no line runs through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, sin

from .lettering import SMALL, width_of
from .scale import quantity, ticks
from .series import Series
from .svg import MARK, RULE, SOFT, element, label, line, path

_RING = 24.0  # least distance of rings whose numbers can be read


@dataclass(frozen=True, slots=True)
class Web:
    """The circle that all stands on, in user units; angles in radians, clockwise from the right."""

    x: float
    y: float
    radius: float
    angles: tuple[float, ...]
    maximum: Decimal
    rim: Decimal  # the value at the outermost ring: the maximum, or a value beyond it

    def at(self, axis: int, value: Decimal) -> tuple[float, float]:
        """The point of a value on an axis; what is below zero stays at the centre."""
        reach = self.radius * max(0.0, float(value / self.rim))
        return self.x + reach * cos(self.angles[axis]), self.y + reach * sin(self.angles[axis])

    @property
    def rings(self) -> list[Decimal]:
        """Round values far enough apart to be read, none next to the maximum, which comes last."""
        most = max(2, min(5, int(self.radius / _RING)))
        rounded = [tick for tick in ticks(Decimal(0), self.rim, most) if 0 < tick <= self.rim]
        return [tick for tick in rounded if abs(tick - self.maximum) * 12 > self.rim] + [self.maximum]


def grid(web: Web) -> str:
    """The axes and rings, the ring of the maximum darker than the others."""
    every = range(len(web.angles))
    marks = [line(web.x, web.y, *web.at(axis, web.rim), stroke=RULE) for axis in every]
    for ring in web.rings:
        outline = path([web.at(axis, ring) for axis in every], closed=True)
        stroke = MARK if ring == web.maximum else RULE
        marks.append(element("path", d=outline, fill="none", stroke=stroke))
    return element("g", *marks)


def numbers(web: Web, series: Sequence[Series]) -> str:
    """What the rings stand for, beside the first axis, on the side where fewer lines run through them."""
    left = _numbers(web, series, len(web.angles) - 1, -1)
    right = _numbers(web, series, 1, 1)
    return element("g", *max(left, right, key=len))


def _numbers(web: Web, series: Sequence[Series], neighbour: int, side: int) -> list[str]:
    """The numbers between the first axis and a neighbour: to its right (side 1) or left (side -1)."""
    anchor = "start" if side == 1 else "end"
    marks = []
    for ring in web.rings:
        x, y = web.at(0, ring)
        text = quantity(ring)
        far = 5 + width_of(text, SMALL)
        if ring == web.rim:  # outside the rim no line runs
            marks.append(label([text], x + side * 10, y - 3, size=SMALL, anchor=anchor, fill=SOFT))
        elif not any(_strikes(web, one, neighbour, far, y + 7) for one in series):
            marks.append(label([text], x + side * 5, y + 7, size=SMALL, anchor=anchor, fill=SOFT))
    return marks


def _strikes(web: Web, series: Series, neighbour: int, far: float, middle: float) -> bool:
    """Whether a line comes through a number that reaches `far` from the first axis toward its neighbour."""
    start, end = series.values[0], series.values[neighbour]
    if start is None:
        return False
    x, y = web.at(0, start)
    heights = [y]
    if end is not None:
        end_x, end_y = web.at(neighbour, end)
        breadth = max(abs(end_x - x), 1.0)
        heights.append(y + (end_y - y) / breadth * min(far, breadth))
    half = SMALL / 2 + 2
    return min(heights) < middle + half and max(heights) > middle - half
