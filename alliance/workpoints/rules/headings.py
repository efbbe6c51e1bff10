"""Which heading of a file is which column of a charge line: guessed from the words that hospital systems use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from alliance.workpoints.rules.cleaning import COLUMNS

# The words of a column, the surest first; an exact heading goes before one that only contains a word.
WORDS: Mapping[str, tuple[str, ...]] = {
    "refund_of": ("原收费流水号", "原明细流水号", "原流水号", "原收费明细号", "原明细号", "冲销流水号", "退费原单号"),
    "line_key": ("明细流水号", "收费流水号", "收费明细号", "费用明细号", "明细编号", "明细号", "流水号", "明细id"),
    "day": ("收费日期", "费用日期", "计费日期", "记账日期", "发生日期", "收费时间", "计费时间", "日期"),
    "item": ("项目编码", "收费项目编码", "项目代码", "收费编码", "医嘱项目编码", "物价编码", "项目"),
    "setting": ("门诊住院", "门诊住院标志", "门诊住院标识", "就诊类型", "就诊类别", "患者类型", "病人类型", "病人来源"),
    "quantity": ("数量", "计费数量", "收费数量"),
    "amount": ("金额", "总金额", "实收金额", "收费金额", "费用金额", "应收金额"),
    "ordering_unit": ("开单科室编码", "开单科室代码", "开单科室", "开立科室", "申请科室"),
    "ordering_person": ("开单医师工号", "开单医生工号", "开单医师", "开单医生", "开立医生", "申请医生", "开单人"),
    "performing_unit": ("执行科室编码", "执行科室代码", "执行科室"),
    "performing_person": ("执行人员工号", "执行人工号", "执行医生工号", "执行人员", "执行医生", "执行人"),
}
NAMES = ("名称", "姓名")  # of what a code stands for, which is not the code


def guessed(headings: Sequence[str]) -> dict[str, str]:
    """The heading of each column, as far as the headings tell; none is used twice."""
    found: dict[str, str] = {}
    for exact in (True, False):
        for column, words in WORDS.items():
            if column in found:
                continue
            free = [heading for heading in headings if heading not in found.values()]
            heading = _matching(free, (*words, *COLUMNS[column], column), exact)
            if heading:
                found[column] = heading
    return found


def _matching(headings: Sequence[str], words: Sequence[str], exact: bool) -> str:
    for word in map(_plain, words):
        for heading in headings:
            text = _plain(heading)
            if text == word or (not exact and word in text and not heading.strip().endswith(NAMES)):
                return heading
    return ""


def _plain(text: str) -> str:
    return re.sub(r"[\s_/（）()\-]+", "", text).lower()


def mapping_for(headings: Sequence[str], remembered: Mapping[str, str]) -> dict[str, str]:
    """The mapping to begin with: the remembered one as far as the file has its headings, the rest guessed."""
    kept = {column: heading for column, heading in remembered.items() if heading in headings}
    free = [heading for heading in headings if heading not in kept.values()]
    return {column: heading for column, heading in guessed(free).items() if column not in kept} | kept
