"""What answers become: means, shares with intervals, and nothing from which something small can be worked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.figure import Kind, State, half_up, trail
from alliance.core.figure import given as given_figure
from alliance.core.formula import tells_the_truth
from alliance.ratings.rules.patients import Rules, Surveyed, patients_figure
from alliance.ratings.rules.release import Line, Release, kept_places, release
from alliance.ratings.rules.satisfaction import classes, mean_of, net_promoters, satisfied, scored, wilson
from alliance.ratings.rules.tally import Counts, Place, Row, counts_of, tally, together
from alliance.ratings.rules.texts import BLACKED, blacked, marked
from tests.ratings.surveyed import QUESTIONS, asked, rows

EVERY = list(QUESTIONS)
LEAST = 5


def counted(answers: Iterable[Row]) -> dict[Place, Counts]:
    """The counts of the one member that was asked about."""
    return counts_of((*place[1:], count) for place, count in tally(asked(), answers).items())


def test_a_mark_becomes_a_value_from_0_to_100_and_what_does_not_apply_is_not_nought() -> None:
    found = together(counted([*rows("C1", {("D1", ""): [1, 3, 5]}), Row("C1", "D1", "", {"envi1": "na"})]).values())
    assert (found.people, found.valid("envi1"), found.marks("envi1")) == (4, 3, 9)
    assert mean_of(found, ["envi1"]).value == Decimal("50.00")
    every = [together(counted(rows("C1", {("", ""): [mark]})).values()) for mark in range(1, 6)]
    assert [mean_of(one, EVERY).exact for one in every] == [0, 25, 50, 75, 100]
    assert mean_of(found, ["again"]).exact is None


def test_what_was_not_offered_is_not_counted() -> None:
    assert tally(asked(), [Row("C1", "", "", {"envi1": "6", "nothing": "1", "again": "11", "way": "web"})]) == {
        ("C1", "", "", "", ""): 1,
        ("C1", "", "", "way", "web"): 1,
    }


@pytest.mark.parametrize(
    ("count", "whole", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, "25.53", "36.62"), (15, 148, "6.24", "16.05"), (0, 20, "0.00", "16.11"), (1, 29, "0.61", "17.18")],
)
def test_the_interval_is_the_published_one(count: int, whole: int, low: str, high: str) -> None:
    found = wilson(count, whole)
    assert found is not None
    assert (half_up(found.low, 2), half_up(found.high, 2)) == (Decimal(low), Decimal(high))


def test_an_interval_stays_within_nought_and_a_hundred_and_mirrors() -> None:
    none, every = wilson(0, 7), wilson(7, 7)
    assert none
    assert every
    assert [none.share, none.low, every.share, every.high] == list(map(Decimal, (0, 0, 100, 100)))
    assert none.high == 100 - every.low
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


def test_a_wave_of_four_tells_nothing() -> None:
    assert release(asked(), counted(rows("C1", {("D1", ""): [5, 5, 4, 1]})), LEAST) is None
    assert release(asked(), counted(rows("C1", {("D1", ""): [5, 5, 4, 1, 2]})), LEAST) is not None
    assert release(asked(), counted(rows("C1", {("D1", ""): [5] * 9})), 10) is None


def test_one_person_with_many_answers_is_not_many_people() -> None:
    told = release(asked(), counted([*rows("C1", {("D1", ""): [4] * 20}, cont1="na", cont2="na"),
                                     *rows("C1", {("D1", ""): [1] * 3})]), LEAST)  # fmt: skip
    assert told is not None
    # Three people answered about continuity, six times: it is told together with another dimension only.
    assert len(told.parts) == 3
    assert told.parts[-1].dimension == ""
    assert {"cont1", "cont2"} < set(told.parts[-1].questions)


def test_a_department_of_four_cannot_be_found_by_taking_the_others_from_the_whole() -> None:
    told = release(asked(), counted(rows("C1", {("D1", ""): [5] * 30, ("D2", ""): [3] * 12, ("D3", ""): [1] * 4})), 5)
    assert told is not None
    assert [(line.code, line.rest, line.people) for line in told.lines] == [("D1", False, 30), ("", True, 16)]


def test_small_departments_together_are_enough_when_they_are_many() -> None:
    told = release(asked(), counted(rows("C1", {("D1", ""): [5] * 30, ("D2", ""): [3] * 3, ("D3", ""): [1] * 4})), 5)
    assert told is not None
    assert [(line.rest, line.people) for line in told.lines] == [(False, 30), (True, 7)]


def test_a_doctor_of_four_cannot_be_found_from_the_department() -> None:
    marks = {("D1", "a"): [5] * 10, ("D1", "b"): [2] * 4, ("D1", "c"): [3] * 8, ("D2", "d"): [4] * 9}
    told = release(asked(), counted(rows("C1", marks)), 5)
    assert told is not None
    first, second = told.lines
    assert [(one.code, one.rest, one.people) for one in first.within] == [("a", False, 10), ("", True, 12)]
    assert [one.code for one in second.within] == ["d"]


def test_a_question_of_four_cannot_be_found_from_its_dimension() -> None:
    answers = [*rows("C1", {("", ""): [5] * 20}, envi2="na"), *rows("C1", {("", ""): [1] * 4})]
    told = release(asked(), counted(answers), 5)
    assert told is not None
    environment = told.parts[0]
    assert environment.dimension == "environment"
    assert environment.singly == ()
    assert environment.others == environment.mean
    assert not told.tells("envi2")
    assert not told.tells("envi1")


def sums_of(told: Release, counts: Mapping[Place, Counts]) -> list[set[tuple[Place, str]]]:
    """Everything that a page tells, as sets of cells (place, question) of the grid."""
    places, by_part = set(counts), [set(part.questions) for part in told.parts]
    found = [{(place, code) for place in places for code in codes} for codes in by_part]
    for part in told.parts:
        shown = [{code} for code, _mean in part.singly]
        rest = set(part.questions) - {code for code, _mean in part.singly}
        found += [{(place, code) for place in places for code in codes} for codes in [*shown, rest] if codes]
    named = {line.code for line in told.lines if not line.rest}
    for line in told.lines:
        own = {place for place in places if (place[0] not in named if line.rest else place[0] == line.code)}
        found += [{(place, code) for place in own for code in codes} for codes in by_part]
        doctors = {one.code for one in line.within if not one.rest}
        for one in line.within:
            his = {place for place in own if (place[1] not in doctors if one.rest else place[1] == one.code)}
            found += [{(place, code) for place in his for code in codes} for codes in by_part]
    return found


def people_behind(cells: set[tuple[Place, str]], answers: list[Row]) -> int:
    """How many people stand behind some cells: those with a valid answer in one of them."""
    return sum(
        any(((row.department, row.person), code) in cells and row.answers.get(code, "na") != "na" for code in EVERY)
        for row in answers
    )


marks = st.sampled_from(["1", "3", "5", "na", "na"])
people = st.builds(
    lambda department, person, given: Row("C1", department, person, dict(zip(EVERY, given, strict=True))),
    st.sampled_from(["", "D1", "D2", "D3"]), st.sampled_from(["", "a", "b"]), st.lists(marks, min_size=8, max_size=8),
)  # fmt: skip


@given(st.lists(people, min_size=5, max_size=60), st.integers(3, 6))
def test_whatever_is_told_and_whatever_two_of_it_differ_by_is_nobody_or_enough(answers: list[Row], least: int) -> None:
    counts = counted(answers)
    told = release(asked(), counts, least)
    if told is None:
        return
    sums = sums_of(told, counts)
    for one in sums:
        assert people_behind(one, answers) == 0 or people_behind(one, answers) >= least
    for one, other in combinations(sums, 2):
        for larger, smaller in ((one, other), (other, one)):
            if smaller < larger:
                assert (
                    people_behind(larger - smaller, answers) == 0 or people_behind(larger - smaller, answers) >= least
                )


@given(st.lists(people, min_size=5, max_size=60), st.integers(3, 6))
def test_no_sum_of_what_is_told_gives_a_cell_of_few(answers: list[Row], least: int) -> None:
    """By linear algebra: no combination of what is told is a cell (place, question) that few stand behind."""
    counts = counted(answers)
    told = release(asked(), counts, least)
    if told is None:
        return
    # Cells in which nobody answered are known to be nought and hide nothing.
    cells = sorted({(place, code) for place in counts for code in EVERY if counts[place].valid(code)})
    space = echelon([[Fraction(cell in one) for cell in cells] for one in sums_of(told, counts)])
    for number, cell in enumerate(cells):
        if people_behind({cell}, answers) < least:
            unit = [Fraction(place == number) for place in range(len(cells))]
            assert any(reduced(unit, space)), cell


@given(st.lists(people, min_size=5, max_size=60), st.integers(3, 6))
def test_what_is_kept_tells_what_was_counted_and_holds_nobody_alone(answers: list[Row], least: int) -> None:
    counts = counted(answers)
    places = kept_places(asked(), counts, least)
    kept = counted(Row("C1", *places[row.department, row.person], row.answers) for row in answers)
    assert release(asked(), kept, least) == release(asked(), counts, least)
    assert all(one.people >= least for one in kept.values()) or len(kept) == 1


def echelon(vectors: list[list[Fraction]]) -> list[list[Fraction]]:
    found: list[list[Fraction]] = []
    for vector in vectors:
        left = reduced(vector, found)
        if any(left):
            lead = next(value for value in left if value)
            found.append([value / lead for value in left])
    return found


def reduced(vector: list[Fraction], space: list[list[Fraction]]) -> list[Fraction]:
    """What of a vector is left when all of a space is taken from it."""
    left = vector
    for one in sorted(space, key=lambda row: next(place for place, value in enumerate(row) if value)):
        place = next(place for place, value in enumerate(one) if value)
        if left[place]:
            times = left[place]
            left = [a - times * b for a, b in zip(left, one, strict=True)]
    return left


def test_classes_are_nobody_or_enough() -> None:
    question, nps, choice = (asked().question(code) for code in ("envi1", "again", "way"))
    assert question
    assert nps
    assert choice
    held = Counts(60, {"envi1": {"5": 30, "4": 20, "3": 7, "2": 2, "1": 1}, "again": {"10": 20, "8": 10, "0": 6},
                       "way": {"web": 30, "desk": 3}})  # fmt: skip
    assert classes(question, held, 5) == [(("5", "4"), 50), (("3", "2", "1"), 10)]
    assert classes(question, held, 1)[0] == (("5",), 30)
    share = satisfied(classes(question, held, 5))
    assert share
    assert share.share == Decimal("83.3333")
    assert net_promoters(classes(nps, held, 5)) == Decimal("38.89")
    assert net_promoters(classes(nps, held, 7)) is None
    assert classes(choice, held, 5) == [(("web", "desk"), 33)]
    held.options["envi1"] = {"5": 30, "1": 2}
    assert classes(question, held, 5) == []


def rules(least: int = 30, *, by_department: bool = False) -> Rules:
    kind = Kind("patients:least", "最少", "Least")
    figure = given_figure("scheme/least", kind, Decimal(least), "scheme:2026/1#raters.patients_primary")
    return Rules(figure, by_department, "患者满意度", "Patient survey")


def surveyed(answers: list[Row], asked_of: Mapping[str, int] | None = None, code: str = "out") -> Surveyed:
    told = release(asked(), counted(answers), LEAST)
    assert told is not None
    return Surveyed(code, 1, "2026Q1", asked(), told, asked_of or {})


def test_the_result_opens_down_to_what_was_counted_and_tells_the_truth() -> None:
    one = surveyed(rows("C1", {("D1", ""): [5] * 20 + [3] * 12, ("D2", ""): [4] * 8}, cont1="na"))
    two = surveyed(rows("C1", {("", ""): [1] * 10 + [4] * 10}), code="in")
    figure = patients_figure("C1", [one, two], rules())
    every = list(trail(figure))
    assert all(map(tells_the_truth, every))
    assert len({part.key for part in every}) == len(every)
    valid = sum(part.release.mean.answers for part in (one, two))
    total = sum(part.release.mean.marks for part in (one, two))
    assert figure.value is not None
    assert abs(Fraction(figure.value) - Fraction(total - valid, 4 * valid) * 100) <= Fraction(1, 100)
    leaves = [part for part in every if part.source]
    assert {part.source.partition(":")[0] for part in leaves} == {"survey"}
    assert not [part.key for part in every if part.key.rpartition("/")[2] in ("score", "rank")]


def test_under_the_minimum_sample_the_group_does_not_apply() -> None:
    one = surveyed(rows("C1", {("", ""): [5] * 29}))
    few, enough = patients_figure("C1", [one], rules(30)), patients_figure("C1", [one], rules(29))
    assert (few.value, few.state, enough.value) == (None, State.NOT_APPLICABLE, Decimal(100))
    assert all(map(tells_the_truth, trail(few)))
    assert not [part.key for part in trail(few) if "marks" in part.key]


def test_departments_are_weighed_by_how_many_were_asked() -> None:
    answers = rows("C1", {("D1", ""): [5] * 30, ("D2", ""): [1] * 10})
    even = patients_figure("C1", [surveyed(answers)], rules())
    by_department = patients_figure("C1", [surveyed(answers, {"D1": 50, "D2": 50})], rules(by_department=True))
    assert (even.value, by_department.value) == (Decimal(75), Decimal(50))
    assert all(map(tells_the_truth, trail(by_department)))


def test_departments_that_are_told_together_are_weighed_together() -> None:
    """Else the weighed result and the plain one were two equations with two unknown departments."""
    answers = rows("C1", {("D1", ""): [5] * 30, ("D2", ""): [1] * 3, ("D3", ""): [5] * 4})
    figure = patients_figure("C1", [surveyed(answers, {"D1": 40, "D2": 50, "D3": 10})], rules(by_department=True))
    assert {part.key.split("/")[-2] for part in trail(figure) if part.key.endswith("/mean")} == {"@D1", "@+"}
    weights = [part.value for name, part in figure.inputs if name == "weight"]
    assert weights == [Decimal(40), Decimal(60)]


def test_what_one_wave_hides_the_period_hides() -> None:
    hiding = surveyed([*rows("C1", {("", ""): [4] * 20}, cont1="na", cont2="na"), *rows("C1", {("", ""): [1] * 3})])
    telling = surveyed(rows("C1", {("", ""): [5] * 20}), code="in")
    hidden = {"continuity"} | {of for code, of in QUESTIONS.items() for part in hiding.release.parts
                               if not part.dimension and code in part.questions}  # fmt: skip
    figure = patients_figure("C1", [hiding, telling], rules())
    shown = {part.key.split("/")[2] for _name, part in figure.inputs}
    assert not hidden & shown
    assert "others" in shown
    assert all(map(tells_the_truth, trail(figure)))


def test_the_scored_questions_are_ordered_by_dimension() -> None:
    assert list(scored(asked())) == ["environment", "communication", "waiting", "continuity"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("医生很耐心。", set()),
        ("请回电 13912345678", {"phone"}),
        ("请回电 139-1234 5678，谢谢", {"phone"}),
        ("１３９１２３４５６７８", {"phone"}),
        ("0571-88886666", {"phone"}),
        ("身份证11010519491231002X", {"identity"}),
        ("写信 a.b@example.org", {"mail"}),
        ("病历号 20260312345", {"digits"}),
        ("我叫张三丰，住院三天", {"name"}),
        ("等了120分钟，花了356元", set()),
    ],
)
def test_what_may_name_a_person_is_marked_and_blacked_out(text: str, kinds: set[str]) -> None:
    pieces = marked(text)
    assert "".join(words for words, _kind in pieces) == text
    assert {kind for _words, kind in pieces} - {""} == kinds
    assert (BLACKED in blacked(text)) == bool(kinds)
    assert not [words for words, kind in pieces if kind and words in blacked(text)]


def test_a_line_has_as_many_means_as_there_are_parts() -> None:
    told = release(asked(), counted(rows("C1", {("D1", ""): [5] * 9, ("D2", ""): [2] * 9})), 5)
    assert told is not None
    lines: tuple[Line, ...] = told.lines
    assert all(len(line.parts) == len(told.parts) for line in lines)
