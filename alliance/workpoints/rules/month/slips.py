"""The payslips of a month (W17): what each person gets, from the distribution, the rosters, the ledgers, the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alliance.core.figure import Figure, canonical, half_up
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.allowances import check_nights, night_allowances, special_share, task_allowances
from alliance.workpoints.rules.budget import matched_wages
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.month.given import CorrectionGiven, HoldingGiven, MonthGiven, Number, PersonGiven
from alliance.workpoints.rules.payslips import LINES, Line, Slip, correction, slip, wage_line, withheld
from alliance.workpoints.rules.reconciliation import Row
from alliance.workpoints.rules.subjects import Pay, operation_share, structure
from alliance.workpoints.rules.working import BARE, PERCENT, YUAN, Label, Working

TASKS = ("task",)  # pay subjects whose sums stand as "task" on a slip; the others as special pay
SCORE_UNIT = ("分", "points")
TWO_WAGES = mark("the file wage of this person is filed in another unit too; leave one of them")
# What the sums of all slips leave for the reconciliation and the issue list of a run.
SUM_ROW = "slips"
SUM_ISSUES = frozenset({"nights_differ", "operation_share", "special_share_low", "special_share_high"})


@dataclass(frozen=True, slots=True)
class Share:
    """What a person got of a unit's bonus, or of a line (heads, administration): the amount in yuan and the figure."""

    person: str
    unit: str
    sort: str  # bonus or head_bonus
    amount: Decimal
    source: str  # figure:<digest>/<key>


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line of a slip that stays as it is, in yuan: the key of its figure, and `source`, which leads to it."""

    person: str
    group: str  # the staff group
    sort: str
    subject: str  # "" for no pay subject
    key: str
    amount: Decimal
    source: str  # figure:<digest>/<key>


@dataclass(slots=True)
class SlipsMonth:
    """The slips by person, with the pay subject of each of their lines; all in yuan."""

    slips: dict[str, Slip] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)  # by the key of a line's figure
    groups: dict[str, str] = field(default_factory=dict)  # staff group by person
    results: list[Figure] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def figures(self) -> list[Figure]:
        """Everything to be kept of it."""
        found = [one.net for one in self.slips.values()] + self.results
        return found + [part for row in self.rows for part in (row.source, *row.parts)]


def make_slips(
    working: Working, given: MonthGiven, shares: Sequence[Share], only: frozenset[str] | None = None,
    others: Sequence[KeptLine] = (),
) -> SlipsMonth:  # fmt: skip
    """The slips of everybody who gets something; or of some persons only, who get one even if it is of nothing, while
    `others` stay as they are. Sums and warnings are of all.

    Refused with everything that stands in the way: nights without a rate, wages without a score, more taken off than
    there is.
    """
    found = SlipsMonth()
    lines: dict[str, list[Line]] = {}

    def add(person: str, line: Line, subject: str) -> None:
        lines.setdefault(person, []).append(line)
        found.subjects[line.amount.key] = subject

    def mine(person: str) -> bool:
        return only is None or person in only

    for one in given.people:
        found.groups.setdefault(one.number, one.family)
    found.groups.update({person: last.family for person, last in given.others.items()})
    for share in shares:
        if mine(share.person):
            add(share.person, _share(working, share), "bonus")
    nights = [one for one in given.nights if mine(one.person)]
    paid = night_allowances(working, nights, given.scheme.nights)
    for person, figure in paid.items():
        add(person, Line("night", figure), "night")
    for (person, subject), figure in task_allowances(working, [one for one in given.tasks if mine(one.person)]).items():
        add(person, Line("task" if subject in TASKS else "special", figure), subject)
    for person, line in _wages(working, given, mine):
        add(person, line, "file_wage")
    for past in given.corrections:
        if mine(past.person):
            add(past.person, _correction(working, past), "")
    holdings: dict[str, list[HoldingGiven]] = {}
    for held_pay in given.holdings:
        if mine(held_pay.person):
            holdings.setdefault(held_pay.person, []).append(held_pay)
    problems: list[Problem] = []
    # Withheld pay is released to whoever has left, too.
    for person in sorted(lines.keys() | holdings.keys() | (only or frozenset())):
        found_lines = lines.get(person, [])
        try:
            held = _holdings(working, person, found_lines, holdings.get(person, ()))
            found.slips[person] = slip(working, person, [*found_lines, *held])
            found.subjects.update({line.amount.key: "" for line in held})
        except Refused as refused:
            problems += refused.problems or [Problem(person, "", refused.message, refused.numbers)]
    if problems:
        raise Refused("The payslips cannot be made: %(count)s things are missing or wrong.",
                      count=len(problems), problems=problems)  # fmt: skip
    _sum_up(working, given, found, others, shares, paid)
    return found


def _share(working: Working, share: Share) -> Line:
    label = (
        Label("head_bonus_paid", "科主任奖金", "Head's bonus") if share.sort == "head_bonus"
        else Label("unit_share", "科室奖金分配所得", "Share of the unit's bonus")
    )  # fmt: skip
    key = f"person/{share.person}/{share.sort}/{share.unit or 'line'}"
    owner = working.owner(person=share.person)
    return Line(share.sort, working.entered(key, label, share.amount, share.source, owner=owner))


def _wages(working: Working, given: MonthGiven, mine: Callable[[str], bool]) -> list[tuple[str, Line]]:
    """The matched performance part of file wages, for whom one is filed, by goal factor and personal score."""
    found, problems, seen = [], list[Problem](), set[str]()
    factor = None
    for one in given.people:
        wage = one.numbers.get("file_wage")
        if wage is None or wage.value is None or not mine(one.number):
            continue
        if one.number in seen:
            problems.append(Problem(f"{one.unit}/{one.number}", canonical(wage.value), TWO_WAGES))
            continue
        seen.add(one.number)
        score = one.numbers.get("score")
        if score is None or score.value is None:
            problems.append(issue("person_without_score", f"{one.unit}/{one.number}").problem)
            continue
        factor = factor or working.entered(
            "factor",
            Label("goal_factor", "目标系数", "Goal factor"),
            given.factor.value,
            given.factor.source,
            unit=BARE,
        )
        found.append((one.number, _wage(working, given, one, wage, score, factor)))
    if problems:
        raise Refused("%(count)s file wages cannot be paid.", count=len(problems), problems=problems)
    return found


def _wage(
    working: Working, given: MonthGiven, one: PersonGiven, wage: Number, score: Number, factor: Figure
) -> Line:  # fmt: skip
    owner, person = working.owner(person=one.number), one.number
    filed = working.entered(
        f"person/{person}/wage", Label("wage", "档案工资绩效部分", "Performance part of the file wage"), wage.value,
        wage.source, owner=owner,
    )  # fmt: skip
    scored = working.entered(
        f"person/{person}/score", Label("person_score", "个人考核得分", "Personal score"), score.value, score.source,
        unit=SCORE_UNIT, owner=owner,
    )  # fmt: skip
    matched = matched_wages(working, person, filed, given.scheme.budget)
    return Line("file_wage", wage_line(working, person, matched, factor, scored))


def _correction(working: Working, one: CorrectionGiven) -> Line:
    owner = working.owner(person=one.person)
    key, source = f"person/{one.person}/corrected/{one.number}", f"correction:{working.hospital}/{one.number}"
    right = working.entered(
        f"{key}/right", Label("right", "更正后金额", "Right amount"), one.right, source, owner=owner
    )
    paid = working.entered(
        f"{key}/paid", Label("already_paid", "已发金额", "Paid amount"), one.paid, one.paid_source, owner=owner
    )
    return correction(working, one.person, one.month, right, paid)


def _holdings(
    working: Working, person: str, lines: Sequence[Line], holdings: Sequence[HoldingGiven]
) -> list[Line]:  # fmt: skip
    owner, found = working.owner(person=person), []
    for one in holdings:
        key, source = f"person/{person}/held/{one.number}", f"holding:{working.hospital}/{one.number}"
        if one.sort == "withheld" and one.rate is not None:
            due = working.total(
                f"{key}/due", Label("due", "应发合计", "Due"), [line.amount for line in lines], owner=owner
            )
            rate = working.entered(
                f"{key}/rate", Label("held_rate", "暂扣比例", "Part withheld"), one.rate, source, unit=PERCENT,
                owner=owner,
            )  # fmt: skip
            found.append(withheld(working, person, due, rate))
        else:
            label = {
                "withheld": Label("held", "暂扣", "Withheld"),
                "released": Label("released", "补发暂扣", "Withheld pay released"),
                "recovered": Label("recovered", "追回", "Recovered"),
            }[one.sort]
            found.append(
                Line(one.sort, working.entered(f"{key}/amount", label, one.amount, source, unit=YUAN, owner=owner))
            )
    return found


def _sum_up(
    working: Working, given: MonthGiven, found: SlipsMonth, others: Sequence[KeptLine], shares: Sequence[Share],
    paid: Mapping[str, Figure],
) -> None:  # fmt: skip
    """The sums by subject and group, the share of medical operation pay, the warning lines, what went where."""
    stay = {one.person for one in others}  # their nights are not paid again
    nights = working.entered(
        "roster/nights", Label("roster_nights", "排班夜班数", "Nights of the roster"),
        sum(one.person not in stay for one in given.nights), f"roster:{working.hospital}/{working.period}",
        unit=("个", "nights"),
    )  # fmt: skip
    found.issues += check_nights(nights, paid.values())
    standing = [(one.sort, Pay(one.subject, one.group, _standing(working, one))) for one in others]
    lines = standing + [
        (line.sort, Pay(found.subjects[line.amount.key], found.groups.get(one.person, "administration"), line.amount))
        for one in found.slips.values() for line in one.lines
    ]  # fmt: skip
    pays = [pay for _sort, pay in lines if pay.subject]
    sums = structure(working, pays)
    share, issues = operation_share(working, pays, given.scheme.budget.operation_share, given.before)
    found.issues += issues
    found.results += [*sums.values(), *([share] if share is not None else [])]
    special = [pay.amount for pay in pays if pay.subject not in ("bonus", "file_wage")]
    if special:
        whole = working.total(
            "paid/all", Label("paid_all", "绩效合计", "All performance pay"), [p.amount for p in pays]
        )
        part = working.total("paid/special", Label("paid_special", "专项绩效合计", "Special pay"), special)
        rules = given.scheme.special
        ratio, issues = special_share(working, part, whole, rules.lower, rules.upper)
        found.issues += issues
        found.results += [ratio] if ratio is not None else []
    bonuses = [pay.amount for sort, pay in lines if sort in ("bonus", "head_bonus")]
    source = working.entered(
        "shares", Label("shares", "二次分配合计", "Sum of the second distribution"),
        half_up(sum((share.amount for share in shares), Decimal(0)), 2), f"bonus:{working.hospital}/{working.period}",
    )  # fmt: skip
    if bonuses:
        found.rows.append(Row(SUM_ROW, "个人奖金", "Personal bonuses", source, tuple(bonuses)))


def _standing(working: Working, one: KeptLine) -> Figure:
    """A line that stays, as an input of the sums."""
    zh, en, _sign = LINES[one.sort]
    label, owner = Label(f"standing:{one.sort}", zh, en), working.owner(person=one.person)
    return working.entered(one.key, label, one.amount, one.source, owner=owner)
