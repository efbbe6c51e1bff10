"""The second distribution (W14): from a unit's bonus to its people, by coefficient and score or by a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived
from alliance.core.refused import Problem, Refused
from alliance.workpoints.rules.blend import Factor, blend
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.weighing import OWN, Member, coefficient, multiplied, weigh
from alliance.workpoints.rules.working import LARGEST_REMAINDER, YUAN, Label, Working, added, number

COEFFICIENT, TEMPLATE, FIXED_ONLY = "coefficient", "template", "fixed"
WAYS = (COEFFICIENT, TEMPLATE, FIXED_ONLY)
WHOLE = Decimal(100)
ALL = "all"

BONUS = Name("bonus", "科室奖金", "unit bonus")
RESERVE = Name("reserve", "科室留存", "unit reserve")
FIXED = Name("fixed", "定额部分", "fixed parts")
RATE = Name("rate", "留存比例", "rate of the reserve")
COUNT = Name("count", "人数", "persons")
EACH = Name("each", "每人定额", "amount of each")
PARTS = Name("part", "各部分所得", "parts")
SHARE = Label("person_bonus", "个人奖金", "Personal bonus")


@dataclass(frozen=True, slots=True)
class PartFactor:
    """A factor of a part: its weight in %, and how values enter, with the number that this way needs.

    `times` names another value of the person by which this one is multiplied, such as a title's coefficient.
    """

    code: str
    zh: str
    en: str
    weight: Decimal
    way: str = OWN
    size: Decimal = Decimal(0)
    times: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what a unit distributes: its share of the whole, for whom (duties, families or all), by what."""

    code: str
    zh: str
    en: str
    share: Decimal
    factors: tuple[PartFactor, ...]
    who: frozenset[str] = frozenset({ALL})

    def takes(self, member: Member) -> bool:
        return bool(self.who & {ALL, member.duty, member.family})


@dataclass(frozen=True, slots=True)
class Fixed:
    """A fixed amount for each of some people, taken before everything else is shared; in yuan."""

    code: str
    zh: str
    en: str
    each: Decimal
    who: frozenset[str] = frozenset({ALL})

    def takes(self, member: Member) -> bool:
        return bool(self.who & {ALL, member.duty, member.family})


@dataclass(frozen=True, slots=True)
class SecondRules:
    """How a unit distributes; by default the whole bonus by coefficients, without a reserve. Rates in %.

    The shares of the parts add up to `whole`: 100, or 3 for two thirds and a third. Where only fixed amounts are paid,
    what is left unspent is the reserve.
    """

    way: str = COEFFICIENT
    reserve: Decimal = Decimal(0)
    reserve_limit: Decimal = Decimal(0)
    rounding: str = LARGEST_REMAINDER
    whole: Decimal = WHOLE
    place: str = "second"  # where the rule is kept: in the scheme, or a unit's own
    parts: tuple[Part, ...] = ()
    fixed: tuple[Fixed, ...] = ()


@dataclass(frozen=True, slots=True)
class Second:
    """What was shared out, the personal bonuses by person, the unit's reserve (None when there is none), and what to
    look at."""

    whole: Figure
    shares: dict[str, Figure]
    reserve: Figure | None
    issues: list[Issue]


def distribute(
    working: Working, unit: str, bonus: Figure, members: Sequence[Member], rules: SecondRules, pool: str = "second",
    released: Sequence[Figure] = (),
) -> Second:  # fmt: skip
    """A unit's bonus to its people, with what is released of what earlier months kept; Σ persons + reserve = bonus +
    released, to the cent. Allowances never enter. A new reserve is a part of the bonus alone.

    A unit that distributes several pools by rules of their own (a reading fee, a bed allowance) names each `pool`.

    Refused, with unit, person and amount: nobody to take it, persons without post or score, a part without anybody,
    weights that add up to 0, a bonus smaller than its fixed parts, a reserve beyond its limit.
    """
    taking = [member for member in sorted(members, key=lambda one: one.person) if not member.excluded]
    _check(unit, bonus, taking, rules)
    key = f"unit/{unit}/{pool}"
    whole = _whole(working, key, unit, bonus, released)
    reserve = None if rules.way == FIXED_ONLY else _reserve(working, key, unit, bonus, rules)
    fixed = {one.code: _fixed(working, key, rules.place, one, taking) for one in rules.fixed}
    rest = _rest(working, key, unit, whole, reserve, [part for row in fixed.values() for part in row.values()])
    issues: list[Issue] = []
    rows: list[dict[str, Figure]] = []
    if rules.way == FIXED_ONLY:
        reserve = rest
    elif rules.way == COEFFICIENT:
        weights = {member.person: coefficient(working, unit, member) for member in taking}
        rows = [working.share_out(key, SHARE, rest, weights, rules.rounding)]
    else:
        rows, issues = _by_template(working, key, rest, taking, rules)
    rows += fixed.values()
    shares = {}
    for member in taking:
        mine = [row[member.person] for row in rows if member.person in row]
        shares[member.person] = _together(working, key, member.person, mine)
    left_out = {member.person: _nothing(working, key, member) for member in members if member.excluded}
    return Second(whole, shares | left_out, reserve, issues)


def _check(unit: str, bonus: Figure, taking: Sequence[Member], rules: SecondRules) -> None:
    if not taking:
        problem = issue("unit_without_people", unit, str(number(bonus))).problem
        raise Refused(
            "%(unit)s: nobody can take its bonus of %(amount)s CNY.", unit=unit, amount=bonus.value, problems=[problem]
        )
    problems = not_ready(unit, taking, rules)
    if problems:
        raise Refused(
            "%(unit)s: its bonus of %(amount)s CNY cannot be distributed.",
            unit=unit, amount=bonus.value, problems=problems,
        )  # fmt: skip


def not_ready(unit: str, taking: Sequence[Member], rules: SecondRules) -> list[Problem]:
    """What stands in the way of a unit's distribution whatever its bonus is: persons without post or score, parts
    without anybody."""
    problems = []
    if rules.way == COEFFICIENT:
        problems = [
            issue("person_without_post", f"{unit}/{one.person}", "").problem for one in taking if one.post is None
        ] + [
            issue("person_without_score", f"{unit}/{one.person}", "").problem for one in taking if one.score is None
        ]  # fmt: skip
    parts: list[Part | Fixed] = [*rules.parts, *rules.fixed]
    for part in parts:
        if not any(part.takes(member) for member in taking):
            problems.append(issue("unit_without_people", f"{unit}/{part.code}", ", ".join(sorted(part.who))).problem)
    return problems


def _whole(working: Working, key: str, unit: str, bonus: Figure, released: Sequence[Figure]) -> Figure:
    """The bonus with what is released of the unit's reserve; the bonus itself where nothing is."""
    if not released:
        return bonus
    label = Label("unit_bonus:released", "科室奖金（含动用留存）", "Unit bonus with what is released of its reserve")
    return working.total(f"{key}/whole", label, [bonus, *released], owner=working.owner(unit))


def _reserve(working: Working, key: str, unit: str, bonus: Figure, rules: SecondRules) -> Figure | None:
    if not rules.reserve:
        return None
    if not 0 < rules.reserve <= rules.reserve_limit:
        raise Refused(
            "%(unit)s keeps %(rate)s%% in reserve; the scheme allows %(limit)s%%.",
            unit=unit, rate=rules.reserve, limit=rules.reserve_limit,
        )  # fmt: skip
    rate = working.number(f"{rules.place}.reserve", RATE.zh, "Rate of the reserve", rules.reserve)
    kind = working.kind(
        Label("unit_reserve", RESERVE.zh, "Unit reserve"), "floor(bonus * rate) / 100", "2", names=(BONUS, RATE)
    )
    exact = Fraction((Fraction(number(bonus)) * Fraction(rules.reserve)).__floor__(), 100)
    inputs = (("bonus", bonus), ("rate", rate))
    return derived(f"{key}/reserve", kind, exact, inputs, owner=working.owner(unit))


def _fixed(working: Working, key: str, place: str, fixed: Fixed, taking: Sequence[Member]) -> dict[str, Figure]:
    each = working.number(f"{place}.fixed.{fixed.code}", fixed.zh, fixed.en, fixed.each, YUAN)
    kind = working.kind(Label(f"{place}.fixed.{fixed.code}", fixed.zh, fixed.en), "each", "2", names=(EACH,))
    return {
        member.person: derived(
            f"{key}/fixed/{fixed.code}/{member.person}", kind, fixed.each, (("each", each),),
            owner=working.owner(person=member.person),
        )
        for member in taking if fixed.takes(member)
    }  # fmt: skip


def _rest(
    working: Working, key: str, unit: str, bonus: Figure, reserve: Figure | None, fixed: Sequence[Figure]
) -> Figure:  # fmt: skip
    """What is shared once reserve and fixed parts are off; the bonus itself where there are none."""
    if reserve is None and not fixed:
        return bonus
    taken = added([*fixed, *([reserve] if reserve else [])])
    if taken > number(bonus):
        raise Refused(
            "%(unit)s: its bonus of %(amount)s CNY is smaller than its fixed parts of %(fixed)s CNY.",
            unit=unit, amount=bonus.value, fixed=taken,
        )  # fmt: skip
    kind = working.kind(
        Label("second_rest", "其余可分金额", "Left to share"), "bonus - sum(reserve) - sum(fixed)", "2",
        names=(BONUS, RESERVE, FIXED),
    )  # fmt: skip
    inputs = [("bonus", bonus), *(("fixed", one) for one in fixed)] + ([("reserve", reserve)] if reserve else [])
    exact = Fraction(number(bonus)) - Fraction(taken)
    return derived(f"{key}/rest", kind, exact, inputs, owner=working.owner(unit))


def _by_template(
    working: Working, key: str, rest: Figure, taking: Sequence[Member], rules: SecondRules
) -> tuple[list[dict[str, Figure]], list[Issue]]:
    """The shares of each part; the parts themselves by largest remainders."""
    pools = _part_pools(working, key, rest, rules)
    rows, issues = [], []
    for part in rules.parts:
        mine = [member for member in taking if part.takes(member)]
        place, where = f"{key}/{part.code}", f"{rules.place}.{part.code}"
        factors = [
            Factor(one.code, one.zh, one.en, one.weight, _values(working, place, where, one, mine))
            for one in part.factors
        ]
        label = Label(where, part.zh, part.en)
        blended = blend(working, place, where, label, pools[part.code], factors, dropping=True, rounding=rules.rounding)
        rows.append(blended.shares)
        issues += blended.issues
    return rows, issues


def _values(
    working: Working, place: str, where: str, factor: PartFactor, mine: Sequence[Member]
) -> dict[str, Figure]:  # fmt: skip
    """Everybody's value of a factor, as it enters."""
    key = f"{place}/{factor.code}"
    found = weigh(working, key, f"{where}.{factor.code}", mine, factor.code, factor.way, factor.size)
    return multiplied(working, key, mine, found, factor.times) if factor.times else found


def _part_pools(working: Working, key: str, rest: Figure, rules: SecondRules) -> dict[str, Figure]:
    total = sum((part.share for part in rules.parts), Decimal(0))
    if total != rules.whole or total <= 0:
        raise Refused(
            "%(place)s: the shares of its parts add up to %(sum)s, not to %(whole)s.",
            place=key, sum=total, whole=rules.whole,
        )  # fmt: skip
    if len(rules.parts) == 1:
        return {rules.parts[0].code: rest}
    weights = {
        part.code: working.number(f"{rules.place}.{part.code}", f"占比：{part.zh}", f"Share: {part.en}", part.share)
        for part in rules.parts
    }
    return working.share_out(
        f"{key}/parts", Label("second_part", "二次分配分项", "Part of a unit's bonus"), rest, weights
    )


def _together(working: Working, key: str, person: str, parts: Sequence[Figure]) -> Figure:
    """A person's bonus of a unit; 0 for who has no part."""
    if len(parts) == 1:
        return parts[0]
    return working.total(
        f"{key}/person/{person}", Label(f"{SHARE.code}:sum", SHARE.zh, SHARE.en), parts,
        owner=working.owner(person=person),
    )  # fmt: skip


def _nothing(working: Working, key: str, member: Member) -> Figure:
    """The share of somebody excluded: 0, with why."""
    kind = working.kind(
        Label(f"{SHARE.code}:{member.excluded}", f"{SHARE.zh}（不参与分配）", f"{SHARE.en} (takes no part)"), "0", "2",
        clause=f"second.excluded.{member.excluded}",
    )  # fmt: skip
    return derived(f"{key}/person/{member.person}", kind, 0, (), owner=working.owner(person=member.person))
