"""Charge lines as they are read (W6): their columns, and the closed list of cleaning rules, each one counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.workpoints.rules.activity import INPATIENT, OUTPATIENT
from alliance.workpoints.rules.issues import Issue, issue

# The columns of a charge line and what they are called on pages and in files.
COLUMNS: dict[str, tuple[str, str]] = {
    "line_key": ("明细流水号", "Number of the line"),
    "day": ("收费日期", "Day"),
    "item": ("项目编码", "Item code"),
    "setting": ("门诊住院", "Outpatient or inpatient"),
    "quantity": ("数量", "Quantity"),
    "amount": ("金额", "Amount"),
    "ordering_unit": ("开单科室", "Ordering department"),
    "ordering_person": ("开单医师", "Ordering person"),
    "performing_unit": ("执行科室", "Performing department"),
    "performing_person": ("执行人员", "Performing person"),
    "refund_of": ("原收费流水号", "Number of the line that is refunded"),
}
REQUIRED = ("line_key", "day", "item", "setting", "quantity", "amount", "performing_unit")
SETTING_WORDS: Mapping[str, str] = {
    "门诊": OUTPATIENT, "急诊": OUTPATIENT, "门急诊": OUTPATIENT, "outpatient": OUTPATIENT, "emergency": OUTPATIENT,
    "o": OUTPATIENT, "住院": INPATIENT, "inpatient": INPATIENT, "i": INPATIENT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CleaningRule:
    """A cleaning rule: what it is called, and whether its lines are put aside (kept, and never counted)."""

    zh: str
    en: str
    aside: bool = False


# In the order in which they work; the first that puts a line aside is the reason that is told.
RULES: dict[str, CleaningRule] = {
    "trimmed": CleaningRule("去除首尾空格", "Blanks taken off"),
    "full_width": CleaningRule("全角转半角", "Full-width signs made half-width"),
    "mapped": CleaningRule("项目编码替换", "Item code replaced by the code map"),
    "malformed": CleaningRule("行格式错误", "Row cannot be read", aside=True),
    "no_key": CleaningRule(
        "缺少流水号、项目编码或执行科室", "Without number, item code or performing department", aside=True
    ),
    "cut_off": CleaningRule("流水号或编码被电子表格截断", "Number or code cut off by a spreadsheet", aside=True),
    "bad_day": CleaningRule("日期无法识别", "Day cannot be read", aside=True),
    "outside": CleaningRule("日期不在当月", "Day outside the month", aside=True),
    "bad_number": CleaningRule("数量或金额无法识别", "Quantity or amount cannot be read", aside=True),
    "bad_setting": CleaningRule("门诊住院标识无法识别", "Neither outpatient nor inpatient", aside=True),
    "duplicate": CleaningRule("流水号重复", "Number used before", aside=True),
    "unpaired": CleaningRule("退费未找到原收费", "Refund without its charge", aside=True),
    "excess": CleaningRule("退费数量超过原收费", "Refund of more than was charged", aside=True),
    "paired": CleaningRule("退费与原收费配对", "Refund paired with its charge"),
    "negative": CleaningRule("数量为负（未注明原收费）", "Negative quantity that names no charge"),
}


# What is judged by the lines of other files: where these change, it has to be judged again.
COMPARED = frozenset({"duplicate", "unpaired", "excess", "paired"})


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a rule met in a load: lines, their amount in yuan (where it can be read), and the first rows of the file."""

    rule: str
    lines: int
    amount: Decimal
    rows: tuple[int, ...] = ()


def check_mapping(columns: Mapping[str, str], headings: Mapping[str, str] | set[str]) -> None:
    """Refuse a mapping (column to heading) that misses a column, names one that there is not, or a heading twice."""
    missing = [Both(*COLUMNS[name]) for name in REQUIRED if not columns.get(name)]
    if missing:
        raise Refused("The mapping lacks the columns %(columns)s.", columns=tuple(missing))
    problems = [Problem(name, heading, mark("there is no such column")) for name, heading in columns.items()
                if name not in COLUMNS]  # fmt: skip
    used = [heading for heading in columns.values() if heading]
    problems += [
        Problem(name, heading, mark("the file has no such heading")) for name, heading in columns.items()
        if heading and heading not in headings
    ] + [
        Problem(name, heading, mark("this heading is used twice")) for name, heading in columns.items()
        if heading and used.count(heading) > 1
    ]  # fmt: skip
    if problems:
        raise Refused("The mapping of columns does not fit the file.", problems=problems)


def issues_of(source: str, cleaned: list[Cleaned]) -> list[Issue]:
    """What a load leaves for the issue list: every rule that met something, with its lines."""
    return [issue("cleaned", f"{source}/{one.rule}", one.lines) for one in cleaned if one.lines]
