"""Data elements and indicators as they are defined in a library."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from alliance.core.period import PeriodKind

AGGREGATIONS = ("flow", "stock", "mean")
MODES = ("register", "captured", "filed", "rated", "surveyed")
DIRECTIONS = ("higher", "lower", "band", "monitor")
TIERS = ("primary", "secondary", "tertiary")
TAGS = ("collaboration", "health", "patient")
SYNERGIES = ("", "resource", "service", "information", "management")
KINDS = (
    "ratio", "sum", "growth", "difference", "median", "percentile", "share_reaching", "ratio_of_ratios",
    "agreement_with_lead",
)  # fmt: skip
BACK = re.compile(r"year|period|[1-9]\d?")
MARKS = ("verified", "template", "own")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A side of performance under which indicators stand."""

    code: str
    name: Words


@dataclass(frozen=True, slots=True)
class Element:
    """A data element: what members file or registers derive.

    `aggregation` says how months become a quarter: flow (summed), stock (the last one), mean (weighted by the element
    `weight`). `places` are the decimals that may be filed. An `external` element is filed once for the alliance.
    """

    code: str
    name: Words
    unit: Words = Words()
    aggregation: str = "flow"
    weight: str = ""
    places: int = 0
    frequency: PeriodKind = PeriodKind.MONTH
    mode: str = "filed"
    tiers: tuple[str, ...] = TIERS
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    external: bool = False
    definition: Words = Words()
    source: Words = Words()
    soft_minimum: Decimal | None = None  # under or over these a value needs an explanation
    soft_maximum: Decimal | None = None
    whole: str = ""  # the element that this one is a part of
    reference_date: Words = Words()
    officer: Words = Words()
    code_system: str = ""
    library: str = ""
    mark: str = "template"
    version: int = 1


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator of a closed set of kinds over elements or other indicators (the kinds: rules.kinds).

    `numerator` and `denominator` are terms (sign, element). `sum` uses `numerator` alone. `back` says what growth
    compares with: `year`, `period` (the one before) or a number of periods.
    """

    code: str
    name: Words
    kind: str
    dimension: str = ""
    numerator: tuple[tuple[int, str], ...] = ()
    denominator: tuple[tuple[int, str], ...] = ()
    factor: Decimal = Decimal(1)
    of: str = ""  # growth, difference: of another indicator instead of terms
    back: str = "year"
    upper: str = ""
    lower: str = ""
    external: str = ""
    indicators: tuple[str, ...] = ()
    tolerance: Decimal = Decimal(10)
    threshold: Decimal | None = None
    percent: Decimal | None = None
    unit: Words = Words()
    places: int = 2
    direction: str = "higher"
    band: tuple[Decimal, ...] = ()
    target: Decimal | None = None
    tiers: tuple[str, ...] = TIERS
    tags: tuple[str, ...] = ()
    synergy: str = ""
    definition: Words = Words()
    window: Words = Words()
    source: Words = Words()
    explained: bool = False  # outside its band a member explains the value before it is signed
    scope: Words = Words()
    exclusions: Words = Words()
    reference: Words = Words()  # where in the published set it stands
    library: str = ""
    mark: str = "template"
    version: int = 1

    @property
    def refers_to(self) -> tuple[str, ...]:
        """The other indicators it is computed from."""
        return tuple(code for code in (self.of, self.upper, self.lower, *self.indicators) if code)

    @property
    def elements(self) -> tuple[str, ...]:
        """The elements it is computed from directly."""
        codes = [code for _, code in (*self.numerator, *self.denominator)]
        return tuple(dict.fromkeys([*codes, self.external] if self.external else codes))


@dataclass(frozen=True, slots=True)
class Library:
    """A set of definitions with its source."""

    code: str
    name: Words
    source: Words = Words()
    mark: str = "template"
    dimensions: tuple[Dimension, ...] = ()
    elements: Mapping[str, Element] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)


def clause(one: Element | Indicator) -> str:
    """Where a definition stands, with its version: five_dimensions I014 v2."""
    return f"{one.library} {one.code} v{one.version}".strip()
