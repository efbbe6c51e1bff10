"""What the lead hospital files for its bonus in the last final months: numbers, rosters, tasks, withheld pay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from alliance.core.actor import Actor
from alliance.core.figure import State
from alliance.core.money import cents, split
from alliance.core.period import Period
from alliance.demo.days import moment
from alliance.demo.inside import HOSPITAL
from alliance.demo.teller import Teller
from alliance.members import queries as members
from alliance.workpoints import queries, services
from alliance.workpoints.queries import Given, GivenCase, GivenDay, GivenMonth, Roll
from alliance.workpoints.rules.activity import INPATIENT
from alliance.workpoints.rules.discharges import Case
from alliance.workpoints.rules.duties import OFF, ShiftFact, by_person, works_in
from alliance.workpoints.rules.entries import Entry
from alliance.workpoints.rules.ledgers import ACCEPTED, REFUSED, HeldPay
from alliance.workpoints.rules.workloads import PERFORMING, Workload
from alliance.workpoints.services import GivenTask
from alliance.workpoints.volume.partitions import Partitions

KEEPER, REVIEWER = Actor("t01.bonus", HOSPITAL), Actor("t01.finance", HOSPITAL)
NURSES = Actor("t01.nurses", HOSPITAL)
MONTHS = 2  # those whose charge lines are loaded
# Code, names, hours, whether it is a night that pays.
SHIFTS = (
    ("D", "白班", "Day", "08:00–16:00", False),
    ("E", "责任班", "Long day", "08:00–18:00", False),
    ("N1", "大夜", "Late night", "00:00–08:00", True),
    ("N2", "小夜", "Early night", "16:00–24:00", True),
)
# The round of a nursing unit, and that of a ward's doctors: so many days, and then again.
NURSING, DOCTORS = ("D", "D", "N2", "N1", OFF, OFF), ("D", "D", "D", "N1", OFF, "D", OFF)
ROSTERED = {"inpatient_nursing": NURSING, "outpatient_nursing": NURSING, "inpatient_group": DOCTORS}
HEADS = ("DR1", "NU1")  # posts of heads
DAYTIME = ("DR1", "DR2", "NU1")  # posts without nights
# Disease group, weight, cases in a month, days, cost and payment of a case.
GROUPS = (
    ("FM19", "经皮冠状动脉支架植入", "2.35", 16, 6, 32400, 33800),
    ("FR21", "心力衰竭", "0.98", 34, 9, 11800, 11200),
    ("ES21", "呼吸系统感染", "0.86", 41, 8, 9600, 9900),
    ("GB25", "胃肠大手术", "3.10", 12, 14, 46100, 44900),
    ("IC29", "髋膝关节置换", "3.42", 14, 11, 52800, 55400),
    ("OB15", "剖宫产", "0.82", 48, 5, 8100, 8300),
)
TASKS = (
    ("consultation", 30000, "院外会诊3次", "会诊单"),
    ("teaching", 48000, "带教进修医师", "教学科登记表"),
    ("alliance", 60000, "到望江路社区中心坐诊2天", "医联体派驻通知"),
    ("research", 80000, "省级课题中期检查通过", "科教科证明"),
    ("task", 20000, "大型活动医疗保障", "院办通知"),
    ("consultation", 10000, "多学科会诊1次", "会诊单"),
)
# Work of the first nursing unit that no system feeds: item, quantity, what it was, where it stands.
WORK = (
    ("HL0004", "3", "转运途中重症护理，未计费", "护理部危重患者转运登记本第18页"),
    ("HL0005", "2", "急诊手术后护送及交接，未计费", "手术患者交接单"),
    ("HL0004", "3", "转运途中重症护理，未计费", "护理部危重患者转运登记本第19页"),
)
# What was found about single cases, by the place of the disease group and of the case in it.
FOUND = {(1, 4): frozenset({"split"}), (3, 9): frozenset({"upcoded"}), (4, 2): frozenset({"refused"})}
CLINICAL = ("inpatient_group", "outpatient_medical")


def tell(teller: Teller) -> None:
    """File the last final months, each in the days after it, as the office does."""
    months = teller.days.final[-MONTHS:]
    begun = teller.days.start
    for code, zh, en, hours, night in SHIFTS:
        fact = ShiftFact(code, zh, en, hours, night, begun)
        services.define_shift(teller.alliance, HOSPITAL, fact, by=KEEPER, now=moment(months[0].first, 8))
    for month in months:
        roll = queries.roll(teller.alliance, HOSPITAL, month.code)
        after = moment(month.until + timedelta(days=2))
        _file_numbers(teller.alliance, month, roll, after)
        _file_rosters(teller.alliance, month, roll, moment(month.first, 8))
        _enter_tasks(teller.alliance, month, roll, after)
        if month == months[-1]:
            _withhold(teller.alliance, month, roll)
            _discharge(teller.alliance, month, roll)


def _value(number: Decimal | int | str) -> Entry:
    return Entry(Decimal(number), State.VALUE)


def _spread(place: int, month: Period, least: int, width: int) -> int:
    """A number that differs from one to the next, and is the same in every demo."""
    return least + (place * 37 + month.start * 13) % width


def _file_numbers(alliance: int, month: Period, roll: Roll, at: datetime) -> None:
    given = [*_of_units(month, roll), *_of_persons(month, roll)]
    document = f"滨一绩效〔{month.first.year}〕{month.first.month}号"
    whole = GivenMonth(given, list(_cases(month, roll)))
    services.import_entry(alliance, HOSPITAL, month.code, whole, document, by=KEEPER, now=at)


def _of_units(month: Period, roll: Roll) -> Iterator[Given]:
    for place, code in enumerate(roll.staffed()):
        kind = roll.units[code][0].kind
        persons = len(roll.of(code))
        yield Given(code, "score", _value(Decimal(_spread(place, month, 880, 115)) / 10))
        yield Given(code, "variable_cost", _value(persons * _spread(place, month, 180, 160)))
        yield Given(code, "last_bonus", _value(persons * _spread(place, month, 3900, 1500)))
        yield Given(code, "actual", _value(persons * _spread(place, month, 52, 14)))
        yield Given(code, "base", _value(persons * 55))
        if kind in CLINICAL:
            visits = 120 if kind == "inpatient_group" else 420
            yield Given(code, "visits", _value(persons * visits + _spread(place, month, 0, 90)))
            yield Given(code, "admitted", _value(Decimal(_spread(place, month, 300, 200)) / 10))
        if kind == "inpatient_group":
            yield Given(code, "case_quality", _value(Decimal(_spread(place, month, 900, 99)) / 10))


def _of_persons(month: Period, roll: Roll) -> Iterator[Given]:
    last = {person: unit for unit, person in roll.people}  # who was transferred has one file wage
    for (unit, person), one in roll.people.items():
        place = int(person)
        yield Given(unit, "score", _value(Decimal(_spread(place, month, 860, 150)) / 10), person)
        yield Given(unit, "quantity", _value(_spread(place, month, 40, 60)), person)
        if last[person] == unit:
            yield Given(unit, "file_wage", _value(_spread(place, month, 300, 60)), person)
        if one.family == "administration":
            yield Given(unit, "key_figures", _value(_spread(place, month, 88, 13)), person)
        if one.fact.post in HEADS:
            for number, code in enumerate(("base", "efficiency", "scale", "management", "operation")):
                yield Given(unit, code, _value(_spread(place + number, month, 78, 20)), person)


def _cases(month: Period, roll: Roll) -> Iterator[GivenCase]:
    """Each ward's medical groups treat two of the disease groups."""
    wards = [code for code in roll.units if roll.units[code][0].kind == "inpatient_group"]
    for place, unit in enumerate(wards):
        for number in (place, place + 1):
            code, _name, rw, cases, days, cost, payment = GROUPS[number % len(GROUPS)]
            count = cases + _spread(place + number, month, 0, 7)
            yield GivenCase(
                unit, code, Decimal(rw), count, Decimal(days * count + number % 5), Decimal(cost * count),
                Decimal(payment * count), Decimal(days), Decimal(cost), Decimal(cost) * Decimal("1.05"),
            )  # fmt: skip


def _discharge(alliance: int, month: Period, roll: Roll) -> None:
    """The cases behind the disease groups of a month: their sums are what is filed, and some are to be looked at."""
    parts = [part for place, group in enumerate(_cases(month, roll)) for part in _shared_out(place, group, month)]
    cases = [replace(one, number=f"ZY{month.code}-{serial:04}") for serial, one in enumerate(parts, 1)]
    document = f"{month.code}医保结算清单"
    at = moment(month.until + timedelta(days=3))
    services.import_case(alliance, HOSPITAL, month.code, cases, document, by=KEEPER, now=at)


def _shared_out(place: int, group: GivenCase, month: Period) -> Iterator[Case]:
    """A disease group's cost and payment by case; one case of some groups costs far more or less than is paid."""
    ordinary = {f"{number:03}": _spread(number, month, 85, 31) for number in range(group.cases)}
    odd = ({"000": 460}, {"001": 25}, {})[place % 3]  # against about a hundred
    costs = split(cents(group.cost), ordinary | odd)
    payments = split(cents(group.payment), dict.fromkeys(ordinary, 1))
    for number, code in enumerate(ordinary):
        found = FOUND.get((place, number), frozenset())
        deducted = payments[code] // 5 if found else 0
        yield Case("", group.unit, group.code, group.rw, costs[code], payments[code], deducted, found)


def _file_rosters(alliance: int, month: Period, roll: Roll, at: datetime) -> None:
    """Every nursing unit and the wards' doctors, in rounds; at night there is always somebody."""
    facts = by_person(members.staffing(alliance, HOSPITAL).employees)
    given = []
    for unit in roll.staffed():
        turn = ROSTERED.get(roll.units[unit][0].kind)
        for place, one in enumerate(roll.of(unit) if turn else ()):
            mine = facts[one.fact.number]
            days = [day for day in _month_days(month) if works_in(mine, unit, day)]
            plain = one.fact.post in DAYTIME
            given += [GivenDay(unit, one.fact.number, day, _shift(day, place, turn or (), plain)) for day in days]
    services.import_roster(alliance, HOSPITAL, month.code, given, "", by=KEEPER, now=at)


def _shift(day: date, place: int, turn: tuple[str, ...], plain: bool) -> str:
    if plain:
        return "D" if day.weekday() < 5 else OFF
    return turn[(day.toordinal() + place) % len(turn)]


def _month_days(month: Period) -> Iterable[date]:
    return (date.fromordinal(number) for number in range(month.first.toordinal(), month.until.toordinal()))


def _enter_tasks(alliance: int, month: Period, roll: Roll, at: datetime) -> None:
    """Some tasks of the clinical people; all but the last one of the last month are reviewed."""
    people = sorted(person for (unit, person), one in roll.people.items() if one.family == "doctor")
    for place, (subject, amount, text, document) in enumerate(TASKS):
        person = people[(place * 11 + month.start) % len(people)]
        given = GivenTask(person, month.code, subject, amount, text, f"{document} {month.code}-{place + 1:02}")
        number = services.enter_task(alliance, HOSPITAL, given, by=KEEPER, now=at)
        if place < len(TASKS) - 2:
            services.review_task(alliance, HOSPITAL, number, ACCEPTED, by=REVIEWER, now=at + timedelta(hours=3))
        elif place == len(TASKS) - 2:
            reason = "通知中没有该人员，请补充名单后重新登记"
            services.review_task(alliance, HOSPITAL, number, REFUSED, reason, by=REVIEWER, now=at + timedelta(hours=3))


def note_work(teller: Teller, partitions: Partitions) -> None:
    """Work entered by hand after the newest month was computed: all but the last entry is accepted."""
    month = teller.days.final[-1]
    nurses = queries.roll(teller.alliance, HOSPITAL, month.code).of("N01")
    at = teller.clock - timedelta(hours=12)
    for place, (item, quantity, text, document) in enumerate(WORK):
        person = nurses[place + 1].fact.number
        given = Workload(
            month.first.replace(day=9 + 4 * place), item, Decimal(quantity), PERFORMING, INPATIENT, "N01", person, text,
            document,
        )  # fmt: skip
        number = services.enter_workload(teller.alliance, HOSPITAL, given, by=NURSES, now=at)
        if place < len(WORK) - 1:
            after = at + timedelta(hours=3)
            services.review_workload(
                partitions, teller.alliance, HOSPITAL, number, ACCEPTED, by=KEEPER, now=after
            )  # fmt: skip


def _withhold(alliance: int, month: Period, roll: Roll) -> None:
    """One person's pay is withheld until a registration is renewed."""
    person = sorted(person for (_unit, person), one in roll.people.items() if one.family == "nurse")[6]
    given = HeldPay(
        person, month.code, "withheld", 60000, None, "执业注册到期，延续注册后补发", f"人力资源部通知 {month.code}"
    )
    services.enter_holding(alliance, HOSPITAL, given, by=KEEPER, now=moment(month.until + timedelta(days=3)))
