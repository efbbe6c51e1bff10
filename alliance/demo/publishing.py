"""How the demo publishes: the last bulletins composed, decided and issued, their paper made in a process beside."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

from flask import current_app

from alliance.bulletins import queries
from alliance.bulletins import services as bulletins
from alliance.bulletins.views import document
from alliance.core.period import Period
from alliance.core.roles import Grant, scope_of
from alliance.demo.days import moment
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


def compose(teller: Teller, quarter: Period, paper: ProcessPoolExecutor) -> None:
    """A bulletin composed and decided; its files are made while the story goes on."""
    teller.say(f"bulletin of {quarter.code}")
    at = moment(quarter.until) + COMPOSED
    back = len(teller.days.scored) - 1 - teller.days.scored.index(quarter)
    zh, en = FOREWORDS[("ended", "going", "begun")[min(back, 2)]]
    office = teller.by("office")
    number = bulletins.compose_bulletin(teller.alliance, quarter.code, zh, foreword_en=en, by=office, now=at)
    decided = at + timedelta(days=1)
    decision = teller.decide(f"bulletin:{number}", "同意印发协同简报。", decided)
    bulletins.decide_bulletin(teller.alliance, number, decision=decision, by=teller.by("chair"), now=decided)
    scope = scope_of("office", "T01", [Grant("office", teller.alliance)], teller.alliance)
    found = queries.bulletin(scope, number)
    assert found is not None
    site = current_app.config["ALLIANCE"].address
    pages = {language: document(found, language, site=site) for language in LANGUAGES}
    teller.printing[number] = {language: paper.submit(render, page) for language, page in pages.items()}


def issue(teller: Teller) -> None:
    """The bulletins issued with their files, as soon as these are there."""
    for number, pages in teller.printing.items():
        teller.say(f"bulletin {number} on paper")
        files = {language: page.result() for language, page in pages.items()}
        scope = scope_of("office", "T01", [Grant("office", teller.alliance)], teller.alliance)
        found = queries.bulletin(scope, number)
        assert found is not None
        assert found.decided_at is not None
        at = found.decided_at + timedelta(hours=2)
        bulletins.issue_bulletin(teller.alliance, number, files, by=teller.by("office"), now=at)
    teller.printing.clear()
