"""Everything that a month's bonus rests on, gathered for the rules: budget, scheme, units, people, lines, ledgers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from alliance.audit import queries as audit
from alliance.core.figure import EXACT
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.members import queries as members
from alliance.workpoints.queries import charges, entries, rosters, techniques
from alliance.workpoints.queries.budgets import BudgetInfo, budget_in_force
from alliance.workpoints.queries.corrections import corrections
from alliance.workpoints.queries.holdings import holdings
from alliance.workpoints.queries.points import ALONE
from alliance.workpoints.queries.reserves import releases, reserves_kept
from alliance.workpoints.queries.runs import bonus_runs
from alliance.workpoints.queries.schemes import SchemeInfo, scheme_in_force, scheme_info
from alliance.workpoints.queries.scored import FIGURE
from alliance.workpoints.queries.slips import SHOWN, paid_before
from alliance.workpoints.queries.tasks import accepted_tasks
from alliance.workpoints.queries.totals import total_issues
from alliance.workpoints.queries.unit_rules import unit_rules
from alliance.workpoints.rules import first
from alliance.workpoints.rules.activity import SETTINGS
from alliance.workpoints.rules.cleaning import issues_of
from alliance.workpoints.rules.entries import exclusion
from alliance.workpoints.rules.heads import ASPECTS
from alliance.workpoints.rules.income import refuse_forbidden
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.ledgers import ACCEPTED
from alliance.workpoints.rules.month.given import (
    STAFF_GROUP,
    CorrectionGiven,
    GroupGiven,
    HoldingGiven,
    LastGiven,
    MonthGiven,
    Number,
    PersonGiven,
    PostGiven,
    ReleaseGiven,
    UnitGiven,
)
from alliance.workpoints.rules.runs import REVERSED
from alliance.workpoints.rules.scheme import BonusScheme
from alliance.workpoints.rules.techniques import Technique
from alliance.workpoints.rules.uses import WITHOUT
from alliance.workpoints.volume.partitions import Load, Partitions

ASSESSED = frozenset({*ASPECTS, "multiple"})  # whoever has one of these filed is a head
NOUGHT = Decimal(0)
LEFT = "first/left"  # the figure of what the first distribution left of the pool


@dataclass(frozen=True, slots=True)
class LinesGiven:
    """The points of a month's charge lines by unit and setting and by unit and person, what they leave open, and how
    often new techniques were done, by unit and technique.

    `inputs` is what the kept run remembers of them.
    """

    units: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    persons: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    loads: str = ""  # his-r1,lis-r2
    issues: tuple[Issue, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    techniques: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)


def earns_points(scheme: BonusScheme) -> bool:
    """Whether anything of a scheme rests on points of charge lines."""
    templates = [factor.code for part in scheme.second.parts for factor in part.factors]
    return scheme.first.model == first.POINT or bool(scheme.drivers.get("points")) or "points" in templates


def rests_on_lines(scheme: BonusScheme) -> bool:
    """Whether anything of a scheme rests on charge lines: points, or new techniques."""
    return earns_points(scheme) or bool(scheme.techniques)


def lines_of(
    alliance: int, institution: str, month: str, partitions: Partitions, scheme: SchemeInfo | None = None
) -> LinesGiven:  # fmt: skip
    """What the charge lines of a month earn under a scheme, by default the one in force, and how often new techniques
    were done, nothing where it rests on neither; and where their sums differ from the hospital's own totals.

    Refused: a technique of an item that pay must not be linked to.
    """
    info = scheme or scheme_in_force(alliance, institution, month)
    rules = unit_rules(alliance, institution, month)
    by_unit = [factor.code for one in rules.values() for part in one.parts for factor in part.factors]
    found = LinesGiven(issues=tuple(total_issues(alliance, institution, month, partitions)))
    if info is None:
        return found
    loads: tuple[Load, ...] = ()
    if earns_points(info.scheme) or "points" in by_unit:
        found, loads = _earned(alliance, institution, month, partitions, info.scheme, found)
    asked = techniques.techniques_begun(info.scheme, Period.parse(month))
    return _done(alliance, institution, Period.parse(month), partitions, asked, found, loads) if asked else found


def _earned(
    alliance: int, institution: str, month: str, partitions: Partitions, scheme: BonusScheme, before: LinesGiven
) -> tuple[LinesGiven, tuple[Load, ...]]:  # fmt: skip
    """The points of a month's lines, with the loads that they rest on."""
    found = charges.month_lines(partitions, alliance, institution, month, scheme.roles or ALONE)
    units: dict[tuple[str, str], Decimal] = {}
    persons: dict[tuple[str, str], Decimal] = {}
    for one in found.earned:
        for sums, place in ((units, (one.unit, one.setting)), (persons, (one.unit, one.person))):
            sums[place] = EXACT.add(sums.get(place, NOUGHT), one.points)
    issues = [issue("unknown_code", f"{one.what}/{one.code}", one.amount) for one in found.unknown]
    issues += before.issues
    issues += [issue("item_without_points", one.item, one.amount) for one in found.items if one.standing == WITHOUT]
    for load in charges.loads(alliance, institution, month):
        issues += issues_of(load.source, list(load.cleaned))
    compared = charges.compared_before(alliance, institution, month)
    issues += [issue("compared_before", load.source, count) for load, count in compared]
    paid = _paid(alliance, institution, Period.parse(month))
    lost: dict[str, Decimal] = {}
    for (unit, _setting), points in units.items():
        if unit not in paid:
            lost[unit] = EXACT.add(lost.get(unit, NOUGHT), points)
    # Only who ordered may stand in a line without a department.
    issues += [
        issue("points_without_unit", unit or "ordering_unit/—", lost[unit]) for unit in sorted(lost) if lost[unit]
    ]
    names = _named(found.loads)
    given = LinesGiven(units, persons, names, tuple(issues), {"lines": names, "lines_digest": found.digest})
    return given, found.loads


def _paid(alliance: int, institution: str, month: Period) -> set[str]:
    """The units with established posts or persons."""
    report = members.staffing_report(alliance, institution, month)
    return {line.fact.code for line in report.units if line.coefficient or line.persons}


def _named(loads: Iterable[Load]) -> str:
    return ",".join(f"{source}-r{revision}" for source, revision in loads)


def _done(
    alliance: int, institution: str, month: Period, partitions: Partitions, asked: Sequence[Technique],
    lines: LinesGiven, loads: tuple[Load, ...],
) -> LinesGiven:  # fmt: skip
    """The same with how often new techniques were done, by unit; of the loads that were asked before, if any."""
    refuse_forbidden(techniques.draws_in(alliance, institution, asked, month))
    loads = loads or techniques.loads_asked(alliance, institution, month)
    done = techniques.techniques_done(partitions, alliance, institution, month, asked, loads)
    units = techniques.done_by_unit(done)
    paid = _paid(alliance, institution, month)
    lost = [
        issue("technique_without_unit", f"{one.unit or 'performing_unit'}/{one.technique}", one.quantity)
        for one in units if one.unit not in paid
    ]  # fmt: skip
    names = _named(loads)
    return replace(
        lines,
        techniques={(one.unit, one.technique): one.quantity for one in units},
        loads=names,
        issues=(*lines.issues, *lost),
        inputs={**lines.inputs, "lines": names},
    )


def scheme_at(alliance: int, reference: str) -> SchemeInfo:
    """A version of a scheme by its reference, T01/BONUS/1."""
    institution, code, version = reference.split("/")
    found = scheme_info(alliance, institution, code, int(version))
    if found is None:
        raise NotFound()
    return found


def needed(alliance: int, institution: str, month: str) -> tuple[SchemeInfo | None, BudgetInfo | None]:
    """The scheme and the budget in force of a month, each None where there is none."""
    return (
        scheme_in_force(alliance, institution, month),
        budget_in_force(alliance, institution, Period.parse(month).first.year),
    )


def gather(alliance: int, institution: str, month: str, lines: LinesGiven | None, scheme: str = "") -> MonthGiven:
    """A month as the rules take it. `scheme` names the version of a run that is computed already.

    Without lines it is for payslips, which rest on what units and persons got before: the units are left out.

    Refused: no scheme or no budget in force.
    """
    info, budget = needed(alliance, institution, month)
    if scheme:
        info = scheme_at(alliance, scheme)
    problems = []
    if info is None:
        problems.append(Problem(month, "", mark("no bonus scheme is in force; have one decided")))
    if budget is None:
        problems.append(Problem(month, "", mark("no budget of the year is in force; have one decided")))
    if info is None or budget is None or budget.run_id is None:
        raise Refused("The run cannot go on: %(count)s things are missing or wrong.",
                      count=len(problems), problems=problems)  # fmt: skip
    period = Period.parse(month)
    staff = members.staffing_month(alliance, institution, period)
    factor = audit.values_of(budget.run_id, ["budget/factor"]).get("budget/factor")
    return MonthGiven(
        institution, period, info.reference, info.scheme,
        Number(yuan(budget.pooled or 0), f"figure:{budget.digest}/budget/pooled_month"),
        Number(yuan(budget.base or 0), f"figure:{budget.digest}/budget/base"),
        Number(factor, f"figure:{budget.digest}/budget/factor"),
        _units(alliance, institution, period, staff, lines) if lines else [],
        _people(alliance, institution, period, staff, lines or LinesGiven()),
        unit_rules(alliance, institution, month), _reserve(alliance, institution, month) if lines else {},
        releases=[
            ReleaseGiven(one.number, one.unit, yuan(one.amount))
            for one in reversed(releases(alliance, institution, month=month, state=ACCEPTED))
        ] if lines else (),
        held=_held(alliance, institution, month) if lines else {},
        nights=rosters.nights(alliance, institution, month), tasks=accepted_tasks(alliance, institution, month),
        holdings=[
            HoldingGiven(
                one.number, one.person, one.sort, yuan(one.amount) if one.amount is not None else None, one.rate
            )
            for one in holdings(alliance, institution, month)
        ],
        corrections=_corrections(alliance, institution, month),
        before=paid_before(alliance, institution, month) if lines is None else (),
        others={one: LastGiven(last.department, STAFF_GROUP[last.family]) for one, last in staff.others.items()},
    )  # fmt: skip


def _reserve(alliance: int, institution: str, month: str) -> dict[str, Number]:
    """What the pools of the approved and paid months of the year before a month left, or drew, by month."""
    earlier = [
        run for run in bonus_runs(alliance, institution)
        if run.state in SHOWN and f"{month[:4]}-01" <= run.month < month
    ]  # fmt: skip
    kept = audit.read_runs({run.first_run for run in earlier}, alliance)
    found = {}
    for run in earlier:
        left = audit.values_of(run.first_run, [LEFT]).get(LEFT)
        if left is not None:
            found[run.month] = Number(left, f"figure:{kept[run.first_run].digest}/{LEFT}")
    return found


def _held(alliance: int, institution: str, month: str) -> dict[str, Decimal]:
    """What the units' reserves hold of earlier months, without what other months released."""
    found: dict[str, int] = {}
    for one in reserves_kept(alliance, institution, month):
        found[one.unit] = found.get(one.unit, 0) + one.amount
    for release in releases(alliance, institution, state=ACCEPTED):
        if release.month != month:
            found[release.unit] = found.get(release.unit, 0) - release.amount
    return {unit: yuan(cents) for unit, cents in found.items()}


def _corrections(alliance: int, institution: str, month: str) -> list[CorrectionGiven]:
    """What a month corrects. Of a line that was corrected before, the earlier correction tells what was paid."""
    found, last = [], dict[str, int]()
    for one in corrections(alliance, institution):
        source = f"correction:{institution}/{last[one.paid]}" if one.paid in last else f"figure:{one.paid}"
        last[one.paid] = one.number
        if one.pays_in == month:
            found.append(
                CorrectionGiven(one.number, one.person, one.month, yuan(one.amount), yuan(one.paid_amount), source)
            )
    return found


def _units(
    alliance: int, institution: str, month: Period, staff: members.StaffingMonth, lines: LinesGiven
) -> list[UnitGiven]:  # fmt: skip
    """The units with established posts or persons."""
    filed: dict[str, dict[str, entries.EntryInfo]] = {}
    for (unit, kind), one in entries.unit_entries(alliance, institution, month.code).items():
        filed.setdefault(unit, {})[kind] = one
    groups = entries.cases(alliance, institution, month.code)
    found = []
    for line in staff.report.units:
        code, place = line.fact.code, f"{institution}/{month.code}/{line.fact.code}"
        if not line.coefficient and not line.persons:
            continue
        found.append(UnitGiven(
            code, line.fact.kind, line.fact.accounting == "clinical",
            Number(line.coefficient, f"establishment:{place}"),
            {
                kind: Number(one.value, _source(one, f"unitentry:{place}/{kind}@{one.revision}"))
                for kind, one in filed.get(code, {}).items()
            },
            {
                setting: Number(lines.units.get((code, setting), NOUGHT), f"lines:{place}/{setting}@{lines.loads}")
                for setting in SETTINGS
            },
            [
                GroupGiven(
                    one.code, f"caserow:{place}/{one.code}@{one.revision}", one.rw, one.cases, one.days, one.cost,
                    one.reference_days, one.reference_cost, one.standard_cost,
                )
                for one in groups.get(code, ())
            ],
            {
                technique: Number(count, f"lines:{place}/technique/{technique}@{lines.loads}")
                for (unit, technique), count in sorted(lines.techniques.items()) if unit == code
            },
        ))  # fmt: skip
    return found


def _source(one: entries.EntryInfo, cell: str) -> str:
    """Where a number comes from: the cell, or the figure that was taken over into it."""
    return one.document if one.document.startswith(FIGURE) else cell


def _people(
    alliance: int, institution: str, month: Period, staff: members.StaffingMonth, lines: LinesGiven
) -> list[PersonGiven]:  # fmt: skip
    """Who was in post where, with what is filed of each."""
    filed: dict[tuple[str, str], dict[str, Number]] = {}
    for (unit, person, kind), cell in entries.person_entries(alliance, institution, month.code).items():
        source = f"personentry:{institution}/{month.code}/{unit}/{person}/{kind}@{cell.revision}"
        filed.setdefault((unit, person), {})[kind] = Number(cell.value, source)
    grades = {line.fact.code: line.grade for line in staff.posts}
    held: dict[tuple[str, str], list[members.PersonDays]] = {}
    for one in staff.people:
        place = one.fact.department, one.fact.number
        held[place] = [*held.pop(place, ()), one]  # the last unit of the month comes last
    found = []
    for (unit, number), spells in held.items():
        one, family = spells[-1], STAFF_GROUP[spells[-1].family]
        mine = filed.get((unit, number), {})
        duty = ("head_nurse" if family == "nurse" else "head") if ASSESSED & mine.keys() else ""
        source, excluded = f"lines:{institution}/{month.code}/{unit}/{number}@{lines.loads}", mine.get("excluded")
        posts = [PostGiven(each.post, grades.get(each.fact.post, ""), each.days) for each in spells]
        found.append(PersonGiven(
            number, unit, family, one.post, one.seniority, sum(each.days for each in posts),
            _full_months(one.fact.hired, month.first), posts[-1].grade, duty,
            exclusion(excluded.value if excluded else None), mine,
            Number(lines.persons.get((unit, number), NOUGHT), source), posts if len(posts) > 1 else (),
        ))  # fmt: skip
    return found


def _full_months(hired: date, on: date) -> int:
    """Full months since the hire."""
    return max(0, (on.year - hired.year) * 12 + on.month - hired.month - (on.day < hired.day))


def month_due(alliance: int, institution: str, on: date) -> str:
    """The oldest of the last twelve months that has a scheme and a budget but no run, with none after it that has one;
    "" when there is none."""
    known = {one.month for one in bonus_runs(alliance, institution) if one.state != REVERSED}
    last, found = Period.parse(f"{on:%Y-%m}").back(1), ""
    for back in range(12):
        month = last.back(back).code
        if month in known:
            break
        if all(one is not None for one in needed(alliance, institution, month)):
            found = month
    return found
