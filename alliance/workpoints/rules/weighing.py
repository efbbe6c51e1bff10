"""How a person's value enters a department's template (W14): as it is, alike, at least so much, a head's by mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived
from alliance.core.refused import Refused
from alliance.core.steps import Step
from alliance.workpoints.rules.working import BARE, FACTOR_PLACES, Label, Working, added, number

OWN, EQUAL, LEAST, HEAD_MEAN = "own", "equal", "least", "head_mean"
WEIGHINGS = (OWN, EQUAL, LEAST, HEAD_MEAN)
HEAD, HEAD_NURSE = "head", "head_nurse"
DUTIES = (HEAD, HEAD_NURSE)

VALUE = Name("value", "本人值", "own value")
LEAST_NAME = Name("least", "无工作量者计", "counted without workload")
SCORES = Name("score", "各人得分", "scores")
TIMES = Name("times", "倍数", "multiple")
POST = Name("post", "岗位系数", "post coefficient")
SENIORITY = Name("seniority", "年资系数", "seniority coefficient")
SCORE = Name("score", "个人考核得分", "personal score")
DAYS = Name("days", "在岗天数", "days in the unit")
EACH_POST = Name("value", "各岗位系数", "coefficients of the posts")
POST_DAYS = Name("days", "各岗位任职天数", "days in each post")
MONTH_DAYS = Name("month_days", "当月天数", "days of the month")
NEWCOMER = Name("newcomer", "新入职系数", "newcomer's factor")
BY = Name("factor", "系数", "factor")
RATE = Name("rate", "系数", "factor")


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a unit in a month, with what its share may rest on.

    `duty` is head, head_nurse or "". Who is `excluded` (study, maternity …) gets no share; the word says why. A person
    transferred in the month is a member of both units, each with its `days`.
    """

    person: str
    family: str
    post: Figure | None = None
    seniority: Figure | None = None
    score: Figure | None = None
    days: Figure | None = None
    month_days: Figure | None = None
    newcomer: Figure | None = None
    duty: str = ""
    excluded: str = ""
    values: Mapping[str, Figure] | None = None


def by_days(
    working: Working, key: str, person: str, label: Label, values: Sequence[Figure], days: Sequence[Figure]
) -> Figure:
    """What posts that a person held in turn come to: the mean of their values by days, six places. Fifteen days at 1.05
    and fifteen at 2.1 are 1.575."""
    kind = working.kind(
        Label(f"{label.code}:posts", f"{label.zh}（按任职天数）", f"{label.en}, by days in each post"),
        "sum(value * days) / sum(days)", FACTOR_PLACES, names=(EACH_POST, POST_DAYS), unit=BARE,
    )  # fmt: skip
    pairs = [(Fraction(number(value)), Fraction(number(part))) for value, part in zip(values, days, strict=True)]
    exact = sum((value * part for value, part in pairs), Fraction(0)) / sum(part for _, part in pairs)
    inputs = [*(("value", one) for one in values), *(("days", one) for one in days)]
    return derived(key, kind, exact, inputs, owner=working.owner(person=person))


def coefficient(working: Working, unit: str, member: Member) -> Figure:
    """(post + seniority) × score ÷ 100, by the days in the unit and, for newcomers, their factor; six places.

    Refused when post, seniority or score is not there.
    """
    parts = [("post", member.post), ("seniority", member.seniority), ("score", member.score)]
    formula, names = "(post + seniority) * score / 100", [POST, SENIORITY, SCORE]
    if member.days is not None:
        parts += [("days", member.days), ("month_days", member.month_days)]
        formula, names = f"{formula} * days / month_days", [*names, DAYS, MONTH_DAYS]
    if member.newcomer is not None:
        parts.append(("newcomer", member.newcomer))
        formula, names = f"{formula} * newcomer", [*names, NEWCOMER]
    inputs = [(name, part) for name, part in parts if part is not None]
    if len(inputs) < len(parts):
        raise Refused("%(unit)s/%(person)s: post, seniority or score is missing.", unit=unit, person=member.person)
    value = {name: Fraction(number(part)) for name, part in inputs}
    exact = (value["post"] + value["seniority"]) * value["score"] / 100 * value.get("newcomer", Fraction(1))
    if "days" in value:
        exact = exact * value["days"] / value["month_days"]
    kind = working.kind(
        Label(f"coefficient:{len(names)}{member.newcomer is not None}", "个人系数", "Personal coefficient"), formula,
        FACTOR_PLACES, names=names, unit=BARE,
    )  # fmt: skip
    key = f"unit/{unit}/person/{member.person}/coefficient"
    return derived(key, kind, exact, inputs, owner=working.owner(person=member.person))


def in_post(
    working: Working, key: str, person: str, post: Figure, seniority: Figure, part: tuple[Figure, Figure] | None
) -> Figure:
    """Post + seniority, four places as staffing counts; for a `part` of the month × days ÷ days of the month."""
    exact = Fraction(number(post)) + Fraction(number(seniority))
    formula, names, code = "post + seniority", [POST, SENIORITY], "in_post"
    inputs = [("post", post), ("seniority", seniority)]
    if part is not None:
        exact = exact * Fraction(number(part[0])) / Fraction(number(part[1]))
        formula, names, code = f"({formula}) * days / month_days", [*names, DAYS, MONTH_DAYS], "in_post:days"
        inputs += zip(("days", "month_days"), part, strict=True)
    kind = working.kind(Label(code, "岗位与年资系数", "Post and seniority"), formula, "4", names=names, unit=BARE)
    return derived(f"{key}/in_post", kind, exact, inputs, owner=working.owner(person=person))


def newcomer_factor(working: Working, person: str, months: Figure, steps: Sequence[Step]) -> Figure:
    """What a newcomer's coefficient is multiplied by, from the full months since the hire; 1 where no step holds.

    With steps of 0.7 to 3 months, 0.85 to 6 and 1 from there on, 4 months give 0.85.
    """
    held = number(months)
    for step in steps:
        if (step.start is None or step.start <= held) and (step.end is None or held < step.end):
            rate = working.number(f"newcomer.{step.start or 0}", NEWCOMER.zh, "Newcomer's factor", step.rate, BARE)
            break
    else:
        rate = working.number("newcomer.none", "无新入职系数", "No newcomer's factor", 1, BARE)
    kind = working.kind(Label("newcomer", NEWCOMER.zh, "Newcomer's factor"), "rate", names=(RATE,), unit=BARE)
    inputs = (("rate", rate), ("without", months))
    return derived(f"person/{person}/newcomer", kind, number(rate), inputs, owner=working.owner(person=person))


def weigh(
    working: Working, key: str, place: str, members: Sequence[Member], factor: str, way: str, size: Decimal
) -> dict[str, Figure]:
    """The values of a factor by person. `place` is where the scheme holds the number `size`.

    own: as entered; equal: 1 each; least: who has 0 counts as `size`; head_mean: a head without a value of its own
    counts as the mean of the positive values × `size`. Refused: somebody without a value, no positive value to take
    the mean of.
    """
    if way == EQUAL:
        one = working.number(f"{place}.equal", "均等", "Alike", 1, BARE)
        return {member.person: _alike(working, key, member, one) for member in members}
    values = {member.person: _entered(key, member, factor) for member in members}
    if way == LEAST:
        return {person: _at_least(working, key, place, person, figure, size) for person, figure in values.items()}
    if way != HEAD_MEAN:
        return values
    heads = [member.person for member in members if member.duty and not number(values[member.person])]
    return values | {person: _mean(working, key, place, person, values, size) for person in heads}


def multiplied(
    working: Working, key: str, members: Sequence[Member], values: Mapping[str, Figure], times: str
) -> dict[str, Figure]:  # fmt: skip
    """Everybody's value times another of their values, such as a title's coefficient."""
    kind = working.kind(
        Label("multiplied", "加权值", "Weighted value"), "value * factor", names=(VALUE, BY), unit=BARE
    )  # fmt: skip
    found = {}
    for member in members:
        value, factor = values[member.person], _entered(key, member, times)
        exact = Fraction(number(value)) * Fraction(number(factor))
        inputs = (("value", value), ("factor", factor))
        owner = working.owner(person=member.person)
        found[member.person] = derived(f"{key}/times/{member.person}", kind, exact, inputs, owner=owner)
    return found


def _entered(key: str, member: Member, factor: str) -> Figure:
    found = (member.values or {}).get(factor)
    if found is None or found.value is None:
        raise Refused(
            "%(place)s: %(person)s has no value of the factor %(factor)s.",
            place=key, person=member.person, factor=factor,
        )  # fmt: skip
    return found


def _alike(working: Working, key: str, member: Member, one: Figure) -> Figure:
    kind = working.kind(Label("alike", "均等份额", "Alike"), "one", names=(Name("one", "份额", "part"),), unit=BARE)
    owner = working.owner(person=member.person)
    return derived(f"{key}/alike/{member.person}", kind, 1, (("one", one),), owner=owner)


def _at_least(working: Working, key: str, place: str, person: str, figure: Figure, size: Decimal) -> Figure:
    if number(figure):
        return figure
    least = working.number(f"{place}.least", LEAST_NAME.zh, "Counted without workload", size, BARE)
    kind = working.kind(
        Label("least", "计入值", "Value as counted"), "least if value == 0 else value", "4", names=(VALUE, LEAST_NAME),
        unit=BARE,
    )  # fmt: skip
    inputs = (("value", figure), ("least", least))
    return derived(f"{key}/least/{person}", kind, size, inputs, owner=figure.owner)


def _mean(
    working: Working, key: str, place: str, person: str, values: Mapping[str, Figure], size: Decimal
) -> Figure:  # fmt: skip
    positive = [figure for _, figure in sorted(values.items()) if number(figure) > 0]
    if not positive:
        raise Refused(
            "%(place)s: nobody has a value above 0 to take the mean of for %(person)s.", place=key, person=person
        )
    times = working.number(f"{place}.head_mean", TIMES.zh, "Multiple of the mean", size, BARE)
    kind = working.kind(
        Label("head_mean", "按均值计入", "Counted by the mean"), "sum(score) / count(score > 0) * times", FACTOR_PLACES,
        names=(SCORES, TIMES), unit=BARE,
    )  # fmt: skip
    exact = Fraction(added(positive)) / len(positive) * Fraction(size)
    inputs = [*(("score", figure) for figure in positive), ("times", times), ("without", values[person])]
    return derived(f"{key}/mean/{person}", kind, exact, inputs, owner=working.owner(person=person))
