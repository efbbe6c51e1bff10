"""The first distribution (W13): from the month's pool to departments, medical groups and nursing units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, canonical, derived
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.blend import Blended, Factor, blend
from alliance.workpoints.rules.closing import BONUS
from alliance.workpoints.rules.increments import INCREMENT, NO_INCREMENTS, Increments, raised
from alliance.workpoints.rules.issues import issue
from alliance.workpoints.rules.working import (
    LARGEST_REMAINDER,
    PERCENT,
    POOL,
    Label,
    Working,
    added,
    number,
)

POST, POINT, DRIVER = "post", "point", "driver"
MODELS = (POST, POINT, DRIVER)

BASE = Name("base", "每系数基数", "base per coefficient")
COEFFICIENTS = Name("coefficients", "编制系数合计", "establishment coefficients")
QUALITY = Name("quality", "质量系数", "quality factor")

DRIVERS: dict[str, tuple[str, str]] = {
    "establishment": ("编制系数", "Establishment coefficients"),
    "last_bonus": ("上年奖金", "Last year's bonus"),
    "points": ("工分", "Points"),
    "balance": ("收支结余", "Balance"),
    "quality": ("质量得分", "Quality score"),
}

FILED = ("last_bonus", "balance")  # drivers that people file for each unit

PLAIN = Label(f"{BONUS.code}:plain", f"{BONUS.zh}（未含增量）", f"{BONUS.en} without increments")
WITH_INCREMENTS = Label(f"{BONUS.code}:increments", f"{BONUS.zh}（含增量）", f"{BONUS.en} with increments")
DRIVEN = Label(f"{BONUS.code}:driver", f"{BONUS.zh}（多因素）", f"{BONUS.en} (drivers)")
DRIVEN_PLAIN = Label(f"{DRIVEN.code}:plain", f"{BONUS.zh}（多因素，未含增量）", f"{DRIVEN.en} without increments")
DRIVEN_WITH_INCREMENTS = Label(
    f"{DRIVEN.code}:increments", f"{BONUS.zh}（多因素，含增量）", f"{DRIVEN.en} with increments"
)
UNDER = mark("its share of %(share)s CNY and increments of %(increments)s CNY add up to less than 0")


@dataclass(frozen=True, slots=True)
class PostUnit:
    """A unit of the post model: its establishment coefficients and its quality factor."""

    code: str
    coefficients: Figure
    quality: Figure | None


def post_model(
    working: Working, base: Figure, units: Sequence[PostUnit], increments: Increments = NO_INCREMENTS
) -> dict[str, Figure]:  # fmt: skip
    """base × Σ establishment coefficients × quality factor, by unit, plus increments and not under 0: 12,000 × 60 ×
    0.925 = 666,000.

    What the pool has more or less is for the closing rule. Refused, all units at once: no score, no established posts.
    """
    problems = [
        issue("unit_without_score", unit.code, "").problem for unit in units if unit.quality is None
    ] + [
        issue("unit_without_coefficient", unit.code, str(unit.coefficients.value or 0)).problem for unit in units
        if not unit.coefficients.value or unit.coefficients.value < 0
    ]  # fmt: skip
    if problems:
        raise Refused("%(count)s units cannot be computed by the post model.", count=len(problems), problems=problems)
    takers, found = increments.takers, dict[str, Figure]()
    for unit in units:
        key = f"unit/{unit.code}/bonus"
        place, label = (f"{key}/plain", PLAIN) if unit.code in takers else (key, BONUS)
        found[unit.code] = _by_post(working, place, label, base, unit)
    held = increments.held(working, "first", list(found), lambda: found)
    return found | {
        unit: raised(working, f"unit/{unit}/bonus", WITH_INCREMENTS, found[unit], mine) for unit, mine in held.items()
    }


def _by_post(working: Working, key: str, label: Label, base: Figure, unit: PostUnit) -> Figure:
    kind = working.kind(label, "base * coefficients * quality", "2", names=(BASE, COEFFICIENTS, QUALITY))
    quality = unit.quality
    assert quality is not None
    exact = Fraction(number(base)) * Fraction(number(unit.coefficients)) * Fraction(number(quality))
    inputs = (("base", base), ("coefficients", unit.coefficients), ("quality", quality))
    return derived(key, kind, exact, inputs, owner=working.owner(unit.code))


def driver_model(
    working: Working, key: str, pool: Figure, weights: Mapping[str, Decimal],
    values: Mapping[str, Mapping[str, Figure]], increments: Increments = NO_INCREMENTS, *,
    losses_count_nothing: bool = False,
) -> Blended:  # fmt: skip
    """(pool − Σ increments) × Σₖ aₖ × x_uk ÷ Σ x_k over the drivers with a weight in %, plus the unit's increments;
    exact by nature.

    `values` by driver and unit. Increments are held to their cap on what the unit gets of the whole pool without any.
    Refused, with places and amounts: a negative balance, unless the scheme lets losses count as 0; increments of more
    than the pool or of a unit without any driver; a bonus that would fall under 0.
    """
    factors = _factors(working, weights, values, losses_count_nothing=losses_count_nothing)
    units = sorted({unit for factor in factors for unit in factor.values})
    unpaid = sorted(increments.takers - set(units))
    if unpaid:
        raise Refused("%(names)s: has increments and no value of a driver. File it.", names=tuple(unpaid))
    held = increments.held(
        working, key, units, lambda: blend(working, f"{key}/plain", "drivers", DRIVEN_PLAIN, pool, factors).shares
    )
    left = _left(working, key, pool, [one for mine in held.values() for one in mine]) if held else pool
    blended = blend(working, key, "drivers", DRIVEN, left, factors)
    _check_not_under(key, blended.shares, held)
    bonuses = blended.shares | {
        unit: raised(working, f"{key}/unit/{unit}", DRIVEN_WITH_INCREMENTS, blended.shares[unit], mine)
        for unit, mine in held.items()
    }
    return Blended(bonuses, blended.issues)


def _factors(
    working: Working, weights: Mapping[str, Decimal], values: Mapping[str, Mapping[str, Figure]], *,
    losses_count_nothing: bool,
) -> list[Factor]:  # fmt: skip
    unknown = sorted(weights.keys() - DRIVERS.keys())
    if unknown:
        raise Refused("%(names)s: there are no such drivers.", names=tuple(unknown))
    factors = []
    for code, weight in sorted(weights.items()):
        mine = values.get(code, {})
        if losses_count_nothing:
            mine = {unit: _not_negative(working, code, unit, figure) for unit, figure in mine.items()}
        factors.append(Factor(code, *DRIVERS[code], weight, mine))
    return factors


def _left(working: Working, key: str, pool: Figure, promised: Sequence[Figure]) -> Figure:
    """What the drivers share: the pool without the increments."""
    exact = Fraction(number(pool)) - Fraction(added(promised))
    if exact < 0:
        raise Refused(
            "%(place)s: the increments of %(promised)s CNY are more than the pool of %(pool)s CNY. Lower the amounts "
            "of the increments in the scheme, or enlarge the pool.",
            place=key, promised=added(promised), pool=pool.value,
        )  # fmt: skip
    label = Label("to_share", "多因素可分总额", "Shared by the drivers")
    kind = working.kind(label, "pool - sum(increment)", "2", names=(POOL, INCREMENT))
    inputs = [("pool", pool), *(("increment", one) for one in promised)]
    return derived(f"{key}:shared", kind, exact, inputs, owner=working.owner())


def _check_not_under(key: str, shares: Mapping[str, Figure], held: Mapping[str, Sequence[Figure]]) -> None:
    """Refuse bonuses under 0: to hold them at 0 would pay more than the pool."""
    problems = []
    for unit, mine in held.items():
        share, more = number(shares[unit]), added(mine)
        if share + more < 0:
            numbers: dict[str, object] = {"share": share, "increments": more}
            problems.append(Problem(f"{key}/{unit}", canonical(share + more), UNDER, numbers))
    if problems:
        raise Refused("%(count)s units would get less than 0.", count=len(problems), problems=problems)


def _not_negative(working: Working, code: str, unit: str, figure: Figure) -> Figure:
    if number(figure) >= 0:
        return figure
    kind = working.kind(
        Label(f"driver:{code}", f"{DRIVERS[code][0]}（亏损计零）", f"{DRIVERS[code][1]} (a loss counts as 0)"),
        "max(value, 0)", "2", names=(Name("value", DRIVERS[code][0], DRIVERS[code][1].lower()),),
    )  # fmt: skip
    return derived(f"unit/{unit}/driver/{code}", kind, 0, (("value", figure),), owner=figure.owner)


def group_pools(
    working: Working, key: str, month: Figure, shares: Mapping[str, tuple[str, str, Decimal]]
) -> dict[str, Figure]:  # fmt: skip
    """The month's pool by group (code: Chinese, English, share in %), to the cent: doctors 50, nurses 40, others 10.

    Refused: shares that do not add up to exactly 100.
    """
    total = sum((share for _, _, share in shares.values()), Decimal(0))
    if total != 100:
        message = mark("the shares of the group pools must add up to exactly 100")
        raise Refused(message, problems=[Problem(key, str(total), message)])
    weights = {
        code: working.number(f"first.groups.{code}", f"分池比例：{zh}", f"Share of the pool: {en}", share, PERCENT)
        for code, (zh, en, share) in shares.items()
    }  # fmt: skip
    label = Label("group_pool", "分池总额", "Pool of a group")
    return working.share_out(key, label, month, weights, LARGEST_REMAINDER)
