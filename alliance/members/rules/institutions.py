"""What is true of institutions: the check character of a credit code, the members' workbook, one lead at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from alliance.core.refused import Both, Problem, mark
from alliance.core.tiers import TIERS
from alliance.members.rules.cells import MISSING, Row

COLUMNS = {
    "code": "机构代码",
    "name_zh": "中文名称",
    "name_en": "英文名称",
    "short_zh": "中文简称",
    "short_en": "英文简称",
    "credit_code": "统一社会信用代码",
    "tier": "层级",
    "kind": "类型",
    "is_lead": "牵头单位",
    "beds": "床位数",
    "headcount": "编制人数",
    "joined": "加入日期",
    "left": "退出日期",
    "start": "生效日期",
    "contact": "联系方式",
    "vendor": "信息系统厂商",
}
KINDS = ("hospital", "community_center", "township_center", "other")
TIER_WORDS = {
    "三级": "tertiary", "三级医院": "tertiary", "二级": "secondary", "二级医院": "secondary",
    "基层": "primary", "基层医疗卫生机构": "primary",
}  # fmt: skip
KIND_WORDS = {
    "医院": "hospital",
    "社区卫生服务中心": "community_center",
    "乡镇卫生院": "township_center",
    "其他": "other",
}
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE = re.compile(r"[A-Z0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """An institution as the workbook says it, from `start` on."""

    code: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    credit_code: str
    tier: str
    kind: str
    is_lead: bool
    beds: int | None
    headcount: int | None
    start: date
    joined: date
    left: date | None
    contact: str = ""
    vendor: str = ""


def credit_check(code: str) -> str:
    """The check character of a unified social credit code's first 17 characters (GB 32100-2015)."""
    total = sum(CREDIT_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return CREDIT_ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether a unified social credit code has 18 allowed characters, the last one right."""
    return len(code) == 18 and all(sign in CREDIT_ALPHABET for sign in code) and credit_check(code) == code[17]


def read_row(cells: Mapping[str, str], number: int, problems: list[Problem]) -> InstitutionRow | None:
    """An institution from the text cells of the row of a number; None with every problem added."""
    row, before = Row(cells, number, problems, COLUMNS), len(problems)
    joined, left = row.day("joined"), row.day("left")
    if not row.text("joined"):
        row.fault("joined", MISSING)
    if joined and left and left <= joined:
        row.fault("left", mark("must be after the day of joining"))
    names = {language: row.needed(f"name_{language}") for language in ("zh", "en")}
    code = row.matching("code", CODE, mark("a code has 1 to 12 capital letters and digits"))
    credit, is_lead = _credit_code(row), row.is_yes("is_lead")
    tier, kind = row.word("tier", TIER_WORDS, TIERS, ""), row.word("kind", KIND_WORDS, KINDS, "other")
    beds, headcount, start = row.whole("beds"), row.whole("headcount"), row.day("start") or joined
    if len(problems) > before or joined is None or start is None:
        return None
    return InstitutionRow(
        code, names["zh"], names["en"], row.text("short_zh") or names["zh"], row.text("short_en") or names["en"],
        credit, tier, kind, is_lead, beds, headcount, start, joined, left, row.text("contact"), row.text("vendor"),
    )  # fmt: skip


def _credit_code(row: Row) -> str:
    found = row.text("credit_code").upper()
    if found and not is_credit_code(found):
        reason = mark("is not a unified social credit code: 18 characters, the last one checks the others")
        row.fault("credit_code", reason)
    return found


class Dated(Protocol):
    """What is true of an institution from a day on, as far as leading the alliance goes."""

    @property
    def code(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def is_lead(self) -> bool: ...
    @property
    def joined(self) -> date: ...
    @property
    def left(self) -> date | None: ...


def check_leads(recorded: Sequence[Dated], new: Sequence[Dated]) -> list[Problem]:
    """What is wrong once the new facts stand beside those recorded: a day on which a new lead is not the only one."""
    facts = sorted([*recorded, *new], key=lambda fact: fact.start)  # of one day, the one recorded later holds
    ever = {fact.code for fact in facts if fact.is_lead}
    facts, heralds = [fact for fact in facts if fact.code in ever], {fact.code for fact in new if fact.is_lead}
    for day in sorted({day for fact in facts for day in (fact.start, fact.joined)}):
        state = {fact.code: fact for fact in facts if fact.start <= day}
        leads = [
            code
            for code, fact in sorted(state.items())
            if fact.is_lead and fact.joined <= day and (fact.left is None or day < fact.left)
        ]
        if len(leads) > 1 and heralds & set(leads):
            return [_two_leads(leads)]
    return []


def _two_leads(leads: Sequence[str]) -> Problem:
    at: dict[str, object] = {"column": Both(COLUMNS["is_lead"], "is_lead")}
    return Problem(mark("column %(column)s"), ", ".join(leads[:5]), mark("an alliance has one lead institution"), at=at)


def check_rows(rows: Sequence[InstitutionRow]) -> list[Problem]:
    """What is wrong among rows: a code twice, more than one lead."""
    twice = sorted(code for code, count in Counter(row.code for row in rows).items() if count > 1)
    problems = [Problem(code, code, mark("this code is used twice")) for code in twice]
    leads = [row.code for row in rows if row.is_lead]
    if len(leads) > 1:
        problems.append(_two_leads(leads))
    return problems
