"""The joint pathways and the assessment ledgers of the demo: some dozen cases, one late and one ended, and a month's
ledger of the lead hospital and of the alliance."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from flask import current_app

from alliance.accounts import queries as accounts
from alliance.core.actor import Actor
from alliance.core.period import end_of
from alliance.core.refused import Both
from alliance.demo import values
from alliance.demo.days import moment
from alliance.demo.teller import Teller
from alliance.members import queries as members
from alliance.notices import services as notices
from alliance.notices.rules import Draft
from alliance.registers import queries
from alliance.registers import services as registers
from alliance.registers.queries import NewCourse
from alliance.registers.rules.ledger_notices import Remark, month_notice
from alliance.registers.rules.ledgers import ACCEPTED, REFUSED, UPHELD, Entry, Item
from alliance.registers.rules.pathways import Patient
from alliance.store import Store

HOSPITAL = "T01"
CASES = 34
LATE, ENDED = 18, 22  # of the cases, by place
UNDONE = frozenset({9, 14, 26})  # whose second step somebody has forgotten
DIAGNOSES = {"diabetes": ("E11.900", "E11.200", "E11.400"), "discharge": ("I25.103", "I50.900", "I63.900")}
OFFICE, DIRECTOR = Actor("t01.bonus", HOSPITAL), Actor("t01.lead", HOSPITAL)
STANDARDS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "nursing": (
        ("HL-01", "床旁交接班不规范", "Handover at the bedside not as required", "-3"),
        ("HL-02", "腕带核对不落实", "Wristband not checked", "-5"),
        ("HL-03", "护理技术比武获奖", "Prize in a contest of nursing skills", "4"),
    ),
    "record_review": (("BL-01", "归档病历质量评分", "Score of a filed record", "100"),),
    "medical_quality": (
        ("YL-01", "三级查房记录不全", "Record of the three-level ward round incomplete", "-2"),
        ("YL-02", "疑难病例讨论未按期完成", "Discussion of a difficult case not held in time", "-3"),
        ("YL-03", "提交有价值的不良事件报告", "Useful report of an adverse event", "2"),
    ),
    "information": (
        ("XX-01", "转诊平台数据迟报", "Data of the referral platform late", "-2"),
        ("XX-02", "电子病历共享改进", "Sharing of records improved", "3"),
    ),
}  # fmt: skip
# Kind, item, unit, points, words; the third of the list is refused, the last two wait.
INSIDE: tuple[tuple[str, str, str, str, str], ...] = (
    ("nursing", "HL-01", "N01", "-1.5", "早交班未到床旁，两名患者引流情况未交接。"),
    ("nursing", "HL-02", "N01", "-2", "输液前未核对腕带，现场已纠正。"),
    ("nursing", "HL-01", "N01", "-3", "交班本漏签一次。"),
    ("nursing", "HL-03", "N01", "4", "市级护理技能竞赛二等奖。"),
    ("medical_quality", "YL-01", "D01-1", "-1", "抽查运行病历十份，一份缺主任查房记录。"),
    ("medical_quality", "YL-03", "D06", "2", "上报手术部位标识不清的隐患并完成整改。"),
    ("record_review", "BL-01", "D01-1", "94.5", "归档病历抽查，首次病程记录完整。"),
    ("record_review", "BL-01", "D06", "86", "手术记录缺少出血量。"),
    ("medical_quality", "YL-02", "D06", "-1", "疑难病例讨论超期两天。"),
    ("nursing", "HL-01", "N01", "-1", "晚交班未核对管路标识。"),
)
AMONG_MEMBERS: tuple[tuple[str, str, str, str, str], ...] = (
    ("information", "XX-01", "C07", "-1", "转诊平台数据迟报三天。"),
    ("information", "XX-01", "C12", "-2", "转诊平台数据连续两周迟报。"),
    ("information", "XX-02", "C03", "3", "居民电子病历全部接入共享平台。"),
    ("medical_quality", "YL-03", "S02", "2", "上报用药隐患并在医联体内通报学习。"),
    ("medical_quality", "YL-01", "C05", "-1", "家庭病床查房记录缺两次。"),
    ("information", "XX-01", "C09", "-1", "上报数据口径有误，更正一次。"),
)


def tell(teller: Teller) -> None:
    """Pathways first, then ledgers."""
    teller.say("joint pathways and assessment ledgers")
    today = teller.days.today
    centers = [one.code for one in members.members(teller.alliance, today) if one.tier == "primary"]
    for place in range(CASES):
        _case(teller, place, centers[place * 7 % len(centers)])
    first = teller.days.filed.first
    _standards(teller, first.replace(day=1))
    _hospital(teller, first)
    _alliance(teller, first)


def _case(teller: Teller, place: int, center: str) -> None:
    """A case that began some days ago: the plan or the call by the hospital, the follow-up or visit by the center."""
    today = teller.days.today
    pathway = "discharge" if place % 3 == 2 else "diabetes"
    day0 = today - timedelta(days=5 + place * 4)
    first, second = (12, 45) if pathway == "diabetes" else (4, 80)
    drift = int(values.chance(place, "drift") * 12)
    patient = Patient(
        1938 + int(values.chance(place, "born") * 38), "female" if place % 2 else "male",
        DIAGNOSES[pathway][place % 3],
    )  # fmt: skip
    given = NewCourse(pathway, HOSPITAL, center, f"ZY26{place * 7919 % 100_000:05}", patient, day0)
    center_by = teller.reporter(center)
    number = registers.start_course(teller.alliance, center, given, by=center_by, now=moment(day0, 15))
    if place == ENDED:
        ended = day0 + timedelta(days=20)
        reason = "患者随子女迁往外省长期居住，已转由当地机构管理"
        registers.end_course(teller.alliance, center, number, ended, reason, by=center_by, now=moment(ended, 16))
        return
    steps = (
        (HOSPITAL, first + drift // 4 + (22 if place == LATE else 0), 0, "已与患者确认方案，结果已告知基层团队"),
        (center, second + drift // 2, 1, "血糖与血压已复测，按方案调整"),
    )
    course = queries.course(teller.alliance, number)
    assert course
    for institution, after, which, note in steps:
        done = day0 + timedelta(days=after)
        if done < today and not (which and place in UNDONE):
            registers.record_step(
                teller.alliance, institution, number, course.steps[which].code, done, note,
                by=teller.reporter(institution), now=moment(done, 17),
            )  # fmt: skip


def _standards(teller: Teller, start: date) -> None:
    told = moment(start, 8)
    for kind, rows in STANDARDS.items():
        items = [Item(code, zh, en, Decimal(points)) for code, zh, en, points in rows]
        if kind != "information":
            registers.import_standard(
                teller.alliance, HOSPITAL, kind, items, start, "院质控〔2026〕3号考核办法", by=OFFICE, now=told
            )
        if kind in ("information", "medical_quality"):
            registers.import_standard(
                teller.alliance, "", kind, items, start, "医联体协同考核细则", by=teller.by("office"), now=told
            )


def _hospital(teller: Teller, first: date) -> None:
    """The month's ledger of the lead hospital, an objection that was upheld, and its notice."""
    _employer, nurse = accounts.employee_of("t01.nurse")
    _employer, doctor = accounts.employee_of("t01.doctor")
    numbers = []
    for place, (kind, item, unit, points, note) in enumerate(INSIDE):
        day = first + timedelta(days=2 + place * 2)
        person = nurse if place == 1 else ""
        author = doctor if kind == "record_review" else ""
        one = Entry(kind, day, item, HOSPITAL, unit, person, Decimal(points), note, "", author)
        numbers.append(_add(teller, HOSPITAL, one, OFFICE))
        if place < len(INSIDE) - 2:
            verdict, why = (REFUSED, "交班本当日已补签，不作扣分处理") if place == 2 else (ACCEPTED, "")
            registers.review_entry(
                teller.alliance, HOSPITAL, numbers[-1], verdict, why, by=DIRECTOR, now=moment(day, 18)
            )  # fmt: skip
    objected = moment(first + timedelta(days=24), 10)
    registers.file_objection(
        teller.alliance, HOSPITAL, numbers[1], "当时由带教老师核对腕带，监控可以证实", by=Actor("t01.nurse", HOSPITAL),
        now=objected,
    )  # fmt: skip
    registers.answer_objection(
        teller.alliance, HOSPITAL, numbers[1], UPHELD, "调阅监控后情况属实，本条撤销", by=DIRECTOR,
        now=objected + timedelta(days=1),
    )  # fmt: skip
    _publish(teller, first, moment(first + timedelta(days=32), 9))


def _alliance(teller: Teller, first: date) -> None:
    """The month's ledger of the alliance: one officer enters, the other reviews; the last one waits."""
    for place, (kind, item, member, points, note) in enumerate(AMONG_MEMBERS):
        day = first + timedelta(days=3 + place * 4)
        number = _add(teller, "", Entry(kind, day, item, member, "", "", Decimal(points), note), teller.by("office"))
        if place < len(AMONG_MEMBERS) - 1:
            by = teller.by("office2")
            registers.review_entry(teller.alliance, "", number, ACCEPTED, by=by, now=moment(day, 18))


def _add(teller: Teller, place: str, one: Entry, by: Actor) -> int:
    store = Store(current_app.config["ALLIANCE"].data / "ledgers")
    return registers.add_entry(teller.alliance, place, one, None, store, by=by, now=moment(one.day, 11))


def _publish(teller: Teller, first: date, at: datetime) -> None:
    """The notice of the hospital's ledger, which its heads and staff have to read."""
    month = f"{first:%Y-%m}"
    totals = queries.ledger_totals(teller.alliance, HOSPITAL, [month], "unit")
    known = members.department_names(teller.alliance, HOSPITAL)
    names = {(HOSPITAL, code): Both(one.name_zh, one.name_en) for code, one in known.items()}
    texts = month_notice(month, "", totals, names, Remark("请相关科室按要求整改，并在截止日前确认已读。"))
    due = end_of(teller.days.today + timedelta(days=4))
    draft = Draft(**texts, roles=("department_head", "staff"), institutions=(HOSPITAL,), due_at=due)
    store = Store(current_app.config["ALLIANCE"].data / "notices")
    at = min(at, teller.clock)
    number = notices.publish_notice(teller.alliance, draft, None, store, by=OFFICE, now=at)
    registers.link_ledger(teller.alliance, HOSPITAL, month, "", 0, number, by=OFFICE, now=at)
