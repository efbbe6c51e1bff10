"""A pool shared by several factors at once: the driver model (W13) and the templates of departments (W14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, canonical, sum_exactly
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.working import (
    BARE,
    LARGEST_REMAINDER,
    NEGATIVE_POOL,
    NEGATIVE_WEIGHT,
    NO_WEIGHT,
    POOL,
    Label,
    Working,
    number,
)

FORMULA = "pool * sum(factor * own / all) / sum(factor)"
FACTOR = Name("factor", "各因素权重", "weights of the factors")
OWN = Name("own", "本人（单位）值", "own values")
ALL = Name("all", "合计", "sums")


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor: its weight in %, and everybody's value by code."""

    code: str
    zh: str
    en: str
    weight: Decimal
    values: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Blended:
    """The shares by code, and the factors that were dropped because nobody has a value."""

    shares: dict[str, Figure]
    issues: list[Issue]


def blend(
    working: Working, key: str, place: str, label: Label, pool: Figure, factors: Sequence[Factor], *,
    dropping: bool = False, rounding: str = LARGEST_REMAINDER,
) -> Blended:  # fmt: skip
    """pool × Σₖ aₖ × xᵢₖ ÷ Σ xₖ, to the cent: by code a figure `key/<code>`.

    `place` is where the scheme holds the weights, which add up to exactly 100. A factor whose values add up to 0 is
    refused, or with `dropping` left out and its weight spread over the others. Refused, with place and amount: negative
    values, somebody without a value.
    """
    check_factors(key, pool, factors)
    sums = {factor.code: sum_exactly(map(number, factor.values.values())) for factor in factors}
    empty = [factor for factor in factors if not sums[factor.code] and factor.weight]
    if empty and not dropping:
        problems = [issue("zero_divisor", f"{key}/{one.code}", number(pool)).problem for one in empty]
        raise Refused(NO_WEIGHT, place=key, amount=pool.value, problems=problems)
    used = [factor for factor in factors if sums[factor.code] and factor.weight]
    if not used:
        raise Refused(NO_WEIGHT, place=key, amount=pool.value)
    exact = _exact(pool, used, sums)
    inputs = _inputs(working, key, place, pool, used, empty)
    issues = [issue("factor_dropped", f"{key}/{one.code}", one.weight) for one in empty]
    owners = {code: figure.owner for code, figure in used[0].values.items()}
    shares = working.to_cents(key, label, FORMULA, (POOL, FACTOR, OWN, ALL), pool, exact, inputs, owners, rounding)
    return Blended(shares, issues)


def _exact(pool: Figure, used: Sequence[Factor], sums: Mapping[str, Decimal]) -> dict[str, Fraction]:
    """Everybody's exact share in yuan."""
    whole = sum((Fraction(factor.weight) for factor in used), Fraction(0))
    found = dict.fromkeys(used[0].values, Fraction(0))
    for factor in used:
        each = Fraction(factor.weight) * Fraction(number(pool)) / Fraction(sums[factor.code]) / whole
        for code, value in factor.values.items():
            found[code] += each * Fraction(number(value))
    return found


def _inputs(
    working: Working, key: str, place: str, pool: Figure, used: Sequence[Factor], empty: Sequence[Factor]
) -> dict[str, list[tuple[str, Figure]]]:
    """What everybody's share rests on; a dropped factor stays visible as what did not count."""
    found: dict[str, list[tuple[str, Figure]]] = {code: [("pool", pool)] for code in used[0].values}
    for factor in used:
        weight = _weight(working, place, factor)
        together = working.total(
            f"{key}:{factor.code}", Label(f"{place}.{factor.code}:sum", f"{factor.zh}：合计", f"{factor.en}: sum"),
            list(factor.values.values()), unit=BARE,
        )  # fmt: skip
        for code, value in factor.values.items():
            found[code] += [("factor", weight), ("own", value), ("all", together)]
    left_out = [("without", _weight(working, place, factor)) for factor in empty]
    return {code: row + left_out for code, row in found.items()}


def _weight(working: Working, place: str, factor: Factor) -> Figure:
    return working.number(f"{place}.{factor.code}", f"权重：{factor.zh}", f"Weight: {factor.en}", factor.weight)


def check_factors(key: str, pool: Figure, factors: Sequence[Factor]) -> None:
    """Refuse what cannot be shared by these factors, each with its place."""
    total = sum_exactly(factor.weight for factor in factors)
    problems = []
    if total != 100 or any(factor.weight < 0 for factor in factors):
        problems.append(Problem(key, canonical(total), mark("the weights of the factors must add up to exactly 100")))
    everybody = {code for factor in factors for code in factor.values}
    for factor in factors:
        problems += [
            Problem(f"{key}/{factor.code}/{code}", "", mark("has no value of this factor"))
            for code in sorted(everybody - factor.values.keys())
        ]
        problems += [
            Problem(f"{key}/{factor.code}/{code}", canonical(value.value), NEGATIVE_WEIGHT)
            for code, value in factor.values.items() if number(value) < 0
        ]  # fmt: skip
    if problems:
        raise Refused("%(place)s cannot be shared by these factors.", place=key, problems=problems)
    if number(pool) < 0:
        raise Refused(NEGATIVE_POOL, place=key, amount=pool.value)
    if not everybody:
        raise Refused(NO_WEIGHT, place=key, amount=pool.value)
