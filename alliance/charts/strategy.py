"""Strategy map: objectives in lanes, one perspective above another, and which objective is to bring about which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .lettering import LEADING, SIZE, SMALL, wrap
from .svg import INK, MARK, PALE, PAPER, SOFT, document, element, group, hit_area, label, path
from .words import words_of

_LANE = 0.17  # of the width, for the names of the lanes
_GAP = 26.0  # between boxes: arrows run there
_ROW_GAP = 34.0  # between rows of boxes
_LEAST_BOX = 118.0  # width
_PAD = 8.0
_HEAD = 5.0  # of an arrow
_TRACK = 4.0  # between arrows that run beside one another
_SIGN = 16.0  # room for the sign of a state

STATES = ("good", "warn", "bad", "")
_COLOURS = {"good": "#1b7a3d", "warn": "#8a5a00", "bad": "#b3261e", "": MARK}


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective: its name, how far it is in words, and its state: good, warn, bad, or "" for none."""

    code: str
    label: str
    text: str = ""
    state: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A perspective with its objectives, from left to right."""

    label: str
    objectives: Sequence[Objective]
    href: str = ""


@dataclass(frozen=True, slots=True)
class _Box:
    """An objective in the picture; `row` counts all rows from above, `place` the boxes of a row from the left."""

    objective: Objective
    row: int
    place: int
    left: float
    top: float
    wide: float
    high: float
    name: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def middle(self) -> float:
        return self.left + self.wide / 2


@dataclass(frozen=True, slots=True)
class _Strip:
    """A lane in the picture."""

    lane: Lane
    name: tuple[str, ...]
    top: float
    high: float


@dataclass(frozen=True, slots=True)
class _Grid:
    """The columns that all lanes share."""

    left: float
    wide: float  # of a box
    columns: int

    def x(self, place: int) -> float:
        return self.left + place * (self.wide + _GAP)


def strategy_map(
    *,
    title: str,
    description: str,
    lanes: Sequence[Lane],
    causes: Sequence[tuple[str, str]] = (),
    lang: str = "zh",
    width: float = 640,
) -> str:
    """Lanes from above as given; an arrow from each cause to its effect, as SVG `width` user units wide.

    Arrows run between the boxes, never over them. ValueError: a code used twice, or an arrow from or to an
    objective that is not there.
    """
    words = words_of(lang)
    grid = _grid(lanes, width)
    strips, boxes, bottom = _placed(lanes, grid)
    _checked(lanes, causes)
    marks = [_ground(strip, grid, width) for strip in strips]
    marks += _arrows(causes, boxes, grid)
    marks += [_drawn(box, words.colon) for box in boxes.values()]
    if not boxes:
        marks.append(label([words.missing], grid.left, bottom - SIZE, fill=SOFT))
    return document(
        *marks,
        title=title,
        description=description,
        width=width,
        height=bottom + 2,
        lang=lang,
        linked=any(lane.href or any(one.href for one in lane.objectives) for lane in lanes),
    )


def _checked(lanes: Sequence[Lane], causes: Sequence[tuple[str, str]]) -> None:
    codes = [one.code for lane in lanes for one in lane.objectives]
    if len(codes) != len(set(codes)):
        raise ValueError("a code of an objective is used twice")
    for pair in causes:
        if not set(pair) <= set(codes):
            raise ValueError(f"no objective for the arrow from {pair[0]} to {pair[1]}")


def _grid(lanes: Sequence[Lane], width: float) -> _Grid:
    """As many columns as the widest lane has objectives, or as fit."""
    left = max(_LANE * width, 64.0) + _GAP
    fit = max(1, int((width - left + 1) // (_LEAST_BOX + _GAP)))
    columns = max(1, min(fit, max((len(lane.objectives) for lane in lanes), default=1)))
    return _Grid(left, (width - left) / columns - _GAP, columns)


def _placed(lanes: Sequence[Lane], grid: _Grid) -> tuple[list[_Strip], dict[str, _Box], float]:
    """Lanes and boxes, each row as high as its highest box; and where all of it ends."""
    strips: list[_Strip] = []
    boxes: dict[str, _Box] = {}
    top, row = 2.0, 0
    for lane in lanes:
        name = wrap(lane.label, grid.left - _GAP - 2 * _PAD, bold=True)
        y = top + _ROW_GAP / 2
        rows = [lane.objectives[at : at + grid.columns] for at in range(0, len(lane.objectives), grid.columns)]
        for objectives in rows:
            made = [_box(one, row, place, grid, y) for place, one in enumerate(objectives)]
            high = max(box.high for box in made)
            boxes |= {box.objective.code: replace(box, high=high) for box in made}
            y += high + _ROW_GAP
            row += 1
        high = max(y - top - _ROW_GAP / 2, len(name) * SIZE * LEADING + 2 * _PAD, _ROW_GAP)
        strips.append(_Strip(lane, name, top, high))
        top += high
    return strips, boxes, max(top, 2 * SIZE)


def _box(one: Objective, row: int, place: int, grid: _Grid, top: float) -> _Box:
    name = wrap(one.label, grid.wide - 2 * _PAD)
    said = wrap(one.text, grid.wide - 2 * _PAD - _SIGN, SMALL)
    high = (len(name) * SIZE + len(said) * SMALL) * LEADING + 2 * _PAD
    return _Box(one, row, place, grid.x(place), top, grid.wide, max(high, 36.0), name, said)


def _ground(strip: _Strip, grid: _Grid, width: float) -> str:
    """The ground of a lane and its name."""
    lane = element("rect", x=0, y=strip.top, width=width, height=strip.high - 4, fill=PALE)
    name = label(strip.name, _PAD, strip.top + (strip.high - 4) / 2, bold=True)
    area = hit_area(0, strip.top, grid.left - _GAP, strip.high - 4)
    return lane + group(area, name, title=strip.lane.label, href=strip.lane.href)


def _drawn(box: _Box, colon: str) -> str:
    one = box.objective
    colour = _COLOURS[one.state]
    low, high = len(box.name) * SIZE * LEADING, len(box.said) * SMALL * LEADING
    middle = box.top + box.high / 2
    foot = middle + low / 2
    said = ""
    if box.said:
        sign = _sign(one.state, box.left + _PAD + 5, foot)
        said = sign + label(box.said, box.left + _PAD + _SIGN, foot, size=SMALL, fill=SOFT)
    return group(
        element(
            "rect", x=box.left, y=box.top, width=box.wide, height=box.high, fill=PAPER, stroke=colour,
            stroke_width=2 if one.state else 1,
        ),
        label(box.name, box.left + _PAD, middle - high / 2),
        said,
        title=one.label + (colon + one.text if one.text else ""),
        href=one.href,
    )  # fmt: skip


def _sign(state: str, x: float, y: float) -> str:
    """A shape to each state, so that none is told by its colour alone."""
    colour = _COLOURS[state]
    if state == "good":
        return element("circle", cx=x, cy=y, r=5, fill=colour)
    if state == "warn":
        return element("path", d=path([(x, y - 5), (x + 5.5, y + 4.5), (x - 5.5, y + 4.5)], closed=True), fill=colour)
    if state == "bad":
        return element("rect", x=x - 4.5, y=y - 4.5, width=9, height=9, fill=colour)
    return element("circle", cx=x, cy=y, r=4.5, fill=PAPER, stroke=MARK, stroke_width=1.4)


def _arrows(causes: Sequence[tuple[str, str]], boxes: Mapping[str, _Box], grid: _Grid) -> list[str]:
    """The arrows, each on a track of its own in the gaps between rows and columns."""
    marks = []
    for index, (cause, effect) in enumerate(causes):
        start, end = boxes[cause], boxes[effect]
        shift = ((index * 3) % 5 - 2) * _TRACK
        points = _way(start, end, shift, grid)
        marks.append(
            group(
                element("path", d=path(points), fill="none", stroke=INK, stroke_width=1.2, stroke_linejoin="round"),
                _point(points),
                title=f"{start.objective.label} → {end.objective.label}",
            )
        )
    return marks


def _way(start: _Box, end: _Box, shift: float, grid: _Grid) -> list[tuple[float, float]]:
    """From the top of the cause up the gaps to the foot of the effect; down where the effect stands below."""
    up = start.row >= end.row
    x1, x2 = start.middle + shift, end.middle + shift
    leave = start.top - _ROW_GAP / 2 + shift / 2 if up else start.top + start.high + _ROW_GAP / 2
    first = (x1, start.top if up else start.top + start.high)
    if start.row == end.row:
        return [first, (x1, leave), (x2, leave), (x2, end.top)]
    last = (x2, end.top + end.high if up else end.top)
    arrive = end.top + end.high + _ROW_GAP / 2 + shift / 2 if up else end.top - _ROW_GAP / 2 + shift / 2
    if abs(start.row - end.row) == 1:
        return [first, (x1, arrive), (x2, arrive), last]
    gutter = grid.x(end.place) - _GAP / 2 + shift
    return [first, (x1, leave), (gutter, leave), (gutter, arrive), (x2, arrive), last]


def _point(points: Sequence[tuple[float, float]]) -> str:
    """The head of an arrow at its last point, which it meets upright."""
    (x, y), (_, before) = points[-1], points[-2]
    back = _HEAD if before > y else -_HEAD
    tip = [(x, y), (x - _HEAD * 0.8, y + back * 1.4), (x + _HEAD * 0.8, y + back * 1.4)]
    return element("path", d=path(tip, closed=True), fill=INK)
