"""The made-up readings of the demo: plausible sizes by element and tier, moved by month, season and member."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from importlib import resources

from alliance.core.period import Period, PeriodKind
from alliance.demo.days import MONTHS
from alliance.indicators.rules.definitions import Element, Library

WEAK = {"C07": 43, "C12": 16, "C16": 14, "S04": 10}  # members that lag behind, in % of what others reach
STRONG = {"C03": 106, "C01": 104, "T01": 102, "S02": 104}
PLAIN = {("T01", "E093")}  # exactly as the mean says
CENTERS = 20
FEW = 25  # what happens less often is counted in whole cases, not as a share of a mean
# Fewer patients come around the Spring Festival, more in late autumn; in % of an ordinary month.
SEASONS = (96, 82, 102, 101, 101, 100, 99, 98, 100, 101, 103, 104)
# The same for all members of a tier, or settled once for all.
SAME = frozenset({"E034", "E059", "E103"})
# What the definitions say is the same count, seen from another side.
EQUAL: Mapping[tuple[str, str], Callable[[Mapping[str, Decimal]], Decimal]] = {
    ("E003", "secondary"): lambda found: found["E002"],
    ("E003", "tertiary"): lambda found: found["E002"],
    ("E051", "primary"): lambda found: found["E047"],
    ("E073", "primary"): lambda found: found["E001"] + found["E002"],
    ("E073", "secondary"): lambda found: found["E001"] + found["E002"],
    ("E073", "tertiary"): lambda found: found["E001"] + found["E002"],
}
# Parts and their wholes that no single indicator tells.
PARTS = {"E048": ("E003",), "E094": ("E090", "E092")}
# In a center, what holds a count seen as done: cases referred hold those seen, cases received those taken over.
HOLDS = {"E050": "E047", "E052": "E048"}


def chance(*parts: object) -> Fraction:
    """A number from 0 to 1 that depends on nothing but its names: the demo is the same on every machine."""
    text = "/".join(map(str, parts)).encode()
    return Fraction(int.from_bytes(hashlib.sha256(text).digest()[:3], "big"), 2**24)


@cache
def sizes() -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    """The mean of an element in a tier in the first and in the last month of the story."""
    text = resources.files("alliance.demo").joinpath("magnitudes.csv").read_text("utf-8")
    return {
        (row["element"], row["tier"]): (Fraction(row["start"]), Fraction(row["end"]))
        for row in csv.DictReader(text.splitlines())
    }


@cache
def skill(member: str, element: str) -> Fraction:
    """How good a member is at something, around 1."""
    if (member, element) in PLAIN:
        return Fraction(1)
    base = Fraction(STRONG.get(member, 100) - WEAK.get(member, 0), 100)
    return base * (Fraction(95, 100) + chance(member, element, "skill") / 10)


@cache
def mean(code: str, tier: str, place: int) -> Fraction:
    """The mean of an element in a tier at a place of the story."""
    start, end = sizes().get((code, tier), (Fraction(10), Fraction(10)))
    return start + (end - start) * place / (MONTHS - 1)


class Story:
    """Makes the readings of a member in a period of the story."""

    def __init__(self, known: Library) -> None:
        self.known = known
        # What a numerator is part of: it is drawn from its rate, so that a part never passes its whole.
        self.whole: dict[str, tuple[tuple[str, ...], str]] = {part: (of, "higher") for part, of in PARTS.items()}
        for one in known.indicators.values():
            of = tuple(code for _, code in one.denominator)
            if one.kind in ("ratio", "growth") and len(one.numerator) == 1 and len(of) == 1:
                part = one.numerator[0][1]
                if part not in of:
                    self.whole.setdefault(part, (of, "none" if one.kind == "growth" else one.direction))

    def readings(self, member: str, tier: str, period: Period, place: int) -> dict[str, Decimal]:
        """Values by element for a member in a period; `place` is where it lies in the story, 0 to 23."""
        maker = _Maker(self, member, tier, period, place)
        for element in self.known.elements.values():
            if tier in element.tiers and (element.frequency is period.kind or period.kind is PeriodKind.MONTH):
                maker.value(element.code)
        return maker.found


class _Maker:
    """One member in one period."""

    def __init__(self, story: Story, member: str, tier: str, period: Period, place: int) -> None:
        self.story, self.member, self.tier, self.period, self.place = story, member, tier, period, place
        self.found: dict[str, Decimal] = {}
        self.busy: set[str] = set()
        self.size = Fraction(1) if tier == "tertiary" else Fraction(4, 5) + chance(member, "size") * 2 / 5

    def value(self, code: str) -> Decimal:
        if code not in self.found:
            self.busy.add(code)
            element = self.story.known.elements[code]
            self.found[code] = _fit(self._exact(element), element)
        return self.found[code]

    def mean(self, code: str) -> Fraction:
        return mean(code, self.tier, self.place)

    def _exact(self, element: Element) -> Fraction:
        code, mean = element.code, self.mean(element.code)
        if code in SAME:
            return mean
        if (code, self.tier) in EQUAL:
            for other in ("E001", "E002", "E047"):
                if self.tier in self.story.known.elements[other].tiers:
                    self.value(other)
            return Fraction(EQUAL[code, self.tier](self.found))
        if code in ("E082", "E086") and self.member.startswith("C"):
            return self._shared_out(mean * CENTERS)
        if code == "E085" and self.member.startswith("C"):
            return mean + int(self.member[1:]) % 5 - 2
        if code in HOLDS and self.tier == "primary":
            base = Fraction(self.value(HOLDS[code]))
            return max(base, base * mean / self.mean(HOLDS[code]) * self._wobble(code, 4))
        if element.aggregation == "mean":
            # People who answer differ less than what is counted.
            return mean * (1 + (skill(self.member, code) - 1) / 4) * self._wobble(code, 1)
        of = [one for one in self.story.whole.get(code, ((), ""))[0] if (one, self.tier) in sizes()]
        if of and not self.busy & set(of) - set(self.found) and sum(map(self.mean, of)) > 0:
            return self._part(element, mean, of)
        if mean < FEW:
            return self._cases(code, mean * self.size, element.aggregation == "stock")
        if element.aggregation == "stock":
            return mean * self.size
        season = SEASONS[self.period.start % 12] if self.period.kind is PeriodKind.MONTH else 100
        return mean * self.size * season / 100 * self._wobble(code, 3)

    def _part(self, element: Element, mean: Fraction, of: list[str]) -> Fraction:
        """A part of a whole, by its rate; of few cases whole ones."""
        code, direction = element.code, self.story.whole[element.code][1]
        base = sum((Fraction(self.value(one)) for one in of), Fraction(0))
        rate = mean / sum(map(self.mean, of))
        if direction == "none":
            return base * rate * (Fraction(95, 100) + chance(self.member, code) / 10) * self._wobble(code, 1)
        good = skill(self.member, code)
        exact = base * rate * (1 / good if direction == "lower" else good) * self._wobble(code, 2)
        if mean < FEW:
            exact = self._cases(code, exact, element.aggregation == "stock")
        return min(exact, base) if rate <= 1 else exact

    def _cases(self, code: str, mean: Fraction, lasting: bool) -> Fraction:
        """Whole cases around a mean. What lasts only changes when its mean passes a number."""
        dice = chance(self.member, code) if lasting else chance(self.member, code, self.period.code)
        return Fraction(int(mean + dice))

    def _shared_out(self, total: Fraction) -> Fraction:
        """The part of one center in what all centers have together; it never falls while the total grows."""
        order = (int(self.member[1:]) * 7) % CENTERS
        whole = int(total + Fraction(1, 2))
        return Fraction(whole // CENTERS + (order < whole % CENTERS))

    def _wobble(self, code: str, percent: int) -> Fraction:
        return 1 + (chance(self.member, code, self.period.code) * 2 - 1) * percent / 100


def _fit(value: Fraction, element: Element) -> Decimal:
    step = Decimal(1).scaleb(-element.places)
    exact = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(step, ROUND_HALF_UP)
    if element.maximum is not None:
        exact = min(exact, element.maximum)
    return max(exact, element.minimum or Decimal(0))


def ratings(member: str, quarter: Period, place: int) -> Mapping[str, tuple[Decimal, int]]:
    """Results of the rater groups for a member in a quarter of the story, with the number behind each."""
    lag = WEAK.get(member, 0) // 2
    found = {}
    for group, low, rise, wide, n in (
        ("peers", 70, 12, 12, 9),
        ("third_party", 66, 14, 12, 3),
        ("patients", 62, 26, 7, 180),
    ):
        value = low + Fraction(rise * place, MONTHS - 1) - lag + chance(member, group, quarter.code) * wide
        count = n + int(chance(member, group, quarter.code, "n") * n)
        found[group] = (Decimal(int(value * 100)).scaleb(-2).min(Decimal(100)), count)
    return found
