"""How the quarters of the demo are scored and paid: raters' results, a veto, runs, funds, a trial of next year."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from alliance.core.period import Period
from alliance.demo import asking, checking, expertise, filing, founding, peers, reading, values, verifying
from alliance.demo.days import moment
from alliance.demo.teller import Teller
from alliance.evaluation import services as evaluation
from alliance.funds import services as funds
from alliance.i18n import period as in_words
from alliance.members import queries as members
from alliance.members.queries import MemberInfo
from alliance.ratings import queries as ratings

FEW_ANSWERS = "C20"  # too few patients answered: not applicable
ANSWERS = 12
GROUPS = {"peers": "同行互评汇总表", "third_party": "第三方专家评价汇总表", "patients": "患者满意度调查汇总表"}
REVIEWED = timedelta(days=46)  # from the end of a quarter until its last month is accepted for good


def score(teller: Teller, quarter: Period) -> None:
    """One quarter: rated, scored, shared, decided."""
    teller.say(f"scores and fund of {quarter.code}")
    at = moment(quarter.until) + REVIEWED
    there = members.members(teller.alliance, quarter.last)
    last = quarter == teller.last_scored()
    if last:
        asking.ask(teller, quarter)
        reading.read(teller, at)
        peers.rate(teller, quarter)
        expertise.judge(teller, quarter, at + timedelta(hours=2))
    for member in there:
        _rate(teller, quarter, member, at)
    if last:
        checking.find(teller, at + timedelta(hours=4))
    evaluation.compute_run(teller.alliance, quarter.code, by=teller.by("office"), now=at + timedelta(hours=5))
    if last:
        # What was wrong in the figures is mended, and the quarter scored once more.
        filing.correct(teller)
        at += timedelta(days=5)
        evaluation.compute_run(teller.alliance, quarter.code, by=teller.by("office"), now=at)
    share(teller, quarter, there, at + timedelta(days=1))
    if last:
        verifying.verify(teller, quarter, moment(quarter.until) + REVIEWED)


def _rate(teller: Teller, quarter: Period, member: MemberInfo, at: datetime) -> None:
    """The results of the rater groups for a member, entered by an officer who is not employed there; what is collected
    by the portal is typed in by nobody."""
    collected = ratings.collected(teller.alliance, quarter.code)
    for group, (value, n) in values.ratings(member.code, quarter, teller.days.place(quarter)).items():
        if group in collected:
            continue
        if group == "patients" and member.code == FEW_ANSWERS:
            _enter(teller, quarter, group, member.code, None, ANSWERS, f"（有效问卷{ANSWERS}份，低于最低样本量）", at)
        else:
            _enter(teller, quarter, group, member.code, value, n, "", at)


def _enter(
    teller: Teller, quarter: Period, group: str, member: str, value: Decimal | None, n: int, why: str, at: datetime
) -> None:
    by, document = teller.officer_of_raters(member), f"{quarter.code} {GROUPS[group]}{why}"
    evaluation.enter_rating(teller.alliance, quarter.code, group, member, value, n, document, by=by, now=at)


def share(teller: Teller, quarter: Period, there: list[MemberInfo], at: datetime) -> None:
    """Performance totals filed, the fund computed and decided."""
    rows = [_total(one, quarter) for one in there]
    document, office = f"{in_words(quarter.code)}绩效总额申报表", teller.by("office")
    funds.file_total(teller.alliance, quarter.code, rows, document, by=office, now=at)
    run = funds.compute_fund(teller.alliance, quarter.code, by=office, now=at + timedelta(hours=1))
    decided = at + timedelta(days=2)
    number = teller.decide(f"fund:{run}", "通过协同奖励基金分配方案。", decided)
    funds.decide_fund(teller.alliance, run, decision=number, by=teller.by("chair"), now=decided)


def _total(member: MemberInfo, quarter: Period) -> funds.TotalRow:
    heads = Decimal(member.headcount or 0) + Decimal(int(values.chance(member.code, quarter.code, "heads") * 4))
    per_head = 1_180_000 + int(values.chance(member.code, "pay") * 460_000)  # cents a quarter
    return funds.TotalRow(member.code, int(heads * per_head), heads, None)


def try_next(teller: Teller) -> None:
    """Next year's scheme as a draft, tried over the last scored quarter: patients weigh more, a target rises."""
    quarter = teller.last_scored()
    year = teller.days.today.year + 1
    teller.say(f"trial of a scheme for {year}")
    data = founding.scheme(year, Period.parse(str(year)).first)
    data["groups"] |= {"data": "45", "patients": "20"}
    for line in data["line"]:
        if line["indicator"] == "I023":
            line["target"] = "70"
    at = moment(quarter.until) + timedelta(days=57)
    reference = evaluation.import_scheme(teller.alliance, data, by=teller.by("office"), now=at)
    code, _, version = reference.rpartition("/")
    for who, later in (("office", 1), ("analyst", 3)):
        now = at + timedelta(hours=later)
        evaluation.try_run(teller.alliance, quarter.code, code, int(version), by=teller.by(who), now=now)
