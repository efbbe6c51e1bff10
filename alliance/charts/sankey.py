"""Sankey: what flows from where to where, each band as thick as its amount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .lettering import LEADING, SIZE, width_of, wrap
from .scale import quantity
from .svg import ACCENT, INK, MARK, PAPER, SOFT, document, element, group, hit_area, label, number
from .words import Words, words_of

_NODE = 12.0  # width
_GAP = 6.0  # between a node and its words, and between the words of two nodes
_LEAST_SLOT = 25.0
_BAND = 300.0  # height of the fullest layer's amounts
_SHARE = 0.30  # of the width, for the words at either side
_CLEAR = 16.0  # from the words over a node between to the boxes beside it, both sides together
_THIN = 0.5  # the least thickness of a band


@dataclass(frozen=True, slots=True)
class Node:
    """Where something flows from or to: its name and its sum as they are to be read."""

    code: str
    label: str
    text: str = ""
    accent: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount from a node to another; None for one that is not known. `text` is the amount as it is to be read."""

    source: str
    target: str
    value: Decimal | None
    text: str = ""
    href: str = ""

    @property
    def words(self) -> str:
        return self.text or ("—" if self.value is None else quantity(self.value))


@dataclass(frozen=True, slots=True)
class _Place:
    """A node in the picture: the box of its amounts, and its words."""

    node: Node
    layer: int
    left: float
    top: float  # of the slot, words included
    high: float
    box: float  # top of the box
    thick: float
    lines: tuple[str, ...]
    side: str  # of the words: left, right or over

    @property
    def middle(self) -> float:
        return self.box + self.thick / 2


@dataclass(frozen=True, slots=True)
class _Frame:
    """The width, the room at both sides, and how thick a unit is."""

    width: float
    room: float
    layers: int
    per_unit: float

    def left(self, layer: int) -> float:
        span = self.width - 2 * (self.room + _GAP) - _NODE
        return self.room + _GAP + (span * layer / (self.layers - 1) if self.layers > 1 else span / 2)


def sankey(
    *,
    title: str,
    description: str,
    nodes: Sequence[Node],
    flows: Sequence[Flow],
    lang: str = "zh",
    width: float = 640,
) -> str:
    """Nodes from left to right as they feed one another, in the order given, as SVG `width` user units wide.

    A flow of nought or of an unknown amount has no band; its nodes stand there all the same. ValueError: an amount
    below zero, a flow from or to an unknown node, or flows that run in a circle.
    """
    layer_of = _layers(nodes, flows)
    words = words_of(lang)
    layers = max(layer_of.values(), default=0) + 1
    sums = _sums(nodes, flows)
    most = max(
        (sum(sums[node.code] for node in nodes if layer_of[node.code] == one) for one in range(layers)), default=0
    )
    room = min(_SHARE * width, max((_wanted(node) for node in nodes), default=0))
    frame = _Frame(width, room, layers, _BAND / float(most) if most else 0.0)
    slots = [
        [_slot(node, one, sums[node.code], frame) for node in nodes if layer_of[node.code] == one]
        for one in range(layers)
    ]
    high = max((sum(place.high for place in column) for column in slots), default=0.0)
    places = {place.node.code: place for column in slots for place in _stacked(column, high)}
    marks = [*_bands(flows, places, frame, words), *(_named(place, frame, words) for place in places.values())]
    if not nodes:
        high = _LEAST_SLOT
        marks.append(label([words.missing], 0, high / 2, fill=SOFT))
    return document(
        *marks,
        title=title,
        description=description,
        width=width,
        height=high + 4,
        lang=lang,
        linked=any(node.href for node in nodes) or any(flow.href for flow in flows),
    )


def _layers(nodes: Sequence[Node], flows: Sequence[Flow]) -> dict[str, int]:
    """How many flows lead at most to each node."""
    known = {node.code for node in nodes}
    for flow in flows:
        if flow.source not in known or flow.target not in known:
            raise ValueError(f"no node for the flow from {flow.source} to {flow.target}")
        if flow.value is not None and flow.value < 0:
            raise ValueError(f"{flow.source} to {flow.target}: {flow.value} is below zero")
    layer = dict.fromkeys((node.code for node in nodes), 0)
    for _ in nodes:
        moved = False
        for flow in flows:
            if layer[flow.target] <= layer[flow.source]:
                layer[flow.target], moved = layer[flow.source] + 1, True
        if not moved:
            return layer
    if flows:
        raise ValueError("the flows run in a circle")
    return layer


def _sums(nodes: Iterable[Node], flows: Sequence[Flow]) -> dict[str, Decimal]:
    """What goes through a node: the larger of what comes in and what goes out."""
    zero = Decimal(0)
    return {
        node.code: max(
            sum((flow.value or zero for flow in flows if flow.target == node.code), zero),
            sum((flow.value or zero for flow in flows if flow.source == node.code), zero),
        )
        for node in nodes
    }


def _wanted(node: Node) -> float:
    """The width of a node's words in one line, and at least of its amount."""
    return width_of(f"{node.label} {node.text}", bold=node.accent) + 1


def _slot(node: Node, layer: int, value: Decimal, frame: _Frame) -> _Place:
    """A node with the height it takes: its box, or its words where these are higher."""
    thick = max(float(value) * frame.per_unit, 1.0)
    side = "left" if layer == 0 else "right" if layer == frame.layers - 1 else "over"
    room = frame.room
    if side == "over":
        room = frame.left(layer + 1) - frame.left(layer - 1) - _NODE - _CLEAR
    lines = _lines(node, room)
    lettered = len(lines) * SIZE * LEADING + 4
    high = max(_LEAST_SLOT, thick + _GAP, lettered) if side != "over" else max(_LEAST_SLOT, thick + _GAP + lettered)
    return _Place(node, layer, frame.left(layer), 0.0, high, 0.0, thick, lines, side)


def _lines(node: Node, room: float) -> tuple[str, ...]:
    """Name and amount, in one line where there is room."""
    joined = f"{node.label} {node.text}".strip()
    if width_of(joined, bold=node.accent) <= room:
        return (joined,) if joined else ()
    return (*wrap(node.label, room, bold=node.accent), *wrap(node.text, room, bold=node.accent))


def _stacked(column: Sequence[_Place], high: float) -> list[_Place]:
    """The nodes of a layer one under another, spread over the height."""
    spare = (high - sum(place.high for place in column)) / max(1, len(column))
    found, top = [], spare / 2
    for place in column:
        box = top + (place.high - place.thick) / 2
        if place.side == "over":
            box = top + place.high - _GAP / 2 - place.thick
        found.append(replace(place, top=top, box=box))
        top += place.high + spare
    return found


def _bands(flows: Sequence[Flow], places: Mapping[str, _Place], frame: _Frame, words: Words) -> list[str]:
    """The bands, in the order in which their other ends stand, so that those of a node do not cross one another."""
    drawn = [flow for flow in flows if flow.value]
    leaving = _ends(drawn, [(places[flow.source], places[flow.target]) for flow in drawn], frame)
    coming = _ends(drawn, [(places[flow.target], places[flow.source]) for flow in drawn], frame)
    marks = []
    for flow, start, end in zip(drawn, leaving, coming, strict=True):
        source, target = places[flow.source], places[flow.target]
        thick = max(float(flow.value or 0) * frame.per_unit, _THIN)
        accent = source.node.accent or target.node.accent
        d = _ribbon((source.left + _NODE, start), (target.left, end), thick)
        band = element("path", d=d, fill=ACCENT if accent else MARK, fill_opacity=0.45 if accent else 0.28)
        title = f"{source.node.label} → {target.node.label}{words.colon}{flow.words}"
        marks.append(group(band, title=title, href=flow.href))
    return marks


def _ends(flows: Sequence[Flow], ends: Sequence[tuple[_Place, _Place]], frame: _Frame) -> list[float]:
    """The top of each flow at its near end; `ends` are near and far."""
    order = sorted(range(len(flows)), key=lambda index: (ends[index][1].middle, index))
    filled: dict[str, float] = {}
    tops = [0.0] * len(flows)
    for index in order:
        near = ends[index][0]
        tops[index] = filled.get(near.node.code, near.box)
        filled[near.node.code] = tops[index] + float(flows[index].value or 0) * frame.per_unit
    return tops


def _ribbon(start: tuple[float, float], end: tuple[float, float], thick: float) -> str:
    """The outline of a band from a point to a point, the upper corners, level at both ends."""
    (x1, y1), (x2, y2) = start, end
    middle = number((x1 + x2) / 2)
    there = f"C{middle} {number(y1)} {middle} {number(y2)} {number(x2)} {number(y2)}"
    back = f"C{middle} {number(y2 + thick)} {middle} {number(y1 + thick)} {number(x1)} {number(y1 + thick)}"
    return f"M{number(x1)} {number(y1)}{there}V{number(y2 + thick)}{back}Z"


def _named(place: _Place, frame: _Frame, words: Words) -> str:
    """The box of a node and its words; over a node between they lie on paper, clear of the bands."""
    node = place.node
    high = len(place.lines) * SIZE * LEADING
    wide = max((width_of(part, bold=node.accent) for part in place.lines), default=0.0)
    if place.side == "over":
        x, middle, anchor = place.left + _NODE / 2, place.box - high / 2 - 3, "middle"
        left = x - wide / 2
        ground = element("rect", x=left - 3, y=middle - high / 2, width=wide + 6, height=high, fill=PAPER)
    else:
        middle, ground = place.box + place.thick / 2, ""
        x, anchor = (place.left - _GAP, "end") if place.side == "left" else (place.left + _NODE + _GAP, "start")
        left = x - wide if place.side == "left" else x
    top = min(place.top, place.box)
    return group(
        hit_area(min(left, place.left), top, max(wide + _GAP, 0) + _NODE, place.high),
        element(
            "rect", x=place.left, y=place.box, width=_NODE, height=place.thick, fill=ACCENT if node.accent else INK
        ),
        ground,
        label(place.lines, x, middle, anchor=anchor, fill=ACCENT if node.accent else INK, bold=node.accent),
        title=node.label + (words.colon + node.text if node.text else ""),
        href=node.href,
    )
