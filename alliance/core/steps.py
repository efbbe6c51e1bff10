"""Step tables: half-open steps for shares, progressive steps for units and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from alliance.core.refused import Refused


@dataclass(frozen=True, slots=True)
class Step:
    """From `start` (None: no lower end) to `end` (None: no upper end), with its rate or share."""

    start: Decimal | None
    end: Decimal | None
    rate: Decimal


def check_steps(steps: Sequence[Step]) -> None:
    """Refuse an empty table, a step of no width, a gap and an overlap."""
    if not steps:
        raise Refused("A table of steps needs at least one step.")
    for step in steps:
        if step.start is not None and step.end is not None and step.start >= step.end:
            raise Refused("The step from %(start)s to %(end)s has no width.", start=step.start, end=step.end)
    for below, above in pairwise(steps):
        if below.end is None or above.start is None or below.end != above.start:
            raise Refused(
                "The step ending at %(end)s and the step starting at %(start)s leave a gap or overlap.",
                end=below.end, start=above.start,
            )  # fmt: skip


def progressive(quantity: Fraction, steps: Sequence[Step]) -> Fraction:
    """The quantity priced step by step: each part of it at its own rate; mirrored for a negative quantity.

    Domain: steps from 0 up without gap or overlap, any quantity; what lies beyond a last step with an end has no price.
    25 at (..10] × 1, [10..20] × 2, [20..) × 3 gives 10·1 + 10·2 + 5·3 = 45, and −25 gives −45. Source: E3, for units
    and money. Refused: a table that does not begin at 0.
    """
    check_steps(steps)
    if steps[0].start:
        raise Refused("A progressive table must begin at 0, not at %(start)s.", start=steps[0].start)
    size, result = abs(quantity), Fraction(0)
    for step in steps:
        start = Fraction(step.start or 0)
        end = size if step.end is None else min(size, Fraction(step.end))
        if end > start:
            result += (end - start) * Fraction(step.rate)
    return result if quantity >= 0 else -result


def deduct_from_total(total: Fraction, deductions: Sequence[Fraction]) -> Fraction:
    """What is left of a total, never under 0: 100 less 30 and 20 is 50, less 70 and 50 is 0.

    Domain: any total and deductions from 0 up. Source: E3, for units and money.
    """
    return max(Fraction(0), total - sum(deductions, Fraction(0)))
