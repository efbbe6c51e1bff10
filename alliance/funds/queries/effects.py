"""What shares of the last decided fund would be with other scores: its pool, its totals, its rules; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from alliance.core.figure import Figure, Kind, Level, given
from alliance.core.money import cents, yuan
from alliance.evaluation import queries as evaluation
from alliance.funds.queries.funds import FundInfo, decided_funds, fund_terms
from alliance.funds.queries.sharing import basis_of, claimant_of
from alliance.funds.queries.totals import totals
from alliance.funds.rules import Claimant, Rules, share_fund

SCORE = Kind("score", "得分", "Score", "分", "points", level=Level.OWN)
POOL = Kind("line:if", "基金总额", "Pool of the fund", "元", "CNY", level=Level.ALLIANCE)


@dataclass(frozen=True, slots=True)
class Purse:
    """A decided fund that may be shared by other scores: the pool stays, and so does what members have paid in."""

    fund: FundInfo
    rules: Rules
    claimants: Sequence[Claimant]

    def shares(self, scores: Mapping[str, evaluation.ScoreIf]) -> dict[str, int]:
        """What each member would receive, in cents; nothing without a score."""
        claimants = [self._scored(one, scores.get(one.code)) for one in self.claimants]
        # What members pay in is a part of the pool as it was decided: here the whole pool is one line.
        line = given(
            "fund/if/pool", POOL, yuan(self.fund.pool), f"figure:{self.fund.digest}/fund/{self.fund.period}/pool"
        )
        pool = share_fund(self.fund.period, claimants, [line], replace(self.rules, rate=Decimal(0)))
        return {one.code: cents(one.received.value) for one in pool.shares if one.received.value is not None}

    def _scored(self, claimant: Claimant, score: evaluation.ScoreIf | None) -> Claimant:
        if score is None:
            return replace(claimant, score=None, vetoed=False)
        value = score.collaboration if basis_of(self.rules) == "collaboration_score" else score.score
        figure: Figure | None = None
        if value is not None:
            source = f"estimate:{self.fund.period}/{claimant.code}"
            figure = given(f"{claimant.code}/fund_score", SCORE, value, source, owner=claimant.owner)
        return replace(claimant, score=figure, vetoed=score.vetoed)


def shares_if(alliance: int) -> Purse | None:
    """The last decided fund, to be shared by other scores; None while none is decided."""
    fund = next(iter(decided_funds(alliance)), None)
    if fund is None:
        return None
    filed = totals(alliance, fund.period)
    there = [claimant_of(code, None, "", False, info, fund.period) for code, info in sorted(filed.items())]
    return Purse(fund, fund_terms(alliance, fund), there)
