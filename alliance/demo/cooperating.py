"""What the members of the demo do together, case by case: visits and trainings that add up to what was filed, and a few
dozen cases in every other register."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from alliance.core.period import Period
from alliance.core.roles import Scope
from alliance.demo.days import moment
from alliance.demo.teller import Teller
from alliance.indicators import services as indicators
from alliance.members import queries as members
from alliance.registers import services as registers
from alliance.registers.queries import WantedCases, find_cases
from alliance.registers.rules.imports import ImportRow

GIVER = "T01"
HOSTS = ("C01", "C03", "S02")
FED = ("E058", "E063")  # elements of the lead hospital that come from cases
MONTHS = 3  # final ones that are derived, beside the two that are not final
SOURCE = "协同平台"
EACH = 24  # cases of each other register
DAYS_BACK = 110
SESSION = 4  # hours of a training
TOPICS = (
    "高血压规范管理", "糖尿病足筛查", "心电图判读", "抗菌药物合理使用", "卒中早期识别", "儿童肺炎诊治", "静脉血栓预防",
    "慢阻肺肺功能检查", "伤口护理", "急性胸痛处置", "骨质疏松防治",
)  # fmt: skip
SPECIALTIES = ("心血管内科", "内分泌科", "神经内科", "呼吸内科", "骨科", "儿科")
DISPUTED = "当日预约记录与科室登记不一致，请核对"
Made = Mapping[str, Mapping[str, Decimal]]
Given = dict[str, str]


def is_told(teller: Teller, period: Period) -> bool:
    """Whether the cases of a month are told one by one."""
    return period in (*teller.days.final[-MONTHS:], teller.days.reviewed, teller.days.filed)


def tell_month(teller: Teller, period: Period, made: Made) -> None:
    """The visits and trainings of an open month, confirmed by their hosts, and the readings that come of them."""
    if not is_told(teller, period):
        return
    at = moment(period.until, hour=8)
    office = teller.by("office")
    for element in FED if period == teller.days.final[-MONTHS] else ():
        indicators.set_feed(teller.alliance, element, period.code, True, by=office, now=at)
    experts = _experts(teller)
    for register, cases in (
        ("visit", _visits(period, made[GIVER], experts)),
        ("training", _trainings(period, made[GIVER], experts)),
    ):
        _import(teller, register, GIVER, list(cases), f"{period.code}-", at)
        for host in HOSTS:
            _confirm(teller, register, host, period.code, at + timedelta(hours=1))
    indicators.derive_reading(teller.alliance, period.code, by=office, now=at + timedelta(hours=2))


def _experts(teller: Teller) -> list[str]:
    """Senior doctors of the lead hospital who have been there all along."""
    known = members.employee_names(teller.alliance, GIVER)
    return [number for number, one in known.items() if "主任医师" in one.title and one.status == "active"][:24]


def _visits(period: Period, made: Mapping[str, Decimal], experts: list[str]) -> Iterator[Given]:
    count, patients = int(made["E058"]), int(made["E061"])
    for place in range(count):
        yield {
            "giver": GIVER, "receiver": HOSTS[place % len(HOSTS)], "expert": experts[place % len(experts)],
            "rank": "associate_chief" if place % 3 else "chief", "day": _day(period, place, count),
            "half": "afternoon" if place % 2 else "morning", "hours": "3.5" if place % 4 else "4",
            "patients": str(patients * (place + 1) // count - patients * place // count),
            "specialty": SPECIALTIES[place % len(SPECIALTIES)],
        }  # fmt: skip


def _trainings(period: Period, made: Mapping[str, Decimal], experts: list[str]) -> Iterator[Given]:
    hours = made["E063"]
    count = int(hours // SESSION) + (hours % SESSION > 0)
    for place in range(count):
        yield {
            "giver": GIVER, "receiver": HOSTS[place % len(HOSTS)], "teacher": experts[(place * 5) % len(experts)],
            "day": _day(period, place, count), "mode": "online" if place % 3 == 0 else "on_site",
            "topic": TOPICS[place % len(TOPICS)],
            "hours": str(min(Decimal(SESSION), hours - SESSION * place)), "attendees": str(12 + place * 7 % 23),
            "rating": f"4.{place * 3 % 10}",
        }  # fmt: skip


def _day(period: Period, place: int, count: int) -> str:
    return (period.first + timedelta(days=place * 27 // max(count - 1, 1))).isoformat()


def _import(teller: Teller, register: str, who: str, cases: list[Given], stem: str, at: datetime) -> None:
    rows = [ImportRow(line, f"{stem}{line:04}", 1, given) for line, given in enumerate(cases, 2)]
    registers.import_case(teller.alliance, register, who, SOURCE, rows, by=teller.reporter(who), now=at)


def _confirm(teller: Teller, register: str, who: str, month: str, at: datetime, but: int = 0) -> None:
    """Confirm what waits for a member, but for the newest few."""
    wanted = WantedCases(month=month, waits_for=frozenset({who}))
    cases, _total = find_cases(Scope(teller.alliance, institutions=None), register, wanted, 1, 1000)
    numbers = [one.number for one in cases][but:]
    if numbers:
        registers.confirm_case(teller.alliance, register, numbers, by=teller.lead(who), now=at)


def tell_others(teller: Teller) -> None:
    """A few dozen cases in every other register over the last months; the newest wait, one is disputed."""
    teller.say("cases of the registers")
    experts, at = _experts(teller), teller.clock - timedelta(hours=3)
    for register, (who, confirms, make) in OTHERS.items():
        cases = [make(place, _back(teller, place), experts[place % len(experts)]) for place in range(EACH)]
        _import(teller, register, who, cases, "", at)
        _confirm(teller, register, confirms, "", at + timedelta(hours=1), but=4)
    registers.issue_certificate(
        teller.alliance, GIVER, experts[0], teller.days.today.year, by=teller.lead(GIVER), now=teller.clock
    )
    registers.dispute_case(
        teller.alliance, "consultation", EACH, DISPUTED, by=teller.lead(GIVER), now=at + timedelta(hours=2)
    )


def _back(teller: Teller, place: int) -> date:
    """The day of a case: the last one is of yesterday."""
    return teller.days.today - timedelta(days=1 + (EACH - 1 - place) * DAYS_BACK // EACH)


def _consultation(place: int, day: date, expert: str) -> Given:
    return {
        "giver": GIVER,
        "receiver": "C03",
        "expert": expert,
        "day": day.isoformat(),
        "specialty": SPECIALTIES[place % len(SPECIALTIES)],
        "multidisciplinary": "yes" if place % 6 == 0 else "no",
        "fee": "200",
        "payer": "asking",
        "record": f"HZ{day:%y%m}{place:03}",
    }


def _reading(place: int, day: date, expert: str) -> Given:
    modality, item = (("imaging", "胸部CT"), ("ecg", "十二导联心电图"), ("pathology", "宫颈液基细胞"))[place % 3]
    return {
        "giver": GIVER,
        "receiver": "C08",
        "reader": expert,
        "day": day.isoformat(),
        "modality": modality,
        "item": item,
        "fee": "30",
        "payer": "asking",
        "record": f"YC{day:%y%m}{place:03}",
    }


def _repeat(place: int, day: date, _expert: str) -> Given:
    recognised = place % 4 != 0
    given = {
        "receiver": "S02",
        "giver": GIVER,
        "item": ("胸部CT", "血常规", "肝功能", "心脏彩超")[place % 4],
        "first_at": f"{day - timedelta(days=5 + place % 9)} 09:30",
        "registered": f"{day} 08:10",
        "second_at": f"{day} 09:40",
        "recognised": "yes" if recognised else "no",
        "record": f"SQ{day:%y%m}{place:03}",
    }
    return given if recognised else given | {"reason": ("condition", "quality", "patient", "unseen")[place // 4 % 4]}


def _equipment(place: int, day: date, _expert: str) -> Given:
    used = "0" if place % 8 == 0 else "0.5"
    return {
        "giver": GIVER,
        "receiver": "C01",
        "device": f"SB{place % 5 + 1:02}",
        "name": ("1.5T磁共振", "64排CT", "骨密度仪", "动态心电", "肺功能仪")[place % 5],
        "day": day.isoformat(),
        "booked": "0.5",
        "used": used,
        "record": f"YY{day:%y%m}{place:03}",
    }


def _posting(place: int, day: date, expert: str) -> Given:
    start = day - timedelta(days=150)
    return {
        "giver": GIVER,
        "receiver": "C01",
        "person": expert,
        "rank": "associate_chief",
        "form": "full_time" if place % 2 else "rotating",
        "start": start.isoformat(),
        "until": (start + timedelta(days=60 + place * 9)).isoformat(),
        "duty": "门诊、带教和查房",
    }


def _activity(place: int, day: date, expert: str) -> Given:
    form = ("discussion", "discussion", "clinic", "contest")[place % 4]
    return {
        "giver": GIVER,
        "receiver": "S02",
        "others": "C01 C03" if place % 3 == 0 else "",
        "day": day.isoformat(),
        "form": form,
        "topic": TOPICS[place % len(TOPICS)],
        "lead": expert,
        "served": str(15 + place * 5 % 60),
        "minutes": "到会单位、讨论要点和分工已记入会议纪要，各单位留存。",
    }


def _research(place: int, day: date, expert: str) -> Given:
    start = day - timedelta(days=200 + place * 10)
    return {
        "giver": GIVER,
        "receiver": "S02",
        "topic": f"{TOPICS[place % len(TOPICS)]}的多中心研究",
        "record": f"KY{start:%Y}{place:03}",
        "lead": expert,
        "level": ("city", "own", "province")[place % 3],
        "start": start.isoformat(),
        "until": (start + timedelta(days=730)).isoformat(),
    }


def _technique(place: int, day: date, expert: str) -> Given:
    return {
        "receiver": "C03",
        "giver": GIVER,
        "topic": f"{TOPICS[place % len(TOPICS)]}适宜技术（{place // len(TOPICS) + 1}）",
        "start": day.isoformat(),
        "approval": f"滨卫基〔{day:%Y}〕{place + 1}号",
        "lead": "中心业务科",
        "teacher": expert,
        "cases": str(3 + place % 12),
    }


def _education(place: int, day: date, _expert: str) -> Given:
    return {
        "member": "C03",
        "day": day.isoformat(),
        "form": ("talk", "counselling", "media")[place % 3],
        "topic": TOPICS[place % len(TOPICS)],
        "speaker": "中心健教专干",
        "served": str(25 + place * 11 % 90),
        "hours": "1.5",
    }


def _cohort(place: int, day: date, _expert: str) -> Given:
    value = Decimal("6.1") + Decimal(place * 7 % 25) / 10
    return {
        "member": "C03",
        "record": f"DL{place % 12 + 1:03}",
        "outcome": "glucose",
        "day": day.isoformat(),
        "value": str(value),
        "unit": "%",
        "reached": "yes" if value < 7 else "no",
        "doctor": "家庭医生团队",
    }


def _workload(place: int, day: date, _expert: str) -> Given:
    return {
        "member": "C03",
        "person": "家庭医生团队",
        "day": day.isoformat(),
        "item": ("入户随访", "家庭病床巡诊")[place % 2],
        "quantity": str(1 + place % 5),
        "unit": "次",
        "evidence": "随访登记本，已由团队长签字。",
    }


# By register who files, who confirms, and how a case is made.
OTHERS: Mapping[str, tuple[str, str, Callable[[int, date, str], Given]]] = {
    "consultation": ("C03", GIVER, _consultation),
    "reading": ("C08", GIVER, _reading),
    "repeat": ("S02", GIVER, _repeat),
    "equipment": ("C01", GIVER, _equipment),
    "posting": (GIVER, "C01", _posting),
    "activity": (GIVER, "S02", _activity),
    "research": (GIVER, "S02", _research),
    "technique": ("C03", GIVER, _technique),
    "education": ("C03", "C03", _education),
    "cohort": ("C03", "C03", _cohort),
    "workload": ("C03", "C03", _workload),
}
