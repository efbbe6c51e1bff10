"""The surveys of the demo: outpatients and the lead hospital's staff in the last scored quarter, and one under way."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from alliance.core.period import Period, PeriodKind, day_of
from alliance.demo import values
from alliance.demo.days import moment
from alliance.demo.inside import HOSPITAL
from alliance.demo.teller import Teller
from alliance.members import queries as members
from alliance.ratings import queries, services
from alliance.ratings.queries import PaperForm
from alliance.ratings.rules.fieldwork import KIOSK, LEAST, ONCE, Place
from alliance.ratings.rules.questions import CHOICE, NPS, SCALE, Question, Questionnaire, Reply

FEW = "C20"  # too few patients answered there
FEW_ANSWERS = 12
ANSWERS = {"tertiary": 112, "secondary": 72, "primary": 44}
UNITS = ("D01", "D02", "D06", "D07", "D08", "D09")  # of the lead hospital whose outpatients are asked
STAFFED = ("D01", "D02", "D06", "N01", "N06", "T01", "T02", "A02")  # and whose staff
OWN_FEW = "A02"  # four of its people answered
WRITTEN = (
    "候诊时间有点长，希望能分时段预约。", "医生讲得很清楚，谢谢。", "卫生间可以再干净一些。",
    "社区转上来很方便，不用重新排队。", "希望周末也能抽血。",
)  # fmt: skip
BEFORE, AFTER = timedelta(days=50), timedelta(days=12)  # the field work, around the end of a quarter


def prepare(teller: Teller, at: datetime) -> None:
    """The questionnaires that the alliance has taken up."""
    for later, code in enumerate(queries.SHIPPED):
        now = at + timedelta(minutes=10 * later)
        version = services.draft_survey(teller.alliance, code, code, by=teller.by("office"), now=now)
        services.publish_survey(teller.alliance, code, version, by=teller.by("office2"), now=now + timedelta(minutes=5))


def ask(teller: Teller, quarter: Period) -> None:
    """The surveys of a quarter, answered, closed and counted."""
    begun, over = moment(quarter.until) - BEFORE, moment(quarter.until) + AFTER
    prepare(teller, begun - timedelta(days=1))
    _patients(teller, quarter, begun, over)
    _staff(teller, quarter, begun, over)


def _open(teller: Teller, code: str, period: str, begun: datetime, over: datetime) -> int:
    return services.open_wave(
        teller.alliance, code, 1, period, day_of(begun), day_of(over), LEAST, by=teller.by("office"), now=begun
    )


def _patients(teller: Teller, quarter: Period, begun: datetime, over: datetime) -> None:
    """Outpatients of every member on paper; one member gives out too few forms."""
    number, asked = _open(teller, "outpatient", quarter.code, begun, over), queries.shipped("outpatient")
    forms: list[PaperForm] = []
    handed: dict[tuple[str, str], int] = {}
    for member in members.members(teller.alliance, quarter.last):
        level = values.ratings(member.code, quarter, teller.days.place(quarter))["patients"][0]
        count = FEW_ANSWERS if member.code == FEW else ANSWERS[member.tier]
        places = [(HOSPITAL, unit, "") for unit in UNITS] if member.code == HOSPITAL else [(member.code, "", "")]
        for place in places:
            mine = -(-count // len(places))
            forms += [_form(asked, place, level, number) for number in range(mine)]
            handed[place[:2]] = mine * (120 + int(values.chance(*place, "handed") * 40)) // 100
    _take(teller, number, forms, handed, over - timedelta(days=2))
    services.close_wave(teller.alliance, number, by=teller.by("office"), now=over + timedelta(hours=2))


def _staff(teller: Teller, quarter: Period, begun: datetime, over: datetime) -> None:
    """The staff of the lead hospital about their own units; in one of them four answer, which nobody is told."""
    number, asked = _open(teller, "staff", quarter.code, begun, over), queries.shipped("staff")
    forms: list[PaperForm] = []
    handed: dict[tuple[str, str], int] = {}
    for unit in STAFFED:
        count = 4 if unit == OWN_FEW else 14 + int(values.chance(unit, "staff") * 8)
        level = Decimal(68 + int(values.chance(unit, "content") * 20))
        forms += [_form(asked, (HOSPITAL, unit, ""), level, number) for number in range(count)]
        handed[HOSPITAL, unit] = count + 5
    _take(teller, number, forms, handed, over - timedelta(days=1))
    services.close_wave(teller.alliance, number, by=teller.by("office"), now=over + timedelta(hours=3))


def _take(
    teller: Teller, number: int, forms: list[PaperForm], handed: dict[tuple[str, str], int], at: datetime
) -> None:
    digest = hashlib.sha256(f"paper of wave {number}".encode()).hexdigest()
    services.import_answer(teller.alliance, number, forms, handed, digest, by=teller.by("office"), now=at)


def _form(asked: Questionnaire, place: Place, level: Decimal, number: int) -> PaperForm:
    """One form that somebody filled in; many of them together come near a level from 0 to 100."""
    mood = (values.chance(*place, number, "mood") - Fraction(1, 2)) * 24
    answers, texts = {}, {}
    for question in asked.questions:
        luck = values.chance(*place, number, question.code)
        if question.kind in (SCALE, CHOICE, NPS):
            answers[question.code] = _ticked(question, Fraction(level) + mood, luck)
        elif luck < Fraction(1, 25):
            texts[question.code] = WRITTEN[int(luck * 25 * len(WRITTEN))]
    return PaperForm(number + 1, place, Reply(answers, texts))


def _ticked(question: Question, level: Fraction, luck: Fraction) -> str:
    """What somebody of a mood ticks: of two marks beside each other the likelier one."""
    if question.kind == CHOICE:
        return question.options[int(luck * len(question.options))].code
    if question.kind == NPS:
        return str(max(0, min(10, int(level / 10 + luck * 2 - Fraction(1, 2)))))
    mark = 1 + max(Fraction(0), min(Fraction(100), level)) / 25
    return str(min(5, int(mark) + (luck < mark - int(mark))))


def begin(teller: Teller) -> None:
    """What is under way on the day of the story: outpatients again, at a screen and by slips, a few answers in."""
    teller.say("a survey under way")
    now = teller.clock - timedelta(hours=1)
    begun, over = now - timedelta(days=20), now + timedelta(days=9)
    period = Period.parse(f"{teller.days.today:%Y-%m}").around(PeriodKind.QUARTER).code
    number, asked = _open(teller, "outpatient", period, begun, over), queries.shipped("outpatient")
    office, later = teller.by("office"), begun + timedelta(hours=1)
    services.make_link(teller.alliance, number, (HOSPITAL, "D01", ""), KIOSK, 1, by=office, now=later)
    for code in ("S01", "S02", "C01", "C02", "C03"):
        services.make_link(teller.alliance, number, (code, "", ""), ONCE, 40, by=office, now=later)
    forms = [
        _form(asked, (code, "", ""), Decimal(88), 500 + one) for code in ("C04", "C05", "C06") for one in range(18)
    ]
    forms += [_form(asked, (HOSPITAL, unit, ""), Decimal(90), 500 + one) for unit in UNITS[:3] for one in range(9)]
    handed = {("C04", ""): 30, ("C05", ""): 60, ("C06", ""): 30} | {(HOSPITAL, unit): 20 for unit in UNITS[:3]}
    _take(teller, number, forms, handed, now - timedelta(days=2))
    services.mix_answer(by=office, now=now)
    # What next year's questionnaire asks is not settled yet.
    services.draft_survey(teller.alliance, "inpatient", "", by=office, now=now)
