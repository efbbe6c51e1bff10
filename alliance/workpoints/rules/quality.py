"""From a score to the factor by which points and bonuses are multiplied: linear, or with a gate (W13, 65)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived
from alliance.core.refused import Refused
from alliance.workpoints.rules.working import BARE, FACTOR_PLACES, Label, Working, number

LINEAR, GATE = "linear", "gate"
KINDS = (LINEAR, GATE)
SCORE = Name("score", "考核得分", "score")
GATE_NAME = Name("gate", "门槛分", "gate")


@dataclass(frozen=True, slots=True)
class QualityRules:
    """How a score works: linear, or with a gate from which nothing is taken off."""

    kind: str = LINEAR
    gate: Decimal = Decimal(85)


def quality_factor(working: Working, key: str, score: Figure, rules: QualityRules) -> Figure:
    """score ÷ 100; with a gate 1 from it on. Domain: scores from 0 up; 92.5 gives 0.925, at a gate of 85 gives 1.

    Refused: a negative score, a kind that there is not.
    """
    value = Fraction(number(score))
    if value < 0:
        raise Refused("%(place)s: the score is %(score)s; it must be 0 or more.", place=score.key, score=score.value)
    if rules.kind == LINEAR:
        kind = working.kind(
            Label("quality", "质量系数", "Quality factor"), "score / 100", FACTOR_PLACES, names=(SCORE,), unit=BARE
        )
        return derived(key, kind, value / 100, (("score", score),), owner=score.owner)
    if rules.kind != GATE:
        raise Refused("%(kind_of)s is no way to use a score.", kind_of=rules.kind)
    gate = working.number("quality.gate", "质量门槛分", "Gate of the quality score", rules.gate, ("分", "points"))
    kind = working.kind(
        Label("quality:gate", "质量系数（门槛）", "Quality factor (gate)"), "1 if score >= gate else score / 100",
        FACTOR_PLACES, names=(SCORE, GATE_NAME), unit=BARE,
    )  # fmt: skip
    exact = Fraction(1) if value >= rules.gate else value / 100
    return derived(key, kind, exact, (("score", score), ("gate", gate)), owner=score.owner)
