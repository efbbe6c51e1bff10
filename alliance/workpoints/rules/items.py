"""Item points (W7): dated tables of points by performing role, role shares, components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from alliance.core.figure import EXACT, Figure, Name, canonical, derived, half_up, quotient, sum_exactly
from alliance.core.formula import power
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.income import CLASSES, Draw, forbidden
from alliance.workpoints.rules.working import BARE, POINTS, Label, Working, number

COMPONENT_PLACES = 4
POINT_PLACES = 4  # of the points of an item, as the engine multiplies them
ALWAYS = date(9999, 12, 31)
TOGETHER = "team"  # the role of points that a team divides among its roles

FINEST = Decimal(1).scaleb(-POINT_PLACES)
MOST = Decimal(1_000_000)  # points of an item stay below it

ABOVE = mark("points must be less than %(most)s")
BELOW = mark("points must be 0 or more")
TOO_FINE = mark("points have at most 4 decimal places")
OVERLAP = mark("two rows of this item and role hold on the same day")
NO_DAYS = mark("the row ends before it begins")
NO_ROLE = mark("no points are given for this role")


@dataclass(frozen=True, slots=True)
class Item:
    """A charged item: its code, names and class of charges."""

    code: str
    zh: str
    en: str
    item_class: str


class ItemPoints(NamedTuple):
    """The points of an item for a role, from a day until another (half-open); a hospital has thousands of them."""

    item: str
    role: str
    points: Decimal
    start: date
    until: date = ALWAYS

    def holds(self, day: date) -> bool:
        return self.start <= day < self.until


def check_items(items: Mapping[str, Item], rows: Sequence[ItemPoints]) -> list[Problem]:
    """Everything wrong in a table of points, each with its item and role: unknown items and classes, points on what
    pay may not be linked to, negative or too fine points, overlapping rows."""
    problems = [
        Problem(one.code, one.item_class, mark("there is no such class of charges"))
        for one in items.values() if one.item_class not in CLASSES
    ]  # fmt: skip
    for row in rows:
        problems += _row_problems(items, row)
    by_key: dict[tuple[str, str], list[ItemPoints]] = {}
    for row in rows:
        by_key.setdefault((row.item, row.role), []).append(row)
    for (item, role), found in sorted(by_key.items()):
        found.sort(key=lambda row: (row.start, row.until))
        problems += [
            Problem(f"{item}/{role}", above.start.isoformat(), OVERLAP)
            for below, above in pairwise(found) if above.start < below.until
        ]  # fmt: skip
    return problems


def _row_problems(items: Mapping[str, Item], row: ItemPoints) -> list[Problem]:
    where, value = f"{row.item}/{row.role}", str(row.points)  # 1E-9999999 in full has ten million noughts
    item = items.get(row.item)
    if item is None:
        return [Problem(where, row.item, mark("no item has this code"))]
    problems = [] if item.item_class not in CLASSES else forbidden([Draw(where, item.item_class, row.role)])
    if row.points < 0:
        problems.append(Problem(where, value, BELOW))
    elif row.points >= MOST:
        problems.append(Problem(where, value, ABOVE, {"most": MOST}))
    elif EXACT.remainder(row.points, FINEST):
        problems.append(Problem(where, value, TOO_FINE))
    if row.until <= row.start:
        problems.append(Problem(where, row.until.isoformat(), NO_DAYS))
    return problems


def by_role(rows: Iterable[ItemPoints], shares: Mapping[str, Decimal], ordered: Mapping[str, str]) -> list[ItemPoints]:
    """The points of a team divided among its roles by share (Σ = 1), beside the rows that name a role.

    Ordering takes its share only where `ordered` (class by item) allows it; elsewhere the performing roles divide the
    whole in proportion. With ordering 0.2 and performing 0.8, an operation of 10 points gives 2 and 8; an examination
    of 10 gives 10 to the performer. Rounded to four places, the last role by name taking what is left.
    """
    check_shares(shares, mark("the shares of the roles must add up to exactly 1"))
    found = []
    for row in rows:
        if row.role != TOGETHER:
            found.append(row)
            continue
        mine = {role: share for role, share in shares.items() if share and not forbidden([
            Draw(row.item, ordered.get(row.item, ""), role)
        ])}  # fmt: skip
        if not mine:
            raise Refused("%(item)s: no role may earn its %(points)s points.", item=row.item, points=row.points)
        *first, last = sorted(mine)
        whole = sum_exactly(mine.values())
        amounts = {role: half_up(quotient(row.points, whole, mine[role]), POINT_PLACES) for role in first}
        amounts[last] = EXACT.subtract(row.points, sum_exactly(amounts.values()))
        found += [ItemPoints(row.item, role, amounts[role], row.start, row.until) for role in sorted(amounts)]
    return found


def check_shares(shares: Mapping[str, Decimal], message: str) -> None:
    """Refuse shares that are negative or do not add up to exactly 1."""
    total = sum_exactly(shares.values())
    if total != 1 or any(share < 0 for share in shares.values()):
        listed = ", ".join(f"{name} {canonical(share)}" for name, share in sorted(shares.items()))
        raise Refused(message, problems=[Problem(listed, canonical(total), message)])


COMPONENT = Name("component", "分项点数", "component points")
VALUE = Name("value", "相对价值", "relative value")
LOCAL = Name("local", "地区系数", "local factor")
POINT_VALUE = Name("value", "工分值", "value of a point")
POINTS_NAME = Name("points", "工分", "points")


def component_points(working: Working, item: str, parts: Sequence[tuple[Figure, Figure]]) -> Figure:
    """Points of an item from components (work, practice cost, risk …), each times its local factor.

    Domain: one or more (relative value, local factor). 1.30 × 1.000, 1.26 × 0.919, 0.10 × 0.799, each rounded to four
    places, give 2.5378.
    """
    kind = working.kind(
        Label("item_points:components", "项目点数（分项）", "Item points (components)"),
        f"sum(half_up(value * local, {COMPONENT_PLACES}))", str(COMPONENT_PLACES), names=(VALUE, LOCAL), unit=POINTS,
    )  # fmt: skip
    exact = sum_exactly(
        half_up(Fraction(number(value)) * Fraction(number(local)), COMPONENT_PLACES) for value, local in parts
    )
    inputs = [("value", value) for value, _ in parts] + [("local", local) for _, local in parts]
    return derived(f"item/{item}/points", kind, exact, inputs, owner=working.owner())


def priced(working: Working, key: str, points: Figure, value: Figure) -> Figure:
    """Points at the value of a point, in yuan: 2.5378 at 39.69 is 100.73."""
    kind = working.kind(
        Label("priced", "工分折算金额", "Points at their value"),
        "points * value",
        "2",
        names=(POINTS_NAME, POINT_VALUE),
    )
    exact = Fraction(number(points)) * Fraction(number(value))
    return derived(key, kind, exact, (("points", points), ("value", value)), owner=points.owner)


CMI = Name("cmi", "病例组合指数", "case-mix index")
STRATEGIC = Name("strategic", "战略系数", "strategic coefficient")
EXPONENT = Name("exponent", "难度权重", "weight of the case mix")
FLOOR = Name("least", "病例组合指数下限", "floor of the case-mix index")


@dataclass(frozen=True, slots=True)
class MixRules:
    """Case mix in item points: `exponent` w from 1 (off) to 2; never together with points by disease group."""

    strategic: Decimal = Decimal(1)
    exponent: Decimal = Decimal(1)
    floor: Decimal = Decimal("0.8")

    @property
    def acts(self) -> bool:
        """Whether points become others by it."""
        return self.strategic != 1 or self.exponent != 1


def mixed_points(working: Working, key: str, points: Figure, mix: Figure, rules: MixRules) -> Figure:
    """points × strategic × max(CMI, floor) ^ (w − 1), to four places. Domain: w from 1 to 2, floor above 0.

    100 points with CMI 1.44 and w 1.5 give 120; with CMI 0.5 and floor 0.81 they give 90.
    """
    if not 1 <= rules.exponent <= 2 or rules.floor <= 0:
        raise Refused(
            "The weight of the case mix is %(weight)s with a floor of %(floor)s; the weight must lie between 1 and 2, "
            "the floor above 0.", weight=rules.exponent, floor=rules.floor,
        )  # fmt: skip
    strategic = working.number("mix.strategic", STRATEGIC.zh, "Strategic coefficient", rules.strategic, BARE)
    exponent = working.number("mix.exponent", EXPONENT.zh, "Weight of the case mix", rules.exponent, BARE)
    floor = working.number("mix.floor", FLOOR.zh, "Floor of the case-mix index", rules.floor, BARE)
    kind = working.kind(
        Label("mixed_points", "调整工分", "Adjusted points"),
        "points * strategic * power(max(cmi, least), exponent - 1, 12)", str(COMPONENT_PLACES),
        names=(POINTS_NAME, STRATEGIC, CMI, EXPONENT, FLOOR), unit=POINTS,
    )  # fmt: skip
    grown = power(max(Fraction(number(mix)), Fraction(rules.floor)), Fraction(rules.exponent) - 1, Fraction(12))
    exact = Fraction(number(points)) * Fraction(rules.strategic) * grown
    inputs = (
        ("points", points), ("strategic", strategic), ("cmi", mix), ("exponent", exponent), ("least", floor),
    )  # fmt: skip
    return derived(key, kind, exact, inputs, owner=points.owner)
