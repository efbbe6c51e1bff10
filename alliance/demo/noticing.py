"""The notices of the demo: one whose day has passed without everybody, and one that is being read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from flask import current_app

from alliance.core.period import SHANGHAI
from alliance.demo import values
from alliance.demo.days import between, moment
from alliance.demo.teller import Teller
from alliance.members import queries as members
from alliance.notices import services as notices
from alliance.notices.rules import Draft
from alliance.store import Store

LATE = frozenset({"C07", "C12", "C19"})  # whose reporters have not confirmed in time
SHARE = 0.4  # of the leads have read the new one


def notice(teller: Teller) -> None:
    """The office tells reporters how a figure is counted, and leads when they meet."""
    teller.say("notices")
    clock = teller.clock
    today = clock.astimezone(SHANGHAI).date()
    told, ends = moment(today - timedelta(days=12), 9), moment(today - timedelta(days=4), 0)
    counting = Draft(
        "关于统一双向转诊人次统计口径的通知",
        "How two-way referrals are counted",
        "自本期起，双向转诊人次以接诊医院确认到诊为准，仅开具转诊单而未到诊的不计入。\n\n"
        "请各单位填报人对照转诊登记逐例核对，并在截止日前确认已读。",
        "From this period on a referral counts once the receiving hospital has confirmed that the patient came; a slip "
        "alone does not count.\n\n"
        "May every reporter go through the register case by case, and confirm by the last day that this was read.",
        ("reporter",), (), ends,
    )  # fmt: skip
    number = _publish(teller, counting, told)
    everybody = [one.code for one in members.members(teller.alliance, today)]
    _confirm(teller, number, "reporter", set(everybody) - LATE, told, ends)
    notices.remind_notice(teller.alliance, number, by=teller.by("office"), now=ends - timedelta(hours=14))
    called = moment(today - timedelta(days=3), 15)
    meeting = Draft(
        "关于召开季度协同工作例会的通知",
        "The quarterly meeting on collaboration",
        "请各成员单位负责人参加季度协同工作例会，会上通报协同得分、基金分配和双向转诊改进计划。\n\n"
        "请提前准备本单位改进计划的进展，并在截止日前确认已读。",
        "The leads of all members are invited to the quarterly meeting: scores, the shares of the fund, and the plans "
        "by which two-way referral improves.\n\n"
        "May each bring how far its own plan has come, and confirm by the last day that this was read.",
        ("member_lead",), (), moment(today + timedelta(days=5), 0),
    )  # fmt: skip
    number = _publish(teller, meeting, called)
    readers = {one for one in everybody if values.chance(one, "meeting") < SHARE}
    _confirm(teller, number, "lead", readers, called, clock)


def _publish(teller: Teller, draft: Draft, at: datetime) -> str:
    store = Store(current_app.config["ALLIANCE"].data / "notices")
    return notices.publish_notice(teller.alliance, draft, None, store, by=teller.by("office"), now=at)


def _confirm(teller: Teller, number: str, who: str, codes: Collection[str], first: datetime, last: datetime) -> None:
    """Those of the members named confirm it, each at a time of its own."""
    for code in sorted(codes):
        at = between(first, last, 0.05 + 0.8 * float(values.chance(code, who, number)))
        notices.acknowledge_notice(teller.alliance, number, by=teller.by(f"{code.lower()}.{who}"), now=at)
