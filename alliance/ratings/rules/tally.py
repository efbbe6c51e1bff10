"""Counting the answers of a wave: how many of whom were asked about chose which option; nobody's answers in a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from alliance.ratings.rules.questions import LEVELS, Questionnaire

Place = tuple[str, str]  # the department and the person that were asked about, each "" where none was


@dataclass(frozen=True, slots=True)
class Row:
    """What one person ticked: option by question, about a member, its department and perhaps a doctor."""

    institution: str
    department: str
    person: str
    answers: Mapping[str, str]


@dataclass(slots=True)
class Counts:
    """What was counted at one place: how many answered, and how many chose an option of a question."""

    people: int = 0
    options: dict[str, dict[str, int]] = field(default_factory=dict)

    def valid(self, question: str) -> int:
        """How many judged on a scale; who ticked that it does not apply did not."""
        chosen = self.options.get(question, {})
        return sum(chosen.get(level, 0) for level in LEVELS)

    def marks(self, question: str) -> int:
        """The sum of the marks from 1 to 5 that were given."""
        chosen = self.options.get(question, {})
        return sum(int(level) * chosen.get(level, 0) for level in LEVELS)


def tally(questionnaire: Questionnaire, rows: Iterable[Row]) -> dict[tuple[str, str, str, str, str], int]:
    """How many chose what, by (institution, department, person, question, option).

    Question "" with option "" is how many answered at all. What the questionnaire does not offer is not counted.
    """
    people: Counter[tuple[str, str, str]] = Counter()
    chosen: dict[tuple[str, str, str], Counter[tuple[str, str]]] = {}
    for row in rows:
        place = (row.institution, row.department, row.person)
        people[place] += 1
        chosen.setdefault(place, Counter()).update(row.answers.items())
    offered = {(question.code, option) for question in questionnaire.questions for option in question.allowed}
    found = {(*place, "", ""): count for place, count in people.items()}
    for place, counter in chosen.items():
        found |= {(*place, *choice): count for choice, count in counter.items() if choice in offered}
    return found


def counts_of(cells: Iterable[tuple[str, str, str, str, int]]) -> dict[Place, Counts]:
    """The cells of one member, (department, person, question, option, count), by place."""
    found: dict[Place, Counts] = {}
    for department, person, question, option, count in cells:
        there = found.setdefault((department, person), Counts())
        if question:
            there.options.setdefault(question, {})[option] = count
        else:
            there.people = count
    return found


def together(counts: Iterable[Counts]) -> Counts:
    """The counts of several places as one."""
    whole = Counts()
    for one in counts:
        whole.people += one.people
        for question, options in one.options.items():
            there = whole.options.setdefault(question, {})
            for option, count in options.items():
                there[option] = there.get(option, 0) + count
    return whole
