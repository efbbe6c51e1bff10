"""What is filed for a bonus month: the kinds of numbers of units and persons, and what a typed one may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from alliance.core.figure import State
from alliance.core.refused import Both, mark
from alliance.core.written import narrow
from alliance.workpoints.rules.heads import ASPECTS

NOT_APPLICABLE = frozenset({"不适用", "n/a", "na", "not applicable"})
NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
DIGITS = 15
YUAN, SCORE, BARE = ("元", "CNY"), ("分", "points"), ("", "")
NOUGHT, FULL, MOST = Decimal(0), Decimal(100), Decimal(120)
LARGEST = Decimal(10) ** 12

NO_NUMBER = mark("is not a number; write digits, or n/a when it does not apply")
NO_WORD = mark("is not one of the words allowed here: %(words)s")
TOO_MANY_PLACES = mark("has more than %(places)s decimal places")
OUTSIDE = mark("must lie between %(least)s and %(most)s")

# Why somebody gets no share of the unit's bonus in a month; kept as its number.
EXCLUSIONS: Mapping[int, tuple[str, Both]] = {
    1: ("study", Both("进修", "study")),
    2: ("maternity", Both("产假", "maternity leave")),
    3: ("other", Both("其他", "other")),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a cell: a number, "does not apply", or nothing."""

    value: Decimal | None
    state: State


BLANK = Entry(None, State.MISSING)
DOES_NOT_APPLY = Entry(None, State.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class EntryKind:
    """A kind of number of a month: its name, unit, decimal places and range; `group` is the table it stands in, `use`
    what rests on it. Of a kind with `words` one of these is chosen, and its number is kept."""

    code: str
    zh: str
    en: str
    unit: tuple[str, str]
    places: int
    group: str
    use: Both
    least: Decimal = NOUGHT
    most: Decimal = LARGEST
    words: Mapping[int, tuple[str, Both]] = field(default_factory=dict)


UNIT_GROUPS: Mapping[str, Both] = {
    "quality": Both("考核与工作量", "Scores and activity"),
    "cost": Both("成本", "Costs"),
    "driver": Both("增量与分配动因", "Increments and drivers"),
}
PERSON_GROUPS: Mapping[str, Both] = {
    "score": Both("个人考核与分配因素", "Scores and factors"),
    "head": Both("科主任考核", "Assessment of heads"),
    "pay": Both("行政与档案工资", "Administration and file wage"),
}


def _named(*kinds: EntryKind) -> dict[str, EntryKind]:
    return {one.code: one for one in kinds}


FIRST = Both("首次分配", "first distribution")
OUTPATIENT = Both("门诊工分", "outpatient points")
DISEASE = Both("病种工分", "points by disease group")
TARGETS = Both("目标责任书", "target agreement")
COSTS = Both("成本扣减", "deduction of costs")
INCREMENT = Both("增量奖励", "increments")
DRIVER = Both("动因模型", "driver model")
SECOND = Both("二次分配", "second distribution")
HEADS = Both("科主任奖金", "head's bonus")

UNIT_KINDS: Mapping[str, EntryKind] = _named(
    EntryKind("score", "科室考核得分", "Quality score", SCORE, 2, "quality", FIRST, most=MOST),
    EntryKind("case_quality", "病案质量得分", "Quality score of the cases", SCORE, 2, "quality", DISEASE, most=FULL),
    EntryKind("visits", "诊疗人次", "Visits", ("人次", "visits"), 0, "quality", OUTPATIENT),
    EntryKind("operations", "三四级手术台次", "Grade 3–4 operations", ("台", "operations"), 0, "quality", TARGETS),
    EntryKind("admitted", "收住院病例权重", "Weight of admissions brought in", ("", "RW"), 4, "quality", OUTPATIENT),
    EntryKind("variable_cost", "变动成本", "Variable cost", YUAN, 2, "cost", COSTS),
    EntryKind("controllable_cost", "可控成本", "Controllable cost", YUAN, 2, "cost", COSTS),
    EntryKind("controllable_standard", "可控成本标准", "Standard of the controllable cost", YUAN, 2, "cost", COSTS),
    EntryKind("actual", "增量实际量", "Actual quantity", BARE, 4, "driver", INCREMENT),
    EntryKind("base", "增量基期量", "Base quantity", BARE, 4, "driver", INCREMENT),
    EntryKind("last_bonus", "上年奖金", "Bonus of last year", YUAN, 2, "driver", DRIVER),
    EntryKind("balance", "收支结余", "Balance", YUAN, 2, "driver", DRIVER, least=-LARGEST),
)  # fmt: skip
PERSON_KINDS: Mapping[str, EntryKind] = _named(
    EntryKind("score", "个人考核得分", "Personal score", SCORE, 2, "score", SECOND, most=MOST),
    EntryKind("quantity", "工作量", "Quantity", BARE, 4, "score", SECOND),
    EntryKind("quality", "工作质量", "Quality", SCORE, 2, "score", SECOND, most=MOST),
    EntryKind("difficulty", "技术难度", "Difficulty", BARE, 4, "score", SECOND),
    EntryKind("risk", "风险程度", "Risk", BARE, 4, "score", SECOND),
    EntryKind("satisfaction", "满意度", "Satisfaction", SCORE, 2, "score", SECOND, most=FULL),
    EntryKind("certificate", "持证数", "Certificates", ("个", "items"), 0, "score", SECOND, most=FULL),
    EntryKind("excluded", "不参与分配", "Takes no share", BARE, 0, "score", SECOND, words=EXCLUSIONS),
    *(EntryKind(code, zh, en, SCORE, 2, "head", HEADS, most=FULL) for code, (zh, en) in ASPECTS.items()),
    EntryKind("multiple", "核定倍数", "Multiple set by hand", BARE, 4, "head", HEADS, most=Decimal(5)),
    EntryKind("key_figures", "关键指标得分", "Key-figure score", SCORE, 2, "pay",
              Both("行政后勤奖金", "administration bonus"), most=MOST),
    EntryKind("file_wage", "档案工资绩效部分", "Performance part of the file wage", YUAN, 2, "pay",
              Both("工资条单列", "own line of the payslip")),
)  # fmt: skip


GROUPED = Both("病种工分", "points by disease group")
CASE_KINDS: Mapping[str, EntryKind] = _named(
    EntryKind("rw", "权重", "Weight", ("", "RW"), 4, "case", GROUPED),
    EntryKind("cases", "例数", "Cases", ("例", "cases"), 0, "case", GROUPED, most=Decimal(10) ** 6),
    EntryKind("days", "住院日", "Days of stay", ("天", "days"), 2, "case", GROUPED),
    EntryKind("cost", "费用", "Cost", YUAN, 2, "case", GROUPED),
    EntryKind("payment", "医保支付", "Insurance payment", YUAN, 2, "case", GROUPED),
    EntryKind("reference_days", "参照例均住院日", "Reference days of a case", ("天", "days"), 2, "case", GROUPED),
    EntryKind("reference_cost", "参照例均费用", "Reference cost of a case", YUAN, 2, "case", GROUPED),
    EntryKind("standard_cost", "标准例均费用", "Standard cost of a case", YUAN, 2, "case", GROUPED),
)  # fmt: skip


def factor_kind(code: str, zh: str, en: str) -> EntryKind:
    """The kind of a factor that a rule of the second distribution names itself."""
    return EntryKind(code, zh, en, BARE, 4, "score", SECOND)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: a message and its numbers."""

    message: str
    numbers: dict[str, object] = field(default_factory=dict)


def read_entry(text: str, kind: EntryKind) -> Entry | Fault:
    """What a typed or imported text means: blank is nothing, 不适用 or n/a does not apply, 0 is nought."""
    plain = narrow(text).strip()
    if not plain:
        return BLANK
    if plain.lower() in NOT_APPLICABLE:
        return DOES_NOT_APPLY
    if kind.words:
        return _read_word(plain.lower(), kind)
    if not NUMBER.fullmatch(plain):
        return Fault(NO_NUMBER)
    entry = Entry(Decimal(plain.replace(",", "")), State.VALUE)
    return check_entry(entry, kind) or entry


def _read_word(text: str, kind: EntryKind) -> Entry | Fault:
    for number, (code, word) in kind.words.items():
        if text in (code, word.zh, word.en, str(number)):
            return Entry(Decimal(number), State.VALUE)
    words = tuple(word for _code, word in kind.words.values())
    return Fault(NO_WORD, {"words": words})


def check_entry(entry: Entry, kind: EntryKind) -> Fault | None:
    """What is wrong with an entry of a kind; None when nothing is."""
    value = entry.value
    if value is None:
        return None
    if not value.is_finite() or len(value.as_tuple().digits) > DIGITS:
        return Fault(NO_NUMBER)
    if kind.words:
        known = value in kind.words
        return None if known else Fault(NO_WORD, {"words": tuple(word for _code, word in kind.words.values())})
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > kind.places and value != value.quantize(Decimal(10) ** -kind.places):
        return Fault(TOO_MANY_PLACES, {"places": kind.places}) if kind.places else Fault(mark("is not a whole number"))
    if not kind.least <= value <= kind.most:
        return Fault(OUTSIDE, {"least": kind.least, "most": kind.most})
    return None


def exclusion(value: Decimal | None) -> str:
    """The code of why somebody takes no share: study, maternity, other; "" for nobody excluded."""
    return EXCLUSIONS[int(value)][0] if value is not None and value in EXCLUSIONS else ""
