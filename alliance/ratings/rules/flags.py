"""What strikes in cross-rating: patterns that a person looks at. A flag punishes nobody and changes nothing by itself.

A constant rater is the exception: it says nothing about anybody and is left out by the rule (E5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from alliance.ratings.rules.peers import TOP, Marks, Pair, constant, scales

CONSTANT, MAXIMUM, STRAIGHT, EXCHANGE, BLOC = "constant", "maximum", "straight", "exchange", "bloc"
KINDS = (CONSTANT, MAXIMUM, STRAIGHT, EXCHANGE, BLOC)
NEARLY_ALL = Fraction(9, 10)  # of the marks at the top
FEWEST = 10  # marks of a rater before all of them at the top strike
LEAN = Fraction(1, 4)  # of the mid mark: two lean towards each other, or against each other
LEAN_TOGETHER = Fraction(1, 6)  # three or more towards each other
OTHERS = 2  # raters with whom a mark is compared


@dataclass(frozen=True, slots=True, order=True)
class Flag:
    """A pattern and whose it is. `by_rule`: left out without a decision."""

    kind: str
    raters: tuple[str, ...]

    @property
    def key(self) -> str:
        return "-".join((self.kind, *self.raters))

    @property
    def by_rule(self) -> bool:
        return self.kind == CONSTANT

    def pairs(self, marks: Iterable[Pair]) -> set[Pair]:
        """The forms that are left out with it: all of a rater, or what those concerned gave each other."""
        if self.kind in (EXCHANGE, BLOC):
            return {(a, b) for a, b in marks if a in self.raters and b in self.raters}
        return {(a, b) for a, b in marks if a in self.raters}


def find_flags(marks: Marks) -> list[Flag]:
    """All patterns, by kind and rater."""
    same = constant(marks)
    rest = {pair: row for pair, row in marks.items() if pair[0] not in same}
    lean = leanings(rest)
    blocs = [Flag(BLOC, one) for one in _blocs(lean)]
    inner = {frozenset((a, b)) for one in blocs for a in one.raters for b in one.raters if a != b}
    pairs = [Flag(EXCHANGE, (a, b)) for a, b in _exchanges(lean) if frozenset((a, b)) not in inner]
    return sorted(
        [
            *(Flag(CONSTANT, (rater,)) for rater in same),
            *(Flag(MAXIMUM, (rater,)) for rater in _at_the_top(rest)),
            *(Flag(STRAIGHT, (rater,)) for rater in _straight(rest)),
            *pairs,
            *blocs,
        ],
        key=lambda flag: (KINDS.index(flag.kind), flag.raters),
    )


def _by_rater(marks: Marks) -> dict[str, list[Mapping[str, int]]]:
    found: dict[str, list[Mapping[str, int]]] = {}
    for (rater, _target), row in marks.items():
        if row:
            found.setdefault(rater, []).append(row)
    return found


def _at_the_top(marks: Marks) -> list[str]:
    found = []
    for rater, rows in _by_rater(marks).items():
        given = [mark for row in rows for mark in row.values()]
        if len(given) >= FEWEST and Fraction(given.count(TOP), len(given)) >= NEARLY_ALL:
            found.append(rater)
    return found


def _straight(marks: Marks) -> list[str]:
    """Raters that give every target one mark through all items, though not all the same one."""
    found = []
    for rater, rows in _by_rater(marks).items():
        several = [row for row in rows if len(row) > 1]
        if len(several) > 1 and all(len(set(row.values())) == 1 for row in several):
            found.append(rater)
    return found


def leanings(marks: Marks) -> dict[Pair, Fraction]:
    """By how much a rater gives a target more than the others give it, in mid marks, leniency taken out."""
    scale = scales(marks)
    means = {
        (rater, target): Fraction(sum(row.values()), len(row)) * scale[rater]
        for (rater, target), row in marks.items()
        if row and rater in scale
    }
    sums: dict[str, Fraction] = {}
    counts: dict[str, int] = {}
    for (_rater, target), mean in means.items():
        sums[target] = sums.get(target, Fraction(0)) + mean
        counts[target] = counts.get(target, 0) + 1
    return {
        (rater, target): mean - (sums[target] - mean) / (counts[target] - 1)
        for (rater, target), mean in means.items()
        if counts[target] > OTHERS
    }


def _exchanges(lean: Mapping[Pair, Fraction]) -> list[Pair]:
    """Two that both give the other far more, or both far less, than others do."""
    return [
        (a, b)
        for a, b in lean
        if a < b and (b, a) in lean
        and (min(lean[a, b], lean[b, a]) >= LEAN or max(lean[a, b], lean[b, a]) <= -LEAN)
    ]  # fmt: skip


def _blocs(lean: Mapping[Pair, Fraction]) -> list[tuple[str, ...]]:
    """Three or more of which most give each other more than others do."""
    joined: dict[str, set[str]] = {}
    for a, b in lean:
        if (b, a) in lean and min(lean[a, b], lean[b, a]) >= LEAN_TOGETHER:
            joined.setdefault(a, set()).add(b)
    found, seen = [], set[str]()
    for one in sorted(joined):
        if one in seen:
            continue
        group, ahead = {one}, [one]
        while ahead:
            new = joined[ahead.pop()] - group
            group |= new
            ahead += new
        seen |= group
        edges = sum(len(joined[member] & group) for member in group)
        if len(group) > OTHERS and edges * 3 >= 2 * len(group) * (len(group) - 1):
            found.append(tuple(sorted(group)))
    return found


def counted(marks: Marks, left_out: Collection[Flag]) -> dict[Pair, Mapping[str, int]]:
    """The marks that count: without constant raters, and without what a person decided to leave out."""
    without = set[Pair]()
    for flag in left_out:
        without |= flag.pairs(marks)
    rest = {pair: row for pair, row in marks.items() if pair not in without}
    # Of what is left a rater may give all the same: then that says nothing either.
    same = constant(rest)
    return {pair: row for pair, row in rest.items() if pair[0] not in same}
