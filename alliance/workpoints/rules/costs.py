"""What a unit's costs take off its pay (W3, W13), and full cost step by step (W4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import SPLIT, Figure, Name, canonical, derived
from alliance.core.money import cents, split, yuan
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.working import Label, Working, added, number

PASSED_PLACES = "10"  # of what one step hands on, as it is shown; the next step takes it unrounded

VARIABLE = Name("variable", "变动成本", "variable cost")
RATE = Name("rate", "变动成本扣减率", "rate of the variable cost")
CONTROLLABLE = Name("controllable", "可控成本", "controllable cost")
STANDARD = Name("standard", "可控成本标准", "standard of the controllable cost")
OVER_RATE = Name("over", "超标准扣减率", "rate over the standard")
DIRECT = Name("direct", "直接成本", "direct cost")
PASSED = Name("passed", "分摊前成本", "cost to be allocated")
OWN = Name("own", "本部门动因量", "own driver")
DRIVERS = Name("drivers", "动因合计", "sum of the drivers")


@dataclass(frozen=True, slots=True)
class CostRules:
    """Rates in %: of the variable cost (drugs, consumables), and of controllable cost above its standard."""

    variable_rate: Decimal = Decimal(100)
    over_rate: Decimal = Decimal(0)


def deduction(
    working: Working, unit: str, variable: Figure, controllable: Figure, standard: Figure, rules: CostRules
) -> Figure:  # fmt: skip
    """r_v × variable cost + r_c × max(0, controllable − standard), in yuan.

    40,000 at 50 % with 12,000 controllable against 10,000 at 20 % takes off 20,400. Refused: negative costs or rates.
    """
    parts = {"variable": number(variable), "controllable": number(controllable), "standard": number(standard)}
    parts |= {"variable_rate": rules.variable_rate, "over_rate": rules.over_rate}
    below = [
        Problem(f"{unit}.{name}", canonical(value), mark("must be 0 or more"))
        for name, value in parts.items() if value < 0
    ]  # fmt: skip
    if below:
        raise Refused("The costs of %(unit)s cannot be deducted.", unit=unit, problems=below)
    rate = working.number("costs.variable_rate", RATE.zh, "Rate of the variable cost", rules.variable_rate)
    over = working.number("costs.over_rate", OVER_RATE.zh, "Rate over the standard", rules.over_rate)
    kind = working.kind(
        Label("deduction", "成本扣减", "Deduction of costs"),
        "variable * rate / 100 + max(0, controllable - standard) * over / 100", "2",
        names=(VARIABLE, RATE, CONTROLLABLE, STANDARD, OVER_RATE),
    )  # fmt: skip
    above = max(Fraction(0), Fraction(parts["controllable"]) - Fraction(parts["standard"]))
    exact = (Fraction(parts["variable"]) * Fraction(rules.variable_rate) + above * Fraction(rules.over_rate)) / 100
    inputs = (
        ("variable", variable), ("rate", rate), ("controllable", controllable), ("standard", standard), ("over", over),
    )  # fmt: skip
    return derived(f"unit/{unit}/deduction", kind, exact, inputs, owner=working.owner(unit))


@dataclass(frozen=True, slots=True)
class StepDown:
    """Full costs by department, and what could not be allocated, department by department."""

    final: dict[str, Figure]
    issues: list[Issue]


def step_down(
    working: Working, order: Sequence[str], direct: Mapping[str, Figure], drivers: Mapping[str, Mapping[str, Figure]]
) -> StepDown:
    """Close departments one after another: each hands its cost to those after it and to the last ones, by driver.

    Every yuan stays: unrounded between the steps, rounded once by largest remainders. A department whose drivers add
    up to 0 keeps its cost and is listed. Refused: a driver towards an earlier or the same department, unknown
    departments, negative costs and drivers.
    """
    _check(order, direct, drivers)
    cost = {code: Fraction(number(figure)) for code, figure in direct.items()}
    received: dict[str, list[tuple[str, Figure]]] = {code: [("direct", direct[code])] for code in direct}
    issues, kept = [], set(direct) - set(order)
    for code in order:
        mine = {to: driver for to, driver in drivers.get(code, {}).items() if number(driver)}
        whole = sum((Fraction(number(driver)) for driver in mine.values()), Fraction(0))
        if not whole:
            if cost[code]:
                issues.append(issue("zero_divisor", f"cost/{code}", number(_passed(working, code, cost, received))))
            kept.add(code)
            continue
        passed = _passed(working, code, cost, received)
        together = working.total(
            f"cost/{code}:drivers",
            Label("drivers", DRIVERS.zh, "Sum of the drivers"),
            list(mine.values()),
            unit=("", ""),
        )
        for to, driver in sorted(mine.items()):
            cost[to] += cost[code] * Fraction(number(driver)) / whole
            received[to] += [("passed", passed), ("own", driver), ("drivers", together)]
        cost[code] = Fraction(0)
    return StepDown(_closed(working, {code: cost[code] for code in sorted(kept)}, direct, received), issues)


def _formula(received: Sequence[tuple[str, Figure]]) -> str:
    return "direct + sum(passed * own / drivers)" if len(received) > 1 else "direct"


def _passed(
    working: Working, code: str, cost: Mapping[str, Fraction], received: Mapping[str, list[tuple[str, Figure]]]
) -> Figure:
    """What a department hands on, as it is shown."""
    formula = _formula(received[code])
    kind = working.kind(
        Label(f"passed:{len(formula)}", "分摊前成本", "Cost to be allocated"), formula, PASSED_PLACES,
        names=(DIRECT, PASSED, OWN, DRIVERS),
    )  # fmt: skip
    return derived(f"cost/{code}/passed", kind, cost[code], received[code], owner=working.owner(code))


def _closed(
    working: Working, cost: Mapping[str, Fraction], direct: Mapping[str, Figure],
    received: Mapping[str, list[tuple[str, Figure]]],
) -> dict[str, Figure]:  # fmt: skip
    amounts = split(cents(added(direct.values())), cost) if any(cost.values()) else dict.fromkeys(cost, 0)
    found = {}
    for code, amount in amounts.items():
        formula = _formula(received[code])
        kind = working.kind(
            Label(f"full_cost:{len(formula)}", "全成本", "Full cost"), formula, SPLIT,
            names=(DIRECT, PASSED, OWN, DRIVERS),
        )  # fmt: skip
        found[code] = derived(f"cost/{code}/full", kind, yuan(amount), received[code], owner=working.owner(code))
    return found


def _check(
    order: Sequence[str], direct: Mapping[str, Figure], drivers: Mapping[str, Mapping[str, Figure]]
) -> None:  # fmt: skip
    place = {code: index for index, code in enumerate(order)}
    problems = [Problem(code, code, mark("no such department has a cost")) for code in order if code not in direct]
    problems += [
        Problem(code, canonical(cost.value), mark("must be 0 or more")) for code, cost in direct.items()
        if number(cost) < 0
    ]  # fmt: skip
    for code, row in drivers.items():
        for to, driver in row.items():
            if to not in direct or place.get(to, len(order)) <= place.get(code, -1):
                reason = mark("costs go only to departments that are closed later, or not at all")
                problems.append(Problem(f"{code} → {to}", to, reason))
            if number(driver) < 0:
                problems.append(Problem(f"{code} → {to}", canonical(driver.value), mark("must be 0 or more")))
    if problems:
        raise Refused("The costs cannot be allocated step by step.", problems=problems)
