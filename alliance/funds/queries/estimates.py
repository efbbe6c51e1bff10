"""The money of periods that are still running, as the last night estimated it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.db import db
from alliance.funds.models import FundEstimate
from alliance.funds.queries.funds import ShareInfo


@dataclass(frozen=True, slots=True)
class FundEstimateInfo:
    """The estimated shares of a period by member; `totals_of` is the period whose totals and sources were used."""

    period: str
    totals_of: str
    digest: str
    computed_by: str
    computed_at: datetime
    shares: Mapping[str, ShareInfo]


def fund_estimate(alliance: int, period: str) -> FundEstimateInfo | None:
    row = db.session.get(FundEstimate, (alliance, period))
    if row is None:
        return None
    shares = {one["institution"]: ShareInfo(**one) for one in row.shares}
    return FundEstimateInfo(row.period, row.totals_of, row.digest, row.computed_by, row.computed_at, shares)


def fund_estimate_figures(alliance: int, period: str) -> audit.Packed | None:
    """The figures of an estimate, opened; None when there is none."""
    found = fund_estimate(alliance, period)
    return _opened(alliance, period, found.digest) if found else None


@lru_cache(maxsize=4)
def _opened(alliance: int, period: str, _digest: str) -> audit.Packed:
    place = (FundEstimate.alliance_id == alliance, FundEstimate.period == period)
    return audit.Packed(db.session.scalars(select(FundEstimate.figures).where(*place)).one())
