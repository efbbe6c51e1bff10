"""What is wrong with the definitions of a library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from keyword import iskeyword

from alliance.core.formula import CALLS
from alliance.core.period import MONTHS
from alliance.core.refused import Problem, mark
from alliance.core.written import WRONG_WORD
from alliance.indicators.rules.definitions import (
    AGGREGATIONS,
    BACK,
    DIRECTIONS,
    KINDS,
    MARKS,
    MODES,
    SYNERGIES,
    TAGS,
    TIERS,
    Element,
    Indicator,
    Library,
    Words,
)

TWICE = mark("this code is used twice")
NO_ELEMENT = mark("no data element has this code")
NO_INDICATOR = mark("no indicator has this code")


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
