"""The point model of the first distribution (W13): the value of a point closes a group's pool, to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from alliance.core.figure import Figure, Name, canonical, derived, quotient
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.increments import INCREMENT, Increments
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.working import NO_WEIGHT, POINTS, POOL, Label, Working, added, number

VALUE_PLACES = "6"

POINTS_NAME = Name("points", "工分", "points")
QUALITY = Name("quality", "质量系数", "quality factor")
DEDUCTION = Name("deduction", "成本扣减", "deductions")
TO_EARN = Name("total", "工分可分总额", "what the points share")
ALL_POINTS = Name("points", "工分合计", "sum of the points")
EARNED = Name("earned", "工分所得", "earned by points")


@dataclass(frozen=True, slots=True)
class Entry:
    """A unit in a pool: its points, its quality factor, what its costs take off, what increments add; in yuan."""

    unit: str
    points: Figure
    quality: Figure | None
    deduction: Figure | None = None
    increments: Sequence[Figure] = ()


@dataclass(frozen=True, slots=True)
class Solved:
    """The bonuses by unit, the values of a point round by round (the last one holds), and what to look at."""

    bonuses: dict[str, Figure]
    values: list[Figure]
    issues: list[Issue]


def solve(working: Working, key: str, pool: Figure, entries: Sequence[Entry]) -> Solved:
    """v × points × quality − deduction + increment by unit, not under 0; Σ = pool to the cent.

    v = (pool + Σ deductions − Σ increments) ÷ Σ(points × quality). Where a unit would fall under 0 it gets 0 and v is
    solved again over the others; every value is kept. The cents come from sharing the numerator of v by largest
    remainders. Refused, with place and amount: a unit without a score, negative points, points that add up to 0, a
    pool smaller than the increments promised.
    """
    _check(key, entries)
    weighed = {entry.unit: _weighed(working, key, entry) for entry in entries}
    free = sorted(entries, key=lambda entry: entry.unit)
    bonuses: dict[str, Figure] = {}
    values: list[Figure] = []
    while True:
        if not any(number(weighed[entry.unit]) for entry in free):
            raise Refused(NO_WEIGHT, place=key, amount=pool.value)
        place = f"{key}/round{len(values) + 1}"
        total = _to_earn(working, place, pool, free)
        earned = working.share_out(
            place, Label("earned", EARNED.zh, "Earned by points"), total, {one.unit: weighed[one.unit] for one in free}
        )
        values.append(_value(working, place, total, [weighed[one.unit] for one in free]))
        found = {entry.unit: _bonus(working, key, entry, earned[entry.unit]) for entry in free}
        under = {unit for unit, figure in found.items() if _balance(figure) < 0}
        if not under:
            break
        bonuses |= {unit: found[unit] for unit in under}
        free = [entry for entry in free if entry.unit not in under]
    told = " → ".join(canonical(one.value) for one in values)
    issues = [issue("point_value", key, told)] if len(values) > 1 else []
    return Solved(_in_order(entries, bonuses | found), values, issues)


def solve_with_cap(
    working: Working, key: str, pool: Figure, entries: Sequence[Entry], increments: Increments,
    beside: Mapping[str, Sequence[Figure]] | None = None,
) -> Solved:  # fmt: skip
    """The same with increments, the tiered ones held to their cap, in % of what the unit gets without any: here and by
    another pool, `beside`."""

    def plain() -> dict[str, Figure]:
        label = Label("unit_bonus:settings:plain", "未计增量的奖金（门诊+住院）", "Bonus of both before increments")
        return {
            unit: working.total(
                f"{key}/plain/whole/{unit}", label, [*beside[unit], figure], owner=working.owner(unit)
            ) if beside and unit in beside else figure
            for unit, figure in solve(working, f"{key}/plain", pool, entries).bonuses.items()
        }  # fmt: skip

    held = increments.held(working, key, [entry.unit for entry in entries], plain)
    return solve(working, key, pool, [replace(entry, increments=held.get(entry.unit, ())) for entry in entries])


def _check(key: str, entries: Sequence[Entry]) -> None:
    problems = []
    for entry in entries:
        where = f"{key}/{entry.unit}"
        if entry.quality is None or entry.quality.value is None:
            problems.append(issue("unit_without_score", where, "").problem)
        if number(entry.points) < 0:
            problems.append(issue("negative_points", where, canonical(entry.points.value)).problem)
        if entry.deduction is not None and number(entry.deduction) < 0:
            problems.append(Problem(where, canonical(entry.deduction.value), mark("must be 0 or more")))
    if problems:
        raise Refused("%(place)s cannot be shared by points.", place=key, problems=problems)


def _weighed(working: Working, key: str, entry: Entry) -> Figure:
    kind = working.kind(
        Label("weighed_points", "质量调整后工分", "Points times quality"), "points * quality",
        names=(POINTS_NAME, QUALITY), unit=POINTS,
    )  # fmt: skip
    quality = entry.quality
    assert quality is not None
    exact = Fraction(number(entry.points)) * Fraction(number(quality))
    inputs = (("points", entry.points), ("quality", quality))
    return derived(f"{key}/weighed/{entry.unit}", kind, exact, inputs, owner=working.owner(entry.unit))


def _to_earn(working: Working, place: str, pool: Figure, free: Sequence[Entry]) -> Figure:
    """The numerator of v: what the points share in this round."""
    taken = [entry.deduction for entry in free if entry.deduction is not None]
    promised = [one for entry in free for one in entry.increments]
    exact = Fraction(number(pool)) + Fraction(added(taken)) - Fraction(added(promised))
    if exact < 0:
        raise Refused(
            "%(place)s: the pool is %(pool)s CNY and the deductions bring %(taken)s CNY, less than the increments of "
            "%(promised)s CNY.", place=place, pool=pool.value, taken=added(taken), promised=added(promised),
        )  # fmt: skip
    kind = working.kind(
        Label("to_earn", TO_EARN.zh, "Shared by points"), "pool + sum(deduction) - sum(increment)", "2",
        names=(POOL, DEDUCTION, INCREMENT),
    )  # fmt: skip
    inputs = [("pool", pool), *(("deduction", one) for one in taken), *(("increment", one) for one in promised)]
    return derived(f"{place}/total", kind, exact, inputs, owner=working.owner())


def _value(working: Working, place: str, total: Figure, weighed: Sequence[Figure]) -> Figure:
    kind = working.kind(
        Label("point_value", "工分值", "Value of a point"), "total / sum(points)", VALUE_PLACES,
        names=(TO_EARN, ALL_POINTS), unit=("元/分", "CNY per point"),
    )  # fmt: skip
    exact = quotient(number(total), added(weighed))
    inputs = [("total", total), *(("points", one) for one in weighed)]
    return derived(f"{place}/value", kind, exact, inputs, owner=working.owner())


def _bonus(working: Working, key: str, entry: Entry, earned: Figure) -> Figure:
    kind = working.kind(
        Label("unit_bonus:point", "科室奖金（工分）", "Unit bonus (points)"),
        "max(0, earned - sum(deduction) + sum(increment))", "2", names=(EARNED, DEDUCTION, INCREMENT),
    )  # fmt: skip
    inputs = [("earned", earned)]
    if entry.deduction is not None:
        inputs.append(("deduction", entry.deduction))
    inputs += [("increment", one) for one in entry.increments]
    exact = max(Fraction(0), _sum(inputs))
    return derived(f"{key}/unit/{entry.unit}", kind, exact, inputs, owner=working.owner(entry.unit))


def _balance(bonus: Figure) -> Fraction:
    """A unit's bonus before it is held at 0."""
    return _sum(bonus.inputs)


def _sum(inputs: Sequence[tuple[str, Figure]]) -> Fraction:
    signed = ((-1 if name == "deduction" else 1, Fraction(number(one))) for name, one in inputs)
    return sum((sign * amount for sign, amount in signed), Fraction(0))


def _in_order(entries: Sequence[Entry], bonuses: dict[str, Figure]) -> dict[str, Figure]:
    return {entry.unit: bonuses[entry.unit] for entry in entries}
