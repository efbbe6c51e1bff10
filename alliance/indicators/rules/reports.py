"""Quantities reported elsewhere (I9b): where to, what a report of one may hold, and when it differs from ours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.core.figure import canonical
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.indicators.rules.cells import CELL
from alliance.indicators.rules.definitions import Element
from alliance.indicators.rules.filing import VALUE, place_at, read_value

# Where members of an alliance report the same quantities, zh and en.
REPORTS: Mapping[str, tuple[str, str]] = {
    "assessment": ("国家公立医院绩效考核", "National performance assessment of public hospitals"),
    "alliance": ("医联体综合绩效考核", "National assessment of medical alliances"),
    "statistics": ("卫生健康统计网络直报", "National health statistics"),
    "insurance": ("医保结算上报", "Settlement of the health insurance"),
    "public_health": ("基本公共卫生服务报表", "Report on public-health services"),
    "other": ("其他上报", "Another report"),
}
# The columns of a file.
COLUMNS = {
    "institution": "机构代码",
    "element": "数据元代码",
    "period": "期间",
    "report": "上报渠道",
    "value": "数值",
    "document": "依据",
}
SHORTEST = 10  # characters of an explanation


@dataclass(frozen=True, slots=True)
class Reported:
    """A quantity as a form or a row of a file says it was reported; `line` is the row, 0 for a form."""

    institution: str
    element: str
    period: str
    report: str
    text: str
    document: str
    line: int = 0


def check_reported(
    row: Reported, elements: Mapping[str, Element], tiers: Mapping[str, str], allowed: Collection[str] | None
) -> tuple[Decimal | None, list[Problem]]:
    """The value of a report and what is wrong with it; `allowed` are the members of whom one may say it, None: all."""
    element = elements.get(row.element)
    if row.institution not in tiers or (allowed is not None and row.institution not in allowed):
        return None, [_problem(row, "institution", row.institution, mark("is no member of which you may report"))]
    if row.report not in REPORTS:
        return None, [_problem(row, "report", row.report, mark("is no report that the portal knows"))]
    if element is None:
        return None, [_problem(row, "element", row.element, mark("no data element has this code"))]
    if tiers[row.institution] not in element.tiers:
        return None, [_problem(row, "element", row.element, mark("this member does not file this element"))]
    found: list[Problem] = []
    where, at = _place(row, "value")
    entry = read_value(row.text, element, found, where, **at)
    if not found and entry.value is None:
        found.append(_problem(row, "value", row.text, mark("is no number; write the value as it was reported")))
    return entry.value, found


def _place(row: Reported, column: str) -> tuple[str, dict[str, object]]:
    """Where something about a row stands: in its cell, or of a form at the member and the element."""
    if row.line:
        return CELL, {"row": row.line, "column": Both(COLUMNS[column], column)}
    return VALUE, place_at(row.institution, row.element)


def _problem(row: Reported, column: str, value: str, reason: str) -> Problem:
    where, at = _place(row, column)
    return Problem(where, value, reason, at=at)


def no_period(row: Reported) -> Problem:
    """A row whose period is none."""
    return _problem(row, "period", row.period, mark("is no period; write 2026-03, 2026Q1 or 2026"))


def check_twice(rows: Sequence[Reported]) -> list[Problem]:
    """The rows of a file that say the same place a second time."""
    seen, found = set[tuple[str, str, str, str]](), []
    for row in rows:
        place = (row.institution, row.element, row.period, row.report)
        if place in seen:
            found.append(_problem(row, "element", row.element, mark("stands twice in the file")))
        seen.add(place)
    return found


def differs(ours: Decimal | None, theirs: Decimal) -> bool:
    """Whether what was reported elsewhere is another value than ours; what we do not have yet differs from nothing."""
    return ours is not None and ours != theirs


def pair(ours: Decimal | None, theirs: Decimal) -> str:
    """Both values as an explanation of their difference remembers them: of other values it explains nothing."""
    return f"{canonical(ours)}|{canonical(theirs)}"


def check_explanation(text: str) -> None:
    if len(text.strip()) < SHORTEST:
        raise Refused("Write the explanation in at least %(count)s characters.", count=SHORTEST)
