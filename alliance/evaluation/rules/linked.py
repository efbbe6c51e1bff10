"""The value of the members that one supports, weighted by the cases behind it and the share of support (E1, M7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from alliance.core.figure import ALLIANCE, EXACT, Figure, Kind, Level, Name, derived, given, quotient, sum_exactly

ANY = "yes"  # what a line says that takes the members supported in any specialty
SUPPORTERS = ("tertiary", "secondary")  # tiers whose members support others
ALL = "all"  # a link in all specialties, as sources call it
VALUE = Name("value", "受援单位指标值", "values of the members supported")
WEIGHT = Name("weight", "权重", "weights")
CASES = Name("cases", "例数", "cases")
SHARE = Name("share", "支援份额（%）", "share of support, %")
HELD = Kind("support", "支援份额", "Share of support", "%", "%", clause="links", level=Level.ALLIANCE)
MEAN = Kind(
    "support:mean", "各专科支援份额平均值", "Share of support, mean of the specialties", "%", "%",
    "sum(share) / count(share)", "2", "links", names=(SHARE,),
)  # fmt: skip

Values = Mapping[tuple[str, str], Figure]  # by (member, indicator)
Cases = Mapping[tuple[str, str], Figure | None]  # the same; None where a value rests on none


@dataclass(frozen=True, slots=True)
class Link:
    """A supporter of a member in a specialty ("": in all of them) with its share in %, since a day."""

    supporter: str
    supported: str
    specialty: str
    share: Decimal
    start: date


@dataclass(slots=True)
class Support:
    """The links of one day; the shares of support as figures, each made once."""

    links: Sequence[Link] = ()
    figures: dict[str, Figure] = field(default_factory=dict)

    def of(self, supporter: str, linked: str) -> list[tuple[str, Figure]]:
        """The members that one supports as a line asks, with its share of their support, by their codes.

        A line of one specialty takes the supporters of the nearest that is recorded: the specialty itself, the one
        above it, all. A line of any takes the mean share over all specialties in which the member is supported, so that
        the shares of all its supporters come to 100 % and none of its cases counts twice.
        """
        found = []
        for member in sorted({one.supported for one in self.links if one.supporter == supporter}):
            shares = [self._share(supporter, *place) for place in self._places(member, linked)]
            if sum_exactly(one.value or Decimal(0) for one in shares) > 0:
                found.append((member, shares[0] if len(shares) == 1 else self._mean(supporter, member, shares)))
        return found

    def _places(self, member: str, linked: str) -> list[tuple[str, str, date]]:
        """The specialties in which a member is supported that count in a line, each with the day it holds since."""
        there = {one.specialty: one.start for one in self.links if one.supported == member}
        if linked == ANY:
            return [(member, one, start) for one, start in sorted(there.items())]
        nearest = next((one for one in (linked, linked.partition(".")[0], "") if one in there), None)
        return [] if nearest is None else [(member, nearest, there[nearest])]

    def _share(self, supporter: str, member: str, specialty: str, start: date) -> Figure:
        """A supporter's share in one specialty; 0 where only others support the member in it."""
        place = f"{member}/support/{specialty or ALL}/{supporter}"
        if place not in self.figures:
            value = next(
                (one.share for one in self.links
                 if (one.supporter, one.supported, one.specialty) == (supporter, member, specialty)), Decimal(0),
            )  # fmt: skip
            source = f"link:{member}/{specialty or ALL}@{start.isoformat()}#{supporter}"
            self.figures[place] = given(place, HELD, value, source, owner=ALLIANCE)
        return self.figures[place]

    def _mean(self, supporter: str, member: str, shares: Sequence[Figure]) -> Figure:
        place = f"{member}/support/{supporter}"
        if place not in self.figures:
            exact = quotient(sum_exactly(one.value or Decimal(0) for one in shares), Decimal(len(shares)))
            inputs = [("share", one) for one in shares]
            self.figures[place] = derived(place, MEAN, exact, inputs, owner=f"institution:{member}")
        return self.figures[place]


@dataclass(frozen=True, slots=True)
class Supported:
    """A member supported: its own value, the cases behind it (None: it rests on none) and the share of its support."""

    code: str
    value: Figure
    cases: Figure | None
    share: Figure


def supported(
    support: Support, supporter: str, linked: str, indicator: str, values: Values, cases: Cases
) -> list[Supported]:
    """The members whose value a line takes: those supported for which the indicator is worked out."""
    return [
        Supported(code, values[code, indicator], cases.get((code, indicator)), share)
        for code, share in support.of(supporter, linked)
        if (code, indicator) in values
    ]


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """What the figures of a line have in common: their kinds, and what their keys are made of."""

    value: Kind
    weight: Kind
    measure: str
    period: str


def linked_value(line: LinkedLine, supporter: str, rows: Iterable[Supported]) -> Figure:
    """The mean of the members' values, weighted by their cases × the share of their support; by the share alone where
    the indicator rests on no cases.

    Members without a value are left out and stand beside it; with none left, or none supported, it is not applicable:
    what others did not file is no debt of the supporter. Worked example: 74 % of 300 cases with a share of 70 %, and
    82 % of 300 cases with 100 %: (74 × 210 + 82 × 300) ÷ 510 = 78.71 %.
    """
    counted: list[tuple[Figure, Figure]] = []
    without: list[tuple[str, Figure]] = []
    for row in rows:
        weight = _weight(line, supporter, row)
        if row.value.value is None or weight is None:
            without.append(("without", row.value))
        else:
            counted.append((row.value, weight))
    weights = sum_exactly(weight.value or Decimal(0) for _, weight in counted)
    exact = None
    if weights:
        products = (EXACT.multiply(value.value or Decimal(0), weight.value or Decimal(0)) for value, weight in counted)
        exact = quotient(sum_exactly(products), weights)
    inputs = [("value", value) for value, _ in counted] + [("weight", weight) for _, weight in counted] + without
    return derived(
        f"{supporter}/{line.measure}/{line.period}", line.value, exact, inputs, owner=f"institution:{supporter}"
    )


def _weight(line: LinkedLine, supporter: str, row: Supported) -> Figure | None:
    """Cases × share; the share where there are none to ask for; None where the cases are not there, or not above 0."""
    if row.cases is None:
        return row.share
    if row.cases.value is None or row.share.value is None or row.cases.value <= 0:
        return None
    exact = EXACT.multiply(row.cases.value, row.share.value).scaleb(-2, EXACT)
    key = f"{row.code}/{line.measure}/{supporter}/{line.period}"
    return derived(
        key, line.weight, exact, (("cases", row.cases), ("share", row.share)), owner=f"institution:{row.code}"
    )
