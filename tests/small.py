"""A small alliance for tests: five members, four elements, two indicators, one quarter filed and accepted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from alliance.accounts import services as accounts
from alliance.core.actor import Actor
from alliance.core.figure import State
from alliance.evaluation import services as evaluation
from alliance.indicators import services as indicators
from alliance.indicators.rules.filing import Entry
from alliance.members import services as members
from alliance.members.rules import read_row
from alliance.members.rules.departments import CodeFact, DepartmentFact, Inside, ServiceFact
from alliance.members.rules.posts import EstablishmentFact, PostFact
from alliance.members.rules.staff import EmployeeFact, SeniorityFact
from alliance.members.rules.staffing import Staffing

CLOCK = datetime(2026, 5, 10, 2, tzinfo=UTC)
PASSWORD = "correct-horse-9"
SYSTEM = Actor("system")
MONTHS = ("2026-01", "2026-02", "2026-03")
MEMBERS = {"H1": "tertiary", "H2": "secondary", "C1": "primary", "C2": "primary", "C3": "primary"}
PEOPLE = {
    "office": ("H1", "office", ""),
    "office2": ("H2", "office", ""),
    "analyst": ("H1", "analyst", ""),
    "chair": ("", "committee", ""),
    "judge": ("H2", "committee", ""),
    "regulator": ("", "regulator", ""),
    **{
        f"{code.lower()}.{short}": (code, role, code)
        for code in MEMBERS
        for short, role in (("reporter", "reporter"), ("lead", "member_lead"))
    },
    "admin": ("H1", "admin", ""),
    "security": ("H2", "security_admin", ""),
    "auditor": ("", "auditor", ""),
    "c1.quality": ("C1", "quality_officer", "C1"),
    "h1.checker": ("H1", "checker", ""),
    "h2.checker": ("H2", "checker", ""),
    "c2.checker": ("C2", "checker", ""),
    "expert": ("", "expert", ""),
    "h2.expert": ("H2", "expert", ""),
    "expert3": ("", "expert", ""),
    "h1.bonus": ("H1", "hospital_office", "H1"),
    "h1.personnel": ("H1", "personnel", "H1"),
    "h1.finance": ("H1", "finance", "H1"),
    "h1.cashier": ("H1", "finance", "H1"),
    "h1.head": ("H1", "department_head", "H1/D1"),
    "h1.nurse": ("H1", "staff", "H1"),
}
EMPLOYEES = {"h1.nurse": "0002"}  # staff numbers at the employer
YEAR = date(2026, 1, 1)
DEPARTMENTS = Inside(
    (
        DepartmentFact("D1", "", "内科", "Medicine", "clinical_department", "clinical", None, YEAR),
        DepartmentFact("D1-1", "D1", "内科一组", "Medicine group 1", "inpatient_group", "clinical", 30, YEAR),
        DepartmentFact("D1-2", "D1", "内科二组", "Medicine group 2", "inpatient_group", "clinical", 20, YEAR),
        DepartmentFact(
            "N1", "D1", "内科护理单元", "Medicine nursing unit", "inpatient_nursing", "clinical", None, YEAR
        ),
        DepartmentFact("D2", "", "检验科", "Laboratory", "medical_technology", "medical_technology", None, YEAR),
    ),
    (CodeFact("HIS", "0101", "D1", YEAR), CodeFact("LIS", "JYK", "D2", YEAR)),
    (ServiceFact("N1", (("D1-1", Decimal(60)), ("D1-2", Decimal(40))), YEAR),),
)
LIBRARY: dict[str, Any] = {
    "library": {"code": "small", "name_zh": "小库", "name_en": "Small library"},
    "dimension": [
        {"code": "collaboration", "name_zh": "协同程度", "name_en": "Collaboration"},
        {"code": "health", "name_zh": "健康结局", "name_en": "Health"},
    ],
    "element": [
        {"code": "E1", "name_zh": "转诊人次", "name_en": "Referrals", "unit_zh": "人次", "unit_en": "cases"},
        {"code": "E2", "name_zh": "出院人次", "name_en": "Discharges", "unit_zh": "人次", "unit_en": "cases"},
        {"code": "E3", "name_zh": "随访人次", "name_en": "Follow-ups done", "unit_zh": "人次", "unit_en": "cases"},
        {"code": "E4", "name_zh": "应随访人次", "name_en": "Follow-ups due", "unit_zh": "人次", "unit_en": "cases"},
    ],
    "indicator": [
        {
            "code": "I1",
            "name_zh": "转诊率",
            "name_en": "Referral rate",
            "kind": "ratio",
            "numerator": ["E1"],
            "denominator": ["E2"],
            "factor": "100",
            "dimension": "collaboration",
            "tags": ["collaboration"],
            "unit_zh": "%",
            "unit_en": "%",
        },
        {
            "code": "I2",
            "name_zh": "随访率",
            "name_en": "Follow-up rate",
            "kind": "ratio",
            "numerator": ["E3"],
            "denominator": ["E4"],
            "factor": "100",
            "dimension": "health",
            "tags": ["health", "patient"],
            "unit_zh": "%",
            "unit_en": "%",
        },
    ],
}
SCHEME: dict[str, Any] = {
    "scheme": {
        "code": "2026",
        "name_zh": "小方案",
        "name_en": "Small scheme",
        "period": "quarter",
        "valid_from": "2026-01-01",
    },
    "groups": {"data": "80", "peers": "20"},
    "fund": {"rate": "15", "basis": "collaboration", "size": "headcount", "pass_mark": "60"},
    "line": [
        {
            "indicator": "I1",
            "method": "attainment",
            "target": "10",
            "weight": dict.fromkeys(("tertiary", "secondary", "primary"), "60"),
        },
        {
            "indicator": "I2",
            "method": "attainment",
            "target": "80",
            "weight": dict.fromkeys(("tertiary", "secondary", "primary"), "40"),
        },
    ],
}
REASON = "小型测试方案，权重按演示需要设置。"

STAFFING = Staffing(
    posts=(
        PostFact(
            "P1", "主治医师岗", "Attending physician", "doctor", Decimal("1.20"), Decimal("0.10"), Decimal("0.30"), YEAR
        ),
        PostFact("P2", "责任护士岗", "Primary nurse", "nurse", Decimal("0.80"), Decimal(0), Decimal("0.25"), YEAR),
    ),
    establishment=(EstablishmentFact("D1-1", "P1", 3, YEAR), EstablishmentFact("N1", "P2", 5, YEAR)),
    seniority=(SeniorityFact(((0, Decimal(0)), (5, Decimal("0.05")), (10, Decimal("0.10"))), YEAR),),
    employees=(
        EmployeeFact("0001", "甲医师", "Doctor A", "D1-1", "P1", "主治医师", date(2016, 4, 1), "active", YEAR),
        EmployeeFact("0002", "乙护士", "Nurse B", "N1", "P2", "护师", date(2024, 7, 1), "active", YEAR),
    ),
)


def readings(code: str, month: str) -> dict[str, str]:
    """Values by element: C3 files 37 referrals against 412 discharges in March, as the house tells."""
    place = list(MEMBERS).index(code) + 1
    if code == "C3":
        return {
            "E1": "37" if month == "2026-03" else "40",
            "E2": "412" if month == "2026-03" else "400",
            "E3": "50",
            "E4": "100",
        }
    return {"E1": str(20 * place), "E2": "400", "E3": str(50 + 8 * place), "E4": "100"}


def entry(value: str) -> Entry:
    return Entry(Decimal(value), State.VALUE) if value else Entry(None, State.MISSING)


def by(account: str) -> Actor:
    return Actor(account, PEOPLE[account][0])


def at(day: int, month: int = 4, hour: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def decide(alliance: int, number: str, subject: str, now: datetime, votes: str = "for") -> None:
    """A decision of both seats; the second comes from H2 and is recused where H2 is concerned."""
    accounts.record_decision(
        alliance,
        "committee",
        number,
        now.date(),
        subject,
        "decided",
        "doc-1",
        {1: votes, 2: "recused" if subject.startswith("veto:H2/") else votes},
        by=by("judge"),
        now=now,
    )


def build() -> int:
    """Found, file, sign, submit and accept a quarter; a scheme in force. Returns the alliance."""
    began = at(5, 1)
    alliance = members.found_alliance("SMALL", "小医联体", "Small alliance", by=SYSTEM, now=began)
    hashed = accounts.hash_password(PASSWORD)
    for account, (employer, role, place) in PEOPLE.items():
        accounts.create_account(
            account, PASSWORD, f"甲{account}", account.title(), employer, by=SYSTEM, now=began, hashed=hashed,
            employee=EMPLOYEES.get(account, ""),
        )  # fmt: skip
        if "/" not in place:
            accounts.give_grant(account, role, alliance, place, YEAR, None, by=SYSTEM, now=began)
    rows = []
    for line, (code, tier) in enumerate(MEMBERS.items(), 2):
        row = read_row(
            {
                "code": code,
                "name_zh": f"{code}医院",
                "name_en": f"Hospital {code}",
                "tier": tier,
                "joined": "2025-01-01",
                "is_lead": "yes" if code == "H1" else "no",
            },
            line,
            [],
        )
        assert row
        rows.append(row)
    members.import_workbook(alliance, rows, by=by("office"), now=began)
    members.import_structure(alliance, "H1", DEPARTMENTS, STAFFING, by=by("h1.personnel"), now=began)
    for account, (_employer, role, place) in PEOPLE.items():
        institution, _slash, unit = place.partition("/")
        if unit:
            accounts.give_grant(account, role, alliance, institution, YEAR, None, department=unit, by=SYSTEM, now=began)
    accounts.seat_body(
        alliance,
        "committee",
        "管委会",
        "Committee",
        50,
        [("chair", ""), ("judge", "H2")],
        date(2026, 1, 1),
        by=SYSTEM,
        now=began,
    )
    indicators.load_library(alliance, LIBRARY, by=by("office"), now=began)
    evaluation.import_scheme(alliance, SCHEME, by=by("office"), now=began)
    decide(alliance, "2026-001", "scheme:2026/1", began)
    reasons = dict.fromkeys(
        ("tertiary.collaboration", "secondary.collaboration", "primary.collaboration", "scheme.qualitative"), REASON
    )
    evaluation.decide_scheme(alliance, "2026", 1, reasons, decision="2026-001", by=by("chair"), now=began)
    for month in MONTHS:
        file_month(alliance, month)
    indicators.open_period(alliance, "2026-04", at(1, 6), by=by("office"), now=at(1, 5))
    return alliance


def file_month(alliance: int, month: str) -> None:
    """One month of all members, filed, signed, submitted and accepted."""
    indicators.open_period(alliance, month, at(30), by=by("office"), now=at(1))
    submit_month(alliance, month, 4)


def file_next_quarter(alliance: int) -> None:
    """The second quarter of all members, as the first one; its first month is open already."""
    submit_month(alliance, "2026-04", 5)
    for month in ("2026-05", "2026-06"):
        indicators.open_period(alliance, month, at(30, 7), by=by("office"), now=at(1, 7))
        submit_month(alliance, month, 7)


def submit_month(alliance: int, month: str, during: int) -> None:
    """An open month of all members, filed, signed, submitted and accepted during a month of the year."""
    for code in MEMBERS:
        entries = {element: (entry(value), 0) for element, value in readings(code, month).items()}
        reporter, lead = by(f"{code.lower()}.reporter"), by(f"{code.lower()}.lead")
        indicators.file_reading(alliance, month, code, entries, "monthly report", by=reporter, now=at(2, during))
        indicators.sign_submission(alliance, month, [code], by=lead, now=at(3, during))
        indicators.submit_submission(alliance, month, [code], by=lead, now=at(3, during, 3))
    others = [code for code in MEMBERS if code != "H2"]
    indicators.accept_submission(alliance, month, others, by=by("office2"), now=at(8, during))
    indicators.accept_submission(alliance, month, ["H2"], by=by("office"), now=at(8, during))
