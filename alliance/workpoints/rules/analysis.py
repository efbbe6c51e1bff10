"""Analysis of a month (W18): pay per head on both bases, inequality, who moved most and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived, half_up, quotient
from alliance.core.refused import Refused
from alliance.workpoints.rules.working import Label, Working, added, number

PAY = Name("pay", "奖金合计", "bonuses")
HEADS = Name("heads", "人数", "heads")
# What pay is divided by: the posts that are established, or the persons that were there, by days.
BASES: dict[str, tuple[str, str]] = {
    "established": ("编制人均奖金", "Bonus per established post"),
    "present": ("在岗人均奖金", "Bonus per person in post"),
}
MOVED = Decimal(20)  # % of last month from which somebody is listed


def per_head(working: Working, key: str, basis: str, pay: Sequence[Figure], heads: Figure) -> Figure | None:
    """Σ pay ÷ heads, two places; None where there are no heads."""
    if basis not in BASES:
        raise Refused("%(basis)s is no basis of pay per head.", basis=basis)
    if not number(heads):
        return None
    kind = working.kind(
        Label(f"per_head:{basis}", *BASES[basis]), "sum(pay) / heads", "2", names=(PAY, HEADS)
    )  # fmt: skip
    inputs = [*(("pay", one) for one in pay), ("heads", heads)]
    return derived(key, kind, quotient(added(pay), number(heads)), inputs, owner=working.owner())


def gini(persons: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The Gini coefficient over (pay in yuan, weight by days), four places: 0 all alike, towards 1 all for one.

    Pay of 1, 2, 3 and 4, each of weight 1, gives 0.25. None where nobody is paid. Refused: negative pay or weight.
    """
    if any(pay < 0 or weight < 0 for pay, weight in persons):
        raise Refused("Inequality is counted over pay and days of 0 or more.")
    ordered = sorted((Fraction(pay), Fraction(weight)) for pay, weight in persons if weight)
    weight_before = pay_before = between = Fraction(0)
    for pay, weight in ordered:
        # |x − y| over all pairs, each pair when its higher one comes.
        between += weight * (pay * weight_before - pay_before)
        weight_before += weight
        pay_before += weight * pay
    return half_up(between / (weight_before * pay_before), 4) if pay_before else None


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody whose pay moved: by how much in yuan and in %, and the line of the slip that moved most."""

    person: str
    change: Decimal
    percent: Decimal
    cause: str


def movers(
    before: Mapping[str, Mapping[str, Decimal]], now: Mapping[str, Mapping[str, Decimal]], least: Decimal = MOVED
) -> list[Moved]:
    """Who was paid in both months and moved by at least so many %, the largest first; lines of slips by person.

    The cause is the line that changed most in the direction of the whole; ties go to the line that sorts first.
    """
    found = []
    for person in sorted(before.keys() & now.keys()):
        old, new = before[person], now[person]
        base, change = sum(old.values(), Decimal(0)), sum(new.values(), Decimal(0)) - sum(old.values(), Decimal(0))
        if base <= 0 or abs(change) * 100 < least * base:
            continue
        moved = {line: new.get(line, Decimal(0)) - old.get(line, Decimal(0)) for line in old.keys() | new.keys()}
        sign = 1 if change > 0 else -1
        cause = min(moved, key=lambda line, sign=sign, moved=moved: (-sign * moved[line], line))  # type: ignore[misc]
        found.append(Moved(person, change, half_up(quotient(change, base, 100), 2), cause))
    return sorted(found, key=lambda one: (-abs(one.percent), one.person))
