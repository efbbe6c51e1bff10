"""The standing reports of a load (W6): what the departments did, their patients' costs, the quality of the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import EXACT, half_up, sum_exactly
from alliance.workpoints.rules.activity import INPATIENT, OUTPATIENT

VISIT, BED_DAY, DRUG, CONSUMABLE = "consultation", "bed", "drug", "consumable"
MONEY_PLACES = SHARE_PLACES = 2
MIX_PLACES = 4


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
class VolumePart:
    """A part of the volumes of a month: of some units (None: of all), by who performed or by who ordered, of a setting
    or of both, of a class or of all."""

    ordered: bool = False
    units: frozenset[str] | None = None
    setting: str = ""
    item_class: str = ""

    def of(self, volumes: Iterable[Volume]) -> list[Volume]:
        """The volumes that belong to it."""
        return [
            one for one in volumes
            if (self.units is None or one.unit in self.units) and self.setting in ("", one.setting)
            and self.item_class in ("", one.item_class)
        ]  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Stays:
    """The stays of a unit that ended in the month, by its disease groups: discharges, days and cost of all of them,
    and their weight, Σ(RW × cases)."""

    discharges: int
    days: Decimal
    cost: Decimal
    weight: Decimal

    @property
    def length(self) -> Decimal | None:
        """Days of stay of a discharge."""
        return _per(self.days, Decimal(self.discharges))

    @property
    def per_discharge(self) -> Decimal | None:
        return _per(self.cost, Decimal(self.discharges))

    @property
    def case_mix(self) -> Decimal | None:
        """The case-mix index (CMI): Σ(RW × cases) ÷ Σ cases."""
        return _per(self.weight, Decimal(self.discharges), MIX_PLACES)


def stay(rw: Decimal, cases: int, days: Decimal, cost: Decimal) -> Stays:
    """The stays of one disease group."""
    return Stays(cases, days, cost, EXACT.multiply(rw, Decimal(cases)))


def together(stays: Iterable[Stays]) -> Stays:
    """The stays of several groups or units as one."""
    found = list(stays)
    return Stays(
        sum(one.discharges for one in found), sum_exactly(one.days for one in found),
        sum_exactly(one.cost for one in found), sum_exactly(one.weight for one in found),
    )  # fmt: skip


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


def _per(amount: Decimal, count: Decimal, places: int = MONEY_PLACES) -> Decimal | None:
    return half_up(Fraction(amount) / Fraction(count), places) if count > 0 else None


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return half_up(Fraction(part) * 100 / Fraction(whole), SHARE_PLACES) if whole > 0 else None
