"""The standing reports of a load (W6): what the departments did, their patients' costs, the quality of the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import half_up, sum_exactly
from alliance.workpoints.rules.activity import INPATIENT, OUTPATIENT

VISIT, BED_DAY, DRUG, CONSUMABLE = "consultation", "bed", "drug", "consumable"
MONEY_PLACES = SHARE_PLACES = 2


@dataclass(frozen=True, slots=True)
class Volume:
    """What a unit ("" for codes that nobody knows) did in a setting with items of a class ("" for unknown items):
    lines, quantity, charges, lines of negative quantity, lines that name nobody who performed."""

    unit: str
    setting: str
    item_class: str
    lines: int
    quantity: Decimal
    amount: Decimal
    refunds: int
    nameless: int


@dataclass(frozen=True, slots=True)
class Business:
    """The business volume of a unit in a setting."""

    lines: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Patients:
    """What was charged for a unit's patients: visits are charged consultations, bed-days charged beds. The costs per
    visit and per bed-day are charges of all classes by these; None without any. Shares of drugs and consumables in %
    of the charges."""

    visits: Decimal
    per_visit: Decimal | None
    bed_days: Decimal
    per_bed_day: Decimal | None
    drug_share: Decimal | None
    consumable_share: Decimal | None


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a unit's lines are: shares of the lines in %, None where there are none."""

    refunds: int
    refund_share: Decimal | None
    nameless: int
    nameless_share: Decimal | None


@dataclass(frozen=True, slots=True)
class UnitReport:
    """The reports of a unit, "" for lines whose department nobody knows."""

    unit: str
    outpatient: Business
    inpatient: Business
    whole: Business
    patients: Patients
    quality: Quality


def reports(volumes: Sequence[Volume]) -> list[UnitReport]:
    """The reports of each unit, those of unknown departments last."""
    by_unit: dict[str, list[Volume]] = {}
    for one in volumes:
        by_unit.setdefault(one.unit, []).append(one)
    return [report(unit, by_unit[unit]) for unit in sorted(by_unit, key=lambda unit: (not unit, unit))]


def report(unit: str, volumes: Sequence[Volume]) -> UnitReport:
    """The reports of some lines together."""
    outpatient = _business(one for one in volumes if one.setting == OUTPATIENT)
    inpatient = _business(one for one in volumes if one.setting == INPATIENT)
    whole = _business(volumes)
    visits = _sum(volumes, lambda one: one.quantity, OUTPATIENT, VISIT)
    bed_days = _sum(volumes, lambda one: one.quantity, INPATIENT, BED_DAY)
    refunds, nameless = sum(one.refunds for one in volumes), sum(one.nameless for one in volumes)
    patients = Patients(
        visits, _per(outpatient.amount, visits), bed_days, _per(inpatient.amount, bed_days),
        _share(_sum(volumes, lambda one: one.amount, item_class=DRUG), whole.amount),
        _share(_sum(volumes, lambda one: one.amount, item_class=CONSUMABLE), whole.amount),
    )  # fmt: skip
    quality = Quality(refunds, _share(refunds, whole.lines), nameless, _share(nameless, whole.lines))
    return UnitReport(unit, outpatient, inpatient, whole, patients, quality)


def _business(volumes: Iterable[Volume]) -> Business:
    found = list(volumes)
    return Business(
        sum(one.lines for one in found), sum_exactly(one.quantity for one in found),
        sum_exactly(one.amount for one in found),
    )  # fmt: skip


def _sum(
    volumes: Sequence[Volume], of: Callable[[Volume], Decimal], setting: str = "", item_class: str = ""
) -> Decimal:
    return sum_exactly(
        of(one) for one in volumes
        if setting in ("", one.setting) and item_class in ("", one.item_class)
    )  # fmt: skip


def _per(amount: Decimal, count: Decimal) -> Decimal | None:
    return half_up(Fraction(amount) / Fraction(count), MONEY_PLACES) if count > 0 else None


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return half_up(Fraction(part) * 100 / Fraction(whole), SHARE_PLACES) if whole > 0 else None
