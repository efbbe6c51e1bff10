"""Tiered increments (W10): progressive steps on what was done above or below a base; a cap; how a model adds them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, canonical, derived, quotient
from alliance.core.refused import Refused, mark
from alliance.core.steps import Step, check_steps, progressive
from alliance.workpoints.rules.working import PERCENT, POINTS, YUAN, Label, Working, added, number

ACTUAL = Name("actual", "实际量", "actual quantity")
BASE = Name("base", "基期量（目标量）", "base quantity")
GROWTH = Name("growth", "增幅", "growth")
WORTH = Name("worth", "每个百分点金额", "worth of a percentage point")
QUANTITY = Name("quantity", "数量", "quantity")
AMOUNT = Name("amount", "计算金额", "amount as computed")
BONUS = Name("bonus", "单位奖金（未含增量）", "unit bonus without increments")
CAP = Name("cap", "增量封顶比例", "cap of the increments")
BEFORE = Name("bonus", "未加增量的奖金", "bonus before increments")
INCREMENT = Name("increment", "增量奖励", "increments")


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
class Increments:
    """What is added to units beside what a model gives them, in yuan: by unit the tiered increment as computed, which
    its cap holds, and fixed rewards, which none does. All three models take it."""

    rules: IncrementRules = IncrementRules()
    tiered: Mapping[str, Figure] = field(default_factory=dict)
    fixed: Mapping[str, Sequence[Figure]] = field(default_factory=dict)

    @property
    def takers(self) -> set[str]:
        """The units that get something."""
        return {*self.tiered, *self.fixed}

    def only(self, units: Collection[str]) -> Increments:
        """Those of some units."""
        return replace(
            self, tiered={unit: one for unit, one in self.tiered.items() if unit in units},
            fixed={unit: some for unit, some in self.fixed.items() if unit in units},
        )  # fmt: skip

    def held(
        self, working: Working, key: str, units: Iterable[str], plain: Callable[[], Mapping[str, Figure]]
    ) -> dict[str, tuple[Figure, ...]]:
        """What is added to each of the units that get something. `plain` gives what the units get without increments,
        on which the cap rests; it is asked only where one is needed."""
        mine = [unit for unit in units if unit in self.takers]
        bonuses = plain() if any(unit in self.tiered for unit in mine) else {}
        found = {}
        for unit in mine:
            amount = self.tiered.get(unit)
            capped = () if amount is None else (
                capped_increment(working, f"{key}/increment/{unit}", amount, bonuses[unit], self.rules),
            )  # fmt: skip
            found[unit] = (*capped, *self.fixed.get(unit, ()))
        return found


NO_INCREMENTS = Increments()


def raised(working: Working, key: str, label: Label, bonus: Figure, increments: Sequence[Figure]) -> Figure:
    """A bonus with what is added to it, not under 0."""
    kind = working.kind(label, "max(0, bonus + sum(increment))", "2", names=(BEFORE, INCREMENT))
    exact = max(Fraction(0), Fraction(number(bonus)) + Fraction(added(increments)))
    inputs = [("bonus", bonus), *(("increment", one) for one in increments)]
    return derived(key, kind, exact, inputs, owner=bonus.owner)


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
