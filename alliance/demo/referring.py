"""The referrals of the demo: two years of cases with made-up patients, and one of each thing that goes wrong."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from alliance.core.period import SHANGHAI, Period
from alliance.demo import people, values
from alliance.demo.days import MONTHS, moment
from alliance.demo.teller import Teller
from alliance.indicators import queries as indicators
from alliance.registers import services as registers
from alliance.registers.rules.people import check_sign
from alliance.registers.rules.referrals import Given
from alliance.registers.services import Past

FEWEST, MOST = 70, 190  # cases a month, at the beginning and at the end of the story
HOSPITALS = [code for code, *_rest in people.HOSPITALS]
CENTERS = [f"C{number:02}" for number in range(1, len(people.CENTERS) + 1)]
# Diagnosis, specialty, why up, what to look at: what community centers refer most.
ILLS = (
    ("I10.x05", "03.04", "血压控制不佳，请协助调整用药。", "监测血压，两周后复诊。"),
    ("I25.103", "03.04", "活动后胸闷，请进一步检查。", "规律服药，一个月后复查血脂。"),
    ("E11.900", "03.07", "血糖控制不佳，请协助制定方案。", "监测空腹及餐后血糖，每周随访。"),
    ("I63.900", "03.03", "言语不清、肢体无力，请尽快诊治。", "继续抗血小板治疗，进行康复训练。"),
    ("J44.100", "03.01", "咳喘加重，请协助诊治。", "规律吸入用药，避免受凉。"),
    ("S72.000", "04.03", "跌倒后髋部疼痛，请手术评估。", "按计划进行康复锻炼，六周后复查。"),
    ("K80.200", "04.01", "右上腹反复疼痛，请评估手术。", "低脂饮食，一周后切口换药。"),
    ("Z39.200", "05.02", "产后转回社区访视。", "产后42天复查。"),
    ("C34.900", "19", "肺部占位，请进一步诊治。", "按疗程返院，监测血常规。"),
)
DECLINED = "本科室近期床位已满，请联系其他医院接收。"
NO_NEED = "社区已完成相同治疗，当前情况仍可在社区继续随访。"
AREA = "999999"  # of which there is none: nobody has such an identity number


def refer(teller: Teller) -> None:
    """Two years of referrals, taken over from the paper register, and what goes on now."""
    teller.say("referrals")
    works, clock = indicators.works_on(teller.alliance), teller.clock
    until = clock - timedelta(days=2)
    first = Period.parse(f"{teller.days.start:%Y-%m}")
    last = Period.parse(f"{until.astimezone(SHANGHAI):%Y-%m}")
    past = []
    for start in range(first.start, last.start + 1):
        month = Period(start, first.kind)
        many = FEWEST + (MOST - FEWEST) * max(MONTHS - 1 - (last.start - start), 0) // (MONTHS - 1)
        past += [one for number in range(many) if (one := _case(month, number, until)).filed_at < until]
    past.sort(key=lambda one: one.filed_at)
    at = clock - timedelta(days=1)
    registers.take_over_referrals(teller.alliance, past, works, by=teller.by("office"), now=at)
    _now(teller)


def _patient(order: int, ill: int) -> tuple[str, str, str]:
    """Name, telephone and identity number of somebody who is not there."""
    born = date(1936, 1, 1) + timedelta(days=order * 7 % 21_000)
    if ILLS[ill][1] == "05.02":
        born = date(1990, 1, 1) + timedelta(days=order % 4_000)
    sex = 2 * (order // 1000 % 400) + (0 if ILLS[ill][1] == "05.02" else order % 2)
    number = f"{AREA}{born:%Y%m%d}{sex:03}"
    surname = people.SURNAMES[order % len(people.SURNAMES)][0]
    given = "甲乙丙丁戊己庚辛壬癸"[order % 10]
    return f"演示{surname}某{given}", f"1390000{order % 10_000:04}", number + check_sign(number)


def given(receiver: str, order: int, ill: int, urgency: str = "ordinary") -> Given:
    """What is filed about a made-up patient."""
    name, phone, identity = _patient(order, ill)
    code, specialty, why, _then = ILLS[ill]
    return Given(receiver, specialty, code, "ICD-10", "2.0", urgency, name, phone, identity, True, why)


def _case(month: Period, number: int, until: datetime) -> Past:
    """A case of a month, with all that happened to it until a moment."""
    order, key = month.start * 211 + number, f"{month.code}/{number}"

    def dice(what: str) -> Fraction:
        return values.chance(key, what)

    ill = int(dice("ill") * len(ILLS))
    center, hospital = (
        CENTERS[int(dice("center") * len(CENTERS))],
        HOSPITALS[int(dice("hospital") ** 2 * len(HOSPITALS))],
    )
    down = dice("way") < Fraction(2, 5)
    sender, receiver = (hospital, center) if down else (center, hospital)
    if dice("across") < Fraction(1, 20):
        sender, receiver = HOSPITALS[1], HOSPITALS[2]
    urgency = "ordinary" if down or dice("urgency") > Fraction(1, 5) else "urgent"
    day = month.first + timedelta(days=int(dice("day") * (month.until - month.first).days))
    filed = moment(day, 8 + int(dice("hour") * 8), int(dice("minute") * 60))
    waited = timedelta(minutes=15 + int(dice("wait") * (150 if urgency == "urgent" else 360)))
    by, answerer = f"{sender.lower()}.reporter", f"{receiver.lower()}.reporter"
    one = given(receiver, order, ill, urgency)
    if dice("declined") < Fraction(1, 25):
        return Past(sender, one, filed, filed + waited, DECLINED, filed_by=by, answered_by=answerer)
    began = Past(sender, one, filed, filed + waited, filed_by=by, answered_by=answerer)
    return _lived(began, ILLS[ill][3], dice("stay"), until)


def _lived(one: Past, then: str, stay: Fraction, until: datetime) -> Past:
    """What happened after a case was accepted, as far as it lies before a moment."""
    seen = one.filed_at + timedelta(days=1)
    left = seen + timedelta(days=int(stay * 9))
    back, followed, closed = (left + timedelta(days=days) for days in (1, 5, 6))
    if (one.answered_at or until) >= until:
        return Past(one.sender, one.given, one.filed_at, filed_by=one.filed_by)
    return Past(
        one.sender, one.given, one.filed_at, one.answered_at,
        seen_on=seen.date() if seen < until else None,
        discharged_on=left.date() if left < until else None,
        returned_at=back if back < until else None, summary=then if back < until else "",
        followed_on=followed.date() if followed < until else None,
        closed_at=closed if closed < until else None, filed_by=one.filed_by, answered_by=one.answered_by,
    )  # fmt: skip


def _now(teller: Teller) -> None:
    """What waits on the day of the demo: an inbox with something overdue, a patient sent back without need, a case
    declined, a case disputed, slots and beds."""
    alliance, clock = teller.alliance, teller.clock
    works = indicators.works_on(alliance)

    def file(sender: str, receiver: str, order: int, ill: int, at: datetime, urgency: str = "ordinary") -> str:
        one = given(receiver, order, ill, urgency)
        return registers.file_referral(alliance, sender, one, works, by=teller.reporter(sender), now=at)

    def see(number: str, receiver: str, at: datetime) -> None:
        by = teller.reporter(receiver)
        registers.accept_referral(alliance, number, receiver, 1, by=by, now=at)
        registers.see_referral(alliance, number, receiver, 2, at.astimezone(SHANGHAI).date(), works, by=by, now=at)

    hour = timedelta(hours=1)
    _offer(teller)
    first = file("C05", "T01", 7, 0, clock - timedelta(days=6))
    see(first, "T01", clock - timedelta(days=6) + hour)
    file("T01", "C05", 7, 0, clock - timedelta(days=1))  # the same patient, the same diagnosis, back
    disputed = file("C08", "S01", 11, 2, clock - timedelta(days=4))
    see(disputed, "S01", clock - timedelta(days=4) + hour)
    text = "患者反映未到贵院就诊，请核对接诊记录。"
    registers.write_message(
        alliance, disputed, "C08", "dispute", text, by=teller.reporter("C08"), now=clock - timedelta(days=2)
    )  # fmt: skip
    declined = file("C03", "T01", 13, 5, clock - timedelta(days=1))
    registers.decline_referral(
        alliance, declined, "T01", 1, NO_NEED, works, by=teller.reporter("T01"), now=clock - timedelta(days=1) + hour
    )  # fmt: skip
    file("C03", "T01", 17, 3, clock - 6 * hour, "urgent")  # unanswered, and overdue
    file("C11", "T01", 19, 1, clock - hour)
    file("T01", "C03", 23, 6, clock - 2 * hour)


def _offer(teller: Teller) -> None:
    today = teller.clock.astimezone(SHANGHAI).date()
    for hospital, specialty, kind, many in (
        ("T01", "03.04", "slot", 12), ("T01", "03.03", "bed", 3), ("S01", "03.07", "slot", 8), ("S02", "21", "bed", 5),
    ):  # fmt: skip
        for ahead in (1, 2, 3):
            registers.publish_offer(
                teller.alliance, hospital, specialty, kind, today + timedelta(days=ahead), many,
                by=teller.reporter(hospital), now=teller.clock - timedelta(days=1),
            )  # fmt: skip
