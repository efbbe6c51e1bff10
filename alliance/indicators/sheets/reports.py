"""Quantities reported elsewhere in tables, and the paper that tells a member of too many errors."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.core.period import Period
from alliance.files import read_table
from alliance.indicators.queries import SampleInfo
from alliance.indicators.rules.reports import COLUMNS, REPORTS, Reported


def read_reported(content: bytes, name: str) -> list[Reported]:
    """The quantities of a file, one a row; a report is named by its code or in words."""
    rows = read_table(content, name, COLUMNS, required=("institution", "element", "period", "report", "value"))
    words = {text: code for code, names in REPORTS.items() for text in names}
    return [
        Reported(
            cells["institution"].upper(), cells["element"].upper(), cells["period"],
            words.get(cells["report"], cells["report"].lower()), cells["value"], cells.get("document", ""), line,
        )
        for line, cells in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice in both languages."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str


def notice_of(sample: SampleInfo, until: str) -> NoticeText:
    """What a member is told when more than 5 % of its figures were found wrong; `until` is the last day to correct."""
    first = Period.parse(sample.period).first
    counts = {
        "zh": f"{first.year}年{first.month}月", "en": f"{first:%B %Y}",
        "wrong": sample.wrong, "checked": sample.checked, "until": until,
    }  # fmt: skip
    return NoticeText(
        "关于{zh}数据交叉核查差错率超限的整改通知".format(**counts),
        "Cross-check of {en}: too many errors, please correct".format(**counts),
        (
            "贵单位{zh}数据经交叉核查，抽查{checked}项，差错{wrong}项，差错率超过5%。\n\n"
            "请逐项核对原始记录，于{until}前完成更正（由负责人申请解锁，批准后修改、签字、重新提交）。"
            "逾期后将按相同样本量第二次抽查；差错率仍超限的，提交管理委员会处理。"
        ).format(**counts),
        (
            "Of {checked} figures of {en} that were checked at their source, {wrong} are wrong: more than 5%.\n\n"
            "Please go through the records and correct the figures by {until}: ask the performance office for an "
            "exception, change, sign and submit them again. After that day a second sample of the same size is drawn; "
            "if too many are still wrong, it is a matter for the committee."
        ).format(**counts),
    )
