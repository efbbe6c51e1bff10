"""Data elements and indicators as they are defined in a library, and what is wrong with a definition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from keyword import iskeyword
from typing import Any, TypeVar

from alliance.core.formula import CALLS
from alliance.core.period import MONTHS, PeriodKind
from alliance.core.refused import Problem, Refused, mark

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,11}")
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
OVER_REGISTER = ("median", "percentile", "share_reaching")
BACK = re.compile(r"year|period|[1-9]\d?")
MOST_PLACES = 15
MARKS = ("verified", "template", "own")

WRONG_WORD = mark("is not one of the words allowed here")
TWICE = mark("this code is used twice")
NO_ELEMENT = mark("no data element has this code")
NO_INDICATOR = mark("no indicator has this code")


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


Defined = TypeVar("Defined", Element, Indicator)


def clause(one: Element | Indicator) -> str:
    """Where a definition stands, with its version: five_dimensions I014 v2."""
    return f"{one.library} {one.code} v{one.version}".strip()


def read_library(data: Mapping[str, Any]) -> Library:
    """A library from its TOML data; Refused with every problem found."""
    problems: list[Problem] = []

    def rows(what: str) -> list[_Row]:
        return [_Row(row, problems) for row in data.get(what, ())]

    head = _Row(data.get("library", {}), problems)
    origin = head.text("code"), head.text("mark", "template")
    library = Library(
        head.text("code"), head.words("name"), head.words("source"), origin[1],
        tuple(Dimension(row.text("code"), row.words("name")) for row in rows("dimension")),
        _by_code([_element(row, *origin) for row in rows("element")], problems),
        _by_code([_indicator(row, *origin) for row in rows("indicator")], problems),
    )  # fmt: skip
    problems += check_library(library)
    if problems:
        raise Refused("The library has %(count)s errors.", count=len(problems), problems=problems)
    return library


def read_alone(what: str, row: Mapping[str, Any]) -> Element | Indicator:
    """One element or indicator from its row; Refused with what cannot be read in it. What it names is not checked."""
    problems: list[Problem] = []
    cells = _Row(row, problems)
    one = _element(cells, "", "template") if what == "element" else _indicator(cells, "", "template")
    if problems:
        raise Refused("The definition has %(count)s errors.", count=len(problems), problems=problems)
    return one


def _by_code(items: Sequence[Defined], problems: list[Problem]) -> dict[str, Defined]:
    found: dict[str, Defined] = {}
    for item in items:
        if not CODE.fullmatch(item.code):
            reason = mark("a code has 1 to 12 letters and digits and starts with a letter")
            problems.append(Problem(item.code, item.code, reason))
        if item.code in found:
            problems.append(Problem(item.code, item.code, TWICE))
        found[item.code] = item
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a library's file; what cannot be read is added to the problems."""

    data: Mapping[str, Any]
    problems: list[Problem]

    def fault(self, key: str, message: str) -> None:
        where = f"{self.data.get('code', '')}.{key}"
        self.problems.append(Problem(where, str(self.data.get(key, "")), message))

    def text(self, key: str, otherwise: str = "") -> str:
        return str(self.data.get(key, otherwise))

    def words(self, key: str) -> Words:
        return Words(self.text(f"{key}_zh"), self.text(f"{key}_en"))

    def several(self, key: str, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
        found = self.data.get(key, otherwise)
        if isinstance(found, list | tuple):
            return tuple(map(str, found))
        self.fault(key, mark("is not a list"))
        return otherwise

    def terms(self, key: str) -> tuple[tuple[int, str], ...]:
        return tuple((-1 if term.startswith("-") else 1, term.lstrip("+-")) for term in self.several(key))

    def numbers(self, key: str) -> tuple[Decimal, ...]:
        """The numbers of a list, or the one number that stands there; empty when one is none."""
        found = self.data.get(key, ())
        try:
            numbers = tuple(Decimal(str(one)) for one in (found if isinstance(found, list | tuple) else [found]))
        except InvalidOperation:
            numbers = (Decimal("NaN"),)
        if all(number.is_finite() for number in numbers):
            return numbers
        self.fault(key, mark("is not a number"))
        return ()

    def number(self, key: str) -> Decimal | None:
        return next(iter(self.numbers(key)), None)

    def places(self, otherwise: int) -> int:
        found = self.number("places")
        if found is None:
            return otherwise
        if found != int(found) or not 0 <= found <= MOST_PLACES:
            self.fault("places", mark("is not a number of decimal places"))
            return otherwise
        return int(found)

    def truth(self, key: str) -> bool:
        found = self.data.get(key, False)
        if not isinstance(found, bool):
            self.fault(key, mark("is neither true nor false"))
        return found is True

    def frequency(self) -> PeriodKind:
        found = self.text("frequency", "month")
        if found not in list(PeriodKind):
            self.fault("frequency", WRONG_WORD)
            return PeriodKind.MONTH
        return PeriodKind(found)


def _element(row: _Row, library: str, mark: str) -> Element:
    return Element(
        row.text("code"), row.words("name"), row.words("unit"), row.text("aggregation", "flow"), row.text("weight"),
        row.places(0), row.frequency(), row.text("mode", "filed"), row.several("tiers", TIERS), row.number("minimum"),
        row.number("maximum"), row.truth("external"), row.words("definition"), row.words("source"),
        row.number("soft_minimum"), row.number("soft_maximum"), row.text("whole"),
        row.words("reference_date"), row.words("officer"), row.text("code_system"), row.text("library", library),
        row.text("mark", mark), int(row.text("version", "1")),
    )  # fmt: skip


def _indicator(row: _Row, library: str, mark: str) -> Indicator:
    factor, tolerance = row.number("factor"), row.number("tolerance")
    return Indicator(
        row.text("code"), row.words("name"), row.text("kind"), row.text("dimension"),
        row.terms("terms") or row.terms("numerator"), row.terms("denominator"),
        Decimal(1) if factor is None else factor, row.text("of") or row.text("indicator"), row.text("back", "year"),
        row.text("upper"), row.text("lower"), row.text("external"), row.several("indicators"),
        Decimal(10) if tolerance is None else tolerance, row.number("threshold"), row.number("percent"),
        row.words("unit"), row.places(2), row.text("direction", "higher"), row.numbers("band"), row.number("target"),
        row.several("tiers", TIERS), row.several("tags"), row.text("synergy"), row.words("definition"),
        row.words("window"), row.words("source"), row.truth("explained"), row.words("scope"), row.words("exclusions"),
        row.words("reference"), row.text("library", library), row.text("mark", mark), int(row.text("version", "1")),
    )  # fmt: skip


def check_library(library: Library) -> list[Problem]:
    """Unknown names, wrong words, mixed units, missing languages, circles: every problem with its place."""
    problems: list[Problem] = []
    for element in library.elements.values():
        problems += _check_element(element, library)
    for indicator in library.indicators.values():
        problems += _check_indicator(indicator, library)
    both = [code for code in library.elements if code in library.indicators]
    dimensions = [dimension.code for dimension in library.dimensions]
    both += sorted({code for code in dimensions if dimensions.count(code) > 1})
    problems += [Problem(code, code, TWICE) for code in both]
    problems += [
        Problem(circle[0], " → ".join(circle), mark("an indicator cannot be computed from itself"))
        for circle in circles(library)
    ]
    return problems


def _check_element(element: Element, library: Library) -> list[Problem]:
    words = [
        ("aggregation", element.aggregation, AGGREGATIONS),
        ("mode", element.mode, MODES),
        ("mark", element.mark, MARKS),
        *(("tiers", tier, TIERS) for tier in element.tiers),
    ]
    problems = _check_words(element.code, element.name, words)
    if element.code in CALLS or iskeyword(element.code):
        problems.append(Problem(element.code, element.code, mark("this word has a meaning in formulas")))
    if element.aggregation == "mean":
        problems += _check_weight(element, library.elements.get(element.weight))
    if element.minimum is not None and element.maximum is not None and element.minimum > element.maximum:
        problems.append(Problem(f"{element.code}.minimum", str(element.minimum), mark("is over the maximum")))
    if element.whole and element.whole not in library.elements:
        problems.append(Problem(f"{element.code}.whole", element.whole, NO_ELEMENT))
    return problems


def _check_weight(element: Element, weight: Element | None) -> list[Problem]:
    where = f"{element.code}.weight"
    if weight is None:
        return [Problem(where, element.weight, NO_ELEMENT)]
    if weight.aggregation == "mean":
        return [Problem(where, element.weight, mark("a mean cannot be a weight"))]
    if MONTHS[weight.frequency] > MONTHS[element.frequency]:
        return [Problem(where, element.weight, mark("a weight must be filed as often as what it weighs"))]
    return []


def _check_words(code: str, name: Words, words: Iterable[tuple[str, str, Sequence[str]]]) -> list[Problem]:
    problems = [Problem(f"{code}.{key}", value, WRONG_WORD) for key, value, allowed in words if value not in allowed]
    if not (name.zh and name.en):
        problems.append(Problem(f"{code}.name", name.zh or name.en, mark("needs a name in Chinese and in English")))
    return problems


def _check_indicator(indicator: Indicator, library: Library) -> list[Problem]:
    code = indicator.code
    words = [
        ("kind", indicator.kind, KINDS),
        ("mark", indicator.mark, MARKS),
        ("direction", indicator.direction, DIRECTIONS),
        ("synergy", indicator.synergy, SYNERGIES),
        ("dimension", indicator.dimension, ["", *(dimension.code for dimension in library.dimensions)]),
        ("back", indicator.back, [indicator.back] if BACK.fullmatch(indicator.back) else ()),
        *(("tags", tag, TAGS) for tag in indicator.tags),
        *(("tiers", tier, TIERS) for tier in indicator.tiers),
    ]
    problems = _check_words(code, indicator.name, words)
    problems += _check_elements(indicator, library)
    problems += [Problem(code, name, NO_INDICATOR) for name in indicator.refers_to if name not in library.indicators]
    if indicator.kind in KINDS and not _complete(indicator):
        reason = mark("this kind of indicator lacks something it is computed from")
        problems.append(Problem(code, indicator.kind, reason))
    return problems + _check_numbers(indicator) + _check_units(indicator, library)


def _check_numbers(indicator: Indicator) -> list[Problem]:
    problems = []
    if indicator.factor <= 0:
        problems.append(Problem(f"{indicator.code}.factor", str(indicator.factor), mark("must be above 0")))
    if indicator.tolerance < 0:
        problems.append(Problem(f"{indicator.code}.tolerance", str(indicator.tolerance), mark("must be 0 or more")))
    band = indicator.band
    if band and not (len(band) == 2 and band[0] < band[1]):
        shown = ", ".join(map(str, band))
        problems.append(Problem(f"{indicator.code}.band", shown, mark("a band has a lower and an upper end")))
    return problems


def _check_elements(indicator: Indicator, library: Library) -> list[Problem]:
    """Its elements are known, and filed by every tier to which it applies."""
    problems = []
    for code in indicator.elements:
        element = library.elements.get(code)
        if element is None:
            problems.append(Problem(indicator.code, code, NO_ELEMENT))
        elif not element.external and not set(TIERS).intersection(indicator.tiers) <= set(element.tiers):
            reason = mark("this data element is not filed by every tier of the indicator")
            problems.append(Problem(indicator.code, code, reason))
    return problems


def _check_units(indicator: Indicator, library: Library) -> list[Problem]:
    """What is added up or subtracted is of one unit, as far as units are named."""
    sums = [[code for _, code in terms] for terms in (indicator.numerator, indicator.denominator)]
    if indicator.kind == "difference" and not indicator.denominator:
        sums.append([*sums[0], indicator.of, indicator.external])

    def unit(code: str) -> str:
        found = library.elements.get(code) or library.indicators.get(code)
        return found.unit.zh if found else ""

    problems = []
    for codes in sums:
        units = {unit(code): code for code in codes if unit(code)}
        if len(units) > 1:
            shown = ", ".join(f"{code} ({unit})" for unit, code in units.items())
            reason = mark("things of different units cannot be added or subtracted")
            problems.append(Problem(indicator.code, shown, reason))
    return problems


def _complete(indicator: Indicator) -> bool:
    """Whether an indicator has all that its kind is computed from."""
    terms = bool(indicator.numerator)
    match indicator.kind:
        case "ratio":
            return terms and bool(indicator.denominator)
        case "sum":
            return terms and not indicator.denominator
        case "median":
            return terms
        case "growth":
            return terms or bool(indicator.of)
        case "difference":
            return (terms or bool(indicator.of)) and bool(indicator.external)
        case "percentile":
            return terms and indicator.percent is not None and 0 < indicator.percent <= 100
        case "share_reaching":
            return terms and indicator.threshold is not None
        case "ratio_of_ratios":
            return bool(indicator.upper and indicator.lower)
    return bool(indicator.indicators)


def circles(library: Library) -> list[list[str]]:
    """The circles among indicators that are computed from each other, each as the way round."""
    done: set[str] = set()
    found: list[list[str]] = []

    def visit(code: str, way: list[str]) -> None:
        if code in way:
            found.append([*way[way.index(code) :], code])
            return
        if code in done or code not in library.indicators:
            return
        for other in library.indicators[code].refers_to:
            visit(other, [*way, code])
        done.add(code)

    for code in library.indicators:
        visit(code, [])
    return found
