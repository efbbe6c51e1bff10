"""Heads and administration (W15): a multiple of the peers' mean, and the clinical mean by grade and key figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, canonical, derived
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.working import BARE, FACTOR_PLACES, YUAN, Label, Working, added, number

ASPECTS: dict[str, tuple[str, str]] = {
    "base": ("基础", "Base"),
    "efficiency": ("效率", "Efficiency"),
    "scale": ("规模", "Scale"),
    "management": ("管理", "Management"),
    "operation": ("运营", "Operation"),
}

ASPECT_SCORE = Name("score", "各方面得分", "scores of the aspects")
ASPECT_WEIGHT = Name("weight", "各方面权重", "weights of the aspects")
SCORE = Name("score", "科主任考核得分", "head's score")
LEAST = Name("least", "最低倍数", "least multiple")
SPAN = Name("span", "倍数幅度", "span of the multiple")
FROM = Name("start", "起算分", "score from which the multiple rises")
WIDTH = Name("width", "计分区间", "points over which it rises")
PEER = Name("peer", "同类人员奖金", "peers' bonuses")
MEAN = Name("mean", "同类人员均值", "peers' mean")
MULTIPLE = Name("multiple", "倍数", "multiple")
CLINICAL = Name("mean", "临床人均奖金", "mean clinical bonus")
GRADE = Name("grade", "岗位等级系数", "grade coefficient")
KEY_FIGURES = Name("score", "关键指标得分", "key-figure score")
PEER_DAYS = Name("peer_days", "各人在岗天数", "days of the peers")
DAYS = Name("days", "在岗天数", "days in the unit")
MONTH_DAYS = Name("month_days", "当月天数", "days of the month")


@dataclass(frozen=True, slots=True)
class HeadRules:
    """least + span × clamp((score − start) ÷ width, 0, 1); a multiple outside [low, high] needs a reason."""

    least: Decimal = Decimal("1.6")
    span: Decimal = Decimal("0.4")
    start: Decimal = Decimal(60)
    width: Decimal = Decimal(40)
    low: Decimal = Decimal("1.6")
    high: Decimal = Decimal("2.0")


GRADES: Mapping[str, Decimal] = {
    "A": Decimal("1.2"), "B": Decimal("1.0"), "C": Decimal("0.85"), "D": Decimal("0.7"),
}  # fmt: skip


def in_unit(key: str, unit: str) -> str:
    """The key of a part of a month in two units; the unit comes last, for its head does not read these."""
    return f"{key}/{unit}" if unit else key


def head_score(
    working: Working, person: str, aspects: Mapping[str, tuple[Figure, Decimal]], unit: str = ""
) -> Figure:  # fmt: skip
    """Σ score × weight ÷ Σ weight over the aspects, two places. Refused: unknown aspects, weights that add up to 0."""
    unknown = sorted(aspects.keys() - ASPECTS.keys())
    if unknown or sum(weight for _, weight in aspects.values()) <= 0:
        raise Refused("%(person)s: the aspects of the head's score are unknown or weigh nothing.", person=person)
    kind = working.kind(
        Label("head_score", SCORE.zh, "Head's score"), "sum(score * weight) / sum(weight)", "2",
        names=(ASPECT_SCORE, ASPECT_WEIGHT), unit=("分", "points"),
    )  # fmt: skip
    top, bottom, scores, weights = Fraction(0), Fraction(0), [], []
    for code, (score, weight) in aspects.items():
        zh, en = ASPECTS[code]
        scores.append(("score", score))
        weights.append(("weight", working.number(f"heads.{code}", f"权重：{zh}", f"Weight: {en}", weight)))
        top += Fraction(number(score)) * Fraction(weight)
        bottom += Fraction(weight)
    owner = working.owner(person=person)
    return derived(in_unit(f"person/{person}/head_score", unit), kind, top / bottom, [*scores, *weights], owner=owner)


def head_multiple(
    working: Working, person: str, score: Figure, rules: HeadRules, unit: str = ""
) -> Figure:  # fmt: skip
    """1.6 + 0.4 × clamp((score − 60) ÷ 40, 0, 1) by default: 80 gives 1.8, 50 gives 1.6."""
    if rules.width <= 0:
        raise Refused("The head's multiple rises over %(width)s points; that must be above 0.", width=rules.width)
    numbers = {
        name.name: working.number(f"heads.{name.name}", name.zh, name.en.capitalize(), value, BARE)
        for name, value in ((LEAST, rules.least), (SPAN, rules.span), (FROM, rules.start), (WIDTH, rules.width))
    }
    kind = working.kind(
        Label("head_multiple", "科主任倍数", "Head's multiple"),
        "least + span * min(max((score - start) / width, 0), 1)", FACTOR_PLACES,
        names=(SCORE, LEAST, SPAN, FROM, WIDTH), unit=BARE,
    )  # fmt: skip
    way = (Fraction(number(score)) - Fraction(rules.start)) / Fraction(rules.width)
    exact = Fraction(rules.least) + Fraction(rules.span) * min(max(way, Fraction(0)), Fraction(1))
    inputs = [("score", score), *numbers.items()]
    key = in_unit(f"person/{person}/head_multiple", unit)
    return derived(key, kind, exact, inputs, owner=working.owner(person=person))


@dataclass(frozen=True, slots=True)
class Present:
    """How much of a month somebody was in a unit: the days there and the days of the month."""

    days: Figure
    month_days: Figure

    @property
    def part(self) -> Fraction:
        return Fraction(number(self.days)) / Fraction(number(self.month_days))

    @property
    def whole(self) -> bool:
        return self.part == 1


def peers_mean(
    working: Working, key: str, peers: Sequence[Figure], label: Label, present: Sequence[Present] = ()
) -> Figure:  # fmt: skip
    """The mean of bonuses, two places; where somebody was there for a part of the month only, by days: 3,000 for a
    month and 1,000 for ten days of thirty are 3,000 a head. Refused, with the place, when there are no peers."""
    if not peers:
        raise Refused("%(place)s: there are no peers to take the mean of.", place=key)
    inputs = [("peer", one) for one in peers]
    if all(one.whole for one in present):
        kind = working.kind(label, "sum(peer) / count(peer)", "2", names=(PEER,))
        return derived(key, kind, Fraction(added(peers)) / len(peers), inputs, owner=working.owner())
    kind = working.kind(
        Label(f"{label.code}:days", f"{label.zh}（按在岗天数）", f"{label.en}, by days"),
        "sum(peer) * month_days / sum(peer_days)", "2", names=(PEER, MONTH_DAYS, PEER_DAYS),
    )  # fmt: skip
    exact = Fraction(added(peers)) / sum((one.part for one in present), Fraction(0))
    inputs += [("month_days", present[0].month_days), *(("peer_days", one.days) for one in present)]
    return derived(key, kind, exact, inputs, owner=working.owner())


def head_bonus(
    working: Working, person: str, mean: Figure, multiple: Figure, rules: HeadRules, present: Present | None = None,
    unit: str = "",
) -> tuple[Figure, list[Issue]]:  # fmt: skip
    """Peers' mean × multiple, by the days in the unit, and the issue of a multiple outside the limits (a multiple may
    be decided by hand). `unit` tells apart the parts of a month in two units."""
    bonus = _by_days(
        working, in_unit(f"person/{person}/head_bonus", unit),
        Label("head_bonus", "科主任奖金", "Head's bonus"), ("mean * multiple", (MEAN, MULTIPLE)),
        Fraction(number(mean)) * Fraction(number(multiple)), [("mean", mean), ("multiple", multiple)], present,
        working.owner(person=person),
    )  # fmt: skip
    outside = not rules.low <= number(multiple) <= rules.high
    return bonus, [issue("head_multiple", f"person/{person}", number(multiple))] if outside else []


def grade_coefficient(working: Working, person: str, grade: str, grades: Mapping[str, Decimal] = GRADES) -> Figure:
    """The coefficient of a grade of administration posts; refused for a grade that there is not."""
    if grade not in grades:
        raise Refused("%(person)s: %(grade)s is no grade of administration posts.", person=person, grade=grade)
    return working.number(
        f"administration.grades.{grade}", f"{GRADE.zh} {grade}", f"Grade coefficient {grade}", grades[grade], BARE
    )


def administration_bonus(
    working: Working, person: str, mean: Figure, grade: Figure, score: Figure, present: Present | None = None,
    unit: str = "",
) -> Figure:  # fmt: skip
    """Mean clinical bonus × grade coefficient × key-figure score ÷ 100: 8,000 at grade C with 90 gives 6,120, and for
    10 days of 30 2,040. `unit` tells apart the parts of a month in two units."""
    return _by_days(
        working, in_unit(f"person/{person}/bonus", unit),
        Label("administration_bonus", "行政后勤奖金", "Administration bonus"),
        ("mean * grade * score / 100", (CLINICAL, GRADE, KEY_FIGURES)),
        Fraction(number(mean)) * Fraction(number(grade)) * Fraction(number(score)) / 100,
        [("mean", mean), ("grade", grade), ("score", score)], present, working.owner(person=person),
    )  # fmt: skip


def _by_days(
    working: Working, key: str, label: Label, told: tuple[str, tuple[Name, ...]], exact: Fraction,
    inputs: list[tuple[str, Figure]], present: Present | None, owner: str,
) -> Figure:  # fmt: skip
    """A bonus of a whole month, or of the days that somebody was there; `told` is its formula with its names."""
    formula, names = told
    if present is None or present.whole:
        return derived(key, working.kind(label, formula, "2", names=names), exact, inputs, owner=owner)
    kind = working.kind(
        Label(f"{label.code}:days", f"{label.zh}（按在岗天数）", f"{label.en}, by days"),
        f"{formula} * days / month_days", "2", names=(*names, DAYS, MONTH_DAYS),
    )  # fmt: skip
    inputs = [*inputs, ("days", present.days), ("month_days", present.month_days)]
    return derived(key, kind, exact * present.part, inputs, owner=owner)


def within_line(working: Working, key: str, line: Figure, bonuses: Sequence[Figure]) -> Figure:
    """What an own pool line (of heads, of administration) leaves to the year-end fund; refused, with both amounts, when
    it falls short."""
    total = added(bonuses)
    if total > number(line):
        problem = Problem(key, canonical(total), mark("the pool is smaller than its fixed parts"))
        raise Refused(
            "%(place)s: the line holds %(line)s CNY, its bonuses are %(total)s CNY.",
            place=key, line=line.value, total=total, problems=[problem],
        )  # fmt: skip
    kind = working.kind(
        Label("line_left", "专项线结余，转入年终预留", "Left of the line, to the year-end fund"),
        "line - sum(bonus)", "2", unit=YUAN,
        names=(Name("line", "专项额度", "pool line"), Name("bonus", "各人奖金", "bonuses")),
    )  # fmt: skip
    inputs = [("line", line), *(("bonus", one) for one in bonuses)]
    return derived(key, kind, Fraction(number(line)) - Fraction(total), inputs, owner=working.owner())
