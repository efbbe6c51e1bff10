"""What a bonus scheme must keep before it may be decided (W0), and what needs a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from alliance.core.figure import canonical, sum_exactly
from alliance.core.refused import Problem, mark
from alliance.workpoints.rules import closing, first, second
from alliance.workpoints.rules.income import INCOME, ORDERING, Draw, forbidden
from alliance.workpoints.rules.issues import WARNING
from alliance.workpoints.rules.scheme import BonusScheme
from alliance.workpoints.rules.subjects import GROUPS
from alliance.workpoints.rules.techniques import check_techniques
from alliance.workpoints.rules.weighing import DUTIES, OWN

WHOLE = mark("must add up to exactly %(whole)s")
FROM_TO = mark("must lie between %(least)s and %(most)s")
BOTH_MIXES = mark("case mix and points by disease group would count difficulty twice")


def check_hard(scheme: BonusScheme) -> list[Problem]:
    """What makes a scheme impossible or forbidden, each with its place."""
    return [
        *forbidden([Draw(f"accrual.{one.code}", one.item_class, measure=INCOME) for one in scheme.accruals]),
        *_check_first(scheme),
        *_check_points(scheme),
        *check_techniques(scheme.techniques),
        *check_second("second", scheme.second, scheme.limits.reserve),
        *_check_numbers(scheme),
    ]


NO_INPATIENT = mark("costs and increments count in the pool of inpatients; give the group one, or name it %(name)s")


def _check_first(scheme: BonusScheme) -> list[Problem]:
    problems = []
    rules = scheme.first
    if rules.model == first.POST and rules.closing == closing.EXACT:
        reason = mark("the post model closes by none or cap; exact is for points and drivers")
        problems.append(Problem("first.closing", rules.closing, reason))
    if rules.model != first.POST and rules.closing != closing.EXACT:
        reason = mark("the point model and the driver model close exactly")
        problems.append(Problem("first.closing", rules.closing, reason))
    if rules.model == first.DRIVER or scheme.drivers:
        problems += _sum("drivers", scheme.drivers.values())
        unknown = sorted(scheme.drivers.keys() - first.DRIVERS.keys())
        problems += [Problem(f"drivers.{code}", code, mark("there is no such driver")) for code in unknown]
    if scheme.groups:
        problems += _sum("groups", (share for _, _, share in scheme.groups.values()))
        alone = [
            code
            for code in scheme.groups
            if code.endswith("_outpatient") and f"{code[:-11]}_inpatient" not in scheme.groups
        ]
        problems += [
            Problem(f"groups.{code}", code, NO_INPATIENT, {"name": code.removesuffix("_outpatient")})
            for code in sorted(alone)
        ]
    if rules.disease_groups and scheme.mix.acts:
        where = "exponent" if scheme.mix.exponent != 1 else "strategic"
        problems.append(Problem(f"mix.{where}", canonical(getattr(scheme.mix, where)), BOTH_MIXES))
    return problems


def _check_points(scheme: BonusScheme) -> list[Problem]:
    problems = []
    if scheme.roles:
        total = sum_exactly(scheme.roles.values())
        if total != 1 or any(share < 0 for share in scheme.roles.values()):
            reason = mark("the shares of the roles must add up to exactly 1")
            problems.append(Problem("roles", canonical(total), reason))
        if set(scheme.roles) == {ORDERING}:
            problems.append(Problem("roles", ORDERING, mark("somebody must earn points for performing")))
    steps = scheme.increments.steps
    if steps and steps[0].start:
        reason = mark("a progressive table must begin at 0")
        problems.append(Problem("increments.step", canonical(steps[0].start), reason))
    problems += [
        Problem("increments.step", canonical(step.rate), mark("must be 0 or more")) for step in steps if step.rate < 0
    ]  # fmt: skip
    for one in scheme.nights:
        if one.rate < 0:
            problems.append(Problem(f"night.{one.shift}", canonical(one.rate), mark("must be 0 or more")))
        if one.until <= one.start:
            problems.append(Problem(f"night.{one.shift}", str(one.until), mark("the row ends before it begins")))
    return problems


def check_second(where: str, rules: second.SecondRules, most: Decimal) -> list[Problem]:
    """A rule of the second distribution: shares and weights add up, people are meant who can be there, the reserve
    keeps to the scheme's limit."""
    problems = []
    if rules.reserve > min(most, rules.reserve_limit):
        reason = mark("a unit's reserve may take at most %(limit)s%%")
        limit = min(most, rules.reserve_limit)
        problems.append(Problem(f"{where}.reserve", canonical(rules.reserve), reason, {"limit": limit}))
    if rules.way == second.FIXED_ONLY and most < second.WHOLE:
        reason = mark("fixed amounts alone keep what they leave; a unit's reserve may take at most %(limit)s %%")
        problems.append(Problem(f"{where}.way", rules.way, reason, {"limit": most}))
    if rules.way == second.TEMPLATE or rules.parts:
        problems += _sum(f"{where}.part", (part.share for part in rules.parts), rules.whole)
    for part in rules.parts:
        problems += _sum(f"{where}.{part.code}.factor", (one.weight for one in part.factors))
        problems += [
            Problem(f"{where}.{part.code}.{one.code}.size", canonical(one.size), mark("must be 0 or more"))
            for one in part.factors if one.way != OWN and one.size < 0
        ]  # fmt: skip
    known = {second.ALL, *DUTIES, *GROUPS}
    chosen = [(part.code, part.who) for part in rules.parts] + [(one.code, one.who) for one in rules.fixed]
    problems += [
        Problem(f"{where}.{code}.who", word, mark("is no duty and no staff group"))
        for code, who in chosen for word in sorted(who - known)
    ]  # fmt: skip
    return problems + [
        Problem(f"{where}.{one.code}", canonical(one.each), mark("must be 0 or more")) for one in rules.fixed
        if one.each < 0
    ]  # fmt: skip


def _check_numbers(scheme: BonusScheme) -> list[Problem]:
    """Numbers that must lie in a range."""
    ranges: Mapping[str, tuple[Decimal, int, int]] = {
        "budget.year_end": (scheme.budget.year_end, 0, 20),
        "budget.match": (scheme.budget.match, 0, 100),
        "increments.cap": (scheme.increments.cap, 0, 100),
        "quality.gate": (scheme.quality.gate, 0, 100),
        "costs.variable_rate": (scheme.costs.variable_rate, 0, 100),
        "costs.over_rate": (scheme.costs.over_rate, 0, 100),
        "mix.exponent": (scheme.mix.exponent, 1, 2),
        "limits.shift": (scheme.limits.shift, 0, 100),
        "limits.reserve": (scheme.limits.reserve, 0, 100),
        "limits.publicity": (Decimal(scheme.limits.publicity), 1, 60),
        "limits.totals": (scheme.limits.totals, 0, 100),
        "special.lower": (scheme.special.lower, 0, 100),
        "special.upper": (scheme.special.upper, 0, 100),
    }
    problems = [
        Problem(where, canonical(value), FROM_TO, {"least": least, "most": most})
        for where, (value, least, most) in ranges.items() if not least <= value <= most
    ]  # fmt: skip
    ends = {
        "budget": (scheme.budget.goal_low, scheme.budget.goal_high),
        "cases": (scheme.cases.low, scheme.cases.high),
        "heads": (scheme.heads.low, scheme.heads.high),
        "special": (scheme.special.lower, scheme.special.upper),
    }
    return problems + [
        Problem(where, f"{canonical(low)} > {canonical(high)}", mark("the lower limit is above the upper one"))
        for where, (low, high) in ends.items() if low > high
    ]  # fmt: skip


def check_soft(scheme: BonusScheme) -> list[Problem]:
    """What practice and policy expect; outside only with a reason that is decided with the scheme."""
    problems = []
    if scheme.budget.operation_share < 80:
        reason = WARNING["operation_share"]
        problems.append(Problem("budget.operation_share", canonical(scheme.budget.operation_share), reason))
    if scheme.limits.shift > 5:
        reason = mark("a head should shift no more than a twentieth of a person's amount")
        problems.append(Problem("limits.shift", canonical(scheme.limits.shift), reason))
    highest = scheme.heads.least + scheme.heads.span
    if scheme.heads.low < Decimal("1.6") or scheme.heads.high > 2 or highest > 2:
        text = f"{canonical(scheme.heads.least)}–{canonical(highest)}"
        problems.append(Problem("heads", text, mark("a head's multiple should lie between 1.6 and 2.0")))
    return problems


def _sum(where: str, shares: Iterable[Decimal], whole: Decimal = second.WHOLE) -> list[Problem]:
    """Shares that do not add up to the whole, or are negative."""
    found = list(shares)
    total = sum_exactly(found)
    wrong = total != whole or any(share < 0 for share in found)
    return [Problem(where, canonical(total), WHOLE, {"whole": canonical(whole)})] if wrong else []
