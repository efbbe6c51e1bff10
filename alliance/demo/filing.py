"""How the members of the demo file: month by month, each in its own name, reviewed by an officer from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from alliance.core.figure import State
from alliance.core.period import Period
from alliance.demo import cooperating, incidents, values
from alliance.demo.days import between, due, moment
from alliance.demo.incidents import Incidents
from alliance.demo.teller import Teller
from alliance.i18n import period as in_words
from alliance.indicators import queries
from alliance.indicators import services as indicators
from alliance.indicators.rules.cells import Note
from alliance.indicators.rules.checks import Finding
from alliance.indicators.rules.filing import Entry, Row
from alliance.members import queries as members
from alliance.members.queries import MemberInfo

Made = Mapping[str, dict[str, Decimal]]
# How much of the open month is filed, in %; over 100: signed and submitted too.
OPEN = {
    "S02": 101,
    "C01": 101,
    "C04": 101,
    "C10": 101,
    "C14": 101,
    "S01": 100,
    "C06": 100,
    "C02": 60,
    "T01": 45,
    "C15": 30,
}


def open_period(teller: Teller, period: Period) -> datetime:
    """Open a period for filing, soon after its end."""
    at = moment(period.until, hour=0, minute=30)
    indicators.open_period(teller.alliance, period.code, due(period), by=teller.by("office"), now=at)
    return at


def file_period(teller: Teller, period: Period) -> None:
    """A period that is final: filed, signed and submitted by everybody but who is silent, accepted."""
    teller.say(f"readings of {period.code}")
    open_period(teller, period)
    made = make(teller, period)
    cooperating.tell_month(teller, period, made)
    known = Incidents(teller.days)
    late = {known.late[0]} if known.late[1] == period else set()
    silent = {known.silent[0]} if known.silent[1] == period else set()
    returned = {known.returned[0]} if known.returned[1] == period else set()
    who = filers(teller, period)
    hand_in(teller, period, made, who - late, silent)
    for member in returned:
        _return_twice(teller, period, member, made)
    accept(teller, period, who - silent - late, due(period) + timedelta(days=8, hours=10))
    for member in late:
        _file_late(teller, period, member, made, due(period))


def filers(teller: Teller, period: Period) -> set[str]:
    """The members that have something to file in a period; of quarters and years not every tier has."""
    known = queries.library(teller.alliance, period.last)
    there = members.members(teller.alliance, period.last)
    return {one.code for one in there if queries.elements_due(known, one.tier, period)}


def make(teller: Teller, period: Period) -> dict[str, dict[str, Decimal]]:
    """The readings of all members in a period, by member and element, what raters find included."""
    story = values.Story(queries.library(teller.alliance, period.last))
    place = teller.days.place(period)
    there = members.members(teller.alliance, period.last)
    return {one.code: story.readings(one.code, one.tier, period, place) for one in there}


def hand_in(teller: Teller, period: Period, made: Made, who: Collection[str], silent: Collection[str] = ()) -> None:
    """Members file, explain, sign and submit, each on its own day; who is silent forgets the last step."""
    rate(teller, period, made, moment(period.until + timedelta(days=6)))
    there = [one for one in members.members(teller.alliance, period.last) if one.code in who]
    for member in there:
        file_values(teller, period, member, made[member.code], day(teller, member.code, period))
    explain(teller, period, [one.code for one in there])
    for code in (one.code for one in there if one.code not in silent):
        sign_and_submit(teller, period, code, day(teller, code, period) + timedelta(hours=5))


def day(teller: Teller, member: str, period: Period) -> datetime:
    """When a member sits down to file."""
    if (member, period) == Incidents(teller.days).returned[:2]:
        return moment(period.until + timedelta(days=2))
    hour = 9 + int(values.chance(member, period.code, "hour") * 5)
    return moment(period.until + timedelta(days=2 + int(values.chance(member, period.code) * 20)), hour)


def rate(teller: Teller, period: Period, made: Made, at: datetime) -> None:
    """What raters and surveys give, brought in by the office; nobody brings in what was found about the own member."""
    rows = [
        Row(member.code, element.code, Entry(made[member.code][element.code], State.VALUE))
        for member, element, _ in queries.everything_due(teller.alliance, period.code)
        if element.mode in queries.RATED
    ]
    for who, own in (("office", False), ("office2", True)):
        part = [row for row in rows if (row.institution == "T01") is own]
        document = f"{period.code} 调查汇总"
        if part:
            indicators.import_reading(teller.alliance, period.code, part, document, by=teller.by(who), now=at)


def file_values(
    teller: Teller, period: Period, member: MemberInfo, made: Mapping[str, Decimal], at: datetime, share: int = 100
) -> None:
    """A clerk files what is due, or the first part of it."""
    known = queries.library(teller.alliance, period.last)
    wanted = [one.code for one in queries.elements_due(known, member.tier, period)]
    filed = Incidents(teller.days).first_filed(member.code, period, made)
    entries = {one: (Entry(filed[one], State.VALUE), 0) for one in wanted[: len(wanted) * share // 100]}
    if entries:
        _file(teller, period, member.code, entries, at)


def _file(teller: Teller, period: Period, member: str, entries: Mapping[str, tuple[Entry, int]], at: datetime) -> None:
    by, document = teller.reporter(member), f"{in_words(period.code)}业务报表"
    indicators.file_reading(teller.alliance, period.code, member, entries, document, by=by, now=at)


def explain(teller: Teller, period: Period, who: Collection[str]) -> None:
    """Clerks explain what stands out in their figures: of values in one table, of rates one by one."""
    for member, found in queries.findings_of(teller.alliance, period.code, who).items():
        at = day(teller, member, period) + timedelta(hours=1)
        soft = [one for one in found if not one.hard]
        notes = [Note(member, one.code, _reason(one, period), one.value) for one in soft if one.kind != "band"]
        if notes:
            by, document = teller.reporter(member), f"{in_words(period.code)}业务报表及说明"
            indicators.upload_reading(teller.alliance, period.code, member, [], notes, document, by=by, now=at)
        for one in soft:
            if one.kind == "band":
                _explain(teller, period, member, one, at)


def _reason(one: Finding, period: Period) -> str:
    usual = one.numbers.get("usual") or one.numbers.get("low") or "0"
    return incidents.reason_for(one.kind, period, Decimal(one.value), Decimal(str(usual)))


def _explain(teller: Teller, period: Period, member: str, one: Finding, at: datetime) -> None:
    by, text = teller.reporter(member), _reason(one, period)
    indicators.explain_value(teller.alliance, period.code, member, one.code, one.value, text, by=by, now=at)


def sign_and_submit(teller: Teller, period: Period, member: str, at: datetime) -> None:
    by = teller.lead(member)
    indicators.sign_submission(teller.alliance, period.code, [member], by=by, now=at)
    indicators.submit_submission(teller.alliance, period.code, [member], by=by, now=at + timedelta(minutes=20))


def accept(teller: Teller, period: Period, who: Collection[str], at: datetime) -> None:
    """Accepted by officers who are employed elsewhere."""
    for officer in ("office2", "office"):
        by = teller.by(officer)
        part = sorted(one for one in who if teller.officer(one).account == officer)
        if part:
            indicators.accept_submission(teller.alliance, period.code, part, by=by, now=at)


def _file_late(teller: Teller, period: Period, member: str, made: Made, closed: datetime) -> None:
    """One member misses the deadline: it asks for an exception, another person grants it, it files late."""
    asked, code = closed + timedelta(days=1, hours=9), period.code
    number = indicators.ask_exception(
        teller.alliance,
        code,
        member,
        incidents.LATE_REASON,
        closed + timedelta(days=5),
        by=teller.lead(member),
        now=asked,
    )
    granted = asked + timedelta(hours=5)
    indicators.grant_exception(teller.alliance, number, by=teller.officer(member), now=granted)
    info = members.member(teller.alliance, member, period.last)
    assert info is not None
    at = granted + timedelta(days=1)
    file_values(teller, period, info, made[member], at)
    for one in queries.findings(teller.alliance, code, member):
        _explain(teller, period, member, one, at)
    sign_and_submit(teller, period, member, at + timedelta(hours=2))
    accept(teller, period, [member], closed + timedelta(days=10, hours=15))


def _return_twice(teller: Teller, period: Period, member: str, made: Made) -> None:
    """One value comes back twice before it is right: returned, changed, returned, changed."""
    element = Incidents(teller.days).returned[2]
    right = made[member][element]
    officer = teller.officer(member)
    for turn, value in enumerate((incidents.second_try(right), right)):
        at = day(teller, member, period) + timedelta(days=2 + 4 * turn)
        indicators.review_submission(teller.alliance, period.code, [member], by=officer, now=at)
        reasons = {element: incidents.RETURNED[turn]}
        at += timedelta(hours=2)
        indicators.return_submission(teller.alliance, period.code, member, reasons, by=officer, now=at)
        at += timedelta(days=1)
        change(teller, period, member, {element: value}, at)
        sign_and_submit(teller, period, member, at + timedelta(hours=2))


def change(teller: Teller, period: Period, member: str, new: Mapping[str, Decimal], at: datetime) -> None:
    """A clerk changes values that are open to it, and explains those that stand out."""
    stands = queries.readings(teller.alliance, period.code, member)
    entries = {one: (Entry(value, State.VALUE), stands[one].revision) for one, value in new.items()}
    _file(teller, period, member, entries, at)
    for one in queries.findings(teller.alliance, period.code, member):
        if one.code in new and not one.hard:
            _explain(teller, period, member, one, at)


def correct(teller: Teller) -> None:
    """A member finds a mistake in what was accepted: leave asked and granted, changed, accepted once more."""
    member, period, element = Incidents(teller.days).corrected
    right = make(teller, period)[member]
    at = moment(teller.last_scored().until + timedelta(days=48))
    number = indicators.ask_exception(
        teller.alliance,
        period.code,
        member,
        incidents.MISTAKE,
        at + timedelta(days=3),
        by=teller.lead(member),
        now=at,
    )
    indicators.grant_exception(teller.alliance, number, by=teller.officer(member), now=at + timedelta(hours=4))
    new = {one: right[one] for one in (element, "E021")}
    change(teller, period, member, new, at + timedelta(days=1))
    sign_and_submit(teller, period, member, at + timedelta(days=1, hours=2))
    accept(teller, period, [member], at + timedelta(days=2))


def file_reviewed(teller: Teller) -> None:
    """The month under review: everybody has submitted; some figures are accepted, some looked at, one is returned."""
    period = teller.days.reviewed
    teller.say(f"readings of {period.code}, under review")
    open_period(teller, period)
    made = make(teller, period)
    cooperating.tell_month(teller, period, made)
    hand_in(teller, period, made, set(made))
    codes = sorted(made)
    accepted, looked_at = codes[::3], codes[1::6]
    accept(teller, period, accepted, between(due(period), teller.clock, 0.3))
    at = between(due(period), teller.clock, 0.6)
    for officer in ("office", "office2"):
        part = [one for one in looked_at if teller.officer(one).account == officer]
        if part:
            indicators.review_submission(teller.alliance, period.code, part, by=teller.by(officer), now=at)
    back, reasons = looked_at[0], {"E042": incidents.WAITS}
    at = between(due(period), teller.clock, 0.8)
    indicators.return_submission(teller.alliance, period.code, back, reasons, by=teller.officer(back), now=at)


def file_open(teller: Teller) -> None:
    """The month that is being filed: some have submitted, some have begun, the others still have time."""
    period = teller.days.filed
    teller.say(f"readings of {period.code}, being filed")
    opened = open_period(teller, period)
    made = make(teller, period)
    cooperating.tell_month(teller, period, made)
    for member in members.members(teller.alliance, period.last):
        share = OPEN.get(member.code, 0)
        if not share:
            continue
        at = between(opened, teller.clock, 0.1 + 0.5 * float(values.chance(member.code, "open")))
        file_values(teller, period, member, made[member.code], at, min(share, 100))
        if share > 100:
            for one in queries.findings(teller.alliance, period.code, member.code):
                _explain(teller, period, member.code, one, between(at, teller.clock, 0.2))
            sign_and_submit(teller, period, member.code, between(at, teller.clock, 0.5))
