"""The second distribution of a month (W14, W15): from the units' bonuses to persons, heads and administration."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from alliance.core.figure import Figure, canonical
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules import heads
from alliance.workpoints.rules.closing import BONUS
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.month.first import LINE_NAMES, FirstMonth
from alliance.workpoints.rules.month.given import (
    ADMINISTRATION,
    GROUP_OF,
    HEADS,
    MonthGiven,
    Number,
    PersonGiven,
    UnitGiven,
)
from alliance.workpoints.rules.reconciliation import Row
from alliance.workpoints.rules.second import Second, SecondRules, distribute, not_ready
from alliance.workpoints.rules.weighing import Member, by_days, in_post, newcomer_factor
from alliance.workpoints.rules.working import BARE, POINTS, Label, Working, added

DAYS_UNIT = ("天", "days")
SCORE_UNIT = ("分", "points")
POST = Label("post", "岗位系数", "Post coefficient")
SENIORITY = Label("seniority", "年资系数", "Seniority coefficient")
DAYS = Label("days", "在岗天数", "Days in the unit")
MONTH_DAYS = Label("month_days", "当月天数", "Days of the month")
PERSON_POINTS = Label("person_points", "个人工分", "Points of the person")
NO_BONUS = mark("this unit has no bonus in the month, so nothing of its reserve can be released with it")
OVER_RESERVE = mark("is to be released of the unit's reserve, which holds %(held)s CNY")
PERSON_SCORE = Label("person_score", "个人考核得分", "Personal score")


@dataclass(slots=True)
class SecondMonth:
    """By unit what its persons get; by person what heads and administration get; all in yuan."""

    units: dict[str, Second] = field(default_factory=dict)
    heads: dict[str, Figure] = field(default_factory=dict)
    administration: dict[str, Figure] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def figures(self) -> list[Figure]:
        """Everything to be kept of it."""
        found = [share for one in self.units.values() for share in one.shares.values()]
        found += [one.reserve for one in self.units.values() if one.reserve is not None]
        found += [*self.heads.values(), *self.administration.values()]
        return found + [part for row in self.rows for part in (row.source, *row.parts)]


def share_first(working: Working, given: MonthGiven, first: FirstMonth, digest: str) -> SecondMonth:
    """The second distribution, whose pools are figures of the first, kept under a digest; refused as `share_month`."""
    bonuses = {
        unit: working.entered(
            f"unit/{unit}/first", Label(BONUS.code, BONUS.zh, BONUS.en), figure.value, f"figure:{digest}/{figure.key}",
            owner=working.owner(unit),
        )
        for unit, figure in first.bonuses.items()
    }  # fmt: skip
    lines = {
        code: working.entered(
            f"line/{code}", Label(f"line:{code}", *LINE_NAMES[code]), figure.value, f"figure:{digest}/{figure.key}"
        )
        for code, figure in first.lines.items()
    }
    return share_month(working, given, bonuses, lines)


def share_month(
    working: Working, given: MonthGiven, bonuses: Mapping[str, Figure], lines: Mapping[str, Figure]
) -> SecondMonth:  # fmt: skip
    """Every unit's bonus to its people, then the lines of heads and administration.

    Refused with everything of all units that stands in the way: nobody to take a bonus, persons without post or score.
    """
    found = SecondMonth()
    problems: list[Problem] = []
    by_unit, seen = _by_unit(given), _Seen(working, given)
    released, wrong = _released(working, given, bonuses)
    problems += wrong
    for unit, bonus in bonuses.items():
        members = seen.members(by_unit.get(unit, []), HEADS in lines)
        rules, mine = rules_of(given, unit), released.get(unit, [])
        if not bonus.value and not mine and not any(not one.excluded for one in members):
            continue
        try:
            shared = distribute(working, unit, bonus, members, rules, released=mine)
        except Refused as refused:
            problems += refused.problems or [Problem(unit, "", refused.message, refused.numbers)]
            continue
        found.units[unit] = shared
        found.issues += shared.issues
        kept = (shared.reserve,) if shared.reserve is not None else ()
        found.rows.append(Row(f"unit/{unit}", "科室奖金", "Unit bonus", shared.whole, (*shared.shares.values(), *kept)))
    if problems:
        raise Refused("The run cannot go on: %(count)s things are missing or wrong.",
                      count=len(problems), problems=problems)  # fmt: skip
    if HEADS in lines:
        _heads(seen, found, lines[HEADS])
    if ADMINISTRATION in lines:
        _administration(seen, found, lines[ADMINISTRATION], by_unit)
    return found


def _released(
    working: Working, given: MonthGiven, bonuses: Collection[str]
) -> tuple[dict[str, list[Figure]], list[Problem]]:
    """By unit what is released of its reserve with the month; and what cannot be: more than the reserve holds, for a
    unit without a bonus."""
    found: dict[str, list[Figure]] = {}
    for one in given.releases:
        label = Label("reserve_released", "动用科室留存", "Released of the unit's reserve")
        key, source = f"unit/{one.unit}/released/{one.number}", f"reserve:{given.hospital}/{one.number}"
        found.setdefault(one.unit, []).append(
            working.entered(key, label, one.amount, source, owner=working.owner(one.unit))
        )
    problems = []
    for unit, mine in sorted(found.items()):
        held, amount = given.held.get(unit, Decimal(0)), added(mine)
        if unit not in bonuses:
            problems.append(Problem(unit, canonical(amount), NO_BONUS))
        elif amount > held:
            problems.append(Problem(unit, canonical(amount), OVER_RESERVE, {"held": held}))
    return found, problems


def rules_of(given: MonthGiven, unit: str) -> SecondRules:
    """The rule by which a unit distributes: its own, whose reserve keeps to the limit of the scheme as it is now."""
    own = given.rules.get(unit)
    if own is None:
        return given.scheme.second
    return replace(own, reserve_limit=min(own.reserve_limit, given.scheme.limits.reserve))


def _by_unit(given: MonthGiven) -> dict[str, list[PersonGiven]]:
    found: dict[str, list[PersonGiven]] = {}
    for person in given.people:
        found.setdefault(person.unit, []).append(person)
    return found


def not_ready_people(working: Working, given: MonthGiven, units: Iterable[UnitGiven]) -> list[Problem]:
    """The persons of units that the model pays, the heads and the administration whose numbers are missing, known
    before any line is added up. Units of the line of administration are none of `units`."""
    by_unit, seen, problems = _by_unit(given), _Seen(working, given), list[Problem]()
    for unit in units:
        members = seen.members(by_unit.get(unit.code, []), HEADS in given.scheme.groups)
        taking = [one for one in members if not one.excluded]
        if taking:
            problems += not_ready(unit.code, taking, rules_of(given, unit.code))
    if HEADS in given.scheme.groups:
        paid = {unit.code for unit in given.units}
        for one in given.people:
            if one.duty and one.unit in paid and not one.excluded and not _is_scored_head(one):
                problems.append(issue("person_without_score", one.number).problem)
    if ADMINISTRATION in given.scheme.groups:
        _people, missing = _office_people(given, by_unit)
        problems += missing
    return problems


def _is_scored_head(one: PersonGiven) -> bool:
    return any(
        number.value is not None for code, number in one.numbers.items() if code == "multiple" or code in heads.ASPECTS
    )


def _office_people(
    given: MonthGiven, by_unit: Mapping[str, Sequence[PersonGiven]]
) -> tuple[list[tuple[PersonGiven, Number]], list[Problem]]:
    """Who is paid from the line of administration, with the score that counts; and who has none."""
    found, problems = [], []
    for unit in given.units:
        for one in by_unit.get(unit.code, ()) if _is_office(unit) else ():
            number = one.numbers.get("key_figures") or one.numbers.get("score")
            if not one.excluded and number is not None and number.value is not None:
                found.append((one, number))
            elif not one.excluded:
                problems.append(issue("person_without_score", f"{one.unit}/{one.number}").problem)
    return found, problems


@dataclass(frozen=True, slots=True)
class _Seen:
    """Makes each person's figures once, although a person may be in two units."""

    working: Working
    given: MonthGiven
    known: dict[str, Figure] = field(default_factory=dict)

    def figure(
        self, key: str, label: Label, number: Number, person: str, what: tuple[str, str] = BARE
    ) -> Figure:  # fmt: skip
        if key not in self.known:
            owner = self.working.owner(person=person)
            self.known[key] = self.working.entered(key, label, number.value, number.source, unit=what, owner=owner)
        return self.known[key]

    def members(self, people: Iterable[PersonGiven], heads_apart: bool) -> list[Member]:
        """Who takes part in a unit's distribution; heads do not where a line of their own pays them."""
        return [self.member(one) for one in people if not (heads_apart and one.duty)]

    def fact(
        self, one: PersonGiven, label: Label, value: Decimal | int, what: tuple[str, str] = BARE, post: int = 0
    ) -> Figure:
        """Something that the staff records tell of a person in a unit, or of one of several posts there."""
        source = f"staff:{self.given.hospital}/{one.number}/{self.given.month.code}/{one.unit}#{label.code}"
        key = f"person/{one.number}/{one.unit}/{label.code}" + (f"/{post}" if post else "")
        return self.figure(key, label, Number(Decimal(value), source), one.number, what)

    def post(self, one: PersonGiven) -> Figure:
        """The coefficient of the post; of several in the unit the mean by days."""
        if not one.posts:
            return self.fact(one, POST, one.post)
        values = [self.fact(one, POST, each.coefficient, post=place) for place, each in enumerate(one.posts, 1)]
        return self.by_days(one, f"person/{one.number}/{one.unit}/{POST.code}", POST, values)

    def grade(self, one: PersonGiven) -> Figure:
        """The coefficient of the post's grade, C where it has none; of several posts in the unit the mean by days."""
        grades, label = self.given.scheme.grades, Label("grade", heads.GRADE.zh, "Grade coefficient")
        held = [each.grade for each in one.posts] or [one.grade]
        found = [heads.grade_coefficient(self.working, one.number, each or "C", grades) for each in held]
        key = heads.in_unit(f"person/{one.number}/grade", one.unit)
        return self.by_days(one, key, label, found) if one.posts else found[0]

    def by_days(self, one: PersonGiven, key: str, label: Label, values: Sequence[Figure]) -> Figure:
        if key not in self.known:
            days = [self.fact(one, DAYS, each.days, DAYS_UNIT, place) for place, each in enumerate(one.posts, 1)]
            self.known[key] = by_days(self.working, key, one.number, label, values, days)
        return self.known[key]

    def present(self, one: PersonGiven) -> heads.Present:
        """The days of a person in a unit and those of the month."""
        return heads.Present(
            self.fact(one, DAYS, one.days, DAYS_UNIT), self.fact(one, MONTH_DAYS, self.given.days, DAYS_UNIT)
        )

    def member(self, one: PersonGiven) -> Member:
        person, place = one.number, f"person/{one.number}/{one.unit}"
        post, seniority = self.post(one), self.fact(one, SENIORITY, one.seniority)
        days = self.fact(one, DAYS, one.days, DAYS_UNIT)
        whole = self.fact(one, MONTH_DAYS, self.given.days, DAYS_UNIT) if one.days != self.given.days else None
        values = {
            code: self.figure(f"{place}/value/{code}", Label(f"value:{code}", code, code), number, person)
            for code, number in one.numbers.items() if code != "score" and number.value is not None
        }  # fmt: skip
        both = in_post(self.working, place, person, post, seniority, (days, whole) if whole else None)
        values |= {"post": post, "seniority": seniority, "in_post": both, "days": days}
        if one.points is not None:
            values["points"] = self.figure(f"{place}/points", PERSON_POINTS, one.points, person, POINTS)
        score = self.score(one)
        if score is not None:
            values["score"] = score
        return Member(
            person, one.family, post, seniority, score, days if whole else None, whole, self.newcomer(one), one.duty,
            one.excluded, values,
        )  # fmt: skip

    def score(self, one: PersonGiven) -> Figure | None:
        number = one.numbers.get("score")
        if number is None or number.value is None:
            return None
        return self.figure(f"person/{one.number}/{one.unit}/score", PERSON_SCORE, number, one.number, SCORE_UNIT)

    def newcomer(self, one: PersonGiven) -> Figure | None:
        steps = self.given.scheme.newcomers
        if not steps or not steps[-1].start or one.months >= steps[-1].start:
            return None
        source = f"staff:{self.given.hospital}/{one.number}/{self.given.month.code}/{one.unit}#months"
        label = Label("months", "入职满月数", "Full months since the hire")
        key = f"person/{one.number}/months"
        months = self.figure(key, label, Number(Decimal(one.months), source), one.number, ("个月", "months"))
        made = f"person/{one.number}/newcomer"
        if made not in self.known:
            self.known[made] = newcomer_factor(self.working, one.number, months, steps)
        return self.known[made]


def _heads(seen: _Seen, found: SecondMonth, line: Figure) -> None:
    """Heads: the mean of their peers (same staff group, units of the same kind of work, without heads) × their
    multiple, in each unit by the days there."""
    working, given = seen.working, seen.given
    kinds = {unit.code: GROUP_OF[unit.kind] for unit in given.units}
    leading = [one for one in given.people if one.duty and one.unit in kinds and not one.excluded]
    peers: dict[tuple[str, str], _Mean] = {}
    for one in given.people:
        share = found.units[one.unit].shares.get(one.number) if one.unit in found.units else None
        if not one.duty and share is not None and not one.excluded:
            peers.setdefault((one.family, kinds[one.unit]), _Mean()).add(share, seen.present(one))
    problems: list[Problem] = []
    parts: dict[str, list[Figure]] = {}
    apart = _in_two_units(leading)
    label = Label("peers_mean", "同类人员奖金均值", "Mean of the peers' bonuses")
    for one in sorted(leading, key=lambda one: (one.number, one.unit)):
        place = (one.family, kinds[one.unit])
        try:
            mean = peers.setdefault(place, _Mean()).figure(working, f"heads/{place[0]}/{place[1]}", label)
            unit = one.unit if one.number in apart else ""
            bonus, issues = heads.head_bonus(
                working, one.number, mean, _multiple(working, given, one, unit), given.scheme.heads,
                seen.present(one), unit,
            )  # fmt: skip
        except Refused as refused:
            problems += refused.problems or [Problem(one.number, "", refused.message, refused.numbers)]
            continue
        parts.setdefault(one.number, []).append(bonus)
        found.issues += issues
    if problems:
        raise Refused("The run cannot go on: %(count)s things are missing or wrong.",
                      count=len(problems), problems=problems)  # fmt: skip
    label = Label("head_bonus:units", "科主任奖金（两个单元）", "Head's bonus (two units)")
    found.heads = {person: _one(working, person, "head_bonus", label, mine) for person, mine in parts.items()}
    _line(working, found, HEADS, LINE_NAMES[HEADS], line, found.heads)


@dataclass(slots=True)
class _Mean:
    """Bonuses of which one mean is taken, made once."""

    shares: list[Figure] = field(default_factory=list)
    present: list[heads.Present] = field(default_factory=list)
    made: Figure | None = None

    def add(self, share: Figure, present: heads.Present) -> None:
        self.shares.append(share)
        self.present.append(present)

    def figure(self, working: Working, key: str, label: Label) -> Figure:
        if self.made is None:
            self.made = heads.peers_mean(working, key, self.shares, label, self.present)
        return self.made


def _in_two_units(people: Iterable[PersonGiven]) -> set[str]:
    """Who stands among some people more than once."""
    seen, twice = set[str](), set[str]()
    for one in people:
        (twice if one.number in seen else seen).add(one.number)
    return twice


def _one(working: Working, person: str, code: str, label: Label, parts: Sequence[Figure]) -> Figure:
    """What a person gets of a line in all: a transferred one has a part for each unit."""
    if len(parts) == 1:
        return parts[0]
    return working.total(f"person/{person}/{code}", label, parts, owner=working.owner(person=person))


def _multiple(working: Working, given: MonthGiven, one: PersonGiven, unit: str = "") -> Figure:
    """A multiple decided by hand, or by the head's score; `unit` of a head of two."""
    key, owner = f"person/{one.number}", working.owner(person=one.number)
    decided = one.numbers.get("multiple")
    if decided is not None and decided.value is not None:
        label = Label("head_multiple:decided", "科主任倍数（核定）", "Head's multiple (decided)")
        return working.entered(
            heads.in_unit(f"{key}/multiple", unit), label, decided.value, decided.source, unit=BARE, owner=owner
        )
    aspects = {}
    for code, (zh, en) in heads.ASPECTS.items():
        number = one.numbers.get(code)
        if number is not None and number.value is not None:
            label = Label(f"aspect:{code}", f"科主任考核：{zh}", f"Head's score: {en}")
            figure = working.entered(
                heads.in_unit(f"{key}/aspect/{code}", unit),
                label,
                number.value,
                number.source,
                unit=SCORE_UNIT,
                owner=owner,
            )
            aspects[code] = (figure, Decimal(20))
    if not aspects:
        raise Refused("The scores of a head are missing.", problems=[issue("person_without_score", one.number).problem])
    score = heads.head_score(working, one.number, aspects, unit)
    return heads.head_multiple(working, one.number, score, given.scheme.heads, unit)


def _administration(
    seen: _Seen, found: SecondMonth, line: Figure, by_unit: Mapping[str, Sequence[PersonGiven]]
) -> None:
    """Administration: the mean clinical bonus × the post's grade × the key-figure score ÷ 100, by the days there."""
    working, given = seen.working, seen.given
    mean = _clinical_mean(seen, found, by_unit)
    people, problems = _office_people(given, by_unit)
    apart = _in_two_units(one for one, _number in people)
    parts: dict[str, list[Figure]] = {}
    for one, number in people:
        owner, unit = working.owner(person=one.number), one.unit if one.number in apart else ""
        label = Label("key_figures", "关键指标得分", "Key-figure score")
        key = heads.in_unit(f"person/{one.number}/key_figures", unit)
        score = working.entered(key, label, number.value, number.source, unit=SCORE_UNIT, owner=owner)
        parts.setdefault(one.number, []).append(
            heads.administration_bonus(working, one.number, mean, seen.grade(one), score, seen.present(one), unit)
        )
    if problems:
        raise Refused("The run cannot go on: %(count)s things are missing or wrong.",
                      count=len(problems), problems=problems)  # fmt: skip
    label = Label("administration_bonus:units", "行政后勤奖金（两个单元）", "Administration bonus (two units)")
    found.administration = {person: _one(working, person, "bonus", label, mine) for person, mine in parts.items()}
    _line(working, found, ADMINISTRATION, LINE_NAMES[ADMINISTRATION], line, found.administration)


def _clinical_mean(seen: _Seen, found: SecondMonth, by_unit: Mapping[str, Sequence[PersonGiven]]) -> Figure:
    """The mean of those who take part in a clinical unit's distribution; who is excluded is nobody's mean."""
    clinical, mean = {unit.code for unit in seen.given.units if unit.clinical}, _Mean()
    for unit in sorted(clinical & found.units.keys()):
        for one in by_unit.get(unit, ()):
            share = found.units[unit].shares.get(one.number)
            if share is not None and not one.excluded:
                mean.add(share, seen.present(one))
    label = Label("clinical_mean", "临床服务类科室人均奖金", "Mean bonus of the units of the clinical accounting class")
    return mean.figure(seen.working, "administration/mean", label)


def _is_office(unit: UnitGiven) -> bool:
    return unit.kind in ("administration", "logistics")


def _line(
    working: Working, found: SecondMonth, code: str, names: tuple[str, str], line: Figure, paid: Mapping[str, Figure]
) -> None:  # fmt: skip
    """A line of its own: what it pays and what it has left."""
    left = heads.within_line(working, f"{code}/left", line, list(paid.values()))
    found.rows.append(Row(code, *names, line, (*paid.values(), left)))
