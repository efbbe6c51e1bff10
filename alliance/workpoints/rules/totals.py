"""Our sums of a month beside the totals that the hospital's own system reports (W6): difference, percent, limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import EXACT, half_up
from alliance.core.refused import Both
from alliance.workpoints.rules.entries import BARE, LARGEST, YUAN, EntryKind
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.volumes import SHARE_PLACES, Stays, Volume, report, together

AMOUNT, LINES, VISITS, DISCHARGES, BED_DAYS = "amount", "lines", "visits", "discharges", "bed_days"
WHOLE = ""  # the unit of a total of the whole hospital
USE = Both("与医院报表核对", "comparison with the hospital's reports")
MEASURES: Mapping[str, EntryKind] = {
    one.code: one for one in (
        EntryKind(AMOUNT, "收费金额", "Charges", YUAN, 2, "total", USE, least=-LARGEST),
        EntryKind(LINES, "明细条数", "Lines", BARE, 0, "total", USE),
        EntryKind(VISITS, "门诊人次", "Outpatient visits", BARE, 0, "total", USE),
        EntryKind(DISCHARGES, "出院人次", "Discharges", BARE, 0, "total", USE),
        EntryKind(BED_DAYS, "住院床日", "Bed-days", BARE, 0, "total", USE),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """A sum of ours, and the hospital's own total where one is known; ours less theirs, in % of theirs (None where
    theirs is 0), and whether that passes the limit."""

    unit: str
    measure: str
    ours: Decimal
    theirs: Decimal | None
    difference: Decimal | None = None
    percent: Decimal | None = None
    over: bool = False


def our_sums(
    performed: Sequence[Volume], ordered: Sequence[Volume], stays: Mapping[str, Stays], units: frozenset[str] | None
) -> dict[str, Decimal]:  # fmt: skip
    """Our sums of some units, None for all of the hospital, by measure: charges and lines where they were performed,
    visits, bed-days and discharges where the patients were."""
    did = report("", [one for one in performed if units is None or one.unit in units]).whole
    had = report("", [one for one in ordered if units is None or one.unit in units]).patients
    left = together(one for unit, one in stays.items() if units is None or unit in units)
    return {
        AMOUNT: did.amount, LINES: Decimal(did.lines), VISITS: had.visits, DISCHARGES: Decimal(left.discharges),
        BED_DAYS: had.bed_days,
    }  # fmt: skip


def compare(unit: str, measure: str, ours: Decimal, theirs: Decimal | None, limit: Decimal) -> Compared:
    """One sum beside its total; `limit` in % of the total, passed by any difference where the total is 0."""
    if theirs is None:
        return Compared(unit, measure, ours, None)
    difference = EXACT.subtract(ours, theirs)
    percent = half_up(Fraction(difference) * 100 / Fraction(abs(theirs)), SHARE_PLACES) if theirs else None
    over = abs(Fraction(difference)) * 100 > Fraction(limit) * abs(Fraction(theirs))
    return Compared(unit, measure, ours, theirs, difference, percent, over)


def differing(institution: str, found: Iterable[Compared]) -> list[Issue]:
    """What the issue list of a run says of sums that differ by more than the limit."""
    return [
        issue("totals_differ", f"{one.unit or institution}/{one.measure}", one.difference or 0) for one in found
        if one.over
    ]  # fmt: skip
