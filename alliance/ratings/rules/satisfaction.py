"""Satisfaction from counts: means from 0 to 100, shares with their intervals, and the scale that sums keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import half_up
from alliance.core.formula import sqrt
from alliance.ratings.rules.questions import DIMENSIONS, DOES_NOT_APPLY, LEVELS, NPS, SCALE, Question, Questionnaire
from alliance.ratings.rules.tally import Counts

PLACES = 4  # of a mean that further sums rest on
CONFIDENCE = Fraction("1.959964")  # how far 95 % of a normal distribution reach to either side
ROOT = Fraction(12)  # places of the root in an interval
SATISFIED = frozenset({"4", "5"})
PROMOTERS, PASSIVES = ("9", "10"), ("7", "8")
DETRACTORS = tuple(map(str, range(7)))
MINIMUM = 5  # the smallest cell that is ever shown; a wave may ask for more


@dataclass(frozen=True, slots=True)
class Interval:
    """A share in percent with the ends of its interval of 95 %."""

    share: Decimal
    low: Decimal
    high: Decimal
    count: int
    whole: int


@dataclass(frozen=True, slots=True)
class Mean:
    """Marks from 1 to 5 of so many valid answers, as a value from 0 to 100."""

    answers: int
    marks: int

    @property
    def exact(self) -> Fraction | None:
        """(mean mark − 1) ÷ 4 × 100; None of no answers."""
        return Fraction(self.marks - self.answers, 4 * self.answers) * 100 if self.answers else None

    @property
    def value(self) -> Decimal | None:
        exact = self.exact
        return None if exact is None else half_up(exact, 2)


def mean_of(counts: Counts, questions: Iterable[str]) -> Mean:
    """The mean over all valid answers to some questions: one that does not apply is no answer, and not nought."""
    codes = list(questions)
    return Mean(sum(map(counts.valid, codes)), sum(map(counts.marks, codes)))


def scored(questionnaire: Questionnaire) -> dict[str, list[str]]:
    """The questions that count for the result by their dimension, both in the order in which they are known."""
    found: dict[str, list[str]] = {}
    for dimension in DIMENSIONS:
        codes = [one.code for one in questionnaire.questions if one.scored and one.dimension == dimension]
        if codes:
            found[dimension] = codes
    return found


def wilson(count: int, whole: int) -> Interval | None:
    """A share with Wilson's score interval of 95 %, in percent with four places; None of nothing.

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) ÷ (1 + z²/n). ValueError when more are counted than there are.
    """
    if not 0 <= count <= whole:
        raise ValueError(f"{count} of {whole}")
    if not whole:
        return None
    share, square = Fraction(count, whole), CONFIDENCE**2
    middle = share + square / (2 * whole)
    spread = CONFIDENCE * sqrt(share * (1 - share) / whole + square / (4 * whole**2), ROOT)
    scale = 1 + square / whole
    low, high = max(middle - spread, Fraction(0)) / scale, min((middle + spread) / scale, Fraction(1))
    # The root is rounded: of none and of all the interval ends exactly at none and at all.
    low, high = (Fraction(0) if not count else low), (Fraction(1) if count == whole else high)
    return Interval(half_up(share * 100, 4), half_up(low * 100, 4), half_up(high * 100, 4), count, whole)


def classes(question: Question, counts: Counts, least: int) -> list[tuple[tuple[str, ...], int]]:
    """How many chose what, so coarse that each class is nobody or at least so many; [] where nothing can be told.

    Of a choice the rarest options become one class, in which "" stands for no option by its name.
    """
    chosen = {option: counts.options.get(question.code, {}).get(option, 0) for option in question.allowed}
    chosen.pop(DOES_NOT_APPLY, None)
    for wanted in _classings(question, chosen, least):
        found = [(options, sum(chosen[option] for option in options)) for options in wanted]
        if sum(count for _, count in found) and all(not 0 < count < least for _, count in found):
            return [(options, count) for options, count in found if options]
    return []


def _classings(question: Question, chosen: dict[str, int], least: int) -> list[list[tuple[str, ...]]]:
    """Ways to put the options of a question into classes, finest first."""
    if question.kind == SCALE:
        one, two, three, four, five = LEVELS
        return [
            [(five,), (four,), (three,), (two,), (one,)],
            [(five, four), (three,), (two, one)],
            [(five, four), (three, two, one)],
        ]
    if question.kind == NPS:
        return [[PROMOTERS, PASSIVES, DETRACTORS], [PROMOTERS, PASSIVES + DETRACTORS]]
    rare = sorted((option for option, count in chosen.items() if 0 < count < least), key=lambda one: chosen[one])
    for option in sorted(chosen, key=lambda one: (chosen[one], one)):
        if not rare or sum(chosen[one] for one in rare) >= least:
            break
        if option not in rare and chosen[option]:
            rare.append(option)
    kept = [(option,) for option in chosen if option not in rare]
    return [[*kept, tuple(option for option in chosen if option in rare)]]


def satisfied(told: Sequence[tuple[tuple[str, ...], int]]) -> Interval | None:
    """The share that ticked 4 or 5, of the classes that may be told."""
    whole = sum(count for _, count in told)
    return wilson(sum(count for options, count in told if SATISFIED.issuperset(options)), whole) if whole else None


def net_promoters(told: Sequence[tuple[tuple[str, ...], int]]) -> Decimal | None:
    """Promoters (9, 10) less detractors (0 to 6) in percent of all; None where the three may not be told apart."""
    counted = dict(told)
    whole = sum(counted.values())
    if not whole or DETRACTORS not in counted:
        return None
    return half_up(Fraction(counted[PROMOTERS] - counted[DETRACTORS], whole) * 100, 2)
