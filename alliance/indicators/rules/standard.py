"""The data standard of a period: who answers for an element, and what stands where the alliance said nothing."""

from __future__ import annotations

from alliance.indicators.rules.definitions import Element, Words

OFFICERS = {
    "register": Words("登记科室负责人", "Head of the department that keeps the register"),
    "captured": Words("信息部门数据管理员", "Data manager of the information office"),
    "filed": Words("成员单位填报员", "The member's reporter"),
    "rated": Words("绩效办公室", "Performance office"),
    "surveyed": Words("绩效办公室", "Performance office"),
}
REWARDS = Words(
    "在截止时间之前提交的为按时；截止后不再受理，确需补报的由绩效办公室按锁定例外办理并计为逾期。\n"
    "应填未填的数据，相关指标得0分，并在通报中列出；不适用的不扣分。\n"
    "数据核查差错率超过5%的，限10个工作日内整改并复核；复核仍超过的，提交管理委员会处理。\n"
    "经管理委员会认定弄虚作假的，对所涉各期一票否决：得分为0，不参与协同基金分配，24个月内不得评优。\n"
    "填报完整、及时、准确的成员单位与个人，由管理委员会给予表彰。",
    "What is submitted before the deadline is on time; later nothing is taken, and what must still be filed goes "
    "through an exception of the performance office and counts as late.\n"
    "An indicator whose value was due and not filed scores 0 and is listed in the bulletin; what does not apply costs "
    "nothing.\n"
    "An error rate over 5 % in a cross-check is corrected within 10 working days and checked again; over it once more, "
    "the management committee deals with it.\n"
    "Falsification found by the management committee is a veto for all periods touched: score 0, no share of the "
    "collaboration fund, no honours for 24 months.\n"
    "Members and persons whose filing is complete, timely and accurate are commended by the management committee.",
)


def officer(element: Element) -> Words:
    """Who answers for an element: whom its definition names, else whom its way of collection implies."""
    usual = OFFICERS[element.mode]
    return Words(element.officer.zh or usual.zh, element.officer.en or element.officer.zh or usual.en)
