"""New techniques (W10): a fixed amount for each, in the first twelve months; how often is counted by charge lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, canonical, derived
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.income import Draw
from alliance.workpoints.rules.working import YUAN, Label, Working, number

NEW_FOR = 12  # months that a new technique is rewarded
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}")  # stands in the sources of figures

DONE = Name("done", "例数", "how often")
EACH = Name("each", "单例奖励", "amount of one")
TWICE = mark("another technique has this code already")
TWO_REWARDS = mark("stands with another technique already; one case would be rewarded twice")
NO_CLASS = mark(
    "is in no table of item points, so nobody knows its class; import a table with it first, without points"
)


@dataclass(frozen=True, slots=True)
class Technique:
    """A new technique: the charge items by which it is counted, the yuan of one, the day from which it is done here."""

    code: str
    name_zh: str
    name_en: str
    items: tuple[str, ...]
    amount: Decimal
    start: date

    def months_before(self, month: date) -> int:
        """Months between that of the first day and a month; negative before it."""
        return (month.year - self.start.year) * 12 + month.month - self.start.month

    @property
    def last(self) -> date:
        """The last day that is rewarded."""
        return date(self.start.year + 1, self.start.month, 1) - timedelta(days=1)


def times_done(working: Working, unit: str, technique: Technique, count: Decimal, source: str) -> Figure:
    """How often a unit did it in the month; `source` leads to the charge lines."""
    label = Label(f"technique:{technique.code}:done", f"例数：{technique.name_zh}", f"How often: {technique.name_en}")
    key = f"unit/{unit}/technique/{technique.code}/done"
    return working.entered(key, label, count, source, unit=("例", "cases"), owner=working.owner(unit))


def technique_reward(working: Working, key: str, technique: Technique, done: Figure, month: date) -> Figure:
    """How often, not under 0, × the fixed amount in the first twelve months: 3 × 500 is 1,500; afterwards 0. `month` is
    a first day."""
    code, zh, en = f"technique:{technique.code}", technique.name_zh, technique.name_en
    age = technique.months_before(month)
    if age < 0:
        raise Refused(
            "%(code)s is done from %(start)s on; nothing can be rewarded in %(month)s.",
            code=technique.code, start=technique.start, month=month,
        )  # fmt: skip
    if age >= NEW_FOR:
        over = Label(f"{code}:over", f"新技术奖励：{zh}（已满12个月）", f"New technique: {en} (twelve months over)")
        return derived(key, working.kind(over, "0", "2"), 0, (("without", done),), owner=done.owner)
    each = working.number(
        f"technique.{technique.code}.amount", f"单例奖励：{zh}", f"Reward of one: {en}", technique.amount, YUAN
    )
    label = Label(code, f"新技术奖励：{zh}", f"New technique: {en}")
    kind = working.kind(label, "max(done, 0) * each", "2", names=(DONE, EACH))
    exact = max(Fraction(number(done)), Fraction(0)) * Fraction(technique.amount)
    return derived(key, kind, exact, (("done", done), ("each", each)), owner=done.owner)


def check_techniques(techniques: Sequence[Technique]) -> list[Problem]:
    """What is wrong with the techniques of a scheme, each with its place."""
    problems, codes, items = list[Problem](), set[str](), set[str]()
    for one in techniques:
        where = f"technique.{one.code}"
        if not CODE.fullmatch(one.code):
            reason = mark("takes up to 16 letters, digits, hyphens and underscores")
            problems.append(Problem("technique.code", one.code, reason))
        if one.code in codes:
            problems.append(Problem(where, one.code, TWICE))
        if one.amount <= 0:
            problems.append(Problem(f"{where}.amount", canonical(one.amount), mark("must be above 0")))
        if not one.items:
            problems.append(Problem(f"{where}.items", "", mark("names no charge item by which it is counted")))
        problems += [Problem(f"{where}.items", item, TWO_REWARDS) for item in one.items if item in items]
        codes.add(one.code)
        items.update(one.items)
    return problems


def draws(techniques: Sequence[Technique], classes: Mapping[str, Collection[str]]) -> list[Draw]:
    """What techniques reward: their items; `classes` are those that each item has."""
    return [
        Draw(f"technique.{one.code}.{item}", item_class)
        for one in techniques for item in one.items for item_class in sorted(classes.get(item, ()))
    ]  # fmt: skip


def unknown_items(techniques: Sequence[Technique], classes: Mapping[str, Collection[str]]) -> list[Problem]:
    """The items of techniques whose class nobody knows."""
    return [
        Problem(f"technique.{one.code}.{item}", item, NO_CLASS)
        for one in techniques for item in one.items if not classes.get(item)
    ]  # fmt: skip
