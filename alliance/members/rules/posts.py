"""What is true of posts: the parts of a coefficient, the grade by post evaluation, the establishment of a unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from alliance.core.figure import half_up
from alliance.core.refused import Problem, Refused, mark
from alliance.members.rules.cells import NO_HUNDREDTHS

FAMILIES = ("doctor", "nurse", "technician", "pharmacist", "administration")
GRADES = ("A", "B", "C", "D")
RATERS = 3  # at least so many sheets make a grade
PLACES = 2  # of points and coefficients
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class PostFact:
    """What is true of a post from `start` on; `ended` is the first day on which it does not exist any more."""

    code: str
    name_zh: str
    name_en: str
    family: str
    skill: Decimal
    management: Decimal
    risk: Decimal
    start: date
    ended: date | None = None

    @property
    def coefficient(self) -> Decimal:
        return self.skill + self.management + self.risk

    def exists(self, on: date) -> bool:
        return self.start <= on and (self.ended is None or on < self.ended)


@dataclass(frozen=True, slots=True)
class EstablishmentFact:
    """How many posts of a kind a department has from `start` on."""

    department: str
    post: str
    number: int
    start: date


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of post evaluation: its weight in %, and the points of its levels, the lowest level first."""

    code: str
    name_zh: str
    name_en: str
    weight: Decimal
    levels: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class ScaleFact:
    """How posts are evaluated from `start` on: weighted factors, and the points from which grades A, B and C are given;
    under the last of them it is D."""

    factors: tuple[Factor, ...]
    cuts: tuple[Decimal, Decimal, Decimal]
    start: date


@dataclass(frozen=True, slots=True)
class PostSheet:
    """What one rater found of a post on a day: the level, from 1, of each factor."""

    post: str
    rater: str
    levels: tuple[tuple[str, int], ...]
    start: date


@dataclass(frozen=True, slots=True)
class Grade:
    """The outcome of an evaluation: its day, the sheets with their points, the mean, and the grade.

    There is no grade, "", while fewer than three raters have been heard.
    """

    day: date
    sheets: tuple[tuple[PostSheet, Decimal], ...]
    points: Decimal
    grade: str


def _factor(code: str, name_zh: str, name_en: str, weight: int) -> Factor:
    return Factor(code, name_zh, name_en, Decimal(weight), tuple(map(Decimal, (20, 40, 60, 80, 100))))


# Where a hospital has not recorded its own.
USUAL_SCALE = ScaleFact(
    (
        _factor("skill", "知识技能", "Knowledge and skill", 30),
        _factor("responsibility", "岗位责任", "Responsibility", 25),
        _factor("load", "工作负荷", "Workload", 20),
        _factor("risk", "风险程度", "Risk", 15),
        _factor("setting", "工作环境", "Working conditions", 10),
    ),
    (Decimal(85), Decimal(70), Decimal(55)),
    date.min,
)


def check_post(fact: PostFact) -> list[Problem]:
    """What is wrong with a post: a part of its coefficient that is under 0 or has more than two places."""
    parts = (fact.skill, fact.management, fact.risk)
    return [
        Problem(fact.code, f"{part:f}", NO_HUNDREDTHS) for part in parts if part < 0 or part != half_up(part, PLACES)
    ]


def check_scale(scale: ScaleFact) -> list[Problem]:
    """What is wrong with a scale: weights that are not 100, levels that do not rise, cut points that do not fall."""
    problems = []
    total = sum((factor.weight for factor in scale.factors), Decimal(0))
    if total != HUNDRED:
        problems.append(Problem("weight", f"{total.normalize():f}", mark("the weights add up to 100")))
    for factor in scale.factors:
        if len(factor.levels) < 2 or list(factor.levels) != sorted(set(factor.levels)):
            problems.append(Problem(factor.code, factor.code, mark("has at least two levels, each with more points")))
    if not HUNDRED >= scale.cuts[0] > scale.cuts[1] > scale.cuts[2] > 0:
        shown = ", ".join(f"{cut:f}" for cut in scale.cuts)
        problems.append(Problem("cuts", shown, mark("each grade begins at fewer points than the one above")))
    return problems


def sheet_points(scale: ScaleFact, sheet: PostSheet) -> Decimal:
    """The points of one sheet: Σ weight × points of the level ÷ 100, two places; refused when it does not fit."""
    given = dict(sheet.levels)
    total = Decimal(0)
    for factor in scale.factors:
        level = given.pop(factor.code, 0)
        if not 1 <= level <= len(factor.levels):
            raise Refused(
                "The factor %(code)s needs a level from 1 to %(count)s.", code=factor.code, count=len(factor.levels)
            )
        total += factor.weight * factor.levels[level - 1]
    if given:
        raise Refused("There is no factor %(code)s.", code=next(iter(given)))
    return half_up(total / HUNDRED, PLACES)


def grade_of(scale: ScaleFact, points: Decimal) -> str:
    """The grade that points reach: A from the first cut point on, D under the last."""
    return next((grade for grade, cut in zip(GRADES, scale.cuts, strict=False) if points >= cut), GRADES[-1])


def scale_on(scales: Iterable[ScaleFact], on: date) -> ScaleFact:
    """The scale of a day; the usual one where none is recorded."""
    begun = sorted((scale for scale in scales if scale.start <= on), key=lambda one: one.start)
    return begun[-1] if begun else USUAL_SCALE


def evaluated(scales: Iterable[ScaleFact], sheets: Sequence[PostSheet], on: date) -> Grade | None:
    """The last evaluation of a post up to a day, from its sheets; None without any. The mean of the sheets' points has
    two places; the later sheet of one rater and day holds."""
    days = sorted({sheet.start for sheet in sheets if sheet.start <= on})
    if not days:
        return None
    scale = scale_on(scales, days[-1])
    held = {sheet.rater: sheet for sheet in sheets if sheet.start == days[-1]}
    found = tuple((held[rater], sheet_points(scale, held[rater])) for rater in sorted(held))
    mean = half_up(sum((points for _, points in found), Decimal(0)) / len(found), PLACES)
    return Grade(days[-1], found, mean, grade_of(scale, mean) if len(found) >= RATERS else "")


def unit_coefficient(established: Iterable[tuple[Decimal, int]]) -> Decimal:
    """Σ post coefficient × established number, exact."""
    return sum((coefficient * number for coefficient, number in established), Decimal(0))
