"""The issue list of a run (W18): what stands in its way and what is worth a look, each with its place and amount."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.core.figure import canonical
from alliance.core.refused import Problem, Refused, mark

# Every issue that a run can have: its words, and whether the run waits for it.
BLOCKING: dict[str, str] = {
    "unit_without_people": mark("nobody works in this unit, so its amount has no taker"),
    "person_without_post": mark("this person has no post in the period, so no coefficient"),
    "unit_without_score": mark("this unit has no score for the period"),
    "person_without_score": mark("this person has no score for the period"),
    "item_without_points": mark("this item has no points in the period"),
    "unknown_code": mark("nobody knows this code; map it or put the lines aside for good"),
    "unclassified_item": mark("this item belongs to no class of charges"),
    "negative_points": mark("the points of this unit are negative; look for reversals without their charge"),
    "zero_divisor": mark("the numbers to divide by add up to 0"),
    "difference": mark("what was allocated is not what there was"),
    "nights_differ": mark("the nights paid are not the nights of the roster"),
    "pool_too_small": mark("the pool is smaller than its fixed parts"),
    "unit_without_coefficient": mark("this unit has no established posts in the period"),
}
WARNING: dict[str, str] = {
    "operation_share": mark("medical operation pay is under its share of all performance pay; approve with a reason"),
    "special_share_low": mark("special pay is under its lower warning line"),
    "special_share_high": mark("special pay is over its upper warning line"),
    "head_multiple": mark("the multiple of this head lies outside the limits; it needs a reason"),
    "wage_total": mark("performance pay of the year passes the approved total"),
    "cost_over_standard": mark("this disease group costs more than its standard; open an improvement plan"),
    "point_value": mark("the value of a point was solved again because a unit would have fallen under 0"),
    "factor_dropped": mark("nobody has a value of this factor; its weight was spread over the others"),
    "totals_differ": mark("our sum differs from the hospital's own total by more than the limit"),
    "points_without_unit": mark("no department with posts or people earned these points, so nobody is paid for them"),
    "technique_without_unit": mark("no department with posts or people did this new technique, so nobody is rewarded"),
    "compared_before": mark("another file changed since this one was compared with it; load it again"),
    "cleaned": mark("lines were changed or put aside by a cleaning rule"),
}
MESSAGES = BLOCKING | WARNING


@dataclass(frozen=True, slots=True)
class Issue:
    """One entry: its kind, where it stands, the amount or count at stake."""

    kind: str
    where: str
    amount: str = ""

    @property
    def blocks(self) -> bool:
        return self.kind in BLOCKING

    @property
    def problem(self) -> Problem:
        return Problem(self.where, self.amount, MESSAGES[self.kind])


def issue(kind: str, where: str, amount: Decimal | int | str = "") -> Issue:
    """An issue of one of the kinds above; KeyError for any other."""
    MESSAGES[kind]
    return Issue(kind, where, amount if isinstance(amount, str) else canonical(Decimal(amount)))


def in_order(issues: Iterable[Issue]) -> list[Issue]:
    """What blocks first, then by kind and place."""
    return sorted(set(issues), key=lambda one: (not one.blocks, one.kind, one.where, one.amount))


def refuse(issues: Sequence[Issue]) -> None:
    """Refuse to go on while anything blocks: every such issue with its place and amount."""
    found = [one.problem for one in in_order(issues) if one.blocks]
    if found:
        raise Refused("The run cannot go on: %(count)s things are missing or wrong.", count=len(found), problems=found)
