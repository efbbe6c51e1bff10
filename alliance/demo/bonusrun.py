"""The last final months of the lead hospital's bonus: one paid, one of its slips corrected; one on its way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from alliance.core.actor import Actor
from alliance.core.figure import State, half_up
from alliance.core.period import Period
from alliance.demo.days import moment
from alliance.demo.inside import HOSPITAL
from alliance.demo.teller import Teller
from alliance.indicators import queries as indicators
from alliance.workpoints import queries, services
from alliance.workpoints.queries import Given, GivenDay
from alliance.workpoints.rules.entries import Entry
from alliance.workpoints.rules.ledgers import ACCEPTED
from alliance.workpoints.rules.records import DIRECTORS, Meeting
from alliance.workpoints.rules.shifts import Shift
from alliance.workpoints.rules.totals import MEASURES
from alliance.workpoints.volume.partitions import Partitions

OFFICE, DIRECTOR = Actor("t01.bonus", HOSPITAL), Actor("t01.lead", HOSPITAL)
FINANCE, CASHIER = Actor("t01.finance", HOSPITAL), Actor("t01.cashier", HOSPITAL)
HEAD, NURSES = Actor("t01.cardiology", HOSPITAL), Actor("t01.nurses", HOSPITAL)
LATE = 96  # visits of the newest month that the hospital counts and nobody charged
# Of the reserve of cardiology's first group: how much in %, why, and where it stands.
RELEASED = (
    (50, "夜间急诊介入手术增多，补助参与人员", "心内科科务会纪要第7号"),
    (20, "胸痛中心迎检加班，拟予补助", "心内科科务会纪要第8号"),
)
GIVEN, TAKEN = "承担介入值班与抢救任务较多", "本月外出进修半月，工作量减少"


def tell(teller: Teller, partitions: Partitions) -> None:
    """Compute the last two final months; the first is paid, the second is on its way."""
    before, last = teller.days.final[-2:]
    teller.say("bonus of the lead hospital")
    _report(teller, partitions, before)
    _pay(teller, partitions, before)
    _report(teller, partitions, last, unseen=LATE)
    _begin(teller, partitions, last)


def _report(teller: Teller, partitions: Partitions, month: Period, unseen: int = 0) -> None:
    """File what the hospital's own system reports for a month; `unseen` visits of it were charged nowhere."""
    alliance, code = teller.alliance, month.code
    at = min(moment(month.until + timedelta(days=7)), teller.clock - timedelta(days=1, hours=1))
    ours = {one.measure: one.ours for one in queries.compared(alliance, HOSPITAL, code, partitions) if not one.unit}
    ours["visits"] += unseen
    given = [
        Given("", measure, Entry(half_up(value, MEASURES[measure].places), State.VALUE))
        for measure, value in ours.items()
    ]
    document = f"信息科〔{month.first.year}〕{month.first.month}月业务报表"
    services.file_total(alliance, HOSPITAL, code, given, document, by=OFFICE, now=at)


def _pay(teller: Teller, partitions: Partitions, month: Period) -> None:
    """A month from its computation to the bank, one slip of it corrected on the way."""
    alliance, code = teller.alliance, month.code
    works = indicators.works_on(alliance)
    at = moment(month.until + timedelta(days=8))
    services.compute_run(alliance, HOSPITAL, code, partitions, by=OFFICE, now=at)
    _shift(teller, code, at + timedelta(days=1))
    services.publish_rest(alliance, HOSPITAL, code, by=OFFICE, now=at + timedelta(days=1, hours=2))
    at += timedelta(days=12)
    services.compute_slip(alliance, HOSPITAL, code, works, by=OFFICE, now=at)
    person = _night_forgotten(teller, month, at)
    reason = "漏排一个大夜班，经护理部核实后补记"
    services.correct_slip(
        alliance, HOSPITAL, code, person, reason, by=OFFICE, now=at + timedelta(hours=3)
    )  # fmt: skip
    at += timedelta(days=1)
    services.check_run(alliance, HOSPITAL, code, "", by=FINANCE, now=at)
    number = f"市一院院办纪要〔{at.year}〕发放{code}"
    meeting = Meeting(number, DIRECTORS, f"{code}奖金发放", (at + timedelta(days=1)).date(), None, 11, 11, 0)
    run = queries.bonus_run(alliance, HOSPITAL, code)
    assert run is not None
    services.file_record(
        alliance, HOSPITAL, services.subject_of(run), meeting, by=OFFICE, now=at + timedelta(days=1)
    )  # fmt: skip
    services.approve_run(alliance, HOSPITAL, code, number, by=DIRECTOR, now=at + timedelta(days=2))
    services.pay_run(alliance, HOSPITAL, code, by=CASHIER, now=at + timedelta(days=3))


def _begin(teller: Teller, partitions: Partitions, month: Period) -> None:
    """A month that is computed; some units are public, the others have to be."""
    alliance, code = teller.alliance, month.code
    at = teller.clock - timedelta(days=1)
    _release(teller, code, at - timedelta(days=1))
    services.compute_run(alliance, HOSPITAL, code, partitions, by=OFFICE, now=at)
    run = queries.bonus_run(alliance, HOSPITAL, code)
    assert run is not None
    unit = queries.bonus_units(run.id)["N01"]
    services.publish_unit(alliance, HOSPITAL, code, "N01", unit.revision, by=NURSES, now=at + timedelta(hours=3))


def _shift(teller: Teller, month: str, at: datetime) -> None:
    """The head of cardiology moves three per cent from one of the first group to another."""
    run = queries.bonus_run(teller.alliance, HOSPITAL, month)
    assert run is not None
    shares = queries.bonus_shares(run.id, "D01-1")
    one, other = shares[1], shares[2]
    change = Decimal(min(one.computed, other.computed) * 3 // 100) / 100
    shifts = [Shift(one.person, change, GIVEN), Shift(other.person, -change, TAKEN)]
    services.shift_unit(teller.alliance, HOSPITAL, month, "D01-1", shifts, 1, by=HEAD, now=at)


def _release(teller: Teller, month: str, at: datetime) -> None:
    """Cardiology's first group takes two parts of its reserve; one is accepted, the other waits for somebody."""
    held = queries.reserves(teller.alliance, HOSPITAL, month)["D01-1"].left
    for place, (share, reason, document) in enumerate(RELEASED):
        given = services.GivenRelease("D01-1", month, held * share // 100, reason, document)
        number = services.release_reserve(teller.alliance, HOSPITAL, given, by=HEAD, now=at + timedelta(hours=place))
        if not place:
            services.review_reserve(
                teller.alliance, HOSPITAL, number, ACCEPTED, by=OFFICE, now=at + timedelta(hours=3)
            )  # fmt: skip


def _night_forgotten(teller: Teller, month: Period, at: datetime) -> str:
    """A night that was left out of the roster of the first nursing unit is put in; whose it was."""
    person = "0001"
    roll = queries.roll(teller.alliance, HOSPITAL, month.code)
    for one in reversed(roll.of("N01")):
        person = one.fact.number
        worked = {day.day for day in queries.roster_days(teller.alliance, HOSPITAL, person, month.code) if day.shift}
        free = [day for day in _days(month) if day not in worked]
        if free:
            given = [GivenDay("N01", person, free[-1], "N1")]
            services.import_roster(
                teller.alliance, HOSPITAL, month.code, given, "漏排一个大夜班，予以补录", by=OFFICE, now=at
            )  # fmt: skip
            break
    return person


def _days(month: Period) -> list[date]:
    return [month.first + timedelta(days=place) for place in range((month.until - month.first).days)]
