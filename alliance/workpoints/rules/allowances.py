"""Special pay (W11): night shifts by the roster, tasks by the ledger, and the warning lines of their share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived, quotient
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.subjects import SUBJECTS
from alliance.workpoints.rules.working import PERCENT, YUAN, Label, Working, added, number

NIGHTS = Name("nights", "夜班数", "nights")
RATE = Name("rate", "夜班费标准", "rate of a night")
SPECIAL = Name("special", "专项绩效", "special pay")
ALL = Name("all", "绩效合计", "all performance pay")
SHIFTS_UNIT = ("个", "nights")
NO_RATE = mark("no rate holds for this shift on its day")


@dataclass(frozen=True, slots=True)
class Night:
    """A night shift of the roster."""

    person: str
    day: date
    shift: str
    name: Both | None = field(default=None, compare=False)  # of the shift


@dataclass(frozen=True, slots=True)
class NightRate:
    """What a night of a shift pays, from a day until another (half-open)."""

    shift: str
    rate: Decimal
    start: date
    until: date

    def holds(self, night: Night) -> bool:
        return self.shift == night.shift and self.start <= night.day < self.until


@dataclass(frozen=True, slots=True)
class Task:
    """An entry of the task ledger: a consultation, research, teaching, a task, alliance work."""

    number: str
    person: str
    subject: str
    amount: Decimal


def night_allowances(
    working: Working, roster: Sequence[Night], rates: Sequence[NightRate]
) -> dict[str, Figure]:  # fmt: skip
    """Each person's nights × the rate of their dates: 10 nights at 280 are 2,800. Never pooled, never scaled.

    Refused: a night for which no rate or more than one holds, each with person and day.
    """
    counted: dict[str, dict[NightRate, int]] = {}
    names = {night.shift: night.name for night in sorted(roster, key=lambda one: one.day)}
    problems = []
    for night in sorted(roster, key=lambda one: (one.person, one.day, one.shift)):
        found = [rate for rate in rates if rate.holds(night)]
        if len(found) != 1:
            problems.append(Problem(f"{night.person}/{night.day}", night.shift, NO_RATE))
            continue
        mine = counted.setdefault(night.person, {})
        mine[found[0]] = mine.get(found[0], 0) + 1
    if problems:
        raise Refused("%(count)s nights of the roster have no single rate.", count=len(problems), problems=problems)
    said = {rate: _said(rate, rates, names.get(rate.shift)) for mine in counted.values() for rate in mine}
    return {person: _nights(working, person, mine, said) for person, mine in counted.items()}


def _said(rate: NightRate, rates: Sequence[NightRate], name: Both | None) -> Both:
    """The shift of a rate: 大夜（N1）; with the first day where the shift has more than one rate."""
    zh, en = (f"{name.zh}（{rate.shift}）", f"{name.en} ({rate.shift})") if name else (rate.shift, rate.shift)
    if sum(one.shift == rate.shift for one in rates) > 1:
        return Both(f"{zh}，{rate.start}起", f"{en}, from {rate.start}")
    return Both(zh, en)


def _nights(
    working: Working, person: str, counted: Mapping[NightRate, int], said: Mapping[NightRate, Both]
) -> Figure:  # fmt: skip
    owner, nights, rates = working.owner(person=person), [], []
    exact = Fraction(0)
    for rate, count in sorted(counted.items(), key=lambda pair: (pair[0].shift, pair[0].start)):
        place, shift = f"{rate.shift}@{rate.start}", said[rate]
        label = Label(f"nights:{place}", f"{NIGHTS.zh}：{shift.zh}", f"Nights: {shift.en}")
        nights.append(working.entered(
            f"person/{person}/nights/{place}", label, count,
            f"roster:{working.hospital}/{working.period}/{person}/{place}", unit=SHIFTS_UNIT, owner=owner,
        ))  # fmt: skip
        text = Both(f"{RATE.zh}：{shift.zh}", f"Rate of a night: {shift.en}")
        rates.append(working.number(f"night.{place}", text.zh, text.en, rate.rate, YUAN))
        exact += count * Fraction(rate.rate)
    kind = working.kind(
        Label("night_allowance", "夜班费", "Night allowance"), "sum(nights * rate)", "2", names=(NIGHTS, RATE)
    )
    inputs = [("nights", one) for one in nights] + [("rate", one) for one in rates]
    return derived(f"person/{person}/night_allowance", kind, exact, inputs, owner=owner)


def check_nights(roster: Figure, paid: Iterable[Figure]) -> list[Issue]:
    """The issue when the nights of the allowances paid are not the nights of the roster."""
    nights = [part for one in paid for name, part in one.inputs if name == "nights"]
    difference = number(roster) - added(nights)
    return [issue("nights_differ", roster.key, difference)] if difference else []


def task_allowances(working: Working, tasks: Sequence[Task]) -> dict[tuple[str, str], Figure]:
    """The sums of the task ledger by person and pay subject; refused for a subject that there is not."""
    entries: dict[tuple[str, str], list[Figure]] = {}
    for task in sorted(tasks, key=lambda one: one.number):
        if task.subject not in SUBJECTS:
            raise Refused(
                "%(subject_code)s for %(group)s: there is no such pay subject or staff group.",
                subject_code=task.subject, group=task.person,
            )  # fmt: skip
        entry = working.entered(
            f"task/{task.number}", Label("task", "任务台帐", "Task ledger"), task.amount,
            f"task:{working.hospital}/{task.number}", owner=working.owner(person=task.person),
        )  # fmt: skip
        entries.setdefault((task.person, task.subject), []).append(entry)
    return {
        (person, subject): working.total(
            f"person/{person}/{subject}", Label(f"allowance:{subject}", SUBJECTS[subject].zh, SUBJECTS[subject].en),
            parts, owner=working.owner(person=person),
        )
        for (person, subject), parts in sorted(entries.items())
    }  # fmt: skip


def special_share(
    working: Working, special: Figure, whole: Figure, lower: Decimal, upper: Decimal
) -> tuple[Figure | None, list[Issue]]:
    """Special pay in % of all performance pay, and the issue when it passes a warning line; None when none is paid."""
    if not number(whole):
        return None, []
    kind = working.kind(
        Label("special_share", "专项绩效占比", "Share of special pay"), "special / all * 100", "2",
        names=(SPECIAL, ALL), unit=PERCENT,
    )  # fmt: skip
    exact = quotient(number(special), number(whole), 100)
    inputs = (("special", special), ("all", whole))
    share = derived("special_share", kind, exact, inputs, owner=working.owner())
    which = "special_share_low" if exact < lower else "special_share_high" if exact > upper else ""
    return share, [issue(which, "special_share", number(share))] if which else []
