"""How the demo publishes: the last bulletins composed, decided and issued, their paper made in a process beside."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import datetime, timedelta
from decimal import Decimal

from flask import current_app

from alliance.bulletins import queries
from alliance.bulletins import services as bulletins
from alliance.bulletins.views import document
from alliance.core.period import Period, day_of
from alliance.core.roles import Grant, scope_of
from alliance.demo.days import due, moment
from alliance.demo.incidents import Incidents
from alliance.demo.teller import Teller
from alliance.i18n import LANGUAGES
from alliance.pdf import render

COMPOSED = timedelta(days=54)  # after the end of the quarter
FOREWORDS = {
    "begun": (
        "本季度各成员单位按期填报，双向转诊和检查检验互认稳步推进，医联体内重复检查继续下降。\n\n"
        "基层首诊率仍是短板，请各社区卫生服务中心结合家庭医生签约工作逐项改进。",
        "All members filed in time this quarter; two-way referral and the mutual recognition of tests moved ahead, and "
        "fewer examinations were repeated.\n\n"
        "First contact in primary care remains weak: every community center should improve it, case by case, together "
        "with its family-doctor contracts.",
    ),
    "going": (
        "本季度专家下沉和设备共享进展明显，患者满意度继续提高，社区糖尿病患者血糖控制率与牵头医院专科门诊的差距缩小。\n\n"
        "请转诊率仍低于合理区间的单位对照改进计划逐月落实。",
        "Expert visits and equipment sharing gained most this quarter, patients are more content, and the community "
        "centers come closer to the lead hospital's clinic in the control of diabetes.\n\n"
        "Members whose referral rate still lies under its band follow their improvement plans month by month.",
    ),
    "ended": (
        "本季度多数成员单位的协同得分有所提高，专家下沉和设备共享进展明显。\n\n"
        "一家单位因转诊数据不实被一票否决，一家单位未按期提交数据，相关指标计零分。"
        "一家单位自查更正数据，本季度得分已重新核算。数据真实是绩效分配的前提，请各单位引以为戒。",
        "Most members raised their collaboration score this quarter; expert visits and equipment sharing gained most."
        "\n\n"
        "One member was vetoed for untrue referral figures, and one did not submit in time and scores 0 on what is "
        "missing. One member corrected a figure of its own accord, and the quarter was scored again. True figures are "
        "the ground of every payment.",
    ),
}


MONTHLY = (
    "本月各项数据按同一方案监测，只计数据得分，不作为绩效分配依据。\n\n"
    "一家单位因信息系统停机逾期填报，已按程序补报。请各单位关注名次和指标的变化，尽早改进。",
    "This month is watched under the same scheme by the data alone; nobody is paid by it.\n\n"
    "One member filed late after a breakdown of its system, under an exception. May all look early at the indicators "
    "that moved.",
)
# What people tell of their work, for the last quarter; who is honoured follows from its ranks.
CASES = (
    {
        "code": "C03",
        "title": "一张转诊单，三方都签收",
        "title_en": "One referral slip, signed by three",
        "text": "中心与市一院共用一张电子转诊单，上转当日即预约到诊间。\n\n"
        "接诊、出院、随访三方逐一签收，漏签由系统当日提醒，转诊专员每周逐例核对。",
        "text_en": "The center and First Hospital share one electronic slip; whoever is referred has an appointment on "
        "the same day.\n\n"
        "Admission, discharge and follow-up each sign it. What is not signed is called the same day, and a referral "
        "clerk goes through all cases every week.",
    },
    {
        "code": "S02",
        "title": "中医康复接续到社区",
        "title_en": "Rehabilitation goes on in the community",
        "text": "出院前三日，康复医师与社区家庭医生共同制定居家康复方案，并把适宜技术带教到中心。\n\n"
        "患者回到社区后由家庭医生随访，康复医师每两周下沉一次共同复评。",
        "text_en": "Three days before discharge the rehabilitation physician and the family doctor write the plan for "
        "the time at home together, and its techniques are taught in the centers.\n\n"
        "Back home the patient is followed by the family doctor; every two weeks the physician comes and both look "
        "again.",
    },
)
TIERS = {
    "primary": ("基层医疗卫生机构", "in primary care"),
    "secondary": ("二级医院", "among the secondary hospitals"),
}
AFTER = timedelta(days=24)  # from the deadline of a month until its bulletin is composed


def compose(teller: Teller, quarter: Period, paper: Executor) -> None:
    """A bulletin composed and decided; its files are made while the story goes on."""
    back = len(teller.days.scored) - 1 - teller.days.scored.index(quarter)
    words = FOREWORDS[("ended", "going", "begun")[min(back, 2)]]
    _compose(teller, quarter, words, moment(quarter.until) + COMPOSED, paper, told=not back)


def compose_month(teller: Teller, month: Period, paper: Executor) -> None:
    """The bulletin of a monitored month, after whatever is mended in its figures."""
    mended = month == Incidents(teller.days).corrected[1]
    at = moment(day_of(due(month)) + AFTER + timedelta(days=30 * mended))
    _compose(teller, month, MONTHLY, at, paper)


def _compose(
    teller: Teller,
    period: Period,
    words: tuple[str, str],
    at: datetime,
    paper: Executor,
    *,
    told: bool = False,
) -> None:
    teller.say(f"bulletin of {period.code}")
    zh, en = words
    office = teller.by("office")
    number = bulletins.compose_bulletin(teller.alliance, period.code, zh, foreword_en=en, by=office, now=at)
    if told:
        _tell(teller, number, words, at + timedelta(hours=3))
    decided = at + timedelta(days=1)
    decision = teller.decide(f"bulletin:{number}", "同意印发协同简报。", decided)
    bulletins.decide_bulletin(teller.alliance, number, decision=decision, by=teller.by("chair"), now=decided)
    site = current_app.config["ALLIANCE"].address
    found = _bulletin(teller, number)
    pages = {language: document(found, language, site=site) for language in LANGUAGES}
    teller.printing[number] = {language: paper.submit(render, page) for language, page in pages.items()}


def _tell(teller: Teller, number: str, words: tuple[str, str], at: datetime) -> None:
    """The office writes into a draft who is honoured, and what others may learn from."""
    found = _bulletin(teller, number)
    bulletins.edit_bulletin(
        teller.alliance, number, words[0], foreword_en=words[1], honours=list(_honours(found)), cases=CASES,
        seen=found.sha256, by=teller.by("office"), now=at,
    )  # fmt: skip


def _honours(found: queries.BulletinInfo) -> Iterator[dict[str, str]]:
    """Who comes first in a tier, and who rose most."""
    for row in found.content["rows"]:
        if row["rank"] == 1 and row["tier"] in TIERS:
            zh, en = TIERS[row["tier"]]
            score = f"{Decimal(row['score']):.2f}"
            yield {
                "code": row["code"],
                "award": "协同标兵单位",
                "award_en": "Collaboration star unit",
                "reason": f"本季度综合得分{score}分，居{zh}首位。",
                "reason_en": f"First {en} this quarter, with a score of {score}.",
            }
    for row in found.content["risen"][:1]:
        yield {
            "code": row["code"],
            "award": "协同进步单位",
            "award_en": "Most improved unit",
            "reason": f"名次由第{row['rank_before']}位升至第{row['rank']}位，进步最大。",
            "reason_en": f"From place {row['rank_before']} to place {row['rank']}: the largest rise.",
        }


def _bulletin(teller: Teller, number: str) -> queries.BulletinInfo:
    scope = scope_of("office", "T01", [Grant("office", teller.alliance)], teller.alliance)
    found = queries.bulletin(scope, number)
    assert found is not None
    return found


def issue(teller: Teller) -> None:
    """The bulletins issued with their files, as soon as these are there."""
    for number, pages in teller.printing.items():
        teller.say(f"bulletin {number} on paper")
        files = {language: page.result() for language, page in pages.items()}
        decided = _bulletin(teller, number).decided_at
        assert decided is not None
        at = decided + timedelta(hours=2)
        bulletins.issue_bulletin(teller.alliance, number, files, by=teller.by("office"), now=at)
    teller.printing.clear()
