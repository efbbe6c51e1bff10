"""The bonus of the small alliance's H1: its scheme, records and budget, put into force by the portal's own verbs."""

from __future__ import annotations

import copy
import tomllib
from datetime import datetime
from decimal import Decimal
from typing import Any

from alliance.audit.services import verb
from alliance.workpoints import services
from alliance.workpoints.models import BonusRun, Slip
from alliance.workpoints.rules.records import Meeting
from alliance.workpoints.sheets import template_scheme
from tests.small import at, by

HOSPITAL = "H1"
# The headings of a file of charge lines, as a hospital's system writes them.
HEADS = [
    "明细流水号",
    "收费日期",
    "项目编码",
    "门诊住院",
    "数量",
    "金额",
    "开单科室",
    "开单医师",
    "执行科室",
    "执行人员",
]
SCHEME: dict[str, Any] = tomllib.loads(template_scheme(), parse_float=Decimal)
# 1,000,000 − 40,000 − 20,000 + 100,000 + 60,000 = 1,100,000
BUDGET: dict[str, Any] = {
    "sources": [
        {"kind": "disposable", "amount": "1000000", "document": "财务预算1号"},
        {"kind": "night_allowance", "amount": "40000", "document": "财务预算1号"},
        {"kind": "risk_fund", "amount": "20000", "document": "财务预算1号"},
        {"kind": "file_wages", "amount": "100000", "document": "人社核定表"},
        {"kind": "award", "amount": "60000", "document": "表彰决定"},
    ],
    "goal": "95", "goal_document": "目标责任书", "allowances": "55000", "allowances_document": "排班测算",
    "approved": "1200000", "approved_document": "人社核定表",
}  # fmt: skip


def scheme_data(**tables: Any) -> dict[str, Any]:
    """The template with tables changed: scheme_data(budget={"year_end": 25})."""
    data = copy.deepcopy(SCHEME)
    for name, table in tables.items():
        data[name] = data.get(name, {}) | table if isinstance(table, dict) else table
    return data


def meet(
    alliance: int, matter: str, number: str, now: datetime, body: str = "directors",
    votes: tuple[int, int, int] = (9, 8, 1),
) -> None:  # fmt: skip
    """A meeting on a matter on the day of recording, or a publicity of that day."""
    day = now.date()
    if body == "publicity":
        meeting = Meeting(number, body, "公示", day, day)
    else:
        meeting = Meeting(number, body, "会议纪要", day, None, *votes)
    services.file_record(alliance, HOSPITAL, matter, meeting, by=by("h1.bonus"), now=now)


def hear(alliance: int, matter: str, prefix: str, now: datetime) -> None:
    """The staff congress, a publicity of a day, the directors: all in favour."""
    meet(alliance, matter, f"{prefix}-职代会", now, "staff_congress", (40, 38, 2))
    meet(alliance, matter, f"{prefix}-公示", now, "publicity")
    meet(alliance, matter, f"{prefix}-院办", now)


def put_scheme(alliance: int, data: dict[str, Any] | None = None, now: datetime | None = None) -> str:
    """A scheme of H1 in force; its reference."""
    now = now or at(1, 5)
    reference = services.import_scheme(alliance, HOSPITAL, data or scheme_data(), by=by("h1.bonus"), now=now)
    _place, code, version = reference.split("/")
    hear(alliance, f"scheme:{reference}", f"方案{version}", now)
    later = now.replace(day=now.day + 1)
    services.decide_scheme(
        alliance, HOSPITAL, code, int(version), {}, decision=f"方案{version}-院办", by=by("h1.lead"), now=later
    )
    return reference


def put_budget(alliance: int, year: int = 2026, content: dict[str, Any] | None = None) -> int:
    """The budget of a year of H1 in force; the run of its figures."""
    now = at(3, 5)
    reference = services.draft_budget(alliance, HOSPITAL, year, content or BUDGET, by=by("h1.bonus"), now=now)
    meet(alliance, f"budget:{reference}", f"预算{year}", now)
    return services.decide_budget(alliance, HOSPITAL, year, 1, decision=f"预算{year}", by=by("h1.lead"), now=at(4, 5))


def month_run(alliance: int, month: str, state: str, first_run: int, nets: dict[str, int]) -> None:
    """A month's run as it stands in the tables, with the newest payslips; for questions that only count them."""
    with verb(by("h1.bonus")) as session:
        run = BonusRun(
            alliance_id=alliance, institution=HOSPITAL, month=month, number=1, scheme="H1/BONUS/1", state=state,
            first_run=first_run, second_run=first_run, slips_run=None, pool=0, reconciliation=[], issues=[],
        )  # fmt: skip
        session.add(run)
        session.flush()
        for person, net in nets.items():
            for revision, amount in ((1, net + 100), (2, net)):
                session.add(
                    Slip(
                        bonus_run_id=run.id, person=person, revision=revision, unit="N1", staff_group="nurse",
                        net=amount, run_id=first_run, reason="", made_by="h1.bonus", made_at=at(5, 5),
                    )
                )  # fmt: skip
