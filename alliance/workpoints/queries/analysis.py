"""The analysis of a month (W18) for three readers: those who decide, those who manage, those who carry out.

Only what runs keep: what units and persons got, the lines of slips, figures of the distribution.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.audit import queries as audit
from alliance.core.figure import half_up, quotient
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.members import queries as members
from alliance.members.queries import EmployeeFact, StaffingReport
from alliance.workpoints.queries.budgets import budget_in_force
from alliance.workpoints.queries.payslips import names_of
from alliance.workpoints.queries.runs import BonusRunInfo, ShareInfo, bonus_run, bonus_runs, bonus_shares, bonus_units
from alliance.workpoints.queries.slips import slips
from alliance.workpoints.rules.analysis import MOVED, Moved, gini, movers, per_head
from alliance.workpoints.rules.month.given import STAFF_GROUP
from alliance.workpoints.rules.payslips import LINES
from alliance.workpoints.rules.runs import REVERSED
from alliance.workpoints.rules.subjects import GROUPS
from alliance.workpoints.rules.working import BARE, Label, Working

LEAST = 10  # persons in a cell of pay by title
TREND = 12  # months
OPERATION_SHARE = "structure/operation_share"
NOUGHT = Decimal(0)


@dataclass(frozen=True, slots=True)
class PerHead:
    """Pay per head on one basis, in yuan: what it is divided by, the result, and that of the month before."""

    basis: str
    heads: Decimal
    value: Decimal | None
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What some persons got together, in cents; `titles` are the professional titles that were put together."""

    code: str
    persons: int
    amount: int
    titles: tuple[str, ...] = ()

    @property
    def mean(self) -> Decimal:
        """Per person, in yuan."""
        return half_up(quotient(yuan(self.amount), Decimal(self.persons)), 2) if self.persons else NOUGHT


@dataclass(frozen=True, slots=True)
class PointValue:
    """The value of a point in a month by group pool, in yuan; what a coefficient is worth stands under `base`."""

    month: str
    values: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Decision:
    """The month for those who decide; money in cents, `share` of medical operation pay in %."""

    pool: int
    paid: int
    before: int | None
    persons: int
    heads: tuple[PerHead, ...]
    gini: Decimal | None
    gini_before: Decimal | None
    groups: tuple[Cell, ...]
    titles: tuple[Cell, ...]
    share: Decimal | None
    trend: tuple[PointValue, ...]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit in a month: quality factor, points, bonus and that of the month before and of the budget, in cents;
    persons in post by days, and the bonus for each of them in yuan."""

    unit: str
    quality: Decimal | None
    points: Decimal | None
    bonus: int
    before: int | None
    budget: int | None
    persons: Decimal
    head: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """Against the month before, in %."""
        return (
            half_up(quotient(Decimal(self.bonus - self.before), Decimal(self.before), 100), 1) if self.before else None
        )

    @property
    def against_budget(self) -> Decimal | None:
        """Against the budget, in %."""
        return (
            half_up(quotient(Decimal(self.bonus - self.budget), Decimal(self.budget), 100), 1) if self.budget else None
        )


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person of a unit: what the unit's bonus gave, computed and with the head's shift, and in the month before."""

    person: str
    computed: int
    amount: int
    before: int | None

    @property
    def change(self) -> Decimal | None:
        """Against the month before, in %."""
        return (
            half_up(quotient(Decimal(self.amount - self.before), Decimal(self.before), 100), 1) if self.before else None
        )


@dataclass(frozen=True, slots=True)
class Execution:
    """A unit for those who carry out: its persons, and who moved by a fifth or more, with the largest cause: by lines
    of payslips, or by shares of the unit's bonus."""

    unit: str
    bonus: int
    people: tuple[PersonLine, ...]
    movers: tuple[Moved, ...]
    by_slips: bool


def analysed_runs(alliance: int, institution: str) -> dict[str, BonusRunInfo]:
    """The runs in force by month, the newest first."""
    return {one.month: one for one in bonus_runs(alliance, institution) if one.state != REVERSED}


def run_before(alliance: int, run: BonusRunInfo) -> BonusRunInfo | None:
    """The run of the month before."""
    return bonus_run(alliance, run.institution, Period.parse(run.month).back(1).code)


def decision(alliance: int, run: BonusRunInfo) -> Decision:
    """The month as a whole, against the month before."""
    before = run_before(alliance, run)
    shares, then = bonus_shares(run.id), bonus_shares(before.id) if before else []
    paid = sum(one.amount for one in shares)
    last = _heads(alliance, before, then) if before else {}
    kept = audit.values_of(run.slips_run, [OPERATION_SHARE]) if run.slips_run else {}
    people, known = _by_person(shares), names_of(alliance, run.institution).people
    return Decision(
        run.pool, paid, sum(one.amount for one in then) if before else None, len(people),
        tuple(
            PerHead(basis, heads, value, last[basis][1] if last else None)
            for basis, (heads, value) in _heads(alliance, run, shares).items()
        ),
        inequality(alliance, run, shares), inequality(alliance, before, then) if before else None,
        _groups(alliance, run, people), by_title(people, known), kept.get(OPERATION_SHARE), _trend(alliance, run),
    )  # fmt: skip


def _by_person(shares: Sequence[ShareInfo]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in shares:
        found[one.person] = found.get(one.person, 0) + one.amount
    return found


def _report(alliance: int, run: BonusRunInfo) -> StaffingReport:
    return members.staffing_report(alliance, run.institution, Period.parse(run.month))


def _heads(
    alliance: int, run: BonusRunInfo, shares: Sequence[ShareInfo]
) -> dict[str, tuple[Decimal, Decimal | None]]:  # fmt: skip
    """By basis what the pay is divided by, and the pay for each."""
    report = _report(alliance, run)
    working = Working(run.institution, run.month, run.scheme)
    source = f"bonus:{run.institution}/{run.month}@{run.number}"
    pay = working.entered("pay", Label("pay", "奖金合计", "Bonuses"), yuan(sum(s.amount for s in shares)), source)
    found = {}
    for basis, heads in (("established", Decimal(report.established)), ("present", report.persons)):
        count = working.entered(f"heads/{basis}", Label(f"heads:{basis}", "人数", "Heads"), heads, source, unit=BARE)
        figure = per_head(working, f"per_head/{basis}", basis, [pay], count)
        found[basis] = (heads, figure.value if figure else None)
    return found


def inequality(alliance: int, run: BonusRunInfo, shares: Sequence[ShareInfo]) -> Decimal | None:
    """Gini over what each person got for a whole month's presence, weighed by the part of the month in post."""
    month, present = Period.parse(run.month), dict[str, Decimal]()
    for one in members.people_in_post(alliance, run.institution, month):
        present[one.fact.number] = present.get(one.fact.number, NOUGHT) + one.persons
    pairs = [
        (half_up(quotient(yuan(cents), present[person]), 2), present[person])
        for person, cents in _by_person(shares).items() if present.get(person)
    ]  # fmt: skip
    return gini(pairs)


def _groups(alliance: int, run: BonusRunInfo, people: Mapping[str, int]) -> tuple[Cell, ...]:
    """What the staff groups got, by the family of the post in which somebody was last."""
    family = {
        one.fact.number: STAFF_GROUP[one.family]
        for one in members.people_in_post(alliance, run.institution, Period.parse(run.month))
    }  # fmt: skip
    found: dict[str, list[int]] = {}
    for person, cents in people.items():
        found.setdefault(family.get(person, "administration"), []).append(cents)
    return tuple(Cell(code, len(found[code]), sum(found[code])) for code in GROUPS if code in found)


def by_title(people: Mapping[str, int], known: Mapping[str, EmployeeFact], least: int = LEAST) -> tuple[Cell, ...]:
    """Pay by professional title, no cell of fewer than `least` persons: the smallest are put together until there are
    so many, so that nobody's pay is told by taking the others from the whole. Nothing of fewer persons in all."""
    found: dict[str, list[int]] = {}
    for person, cents in people.items():
        found.setdefault(known[person].title if person in known else "", []).append(cents)
    small: list[str] = []
    rest = sorted(found, key=lambda title: (len(found[title]), title))
    while rest and (len(found[rest[0]]) < least or 0 < sum(len(found[one]) for one in small) < least):
        small.append(rest.pop(0))
    cells = [Cell(title, len(found[title]), sum(found[title])) for title in rest]
    together = [cents for title in small for cents in found[title]]
    if len(together) >= least:
        cells.append(Cell("", len(together), sum(together), tuple(sorted(small))))
    return tuple(sorted(cells, key=lambda one: (bool(one.titles), -one.mean, one.code)))


def _trend(alliance: int, run: BonusRunInfo) -> tuple[PointValue, ...]:
    """The values of a point month by month up to this one, the oldest first."""
    months = [one for one in analysed_runs(alliance, run.institution).values() if one.month <= run.month][:TREND]
    return tuple(PointValue(one.month, _values(one)) for one in reversed(months))


def _values(run: BonusRunInfo) -> dict[str, Decimal]:
    """The value of a point by group pool: of each pool the last round holds."""
    keys = [key for key in audit.keys_of_kind(run.first_run, "point_value") if "/plain/" not in key]
    last: dict[str, str] = {}
    for key in sorted(keys, key=_round):
        last[key.split("/")[1]] = key
    values = audit.values_of(run.first_run, [*last.values(), "base"])
    found = {pool: values[key] for pool, key in last.items() if key in values}
    return found or ({"base": values["base"]} if "base" in values else {})


def _round(key: str) -> int:
    """first/doctor/round2/value: 2."""
    return int(key.rsplit("/", 2)[1].removeprefix("round"))


def management(alliance: int, run: BonusRunInfo, units: Collection[str] | None = None) -> tuple[UnitLine, ...]:
    """The units side by side, the largest bonus for a head first; some units where asked."""
    before = run_before(alliance, run)
    last = bonus_units(before.id) if before else {}
    report = {line.fact.code: line for line in _report(alliance, run).units}
    budget = budget_in_force(alliance, run.institution, Period.parse(run.month).first.year)
    found = bonus_units(run.id)
    mine = [code for code in found if units is None or code in units]
    kept = audit.values_of(run.first_run, [f"unit/{code}/{what}" for code in mine for what in ("quality", "points")])
    lines = []
    for code in mine:
        unit, staffed = found[code], report.get(code)
        persons = staffed.persons if staffed else NOUGHT
        planned = cents_of(staffed.coefficient * yuan(budget.base)) if staffed and budget and budget.base else None
        lines.append(UnitLine(
            code, kept.get(f"unit/{code}/quality"), kept.get(f"unit/{code}/points"), unit.bonus,
            last[code].bonus if code in last else None, planned, persons,
            half_up(quotient(yuan(unit.bonus), persons), 2) if persons else None,
        ))  # fmt: skip
    return tuple(sorted(lines, key=lambda one: (-(one.head or NOUGHT), one.unit)))


def cents_of(amount: Decimal) -> int:
    """An amount in yuan as cents, half up."""
    return int(half_up(amount, 2).scaleb(2))


def execution(alliance: int, run: BonusRunInfo, unit: str, *, whole: bool) -> Execution | None:
    """A unit and its persons. `whole`: causes are told by the lines of payslips, which a head does not see, once both
    months have them."""
    found = bonus_units(run.id).get(unit)
    if found is None:
        return None
    before = run_before(alliance, run)
    shares = bonus_shares(run.id, unit)
    then = {one.person: one.amount for one in bonus_shares(before.id, unit)} if before else {}
    people = tuple(PersonLine(one.person, one.computed, one.amount, then.get(one.person)) for one in shares)
    mine = {one.person for one in people}
    by_slips = whole and None not in (run.slips_run, before and before.slips_run)
    now, last = (_lines(run, mine), _lines(before, mine)) if before and by_slips else (
        {one.person: {"bonus": yuan(one.amount)} for one in people},
        {person: {"bonus": yuan(cents)} for person, cents in then.items()},
    )  # fmt: skip
    return Execution(unit, found.bonus, people, tuple(movers(last, now, MOVED)), by_slips)


def _lines(run: BonusRunInfo, persons: Collection[str]) -> dict[str, dict[str, Decimal]]:
    """The lines of payslips that are pay, by person and sort; what is taken off counts against."""
    found: dict[str, dict[str, Decimal]] = {}
    for one in slips(run.id):
        if one.person in persons:
            mine = found.setdefault(one.person, {})
            for line in one.lines:
                signed = LINES[line.sort][2] * yuan(line.amount)
                mine[line.sort] = mine.get(line.sort, NOUGHT) + signed
    return found
