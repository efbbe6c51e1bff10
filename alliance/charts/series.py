"""A row of values, and the pen that tells it from others in colour, in grey and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .svg import ACCENT, SOFT, element, path, quoted

MOST = 7  # more lines than this nobody can tell apart
KEY = 26.0  # width of the sample of a pen before its name, in user units

_GREYS = ("#4a5560", "#6b747e", "#868e97")
_DASHES = ("7 3", "2 2.5", "10 3 2 3", "4 3", "12 4", "1.5 4", "8 2 2 2 2 2")
_SHAPES = ("square", "triangle", "diamond", "ring", "hollow square", "hollow triangle", "hollow diamond")
_OUTLINES = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.2), (1.15, 0.85), (-1.15, 0.85)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: a value, or None where there is none, for each axis or period in their order; `hrefs` are
    the pages of its values."""

    label: str
    values: Sequence[Decimal | None]
    accent: bool = False
    href: str = ""
    hrefs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Pen:
    """Colour, width, dashes and markers: any one of them tells its series from the others."""

    color: str
    width: float
    dash: str | None
    shape: str

    def stroke(self, points: Sequence[tuple[float, float]], *, closed: bool = False) -> str:
        """The line through the points; nothing for a single point, which its marker shows."""
        if len(points) < 2:
            return ""
        return element(
            "path",
            d=path(points, closed=closed),
            fill="none",
            stroke=self.color,
            stroke_width=self.width,
            stroke_dasharray=self.dash,
            stroke_linejoin="round",
        )

    def marker(self, x: float, y: float, radius: float, title: str = "") -> str:
        """The marker about a point; its title shows on pointing."""
        named = element("title", quoted(title)) if title else ""
        hollow = self.shape.startswith("hollow") or self.shape == "ring"
        look = {"fill": "#ffffff" if hollow else self.color, "stroke": self.color if hollow else None}
        outline = _OUTLINES.get(self.shape.removeprefix("hollow "))
        if outline is None:
            return element("circle", named, cx=x, cy=y, r=radius, **look)
        points = [(x + dx * radius, y + dy * radius) for dx, dy in outline]
        return element("path", named, d=path(points, closed=True), **look)

    def key(self, x: float, y: float) -> str:
        """A short sample of the pen, to stand before the name of its series."""
        return self.stroke([(x, y), (x + KEY - 6, y)]) + self.marker(x + (KEY - 6) / 2, y, 3.2)


def pens(series: Sequence[Series]) -> Iterator[Pen]:
    """A pen for each series: the accent for what the reader looks for, greys for the rest."""
    greys = accents = 0
    for one in series:
        if one.accent:
            dash = None if accents == 0 else _DASHES[(accents - 1) % len(_DASHES)]
            shape = "circle" if accents == 0 else _SHAPES[(accents - 1) % len(_SHAPES)]
            accents += 1
            yield Pen(ACCENT, 2.6, dash, shape)
        else:
            turn = greys % len(_DASHES)
            greys += 1
            yield Pen(_GREYS[turn % len(_GREYS)], 1.5, _DASHES[turn], _SHAPES[turn])


def checked(series: Sequence[Series], length: int) -> None:
    """Refuse with ValueError what no chart can show: too many series, or a row of another length."""
    if len(series) > MOST:
        raise ValueError(f"{len(series)} series: at most {MOST} can be told apart")
    for one in series:
        if len(one.values) != length:
            raise ValueError(f"{one.label}: {len(one.values)} values for {length} places")


def alike(series: Sequence[Series]) -> list[Series]:
    """The same series, all values with as many decimal places as the longest: 50.00 beside 76.82."""
    known = [value.as_tuple().exponent for one in series for value in one.values if value is not None]
    least = Decimal(1).scaleb(min([0, *(place for place in known if isinstance(place, int))]))
    return [
        replace(one, values=[value if value is None else value.quantize(least) for value in one.values])
        for one in series
    ]


def runs(values: Sequence[Decimal | None]) -> list[list[int]]:
    """The stretches without a gap, each as the indices of its values."""
    stretches: list[list[int]] = []
    for index, value in enumerate(values):
        if value is None:
            continue
        if stretches and stretches[-1][-1] == index - 1:
            stretches[-1].append(index)
        else:
            stretches.append([index])
    return stretches


def cross(x: float, y: float, title: str = "") -> str:
    """The mark for a missing value."""
    named = element("title", quoted(title)) if title else ""
    d = path([(x - 3, y - 3), (x + 3, y + 3)]) + path([(x - 3, y + 3), (x + 3, y - 3)])
    return element("path", named, d=d, stroke=SOFT, stroke_width=1.4)
