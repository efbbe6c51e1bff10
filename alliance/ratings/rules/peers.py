"""What is true of cross-rating: who rates whom, marks without the leniency of raters, means, and the result (E5).

Marks are whole numbers by (rater, target) and item. "Cannot judge" is no mark: such a cell is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from alliance.core.figure import half_up
from alliance.core.refused import Refused

LOWEST, TOP = 1, 5
CANNOT_JUDGE = 0
FLOOR = 3  # raters behind whatever is shown or scored; may be raised, never lowered
CASES = 3  # closed cases of a period that let two members rate each other
TARGETS = 10  # of one rater at most
WINDOW = 10  # working days
REMINDED = (5, 9)  # working days after the opening
TRIMMED_FROM = 10  # raters from which on a trimmed mean leaves out a tenth at either end
# Of what is kept of a cell, and no more: a mean of few marks, told finely, gives the marks away (record 0197).
PLACES = 2

Pair = tuple[str, str]
Marks = Mapping[Pair, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to rate, and why: a link, closed cases, or both."""

    rater: str
    target: str
    linked: bool
    cases: int


def targets(
    members: Collection[str], linked: Collection[frozenset[str]], cases: Mapping[frozenset[str], int]
) -> list[Target]:
    """Who rates whom: members with a link or enough closed cases, each other, those with most cases first."""
    found = []
    for rater in sorted(members):
        others = [
            Target(rater, other, frozenset((rater, other)) in linked, cases.get(frozenset((rater, other)), 0))
            for other in members
            if other != rater
        ]
        due = [one for one in others if one.linked or one.cases >= CASES]
        found += sorted(due, key=lambda one: (-one.cases, one.target))[:TARGETS]
    return found


def constant(marks: Marks) -> set[str]:
    """The raters whose every mark is the same: they say nothing about anybody. One mark alone is none."""
    seen: dict[str, Counter[int]] = {}
    for (rater, _target), row in marks.items():
        seen.setdefault(rater, Counter()).update(row.values())
    return {rater for rater, count in seen.items() if len(count) == 1 and count.total() > 1}


def scales(marks: Marks) -> dict[str, Fraction]:
    """By what the marks of a rater are multiplied for their mean over all cells to be 1; the own cell is none."""
    sums: dict[str, int] = {}
    counts: dict[str, int] = {}
    for (rater, target), row in marks.items():
        if rater != target:
            sums[rater] = sums.get(rater, 0) + sum(row.values())
            counts[rater] = counts.get(rater, 0) + len(row)
    return {rater: Fraction(counts[rater], total) for rater, total in sums.items() if total}


@dataclass(frozen=True, slots=True)
class Cell:
    """What all raters together say of a target in an item: how many, the mean of the marks, the mean without the
    leniency of the raters where 1 is the mid mark, both also trimmed, and how often each mark was given."""

    raters: int
    raw: Fraction
    relative: Fraction
    raw_trimmed: Fraction
    relative_trimmed: Fraction
    counts: Mapping[int, int]


def cells(marks: Marks) -> dict[Pair, Cell]:
    """The cells by target and item; nobody rates oneself."""
    scale = scales(marks)
    # One denominator for all: whole numbers are added a hundred times faster than fractions.
    base = lcm(*(one.denominator for one in scale.values())) if scale else 1
    times = {rater: one.numerator * (base // one.denominator) for rater, one in scale.items()}
    rows: dict[Pair, list[tuple[int, int]]] = {}
    for (rater, target), row in marks.items():
        if rater != target and rater in times:
            for item, mark in row.items():
                rows.setdefault((target, item), []).append((mark, mark * times[rater]))
    return {key: _cell(row, base) for key, row in rows.items()}


def _cell(row: Sequence[tuple[int, int]], base: int) -> Cell:
    raw, scaled = sorted(mark for mark, _scaled in row), sorted(one for _mark, one in row)
    inner, short = trimmed(raw), trimmed(scaled)
    return Cell(
        len(row), Fraction(sum(raw), len(raw)), Fraction(sum(scaled), len(scaled) * base),
        Fraction(sum(inner), len(inner)), Fraction(sum(short), len(short) * base), dict(sorted(Counter(raw).items())),
    )  # fmt: skip


def trimmed(values: Sequence[int]) -> Sequence[int]:
    """Sorted values without the tenth at either end, from ten raters on."""
    cut = len(values) // 10 if len(values) >= TRIMMED_FROM else 0
    return values[cut : len(values) - cut]


def raters_of(marks: Marks) -> dict[str, int]:
    """How many raters gave a target any mark."""
    return dict(Counter(target for (rater, target), row in marks.items() if row and rater != target))


@dataclass(frozen=True, slots=True)
class Kept:
    """A cell as closing keeps it: what group results and pages are made of."""

    raters: int
    raw: Decimal
    relative: Decimal
    raw_trimmed: Decimal
    relative_trimmed: Decimal
    counts: Mapping[int, int]

    def mark(self, mid: Decimal, *, corrected: bool, trim: bool, places: int) -> Decimal:
        """The mark of the item: as given, or scaled to the mid mark, when it may pass the top."""
        if corrected:
            return half_up(Fraction(mid) * Fraction(self.relative_trimmed if trim else self.relative), places)
        return half_up(self.raw_trimmed if trim else self.raw, places)


def keep(cell: Cell) -> Kept:
    raw, relative = half_up(cell.raw, PLACES), half_up(cell.relative, PLACES)
    raw_trimmed, relative_trimmed = half_up(cell.raw_trimmed, PLACES), half_up(cell.relative_trimmed, PLACES)
    return Kept(cell.raters, raw, relative, raw_trimmed, relative_trimmed, cell.counts)


def group_score(weighted: Iterable[tuple[Decimal, Decimal]]) -> Fraction | None:
    """The result of 100: the marks by their weights as a share of the top mark, 100 at most; None without any."""
    pairs = [(Fraction(weight), Fraction(mark)) for weight, mark in weighted]
    whole = sum(weight for weight, _mark in pairs)
    return min(sum(weight * mark for weight, mark in pairs) / whole / TOP * 100, Fraction(100)) if whole else None


def shows_counts(counts: Mapping[int, int], floor: int) -> bool:
    """Whether it may be told how often each mark was given: none so seldom, or so alone, that it tells on a rater."""
    given = [number for number in counts.values() if number]
    return len(given) > 1 and min(given) >= floor


def open_items(items: Sequence[str], marks: Mapping[str, int]) -> list[str]:
    """The items of a target without an answer."""
    return [item for item in items if item not in marks]


def check_marks(items: Collection[str], marks: Mapping[str, int]) -> None:
    """Refuse what no form can have sent."""
    if not set(marks) <= set(items) or any(not CANNOT_JUDGE <= mark <= TOP for mark in marks.values()):
        raise Refused("A mark is a whole number from 1 to 5, or “cannot judge”.")


def judged(marks: Mapping[str, int]) -> dict[str, int]:
    """The marks without what the rater could not judge."""
    return {item: mark for item, mark in marks.items() if mark != CANNOT_JUDGE}
