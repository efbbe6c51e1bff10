"""The budget set of the demo's lead hospital for the current year, and the agreements that were signed on it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from alliance.core.actor import Actor
from alliance.core.figure import State
from alliance.core.period import Period
from alliance.demo.days import moment
from alliance.demo.inside import HOSPITAL
from alliance.demo.teller import Teller
from alliance.workpoints import queries, services
from alliance.workpoints.queries import Given
from alliance.workpoints.rules.entries import Entry
from alliance.workpoints.rules.records import DIRECTORS, Meeting
from alliance.workpoints.rules.targets import AMOUNT, DIRECTOR, FLOW, HEAD, PAY, UNIT

OFFICE, LEADER = Actor("t01.bonus", HOSPITAL), Actor("t01.lead", HOSPITAL)
# Of a year, in yuan.
FLOWS = {
    "medical": 1_180_000_000, "fiscal": 62_000_000, "research": 8_500_000, "other_income": 14_000_000,
    "staff": 452_000_000, "drugs": 318_000_000, "materials": 226_000_000, "depreciation": 88_000_000,
    "amortisation": 6_200_000, "risk_fund": 3_500_000, "other_costs": 152_000_000,
}  # fmt: skip
STRUCTURE = {
    "bonus": (29_500_000, 19_800_000, 5_900_000, 2_400_000, 5_600_000),
    "increment": (900_000, 400_000, 100_000, 0, 0), "new_technique": (600_000, 0, 120_000, 0, 0),
    "alliance": (700_000, 250_000, 150_000, 40_000, 0), "file_wage": (2_000_000, 1_900_000, 700_000, 300_000, 500_000),
    "research": (450_000, 80_000, 60_000, 20_000, 0), "teaching": (380_000, 160_000, 40_000, 0, 0),
    "basic": (58_000_000, 71_000_000, 16_000_000, 7_200_000, 14_500_000),
    "night": (3_900_000, 4_100_000, 450_000, 0, 0),
    "task": (500_000, 200_000, 80_000, 0, 60_000), "consultation": (320_000, 0, 0, 0, 0),
}  # fmt: skip
FAMILIES = ("doctor", "nurse", "technology", "pharmacy", "administration")
TARGETS: dict[str, dict[str, str]] = {
    "D01": {"visits": "54000", "discharges": "1620", "operations": "320", "cmi": "1.12", "variable_cost": "216000"},
    "D02": {"visits": "27000", "discharges": "660", "cmi": "1.40", "variable_cost": "180000"},
    "D06": {"visits": "50000", "discharges": "1700", "operations": "1400", "cmi": "1.10"},
    "D08": {"visits": "26000", "discharges": "820", "bed_days": "9900", "cmi": "1.45"},
    "T01": {"variable_cost": "90000"},
}
TERMS = (
    "一、医院按本责任书为科室配置编制、床位和设备，按月公布目标完成情况。\n"
    "二、科室完成工作量、技术能力和成本目标；不以业务收入作为目标，不得诱导检查、用药。\n"
    "三、完成情况计入科室年度考核，未完成的由科室说明原因并提出改进措施。"
)
SIGNED = {"D01": Actor("t01.cardiology", HOSPITAL), "D06": Actor("t01.surgery", HOSPITAL)}
ONE_SIDE = ("D08", "T01")  # signed by the director alone


def agree(teller: Teller, month: Period) -> None:
    """The set of the year: drafted, adopted by the directors, in force; two agreements signed by both sides, two by the
    director, one by nobody."""
    year, drafted = month.first.year, moment(month.first.replace(day=4))
    teller.say(f"targets of {year}")
    reference = services.draft_target(
        teller.alliance, HOSPITAL, year, _cells(), TERMS, f"{year}年度预算方案", by=OFFICE, now=drafted
    )
    met, number = drafted + timedelta(days=14), f"市一院院办纪要〔{year}〕目标"
    meeting = Meeting(number, DIRECTORS, f"通过{year}年度预算与科室目标", met.date(), None, 11, 11, 0)
    services.file_record(teller.alliance, HOSPITAL, f"targets:{reference}", meeting, by=OFFICE, now=met)
    services.decide_target(
        teller.alliance, HOSPITAL, year, 1, decision=number, by=LEADER, now=drafted + timedelta(days=15)
    )
    for unit in (*SIGNED, *ONE_SIDE):
        found = queries.agreement(teller.alliance, HOSPITAL, year, unit)
        assert found is not None  # it is one of the targets above
        for side, who, days in ((DIRECTOR, LEADER, 16), (HEAD, SIGNED.get(unit), 18)):
            if who:
                services.sign_agreement(
                    teller.alliance,
                    HOSPITAL,
                    year,
                    unit,
                    side,
                    found.sha256,
                    by=who,
                    now=drafted + timedelta(days=days),
                )


def _cells() -> list[Given]:
    found = [_cell(FLOW + code, AMOUNT, amount) for code, amount in FLOWS.items()]
    found += [
        _cell(PAY + code, family, amount)
        for code, row in STRUCTURE.items() for family, amount in zip(FAMILIES, row, strict=True) if amount
    ]  # fmt: skip
    return found + [_cell(UNIT + unit, kind, text) for unit, row in TARGETS.items() for kind, text in row.items()]


def _cell(key: str, kind: str, number: int | str) -> Given:
    return Given(key, kind, Entry(Decimal(number), State.VALUE))
