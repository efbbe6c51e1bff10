"""The items by which members rate each other as the portal ships them, each level of a mark in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alliance.core.figure import canonical, sum_exactly
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.ratings.rules.peers import FLOOR, TOP


@dataclass(frozen=True, slots=True)
class Item:
    """What is rated, and what the marks 1 to 5 mean."""

    code: str
    name: Both
    anchors: tuple[Both, ...]
    weight: Decimal = Decimal(10)

    def content(self) -> dict[str, Any]:
        """As a round keeps it."""
        return {
            "code": self.code, "weight": canonical(self.weight), "zh": self.name.zh, "en": self.name.en,
            "anchors": [[one.zh, one.en] for one in self.anchors],
        }  # fmt: skip

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Item:
        anchors = tuple(Both(zh, en) for zh, en in content["anchors"])
        return cls(content["code"], Both(content["zh"], content["en"]), anchors, Decimal(content["weight"]))


def _item(code: str, zh: str, en: str, *anchors: tuple[str, str]) -> Item:
    assert len(anchors) == TOP
    return Item(code, Both(zh, en), tuple(Both(*one) for one in anchors))


SHIPPED = (
    _item(
        "P01", "响应及时性", "Timely answers",
        ("多数转诊或协作申请逾期不复，需反复催办", "Most requests are answered late, after several reminders"),
        ("常有逾期，催办后才答复", "Often late; answered once reminded"),
        ("一般按时答复，偶有逾期", "Usually in time, now and then late"),
        ("按时答复，急件优先处理", "In time; urgent cases come first"),
        ("始终提前答复，并主动告知进展", "Always early, and tells unasked how things stand"),
    ),
    _item(
        "P02", "转诊交接质量", "Handover of referred patients",
        ("资料缺失严重，影响接续诊疗", "Much is missing; treatment cannot go on without asking"),
        ("关键资料常不全，需补充询问", "Key documents are often incomplete"),
        ("资料基本齐全，个别需补充", "Mostly complete, single items to be asked for"),
        ("资料完整，诊疗计划清楚", "Complete, with a clear plan of treatment"),
        ("资料完整，当面或电话交接，随访落实到人", "Complete, handed over in person or by phone, follow-up set"),
    ),
    _item(
        "P03", "沟通与信息共享", "Communication and sharing of information",
        ("联系不上或拒绝共享应共享的信息", "Cannot be reached, or withholds what is to be shared"),
        ("沟通渠道不稳定，信息常滞后", "No steady contact; information comes late"),
        ("有固定联系人，信息基本按时", "A steady contact; information mostly in time"),
        ("沟通顺畅，信息准确及时", "Smooth; information is right and in time"),
        ("主动沟通，提前共享可能影响对方的变化", "Speaks first, and shares early what will concern the other"),
    ),
    _item(
        "P04", "技术帮扶与带教", "Technical support and teaching",
        ("约定的帮扶或带教未开展", "What was agreed did not take place"),
        ("次数明显不足，内容不合需要", "Far too seldom, and not what was needed"),
        ("基本按计划完成，效果一般", "Mostly as planned, with some effect"),
        ("按计划完成，内容切合需要", "As planned, and what was needed"),
        ("超出计划，能独立开展新技术", "More than planned: new techniques are now done alone"),
    ),
    _item(
        "P05", "专家下派与坐诊履约", "Visits of experts as agreed",
        ("多次无故缺席", "Absent several times without a reason"),
        ("常临时取消或缩短", "Often cancelled or cut short"),
        ("大体到岗，偶有调整", "Mostly there, now and then moved"),
        ("按排班到岗，提前告知调整", "There as scheduled; changes are told early"),
        ("按排班到岗，并主动参与查房、会诊", "There as scheduled, and joins rounds and consultations"),
    ),
    _item(
        "P06", "检查检验共享与互认", "Shared examinations and recognised results",
        ("拒绝互认，或预约长期无号", "Recognises nothing, or has no slots for long"),
        ("互认少，无理由重复检查多", "Recognises little; many repeats without a reason"),
        ("多数互认，重复检查有说明", "Recognises most; repeats are explained"),
        ("应认尽认，预约和报告及时", "Recognises what is due; slots and reports in time"),
        ("应认尽认，并协助统一质控标准", "Recognises what is due, and helps to align quality control"),
    ),
    _item(
        "P07", "慢病用药与管理衔接", "Chronic care and medicines across members",
        ("用药目录和管理方案互不衔接", "Medicines and plans do not fit each other"),
        ("衔接不稳定，患者常需重新开药", "Unsteady: patients often need new prescriptions"),
        ("主要病种可以衔接", "Works for the main diseases"),
        ("用药与随访衔接顺畅", "Medicines and follow-up go on smoothly"),
        ("共同制定方案，指标异常当日反馈", "Plans are made together; abnormal values are told the same day"),
    ),
    _item(
        "P08", "规范执行与质量安全", "Standards and safety",
        ("协作中出现过严重差错且未整改", "A grave error in joint work, and nothing was changed"),
        ("规范执行不到位，问题反复出现", "Standards are not kept; the same problems return"),
        ("基本符合规范，个别问题已整改", "Mostly to standard; single problems were mended"),
        ("符合规范，无质量安全问题", "To standard, without problems of safety"),
        ("主动排查风险，并与对方共同改进", "Looks for risks itself and improves together with the other"),
    ),
    _item(
        "P09", "承诺兑现", "Keeping of commitments",
        ("约定事项多数未兑现", "Most of what was agreed was not kept"),
        ("兑现不足一半", "Less than half was kept"),
        ("多数兑现，延误有说明", "Most was kept; delays are explained"),
        ("按约兑现", "Kept as agreed"),
        ("按约兑现，并在对方困难时给予额外支持", "Kept as agreed, with more support when the other was in need"),
    ),
    _item(
        "P10", "问题解决与持续改进", "Solving problems and improving",
        ("回避问题，推诿责任", "Avoids problems and shifts the blame"),
        ("被动应付，问题久拖不决", "Reacts only; problems stay open for long"),
        ("能解决提出的问题，用时较长", "Solves what is raised, slowly"),
        ("及时解决并反馈结果", "Solves in time and tells the result"),
        ("主动发现并解决，同类问题不再发生", "Finds and solves by itself; the same does not happen again"),
    ),
)  # fmt: skip


def weighted(weights: Mapping[str, Decimal]) -> list[Item]:
    """The shipped items with the weights of a round; an item of weight 0 is not asked.

    Refused: weights that do not add up to 100.
    """
    problems = [
        Problem(one.code, canonical(weights.get(one.code)), mark("a weight is not under 0"))
        for one in SHIPPED
        if weights.get(one.code, Decimal(0)) < 0
    ]
    total = sum_exactly(weights.get(one.code, Decimal(0)) for one in SHIPPED)
    if total != 100:
        problems.append(Problem("weights", canonical(total), mark("the weights must add up to exactly 100")))
    if problems:
        raise Refused("The round cannot begin so.", problems=problems)
    return [Item(one.code, one.name, one.anchors, weights[one.code]) for one in SHIPPED if weights.get(one.code)]


def check_floor(floor: int) -> None:
    """The alliance may raise the number of raters behind whatever is shown, never lower it."""
    if floor < FLOOR:
        raise Refused(
            "At least %(least)s raters stand behind what is shown; the number can only be raised.", least=FLOOR
        )


def problems_of(items: Sequence[Item], open_by_target: Mapping[str, Sequence[str]]) -> list[Problem]:
    """What is open in a form: by target, with the names of the items."""
    names = {one.code: one.name for one in items}
    return [
        Problem(
            mark("Rating of %(who)s"), "", mark("open: %(items)s"),
            {"items": tuple(names[code] for code in codes)}, {"who": target},
        )
        for target, codes in open_by_target.items()
        if codes
    ]  # fmt: skip
