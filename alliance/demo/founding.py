"""How the demo begins: the alliance, its people and members, what is measured, how it is weighed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from alliance.accounts import services as accounts
from alliance.core.period import Period
from alliance.demo import diagnoses, inside, peers, people
from alliance.demo.days import TIMETABLE, moment
from alliance.demo.teller import SEATS, SYSTEM, Teller
from alliance.evaluation import queries as evaluation_queries
from alliance.evaluation import services as evaluation
from alliance.indicators import queries as indicator_queries
from alliance.indicators import services as indicators
from alliance.indicators.queries.libraries import plain
from alliance.indicators.rules.codes import Term
from alliance.members import services as members
from alliance.members.rules import read_row

BEFORE = timedelta(days=90)  # the members joined so long before the first month
BAND = "I027"  # the two-way referral rate
MID = "4"  # to which severe and lenient raters are scaled: what members gave each other on the mean
AGREED = "医联体与市卫健委约定双向转诊率以15%–25%为合理区间，超出区间的须书面说明原因。"


def found(teller: Teller) -> None:
    """Alliance, people, members, calendar, library, the first scheme."""
    start = teller.days.start
    at = moment(start - timedelta(days=60))
    teller.say("members and people")
    teller.alliance = members.found_alliance(*people.ALLIANCE, by=SYSTEM, now=at)
    _staff(teller, at)
    rows = []
    for place, cells in enumerate(people.members(), 2):
        row = read_row({**cells, "joined": (start - BEFORE).isoformat()}, place, [])
        assert row is not None
        rows.append(row)
    members.import_workbook(teller.alliance, rows, by=teller.by("office"), now=at)
    teller.say("departments of the lead hospital")
    inside.furnish(teller.alliance, start - BEFORE, at)
    peers.link(teller, start - BEFORE, at)
    accounts.seat_body(
        teller.alliance, "committee", "管理委员会", "Management committee", 60, SEATS, start - BEFORE, by=SYSTEM, now=at
    )
    teller.say("calendar, indicator library and scheme")
    indicators.set_timetable(teller.alliance, at.date(), TIMETABLE, by=teller.by("office"), now=at)
    data = indicator_queries.shipped_library("five_dimensions")
    indicators.load_library(teller.alliance, data, by=teller.by("office"), now=at)
    system = indicators.CodeSystemHead(*diagnoses.SYSTEM, diagnoses.SOURCE, start.replace(month=1, day=1))
    terms = [Term(*one) for one in diagnoses.TERMS]
    indicators.import_codesystem(teller.alliance, system, terms, by=teller.by("office"), now=at)
    first = teller.days.scored[0]
    _decide(teller, _of_year(teller, first.start // 12, first.first), at)


def _staff(teller: Teller, at: datetime) -> None:
    """Accounts with their roles; those whose roles ask for it sign in with a one-time code too."""
    start = at.date()
    hashed = accounts.hash_password(people.PASSWORD)
    for one in people.staff():
        accounts.create_account(
            one.account, people.PASSWORD, one.name_zh, one.name_en, one.employer, by=SYSTEM, now=at, hashed=hashed
        )
        accounts.give_grant(one.account, one.role, teller.alliance, one.at, start, None, by=SYSTEM, now=at)
        inside.enrol(one.account, one.role, teller.by(one.account), at)


def scheme(year: int, valid_from: date) -> dict[str, Any]:
    """The reference scheme as the one of a year."""
    data = evaluation_queries.shipped_scheme()
    data["scheme"] |= {
        "code": str(year),
        "name_zh": f"{year}年度协同绩效方案",
        "name_en": f"Collaborative performance scheme {year}",
        "valid_from": valid_from,
    }
    data["raters"] = {"peers_mid": MID}
    return data


def _of_year(teller: Teller, year: int, valid_from: date) -> dict[str, Any]:
    """The scheme of a year of the story: from year to year more is asked in taking over referred patients."""
    data = scheme(year, valid_from)
    for line in data["line"]:
        if line["indicator"] == "I030":
            line["target"] = str(int(line["target"]) - 30 * (teller.last_scored().start // 12 - year))
    return data


def _decide(teller: Teller, data: dict[str, Any], at: datetime) -> None:
    """A scheme imported by the office and put into force by the committee."""
    reference = evaluation.import_scheme(teller.alliance, data, by=teller.by("office"), now=at)
    code, _, version = reference.rpartition("/")
    decided = at + timedelta(days=2)
    number = teller.decide(f"scheme:{reference}", "通过年度协同绩效方案。", decided)
    evaluation.decide_scheme(
        teller.alliance, code, int(version), {}, decision=number, by=teller.by("chair"), now=decided
    )


def turn_year(teller: Teller, quarter: Period) -> None:
    """With the first quarter of a year its own scheme begins."""
    year = quarter.start // 12
    at = moment(quarter.first - timedelta(days=12))
    teller.say(f"scheme of {year}")
    _decide(teller, _of_year(teller, year, quarter.first), at)


def ask_for_reasons(teller: Teller, quarter: Period) -> None:
    """From a quarter on a referral rate outside its band is explained before it is signed."""
    at = moment(quarter.first - timedelta(days=5))
    known = indicator_queries.library(teller.alliance, quarter.first)
    data = indicator_queries.shipped_library("five_dimensions")
    spec = plain(next(one for one in data["indicator"] if one["code"] == BAND)) | {"explained": True}
    indicators.define_indicator(
        teller.alliance,
        spec,
        known.indicators[BAND].version,
        quarter.first,
        "policy",
        AGREED,
        by=teller.by("office"),
        now=at,
    )
