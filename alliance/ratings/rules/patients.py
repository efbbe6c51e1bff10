"""The result of patient surveys for a member, as figures: the group over dimensions over questions over what was
counted, or over departments where a scheme weighs these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Kind, Name, derived, given
from alliance.ratings.rules.questions import DIMENSIONS, Questionnaire
from alliance.ratings.rules.release import REST, Line, Part, Release
from alliance.ratings.rules.satisfaction import PLACES, Mean

GROUP = "patients"
SCORE, ANSWERS = Name("score", "得分", "score"), Name("answers", "有效回答数", "valid answers")
MARKS, WEIGHT = Name("marks", "评分合计", "sum of marks"), Name("weight", "发放数", "people asked")
BY_ANSWERS = "sum(answers * score) / sum(answers)"
BY_WEIGHT = "sum(weight * score) / sum(weight)"
OF_MARKS = "(marks / answers - 1) / 4 * 100"
POINTS = ("分", "points")
Inputs = list[tuple[str, Figure]]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What may be told of a member in a closed wave, and how many people were asked by department."""

    survey: str
    version: int
    period: str
    questionnaire: Questionnaire
    release: Release
    asked: Mapping[str, int]

    @property
    def reference(self) -> str:
        return f"{self.survey}/{self.version}/{self.period}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the scheme says: the least valid answers, where it says so, and whether departments are weighed."""

    least: Figure
    by_department: bool
    zh: str
    en: str


def patients_figure(member: str, waves: Sequence[Surveyed], rules: Rules) -> Figure:
    """The result of a member from the waves of a period; not applicable where too few answered."""
    formula, names = (BY_WEIGHT, (WEIGHT, SCORE)) if rules.by_department else (BY_ANSWERS, (ANSWERS, SCORE))
    kind = Kind(f"group:{GROUP}", rules.zh, rules.en, *POINTS, formula, "2", "groups", names=names)
    owner, key = f"institution:{member}", f"{member}/group/{GROUP}"
    people: Inputs = [("without", _count(member, one, "", "people", one.release.base)) for one in waves]
    assert rules.least.value is not None
    if sum(one.release.base for one in waves) < rules.least.value:
        return derived(key, kind, None, [*people, ("without", rules.least)], owner=owner)
    inputs = list((_departments if rules.by_department else _dimensions)(member, waves))
    weighing = "weight" if rules.by_department else "answers"
    return derived(key, kind, weighed(inputs, weighing), inputs, owner=owner)


def weighed(inputs: Iterable[tuple[str, Figure]], weighing: str) -> Fraction | None:
    """Σ weight × score ÷ Σ weight over inputs under these names; None of no weight."""
    values: dict[str, list[Fraction]] = {weighing: [], "score": []}
    for name, figure in inputs:
        assert figure.value is not None
        values[name].append(Fraction(figure.value))
    whole = sum(values[weighing], Fraction(0))
    total = sum((a * b for a, b in zip(values[weighing], values["score"], strict=True)), Fraction(0))
    return total / whole if whole else None


def _dimensions(member: str, waves: Sequence[Surveyed]) -> Iterator[tuple[str, Figure]]:
    """The dimensions of all waves together. What one wave tells only with others is told with others for all."""
    hidden = {code for one in waves for code in _hidden(one)}
    held: dict[str, list[tuple[Surveyed, Part]]] = {code: [] for code in (*DIMENSIONS, REST)}
    for one in waves:
        for part in one.release.parts:
            held[REST if part.dimension in hidden else part.dimension].append((one, part))
    for code, parts in held.items():
        inputs = [pair for one, part in parts for pair in _questions(member, one, part)]
        exact = weighed(inputs, "answers")
        if exact is not None:
            both = DIMENSIONS.get(code)
            zh, en = (both.zh, both.en) if both else ("其他维度", "Other dimensions")
            yield from _summed(member, code or "others", zh, en, inputs, exact)


def _hidden(one: Surveyed) -> set[str]:
    """The dimensions that a wave does not tell by themselves."""
    folded = {code for part in one.release.parts if part.dimension == REST for code in part.questions}
    return {question.dimension for question in one.questionnaire.questions if question.code in folded}


def _summed(member: str, code: str, zh: str, en: str, inputs: Inputs, exact: Fraction) -> Inputs:
    """A dimension, and how many valid answers it rests on."""
    owner, key = f"institution:{member}", f"{member}/{GROUP}/{code}"
    numbers = [(name, one) for name, one in inputs if name == "answers"]
    counted = Kind(
        f"{GROUP}:{code}:answers", f"{zh}：有效回答数", f"{en}: valid answers", "", "", "sum(answers)", "", "groups",
        names=(ANSWERS,),
    )  # fmt: skip
    kind = Kind(f"{GROUP}:{code}", zh, en, *POINTS, BY_ANSWERS, str(PLACES), "groups", names=(ANSWERS, SCORE))
    total = sum((Fraction(one.value or 0) for _name, one in numbers), Fraction(0))
    return [
        ("answers", derived(f"{key}/answers", counted, total, numbers, owner=owner)),
        ("score", derived(f"{key}/mean", kind, exact, inputs, owner=owner)),
    ]


def _questions(member: str, one: Surveyed, part: Part) -> Iterator[tuple[str, Figure]]:
    """The questions of a dimension in a wave, those that are not told singly as one."""
    for code, mean in part.singly:
        question = one.questionnaire.question(code)
        assert question is not None
        yield from _mean(member, one, code, question.zh, question.en, mean)
    others = part.mean if part.dimension == REST else part.others
    if others and others.answers:
        yield from _mean(member, one, f"+{part.dimension}", "其他题目", "Other questions", others)


def _mean(member: str, one: Surveyed, code: str, zh: str, en: str, mean: Mean) -> Inputs:
    """Marks of valid answers as a value from 0 to 100, with the number of these answers."""
    names = (MARKS, ANSWERS)
    kind = Kind(
        f"{GROUP}:{one.survey}/{one.version}/{code}", zh, en, *POINTS, OF_MARKS, str(PLACES), "groups", names=names
    )
    answers = _count(member, one, code, "answers", mean.answers)
    marks = _count(member, one, code, "marks", mean.marks)
    key = f"{member}/{GROUP}/{one.reference}/{code}/mean"
    figure = derived(
        key, kind, mean.exact, [("marks", marks), ("answers", answers)], owner=f"institution:{member}"
    )  # fmt: skip
    return [("answers", answers), ("score", figure)]


def _departments(member: str, waves: Sequence[Surveyed]) -> Iterator[tuple[str, Figure]]:
    """The departments of all waves, each weighed by how many people were asked about it; the rest of them is one."""
    for one in waves:
        lines = one.release.lines or (Line(REST, one.release.people, one.release.mean, (), rest=True),)
        named = {line.code for line in lines if not line.rest}
        for line in lines:
            if line.mean.answers:
                codes = set(one.asked) - named if line.rest else {line.code}
                code, (zh, en) = ("@+", OTHERS) if line.rest else (f"@{line.code}", _named(line.code))
                yield "weight", _count(member, one, code, "asked", sum(one.asked.get(place, 0) for place in codes))
                yield "score", _mean(member, one, code, zh, en, line.mean)[1][1]


OTHERS = ("其他科室", "Other departments")


def _named(code: str) -> tuple[str, str]:
    return (f"科室 {code}", f"Department {code}") if code else ("不分科室", "No department")


COUNTED: Mapping[str, tuple[str, str]] = {
    "people": ("有效答卷", "Valid questionnaires"),
    "answers": ("有效回答数", "Valid answers"),
    "marks": ("评分合计（1～5分）", "Sum of the marks from 1 to 5"),
    "asked": ("发放数", "People asked"),
}


def _count(member: str, one: Surveyed, code: str, what: str, value: int) -> Figure:
    """A number that closing a wave has kept."""
    zh, en = COUNTED[what]
    kind = Kind(f"{GROUP}:{what}", zh, en, clause="groups")
    return given(
        f"{member}/{GROUP}/{one.reference}/{code}/{what}", kind, Decimal(value),
        f"survey:{one.reference}/{member}/{code}#{what}", owner=f"institution:{member}",
    )  # fmt: skip
