"""Cross-check rounds (I16): how many figures of a member are checked, which, by whom, and what comes of it; and what a
falsification is found by (I17). Worked examples: tests/indicators/test_rules_rounds.py."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

from alliance.core.figure import half_up
from alliance.core.formula import median
from alliance.core.money import split_capped
from alliance.core.refused import Problem, Refused, mark

FEWEST = 10  # figures of a member, where it has so many
PERCENT = 10  # of its figures, where these are more
CHECK_DAYS = 10  # working days in which a sample is checked
CORRECTION_DAYS = 10  # working days in which what was found is corrected
MOST_WRONG = 5  # % of the figures checked; more is too many
TOLERANCE = Fraction(5, 1000)  # of the value at the source
ONE_UNIT = Fraction(1)
TIMES = {"high": 4, "low": 2, "none": 1}  # how often a figure counts when places are shared out, by the money on it
FIRST, SECOND = 1, 2
HONOURS_MONTHS = 24  # without honours after a falsification


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure that may be drawn: `value` as it was filed, `stake` the money that rests on it in cents."""

    element: str
    revision: int
    value: str
    dimension: str
    stake: int


def sample_size(figures: int) -> int:
    """max(10, 10 % of the figures, rounded up), or all of them where there are fewer."""
    return min(figures, max(FEWEST, -(-figures * PERCENT // 100)))


def bands(candidates: Iterable[Candidate]) -> dict[str, str]:
    """How much rests on each figure, by element: none; low up to the median of those on which anything rests; high."""
    rows = list(candidates)
    stakes = [Fraction(one.stake) for one in rows if one.stake]
    middle = median(stakes) if stakes else Fraction(0)
    return {one.element: "none" if not one.stake else "high" if one.stake > middle else "low" for one in rows}


def allocate(sizes: Mapping[tuple[str, str], int], places: int) -> dict[tuple[str, str], int]:
    """The places of a sample by stratum (dimension, band): in proportion to figures × TIMES of their band by largest
    remainders, in no stratum more than it has figures."""
    keys = {f"{dimension}/{band}": (dimension, band) for dimension, band in sizes}
    weights = {key: sizes[place] * TIMES[place[1]] for key, place in keys.items()}
    shares, _left = split_capped(places, weights, {key: Fraction(sizes[place]) for key, place in keys.items()})
    return {place: shares[key] for key, place in keys.items()}


def draw(candidates: Sequence[Candidate], seed: str) -> list[str]:
    """The elements drawn, in the order of the alphabet.

    Of each stratum those with the lowest SHA-256 of `seed/element`: whoever has seed and figures draws the same.
    """
    if not candidates:
        return []
    band = bands(candidates)
    strata: dict[tuple[str, str], list[str]] = {}
    for one in candidates:
        strata.setdefault((one.dimension, band[one.element]), []).append(one.element)
    places = allocate({place: len(inside) for place, inside in strata.items()}, sample_size(len(candidates)))
    found = [code for place, inside in strata.items() for code in by_lot(inside, seed)[: places[place]]]
    return sorted(found)


def by_lot(names: Iterable[str], seed: str) -> list[str]:
    """Names in an order that nobody chose, and that the seed tells."""
    return sorted(names, key=lambda name: (sha256(f"{seed}/{name}".encode()).hexdigest(), name))


def assign(
    members: Sequence[str], checkers: Iterable[str], last: Mapping[str, Iterable[str]], seed: str
) -> dict[str, str]:
    """Who checks whom: another member, not the one that checked it the last time, the work shared evenly.

    `last` are the members that may not check a member this time. Refused: a member that nobody may check.
    """
    there, load, found = by_lot(set(checkers), seed), dict[str, int](), dict[str, str]()
    problems = []
    # Who has least choice chooses first, so that nobody is left over.
    barred = {one: {one, *last.get(one, ())} for one in members}
    order = sorted(by_lot(members, seed), key=lambda one: sum(other not in barred[one] for other in there))
    for one in order:
        free = [other for other in there if other not in barred[one]]
        if not free:
            message = mark(
                "nobody may check it: a checker employed elsewhere is needed, of another member than last time"
            )
            problems.append(Problem(mark("%(who)s"), "", message, at={"who": one}))
            continue
        found[one] = min(free, key=lambda other: (load.get(other, 0), there.index(other)))
        load[found[one]] = load.get(found[one], 0) + 1
    if problems:
        raise Refused(
            "The round cannot be drawn: %(count)s members have nobody to check them.", count=len(problems),
            problems=problems,
        )  # fmt: skip
    return found


def is_wrong(filed: Decimal, source: Decimal | None) -> bool:
    """Whether a figure is wrong: |filed − source| > max(1 unit, 0.5 % of the source); nothing at the source is."""
    if source is None:
        return True
    found = Fraction(source)
    return abs(Fraction(filed) - found) > max(ONE_UNIT, TOLERANCE * abs(found))


def is_over(wrong: int, checked: int) -> bool:
    """Whether too many are wrong: strictly over 5 %."""
    return wrong * 100 > MOST_WRONG * checked


def error_rate(wrong: int, checked: int) -> Decimal | None:
    """In %, with one place; None where nothing was checked."""
    return half_up(Fraction(wrong * 100, checked), 1) if checked else None


def outcome(number: int, wrong: int, checked: int, size: int) -> str:
    """What comes of a sample of so many figures: passed, notice (after the first one), committee (after the second), or
    unchecked: what nobody looked at has not passed, whatever the rest says."""
    if is_over(wrong, checked):
        return "notice" if number == FIRST else "committee"
    return "passed" if checked == size else "unchecked"


def finds_intent(choices: Iterable[str]) -> bool:
    """Whether two thirds of the votes cast find intent: an abstention was cast, a seat recused or absent has none."""
    cast = [one for one in choices if one in ("for", "against", "abstained")]
    return bool(cast) and cast.count("for") * 3 >= len(cast) * 2


def barred_until(day: date) -> date:
    """The first day on which a member may be honoured again after the decision of a day."""
    month = day.year * 12 + day.month - 1 + HONOURS_MONTHS
    year, number = month // 12, month % 12 + 1
    return date(year, number, min(day.day, monthrange(year, number)[1]))
