"""A year's budget as the office drafts it (W1): sources with documents, goal score, allowances, approved total."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alliance.core.figure import canonical
from alliance.core.refused import Problem, Refused, mark
from alliance.core.written import Reader
from alliance.workpoints.rules.budget import LINES
from alliance.workpoints.rules.income import INCOME, Draw, forbidden

ACCRUED, FUND_NET = "accrued", "fund_net"
SINGLE = ("goal", "allowances", "approved")
ROW = ("kind", "amount", "item_class", "document", "figure")


@dataclass(frozen=True, slots=True)
class Line:
    """A source line: its kind, the amount in yuan (of an accrued one the income), its class of charges, its document.

    `figure` is the kept figure that the amount was taken from (figure:<digest>/T01/net), "" when it was entered.
    """

    kind: str
    amount: Decimal
    document: str
    item_class: str = ""
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The content of a year's budget; the goal score in points, everything else in yuan."""

    sources: tuple[Line, ...]
    goal: Decimal
    allowances: Decimal
    approved: Decimal
    documents: Mapping[str, str]  # of goal, allowances and approved total


def read_plan(data: Mapping[str, Any], accruals: Collection[str]) -> Plan:
    """A budget from its content (numbers as text); Refused with every problem.

    `accruals` are the classes of charges from which the scheme accrues.
    """
    reader = Reader([])
    rows = [reader.table(f"sources.{place}", row, ROW) for place, row in enumerate(data.get("sources", ()), 1)]
    lines = tuple(_line(reader, f"sources.{place}", row) for place, row in enumerate(rows, 1))
    single = {name: reader.decimal(name, data.get(name, "")) for name in SINGLE}
    documents = {name: str(data.get(f"{name}_document", "")).strip() for name in SINGLE}
    problems = [*reader.problems, *_check_lines(lines, accruals), *_check_single(single, documents)]
    if problems:
        raise Refused("The budget has %(count)s errors.", count=len(problems), problems=problems)
    return Plan(lines, single["goal"], single["allowances"], single["approved"], documents)


def _line(reader: Reader, where: str, row: Mapping[str, Any]) -> Line:
    return Line(
        str(row.get("kind", "")), reader.decimal(f"{where}.amount", row.get("amount", "")),
        str(row.get("document", "")).strip(), str(row.get("item_class", "")), str(row.get("figure", "")),
    )  # fmt: skip


def _check_lines(lines: Collection[Line], accruals: Collection[str]) -> list[Problem]:
    problems = [] if lines else [Problem("sources", "0", mark("a pool needs at least one source"))]
    seen: set[str] = set()
    for place, one in enumerate(lines, 1):
        where = f"sources.{place}"
        if one.kind not in LINES:
            problems.append(Problem(f"{where}.kind", one.kind, mark("is no kind of source line")))
        if one.amount < 0 and one.kind != FUND_NET:
            reason = mark("must be 0 or more; a deduction is a kind of its own")
            problems.append(Problem(f"{where}.amount", canonical(one.amount), reason))
        if canonical(one.amount) != canonical(one.amount.quantize(Decimal("0.01"))):
            problems.append(Problem(f"{where}.amount", canonical(one.amount), mark("has more than two decimal places")))
        if not one.document:
            problems.append(Problem(f"{where}.document", "", mark("is missing")))
        problems += _check_class(where, one, accruals, seen)
    return problems


def _check_class(where: str, line: Line, accruals: Collection[str], seen: set[str]) -> list[Problem]:
    """A class stands on accrued lines only, once, and the scheme must accrue from it."""
    place = f"{where}.item_class"
    if line.kind != ACCRUED:
        return [Problem(place, line.item_class, mark("only an accrued line has a class"))] if line.item_class else []
    found = forbidden([Draw(place, line.item_class, measure=INCOME)])
    if not found and line.item_class not in accruals:
        found = [Problem(place, line.item_class, mark("the scheme accrues nothing from this class of charges"))]
    if not found and line.item_class in seen:
        found = [Problem(place, line.item_class, mark("stands there twice"))]
    seen.add(line.item_class)
    return found


def _check_single(single: Mapping[str, Decimal], documents: Mapping[str, str]) -> list[Problem]:
    problems = [
        Problem(name, canonical(value), mark("must be 0 or more")) for name, value in single.items() if value < 0
    ]
    return problems + [
        Problem(f"{name}_document", "", mark("is missing")) for name, text in documents.items() if not text
    ]
