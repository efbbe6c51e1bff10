"""What is said about filed values before they are signed: blanks, soft bounds, jumps, bands, parts and wholes (I6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction

from alliance.core.figure import State, canonical, half_up
from alliance.core.refused import mark
from alliance.indicators.rules.definitions import Element, Indicator
from alliance.indicators.rules.filing import Entry

SHORTEST = 10  # characters of an explanation
REMEMBERED = 12  # earlier values that a jump is measured against
FEWEST = 4  # of them; fewer say nothing about what is usual
FAR_IN_MADS = Decimal("3.5") * Decimal("1.4826")  # the second makes the MAD comparable with a standard deviation
EXACT = Context(prec=60)  # room for twice and five times any value that may be filed, without rounding


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a value that must be mended or explained. `code` is an element or an indicator.

    `hard` cannot be explained away. `value` is the text of the value that it is about: an explanation of another value
    explains nothing.
    """

    code: str
    kind: str  # blank, soft, jump, band, parts
    message: str
    numbers: Mapping[str, object] = field(default_factory=dict)
    hard: bool = False
    value: str = ""


def check_entry(element: Element, entry: Entry, earlier: Sequence[Decimal]) -> list[Finding]:
    """What is to be said of one value, given the values of up to twelve earlier periods."""
    if entry.state is State.MISSING:
        return [Finding(element.code, "blank", mark("is blank"), hard=True)]
    if entry.value is None:
        return []
    return [*_soft(element, entry.value), *_jump(element.code, entry.value, earlier[:REMEMBERED])]


def _soft(element: Element, value: Decimal) -> Iterable[Finding]:
    text = canonical(value)
    if element.soft_minimum is not None and value < element.soft_minimum:
        message = mark("is under the usual %(bound)s; explain it")
        yield Finding(element.code, "soft", message, {"bound": canonical(element.soft_minimum)}, value=text)
    if element.soft_maximum is not None and value > element.soft_maximum:
        message = mark("is over the usual %(bound)s; explain it")
        yield Finding(element.code, "soft", message, {"bound": canonical(element.soft_maximum)}, value=text)


def _jump(code: str, value: Decimal, earlier: Sequence[Decimal]) -> Iterable[Finding]:
    """|x − median₁₂| ÷ (1.4826 × MAD) > 3.5 and at least 20 % of the median; with a MAD of 0 the 20 % alone."""
    if len(earlier) < FEWEST:
        return
    row = sorted(earlier)
    twice = _twice_median(row)
    if _is_far(value, twice, row, twice):
        usual = Fraction(twice) / 2
        message = mark("is far from %(usual)s, the median of the last %(count)s periods; explain it")
        numbers = {"usual": canonical(half_up(usual, 4)), "count": len(earlier)}
        yield Finding(code, "jump", message, numbers, value=canonical(value))


def _is_far(value: Decimal, twice: Decimal, row: Sequence[Decimal], middle: Decimal) -> bool:
    """Whether a value lies far from another one: by a fifth of it at least, and beyond what the values of a row, which
    lie around their median, usually differ. Of both, and of the median, the double is given."""
    # Multiples throughout, so that decimals stay exact: twice the median, twice each distance from it, four times MAD.
    off = EXACT.subtract(EXACT.multiply(2, value), twice).copy_abs()
    if EXACT.multiply(5, off) < twice.copy_abs():
        return False
    spread = _twice_median(sorted(EXACT.subtract(EXACT.multiply(2, one), middle).copy_abs() for one in row))
    return EXACT.multiply(2, off) > EXACT.multiply(FAR_IN_MADS, spread) if spread else off > 0


@dataclass(frozen=True, slots=True)
class Outlier:
    """A value far from what is usual: `usual` is the median of up to twelve earlier periods, `last_year` the value of
    the same period of last year; `far` says from which of them it is far."""

    value: Decimal
    usual: Decimal
    last_year: Decimal | None
    far: str  # median, season or both


def outlier(value: Decimal, earlier: Sequence[Decimal], last_year: Decimal | None) -> Outlier | None:
    """Whether a value lies far from the median of its earlier ones or from that of the same month last year, by the
    rule of jumps; None where it does not, or where too few are known."""
    row = sorted(earlier[:REMEMBERED])
    if len(row) < FEWEST:
        return None
    twice = _twice_median(row)
    from_median = _is_far(value, twice, row, twice)
    from_season = last_year is not None and _is_far(value, EXACT.multiply(2, last_year), row, twice)
    if not (from_median or from_season):
        return None
    far = "both" if from_median and from_season else "median" if from_median else "season"
    return Outlier(value, half_up(Fraction(twice) / 2, 4), last_year, far)


def expected(earlier: Sequence[Decimal], last_year: Decimal | None) -> Decimal | None:
    """The value to be expected: the median of up to twelve earlier ones; where fewer than four are known that of the
    same period last year."""
    row = sorted(earlier[:REMEMBERED])
    if len(row) < FEWEST:
        return last_year
    return half_up(Fraction(_twice_median(row)) / 2, 6).normalize()


def _twice_median(row: Sequence[Decimal]) -> Decimal:
    """Twice the median of values in their order."""
    return EXACT.add(row[(len(row) - 1) // 2], row[len(row) // 2])


def check_band(indicator: Indicator, value: Decimal | None) -> list[Finding]:
    """The band rule of an indicator: outside it, a written explanation comes before the submission."""
    if value is None or not indicator.explained or len(indicator.band) != 2:
        return []
    low, high = indicator.band
    if low <= value <= high:
        return []
    message = mark("is %(value)s, outside %(low)s to %(high)s; explain it")
    numbers = {"value": canonical(value), "low": canonical(low), "high": canonical(high)}
    return [Finding(indicator.code, "band", message, numbers, value=canonical(value))]


def check_whole(element: Element, whole: Element, entries: Mapping[str, Entry]) -> list[Finding]:
    """A part may not be more than its whole."""
    part, of = entries.get(element.code), entries.get(whole.code)
    if part is None or of is None or part.value is None or of.value is None or part.value <= of.value:
        return []
    numbers = {"whole": canonical(of.value), "element": whole.code}
    message = mark("is more than the whole it is a part of: %(element)s is %(whole)s")
    return [Finding(element.code, "parts", message, numbers, hard=True, value=canonical(part.value))]


def unexplained(findings: Iterable[Finding], explained: Mapping[str, tuple[str, str]]) -> list[Finding]:
    """The findings that stand in the way of a signature; `explained` holds (value, text) by element or indicator."""
    found = []
    for one in findings:
        value, text = explained.get(one.code, ("", ""))
        if one.hard or value != one.value or len(text.strip()) < SHORTEST:
            found.append(one)
    return found
