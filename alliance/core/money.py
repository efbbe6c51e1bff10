"""Money is whole cents; a pool is split so that not a cent is lost or made."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import lcm

from alliance.core.figure import EXACT
from alliance.core.refused import Refused

Weights = Mapping[str, Decimal | Fraction | int]
CURRENCY = "CNY"  # the unit of money in a kind of figures
CENT = Decimal("0.01")


def cents_shown(value: Decimal) -> Decimal:
    """An amount in yuan with two places at least, as money is written: 2613.8 is 2613.80; further places stay."""
    places = value.as_tuple().exponent
    return value.quantize(CENT, context=EXACT) if isinstance(places, int) and places > -2 else value


def split(pool: int, weights: Weights) -> dict[str, int]:
    """Share a pool of cents in proportion to the weights by largest remainders.

    Ties of remainders go to the larger exact share, then to the key that sorts first. A pool of 0 gives
    everybody 0. Refused: a negative pool, a negative weight, a pool that nobody has a weight for.
    """
    whole = _whole(pool, weights)
    total = sum(whole.values())
    if pool == 0:
        return dict.fromkeys(weights, 0)
    if total == 0:
        raise Refused("Nobody has a weight above 0: the pool of %(pool)s cents has no taker.", pool=pool)
    shares = {key: pool * weight // total for key, weight in whole.items()}
    order = sorted(whole, key=lambda key: (-(pool * whole[key] % total), -whole[key], key))
    for key in order[: pool - sum(shares.values())]:
        shares[key] += 1
    return shares


def split_capped(pool: int, weights: Weights, caps: Mapping[str, Fraction]) -> tuple[dict[str, int], int]:
    """Share a pool of cents by weight, nobody above their cap (in cents); and the cents nobody can take.

    What exceeds a cap goes to the others in proportion, again capped, until nothing is left to place. Rounded
    once at the end: down for those at their cap, by largest remainders among the rest. A key without a cap has none.
    Refused: a negative pool, weight or cap.
    """
    full = capped(pool, weights, caps)
    shares = dict.fromkeys(weights, 0) | full
    left = pool - sum(full.values())
    free = {key: weight for key, weight in weights.items() if key not in full and weight > 0}
    if not free:
        return shares, left
    return shares | split(left, free), 0


def capped(pool: int, weights: Weights, caps: Mapping[str, Fraction]) -> dict[str, int]:
    """Those whose share of a pool would pass their cap, with the cap in whole cents, which is what they get.

    The caps are rounded down beforehand, so the others' shares stay under theirs even when a cent is added.
    """
    whole = _whole(pool, weights)
    limits = {key: cap.numerator // cap.denominator for key, cap in caps.items()}
    if any(limit < 0 for limit in limits.values()):
        raise Refused("A cap must be 0 or more.")
    full: dict[str, int] = {}
    while True:
        left = pool - sum(full.values())
        free = {key: weight for key, weight in whole.items() if key not in full and weight > 0}
        total = sum(free.values())
        over = [key for key in free if key in limits and left * free[key] > limits[key] * total]
        if not over:
            return full
        full |= {key: limits[key] for key in over}


def _whole(pool: int, weights: Weights) -> dict[str, int]:
    """The weights as whole numbers in the same proportion; refused for a negative pool or weight."""
    if pool < 0:
        raise Refused("A pool of %(pool)s cents cannot be shared: it must be 0 or more.", pool=pool)
    ratios = {key: weight.as_integer_ratio() for key, weight in weights.items()}
    if any(top < 0 for top, _ in ratios.values()):
        raise Refused("A share cannot have a negative weight.")
    unit = lcm(*(bottom for _, bottom in ratios.values()))
    return {key: top * (unit // bottom) for key, (top, bottom) in ratios.items()}


def cents(amount: Decimal) -> int:
    """Whole cents of an amount in yuan; refused when it has parts of a cent."""
    whole = amount.scaleb(2, EXACT)
    if whole != int(whole):
        raise Refused("%(amount)s has parts of a cent; write it with two decimals.", amount=amount)
    return int(whole)


def yuan(cents: int) -> Decimal:
    """An amount of cents in yuan with two places."""
    return Decimal(cents).scaleb(-2, EXACT)
