"""The first distribution of a month (W13): from the pool of the budget to the units, by the scheme's model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alliance.core.figure import Figure
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.workpoints.rules import first
from alliance.workpoints.rules.activity import INPATIENT, OUTPATIENT, inpatient_points, outpatient_points
from alliance.workpoints.rules.cases import GroupOfCases, over_standard, unit_cases
from alliance.workpoints.rules.closing import close
from alliance.workpoints.rules.costs import deduction
from alliance.workpoints.rules.increments import Increments
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.items import mixed_points
from alliance.workpoints.rules.month.filed import entered, filed_number, nothing
from alliance.workpoints.rules.month.given import (
    ADMINISTRATION,
    GROUP_OF,
    HEADS,
    GroupGiven,
    MonthGiven,
    UnitGiven,
)
from alliance.workpoints.rules.month.increments import found_increments, not_ready_bases
from alliance.workpoints.rules.point_model import Entry, solve_with_cap
from alliance.workpoints.rules.quality import quality_factor
from alliance.workpoints.rules.reconciliation import Row
from alliance.workpoints.rules.scheme import BonusScheme
from alliance.workpoints.rules.working import BARE, POINTS, YUAN, Label, Working, number

SCORE_UNIT = ("分", "points")
NEXT_TO = {"pharmacy": ("technology",)}
LINE_NAMES = {HEADS: ("科主任专项", "Line of the heads"), ADMINISTRATION: ("行政后勤专项", "Line of administration")}
NO_CASE_QUALITY = mark("%(unit)s: its disease groups have no quality score of the cases.")
NO_DRIVER = mark("%(driver)s is not filed; file it among the month's numbers, 0 where the unit has none")
ITEM_POINTS = Label("item_points", "项目工分", "Item points")


@dataclass(slots=True)
class FirstMonth:
    """The units' bonuses, the lines of heads and administration, and what to look at; all in yuan."""

    pool: Figure
    bonuses: dict[str, Figure] = field(default_factory=dict)
    lines: dict[str, Figure] = field(default_factory=dict)
    values: dict[str, Figure] = field(default_factory=dict)  # of a point, by group pool
    before: list[Figure] = field(default_factory=list)  # values of a point that were solved again
    points: dict[str, Figure] = field(default_factory=dict)  # by unit
    qualities: dict[str, Figure] = field(default_factory=dict)
    settings: dict[str, dict[str, Figure]] = field(default_factory=dict)  # points by unit and setting
    rows: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def figures(self) -> list[Figure]:
        """Everything to be kept of it."""
        found = [self.pool, *self.bonuses.values(), *self.lines.values(), *self.before, *self.values.values()]
        return found + [part for row in self.rows for part in (row.source, *row.parts)]


def distribute_month(working: Working, given: MonthGiven) -> FirstMonth:
    """From the month's pool to the units' bonuses.

    Refused with everything that stands in the way, each with its place: units without a score or without established
    posts, points that add up to 0, an overrun without reserve.
    """
    pool = entered(working, "pool", Label("month_pool", "月度可分配总额", "Pool of the month"), given.pool)
    found = FirstMonth(pool)
    shares = given.scheme.groups
    pools = first.group_pools(working, "pool", pool, shares) if shares else {"": pool}
    if shares:
        found.rows.append(Row("pool", "月度可分配总额", "Pool of the month", pool, tuple(pools.values())))
    found.lines = {code: pools.pop(code) for code in (HEADS, ADMINISTRATION) if code in pools}
    units = [unit for unit in given.units if not _beside(unit, found.lines)]
    increments = found_increments(working, given, units)
    found.qualities = {unit.code: quality for unit in units if (quality := _quality(working, given, unit))}
    model = given.scheme.first.model
    if model == first.POINT:
        _by_points(working, given, found, pools, units, increments)
    elif model == first.DRIVER:
        _by_drivers(working, given, found, _together(working, pools), units, increments)
    else:
        _by_posts(working, given, found, _together(working, pools), units, increments)
    return found


def paid_by_model(given: MonthGiven) -> list[UnitGiven]:
    """The units among which the model shares the pool: those of a line of administration are none."""
    beside = ADMINISTRATION in given.scheme.groups
    return [unit for unit in given.units if not (beside and _administers(unit))]


def not_ready_units(given: MonthGiven) -> list[Problem]:
    """The units that the model cannot pay because a number is missing, known before any line is added up: no score,
    no established posts, no value of a driver, disease groups without the quality score of their cases."""
    model, found = given.scheme.first.model, list[Problem]()
    for unit in paid_by_model(given):
        if model != first.DRIVER and not _is_filed(unit, "score"):
            found.append(issue("unit_without_score", unit.code).problem)
        if model == first.POST and (unit.establishment.value or 0) <= 0:
            found.append(issue("unit_without_coefficient", unit.code, unit.establishment.value or 0).problem)
        found += [
            Problem(unit.code, "", NO_DRIVER, {"driver": Both(*first.DRIVERS[code])})
            for code in filed_drivers(given.scheme) if not _is_filed(unit, code)
        ]  # fmt: skip
        points = model == first.POINT or (model == first.DRIVER and given.scheme.drivers.get("points"))
        if points and _counts_groups(given, unit) and not _is_filed(unit, "case_quality"):
            found.append(Problem(unit.code, "", NO_CASE_QUALITY, {"unit": unit.code}))
    return found + not_ready_bases(given, paid_by_model(given))


def filed_drivers(scheme: BonusScheme) -> list[str]:
    """The drivers of a scheme that people file for each unit, 0 where a unit has none."""
    return [code for code in first.FILED if scheme.first.model == first.DRIVER and scheme.drivers.get(code)]


def _is_filed(unit: UnitGiven, code: str) -> bool:
    number = unit.numbers.get(code)
    return number is not None and number.value is not None


def _counts_groups(given: MonthGiven, unit: UnitGiven) -> bool:
    return bool(unit.groups) and (given.scheme.first.disease_groups or given.scheme.mix.acts)


def _administers(unit: UnitGiven) -> bool:
    return GROUP_OF[unit.kind] == ADMINISTRATION


def _beside(unit: UnitGiven, lines: Mapping[str, Figure]) -> bool:
    """Whether a unit is paid from the line of administration and not by the model."""
    return ADMINISTRATION in lines and _administers(unit)


def _together(working: Working, pools: Mapping[str, Figure]) -> Figure:
    """The pools of a model that knows no groups, as one."""
    if len(pools) == 1:
        return next(iter(pools.values()))
    label = Label("units_pool", "科室可分配总额", "Pool of the units")
    return working.total("pool/units", label, list(pools.values()))


def _quality(working: Working, given: MonthGiven, unit: UnitGiven) -> Figure | None:
    score = filed_number(working, unit, "score", Label("unit_score", "科室考核得分", "Score of the unit"), SCORE_UNIT)
    return quality_factor(working, f"unit/{unit.code}/quality", score, given.scheme.quality) if score else None


def _coefficients(working: Working, unit: UnitGiven) -> Figure:
    label = Label("establishment", "编制系数合计", "Establishment coefficients")
    number, owner = unit.establishment, working.owner(unit.code)
    return working.entered(
        f"unit/{unit.code}/establishment", label, number.value, number.source, unit=BARE, owner=owner
    )


def _by_posts(
    working: Working, given: MonthGiven, found: FirstMonth, pool: Figure, units: Sequence[UnitGiven],
    increments: Increments,
) -> None:  # fmt: skip
    base = entered(working, "base", Label("base", "每系数基数", "Base per coefficient"), given.base)
    rows = [first.PostUnit(unit.code, _coefficients(working, unit), found.qualities.get(unit.code)) for unit in units]
    computed = first.post_model(working, base, rows, increments)
    held = _reserve(working, given)
    closed = close(working, "first", pool, computed, given.scheme.first.closing, held, given.scheme.first.rounding)
    found.bonuses = closed.bonuses
    source = pool
    if closed.drawn.value:
        label = Label("with_reserve", "可分配总额（含动用储备）", "Pool with the reserve drawn")
        source = working.total("first/source", label, [pool, closed.drawn])
    parts = (*closed.bonuses.values(), closed.to_fund)
    found.rows.append(Row("units", "科室奖金", "Unit bonuses", source, parts))


def _reserve(working: Working, given: MonthGiven) -> Figure | None:
    """What the pools of the year's earlier months have left, less what was drawn of it; None before any."""
    if not given.reserve:
        return None
    label = Label("left_before", "往月结余（动用为负）", "Left by an earlier month, drawn with a minus")
    parts = [entered(working, f"reserve/{month}", label, one) for month, one in sorted(given.reserve.items())]
    return working.total("reserve", Label("reserve", "储备金", "Reserve"), parts)


def _by_drivers(
    working: Working, given: MonthGiven, found: FirstMonth, pool: Figure, units: Sequence[UnitGiven],
    increments: Increments,
) -> None:  # fmt: skip
    values: dict[str, dict[str, Figure]] = {}
    for unit in units:
        mine = {
            "establishment": _coefficients(working, unit),
            "last_bonus": filed_number(
                working, unit, "last_bonus", Label("last_bonus", "上年奖金", "Last year's bonus")
            ),
            "balance": filed_number(working, unit, "balance", Label("balance", "收支结余", "Balance")),
            "quality": found.qualities.get(unit.code),
            "points": _points_of(working, given, found, unit) if given.scheme.drivers.get("points") else None,
        }
        for code, figure in mine.items():
            if figure is not None:
                values.setdefault(code, {})[unit.code] = figure
    rules = given.scheme
    blended = first.driver_model(
        working, "first", pool, rules.drivers, values, increments,
        losses_count_nothing=rules.first.losses_count_nothing,
    )  # fmt: skip
    found.bonuses, found.issues = blended.shares, [*found.issues, *blended.issues]
    found.rows.append(Row("units", "科室奖金", "Unit bonuses", pool, tuple(blended.shares.values())))


def _by_points(
    working: Working, given: MonthGiven, found: FirstMonth, pools: Mapping[str, Figure], units: Sequence[UnitGiven],
    increments: Increments,
) -> None:  # fmt: skip
    """Each group pool by the points of its units. A group may have a pool for outpatients and one for inpatients
    (doctor_outpatient, doctor_inpatient): then two values of a point hold, and a unit gets both parts. Costs and
    increments of a unit count once, in the one of inpatients where it earns there. The cap of an increment rests on
    both, so that outpatients come first."""
    parts: dict[str, list[Figure]] = {}
    problems: list[Problem] = []
    for code, pool in sorted(pools.items(), key=lambda one: not one[0].endswith("_outpatient")):
        group, _, setting = code.rpartition("_") if code.endswith(("_outpatient", "_inpatient")) else (code, "", "")
        mine = [unit for unit in units if _group(unit, pools) in (group, code) or not code]
        try:
            home = {unit.code for unit in mine if setting in ("", _home(working, given, found, unit))}
            entries = [_entry(working, given, found, unit, setting, costs=unit.code in home) for unit in mine]
            solved = solve_with_cap(working, f"first/{code or 'all'}", pool, entries, increments.only(home), parts)
        except Refused as refused:
            problems += refused.problems or [Problem(code, "", refused.message, refused.numbers)]
            continue
        *earlier, found.values[code] = solved.values
        found.before += earlier
        found.issues += solved.issues
        for unit, figure in solved.bonuses.items():
            parts.setdefault(unit, []).append(figure)
        zh, en, _share = given.scheme.groups.get(code, ("科室奖金", "Unit bonuses", Decimal(0)))
        found.rows.append(Row(code or "units", zh, en, pool, tuple(solved.bonuses.values())))
    if problems:
        raise Refused(
            "The pools cannot be shared by points: %(count)s things are missing or wrong.",
            count=len(problems), problems=problems,
        )  # fmt: skip
    label = Label("unit_bonus:settings", "科室奖金（门诊+住院）", "Unit bonus (outpatient and inpatient)")
    found.bonuses = {
        unit: mine[0] if len(mine) == 1
        else working.total(f"unit/{unit}/bonus", label, mine, owner=working.owner(unit))
        for unit, mine in sorted(parts.items())
    }  # fmt: skip


def _group(unit: UnitGiven, pools: Mapping[str, Figure]) -> str:
    """The group of a unit among those that have a pool: its own, else that of technology for pharmacy, else the
    doctors'."""
    bare = {code.removesuffix("_outpatient").removesuffix("_inpatient") for code in pools}
    own = GROUP_OF[unit.kind]
    return next((code for code in (own, *NEXT_TO.get(own, ())) if code in bare), "doctor")


def _home(working: Working, given: MonthGiven, found: FirstMonth, unit: UnitGiven) -> str:
    """The setting in whose pool costs and increments of a unit count: inpatients, unless it earns nothing there."""
    return INPATIENT if number(_points(working, given, found, unit)[INPATIENT]) else OUTPATIENT


def _entry(
    working: Working, given: MonthGiven, found: FirstMonth, unit: UnitGiven, setting: str, *, costs: bool
) -> Entry:  # fmt: skip
    """A unit in a pool, with or without its costs."""
    points = _points(working, given, found, unit)[setting] if setting else _points_of(working, given, found, unit)
    taken = _deduction(working, given, unit) if costs else None
    return Entry(unit.code, points, found.qualities.get(unit.code), taken)


def _deduction(working: Working, given: MonthGiven, unit: UnitGiven) -> Figure | None:
    variable = filed_number(working, unit, "variable_cost", Label("variable_cost", "变动成本", "Variable cost"))
    controllable = filed_number(
        working, unit, "controllable_cost", Label("controllable_cost", "可控成本", "Controllable cost")
    )
    standard = filed_number(
        working, unit, "controllable_standard",
        Label("controllable_standard", "可控成本标准", "Standard of the controllable cost"),
    )  # fmt: skip
    if variable is None and controllable is None:
        return None
    none = {
        code: nothing(working, given, unit, code) for code in ("variable_cost", "controllable_cost")
    }  # fmt: skip
    over = controllable or none["controllable_cost"]
    return deduction(working, unit.code, variable or none["variable_cost"], over, standard or over, given.scheme.costs)


def _points_of(working: Working, given: MonthGiven, found: FirstMonth, unit: UnitGiven) -> Figure:
    """A unit's points of both settings."""
    if unit.code not in found.points:
        both = list(_points(working, given, found, unit).values())
        label = Label("unit_points", "科室工分合计", "Points of the unit")
        found.points[unit.code] = working.total(
            f"unit/{unit.code}/points", label, both, unit=POINTS, owner=working.owner(unit.code)
        )
    return found.points[unit.code]


def _points(working: Working, given: MonthGiven, found: FirstMonth, unit: UnitGiven) -> dict[str, Figure]:
    """A unit's points by setting, made once."""
    if unit.code not in found.settings:
        found.settings[unit.code] = _made_points(working, given, found, unit)
    return found.settings[unit.code]


def _made_points(working: Working, given: MonthGiven, found: FirstMonth, unit: UnitGiven) -> dict[str, Figure]:
    owner, code = working.owner(unit.code), unit.code
    items = {
        setting: working.entered(
            f"unit/{code}/items/{setting}", ITEM_POINTS, number.value, number.source, unit=POINTS, owner=owner
        )
        for setting, number in unit.items.items()
    }
    visits = filed_number(working, unit, "visits", Label("visits", "门诊人次", "Visits"), ("人次", "visits"))
    admitted = filed_number(working, unit, "admitted", Label("admitted", "收入院病例权重", "Weight admitted"), BARE)
    outpatient = outpatient_points(
        working, code, visits or nothing(working, given, unit, "visits", ("人次", "visits")), items[OUTPATIENT],
        admitted or nothing(working, given, unit, "admitted", BARE), given.scheme.activity,
    )  # fmt: skip
    return {OUTPATIENT: outpatient, INPATIENT: _inpatient(working, given, found, unit, items[INPATIENT])}


def _inpatient(
    working: Working, given: MonthGiven, found: FirstMonth, unit: UnitGiven, items: Figure
) -> Figure:  # fmt: skip
    scheme = given.scheme
    if not _counts_groups(given, unit):
        return items
    groups = [_cases(working, unit, one) for one in unit.groups]
    label = Label("case_quality", "病案质量得分", "Quality score of the cases")
    quality = filed_number(working, unit, "case_quality", label, SCORE_UNIT)
    if quality is None:
        raise Refused(NO_CASE_QUALITY, unit=unit.code)
    cases = unit_cases(working, unit.code, groups, quality, scheme.cases)
    standard = [
        (one.code, mine.cost, mine.cases, _standard(working, unit, one))
        for one, mine in zip(unit.groups, groups, strict=True) if one.standard_cost
    ]  # fmt: skip
    found.issues += over_standard(unit.code, standard, scheme.cases)
    if scheme.first.disease_groups:
        return inpatient_points(working, unit.code, cases.points, items)
    return mixed_points(working, f"unit/{unit.code}/points/mixed", items, cases.cmi, scheme.mix)


def _standard(working: Working, unit: UnitGiven, one: GroupGiven) -> Figure:
    return _of_group(working, unit, one, "standard_cost", "标准费用", "Standard cost", one.standard_cost)


def _cases(working: Working, unit: UnitGiven, one: GroupGiven) -> GroupOfCases:
    made = {
        code: _of_group(working, unit, one, code, zh, en, getattr(one, code), what)
        for code, zh, en, what in (
            ("rw", "权重", "Relative weight", BARE), ("cases", "例数", "Cases", ("例", "cases")),
            ("days", "住院日", "Days of stay", ("日", "days")), ("cost", "费用", "Cost", YUAN),
            ("reference_days", "参照住院日", "Reference days", ("日", "days")),
            ("reference_cost", "参照费用", "Reference cost", YUAN),
        )
    }  # fmt: skip
    return GroupOfCases(one.code, **made)


def _of_group(
    working: Working, unit: UnitGiven, one: GroupGiven, code: str, zh: str, en: str, value: Decimal | int | None,
    what: tuple[str, str] = YUAN,
) -> Figure:  # fmt: skip
    key, owner = f"unit/{unit.code}/group/{one.code}/{code}", working.owner(unit.code)
    return working.entered(key, Label(f"group:{code}", zh, en), value, f"{one.source}#{code}", unit=what, owner=owner)
