"""The made-up readings of the demo: plausible sizes by element and tier, moved by month and member."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from importlib import resources

from alliance.indicators.rules.definitions import Element, Library

MONTHS = 24  # of the story that the sizes tell, from its first to its last month
WEAK = {"C07": 66, "C12": 30, "C16": 25, "S04": 15}  # members that lag behind, in % of what others reach
STRONG = {"C03": 108, "C01": 105, "T01": 104, "S02": 106}


def chance(*parts: object) -> Fraction:
    """A number from 0 to 1 that depends on nothing but its names: the demo is the same on every machine."""
    text = "/".join(map(str, parts)).encode()
    return Fraction(int.from_bytes(hashlib.sha256(text).digest()[:6], "big"), 2**48)


def sizes() -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    """The mean of an element in a tier in the first and in the last month of the story."""
    text = resources.files("alliance.demo").joinpath("magnitudes.csv").read_text("utf-8")
    return {
        (row["element"], row["tier"]): (Fraction(row["start"]), Fraction(row["end"]))
        for row in csv.DictReader(text.splitlines())
    }


class Story:
    """Makes the readings of a member in a month of the story."""

    def __init__(self, known: Library) -> None:
        self.known = known
        self.sizes = sizes()
        # What a numerator is part of: it is drawn from its rate, so that a part never passes its whole.
        self.whole: dict[str, tuple[str, str]] = {}
        for one in known.indicators.values():
            if one.kind == "ratio" and len(one.numerator) == 1 and one.numerator[0][1] not in self.whole:
                bases = {code for _, code in one.denominator}
                if one.numerator[0][1] not in bases and len(one.denominator) == 1:
                    self.whole[one.numerator[0][1]] = (one.denominator[0][1], one.direction)

    def readings(self, member: str, tier: str, month: int) -> dict[str, Decimal]:
        """Values by element for a member in month 0 to 23."""
        found: dict[str, Decimal] = {}
        for element in self.known.elements.values():
            if tier in element.tiers:
                self._value(found, element, member, tier, month, ())
        return found

    def _mean(self, element: str, tier: str, month: int) -> Fraction:
        start, end = self.sizes.get((element, tier), (Fraction(10), Fraction(10)))
        return start + (end - start) * month / (MONTHS - 1)

    def _value(
        self, found: dict[str, Decimal], element: Element, member: str, tier: str, month: int, way: tuple[str, ...]
    ) -> Decimal:
        if element.code in found:
            return found[element.code]
        mean = self._mean(element.code, tier, month)
        size = Fraction(4, 5) + chance(member, "size") * 2 / 5
        wobble = Fraction(97, 100) + chance(member, element.code, month) * 6 / 100
        part_of = self.whole.get(element.code)
        if element.aggregation == "mean":
            value = mean * self._skill(member, element.code) * wobble
        elif (
            part_of
            and part_of[0] not in way
            and (part_of[0], tier) in self.sizes
            and self._mean(part_of[0], tier, month) > 0
        ):
            base = self._value(found, self.known.elements[part_of[0]], member, tier, month, (*way, element.code))
            skill = self._skill(member, element.code)
            rate = mean / self._mean(part_of[0], tier, month) * (1 / skill if part_of[1] == "lower" else skill) * wobble
            value = Fraction(base) * (min(rate, Fraction(1)) if mean <= self._mean(part_of[0], tier, month) else rate)
        else:
            value = mean * size * wobble
        found[element.code] = self._fit(value, element)
        return found[element.code]

    def _skill(self, member: str, element: str) -> Fraction:
        """How good a member is at something, around 1."""
        base = Fraction(STRONG.get(member, 100) - WEAK.get(member, 0), 100)
        return base * (Fraction(9, 10) + chance(member, element, "skill") / 5)

    def _fit(self, value: Fraction, element: Element) -> Decimal:
        step = Decimal(1).scaleb(-element.places)
        exact = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(step, ROUND_HALF_UP)
        if element.maximum is not None:
            exact = min(exact, element.maximum)
        return max(exact, element.minimum or Decimal(0))


def ratings(member: str, quarter: int) -> Mapping[str, tuple[Decimal, int]]:
    """Results of the rater groups for a member in a quarter of the story, with the number behind each."""
    lag = WEAK.get(member, 0) // 2
    found = {}
    for group, low, wide, n in (("peers", 74, 18, 9), ("third_party", 70, 20, 3), ("patients", 76, 16, 180)):
        value = low + quarter * 2 - lag + chance(member, group, quarter) * wide
        count = n + int(chance(member, group, quarter, "n") * n)
        found[group] = (Decimal(int(value * 100)).scaleb(-2).min(Decimal(100)), count)
    return found
