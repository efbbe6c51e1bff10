"""What a notice of an assessment ledger says: totals of a month, or one entry; no person is named in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from alliance.core.period import Period
from alliance.core.refused import Both, Refused
from alliance.registers.rules.ledgers import KINDS, Item, Total

MOST_LINES = 80


@dataclass(frozen=True, slots=True)
class Remark:
    """What the office says besides, in each language or in none."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Single:
    """An entry of which a special notice tells."""

    number: int
    kind: str
    day: date
    item: Item
    whom: Both
    points: Decimal


def month_notice(
    month: str, kind: str, totals: Sequence[Total], names: Mapping[tuple[str, str], Both], remark: Remark
) -> dict[str, str]:
    """Titles and texts of a month's notice; `names` of members and their departments. Refused: nothing counts, and
    nothing is said."""
    if not totals and not (remark.zh or remark.en):
        raise Refused("No entry of this month counts yet, and nothing is said besides: there is nothing to publish.")
    first = Period.parse(month).first
    zh, en = f"{first.year}年{first.month}月", f"{first:%B %Y}"
    ledger = KINDS[kind] if kind else Both("各台帐", "all ledgers")
    shown = sorted(totals, key=lambda one: (one.kind, one.points, one.member, one.unit))[:MOST_LINES]
    lines_zh = [_line(one, names).zh for one in shown]
    lines_en = [_line(one, names).en for one in shown]
    if len(totals) > MOST_LINES:
        lines_zh.append(f"其余 {len(totals) - MOST_LINES} 项见台帐。")
        lines_en.append(f"{len(totals) - MOST_LINES} more are in the ledger.")
    return _texts(
        Both(f"{zh}考核通报（{ledger.zh}）", f"Assessment notice of {en} ({ledger.en})"), lines_zh, lines_en, remark
    )


def _line(one: Total, names: Mapping[tuple[str, str], Both]) -> Both:
    whom = names.get((one.member, one.unit)) or names.get((one.member, "")) or Both(one.member, one.member)
    kind, points = KINDS[one.kind], f"{one.points:+f}"
    return Both(
        f"{kind.zh}：{whom.zh} {points} 分（{one.entries} 条）",
        f"{kind.en}: {whom.en} {points} points (entries: {one.entries})",
    )


def entry_notice(one: Single, remark: Remark) -> dict[str, str]:
    """Titles and texts of a special notice of one entry."""
    kind = KINDS[one.kind]
    return _texts(
        Both(f"{kind.zh}专项通报（第 {one.number} 条）", f"Special notice: {kind.en}, entry {one.number}"),
        [f"{one.day.isoformat()}，{one.whom.zh}：{one.item.zh}，{one.points:+f} 分。"],
        [f"{one.day.isoformat()}, {one.whom.en}: {one.item.en}, {one.points:+f} points."],
        remark,
    )


def _texts(title: Both, zh: list[str], en: list[str], remark: Remark) -> dict[str, str]:
    return {
        "title_zh": title.zh,
        "title_en": title.en,
        "text_zh": "\n\n".join(part for part in (remark.zh, "\n".join(zh)) if part) or remark.en,
        "text_en": "\n\n".join(part for part in (remark.en, "\n".join(en)) if part) or remark.zh,
    }
