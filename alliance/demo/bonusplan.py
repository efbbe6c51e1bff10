"""What the demo's lead hospital decides about its bonus: its scheme, the budgets of its years, rules of two units."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from alliance.core.actor import Actor
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.demo import bonustargets
from alliance.demo.days import moment
from alliance.demo.inside import HOSPITAL
from alliance.demo.teller import Teller
from alliance.funds import queries as funds
from alliance.i18n import period as in_words
from alliance.workpoints import queries, services
from alliance.workpoints.rules.publicity import Hearing
from alliance.workpoints.rules.records import CONGRESS, DIRECTORS, PUBLICITY, Meeting
from alliance.workpoints.sheets import template_scheme

OFFICE, DIRECTOR = Actor("t01.bonus", HOSPITAL), Actor("t01.lead", HOSPITAL)
HEADS = {"D01-1": Actor("t01.cardiology", HOSPITAL), "N01": Actor("t01.nurses", HOSPITAL)}
PREPARED = timedelta(days=30)  # before the first month of the story the scheme is drafted
# Of a year, in yuan: kind, amount in the first year, growth a year, class of charges, document.
SOURCES = (
    ("disposable", 72_000_000, 3_000_000, "", "年度财务预算"),
    ("night_allowance", 12_600_000, 300_000, "", "排班测算表"),
    ("risk_fund", 1_200_000, 0, "", "年度财务预算"),
    ("development_fund", 4_000_000, 200_000, "", "年度财务预算"),
    ("welfare_fund", 1_800_000, 100_000, "", "年度财务预算"),
    ("accrued", 48_000_000, 2_400_000, "operation", "医疗服务收入预算"),
    ("accrued", 60_000_000, 3_000_000, "treatment", "医疗服务收入预算"),
    ("file_wages", 5_400_000, 0, "", "人社局核定表"),
    ("award", 600_000, 0, "", "市卫健委表彰决定"),
    ("penalty", 150_000, -50_000, "", "飞行检查处理通知"),
)
KEPT = {"D01-1": {"reserve": 3, "reserve_limit": 5}}  # of a unit's bonus, in %
GOAL, ALLOWANCES, APPROVED = Decimal("97.5"), 13_500_000, 82_000_000


def scheme(start: date) -> dict[str, Any]:
    """The hospital's scheme from a day on: posts and points share the pool of the departments, with a line of its own
    for administration."""
    data = tomllib.loads(template_scheme(), parse_float=Decimal)
    data["scheme"] |= {
        "name_zh": "市一院工分制奖金分配方案", "name_en": "Workpoint bonus scheme of the First Hospital",
        "valid_from": start,
    }  # fmt: skip
    data["first"] |= {"model": "driver", "closing": "exact"}
    data["drivers"] = {"establishment": 50, "points": 40, "quality": 5, "last_bonus": 5}
    data["groups"] = {
        "departments": {"name_zh": "业务科室", "name_en": "Departments", "share": 92},
        "administration": {"name_zh": "行政后勤", "name_en": "Administration and logistics", "share": 8},
    }
    data["accrual"] = [
        {"code": "operation", "item_class": "operation", "rate": 8},
        {"code": "treatment", "item_class": "treatment", "rate": 5},
    ]
    data["costs"]["variable_rate"] = 20
    data["special"] |= {"upper": 20}
    data["limits"]["reserve"] = 5
    data["night"] = [{"shift": "N1", "rate": 280, "from": start}, {"shift": "N2", "rate": 160, "from": start}]
    return data


def plan(teller: Teller, month: Period) -> None:
    """What is decided about the bonus as a month begins: in the first one the scheme and units' rules, in January the
    year's budget, and the current year's targets."""
    if month == teller.days.final[0]:
        teller.say("bonus scheme of the lead hospital")
        _decide_scheme(teller, month)
        _set_rules(teller, month)
    if month.start % 12 == 0 or month == teller.days.final[0]:
        _decide_budget(teller, month)
        if month.first.year == teller.days.today.year:
            bonustargets.agree(teller, month)


def _record(
    teller: Teller, matter: str, number: str, body: str, title: str, at: datetime, days: int = 0
) -> None:  # fmt: skip
    """A meeting on its day; a publicity of so many days that ends on the day."""
    day = at.date()
    votes = {CONGRESS: (86, 81, 3), DIRECTORS: (11, 11, 0)}.get(body)
    if votes:
        meeting = Meeting(number, body, title, day, None, *votes)
    else:
        meeting = Meeting(number, body, title, day - timedelta(days=days), day)
    services.file_record(teller.alliance, HOSPITAL, matter, meeting, by=OFFICE, now=at)


def _hear(teller: Teller, matter: str, title: str, drafted: datetime) -> str:
    """Staff congress, publicity of a week, the directors; the number of what they adopted."""
    year = drafted.year
    mark = matter.partition(":")[2].partition("/")[2].replace("/", "-")
    _record(teller, matter, f"市一院职代会〔{year}〕{mark}", CONGRESS, f"审议{title}", drafted + timedelta(days=3))
    _record(
        teller, matter, f"市一院公示〔{year}〕{mark}", PUBLICITY, f"{title}公示", drafted + timedelta(days=12), days=7
    )
    number = f"市一院院办纪要〔{year}〕{mark}"
    _record(teller, matter, number, DIRECTORS, f"通过{title}", drafted + timedelta(days=14))
    return number


def _decide_scheme(teller: Teller, month: Period) -> None:
    drafted = moment(month.first - PREPARED)
    reference = services.import_scheme(teller.alliance, HOSPITAL, scheme(month.first), by=OFFICE, now=drafted)
    number = _hear(teller, f"scheme:{reference}", "奖金分配方案", drafted)
    _place, code, version = reference.split("/")
    services.decide_scheme(
        teller.alliance, HOSPITAL, code, int(version), {}, decision=number, by=DIRECTOR,
        now=drafted + timedelta(days=15),
    )  # fmt: skip


def _set_rules(teller: Teller, month: Period) -> None:
    """The first group of cardiology and its nurses distribute by rules of their own; the group keeps a reserve."""
    at = moment(month.first - timedelta(days=5))
    parts = {
        "D01-1": [_part("post", "岗位与年资部分", "Part by post and seniority", 20),
                  _part("points", "工分部分", "Part by points", 80)],
        "N01": [_part("post", "岗位与年资部分", "Part by post and seniority", 40),
                _part("points", "工分部分", "Part by points", 60)],
    }  # fmt: skip
    for unit, rows in parts.items():
        hearing = Hearing(at.date() - timedelta(days=2), 16, 14, 1, f"{unit}科务会纪要〔{at.year}〕3号")
        content = {"way": "template", "part": rows} | KEPT.get(unit, {})
        services.set_rule(
            teller.alliance, HOSPITAL, unit, month.code, content, hearing, by=HEADS[unit], now=at
        )  # fmt: skip


def _part(code: str, zh: str, en: str, share: int) -> dict[str, Any]:
    factor = {
        "post": {"code": "in_post", "name_zh": "岗位与年资系数", "name_en": "Post and seniority", "weight": 100},
        "points": {"code": "points", "name_zh": "个人工分", "name_en": "Personal points", "weight": 100},
    }[code]
    return {"code": code, "name_zh": zh, "name_en": en, "share": share, "factor": [factor]}


def _decide_budget(teller: Teller, month: Period) -> None:
    year, drafted = month.first.year, moment(month.first.replace(day=4))
    teller.say(f"bonus budget of {year}")
    content = _content(teller, year, drafted)
    reference = services.draft_budget(teller.alliance, HOSPITAL, year, content, by=OFFICE, now=drafted)
    number = _hear(teller, f"budget:{reference}", f"{year}年度绩效预算", drafted)
    services.decide_budget(
        teller.alliance, HOSPITAL, year, 1, decision=number, by=DIRECTOR, now=drafted + timedelta(days=15)
    )


def _content(teller: Teller, year: int, at: datetime) -> dict[str, Any]:
    """The year's sources, and what the alliance's fund had paid the hospital by then."""
    grown = year - teller.days.start.year - 1
    sources: list[dict[str, Any]] = [
        {"kind": kind, "amount": amount + growth * grown, "item_class": item_class, "document": f"{year}年{document}"}
        for kind, amount, growth, item_class, document in SOURCES
    ]
    decided = {one.period: one.decided_at for one in funds.decided_funds(teller.alliance)}
    for given in reversed(queries.given_lines(teller.alliance, HOSPITAL, year)):
        when = decided[given.period]
        if when is not None and when < at:
            document = f"{in_words(given.period)}协同奖励基金对账单"
            sources.append(
                {"kind": "fund_net", "amount": yuan(given.cents), "document": document, "figure": given.figure}
            )
    return {
        "sources": sources, "goal": GOAL + grown, "goal_document": f"{year - 1}年度目标责任书考核结果",
        "allowances": ALLOWANCES, "allowances_document": f"{year}年排班测算表",
        "approved": APPROVED + 2_000_000 * grown, "approved_document": f"人社局核定〔{year}〕18号",
    }  # fmt: skip


def propose(teller: Teller) -> None:
    """A draft for the next year, by points alone with a pool for each staff group, that the directors have adopted and
    the staff congress has not heard yet."""
    at = teller.clock - timedelta(days=3)
    data = scheme(date(teller.days.today.year + 1, 1, 1))
    data["first"]["model"] = "point"
    del data["drivers"]
    data["groups"] = {
        "doctor": {"name_zh": "医师", "name_en": "Doctors", "share": 50},
        "nurse": {"name_zh": "护理", "name_en": "Nurses", "share": 33},
        "technology": {"name_zh": "医技", "name_en": "Technology", "share": 9},
        "administration": {"name_zh": "行政后勤", "name_en": "Administration and logistics", "share": 8},
    }
    data["budget"]["year_end"] = 12
    data["limits"]["publicity"] = 5
    data["night"][0]["rate"] = 320
    reference = services.import_scheme(teller.alliance, HOSPITAL, data, by=OFFICE, now=at)
    number = f"市一院院办纪要〔{at.year}〕41号"
    _record(teller, f"scheme:{reference}", number, DIRECTORS, "讨论下年度奖金分配方案", at + timedelta(days=1))
