"""What stands on a payslip beside its lines: the units' bonuses, the year to date, what is still withheld, names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func

from alliance.core.period import Period
from alliance.db import db
from alliance.members import queries as members
from alliance.members.queries import DepartmentFact, EmployeeFact
from alliance.workpoints.models import BonusRun, Slip
from alliance.workpoints.queries.holdings import balances
from alliance.workpoints.queries.rolls import employees_of
from alliance.workpoints.queries.runs import BonusRunInfo, bonus_shares, bonus_units
from alliance.workpoints.queries.slips import SHOWN, SlipInfo, newest_slips, slip, slips


@dataclass(frozen=True, slots=True)
class OwnShare:
    """A person's part of a unit's bonus, in cents; `unit` is "" for a line of heads or administration, which has no
    bonus of a unit. The figure lies in the kept run `figures`."""

    unit: str
    bonus: int | None
    amount: int
    figures: int
    figure: str


@dataclass(frozen=True, slots=True)
class SlipSheet:
    """A payslip with what belongs to it; in cents. `earlier` are its revisions before, the newest first."""

    slip: SlipInfo
    shares: tuple[OwnShare, ...]
    to_date: int
    held: int
    earlier: tuple[SlipInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a hospital's people and units, by number and code, also of those that left."""

    people: Mapping[str, EmployeeFact] = field(default_factory=dict)
    units: Mapping[str, DepartmentFact] = field(default_factory=dict)


def names_of(alliance: int, institution: str) -> Names:
    """Everybody and every unit ever recorded at a hospital."""
    return Names(employees_of(alliance, institution), members.department_names(alliance, institution))


def slip_sheet(alliance: int, run: BonusRunInfo, person: str, revision: int | None = None) -> SlipSheet | None:
    """A person's payslip in a run: the newest, or a revision of it."""
    found = slip(run.id, person, revision)
    if found is None:
        return None
    made = [slip(run.id, person, one) for one in range(found.revision - 1, -1, -1)]
    return SlipSheet(
        found, _shares(run, person).get(person, ()), to_date(alliance, run, [found])[person],
        balances(alliance, run.institution).get(person, 0), tuple(one for one in made if one is not None),
    )  # fmt: skip


def slip_sheets(alliance: int, run: BonusRunInfo, units: Collection[str] | None = None) -> list[SlipSheet]:
    """The payslips of a run or of some of its units, by unit and number."""
    found = slips(run.id, units)
    shares, sums, held = _shares(run), to_date(alliance, run, found), balances(alliance, run.institution)
    return [
        SlipSheet(one, shares.get(one.person, ()), sums[one.person], held.get(one.person, 0)) for one in found
    ]  # fmt: skip


def _shares(run: BonusRunInfo, person: str | None = None) -> dict[str, tuple[OwnShare, ...]]:
    units = bonus_units(run.id)
    found: dict[str, list[OwnShare]] = {}
    for one in bonus_shares(run.id, person=person):
        unit = units.get(one.unit)
        figures = unit.second_run if unit else run.second_run
        found.setdefault(one.person, []).append(
            OwnShare(one.unit, unit.bonus if unit else None, one.amount, figures, one.figure)
        )
    return {number: tuple(mine) for number, mine in found.items()}


def to_date(alliance: int, run: BonusRunInfo, found: Iterable[SlipInfo]) -> dict[str, int]:
    """What each person was paid in the year up to the month of a run, this one counted in, in cents."""
    sums = {one.person: one.net for one in found}
    wanted = newest_slips().with_only_columns(Slip.person, func.sum(Slip.net)).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == run.institution, BonusRun.state.in_(SHOWN),
        BonusRun.month >= f"{Period.parse(run.month).first.year}-01", BonusRun.month < run.month,
    )  # fmt: skip
    if len(sums) == 1:
        wanted = wanted.where(Slip.person == next(iter(sums)))
    for person, cents in db.session.execute(wanted.group_by(Slip.person)):
        if person in sums:
            sums[person] += int(cents)
    return sums


@dataclass(frozen=True, slots=True)
class UnitSlips:
    """The payslips of a unit in a run: how many, and what they pay in all, in cents."""

    unit: str
    count: int
    net: int


def slip_units(run: int) -> list[UnitSlips]:
    """The units of a run that have payslips, by code."""
    wanted = newest_slips().with_only_columns(Slip.unit, func.count(), func.sum(Slip.net))
    rows = db.session.execute(wanted.where(Slip.bonus_run_id == run).group_by(Slip.unit).order_by(Slip.unit))
    return [UnitSlips(unit, count, int(net)) for unit, count, net in rows]


def slip_page(
    run: int, page: int, size: int, unit: str = "", persons: Collection[str] | None = None
) -> tuple[list[SlipInfo], int]:
    """A part of the payslips of a run by unit and number, without their lines, and how many there are in all; of a
    unit, or of some persons, where asked."""
    wanted = newest_slips().where(Slip.bonus_run_id == run)
    if unit:
        wanted = wanted.where(Slip.unit == unit)
    if persons is not None:
        wanted = wanted.where(Slip.person.in_(list(persons)))
    count = db.session.scalar(wanted.with_only_columns(func.count())) or 0
    rows = wanted.order_by(Slip.unit, Slip.person).limit(size).offset((page - 1) * size)
    return [SlipInfo.of(row, of, ()) for row, of in db.session.execute(rows)], count
