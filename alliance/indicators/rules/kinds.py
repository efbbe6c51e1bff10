"""The closed set of indicator kinds: from readings to the values of indicators, as figures (I1).

Without a value an indicator is *missing* when something that it needs was due and not filed, and *not applicable*
otherwise: nothing to divide by, no base period, an element that does not apply. Worked examples of every kind:
tests/indicators/examples/kinds.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from operator import ge, le

from alliance.core.figure import (
    EXACT,
    Figure,
    Kind,
    Level,
    Name,
    State,
    canonical,
    derived,
    given,
    quotient,
    sum_exactly,
)
from alliance.core.formula import median, percentile
from alliance.core.period import Period
from alliance.indicators.rules.definitions import Element, Indicator, Library, clause

Place = tuple[str, str, str]  # institution ("" for the alliance), element, period code
Terms = tuple[tuple[int, str], ...]  # sign, element
Inputs = list[tuple[str, Figure]]

THIS = Name("this", "本期", "this period")
THEN = Name("then", "对比期", "the period compared with")
OWN = Name("own", "本单位", "own value")
REFERENCE = Name("reference", "外部参照值", "external reference")
OWN_VALUES = Name("own", "本单位各指标值", "own values")
LEAD_VALUES = Name("lead", "牵头单位各指标值", "values of the lead")
CASE = Name("case", "各例数值", "values of the cases")
READING = Name("reading", "各期填报值", "readings")
LAST = Name("last", "期末值", "value at the end")

BETWEEN = 6  # decimal places, at least, of a value that stands between readings and an indicator


@dataclass(slots=True)
class Bench:
    """The values of one period as they are worked out, each once.

    `readings` are the filed figures by place, `cases` the single values of registers by place.
    `lead` is the institution that others are compared with. `months`, by their number from the beginning of a period,
    are those that count, in an earlier one that growth looks back to the same; None: all of them. Nothing else is due.
    """

    library: Library
    period: Period
    readings: Mapping[Place, Figure]
    cases: Mapping[Place, list[Figure]] = field(default_factory=dict)
    lead: str = ""
    months: frozenset[int] | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)
    totals: dict[Place, Figure] = field(default_factory=dict)
    values: dict[Place, Figure] = field(default_factory=dict)
    absent: dict[Place, Figure] = field(default_factory=dict)

    def value(self, institution: str, code: str, period: Period | None = None) -> Figure:
        """The value of an indicator for an institution, in the bench's period or another one."""
        period = period or self.period
        place = (institution, code, period.code)
        found = self.values.get(place)
        if found is None:
            indicator = self.library.indicators[code]
            found = self.values[place] = WORK[indicator.kind](self, institution, indicator, period)
        return found

    def total(self, institution: str, code: str, period: Period) -> Figure:
        """What an element comes to over a period: its one reading, or its readings put together.

        An external element is the alliance's, whoever asks.
        """
        element = self.library.elements[code]
        if element.external:
            institution = ""
        if element.frequency is period.kind and self.parts(element, period):
            return self.reading(institution, element, period)
        place = (institution, code, period.code)
        found = self.totals.get(place)
        if found is None:
            found = self.totals[place] = _total(self, institution, element, period)
        return found

    def parts(self, element: Element, period: Period) -> list[Period]:
        """The periods in which an element is filed inside another one, as far as they count."""
        parts = period.parts(element.frequency)
        if self.months is None:
            return parts
        return [part for part in parts if self.months >= part.months_in(period)]

    def reading(self, institution: str, element: Element, period: Period) -> Figure:
        """What was filed for an element; a missing figure when nothing was."""
        place = (institution, element.code, period.code)
        found = self.readings.get(place) or self.absent.get(place)
        if found is None:
            # What was due and not filed is a figure too: it is listed, and it scores 0.
            found = self.absent[place] = _no_reading(institution, element, period, State.MISSING)
        return found

    def kind(self, kind: Kind) -> Kind:
        """One object for each kind of a run."""
        return self.kinds.setdefault(kind.code, kind)


def owner_of(institution: str) -> str:
    """The owner of an institution's figures; of the alliance's when the code is ""."""
    return f"institution:{institution}" if institution else "alliance"


@lru_cache(maxsize=4096)
def element_kind(element: Element) -> Kind:
    """The kind of the readings of an element."""
    name, unit = element.name, element.unit
    code = f"element:{element.code}"
    return Kind(code, name.zh, name.en, unit.zh, unit.en, clause=clause(element), level=_level(element))


def _level(element: Element) -> Level:
    """What is filed once for the alliance stands in everybody's share, so everybody may open it."""
    return Level.ALLIANCE if element.external else Level.OWN


def reading_periods(library: Library, codes: Iterable[str], period: Period) -> set[str]:
    """The codes of all periods whose readings indicators rest on, those that growth looks back to included."""
    todo = {(code, period) for code in codes}
    done: set[tuple[str, Period]] = set()
    found: set[str] = set()
    while todo:
        code, when = todo.pop()
        done.add((code, when))
        indicator = library.indicators[code]
        whole = [when, _earlier(indicator, when)] if indicator.kind == "growth" else [when]
        elements = [library.elements[name] for name in indicator.elements]
        elements += [library.elements[element.weight] for element in elements if element.aggregation == "mean"]
        found |= {part.code for one in whole for element in elements for part in one.parts(element.frequency)}
        todo |= {(other, one) for other in indicator.refers_to for one in whole} - done
    return found


def _no_reading(institution: str, element: Element, period: Period, state: State) -> Figure:
    place = f"{institution}/{element.code}/{period.code}"
    return given(place, element_kind(element), None, f"reading:{place}@0", owner=owner_of(institution), state=state)


def _total(bench: Bench, institution: str, element: Element, period: Period) -> Figure:
    parts = bench.parts(element, period)
    if not parts:
        # Filed less often than the period asks for, or not due yet: nobody can be blamed for it.
        return _no_reading(institution, element, period, State.NOT_APPLICABLE)
    work = {"stock": _stock, "mean": _mean}.get(element.aggregation, _flow)
    return work(bench, institution, element, parts, f"{institution}/{element.code}/{period.code}")


def _flow(bench: Bench, institution: str, element: Element, parts: list[Period], key: str) -> Figure:
    """The sum: 10, 20, 30 give 60; a part that does not apply is left out, a part that is missing leaves no sum."""
    readings = [bench.reading(institution, element, part) for part in parts]
    kept = [figure for figure in readings if figure.state is not State.NOT_APPLICABLE] or readings
    inputs = [("reading" if figure in kept else "without", figure) for figure in readings]
    exact = _sum_of((1, figure) for figure in kept)
    kind = _total_kind(bench, element, "sum(reading)", (READING,))
    return _figure(key, kind, institution, inputs, exact)


def _stock(bench: Bench, institution: str, element: Element, parts: list[Period], key: str) -> Figure:
    """The value at the end: 10, 20, 30 give 30; without the last one there is none."""
    last = bench.reading(institution, element, parts[-1])
    return _figure(key, _total_kind(bench, element, "last", (LAST,)), institution, [("last", last)], last.value)


def _mean(bench: Bench, institution: str, element: Element, parts: list[Period], key: str) -> Figure:
    """The mean weighted by another element: 80 of 10 answers and 90 of 30 give 87.5.

    A part in which the value or its weight does not apply is left out; weights of 0 in all give no mean.
    """
    weight = bench.library.elements[element.weight]
    pairs = [(bench.reading(institution, element, part), bench.total(institution, weight.code, part)) for part in parts]
    kept = [pair for pair in pairs if all(figure.state is not State.NOT_APPLICABLE for figure in pair)]
    missing = any(figure.state is State.MISSING for pair in kept for figure in pair)
    weights = None if missing else _sum_of((1, heavy) for _, heavy in kept)
    exact = None
    if weights:
        products = (EXACT.multiply(figure.value or 0, heavy.value or 0) for figure, heavy in kept)
        exact = quotient(sum_exactly(products), weights)
    inputs = [("reading", figure) for figure, _ in kept] + [("weight", heavy) for _, heavy in kept]
    inputs += [("without", figure) for figure, heavy in pairs if (figure, heavy) not in kept]
    names = (READING, Name("weight", weight.name.zh, weight.name.en))
    formula, places = "sum(reading * weight) / sum(weight)", str(max(element.places, 2))
    state = State.MISSING if missing else State.NOT_APPLICABLE
    return _figure(key, _total_kind(bench, element, formula, names, places), institution, inputs, exact, state)


def _total_kind(bench: Bench, element: Element, formula: str, names: tuple[Name, ...], rounding: str = "") -> Kind:
    code, name, unit = f"total:{element.code}", element.name, element.unit
    return bench.kinds.get(code) or bench.kind(
        Kind(code, name.zh, name.en, unit.zh, unit.en, formula, rounding, clause(element), _level(element), names)
    )


def _sum_of(parts: Iterable[tuple[int, Figure]]) -> Decimal | None:
    """The sum of signed figures; None when one has no value."""
    total = Decimal(0)
    for sign, figure in parts:
        if figure.value is None:
            return None
        total = EXACT.add(total, figure.value) if sign > 0 else EXACT.subtract(total, figure.value)
    return total


def _figure(
    key: str, kind: Kind, institution: str, inputs: Inputs, exact: Fraction | Decimal | None, state: State | None = None
) -> Figure:
    """A value's figure. Without a value it takes the state given, else missing when an input is."""
    if exact is None and state is None and any(part.state is State.MISSING for _, part in inputs):
        state = State.MISSING
    return derived(key, kind, exact, inputs, owner=owner_of(institution), state=state)


def _value_kind(bench: Bench, indicator: Indicator, formula: str, names: Iterable[Name]) -> Kind:
    code, name, unit = f"indicator:{indicator.code}", indicator.name, indicator.unit
    return bench.kinds.get(code) or bench.kind(Kind(
        code, name.zh, name.en, unit.zh, unit.en, formula, str(indicator.places), clause(indicator), names=tuple(names)
    ))  # fmt: skip


def _key(institution: str, indicator: Indicator, period: Period) -> str:
    return f"{institution}/{indicator.code}/{period.code}"


def _of_elements(bench: Bench, institution: str, indicator: Indicator, period: Period) -> Figure:
    """A ratio Σ ± elements ÷ Σ ± elements × factor, or a sum Σ ± elements, which has no denominator.

    Domain: any values; a denominator of 0 is not applicable. 37 ÷ 412 × 100 = 8.98 %; 12 + 5 − 2 = 15. Source: I1, the
    rates and counts of 36.
    """
    parts, exact = _worked(bench, institution, indicator, period)
    kind = bench.kinds.get(f"indicator:{indicator.code}") or _value_kind(
        bench, indicator, _formula(indicator), _element_names(bench, indicator)
    )
    return _figure(_key(institution, indicator, period), kind, institution, list(parts.items()), exact)


def _worked(
    bench: Bench, institution: str, indicator: Indicator, period: Period
) -> tuple[dict[str, Figure], Fraction | Decimal | None]:
    """The elements of a ratio or a sum by code, and what they come to."""
    parts = {code: bench.total(institution, code, period) for _, code in indicator.numerator + indicator.denominator}
    top = _sum_of((sign, parts[code]) for sign, code in indicator.numerator)
    if not indicator.denominator:
        return parts, top
    bottom = _sum_of((sign, parts[code]) for sign, code in indicator.denominator)
    return parts, None if top is None or not bottom else quotient(top, bottom, indicator.factor)


def _formula(indicator: Indicator) -> str:
    if not indicator.denominator:
        return _written(indicator.numerator)
    sides = [
        f"({_written(terms)})" if len(terms) > 1 or terms[0][0] < 0 else _written(terms)
        for terms in (indicator.numerator, indicator.denominator)
    ]
    return " / ".join(sides) + _times(indicator.factor)


def _times(factor: Decimal) -> str:
    return "" if factor == 1 else f" * {canonical(factor)}"


def _written(terms: Terms) -> str:
    return " ".join(("- " if sign < 0 else "+ ") + code for sign, code in terms).removeprefix("+ ")


def _element_names(bench: Bench, indicator: Indicator) -> list[Name]:
    codes = dict.fromkeys(code for _, code in indicator.numerator + indicator.denominator)
    found = [bench.library.elements[code] for code in codes]
    return [Name(element.code, element.name.zh, element.name.en) for element in found]


def _underlying(bench: Bench, institution: str, indicator: Indicator, period: Period) -> Figure:
    """What growth and difference look at: another indicator, a ratio or a sum of elements."""
    if indicator.of:
        return bench.value(institution, indicator.of, period)
    place = (institution, f"{indicator.code}:of", period.code)
    if place not in bench.values:
        parts, exact = _worked(bench, institution, indicator, period)
        name, places = indicator.name, str(max(indicator.places, BETWEEN))
        kind = bench.kind(Kind(
            f"indicator:{indicator.code}:of", f"{name.zh}：所比数值", f"{name.en}: value compared",
            formula=_formula(indicator), rounding=places, clause=clause(indicator),
            names=tuple(_element_names(bench, indicator)),
        ))  # fmt: skip
        bench.values[place] = _figure("/".join(place), kind, institution, list(parts.items()), exact)
    return bench.values[place]


def _earlier(indicator: Indicator, period: Period) -> Period:
    """The period that growth compares with."""
    if indicator.back == "year":
        return period.year_before()
    return period.back(1 if indicator.back == "period" else int(indicator.back))


def _growth(bench: Bench, institution: str, indicator: Indicator, period: Period) -> Figure:
    """(this − then) ÷ then × 100 against an earlier period: 130 after 125 is 4 %.

    Domain: quantities from 0 up; a value under 0 in the earlier period would turn the sign. Not applicable where the
    earlier period has no value or 0: there is nothing to grow from. Missing when this period's own is. Source: I1, the
    growth of cost per visit of 36.
    """
    earlier = _earlier(indicator, period)
    this, then = (_underlying(bench, institution, indicator, when) for when in (period, earlier))
    kind = _value_kind(bench, indicator, "(this - then) / then * 100", (THIS, THEN))
    exact = None
    if this.value is not None and then.value:
        exact = quotient(EXACT.subtract(this.value, then.value), then.value, 100)
    state = State.MISSING if this.state is State.MISSING else State.NOT_APPLICABLE
    return _figure(
        _key(institution, indicator, period), kind, institution, [("this", this), ("then", then)], exact, state
    )


def _difference(bench: Bench, institution: str, indicator: Indicator, period: Period) -> Figure:
    """Own value − external reference of the same period: 4.00 − 5.50 = −1.50.

    Domain: any values. The reference is the alliance's when its element is external, else the member's own. Not
    applicable where the own value is not, or where the alliance filed no reference: no member can be blamed for that.
    Source: I1, growth against the regional average and gain of health literacy in 36.
    """
    own = _underlying(bench, institution, indicator, period)
    reference = bench.total(institution, indicator.external, period)
    kind = _value_kind(bench, indicator, "own - reference", (OWN, REFERENCE))
    exact = _sum_of([(1, own), (-1, reference)])
    shared = bench.library.elements[indicator.external].external
    state = own.state if own.value is None else State.NOT_APPLICABLE if shared else reference.state
    inputs = [("own", own), ("reference", reference)]
    return _figure(_key(institution, indicator, period), kind, institution, inputs, exact, state)


def _ratio_of_ratios(bench: Bench, institution: str, indicator: Indicator, period: Period) -> Figure:
    """One indicator ÷ another × factor, both as published: 8.98 ÷ 4.49 = 2.

    Domain: any values; not applicable over 0. Source: I1.
    """
    upper, lower = (bench.value(institution, code, period) for code in (indicator.upper, indicator.lower))
    found = [bench.library.indicators[code].name for code in (indicator.upper, indicator.lower)]
    names = [Name(name, words.zh, words.en) for name, words in zip(("upper", "lower"), found, strict=True)]
    kind = _value_kind(bench, indicator, "upper / lower" + _times(indicator.factor), names)
    exact = None
    if upper.value is not None and lower.value:
        exact = quotient(upper.value, lower.value, indicator.factor)
    inputs = [("upper", upper), ("lower", lower)]
    return _figure(_key(institution, indicator, period), kind, institution, inputs, exact)


def _agreement(bench: Bench, institution: str, indicator: Indicator, period: Period) -> Figure:
    """The share, in %, of the listed indicators that lie within ± tolerance % of the lead's value, ends included.

    Domain: any values. Only those count for which both have a value: of 95, 80 and none beside the lead's 90, 90 and 50
    one in two, 50 %. With none in common it is missing when the member filed too little, else not applicable. Source:
    I1, homogeneous quality in 36.
    """
    listed = indicator.indicators
    pairs = [(bench.value(institution, code, period), bench.value(bench.lead, code, period)) for code in listed]
    common = [(own, lead) for own, lead in pairs if own.value is not None and lead.value is not None]
    tolerance = canonical(indicator.tolerance)
    formula = f"count(abs(own - lead) <= abs(lead) * {tolerance} / 100) / count(own) * 100"
    kind = _value_kind(bench, indicator, formula, (OWN_VALUES, LEAD_VALUES))
    inputs = [("own", own) for own, _ in common] + [("lead", lead) for _, lead in common]
    inputs += [("without", own) for own, lead in pairs if (own, lead) not in common]
    near = sum(_near(own.value or Decimal(0), lead.value or Decimal(0), indicator.tolerance) for own, lead in common)
    exact = Fraction(near, len(common)) * 100 if common else None
    return _figure(_key(institution, indicator, period), kind, institution, inputs, exact)


def _near(own: Decimal, lead: Decimal, tolerance: Decimal) -> bool:
    return abs(Fraction(own) - Fraction(lead)) * 100 <= abs(Fraction(lead)) * Fraction(tolerance)


def _over_register(bench: Bench, institution: str, indicator: Indicator, period: Period) -> Figure:
    """Median, percentile (nearest rank) and share reaching a threshold, over the single values of a register.

    Domain: any values, 0 < percent ≤ 100. Of 10, 20, 30 and 40 the median is 25, the 75th percentile 30, the share
    reaching 30 is 50 %; the other way round (lower is better) 75 % stay at or under 30. Cases without a value do not
    count; without any it is not applicable. Source: I1; 40 training hours reached in 36.
    """
    element = bench.library.elements[indicator.numerator[0][1]]
    parts = bench.parts(element, period)
    cases = [case for part in parts for case in bench.cases.get((institution, element.code, part.code), ())]
    values = [Fraction(case.value) for case in cases if case.value is not None]
    formula, work = _over_cases(indicator)
    inputs = [("case" if case.value is not None else "without", case) for case in cases]
    key, kind = _key(institution, indicator, period), _value_kind(bench, indicator, formula, (CASE,))
    return _figure(key, kind, institution, inputs, work(values) if values else None)


def _over_cases(indicator: Indicator) -> tuple[str, Callable[[list[Fraction]], Fraction]]:
    """The formula of a kind over single values, and the function that works it out."""
    match indicator.kind, indicator.percent, indicator.threshold:
        case "percentile", Decimal() as percent, _:
            return f"percentile(case, {canonical(percent)})", lambda values: percentile(values, Fraction(percent))
        case "share_reaching", _, Decimal() as threshold:
            sign, reaches = ("<=", le) if indicator.direction == "lower" else (">=", ge)
            formula = f"count(case {sign} {canonical(threshold)}) / count(case)" + _times(indicator.factor)
            factor = Fraction(indicator.factor)
            return formula, lambda values: sum(reaches(value, threshold) for value in values) * factor / len(values)
    return "median(case)", median


WORK: dict[str, Callable[[Bench, str, Indicator, Period], Figure]] = {
    "ratio": _of_elements,
    "sum": _of_elements,
    "growth": _growth,
    "difference": _difference,
    "median": _over_register,
    "percentile": _over_register,
    "share_reaching": _over_register,
    "ratio_of_ratios": _ratio_of_ratios,
    "agreement_with_lead": _agreement,
}
