"""Registers of what members do together or for the people of the area: training, activities, research, outcomes."""

from __future__ import annotations

from decimal import Decimal

from alliance.core.refused import Both, mark
from alliance.registers.rules.kinds.giving import DAY, NOTE, ends_after
from alliance.registers.rules.kinds.shapes import (
    CASES,
    CHOICE,
    DATE,
    HOURS,
    LONG,
    MEMBER,
    MEMBERS,
    NOUGHT,
    NUMBER,
    PERSON,
    PERSONS,
    TIMES,
    YES,
    Faults,
    Field,
    Measure,
    Register,
    Texts,
    number_of,
    product_of,
    where,
)

PEOPLE = Both("人", "persons")
POINTS = Both("分", "points")
ATTENDED = Both("人时", "person-hours")
OTHERS = Field("others", Both("其他参与单位", "Further members"), MEMBERS, required=False)


def _where_named(texts: Texts) -> Decimal:
    """The hours of a training, where it says who attended."""
    return Decimal(texts["hours"]) if texts.get("doctors") else NOUGHT


def _fits(texts: Texts) -> Faults:
    """No more can be named than attended."""
    named = len(texts.get("doctors", "").split())
    if named > Decimal(texts["attendees"]):
        yield "doctors", mark("names %(count)s, more than attended"), {"count": named}


training = Register(
    "training",
    Both("带教与培训", "Training"),
    Both(
        "上级单位对下级成员单位的授课、教学查房和操作示范，现场或在线直播。",
        "Lectures, teaching rounds and demonstrations that one member gave another, on site or live online.",
    ),
    (
        Field("giver", Both("授课单位", "Given by"), MEMBER),
        Field("receiver", Both("受训单位", "Received by"), MEMBER),
        Field("teacher", Both("授课人", "Teacher"), PERSON, of="giver"),
        DAY,
        Field(
            "mode",
            Both("方式", "Form"),
            CHOICE,
            choices={
                "on_site": Both("现场", "on site"),
                "online": Both("在线直播", "live online"),
            },
        ),
        Field("topic", Both("主题", "Topic")),
        Field("hours", Both("学时", "Hours"), NUMBER, places=1, unit=HOURS, most=Decimal(24)),
        Field("attendees", Both("参训医师数", "Doctors attending"), NUMBER, unit=PEOPLE, most=Decimal(2000)),
        Field(
            "doctors",
            Both("参训医师", "Who attended"),
            PERSONS,
            required=False,
            of="receiver",
            hint=Both(
                "工号，以空格分隔；学时计入每位医师的年度培训学时。",
                "Staff numbers with spaces between; the hours count for each in the hours of training of the year.",
            ),
        ),
        Field(
            "rating",
            Both("学员评分", "Rating by trainees"),
            NUMBER,
            required=False,
            places=1,
            unit=POINTS,
            least=Decimal(1),
            most=Decimal(5),
            hint=Both("1–5分的平均分。", "The mean of marks from 1 to 5."),
        ),
        NOTE,
    ),
    ("giver", "receiver"),
    (
        Measure(
            "training.hours_given", Both("带教时长", "Hours taught"), HOURS, ("giver",), number_of("hours"), "teacher"
        ),
        Measure(
            "training.attendee_hours",
            Both("接受培训人时数", "Attendee-hours received"),
            ATTENDED,
            ("receiver",),
            product_of("hours", "attendees"),
        ),
        Measure(
            "training.hours_attended",
            Both("参训学时", "Hours of training attended"),
            HOURS,
            ("receiver",),
            _where_named,
            "doctors",
        ),
        Measure("training.sessions", Both("带教与培训场次", "Training sessions"), TIMES, ("giver", "receiver")),
    ),
    ("giver", "receiver", "teacher", "day", "topic"),
    checks=(_fits,),
)

activity = Register(
    "activity",
    Both("联合活动", "Joint activities"),
    Both(
        "两家及以上成员单位共同开展的病例讨论、义诊、竞赛，附纪要。",
        "Case discussions, free clinics and contests of two or more members, with minutes.",
    ),
    (
        Field("giver", Both("主办单位", "Organised by"), MEMBER),
        Field("receiver", Both("协办单位", "Together with"), MEMBER),
        OTHERS,
        DAY,
        Field(
            "form",
            Both("类别", "Kind"),
            CHOICE,
            choices={
                "discussion": Both("病例讨论", "case discussion"),
                "clinic": Both("义诊", "free clinic"),
                "contest": Both("竞赛", "contest"),
                "other": Both("其他", "other"),
            },
        ),
        Field("topic", Both("主题", "Topic")),
        Field("lead", Both("负责人", "Led by"), PERSON, of="giver", required=False),
        Field("served", Both("参与或服务人次", "People taking part or served"), NUMBER, required=False, unit=TIMES),
        Field("minutes", Both("活动纪要", "Minutes"), LONG),
    ),
    ("giver", "receiver"),
    (
        Measure(
            "activity.discussions",
            Both("联合病例讨论次数", "Joint case discussions"),
            TIMES,
            ("giver", "receiver", "others"),
            where("form", "discussion"),
            "lead",
        ),
        Measure(
            "activity.clinics",
            Both("联合义诊次数", "Joint free clinics"),
            TIMES,
            ("giver", "receiver", "others"),
            where("form", "clinic"),
            "lead",
        ),
        Measure(
            "activity.contests",
            Both("联合竞赛次数", "Joint contests"),
            TIMES,
            ("giver", "receiver", "others"),
            where("form", "contest"),
            "lead",
        ),
    ),
    ("giver", "receiver", "day", "form", "topic"),
    others="others",
)

research = Register(
    "research",
    Both("联合科研", "Joint research"),
    Both(
        "两家及以上成员单位共同承担的立项科研项目；在研期间每月月末各计1项。",
        "Approved research projects of two or more members; each counts at the end of every month it is under way.",
    ),
    (
        Field("giver", Both("牵头单位", "Led by"), MEMBER),
        Field("receiver", Both("合作单位", "Together with"), MEMBER),
        OTHERS,
        Field("topic", Both("项目名称", "Project")),
        Field("record", Both("项目编号", "Project number")),
        Field("lead", Both("项目负责人", "Principal investigator"), PERSON, of="giver"),
        Field(
            "level",
            Both("级别", "Level"),
            CHOICE,
            choices={
                "national": Both("国家级", "national"),
                "province": Both("省级", "provincial"),
                "city": Both("市级", "city"),
                "own": Both("院级", "own"),
            },
        ),
        Field("start", Both("立项日期", "Approved on"), DATE),
        Field("until", Both("计划结题日期", "Due to end on"), DATE),
    ),
    ("giver", "receiver"),
    (
        Measure(
            "research.under_way",
            Both("在研联合科研项目数", "Joint research projects under way"),
            Both("项", "projects"),
            ("giver", "receiver", "others"),
            person="lead",
            spread="months",
        ),
    ),
    ("giver", "record"),
    day="start",
    until="until",
    others="others",
    checks=(ends_after("start", "until"),),
)

technique = Register(
    "technique",
    Both("新技术新项目", "New techniques"),
    Both(
        "基层单位首次开展的、经批准的新技术新项目，以及帮扶单位。",
        "Approved techniques and services that a member used for the first time, and who helped.",
    ),
    (
        Field("receiver", Both("开展单位", "Used by"), MEMBER),
        Field("giver", Both("帮扶单位", "Helped by"), MEMBER),
        Field("topic", Both("技术名称", "Technique")),
        Field("start", Both("首次开展日期", "First used on"), DATE),
        Field("approval", Both("批准文号", "Approval")),
        Field("lead", Both("负责人", "In charge"), PERSON, of="receiver"),
        Field("teacher", Both("帮扶专家", "Helping expert"), PERSON, of="giver", required=False),
        Field("cases", Both("已开展例数", "Cases done"), NUMBER, unit=CASES),
        NOTE,
    ),
    ("receiver", "giver"),
    (
        Measure(
            "technique.first",
            Both("新技术新项目数", "New techniques"),
            Both("项", "items"),
            ("receiver",),
            person="lead",
        ),
        Measure(
            "technique.helped",
            Both("帮扶新技术新项目数", "New techniques helped"),
            Both("项", "items"),
            ("giver",),
            person="teacher",
        ),
    ),
    ("receiver", "topic"),
    day="start",
)

education = Register(
    "education",
    Both("健康教育", "Health education"),
    Both("面向居民的健康讲座、咨询和宣传活动。", "Talks, counselling and information for residents."),
    (
        Field("member", Both("开展单位", "Given by"), MEMBER),
        DAY,
        Field(
            "form",
            Both("形式", "Form"),
            CHOICE,
            choices={
                "talk": Both("讲座", "talk"),
                "counselling": Both("咨询", "counselling"),
                "media": Both("媒体宣传", "media"),
            },
        ),
        Field("topic", Both("主题", "Topic")),
        Field("speaker", Both("主讲人", "Given by (person)"), PERSON, of="member"),
        Field("served", Both("受益人次", "People reached"), NUMBER, unit=TIMES),
        Field("hours", Both("时长", "Hours"), NUMBER, places=1, unit=HOURS, most=Decimal(24)),
        NOTE,
    ),
    ("member",),
    (
        Measure(
            "education.sessions",
            Both("健康教育场次", "Health education sessions"),
            TIMES,
            ("member",),
            person="speaker",
        ),
        Measure(
            "education.reached",
            Both("健康教育受益人次", "People reached by health education"),
            TIMES,
            ("member",),
            number_of("served"),
            "speaker",
        ),
    ),
    ("member", "day", "form", "topic"),
)

OUTCOMES = {
    "glucose": Both("血糖（糖化血红蛋白）", "glucose (HbA1c)"), "pressure": Both("血压", "blood pressure"),
    "lipids": Both("血脂", "lipids"), "lung": Both("肺功能", "lung function"), "other": Both("其他", "other"),
}  # fmt: skip

cohort = Register(
    "cohort",
    Both("健康结局队列", "Outcome cohorts"),
    Both(
        "共同管理的患者队列的测量结果：由谁管理、何时测量、数值、是否达标。以编号登记，不填写姓名。",
        "Measurements of patients managed together: by whom, when, the value, and whether the target is reached. "
        "Under a number, never a name.",
    ),
    (
        Field("member", Both("管理单位", "Managed by"), MEMBER),
        Field("record", Both("队列编号", "Cohort number"), hint=Both("不填写患者姓名。", "Not the patient's name.")),
        Field("outcome", Both("结局指标", "Outcome"), CHOICE, choices=OUTCOMES),
        Field("day", Both("测量日期", "Measured on"), DATE),
        Field("value", Both("测量值", "Value"), NUMBER, places=2),
        Field("unit", Both("单位", "Unit")),
        Field("reached", Both("是否达标", "Target reached"), YES),
        Field("doctor", Both("责任医师", "Responsible doctor"), PERSON, of="member", required=False),
        NOTE,
    ),
    ("member",),
    (
        Measure("cohort.measured", Both("队列测量人次", "Cohort measurements"), TIMES, ("member",), person="doctor"),
        Measure(
            "cohort.reached",
            Both("队列达标人次", "Cohort measurements on target"),
            TIMES,
            ("member",),
            where("reached", "yes"),
            "doctor",
        ),
    ),
    ("member", "record", "outcome", "day"),
)


def _some(texts: Texts) -> Faults:
    if texts.get("quantity") and Decimal(texts["quantity"]) <= 0:
        yield "quantity", mark("must be above 0"), {}


workload = Register(
    "workload",
    Both("手工工作量", "Manual workload"),
    Both(
        "没有系统记录的协同工作量，凭佐证逐项登记。",
        "Collaborative work that no system records, item by item with evidence.",
    ),
    (
        Field("member", Both("单位", "Member"), MEMBER),
        Field("person", Both("人员", "Person"), PERSON, of="member"),
        DAY,
        Field("item", Both("项目", "Item")),
        Field("quantity", Both("数量", "Quantity"), NUMBER, places=2),
        Field("unit", Both("单位名称", "Unit")),
        Field("evidence", Both("佐证", "Evidence"), LONG),
    ),
    ("member",),
    (
        Measure(
            "workload.quantity",
            Both("手工工作量", "Manual workload"),
            Both("", ""),
            ("member",),
            number_of("quantity"),
            "person",
        ),
    ),
    ("member", "person", "day", "item"),
    checks=(_some,),
)
