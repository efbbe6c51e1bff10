"""The content of a bulletin as compose gives it, made up: 26 members in three tiers, one vetoed, some data missing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from alliance.bulletins.queries import BulletinInfo
from alliance.bulletins.rules import completeness, moves, punctuality, sums, tiers
from alliance.core.money import split

HOSPITALS = (
    ("T01", "滨江市第一人民医院", "Binjiang First People's Hospital", "市一院", "First Hospital", "tertiary"),
    ("S01", "滨江市第二人民医院", "Binjiang Second People's Hospital", "市二院", "Second Hospital", "secondary"),
    ("S02", "滨江市中医医院", "Binjiang Hospital of Chinese Medicine", "市中医院", "TCM Hospital", "secondary"),
    ("S03", "滨江市妇幼保健院", "Binjiang Maternal Hospital", "市妇幼", "Maternal Hospital", "secondary"),
    ("S04", "滨江市江北区人民医院", "Jiangbei District Hospital", "江北医院", "Jiangbei Hospital", "secondary"),
    ("S05", "滨江市东城区人民医院", "Dongcheng District Hospital", "东城医院", "Dongcheng Hospital", "secondary"),
)
CENTERS = (
    ("望江路", "Wangjiang Road"), ("清河", "Qinghe"), ("柳林", "Liulin"), ("石桥", "Shiqiao"), ("南湖", "Nanhu"),
    ("北苑", "Beiyuan"), ("东山", "Dongshan"), ("西港", "Xigang"), ("和平里", "Hepingli"), ("长青", "Changqing"),
    ("新安", "Xin'an"), ("古城", "Gucheng"), ("花园桥", "Huayuanqiao"), ("永宁", "Yongning"), ("安康", "Ankang"),
    ("朝阳坊", "Chaoyangfang"), ("双塔", "Shuangta"), ("龙泉", "Longquan"), ("白鹭", "Bailu"), ("䶮山", "Yanshan"),
)  # fmt: skip
DIMENSIONS = (
    ("quality", "医疗质量", "Medical quality"), ("operation", "运营效率", "Operational efficiency"),
    ("experience", "患者体验", "Patient experience"), ("collaboration", "协同程度", "Collaboration"),
    ("capability", "能力建设", "Capability building"), ("health", "健康结局", "Health outcomes"),
)  # fmt: skip
LACKING = (
    ("I004", "术后并发症发生率", "Postoperative complication rate"),
    ("I014", "次均费用增幅", "Growth of cost per visit"),
    ("I031", "下转患者随访率", "Follow-up of patients referred downward"),
)  # fmt: skip
HONOURS = [
    {
        "code": "C05",
        "name": "",
        "award": "协同标兵单位",
        "reason": "双向转诊闭环率连续两个季度居基层首位。",
        "reason_en": "First in primary care for closed referrals in two quarters running.",
    },
    {
        "code": "S02",
        "name": "康复转接小组",
        "award": "协同之星",
        "reason": "出院三日内随访率达到百分之百。",
        "reason_en": "",
    },
]
CASES = [
    {
        "code": "C05",
        "title": "一张转诊单，三方都签收",
        "title_en": "One referral slip, signed by three",
        "text": "中心与市一院共用一张电子转诊单。\n\n接诊、出院、随访三方逐一签收，漏访由系统当日提醒。",
        "text_en": "Center and First Hospital share one slip.\n\nAdmission, discharge and follow-up each sign it.",
    },
]
VETOED, BEFORE_FEW = "C17", "C20"
FOREWORD = (
    "本季度多数成员单位的协同得分有所提高，专家下沉和设备共享进展明显。\n\n"
    "一家单位因转诊数据不实被一票否决，一家单位未按期提交数据，相关指标计零分。数据真实是绩效分配的前提，请各单位引以为戒。"
)
FOREWORD_EN = (
    "Most members raised their collaboration score this quarter; visits of experts and shared equipment moved on.\n\n"
    "One member was vetoed for untrue referral data, and one did not file in time, so that its indicators score 0. "
    "Pay rests on true data: may all take note."
)


def content(*, fund: bool = True, first: bool = False) -> dict[str, Any]:
    """A whole content; without a fund, or as the first of all bulletins, if so asked."""
    rows = _rows(first)
    before = {} if first else {"secondary": "80.9", "primary": "77.35"}
    _pay(rows) if fund else None
    now = {"secondary": _median(rows, "secondary"), "primary": _median(rows, "primary")}
    periods = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
    past = [
        {"period": code, "medians": {"secondary": f"{76 + 1.4 * place:.2f}", "primary": f"{71.2 + 2.05 * place:.2f}"}}
        for place, code in enumerate(periods)
    ]
    together = sums(rows)
    return {
        "kind": "official", "alliance": "BJ", "reference": "滨医集〔2026〕12号",
        "honours": HONOURS, "cases": CASES, "filing": _filing(rows), "notices": _notices(rows),
        "alliance_zh": "滨江市城市医疗集团", "alliance_en": "Binjiang City Medical Alliance", "period": "2026Q1",
        "period_before": "" if first else "2025Q4", "corrects": "" if first else "2026-01",
        "foreword": FOREWORD, "foreword_en": FOREWORD_EN,
        "scheme": "2026/1", "scheme_zh": "2026年度协同绩效方案", "scheme_en": "Collaborative performance scheme 2026",
        "scheme_decision": "2026-01",
        "groups": [
            {"zh": "数据得分", "en": "Data score", "weight": "50"},
            {"zh": "成员单位互评", "en": "Cross-rating by members", "weight": "15"},
            {"zh": "第三方评估", "en": "Third-party evaluation", "weight": "15"},
            {"zh": "患者满意度", "en": "Patient survey", "weight": "20"},
        ],
        "findings": [
            {
                "tier": "", "value": "15", "message": "cross-rating should weigh 20 to 30", "numbers": {},
                "reason": "互评首年试行，成员单位之间业务往来尚不均衡，先按15%计入，年底评估后再作调整。",
            },
            {
                "tier": "secondary", "value": "35", "message": "collaboration should weigh %(due)s",
                "numbers": {"due": "30"}, "reason": "二级医院承担康复和护理接续，本年度适当提高协同权重。",
            },
        ],
        "score_run": 12, "score_digest": "9f2c4e81" * 8,
        "dimensions": [{"code": code, "zh": zh, "en": en} for code, zh, en in DIMENSIONS],
        "rows": rows, "risen": _why(moves(rows, 1), "2.4"), "fallen": _why(moves(rows, -1), "-1.86"), 
        "tiers": tiers(rows, now, before, _dimension_medians(rows)),
        "data": completeness(rows), "trend": ([] if first else past) + [{"period": "2026Q1", "medians": now}],
        "fund": {
            "run": 13, "digest": "47ab03d5" * 8, "decision": "2026-06", "pool": together["paid_in"] + 50_000_000,
            "reserve": together["paid_in"] + 50_000_000 - together["received"], **together, "other": 50_000_000,
            "rate": "15", "basis": "collaboration",
            "size": "headcount", "pass_mark": "60", "cap": "15", "scores": "",
        } if fund else None,
    }  # fmt: skip


def bulletin(**kinds: bool) -> BulletinInfo:
    """The bulletin of that content, approved and not yet issued."""
    composed, decided = datetime(2026, 5, 18, 2, tzinfo=UTC), datetime(2026, 5, 19, 2, tzinfo=UTC)
    return BulletinInfo(
        "2026-02", "2026Q1", content(**kinds), "0" * 64, "office", composed, "2026-07", "chair", decided, "", None
    )


def _why(found: list[dict[str, Any]], change: str) -> list[dict[str, Any]]:
    code, zh, en = LACKING[0]
    return [one | {"reasons": [{"code": code, "zh": zh, "en": en, "change": change}]} for one in found]


def _filing(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Three months; a late one now and then, one missing."""
    told = []
    for place, row in enumerate(rows):
        cells = [
            {"standing": "late", "complete": "92"}
            if (place + month) % 11 == 4
            else {"standing": "missing", "complete": "0"}
            if place == 9 and month == 2
            else {"standing": "on_time", "complete": "100"}
            for month in range(3)
        ]
        told.append({key: row[key] for key in ("code", "name_zh", "name_en", "tier")} | {"cells": cells})
    return {"periods": ["2026-01", "2026-02", "2026-03"], "rows": told, "counts": punctuality(told)}


def _notices(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    named = [{"code": code, "zh": zh, "en": en} for code, zh, en in LACKING]
    return [
        {
            "code": row["code"], "name_zh": row["name_zh"], "name_en": row["name_en"], "returned": named[:2],
            "explained": named[2:], "exceptions": place % 2, "late": place % 3,
        }
        for place, row in enumerate(rows[3:9])
    ]  # fmt: skip


def _rows(first: bool) -> list[dict[str, Any]]:
    members = [*HOSPITALS]
    for number, (zh, en) in enumerate(CENTERS, 1):
        name = f"滨江市{zh}社区卫生服务中心", f"{en} Community Health Center"
        members.append((f"C{number:02}", *name, f"{zh}中心", f"{en} Center", "primary"))
    made = [_row(place, member, first) for place, member in enumerate(members)]
    found: list[dict[str, Any]] = []
    for tier in ("tertiary", "secondary", "primary"):
        own = [row for row in made if row["tier"] == tier]
        own.sort(key=lambda row: (row["vetoed"], -Decimal(row["score"]), row["code"]))
        ranked = [Decimal(row["score"]) for row in own if not row["vetoed"]]
        for row in own:
            if len(own) >= 3 and not row["vetoed"]:
                row["rank"] = 1 + sum(score > Decimal(row["score"]) for score in ranked)
            if row["rank"] and row["rank_before"]:
                row["moved"] = row["rank_before"] - row["rank"]
        found += own
    return found


def _row(place: int, member: tuple[str, ...], first: bool) -> dict[str, Any]:
    code, name_zh, name_en, short_zh, short_en, tier = member
    score = Decimal(6_150 + place * 977 % 3_300).scaleb(-2)
    vetoed = code == VETOED
    lacks = LACKING[: place % 4] if place % 6 == 5 else ()
    known = not first and code != BEFORE_FEW and tier != "tertiary"
    return {
        "code": code, "name_zh": name_zh, "name_en": name_en, "short_zh": short_zh, "short_en": short_en, "tier": tier,
        "rank": None, "score_before": f"{score - Decimal('1.5'):f}" if known else "",
        "score": "0" if vetoed else f"{score:f}", "data": f"{score - 3:f}",
        "collaboration": "0" if vetoed else f"{score - Decimal('4.27'):f}", "vetoed": vetoed,
        "veto": "2026-05" if vetoed else "",
        "rank_before": (1 + place * 7 % (5 if tier == "secondary" else 20)) if known else None, "moved": None,
        "dimensions": {
            one: f"{Decimal(5_400 + (place * 613 + step * 941) % 4_300).scaleb(-2):f}"
            for step, (one, _, _) in enumerate(DIMENSIONS)
        },
        "missing": len(lacks), "lacks": [{"code": one, "zh": zh, "en": en} for one, zh, en in lacks],
        "paid_in": None, "received": None, "net": None, "reason": "",
    }  # fmt: skip


def _pay(rows: list[dict[str, Any]]) -> None:
    """Pay in and share, so that nothing is lost but what nobody may take."""
    for place, row in enumerate(rows):
        low = Decimal(row["collaboration"]) < 60
        row["reason"] = "veto" if row["vetoed"] else "pass_mark" if low else ""
        row["paid_in"] = 4_812_377 + place * 1_934_519 % 9_000_000
    weights = {row["code"]: Decimal(row["collaboration"]) for row in rows if not row["reason"]}
    shares = split(sums(rows)["paid_in"] + 50_000_000 - 1_234_567, weights)
    for row in rows:
        row["received"] = shares.get(row["code"], 0)
        row["net"] = row["received"] - row["paid_in"]


def _median(rows: list[dict[str, Any]], tier: str) -> str:
    return _middle([Decimal(row["score"]) for row in rows if row["tier"] == tier and not row["vetoed"]])


def _middle(values: list[Decimal]) -> str:
    half = len(values := sorted(values)) // 2
    return f"{values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2:.2f}"


def _dimension_medians(rows: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """By tier and dimension, of the tiers with three members or more."""
    found = {}
    for tier in ("secondary", "primary"):
        own = [row["dimensions"] for row in rows if row["tier"] == tier and not row["vetoed"]]
        found[tier] = {code: _middle([Decimal(one[code]) for one in own]) for code, _, _ in DIMENSIONS}
    return found
