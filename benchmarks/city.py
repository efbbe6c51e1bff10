"""A large alliance for measurements: two quarters filed, scored and paid by the portal's verbs, and its bulletin."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from alliance.accounts import services as accounts
from alliance.bulletins import queries as bulletins
from alliance.bulletins import services as issuing
from alliance.core.actor import Actor
from alliance.core.figure import State
from alliance.core.roles import Scope
from alliance.evaluation import queries as schemes
from alliance.evaluation import services as evaluation
from alliance.funds import services as funds
from alliance.indicators import services as indicators
from alliance.indicators.rules.filing import Entry, Row
from alliance.members import services as members
from alliance.members.rules import read_row

TIERS = (*("tertiary",) * 12, *("secondary",) * 30, *("primary",) * 245)
KINDS = {
    "tertiary": ("人民医院", "People's Hospital"), "secondary": ("中医医院", "Hospital of Chinese Medicine"),
    "primary": ("社区卫生服务中心", "Community Health Service Center"),
}  # fmt: skip
QUARTERS = {"2026Q1": ("2026-01", "2026-02", "2026-03"), "2026Q2": ("2026-04", "2026-05", "2026-06")}
OWNER = ("滨江市城市医疗集团", "Binjiang City Medical Alliance")
DIMENSIONS = 6
INDICATORS = 12
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SYSTEM, OFFICE, SECOND = Actor("system"), Actor("office"), Actor("second")
CASE = (
    "双方共用一张电子转诊单，接诊、出院、随访三方逐一签收，漏访由系统当日提醒。上级医院专家每周定期下沉坐诊，"
    "基层医生同步跟诊，疑难病例当日会诊。\n\n"
)
CASE_EN = (
    "Both sides share one electronic referral slip; admission, discharge and follow-up each sign it, and what is "
    "missed is told on the same day. Experts of the upper hospital hold a clinic there every week.\n\n"
)


def codes() -> list[str]:
    return [f"M{place:03}" for place in range(len(TIERS))]


def names(language: str) -> dict[str, str]:
    """The members by code, as a bulletin names them."""
    return {
        code: f"Binjiang No. {place} {KINDS[tier][1]}" if language == "en" else f"滨江市第{place}{KINDS[tier][0]}"
        for place, (code, tier) in enumerate(zip(codes(), TIERS, strict=True), 1)
    }


def found() -> int:
    """The alliance with a scheme in force; its id."""
    alliance = members.found_alliance("CITY", *OWNER, by=OFFICE, now=BEGAN)
    for account in ("office", "second"):
        accounts.create_account(account, "example-pass-1", account, account, "", by=OFFICE, now=BEGAN)
        accounts.give_grant(account, "office", alliance, "", date(2026, 1, 1), None, by=SYSTEM, now=BEGAN)
    accounts.seat_body(alliance, "board", "管委会", "Board", 50, [("second", "")], BEGAN.date(), by=OFFICE, now=BEGAN)
    zh, en = names("zh"), names("en")
    rows = [
        read_row(
            {"code": code, "name_zh": zh[code], "name_en": en[code], "tier": tier, "joined": "2025-01-01"}, place, []
        )
        for place, (code, tier) in enumerate(zip(codes(), TIERS, strict=True))
    ]
    members.import_workbook(alliance, [row for row in rows if row], by=OFFICE, now=BEGAN)
    indicators.load_library(alliance, _library(), by=OFFICE, now=BEGAN)
    evaluation.import_scheme(alliance, _scheme(), by=OFFICE, now=BEGAN)
    _decide(alliance, "2026-001", "scheme:2026/1", BEGAN)
    info = schemes.scheme_info(alliance, "2026", 1)
    assert info is not None
    reasons = {one.where: "权重按测速需要设置，年底再作调整。" for one in schemes.soft_findings(alliance, info)}
    evaluation.decide_scheme(alliance, "2026", 1, reasons, decision="2026-001", by=SECOND, now=BEGAN)
    return alliance


def bulletin(alliance: int) -> bulletins.BulletinInfo:
    """File, score and pay both quarters; the bulletin of the second, composed with its texts and decided."""
    for at, (quarter, months) in enumerate(QUARTERS.items()):
        after = datetime(2026, 4 + 3 * at, 20, tzinfo=UTC)
        for month in months:
            _file(alliance, month, after.replace(day=10))
        evaluation.compute_run(alliance, quarter, by=OFFICE, now=after)
        totals = [
            funds.TotalRow(code, 80_000_000 + 1_000_003 * place, Decimal(60 + place % 90))
            for place, code in enumerate(codes())
        ]
        funds.file_total(alliance, quarter, totals, "工资总额批复", by=OFFICE, now=after)
        run = funds.compute_fund(alliance, quarter, by=OFFICE, now=after)
        _decide(alliance, f"2026-01{at}", f"fund:{run}", after)
        funds.decide_fund(alliance, run, decision=f"2026-01{at}", by=SECOND, now=after)
    cases = [
        {"code": f"M{50 + place:03}", "title": f"协同做法之{place}", "title_en": f"Good practice No. {place}",
         "text": (CASE * 20).strip(), "text_en": (CASE_EN * 11).strip()}
        for place in range(1, 25)
    ]  # fmt: skip
    number = issuing.compose_bulletin(
        alliance, "2026Q2", "本季度协同得分总体提高。", foreword_en="Scores rose.", by=OFFICE, now=after
    )
    reader = Scope(alliance, "office", "", institutions=None)
    draft = bulletins.bulletin(reader, number)
    assert draft is not None
    issuing.edit_bulletin(
        alliance, number, "本季度协同得分总体提高。", foreword_en="Scores rose.", cases=cases, seen=draft.sha256,
        by=OFFICE, now=after,
    )  # fmt: skip
    _decide(alliance, "2026-020", f"bulletin:{number}", after)
    issuing.decide_bulletin(alliance, number, decision="2026-020", by=SECOND, now=after)
    decided = bulletins.bulletin(reader, number)
    assert decided is not None
    return decided


def _file(alliance: int, month: str, now: datetime) -> None:
    """A month of all members, save every ninth, which files nothing in the last month of a quarter."""
    year, number = map(int, month.split("-"))
    opened = datetime(year, number, 28, tzinfo=UTC)
    indicators.open_period(alliance, month, datetime(year, 12, 1, tzinfo=UTC), by=OFFICE, now=opened)
    filing = [code for place, code in enumerate(codes()) if place % 9 != 4 or number % 3]
    rows = [
        Row(code, f"E{element:02}", Entry(_value(int(code[1:]), element, number), State.VALUE))
        for code in filing
        for element in range(2 * INDICATORS)
    ]
    indicators.import_reading(alliance, month, rows, "月报", by=OFFICE, now=now)
    indicators.sign_submission(alliance, month, filing, by=OFFICE, now=now)
    indicators.submit_submission(alliance, month, filing, by=OFFICE, now=now)
    indicators.accept_submission(alliance, month, filing, by=SECOND, now=now)


def _value(place: int, element: int, number: int) -> Decimal:
    """A made-up value; the odd elements are what the even ones are a part of."""
    return Decimal(1000) if element % 2 else Decimal(350 + (place * 79 + element * 131) % 480 + number * (place % 7))


def _decide(alliance: int, number: str, subject: str, now: datetime) -> None:
    accounts.record_decision(
        alliance, "board", number, now.date(), subject, "同意", "会议纪要", {1: "for"}, by=SECOND, now=now
    )


def _library() -> dict[str, Any]:
    return {
        "library": {"code": "city", "name_zh": "城市指标库", "name_en": "City library"},
        "dimension": [
            {"code": f"d{n}", "name_zh": f"第{n + 1}维度", "name_en": f"Dimension {n + 1}"} for n in range(DIMENSIONS)
        ],
        "element": [
            {"code": f"E{n:02}", "name_zh": f"数据元{n}", "name_en": f"Element {n}"} for n in range(2 * INDICATORS)
        ],
        "indicator": [
            {
                "code": f"I{n:02}", "name_zh": f"第{n + 1}项协同指标", "name_en": f"Rate of collaboration {n + 1}",
                "kind": "ratio", "numerator": [f"E{2 * n:02}"], "denominator": [f"E{2 * n + 1:02}"], "factor": "100",
                "dimension": f"d{n % DIMENSIONS}", "tags": ["collaboration"] if n % 2 else [],
            }
            for n in range(INDICATORS)
        ],
    }  # fmt: skip


def _scheme() -> dict[str, Any]:
    tiers = ("tertiary", "secondary", "primary")
    weights = ["8"] * (INDICATORS - 1) + [str(100 - 8 * (INDICATORS - 1))]
    return {
        "scheme": {
            "code": "2026", "name_zh": "协同绩效方案", "name_en": "Collaborative scheme", "period": "quarter",
            "valid_from": "2026-01-01",
        },
        "groups": {"data": "100"},
        "fund": {"rate": "15", "basis": "collaboration", "size": "headcount", "pass_mark": "50"},
        "line": [
            {"indicator": f"I{n:02}", "method": "attainment", "target": "80", "weight": dict.fromkeys(tiers, weight)}
            for n, weight in enumerate(weights)
        ],
    }  # fmt: skip
