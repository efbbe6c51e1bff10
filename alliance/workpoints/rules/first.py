"""The first distribution (W13): from the month's pool to departments, medical groups and nursing units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.blend import Blended, Factor, blend
from alliance.workpoints.rules.closing import BONUS
from alliance.workpoints.rules.issues import issue
from alliance.workpoints.rules.working import (
    LARGEST_REMAINDER,
    PERCENT,
    Label,
    Working,
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


@dataclass(frozen=True, slots=True)
class PostUnit:
    """A unit of the post model: its establishment coefficients and its quality factor."""

    code: str
    coefficients: Figure
    quality: Figure | None


def post_model(working: Working, base: Figure, units: Sequence[PostUnit]) -> dict[str, Figure]:
    """base × Σ establishment coefficients × quality factor, by unit: 12,000 × 60 × 0.925 = 666,000.

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
    kind = working.kind(BONUS, "base * coefficients * quality", "2", names=(BASE, COEFFICIENTS, QUALITY))
    found = {}
    for unit in units:
        quality = unit.quality
        assert quality is not None
        exact = Fraction(number(base)) * Fraction(number(unit.coefficients)) * Fraction(number(quality))
        inputs = (("base", base), ("coefficients", unit.coefficients), ("quality", quality))
        found[unit.code] = derived(
            f"unit/{unit.code}/bonus", kind, exact, inputs, owner=working.owner(unit.code)
        )  # fmt: skip
    return found


def driver_model(
    working: Working, key: str, pool: Figure, weights: Mapping[str, Decimal],
    values: Mapping[str, Mapping[str, Figure]], *, losses_count_nothing: bool = False,
) -> Blended:  # fmt: skip
    """pool × Σₖ aₖ × x_uk ÷ Σ x_k over the drivers with a weight in %; exact by nature.

    `values` by driver and unit. A negative balance is refused, with unit and amount, unless the scheme lets losses
    count as 0.
    """
    unknown = sorted(weights.keys() - DRIVERS.keys())
    if unknown:
        raise Refused("%(names)s: there are no such drivers.", names=tuple(unknown))
    factors = []
    for code, weight in sorted(weights.items()):
        mine = values.get(code, {})
        if losses_count_nothing:
            mine = {unit: _not_negative(working, code, unit, figure) for unit, figure in mine.items()}
        factors.append(Factor(code, *DRIVERS[code], weight, mine))
    label = Label(f"{BONUS.code}:driver", f"{BONUS.zh}（多因素）", f"{BONUS.en} (drivers)")
    return blend(working, key, "drivers", label, pool, factors)


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
