"""Registers of what one member does for another: visits, postings, consultations, reads, repeats, devices."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from alliance.core.refused import Both, mark
from alliance.registers.rules.kinds.shapes import (
    CASES,
    CHOICE,
    DATE,
    HOURS,
    LONG,
    MEMBER,
    MOMENT,
    MONEY,
    NOUGHT,
    NUMBER,
    ONE,
    PERSON,
    TIMES,
    YES,
    Check,
    Faults,
    Field,
    Measure,
    Register,
    Texts,
    number_of,
    where,
)

HALF_DAY = Decimal(3)  # hours on site at least
WITHIN = timedelta(hours=24)
SENIOR = ("chief", "associate_chief")
RANKS = {
    "chief": Both("主任医师", "chief physician"),
    "associate_chief": Both("副主任医师", "associate chief physician"),
    "attending": Both("主治医师", "attending physician"),
    "other": Both("其他", "other"),
}
YUAN = Both("元", "CNY")
PATIENTS = Both("人次", "visits")
DAY = Field("day", Both("日期", "Day"), DATE)
NOTE = Field("note", Both("备注", "Remarks"), LONG, required=False)


def _half_day(texts: Texts) -> Decimal:
    enough = Decimal(texts.get("hours") or 0) >= HALF_DAY
    return ONE if enough and texts.get("rank") in SENIOR else NOUGHT


def ends_after(first: str, last: str) -> Check:
    """A time does not end before it begins."""

    def check(texts: Texts) -> Faults:
        if texts.get(first) and texts.get(last) and texts[last] < texts[first]:
            yield last, mark("lies before the beginning"), {}

    return check


def _week(texts: Texts) -> str:
    year, week, _day = date.fromisoformat(texts["day"][:10]).isocalendar()
    return f"{year}-W{week:02}"


def _used(texts: Texts) -> Decimal:
    return ONE if Decimal(texts.get("used") or 0) > 0 else NOUGHT


def _device(texts: Texts) -> str:
    return texts["device"].strip().upper()


visit = Register(
    "visit",
    Both("专家下沉", "Expert visits"),
    Both(
        "专家到下级成员单位现场工作，每半日一条；满3小时、副高及以上职称计1个半日人次。",
        "An expert worked on site at another member; one entry for each half-day. At least 3 hours by an associate "
        "chief physician or above count as one half-day visit.",
    ),
    (
        Field("giver", Both("派出单位", "Sent by"), MEMBER),
        Field("receiver", Both("接受单位", "Host"), MEMBER),
        Field("expert", Both("专家", "Expert"), PERSON, of="giver"),
        Field("rank", Both("职称", "Rank"), CHOICE, choices=RANKS),
        DAY,
        Field(
            "half",
            Both("时段", "Half of the day"),
            CHOICE,
            choices={
                "morning": Both("上午", "morning"),
                "afternoon": Both("下午", "afternoon"),
            },
        ),
        Field("hours", Both("现场时长", "Hours on site"), NUMBER, places=1, unit=HOURS, most=Decimal(12)),
        Field("patients", Both("诊疗人次", "Patients seen"), NUMBER, unit=PATIENTS, most=Decimal(300)),
        Field("specialty", Both("专业", "Specialty")),
        NOTE,
    ),
    ("giver", "receiver"),
    (
        Measure(
            "visit.half_days", Both("专家下沉半日人次", "Half-day visits given"), TIMES, ("giver",), _half_day, "expert"
        ),
        Measure(
            "visit.patients",
            Both("下沉专家诊疗人次", "Patients seen on visits"),
            PATIENTS,
            ("giver",),
            number_of("patients"),
            "expert",
        ),
        Measure(
            "visit.received", Both("接受专家下沉半日人次", "Half-day visits received"), TIMES, ("receiver",), _half_day
        ),
        Measure(
            "visit.in_week",
            Both("按周计的专家下沉半日人次", "Half-day visits given, by weeks"),
            TIMES,
            ("giver",),
            _half_day,
            spread="weeks",
            group=_week,
        ),
    ),
    ("giver", "expert", "day", "half"),
)

posting = Register(
    "posting",
    Both("人员派驻", "Postings"),
    Both(
        "医务人员到下级成员单位全职或轮换派驻；十二个月内满183天计1人。",
        "Staff were posted to another member, full-time or in turns; 183 days within twelve months count one person.",
    ),
    (
        Field("giver", Both("派出单位", "Sent by"), MEMBER),
        Field("receiver", Both("派驻单位", "Posted to"), MEMBER),
        Field("person", Both("派驻人员", "Person posted"), PERSON, of="giver"),
        Field("rank", Both("职称", "Rank"), CHOICE, choices=RANKS),
        Field(
            "form",
            Both("派驻形式", "Form"),
            CHOICE,
            choices={
                "full_time": Both("全职派驻", "full-time"),
                "rotating": Both("轮换派驻", "rotating"),
            },
        ),
        Field("start", Both("开始日期", "From"), DATE),
        Field("until", Both("结束日期", "To (included)"), DATE),
        Field("duty", Both("岗位职责", "Duty"), required=False),
        NOTE,
    ),
    ("giver", "receiver"),
    (
        Measure("posting.begun", Both("派驻人次", "Postings begun"), TIMES, ("giver",), person="person"),
        Measure(
            "posting.days",
            Both("派驻天数", "Days posted"),
            Both("天", "days"),
            ("giver",),
            where("rank", "chief", "associate_chief", "attending"),
            "person",
            spread="days",
        ),
        Measure("posting.received", Both("接受派驻人次", "Postings received"), TIMES, ("receiver",)),
    ),
    ("giver", "person", "start"),
    day="start",
    until="until",
    checks=(ends_after("start", "until"),),
)


PAYERS = {
    "asking": Both("申请方", "the asking member"), "giving": Both("服务方", "the giving member"),
    "patient": Both("患者", "the patient"), "insurance": Both("医保基金", "health insurance"),
    "none": Both("不收费", "no fee"),
}  # fmt: skip


def _paid_by_somebody(texts: Texts) -> Faults:
    if Decimal(texts.get("fee") or 0) > 0 and texts.get("payer") == "none":
        yield "payer", mark("says that nobody pays, and there is a fee"), {}


consultation = Register(
    "consultation",
    Both("远程会诊", "Remote consultations"),
    Both(
        "成员单位之间完成并出具书面意见的远程会诊；多学科会诊记1次。",
        "Remote consultations between members that ended with a written opinion; a multidisciplinary one counts once.",
    ),
    (
        Field("giver", Both("会诊单位", "Given by"), MEMBER),
        Field("receiver", Both("申请单位", "Asked for by"), MEMBER),
        Field("expert", Both("会诊专家", "Consultant"), PERSON, of="giver"),
        Field("applicant", Both("申请医师", "Asking doctor"), PERSON, of="receiver", required=False),
        DAY,
        Field("specialty", Both("专业", "Specialty")),
        Field("multidisciplinary", Both("多学科会诊", "Multidisciplinary"), YES),
        Field("fee", Both("收费", "Fee"), MONEY, required=False, unit=YUAN),
        Field("payer", Both("付费方", "Paid by"), CHOICE, required=False, choices=PAYERS),
        Field(
            "record", Both("会诊单号", "Consultation number"), hint=Both("不填写患者姓名。", "Not the patient's name.")
        ),
        NOTE,
    ),
    ("giver", "receiver"),
    (
        Measure(
            "consultation.given",
            Both("提供远程会诊次数", "Remote consultations given"),
            TIMES,
            ("giver",),
            person="expert",
        ),
        Measure(
            "consultation.requested",
            Both("申请远程会诊次数", "Remote consultations asked for"),
            TIMES,
            ("receiver",),
            person="applicant",
        ),
    ),
    ("giver", "receiver", "record"),
    checks=(_paid_by_somebody,),
)

MODALITIES = {
    "imaging": Both("影像", "imaging"), "ecg": Both("心电", "ECG"), "pathology": Both("病理", "pathology"),
    "laboratory": Both("检验", "laboratory"),
}  # fmt: skip

reading = Register(
    "reading",
    Both("远程诊断", "Remote reads"),
    Both(
        "为其他成员单位出具的远程影像、心电、病理诊断报告，每份报告一条。",
        "Reports on images, ECGs and pathology that one member issued for another, one entry for each report.",
    ),
    (
        Field("giver", Both("诊断单位", "Read by"), MEMBER),
        Field("receiver", Both("申请单位", "Asked for by"), MEMBER),
        Field("reader", Both("诊断医师", "Reading doctor"), PERSON, of="giver"),
        DAY,
        Field("modality", Both("类别", "Kind"), CHOICE, choices=MODALITIES),
        Field("item", Both("检查项目", "Examination")),
        Field("fee", Both("收费", "Fee"), MONEY, required=False, unit=YUAN),
        Field("payer", Both("付费方", "Paid by"), CHOICE, required=False, choices=PAYERS),
        Field("record", Both("报告编号", "Report number"), hint=Both("不填写患者姓名。", "Not the patient's name.")),
        NOTE,
    ),
    ("giver", "receiver"),
    (
        *(
            Measure(
                f"reading.{code}",
                Both(f"远程{words.zh}诊断次数", f"Remote {words.en} reads given"),
                TIMES,
                ("giver",),
                where("modality", code),
                "reader",
            )
            for code, words in MODALITIES.items()
        ),
        Measure("reading.requested", Both("申请远程诊断次数", "Remote reads asked for"), TIMES, ("receiver",)),
    ),
    ("giver", "receiver", "record"),
    checks=(_paid_by_somebody,),
)

# The measures for the mutual recognition of results name when an examination may be repeated after all.
LISTED = ("condition", "turning_point", "operation", "emergency", "quality", "doubt", "assessment")
REASONS = {
    "condition": Both("病情变化，原结果难以反映现状", "the condition changed"),
    "turning_point": Both("检查结果与疾病发展关系密切", "the result changes fast with the disease"),
    "operation": Both("手术、输血等重大医疗措施前", "before an operation or a transfusion"),
    "emergency": Both("急诊、急救", "emergency"),
    "quality": Both("原结果质量不符合要求", "the quality of the first result does not do"),
    "doubt": Both("原结果与临床表现不符", "the first result does not fit the findings"),
    "assessment": Both("司法、伤残及病退鉴定", "forensic or disability assessment"),
    "patient": Both("患者要求", "the patient asked for it"),
    "unseen": Both("未能调阅原结果", "the first result could not be seen"),
    "other": Both("其他", "other"),
}


def _reason_where_repeated(texts: Texts) -> Faults:
    if texts.get("recognised") == "no" and not texts.get("reason"):
        yield "reason", mark("is needed where a result was not recognised"), {}
    if texts.get("recognised") == "yes" and texts.get("reason"):
        yield "reason", mark("belongs to results that were not recognised"), {}
    if texts.get("reason") == "other" and not texts.get("note"):
        yield "note", mark("says why, where the reason is another one"), {}


def _recognised_at_once(texts: Texts) -> Decimal:
    if texts.get("recognised") != "yes" or not texts.get("registered") or not texts.get("second_at"):
        return NOUGHT
    waited = datetime.fromisoformat(texts["second_at"]) - datetime.fromisoformat(texts["registered"])
    return ONE if timedelta() <= waited <= WITHIN else NOUGHT


def _repeated(texts: Texts) -> Decimal:
    return ONE if texts.get("recognised") == "no" and texts.get("reason") not in LISTED else NOUGHT


repeat = Register(
    "repeat",
    Both("检查检验互认", "Repeated examinations"),
    Both(
        "有效期内他院已有结果的检查检验项目：互认，或注明原因后重复检查；登记后监管部门即时可见。",
        "Examinations for which another member held a valid result: recognised, or repeated for a reason. The "
        "regulator sees an entry as soon as it is filed.",
    ),
    (
        Field("receiver", Both("本次开单单位", "Second order by"), MEMBER),
        Field("giver", Both("首次出结果单位", "First result by"), MEMBER),
        Field("item", Both("项目", "Examination")),
        Field("first_at", Both("首次结果时间", "First result at"), MOMENT),
        Field("registered", Both("患者挂号时间", "Patient registered at"), MOMENT, required=False),
        Field("second_at", Both("本次开单或互认时间", "Second order or recognition at"), MOMENT),
        Field("doctor", Both("开单医师", "Ordering doctor"), PERSON, of="receiver", required=False),
        Field("recognised", Both("是否互认", "Recognised"), YES),
        Field("reason", Both("不互认原因", "Reason of repeating"), CHOICE, required=False, choices=REASONS),
        Field("record", Both("申请单号", "Order number"), hint=Both("不填写患者姓名。", "Not the patient's name.")),
        NOTE,
    ),
    ("receiver", "giver"),
    (
        Measure(
            "repeat.recognised",
            Both("检查检验互认项次", "Results recognised"),
            CASES,
            ("receiver",),
            where("recognised", "yes"),
            "doctor",
        ),
        Measure(
            "repeat.at_once",
            Both("24小时内互认项次", "Results recognised within 24 hours"),
            CASES,
            ("receiver",),
            _recognised_at_once,
        ),
        Measure(
            "repeat.repeated",
            Both("有效期内重复检查项次", "Examinations repeated within validity"),
            CASES,
            ("receiver",),
            _repeated,
        ),
    ),
    ("receiver", "record", "item"),
    day="second_at",
    checks=(ends_after("first_at", "second_at"), _reason_where_repeated),
)

equipment = Register(
    "equipment",
    Both("共享设备预约", "Bookings of shared devices"),
    Both(
        "成员单位使用其他单位共享设备的预约和实际使用机时。", "Bookings of a member's shared devices by another member."
    ),
    (
        Field("giver", Both("设备所属单位", "Owner"), MEMBER),
        Field("receiver", Both("使用单位", "User"), MEMBER),
        Field("device", Both("设备编号", "Device number")),
        Field("name", Both("设备名称", "Device")),
        DAY,
        Field("booked", Both("预约机时", "Hours booked"), NUMBER, places=1, unit=HOURS, most=Decimal(24)),
        Field(
            "used",
            Both("实际使用机时", "Hours used"),
            NUMBER,
            places=1,
            unit=HOURS,
            most=Decimal(24),
            hint=Both("未到检的填0。", "0 where nobody came."),
        ),
        Field("record", Both("预约单号", "Booking number")),
        NOTE,
    ),
    ("giver", "receiver"),
    (
        Measure(
            "equipment.booked",
            Both("共享设备预约机时", "Hours of shared devices booked"),
            HOURS,
            ("giver", "receiver"),
            number_of("booked"),
        ),
        Measure(
            "equipment.used",
            Both("共享设备实际使用机时", "Hours of shared devices used"),
            HOURS,
            ("giver", "receiver"),
            number_of("used"),
        ),
        Measure(
            "equipment.devices",
            Both("外单位预约并使用的共享设备", "Shared devices booked and used by another member"),
            TIMES,
            ("giver",),
            _used,
            group=_device,
        ),
    ),
    ("giver", "device", "record"),
)
