"""How experts of the third party judge in the demo: a closed panel of the last scored quarter, an open one after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import current_app

from alliance.core.period import Period, day_of
from alliance.demo import values
from alliance.demo.teller import Teller
from alliance.members import queries as members
from alliance.ratings import queries
from alliance.ratings import services as ratings
from alliance.ratings.queries import ScoreInfo
from alliance.ratings.services import GivenScore
from alliance.store import Store

EXPERTS = ("expert1", "expert2", "expert3")
BIASED, TIED = "expert2", "S03"  # an expert with a conflict of interest, and the member concerned
CONFLICT = "本人与该院妇保科联合承担市级科研课题，课题期内回避对该院的评价。"
DISPUTED = "safety"  # on which the first two experts disagreed
MIDDLE, LEAST, MOST = 77, 60, 90  # of all scores; those between the latter two need no evidence
REMARKS = (
    "联席会议记录完整，整改事项有跟踪，建议增加对基层的现场督查。",
    "下转患者随访记录基本齐全，个别病例未在规定时间内完成首次随访。",
    "专家坐诊排班固定，带教记录应补充考核结果。",
    "共享中心报告时限达标，建议公开互认项目清单的更新情况。",
    "抽查的上报数据可以溯源，系统权限管理较规范。",
)
REMARKED = 5  # one of so many scores has a remark
VISITED = ("S02", "C03")
MET = "分管院长、医务科和护理部负责人、一线医务人员"
FOUND = "现场查阅制度、会议记录和转诊病历，随机访谈候诊患者，协同工作总体落实到位，个别台帐更新不及时。"
THANKS = "情况属实，已安排相关科室整改。"


def judge(teller: Teller, quarter: Period, at: datetime) -> None:
    """The panel of a quarter from its opening to its closing at a moment: one expert stands apart from a member, and on
    one item two disagree, so that a third is asked."""
    opened = at - timedelta(days=25)
    rubric = queries.shipped_rubric("collaboration")
    ratings.import_rubric(teller.alliance, rubric, by=teller.by("office"), now=opened - timedelta(days=20))
    before = opened - timedelta(days=3)
    ratings.declare_conflict(
        teller.alliance, TIED, "work", CONFLICT, day_of(before), None, by=teller.by(BIASED), now=before
    )
    _open(teller, quarter, opened, at - timedelta(days=9))
    for place, expert in enumerate(EXPERTS):
        _score(teller, quarter, expert, _asked(teller, quarter, expert, opened), opened + timedelta(days=4 + place))
    for place, member in enumerate(VISITED):
        _visit(teller, quarter, member, opened + timedelta(days=6 + place), signed=True)
    third = at - timedelta(days=8)
    one = queries.panel(teller.alliance, quarter.code)
    assert one
    rows = [row for row in queries.scores(teller.alliance, one, third) if row.item == DISPUTED]
    judges = {row.account for row in rows if not row.further and row.institution != TIED}
    (further,) = set(EXPERTS) - judges
    ratings.ask_expert(
        teller.alliance, quarter.code, DISPUTED, further, at - timedelta(days=2), by=teller.by("office"), now=third
    )
    left = [row for row in _asked(teller, quarter, further, third) if row.waits]
    _score(teller, quarter, further, left, third + timedelta(days=3))
    ratings.close_panel(teller.alliance, quarter.code, by=teller.by("office"), now=at)
    _release(teller, quarter, at + timedelta(hours=1))


def begin(teller: Teller) -> None:
    """The panel of the quarter after the last scored one: under way, one expert further than the others."""
    quarter = teller.last_scored().back(-1)
    if quarter.first > teller.days.today:
        return
    opened = teller.clock - timedelta(days=6)
    _open(teller, quarter, opened, teller.clock + timedelta(days=8))
    for place, expert in enumerate(EXPERTS[:2]):
        rows = _asked(teller, quarter, expert, opened)
        done, at = rows[: len(rows) // (2 + place * 3)], opened + timedelta(days=3 + place)
        _score(teller, quarter, expert, done, at)
        _score(teller, quarter, expert, rows[len(done) : len(done) + 3], at + timedelta(hours=1), lock=False)
    _visit(teller, quarter, VISITED[1], opened + timedelta(days=4), signed=False)


def _open(teller: Teller, quarter: Period, opened: datetime, due: datetime) -> None:
    rubric = queries.shipped_rubric("collaboration")
    there = [one.code for one in members.members(teller.alliance, min(quarter.last, day_of(opened)))]
    ratings.open_panel(
        teller.alliance, quarter.code, rubric.code, 1, there, [one.code for one in rubric.items], EXPERTS, due,
        by=teller.by("office"), now=opened,
    )  # fmt: skip


def _asked(teller: Teller, quarter: Period, expert: str, now: datetime) -> list[ScoreInfo]:
    one = queries.panel(teller.alliance, quarter.code)
    assert one
    return [row for row in queries.scores(teller.alliance, one, now, expert) if row.stands]


def _score(
    teller: Teller, quarter: Period, expert: str, rows: Iterable[ScoreInfo], at: datetime, *, lock: bool = True
) -> None:
    given = [GivenScore(row.institution, row.item, _value(teller, quarter, row), _remark(row)) for row in rows]
    store = Store(current_app.config["ALLIANCE"].data / "scores")
    ratings.give_score(teller.alliance, quarter.code, given, store, lock=lock, by=teller.by(expert), now=at)


def _value(teller: Teller, quarter: Period, row: ScoreInfo) -> int:
    """Near what the story gives the member; where two disagree, one tells members apart otherwise."""
    place = teller.days.place(quarter)
    level = int(values.ratings(row.institution, quarter, place)["third_party"][0])
    item = int(values.chance(row.item, "rubric") * 7) - 3
    spread = int(values.chance(row.account, row.institution, row.item, quarter.code) * 5) - 2
    score = level + item + spread
    if row.item == DISPUTED and not row.further and EXPERTS.index(row.account) % 2:
        score = MIDDLE + (score - MIDDLE) // 3 + 4 * spread
    return min(max(score, LEAST), MOST)


def _remark(row: ScoreInfo) -> str:
    lot = int(values.chance(row.account, row.institution, row.item, "remark") * REMARKED * len(REMARKS))
    return REMARKS[lot // REMARKED] if lot % REMARKED == 0 else ""


def _visit(teller: Teller, quarter: Period, member: str, at: datetime, *, signed: bool) -> None:
    """A visit of two hours, and the signature of the member's lead the day after."""
    checks = {one.code: "yes" for one in queries.shipped_rubric("collaboration").checks}
    number = ratings.record_visit(
        teller.alliance, quarter.code, member, day_of(at), checks | {"systems": "none"}, MET, FOUND,
        by=teller.by(EXPERTS[0]), now=at,
    )  # fmt: skip
    if signed:
        ratings.confirm_visit(
            teller.alliance, quarter.code, member, number, THANKS, by=teller.lead(member), now=at + timedelta(days=1)
        )


def _release(teller: Teller, quarter: Period, at: datetime) -> None:
    """Remarks go to the members, each released by an officer who is not employed there."""
    one = queries.panel(teller.alliance, quarter.code)
    assert one
    rows = [row for row in queries.scores(teller.alliance, one, at) if row.remark and row.state == "locked"]
    by_officer: dict[str, list[int]] = {}
    for row in rows:
        by_officer.setdefault(teller.officer_of_raters(row.institution).account, []).append(row.id)
    for account, numbers in by_officer.items():
        ratings.release_remark(teller.alliance, quarter.code, numbers, by=teller.by(account), now=at)
