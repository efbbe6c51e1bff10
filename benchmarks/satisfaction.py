"""The speed of a survey's result: 20,000 answers to 15 questions, counted, kept from telling too much, and as figures.

`python -m benchmarks.satisfaction`. To reach: < 1 s together. Before any time counts: the counts are those of a second,
independent sum over the answers, each member's mean is that of its answers in whole numbers, every figure is what its
printed formula gives, and no department with fewer than five answers is told.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Kind, given, trail
from alliance.core.formula import tells_the_truth
from alliance.core.refused import Both
from alliance.ratings.rules.patients import Rules, Surveyed, patients_figure
from alliance.ratings.rules.questions import STANDARD, Question, Questionnaire
from alliance.ratings.rules.release import release
from alliance.ratings.rules.tally import Row, counts_of, tally

ANSWERS, QUESTIONS, MEMBERS, DEPARTMENTS = 20_000, 15, 26, 12
LEAST, SECONDS = 5, 1.0
ASKED = Questionnaire(
    "patient", Both("甲", "A"), Both("乙", "B"),
    tuple(Question(f"q{place}", "scale", STANDARD[place % 4], "问", "Q", (), True, True)
          for place in range(QUESTIONS)),
)  # fmt: skip
SAMPLE = given("scheme/raters", Kind("least", "最少", "Least"), Decimal(30), "scheme:2026/1#raters.patients_primary")
RULES = Rules(SAMPLE, False, "患者满意度", "Patient survey")


def answers() -> list[Row]:
    """Made-up answers: larger members and departments have more, and of some departments there are few."""
    drawn = random.Random(7)
    found = []
    for _number in range(ANSWERS):
        member, department = (int(size * drawn.random() ** 2) for size in (MEMBERS, DEPARTMENTS))
        marks = drawn.choices(("5", "4", "3", "2", "1", "na"), (45, 35, 10, 4, 2, 4), k=QUESTIONS)
        ticked = {f"q{place}": mark for place, mark in enumerate(marks)}
        found.append(Row(f"M{member:02}", f"D{department:02}", "", ticked))
    # One department of four, so that there is something to hide.
    found += [Row("M00", "D99", "", dict.fromkeys((f"q{place}" for place in range(QUESTIONS)), "1"))] * 4
    return found


def results(rows: list[Row]) -> dict[str, tuple[Surveyed, Figure]]:
    """What is timed: from answers to the figures of all members."""
    sorted_out: dict[str, list[tuple[str, str, str, str, int]]] = defaultdict(list)
    for (institution, department, person, question, option), count in tally(ASKED, rows).items():
        sorted_out[institution].append((department, person, question, option, count))
    found = {}
    for institution, cells in sorted_out.items():
        told = release(ASKED, counts_of(cells), LEAST)
        if told:
            surveyed = Surveyed("out", 1, "2026Q1", ASKED, told, {})
            found[institution] = surveyed, patients_figure(institution, [surveyed], RULES)
    return found


def check(rows: list[Row], found: dict[str, tuple[Surveyed, Figure]]) -> None:
    """The gate: exits with the first thing that is wrong."""
    marks: dict[str, list[int]] = defaultdict(list)
    people: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        people[row.institution, row.department] += 1
        marks[row.institution] += [int(mark) for mark in row.answers.values() if mark != "na"]
    for institution, (surveyed, figure) in found.items():
        mean = surveyed.release.mean
        if (mean.answers, mean.marks) != (len(marks[institution]), sum(marks[institution])):
            sys.exit(f"{institution}: counted {mean}")
        exact = Fraction(sum(marks[institution]) - mean.answers, 4 * mean.answers) * 100
        if figure.value is not None and abs(Fraction(figure.value) - exact) > Fraction(1, 100):
            sys.exit(f"{institution}: {figure.value} and not {float(exact)}")
        if not all(map(tells_the_truth, trail(figure))):
            sys.exit(f"{institution}: a figure is not what its formula gives")
        for line in surveyed.release.lines:
            if line.people < LEAST or (not line.rest and people[institution, line.code] != line.people):
                sys.exit(f"{institution}: {line.code} is told with {line.people} people")
    if any(line.code == "D99" for line in found["M00"][0].release.lines):
        sys.exit("a department of four is told")


def main() -> None:
    rows = answers()
    check(rows, results(rows))
    times = []
    for _round in range(5):
        began = time.perf_counter()
        results(rows)
        times.append(time.perf_counter() - began)
    middle = sorted(times)[2]
    print(f"{len(rows):,} answers x {QUESTIONS} questions, {MEMBERS} members: {middle:.2f} s")
    if middle > SECONDS:
        sys.exit(f"slower than {SECONDS} s")


if __name__ == "__main__":
    main()
