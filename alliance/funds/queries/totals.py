"""The questions about what was filed for a fund: performance totals and other sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.period import Period
from alliance.db import db
from alliance.evaluation import queries as evaluation
from alliance.funds.models import PoolLine, Total
from alliance.funds.queries.funds import FundInfo


@dataclass(frozen=True, slots=True)
class TotalInfo:
    """What was filed about a member for the fund of a period; money in cents."""

    institution: str
    revision: int
    performance_total: int | None
    headcount: Decimal | None
    last_per_head: int | None
    document: str
    filed_by: str
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class LineInfo:
    """A source of the fund beside what members pay in, in one revision; cents."""

    number: int
    revision: int
    name: str
    amount: int
    document: str
    filed_by: str
    filed_at: datetime

    def source(self, period: str) -> str:
        return f"line:{period}/{self.number}@{self.revision}"


def totals(alliance: int, period: str) -> dict[str, TotalInfo]:
    """The current totals of a period by member."""
    rows = select(Total).where(Total.alliance_id == alliance, Total.period == period).order_by(Total.revision)
    return {
        row.institution: TotalInfo(
            row.institution,
            row.revision,
            row.performance_total,
            row.headcount,
            row.last_per_head,
            row.document,
            row.filed_by,
            row.filed_at,
        )
        for row in db.session.scalars(rows)
    }


def periods(alliance: int, on: date) -> list[str]:
    """The periods that are scored or have totals, newest first; before them the next one, once it has begun."""
    filed = db.session.scalars(select(Total.period).where(Total.alliance_id == alliance).distinct())
    found = sorted({*filed, *(run.period for run in evaluation.runs(alliance))}, key=Period.parse, reverse=True)
    following = Period.parse(found[0]).back(-1) if found else None
    return [following.code, *found] if following and following.first <= on else found


def kept_totals(fund: FundInfo | None, filed: Mapping[str, TotalInfo]) -> dict[str, audit.KeptFigure]:
    """What was filed as it entered a fund, by `institution/name`; not what was filed anew since."""
    if fund is None:
        return {}
    sources = {
        f"{code}/{name}": f"total:{code}/{fund.period}@{one.revision}#{name}"
        for code, one in filed.items()
        for name in ("performance_total", "headcount", "last_per_head")
    }
    kept = audit.figures_of(fund.run_id, sources)
    return {key: figure for key, figure in kept.items() if figure.source == sources[key]}


def kept_lines(fund: FundInfo | None, sources: Sequence[LineInfo]) -> dict[int, audit.KeptFigure]:
    """Sources as they entered a fund, by their number; not those corrected since."""
    if fund is None:
        return {}
    kept = audit.figures_of(fund.run_id, [f"fund/{fund.period}/line/{line.number}" for line in sources])
    found = {line.number: kept.get(f"fund/{fund.period}/line/{line.number}") for line in sources}
    known = {line.number: line.source(fund.period) for line in sources}
    return {number: one for number, one in found.items() if one and one.source == known[number]}


@dataclass(frozen=True, slots=True)
class TotalSums:
    """The foot of a table of totals and sources, in cents; `filed` counts the members with a performance total."""

    performance_total: int
    headcount: Decimal
    lines: int
    filed: int


def total_sums(filed: Mapping[str, TotalInfo], sources: Sequence[LineInfo]) -> TotalSums:
    return TotalSums(
        sum(one.performance_total or 0 for one in filed.values()),
        sum((one.headcount or Decimal(0) for one in filed.values()), Decimal(0)),
        sum(line.amount for line in sources),
        sum(one.performance_total is not None for one in filed.values()),
    )


def line_revisions(alliance: int, period: str) -> dict[int, list[LineInfo]]:
    """Everything that was filed about the sources of a period, by number, the oldest first."""
    rows = select(PoolLine).where(PoolLine.alliance_id == alliance, PoolLine.period == period)
    found: dict[int, list[LineInfo]] = {}
    for row in db.session.scalars(rows.order_by(PoolLine.number, PoolLine.revision)):
        one = LineInfo(row.number, row.revision, row.name, row.amount, row.document, row.filed_by, row.filed_at)
        found.setdefault(row.number, []).append(one)
    return found


def lines(alliance: int, period: str) -> list[LineInfo]:
    """The sources of a period as they stand."""
    return [found[-1] for found in line_revisions(alliance, period).values()]
