"""What is inside of the demo's lead hospital: departments, posts, staff, and who keeps and heads them. All made up."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from importlib import resources

from alliance.accounts import services as accounts
from alliance.accounts.rules.totp import STEP, one_time_code
from alliance.core.actor import Actor
from alliance.core.roles import DEPARTMENTAL, STRONG
from alliance.demo import roster
from alliance.demo.people import PASSWORD, totp_secret
from alliance.demo.teller import SYSTEM
from alliance.members import services as members
from alliance.members.rules.departments import KINDS, CodeFact, DepartmentFact, Inside, ServiceFact

HOSPITAL = "T01"
KEEPER = Actor("t01.personnel", HOSPITAL)
# Account, name in Chinese, name in English, role, and where and in which post they work.
PEOPLE = (
    ("t01.personnel", "钱佩珊", "Qian Peishan", "personnel", "A02", "AD1"),
    ("t01.bonus", "姚振华", "Yao Zhenhua", "hospital_office", "A03", "AD1"),
    ("t01.finance", "雷国庆", "Lei Guoqing", "finance", "A03", "AD2"),
    ("t01.cardiology", "傅启明", "Fu Qiming", "department_head", "D01", "DR1"),
    ("t01.surgery", "严国栋", "Yan Guodong", "department_head", "D06", "DR1"),
    ("t01.nurses", "卢秀英", "Lu Xiuying", "department_head", "N01", "NU1"),
    ("t01.laboratory", "贺敏", "He Min", "department_head", "T01", "TE1"),
    ("t01.cashier", "姜雪梅", "Jiang Xuemei", "finance", "A01", "AD2"),
    ("t01.nurse", "郭静远", "Guo Jingyuan", "staff", "N01", "NU3"),
    ("t01.doctor", "何慧婷", "He Huiting", "staff", "D01-1", "DR5"),
)
NAMED = {(unit, post): (zh, en) for _account, zh, en, _role, unit, post in PEOPLE}
# Codes beside the one that the hospital information system has for every department.
OTHER_CODES = (("HIS", "0199", "D05-1"), ("HIS", "0509", "E01"), ("LIS", "JYK", "T01"), ("PACS", "YXK", "T02"))
SHARED = {
    "N01": (("D01-1", 53), ("D01-2", 47)),
    "N06": (("D06-1", 50), ("D06-2", 50)),
    "N07": (("D07-1", 50), ("D07-2", 50)),
    "T03": (("D06", 45), ("D07", 35), ("D08", 20)),
}


def furnish(alliance: int, start: date, at: datetime) -> None:
    """The departments from a day on, and those who sign in for them."""
    hashed, staff = accounts.hash_password(PASSWORD), roster.staffing(rows(), NAMED, start)
    numbers: dict[tuple[str, str], str] = {}
    for fact in staff.employees:
        numbers.setdefault((fact.department, fact.post), fact.number)
    for account, zh, en, role, unit, post in PEOPLE:
        # The office files everybody's numbers, and nobody files an own one.
        number = "" if role == "hospital_office" else numbers[unit, post]
        accounts.create_account(
            account, PASSWORD, zh, en, HOSPITAL, by=SYSTEM, now=at, hashed=hashed, employee=number
        )  # fmt: skip
        if role not in DEPARTMENTAL:
            accounts.give_grant(account, role, alliance, HOSPITAL, at.date(), None, by=SYSTEM, now=at)
        enrol(account, role, Actor(account, HOSPITAL), at)
    members.import_structure(alliance, HOSPITAL, departments(start), staff, by=KEEPER, now=at)
    for account, _zh, _en, role, department, _post in PEOPLE:
        if role in DEPARTMENTAL:
            accounts.give_grant(
                account, role, alliance, HOSPITAL, at.date(), None, department=department, by=SYSTEM, now=at
            )


def enrol(account: str, role: str, by: Actor, at: datetime) -> None:
    """Whose role asks for it signs in with a one-time code too."""
    if role in STRONG:
        secret = totp_secret(account)
        accounts.enrol_totp("", secret, one_time_code(secret, int(at.timestamp()) // STEP), by=by, now=at)


def transfer(alliance: int, start: date, day: date, at: datetime) -> None:
    """Somebody changes from one medical group to another in the middle of a month."""
    members.record_employee(alliance, HOSPITAL, roster.moved(rows(), NAMED, start, day), by=KEEPER, now=at)


def rows() -> list[dict[str, str]]:
    """The departments as the table beside this module has them."""
    text = resources.files("alliance.demo").joinpath("inside.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def departments(start: date) -> Inside:
    """The departments with their codes and shares."""
    known = rows()
    facts = tuple(
        DepartmentFact(
            row["code"],
            row["parent"],
            row["name_zh"],
            row["name_en"],
            row["kind"],
            KINDS[row["kind"]],
            int(row["beds"]) if row["beds"] else None,
            start,
        )
        for row in known
    )
    codes = [("HIS", row["his"], row["code"]) for row in known]
    return Inside(
        facts,
        tuple(CodeFact(system, outside, department, start) for system, outside, department in (*codes, *OTHER_CODES)),
        tuple(ServiceFact(unit, shares, start) for unit, shares in _shares(known).items()),
    )


def _shares(known: list[dict[str, str]]) -> dict[str, tuple[tuple[str, Decimal], ...]]:
    """Each nursing unit serves the medical groups of its department."""
    groups = {row["parent"]: row["code"] for row in known if row["kind"] == "inpatient_group"}
    whole = {row["code"]: ((groups[row["parent"]], 100),) for row in known if row["kind"] == "inpatient_nursing"}
    return {
        unit: tuple((served, Decimal(share)) for served, share in shares) for unit, shares in (whole | SHARED).items()
    }
