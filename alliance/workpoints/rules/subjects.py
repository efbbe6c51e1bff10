"""Pay subjects and staff groups (W1): the structure of a hospital's pay and the share of medical operation pay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.core.figure import Figure, Name, derived, quotient
from alliance.core.refused import Refused
from alliance.workpoints.rules.issues import Issue, issue
from alliance.workpoints.rules.working import PERCENT, Label, Working, added, number

GROUPS: dict[str, tuple[str, str]] = {
    "doctor": ("医师", "Doctors"),
    "nurse": ("护理", "Nurses"),
    "technology": ("医技", "Technology"),
    "pharmacy": ("药学", "Pharmacy"),
    "administration": ("行政后勤", "Administration"),
}
# How a subject is paid: earned and distributed; straight to the person; kept for growth and risk, with a ledger.
PAY_CLASSES: dict[str, tuple[str, str]] = {
    "contribution": ("贡献性薪酬", "Contribution"),
    "maintenance": ("保障性薪酬", "Maintenance"),
    "strategic": ("战略性薪酬", "Strategic"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A pay subject: its class, and whether it is medical operation pay (which should be 80 % of performance pay)."""

    code: str
    zh: str
    en: str
    pay_class: str
    operation: bool = False
    performance: bool = True  # the basic wage is none


SUBJECTS: dict[str, Subject] = {
    one.code: one
    for one in (
        Subject("bonus", "奖励性绩效", "Bonus", "contribution", operation=True),
        Subject("increment", "增量奖励", "Increments", "contribution", operation=True),
        Subject("new_technique", "新技术奖励", "New techniques", "contribution", operation=True),
        Subject("alliance", "医联体工作", "Alliance work", "contribution", operation=True),
        Subject("file_wage", "档案工资绩效部分及匹配", "File wage with the match", "contribution", operation=True),
        Subject("research", "科研", "Research", "contribution"),
        Subject("teaching", "教学", "Teaching", "contribution"),
        Subject("basic", "基本工资", "Basic wage", "maintenance", performance=False),
        Subject("night", "夜班费", "Night allowance", "maintenance", operation=True),
        Subject("task", "任务津贴", "Task allowance", "maintenance"),
        Subject("consultation", "会诊费", "Consultations", "maintenance", operation=True),
        Subject("growth", "发展基金", "Growth fund", "strategic"),
        Subject("risk", "风险基金", "Risk fund", "strategic"),
    )
}


@dataclass(frozen=True, slots=True)
class Pay:
    """An amount paid under a subject to a staff group."""

    subject: str
    group: str
    amount: Figure


OPERATION = Name("operation", "医疗运行绩效", "medical operation pay")
ALL = Name("all", "绩效合计", "all performance pay")


def structure(working: Working, pays: Sequence[Pay]) -> dict[tuple[str, str], Figure]:
    """The sums by subject and staff group; refused for a subject or group that there is not."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for pay in pays:
        if pay.subject not in SUBJECTS or pay.group not in GROUPS:
            raise Refused(
                "%(subject_code)s for %(group)s: there is no such pay subject or staff group.",
                subject_code=pay.subject, group=pay.group,
            )  # fmt: skip
        found.setdefault((pay.subject, pay.group), []).append(pay.amount)
    label = Label("structure", "科目合计", "Sum of a pay subject")
    return {
        (subject, group): working.total(f"structure/{subject}/{group}", label, parts)
        for (subject, group), parts in sorted(found.items())
    }


@dataclass(frozen=True, slots=True)
class PaidBefore:
    """What an earlier month of the year paid, in yuan: medical operation pay, and all performance pay."""

    month: str
    operation: Decimal
    whole: Decimal


def operation_share(
    working: Working, pays: Iterable[Pay], lowest: Decimal, before: Iterable[PaidBefore] = ()
) -> tuple[Figure | None, list[Issue]]:  # fmt: skip
    """Medical operation pay in % of all performance pay of the year to date, and the issue when it is too low.

    `pays` are this month's, `before` the earlier months of the year. None when nothing was paid. 4 of 5 million is
    80 %.
    """
    pays = [pay for pay in pays if SUBJECTS[pay.subject].performance]
    parts, all_parts = _earlier(working, before)
    parts += [pay.amount for pay in pays if SUBJECTS[pay.subject].operation]
    all_parts += [pay.amount for pay in pays]
    part = working.total("structure/operation", Label("operation", OPERATION.zh, "Medical operation pay"), parts)
    whole = working.total("structure/all", Label("all", ALL.zh, "All performance pay"), all_parts)
    if not added([whole]):
        return None, []
    kind = working.kind(
        Label("operation_share", "医疗运行绩效占比", "Share of medical operation pay"), "operation / all * 100", "2",
        names=(OPERATION, ALL), unit=PERCENT,
    )  # fmt: skip
    exact = quotient(number(part), number(whole), 100)
    inputs = (("operation", part), ("all", whole))
    share = derived("structure/operation_share", kind, exact, inputs, owner=working.owner())
    return share, [issue("operation_share", "structure", number(share))] if exact < lowest else []


def _earlier(working: Working, before: Iterable[PaidBefore]) -> tuple[list[Figure], list[Figure]]:
    """What earlier months paid, as given figures: medical operation pay, all performance pay."""
    labels = {
        "operation": Label("operation:earlier", f"往月{OPERATION.zh}", "Medical operation pay of an earlier month"),
        "all": Label("all:earlier", f"往月{ALL.zh}", "All performance pay of an earlier month"),
    }
    found: dict[str, list[Figure]] = {code: [] for code in labels}
    for one in sorted(before, key=lambda one: one.month):
        for code, amount in (("operation", one.operation), ("all", one.whole)):
            key, source = f"structure/{one.month}/{code}", f"bonus:{working.hospital}/{one.month}"
            found[code].append(working.entered(key, labels[code], amount, source))
    return found["operation"], found["all"]
