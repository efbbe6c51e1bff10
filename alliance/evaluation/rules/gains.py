"""What value of an indicator would bring one more point of its line, where the method can be turned round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from math import ceil, floor

from alliance.core.figure import EXACT
from alliance.evaluation.rules.methods import METHODS, Line, share

ONE = Fraction(1)
PLACES = 2  # of a value that is not rounded itself


@dataclass(frozen=True, slots=True)
class Gain:
    """A value to reach, and the points that it brings: one, or what is left up to the full mark."""

    value: Decimal
    points: Decimal
    rising: bool  # whether the value must rise to it


def one_more(method: str, actual: Decimal, weight: Decimal, line: Line, rounding: str = "") -> Gain | None:
    """The value nearest to the actual one that scores a point more, or in full where less than a point is left.

    It is rounded to the places of the indicator, never to the side that scores less. None where the full mark is
    reached, and for methods by steps, by rank or beside the values of others. Worked example: of 10 points for a
    target of 10, 8.98 scores 8.98; 9.98 scores 9.98. Of 2 points with 75 between 45 and 80, 6/7 is scored: 80 brings
    the rest of 2/7.
    """
    turn = TURNED.get(method)
    if turn is None or not weight:
        return None
    scored = share(method, actual, line)
    wanted = min(scored + 1 / Fraction(weight), ONE)
    if wanted <= scored:
        return None
    numbers = {name: Fraction(value) for name, value in METHODS[method].numbers(line).items()}
    value = turn(Fraction(actual), wanted, numbers, line)
    rising, places = value > actual, int(rounding) if rounding.isdecimal() else PLACES
    rounded = _rounded(value, places, ROUND_CEILING if rising else ROUND_FLOOR)
    left = (ONE - scored) * Fraction(weight)
    points = Decimal(1) if left >= 1 else _rounded(left, PLACES, ROUND_FLOOR)
    return Gain(rounded, points, rising) if points else None


def _rounded(value: Fraction, places: int, side: str) -> Decimal:
    scaled = value * 10**places
    return Decimal(ceil(scaled) if side == ROUND_CEILING else floor(scaled)).scaleb(-places, EXACT)


Numbers = Mapping[str, Fraction]


def _attainment(actual: Fraction, wanted: Fraction, p: Numbers, line: Line) -> Fraction:
    return p["target"] / wanted if line.lower_is_better else p["target"] * wanted


def _between(start: str) -> Callable[[Fraction, Fraction, Numbers, Line], Fraction]:
    """On the way from a number of the line to its target."""
    return lambda actual, wanted, p, line: p[start] + wanted * (p["target"] - p[start])


def _band(actual: Fraction, wanted: Fraction, p: Numbers, line: Line) -> Fraction:
    distance = p["width"] * (1 - wanted)
    return p["low"] - distance if actual < p["low"] else p["high"] + distance


def _gate(actual: Fraction, wanted: Fraction, p: Numbers, line: Line) -> Fraction:
    """Under the threshold nothing counts, so the way leads at least to it."""
    value = _attainment(actual, wanted, p, line)
    return min(value, p["threshold"]) if line.lower_is_better else max(value, p["threshold"])


TURNED: dict[str, Callable[[Fraction, Fraction, Numbers, Line], Fraction]] = {
    "attainment": _attainment,
    "linear": _between("bottom"),
    "improvement": _between("base"),
    "band": _band,
    "upper_limit": lambda actual, wanted, p, line: p["limit"] + p["width"] * (1 - wanted),
    "rated": lambda actual, wanted, p, line: p["maximum"] * wanted,
    "deduction": lambda actual, wanted, p, line: p["full"] * (1 - wanted),
    "gate": _gate,
}


def aim(method: str, line: Line) -> tuple[Decimal | None, Decimal | None]:
    """From where to where a line gives the full mark, None for an end that is open; both None where no value does."""
    numbers = line.numbers
    if method == "band":
        return numbers["low"], numbers["high"]
    if method == "upper_limit":
        return None, numbers["limit"]
    if method == "deduction":
        return None, Decimal(0)
    name = {"rated": "maximum", "achievement_or_improvement": "benchmark"}.get(method, "target")
    start = {"achievement_or_improvement": "threshold", "linear": "bottom", "improvement": "base"}.get(method, "")
    goal = numbers.get(name)
    falling = numbers[start] > numbers[name] if start else line.lower_is_better
    return (None, goal) if falling else (goal, None)
