"""Provisional scores of periods that are still running: which are due, and what the last night found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.period import MONTHS, Period, PeriodKind
from alliance.db import db
from alliance.evaluation.models import Estimate
from alliance.evaluation.queries.runs import official_run
from alliance.evaluation.queries.schemes import parsed, scheme_in_force
from alliance.evaluation.queries.scores import ScoreInfo, ranking_of
from alliance.indicators import queries as indicators

BEHIND = 2  # periods of the scheme before the running one that may still wait for their official scores


@dataclass(frozen=True, slots=True)
class EstimateInfo:
    """The provisional scores of a period; `months` is how many of it are counted."""

    period: str
    scheme: str
    months: int
    digest: str
    computed_by: str
    computed_at: datetime
    summary: Sequence[Mapping[str, Any]] = ()

    @property
    def scores(self) -> list[ScoreInfo]:
        """By tier, ranked first."""
        return ranking_of(self.summary)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands provisionally: its result, and how far the next better one of its tier is."""

    result: ScoreInfo
    to_next: Decimal | None  # points; None: nobody is before it, or it is not ranked


def periods_to_estimate(alliance: int, now: datetime) -> list[str]:
    """The running month, the scheme's period with those before it that have no official scores, and the year to date;
    none while no scheme is in force or no period was opened."""
    opened = [Period.parse(one.code) for one in indicators.periods(alliance) if one.opened_at <= now]
    if not opened:
        return []
    newest = max(opened, key=lambda one: one.until)
    scheme = scheme_in_force(alliance, newest.last)
    if scheme is None:
        return []
    own = newest.around(parsed(alliance, scheme, newest.last).period)
    wanted = [newest, *(own.back(count) for count in range(BEHIND + 1)), newest.around(PeriodKind.YEAR)]
    return [
        one.code
        for one in dict.fromkeys(wanted)
        if any(one.start <= part.start and part.until <= one.until for part in opened)
        and official_run(alliance, one.code) is None
    ]


def estimates(alliance: int) -> list[EstimateInfo]:
    """The provisional scores that stand, the shortest period first, without their summaries."""
    rows = db.session.execute(
        select(
            Estimate.period,
            Estimate.scheme,
            Estimate.months,
            Estimate.digest,
            Estimate.computed_by,
            Estimate.computed_at,
        ).where(Estimate.alliance_id == alliance)
    )
    found = [EstimateInfo(*row) for row in rows]
    return sorted(found, key=lambda one: (MONTHS[Period.parse(one.period).kind], one.period))


def estimate(alliance: int, period: str) -> EstimateInfo | None:
    row = db.session.get(Estimate, (alliance, period))
    if row is None:
        return None
    return EstimateInfo(row.period, row.scheme, row.months, row.digest, row.computed_by, row.computed_at, row.summary)


def standing_so_far(found: EstimateInfo, institution: str) -> Standing | None:
    """Where a member stands in an estimate; None when it is not in it."""
    rows = found.scores
    own = next((row for row in rows if row.institution == institution), None)
    if own is None:
        return None
    better = [
        row.score
        for row in rows
        if row.tier == own.tier and row.rank and own.rank and row.rank < own.rank and row.score is not None
    ]
    return Standing(own, min(better) - own.score if better and own.score is not None else None)


def estimate_figures(alliance: int, period: str) -> audit.Packed | None:
    """The figures of an estimate, opened; None when there is none."""
    found = estimate(alliance, period)
    return _opened(alliance, period, found.digest) if found else None


@lru_cache(maxsize=4)
def _opened(alliance: int, period: str, _digest: str) -> audit.Packed:
    place = (Estimate.alliance_id == alliance, Estimate.period == period)
    return audit.Packed(db.session.scalars(select(Estimate.figures).where(*place)).one())
