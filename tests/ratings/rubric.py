"""A small rubric for tests: two items, two levels each."""

from __future__ import annotations

from typing import Any

LEVELS = [
    {"from": 0, "to": 59, "zh": "较弱", "en": "Weak"},
    {"from": 60, "to": 100, "zh": "良好", "en": "Good"},
]
RUBRIC: dict[str, Any] = {
    "rubric": {"code": "small", "name_zh": "小评分表", "name_en": "Small rubric"},
    "item": [
        {
            "code": code, "name_zh": zh, "name_en": en, "about_zh": "看制度与落实。", "about_en": "Rules and practice.",
            "weight": {"tertiary": weight, "secondary": weight, "primary": weight}, "level": LEVELS,
        }
        for code, zh, en, weight in (
            ("order", "协同制度", "Order of cooperation", 60), ("people", "人员下沉", "People sent", 40),
        )
    ],
    "check": [{"code": "records", "name_zh": "查阅会议记录", "name_en": "Minutes were read"}],
}  # fmt: skip
