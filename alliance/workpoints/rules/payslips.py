"""Payslips (W17): the lines of a person's month, corrections of past months, what is withheld and recovered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived
from alliance.core.money import cents, split, yuan
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused
from alliance.workpoints.rules.working import Label, Working, added, number

MOST_RECOVERED = 3  # months over which something may be recovered

# The sorts of lines in the order of a slip: name and sign. What is taken off stands as a positive amount.
LINES: dict[str, tuple[str, str, int]] = {
    "bonus": ("奖金", "Bonus", 1),
    "head_bonus": ("科主任奖金", "Head's bonus", 1),
    "file_wage": ("档案工资绩效部分及匹配", "File wage with the match", 1),
    "night": ("夜班费", "Night allowance", 1),
    "task": ("任务津贴", "Task allowance", 1),
    "special": ("专项绩效", "Special pay", 1),
    "correction": ("往月更正", "Correction of a past month", 1),
    "released": ("补发暂扣", "Withheld pay released", 1),
    "withheld": ("暂扣", "Withheld", -1),
    "recovered": ("追回", "Recovered", -1),
}
ADDED = Name("plus", "应发各项", "added")
TAKEN = Name("minus", "扣减各项", "taken off")
WAGE = Name("wage", "档案工资绩效部分及匹配", "file wage with the match")
FACTOR = Name("factor", "目标系数", "goal factor")
SCORE = Name("score", "个人考核得分", "personal score")
RIGHT = Name("right", "更正后金额", "right amount")
PAID = Name("paid", "已发金额", "paid amount")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a slip: its sort, its amount, and for a correction the month that it corrects (2026-02)."""

    sort: str
    amount: Figure
    month: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """A person's payslip: its lines in order, and what is paid."""

    person: str
    lines: tuple[Line, ...]
    net: Figure


def slip(working: Working, person: str, lines: Sequence[Line]) -> Slip:
    """A slip of lines: what is added less what is taken off.

    Refused, with person and amount: a sort that there is not, a correction without its past month, more withheld and
    recovered than is due, corrections that leave less than nothing.
    """
    _check(working, person, lines)
    order = list(LINES)
    mine = sorted(lines, key=lambda line: (order.index(line.sort), line.month, line.amount.key))
    inputs = [("plus" if LINES[line.sort][2] > 0 else "minus", line.amount) for line in mine]
    kind = working.kind(Label("net_pay", "实发", "Paid"), "sum(plus) - sum(minus)", "2", names=(ADDED, TAKEN))
    due = added(figure for name, figure in inputs if name == "plus")
    taken = added(figure for name, figure in inputs if name == "minus")
    if due < 0:
        raise Refused(
            "%(person)s: what is corrected leaves %(due)s CNY, less than nothing; correct less and recover the rest in "
            "other months.", person=person, due=due,
        )  # fmt: skip
    if taken > due:
        raise Refused(
            "%(person)s: %(taken)s CNY are taken off a slip of %(due)s CNY; recover the rest in another month.",
            person=person, taken=taken, due=due,
        )  # fmt: skip
    exact = Fraction(due) - Fraction(taken)
    net = derived(f"person/{person}/net", kind, exact, inputs, owner=working.owner(person=person))
    return Slip(person, tuple(mine), net)


def _check(working: Working, person: str, lines: Sequence[Line]) -> None:
    for line in lines:
        if line.sort not in LINES:
            raise Refused("%(person)s: %(sort)s is no sort of line of a payslip.", person=person, sort=line.sort)
        if line.sort == "correction" and not _is_past(line.month, working.period):
            raise Refused(
                "%(person)s: a correction of %(amount)s CNY names %(month)s, which is no month before %(period)s.",
                person=person, amount=line.amount.value, month=line.month or "—", period=working.period,
            )  # fmt: skip
        if LINES[line.sort][2] < 0 and number(line.amount) < 0:
            raise Refused(
                "%(person)s: %(amount)s CNY cannot be taken off; the amount must be 0 or more.",
                person=person, amount=line.amount.value,
            )  # fmt: skip


def _is_past(month: str, now: str) -> bool:
    if not month:
        return False
    one, other = Period.parse(month), Period.parse(now)
    return one.kind is PeriodKind.MONTH and one.start < other.start


def wage_line(working: Working, person: str, matched: Figure, factor: Figure, score: Figure) -> Figure:
    """The matched file wage by goal factor and score, without a floor: 300 × 1 at a score of 95 is 285."""
    kind = working.kind(
        Label("file_wage_paid", WAGE.zh, "File wage with the match, by score"), "wage * factor * score / 100", "2",
        names=(WAGE, FACTOR, SCORE),
    )  # fmt: skip
    exact = Fraction(number(matched)) * Fraction(number(factor)) * Fraction(number(score)) / 100
    inputs = (("wage", matched), ("factor", factor), ("score", score))
    return derived(f"person/{person}/file_wage_paid", kind, exact, inputs, owner=working.owner(person=person))


def correction(working: Working, person: str, month: str, right: Figure, paid: Figure) -> Line:
    """What a past month should have paid less what it paid, as a line of this month's slip.

    `paid` is a given figure whose source is the figure of that run, so that the line leads to it.
    """
    kind = working.kind(
        Label("correction", "往月更正", "Correction of a past month"), "right - paid", "2", names=(RIGHT, PAID)
    )
    exact = Fraction(number(right)) - Fraction(number(paid))
    key = f"person/{person}/correction/{month}/{paid.key}"
    inputs = (("right", right), ("paid", paid))
    return Line("correction", derived(key, kind, exact, inputs, owner=working.owner(person=person)), month)


def withheld(working: Working, person: str, due: Figure, rate: Figure) -> Line:
    """A part of what is due, in % and rounded down to cents, kept back until it is released."""
    if not 0 <= number(rate) <= 100:
        raise Refused("%(person)s: %(rate)s%% cannot be withheld.", person=person, rate=rate.value)
    kind = working.kind(
        Label("withheld", "暂扣", "Withheld"), "floor(due * rate) / 100", "2",
        names=(Name("due", "应发", "due"), Name("rate", "暂扣比例", "part withheld")),
    )  # fmt: skip
    exact = Fraction((Fraction(number(due)) * Fraction(number(rate))).__floor__(), 100)
    inputs = (("due", due), ("rate", rate))
    return Line(
        "withheld", derived(f"person/{person}/withheld", kind, exact, inputs, owner=working.owner(person=person))
    )


def instalments(person: str, amount: Figure, months: int) -> list[Fraction]:
    """An amount to recover in equal parts over one to three months, in yuan; Σ = the amount, to the cent."""
    if not 1 <= months <= MOST_RECOVERED:
        raise Refused(
            "%(person)s: %(amount)s CNY are to be recovered over %(months)s months; at most %(most)s are allowed.",
            person=person, amount=amount.value, months=months, most=MOST_RECOVERED,
        )  # fmt: skip
    parts = split(cents(number(amount)), {f"{place:02}": 1 for place in range(months)})
    return [Fraction(yuan(part)) for _, part in sorted(parts.items())]
