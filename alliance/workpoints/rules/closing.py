"""How what was computed for the units meets the pool (W13): left as it is, only scaled down, or made equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived
from alliance.core.refused import Refused
from alliance.workpoints.rules.working import LARGEST_REMAINDER, POOL, Label, Working, added, number

NONE, CAP, EXACT = "none", "cap", "exact"
CLOSINGS = (NONE, CAP, EXACT)
BONUS = Label("unit_bonus", "科室奖金", "Unit bonus")
PAID = Name("bonus", "各科室奖金", "unit bonuses")
LEFT = Name("left", "差额", "difference")


@dataclass(frozen=True, slots=True)
class Closed:
    """The units' bonuses, what goes to the year-end fund, and what is drawn from the reserve; all in yuan."""

    bonuses: dict[str, Figure]
    left: Figure
    to_fund: Figure
    drawn: Figure


def close(
    working: Working, key: str, pool: Figure, computed: Mapping[str, Figure], rule: str, reserve: Figure | None = None,
    rounding: str = LARGEST_REMAINDER,
) -> Closed:  # fmt: skip
    """Close a pool: Σ bonuses + to the fund − drawn from the reserve = pool, to the cent.

    `none` pays what was computed: what is left goes to the year-end fund, an overrun is drawn from the reserve. `cap`
    scales down an overrun in proportion; `exact` shares the whole pool in proportion to what was computed. Refused: an
    overrun that the reserve does not cover, with both amounts; a rule that there is not. Allowances never come here.
    """
    if rule not in CLOSINGS:
        raise Refused("%(rule)s is no closing rule.", rule=rule)
    over = added(computed.values()) > number(pool)
    if rule == EXACT or (rule == CAP and over):
        label = Label(f"{BONUS.code}:{rule}", f"{BONUS.zh}（按比例）", f"{BONUS.en} (in proportion)")
        bonuses = working.share_out(f"{key}/closed", label, pool, computed, rounding)
    else:
        bonuses = dict(computed)
    left = _left(working, key, pool, bonuses)
    if number(left) < 0 and (reserve is None or number(reserve) < -number(left)):
        raise Refused(
            "%(place)s: the units' bonuses are %(bonuses)s CNY, the pool is %(pool)s CNY; the overrun of %(over)s CNY "
            "needs a reserve, which holds %(reserve)s CNY.",
            place=key, bonuses=added(bonuses.values()), pool=pool.value, over=-number(left),
            reserve=number(reserve) if reserve is not None else 0,
        )  # fmt: skip
    return Closed(bonuses, left, *_ends(working, key, left, reserve))


def _left(working: Working, key: str, pool: Figure, bonuses: Mapping[str, Figure]) -> Figure:
    kind = working.kind(
        Label("first_left", "一次分配差额", "Left by the first distribution"), "pool - sum(bonus)", "2",
        names=(POOL, PAID),
    )  # fmt: skip
    exact = Fraction(number(pool)) - Fraction(added(bonuses.values()))
    inputs = [("pool", pool), *(("bonus", one) for one in bonuses.values())]
    return derived(f"{key}/left", kind, exact, inputs, owner=working.owner())


def _ends(working: Working, key: str, left: Figure, reserve: Figure | None) -> tuple[Figure, Figure]:
    to_fund = working.kind(Label("to_fund", "转入年终预留", "To the year-end fund"), "max(left, 0)", "2", names=(LEFT,))
    drawn = working.kind(Label("drawn", "动用储备金", "Drawn from the reserve"), "max(-left, 0)", "2", names=(LEFT,))
    amount, owner = Fraction(number(left)), working.owner()
    beside = () if reserve is None else (("without", reserve),)
    return (
        derived(f"{key}/to_fund", to_fund, max(amount, Fraction(0)), (("left", left),), owner=owner),
        derived(f"{key}/drawn", drawn, max(-amount, Fraction(0)), (("left", left), *beside), owner=owner),
    )
