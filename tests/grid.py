"""A member's month with forty values, for the page where they are filed: bounds, a part and its whole, a band."""

from __future__ import annotations

from typing import Any

from tests.small import LIBRARY

COUNT = 40


def library(count: int = COUNT) -> dict[str, Any]:
    """The small library, one rate with a band in it, and further elements in three dimensions."""
    elements: list[dict[str, Any]] = [
        {
            "code": f"G{number:03}",
            "name_zh": f"数据项{number:03}",
            "name_en": f"Item {number:03}",
            "unit_zh": "人次",
            "unit_en": "cases",
            "minimum": "0",
            "maximum": "1000000",
            "definition_zh": "统计期内实际发生的人次，以业务系统记录为准，退号与作废的不计。",
            "definition_en": "Cases of the period as the system records them, without those cancelled.",
        }
        for number in range(1, count - 4 + 1)
    ]
    elements[0] |= {"soft_maximum": "500"}
    elements[1] |= {"whole": "G003"}
    sums = [
        {
            "code": f"S{number}",
            "name_zh": f"合计{number}",
            "name_en": f"Sum {number}",
            "kind": "sum",
            "numerator": [one["code"] for one in elements[number::3]],
            "dimension": dimension,
            "unit_zh": "人次",
            "unit_en": "cases",
            "target": "9000",
        }
        for number, dimension in enumerate(("collaboration", "health", "service"))
    ]
    rates = [dict(one) for one in LIBRARY["indicator"]]
    rates[0] |= {"direction": "band", "band": ["5", "25"], "explained": True}
    rates[1] |= {"target": "80"}
    return {
        "library": {"code": "grid", "name_zh": "填报库", "name_en": "Filing library"},
        "dimension": [*LIBRARY["dimension"], {"code": "service", "name_zh": "服务能力", "name_en": "Capacity"}],
        "element": [*LIBRARY["element"], *elements],
        "indicator": [*rates, *sums],
    }
