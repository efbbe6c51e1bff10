"""What may be told of a member's answers: nothing that stands on fewer people than the smallest cell, nor anything
from which such a thing can be worked out by taking one number from another.

The answers of a member lie in a grid: places (departments, and doctors in them) down, questions across. What is told
are sums over a few parts of that grid, and the parts are chosen so that each of them stands on nobody or on enough
people. So whatever is added or taken away, what comes out is a sum of such parts (record 0209).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from alliance.ratings.rules.questions import Questionnaire
from alliance.ratings.rules.satisfaction import Mean, mean_of, scored
from alliance.ratings.rules.tally import Counts, Place, together

T = TypeVar("T")
REST = ""  # what is told together only: the other dimensions, the other questions
HIDDEN = "*"  # where counts of places are kept that are told as the rest of them only


@dataclass(frozen=True, slots=True)
class Part:
    """A dimension, or the rest of them as one: its mean, that of the questions told singly, and of the others."""

    dimension: str  # REST: several of which none is told by itself
    questions: tuple[str, ...]  # all that are in it
    mean: Mean
    singly: tuple[tuple[str, Mean], ...] = ()
    others: Mean | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A department or a doctor, or the rest of them as one: how many answered, the mean, and those of the parts."""

    code: str
    people: int
    mean: Mean
    parts: tuple[Mean, ...]
    rest: bool = False  # several of which none is told by itself
    within: tuple[Line, ...] = ()  # the doctors of a department


@dataclass(frozen=True, slots=True)
class Release:
    """What may be told of a member in a wave."""

    people: int
    base: int  # how many gave at least one valid answer, as far as counts can tell
    counts: Counts  # of the whole member
    mean: Mean
    parts: tuple[Part, ...]
    lines: tuple[Line, ...]
    least: int

    def tells(self, question: str) -> bool:
        """Whether a question that counts is told by itself."""
        return any(code == question for part in self.parts for code, _mean in part.singly)


def release(questionnaire: Questionnaire, counts: Mapping[Place, Counts], least: int) -> Release | None:
    """What may be told of the places of one member; None where that is nothing."""
    whole = together(counts.values())
    by_dimension = scored(questionnaire)
    every = [code for codes in by_dimension.values() for code in codes]
    base = reached(whole, every)
    if whole.people < least or base < least:
        return None
    parts = _parts(whole, by_dimension, least)
    columns = [part.questions for part in parts]
    return Release(
        whole.people, base, whole, mean_of(whole, every), parts, _lines(counts, columns, least), least
    )  # fmt: skip


def kept_places(questionnaire: Questionnaire, counts: Mapping[Place, Counts], least: int) -> dict[Place, Place]:
    """Under which place the counts of each place of one member are kept for good. What is not told singly goes to the
    rest at once, so that no table knows it: `release` tells of what is kept what it told of what was counted."""
    told = release(questionnaire, counts, least)
    lines = {line.code: line for line in told.lines if not line.rest} if told else {}
    found: dict[Place, Place] = {}
    for department, person in counts:
        line = lines.get(department)
        people = [one.code for one in line.within if not one.rest] if line else []
        if line is None:
            found[department, person] = (HIDDEN if lines else "", "")
        else:
            found[department, person] = (department, person if person in people else HIDDEN if people else "")
    return found


def reached(counts: Counts, questions: Iterable[str]) -> int:
    """How many people at least stand behind some questions: as many as judged on the one that most judged on.

    Answers of one person to several questions are not several people.
    """
    return max(map(counts.valid, questions), default=0)


def fold(parts: Sequence[T], safe: Callable[[Sequence[T]], bool], size: Callable[[T], int]) -> tuple[list[T], list[T]]:
    """The parts that are told singly and those that are told as one: what is not safe by itself, and then the smallest
    of the others until the rest is safe. What is nobody's is in neither."""
    there = [one for one in parts if size(one)]
    rest = [one for one in there if not safe([one])]
    singly = [one for one in there if safe([one])]
    while rest and singly and not safe(rest):
        smallest = min(singly, key=size)
        singly.remove(smallest)
        rest.append(smallest)
    return singly, [one for one in there if one not in singly]


def _parts(whole: Counts, by_dimension: Mapping[str, Sequence[str]], least: int) -> tuple[Part, ...]:
    """The dimensions that are told, each with its questions, and the rest as one."""

    def safe(dimensions: Sequence[str]) -> bool:
        return reached(whole, [code for one in dimensions for code in by_dimension[one]]) >= least

    singly, rest = fold(list(by_dimension), safe, lambda one: reached(whole, by_dimension[one]))
    found = [_part(whole, one, by_dimension[one], least) for one in singly]
    if rest:
        codes = tuple(code for one in rest for code in by_dimension[one])
        found.append(Part(REST, codes, mean_of(whole, codes)))
    return tuple(found)


def _part(whole: Counts, dimension: str, codes: Sequence[str], least: int) -> Part:
    """A dimension with its questions: those told singly, and the others as one."""
    singly, rest = fold(codes, lambda some: reached(whole, some) >= least, whole.valid)
    return Part(
        dimension, tuple(codes), mean_of(whole, codes), tuple((code, mean_of(whole, [code])) for code in singly),
        mean_of(whole, rest) if rest else None,
    )  # fmt: skip


def _lines(
    counts: Mapping[Place, Counts], columns: Sequence[Sequence[str]], least: int
) -> tuple[Line, ...]:  # fmt: skip
    """The departments that are told, each with its doctors, and the rest as one."""
    departments: dict[str, dict[str, Counts]] = {}
    for (department, person), one in sorted(counts.items()):
        departments.setdefault(department, {})[person] = one
    if not any(departments):
        return ()
    whole = {code: together(people.values()) for code, people in departments.items()}
    found: list[Line] = []
    for line in _folded(whole, columns, least):
        within = () if line.rest else _folded(departments[line.code], columns, least)
        told = within if any(one.code for one in within) else ()
        found.append(Line(line.code, line.people, line.mean, line.parts, line.rest, told))
    return tuple(found) if any(not line.rest for line in found) else ()


def _folded(counts: Mapping[str, Counts], columns: Sequence[Sequence[str]], least: int) -> tuple[Line, ...]:
    """Some places: told singly where each column of theirs stands on nobody or on enough people, the rest as one."""

    def safe(codes: Sequence[str]) -> bool:
        some = together(counts[code] for code in codes)
        sizes = [some.people, *(reached(some, column) for column in columns)]
        return all(not 0 < size < least for size in sizes)

    singly, rest = fold([code for code in counts if code != HIDDEN], safe, lambda code: counts[code].people)
    rest += [HIDDEN] if HIDDEN in counts else []
    lines = [_line(code, counts[code], columns) for code in singly]
    return (*lines, _line(REST, together(counts[code] for code in rest), columns, rest=True)) if rest else tuple(lines)


def _line(code: str, counts: Counts, columns: Sequence[Sequence[str]], *, rest: bool = False) -> Line:
    every = [question for column in columns for question in column]
    return Line(code, counts.people, mean_of(counts, every), tuple(mean_of(counts, one) for one in columns), rest)
