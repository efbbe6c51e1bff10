"""The few words that a chart says of itself, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; the caller brings all others."""

    missing: str
    lacking: str  # the same behind a name
    not_applicable: str
    target: str
    unit: str
    colon: str
    comma: str


_CHINESE = Words(
    missing="无数据", lacking="（无数据）", not_applicable="不适用", target="目标", unit="单位", colon="：", comma="、"
)
_ENGLISH = Words(
    missing="no data",
    lacking="(no data)",
    not_applicable="not applicable",
    target="Target",
    unit="Unit",
    colon=": ",
    comma=", ",
)


def words_of(lang: str) -> Words:
    """Chinese for every tag that begins with zh, English for all others."""
    return _CHINESE if lang.startswith("zh") else _ENGLISH
