"""The verifications of the demo: one of the last scored quarter with its report, one that is under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from flask import current_app

from alliance.core.period import Period, day_of
from alliance.demo.teller import Teller
from alliance.ratings import queries
from alliance.ratings import services as ratings
from alliance.ratings.queries import EngagementInfo, VerifiedInfo
from alliance.ratings.rules.plans import Action
from alliance.ratings.services import Judged
from alliance.store import Store

WHO, CONTRACT = "滨江卫评管理咨询有限公司", "BJWP-{year}-017"
MEMBERS = ("C07", "C11", "S02", "S04", "T01")
SETTLED, LATE = "C07", "C11"  # whose plan is done, and whose is overdue
NEXT = ("C02", "C05", "C14", "S01", "S03")  # whose figures are being verified now
LATER = ("C09", "C17", "S05")  # whose sample is still to be drawn
SIZE, NEXT_SIZE, LOOKED = 40, 30, 12
SOURCE = "院内信息系统业务明细，现场调取，由病案统计人员出示。"
COUNTED = "现场明细少于填报数：跨月办结的业务在两个月各计了一次。"
PARTLY = "部分月份的明细与填报口径不一致，按现场核对结果认定为部分完成。"
UNSIGNED = "部分月度明细无科室负责人签字，来源可查但缺少复核记录。"
SIGN = "月度明细由科室负责人签字后归档，缺失月份补签并说明原因。"
FINDINGS = {
    SETTLED: (
        "minor",
        "同一业务跨月办结时在受理月和办结月各计一次。",
        "按办结月计数，并由科室负责人每月复核一次明细。",
        "跨月办结的业务被重复计数。",
        "填报人员按受理登记和办结登记两份表分别汇总，没有剔除重复。",
        ("修订计数口径说明并在科室公示", "对填报人员开展一次口径培训"),
        "信息统计科负责人",
    ),
    LATE: (
        "major",
        "业务台帐与信息系统不同步，月末集中补录，无法逐条追溯。",
        "台帐与信息系统逐日核对，补录须留痕并写明原因。",
        "业务台帐不能逐条追溯到来源。",
        "中心没有专人维护台帐，月末由兼职人员集中补录。",
        ("指定专人逐日登记台帐", "每周抽查二十条并留存核对记录"),
        "中心副主任",
    ),
}
DONE = "计数口径说明已修订并公示，培训已完成，后附签到和核对记录。"
FILE = ("核对记录.csv", "序号,业务日期,核对结果\n1,当月,一致\n2,当月,已更正\n".encode())


def verify(teller: Teller, quarter: Period, at: datetime) -> None:
    """A third party verifies the last scored quarter: two figures corrected, two findings, the report issued."""
    teller.say(f"verification of {quarter.code}")
    start = day_of(at)
    number = _engage(teller, quarter, MEMBERS, ("expert1", "expert2"), at, start + timedelta(days=10), SIZE)
    one = _engagement(teller, number)
    figures = queries.figures_drawn(one.id)
    wrong = [_largest([row for row in figures if row.institution == member]) for member in (SETTLED, LATE)]
    _judge(teller, one, figures, wrong, at + timedelta(days=1))
    _confirm(teller, one, figures, at + timedelta(days=3))
    due = start + timedelta(days=max(9, min(45, (teller.days.today - start).days - 5)))
    for place, figure in enumerate(wrong):
        severity, text, expected, *_rest = FINDINGS[figure.institution]
        ratings.record_finding(
            teller.alliance, number, figure.institution, severity, f"数据元 {figure.element}", text, expected, due,
            by=teller.by("expert1"), now=at + timedelta(days=3, hours=1, minutes=9 * place),
        )  # fmt: skip
    ratings.lock_engagement(teller.alliance, number, by=teller.by("expert1"), now=at + timedelta(days=4))
    for place, member in enumerate((SETTLED, LATE), 1):
        _plan(teller, number, place, member, due, at + timedelta(days=5))
    _settle(teller, number, 1, at + timedelta(days=8))
    ratings.issue_report(teller.alliance, number, by=teller.by("office"), now=at + timedelta(days=10))


def begin(teller: Teller) -> None:
    """The verification that is under way, a part of it looked at, until next week; and one that is to be drawn."""
    at = teller.clock - timedelta(days=4)
    quarter = next((one for one in teller.days.quarters if one not in teller.days.scored), teller.days.quarters[-1])
    if not any(month.months_in(quarter) for month in teller.days.final):
        quarter = teller.last_scored()
    until = teller.days.today + timedelta(days=8)
    number = _engage(teller, quarter, NEXT, ("expert1", "expert2"), at, until, NEXT_SIZE)
    one = _engagement(teller, number)
    figures = queries.figures_drawn(one.id)[:LOOKED]
    _judge(teller, one, figures, (), at + timedelta(days=1))
    ratings.record_finding(
        teller.alliance, number, figures[0].institution, "minor", f"数据元 {figures[0].element}", UNSIGNED, SIGN,
        until + timedelta(days=30), by=teller.by("expert1"), now=at + timedelta(days=1, hours=3),
    )  # fmt: skip
    start = teller.days.today + timedelta(days=10)
    ratings.open_engagement(
        teller.alliance, WHO, f"{CONTRACT.format(year=start.year)}-2", quarter.code, LATER, ("expert2", "expert3"),
        start, start + timedelta(days=14), NEXT_SIZE, False, None, _store(), by=teller.by("office"),
        now=at + timedelta(days=2),
    )  # fmt: skip


def _engage(
    teller: Teller, period: Period, codes: Sequence[str], experts: Sequence[str], at: datetime, until: date,
    size: int,
) -> str:  # fmt: skip
    contract = CONTRACT.format(year=at.year)
    text = f"委托方：滨江市城市医疗集团\n受托方：{WHO}\n合同编号：{contract}\n".encode()
    number = ratings.open_engagement(
        teller.alliance, WHO, contract, period.code, codes, experts, day_of(at), until, size, True,
        ("委托合同.txt", text), _store(), by=teller.by("office"), now=at,
    )  # fmt: skip
    seed = sha256(f"verification/{period.code}/{number}".encode()).hexdigest()[:32]
    ratings.draw_engagement(teller.alliance, number, seed, by=teller.by("office"), now=at + timedelta(hours=1))
    return number


def _store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "verifications")


def _engagement(teller: Teller, number: str) -> EngagementInfo:
    one = queries.engagement(teller.alliance, number)
    assert one is not None
    return one


def _largest(figures: Sequence[VerifiedInfo]) -> VerifiedInfo:
    """The largest whole number among some figures."""
    whole = [one for one in figures if one.value == one.value.to_integral_value()]
    return max(whole or figures, key=lambda one: (one.value, one.element, one.period))


def _judge(
    teller: Teller, one: EngagementInfo, figures: Sequence[VerifiedInfo], wrong: Sequence[VerifiedInfo], at: datetime
) -> None:
    """The figures of each member, looked at by an expert who does not stand apart from it; one member after another."""
    for place, member in enumerate(sorted({row.institution for row in figures})):
        there = [who for who in one.experts if member not in _barred(teller, who, at)]
        who = there[place % len(there)]
        rows = [_judged(row, row in wrong) for row in figures if row.institution == member]
        now = at + timedelta(hours=place, minutes=17)
        ratings.record_verification(teller.alliance, one.number, rows, _store(), by=teller.by(who), now=now)


def _judged(figure: VerifiedInfo, wrong: bool) -> Judged:
    if not wrong:
        return Judged(figure.id, "verified", "", SOURCE, "")
    fewer = max(1, int(figure.value * 3 / 100))
    return Judged(figure.id, "corrected", str(figure.value - fewer), SOURCE, COUNTED, FILE)


def _barred(teller: Teller, account: str, at: datetime) -> frozenset[str]:
    return queries.conflicts_of(teller.alliance, account, day_of(at))


def _confirm(teller: Teller, one: EngagementInfo, figures: Sequence[VerifiedInfo], at: datetime) -> None:
    """Every indicator that rests on the figures drawn: completed, but the first one of who is late, partly."""
    rows = queries.completions(teller.alliance, one, figures)
    for member in one.members:
        codes = [row.indicator for row in rows if row.institution == member]
        lacking = codes[:1] if member == LATE else []
        said = {code: ("partly", PARTLY) if code in lacking else ("yes", "") for code in codes}
        if said:
            who = next(name for name in one.experts if member not in _barred(teller, name, at))
            ratings.confirm_completion(teller.alliance, one.number, member, said, by=teller.by(who), now=at)


def _plan(teller: Teller, number: str, finding: int, member: str, due: date, at: datetime) -> None:
    """The member writes its plan, the office accepts it."""
    _severity, _text, _expected, problem, cause, actions, owner = FINDINGS[member]
    rows = [Action(text, owner, due) for text in actions]
    ratings.file_plan(teller.alliance, number, finding, problem, cause, rows, by=teller.lead(member), now=at)
    officer, later = teller.officer(member), at + timedelta(days=1)
    ratings.review_plan(teller.alliance, number, finding, "accept", "", by=officer, now=later)


def _settle(teller: Teller, number: str, finding: int, at: datetime) -> None:
    """The member reports its plan as done, an expert confirms it."""
    ratings.finish_plan(teller.alliance, number, finding, DONE, FILE, _store(), by=teller.lead(SETTLED), now=at)
    later = at + timedelta(days=1)
    ratings.confirm_plan(teller.alliance, number, finding, "confirm", "", by=teller.by("expert1"), now=later)
