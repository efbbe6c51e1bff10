"""What becomes of the weight of a line that is not applicable (E3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, quotient, sum_exactly

WEIGHT = Name("weight", "权重", "weight")
POINTS = Name("points", "指标得分", "points")

Inputs = list[tuple[str, Figure]]


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a tier that are summed up together, a dimension, a tag or all: their weights by indicator."""

    zh: str
    en: str
    weights: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Spread:
    """A sum of points over several parts: its formula and what goes into it. Without a line that applies, no number."""

    formula: str
    exact: Fraction | None
    inputs: Inputs
    names: tuple[Name, ...]


def apart(points: Mapping[str, Figure], part: Part) -> tuple[dict[str, Figure], Inputs]:
    """The points of a part's lines that apply, by indicator; and those that do not."""
    found = {code: points[code] for code in part.weights}
    applied = {code: figure for code, figure in found.items() if figure.value is not None}
    return applied, [("without", figure) for figure in found.values() if figure.value is None]


def total(figures: Iterable[Figure]) -> Decimal:
    """The sum of the values that are there."""
    return sum_exactly(figure.value for figure in figures if figure.value is not None)


def spread(points: Mapping[str, Figure], parts: Sequence[Part]) -> Spread:
    """Points out of 100 where some lines do not apply.

    The weight of such a line goes to the others of its part; that of a part in which none is left, to the other parts
    in proportion. Of four parts of 25 with 50, 49, nothing and 100 of 100 points: 199 × 0.25 ÷ 75 × 100 = 66.33.
    """
    found = [(place, part, apart(points, part)[0]) for place, part in enumerate(parts, 1)]
    terms = [(place, part, applied) for place, part, applied in found if applied]
    if not terms:
        return Spread("sum(points) / sum(weight) * 100", None, [], (POINTS, WEIGHT))
    exact = Fraction(0)
    inputs: Inputs = []
    for place, part, applied in terms:
        used = [part.weights[code] for code in applied]
        exact += quotient(total(applied.values()), total(used), total(part.weights.values()))
        inputs += [(f"points_{place}", figure) for figure in applied.values()]
        inputs += [(f"weight_{place}", figure) for figure in used]
        inputs += [(f"full_{place}", figure) for figure in part.weights.values()]
    formula = " + ".join(f"sum(points_{place}) * sum(full_{place}) / sum(weight_{place})" for place, _, _ in terms)
    names = tuple(name for place, part, _ in terms for name in _names(place, part))
    if len(terms) == len(parts):
        return Spread(formula, exact, inputs, names)
    whole = " + ".join(f"sum(full_{place})" for place, _, _ in terms)
    full = total(figure for _, part, _ in terms for figure in part.weights.values())
    return Spread(f"({formula}) / ({whole}) * 100", exact / Fraction(full) * 100, inputs, names)


def _names(place: int, part: Part) -> list[Name]:
    return [
        Name(f"points_{place}", f"{part.zh}各项得分", f"points of {part.en}"),
        Name(f"weight_{place}", f"{part.zh}适用权重", f"weights that apply in {part.en}"),
        Name(f"full_{place}", f"{part.zh}全部权重", f"all weights of {part.en}"),
    ]
