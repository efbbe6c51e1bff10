"""Tiered increments (W10): progressive steps on what was done above or below a base; new techniques; a cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, canonical, derived, quotient
from alliance.core.refused import Refused, mark
from alliance.core.steps import Step, check_steps, progressive
from alliance.workpoints.rules.working import PERCENT, POINTS, YUAN, Label, Working, number

NEW_FOR = 12  # months that a new technique is rewarded

ACTUAL = Name("actual", "实际量", "actual quantity")
BASE = Name("base", "基期量（目标量）", "base quantity")
GROWTH = Name("growth", "增幅", "growth")
WORTH = Name("worth", "每个百分点金额", "worth of a percentage point")
QUANTITY = Name("quantity", "数量", "quantity")
AMOUNT = Name("amount", "计算金额", "amount as computed")
BONUS = Name("bonus", "单位奖金（未含增量）", "unit bonus without increments")
CAP = Name("cap", "增量封顶比例", "cap of the increments")


@dataclass(frozen=True, slots=True)
class IncrementRules:
    """The steps on the growth in %, the yuan of one stepped percentage point, the cap in % of the unit's bonus."""

    steps: tuple[Step, ...] = ()
    worth: Decimal = Decimal(0)
    cap: Decimal = Decimal(10)
    negative: bool = False  # a fall takes money off


def stepped(working: Working, key: str, code: str, quantity: Figure, steps: Sequence[Step]) -> Figure:
    """A quantity priced step by step, mirrored under 0; `code` names the table of steps.

    25 at (..10] × 1, [10..20] × 2, [20..) × 3 gives 45, −15 gives −20.
    """
    formula = _text(QUANTITY.name, steps)
    kind = working.kind(
        Label(f"stepped:{code}", "分段计量工分", "Points by progressive steps"), formula, "4", names=(QUANTITY,),
        unit=POINTS,
    )  # fmt: skip
    exact = progressive(Fraction(number(quantity)), steps)
    return derived(key, kind, exact, (("quantity", quantity),), owner=quantity.owner)


def growth(working: Working, key: str, actual: Figure, base: Figure) -> Figure:
    """(actual − base) ÷ base × 100: 120 against 100 is 20 %. Refused: a base of 0 or less, with its place."""
    if number(base) <= 0:
        raise Refused(
            "%(place)s: the base quantity is %(base)s; growth needs a base above 0.", place=key, base=base.value
        )
    kind = working.kind(
        Label("growth", "增幅", "Growth"), "(actual - base) / base * 100", "4", names=(ACTUAL, BASE), unit=PERCENT
    )
    exact = quotient(number(actual), number(base), 100) - 100
    return derived(key, kind, exact, (("actual", actual), ("base", base)), owner=actual.owner)


def increment(working: Working, key: str, found: Figure, rules: IncrementRules) -> Figure:
    """The stepped growth at its worth, in yuan; a fall gives 0 unless the scheme takes money off for it."""
    name = GROWTH.name if rules.negative else "max(growth, 0)"
    formula = f"({_text(name, rules.steps)}) * worth"
    worth = working.number("increments.worth", WORTH.zh, "Worth of a percentage point", rules.worth, YUAN)
    kind = working.kind(Label("increment", "增量奖励", "Increment"), formula, "2", names=(GROWTH, WORTH))
    size = Fraction(number(found))
    exact = progressive(size if rules.negative else max(size, Fraction(0)), rules.steps) * Fraction(rules.worth)
    return derived(key, kind, exact, (("growth", found), ("worth", worth)), owner=found.owner)


def capped_increment(working: Working, key: str, amount: Figure, bonus: Figure, rules: IncrementRules) -> Figure:
    """An increment not beyond its cap, upward and downward: 12,000 on a bonus of 100,000 at 10 % is 10,000."""
    if not 0 <= rules.cap <= 100:
        raise Refused("The cap of the increments is %(cap)s%%; it must lie between 0 and 100%%.", cap=rules.cap)
    cap = working.number("increments.cap", CAP.zh, "Cap of the increments", rules.cap)
    kind = working.kind(
        Label("increment:capped", "增量奖励（封顶后）", "Increment within its cap"),
        "min(max(amount, -floor(bonus * cap) / 100), floor(bonus * cap) / 100)", "2", names=(AMOUNT, BONUS, CAP),
    )  # fmt: skip
    limit = Fraction((Fraction(number(bonus)) * Fraction(rules.cap)).__floor__(), 100)
    exact = min(max(Fraction(number(amount)), -limit), limit)
    inputs = (("amount", amount), ("bonus", bonus), ("cap", cap))
    return derived(key, kind, exact, inputs, owner=amount.owner)


@dataclass(frozen=True, slots=True)
class Technique:
    """A new technique: the fixed amount of one, and the day from which it is done here."""

    code: str
    amount: Decimal
    start: date


def technique_reward(working: Working, key: str, technique: Technique, done: Figure, month: date) -> Figure:
    """How often × the fixed amount, for the first twelve months; afterwards 0. `month` is its first day."""
    age = (month.year - technique.start.year) * 12 + month.month - technique.start.month
    if age < 0:
        raise Refused(
            "%(code)s is done from %(start)s on; nothing can be rewarded in %(month)s.",
            code=technique.code, start=technique.start, month=month,
        )  # fmt: skip
    if age >= NEW_FOR:
        kind = working.kind(
            Label("technique:over", "新技术奖励（已满12个月）", "New technique (twelve months over)"), "0", "2"
        )
        return derived(key, kind, 0, (("without", done),), owner=done.owner)
    each = working.number(
        f"technique.{technique.code}", "新技术单例奖励", "Reward of a new technique", technique.amount, YUAN
    )
    kind = working.kind(
        Label("technique", "新技术奖励", "New technique"), "done * each", "2",
        names=(Name("done", "例数", "how often"), Name("each", "单例奖励", "amount of one")),
    )  # fmt: skip
    exact = Fraction(number(done)) * Fraction(technique.amount)
    return derived(key, kind, exact, (("done", done), ("each", each)), owner=done.owner)


def _text(name: str, steps: Sequence[Step]) -> str:
    """The steps on a name as a formula; refused for a table that is none, or a negative rate."""
    check_steps(steps)
    if any(step.rate < 0 for step in steps):
        raise Refused(mark("The rate of a step must be 0 or more."))
    size, parts = f"abs({name})", []
    for step in steps:
        end = size if step.end is None else f"min({size}, {canonical(step.end)})"
        start = f" - {canonical(step.start)}" if step.start else ""
        parts.append(f"{canonical(step.rate)} * max(0, {end}{start})")
    upward = " + ".join(parts)
    return f"{upward} if {name} >= 0 else -({upward})"
