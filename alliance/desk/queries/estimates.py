"""What is still running, as the last night found it: scores and money beside one another, provisional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.audit import queries as audit
from alliance.core.roles import Scope
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """A member in an estimate: its result, the points to the next better rank, and the money; with the numbers of the
    figures that open, by the last part of their keys."""

    standing: evaluation.Standing
    share: funds.ShareInfo | None
    scores: Mapping[str, int]
    money: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class EstimateBoard:
    """The estimate of a period for a reader."""

    scores: evaluation.EstimateInfo
    fund: funds.FundEstimateInfo | None
    rows: Sequence[EstimateRow]

    @property
    def sums(self) -> tuple[Decimal, Decimal]:
        """Paid in and received, in yuan, of the members that are shown."""
        shares = [row.share for row in self.rows if row.share]
        return Decimal(sum(one.paid_in for one in shares)) / 100, Decimal(sum(one.received for one in shares)) / 100


def estimate_board(scope: Scope, period: str) -> EstimateBoard | None:
    """The estimate of a period, the shortest one that stands when none is named; a member sees its own rows alone."""
    standing = evaluation.estimates(scope.alliance_id)
    code = period or (standing[0].period if standing else "")
    found = evaluation.estimate(scope.alliance_id, code) if code else None
    if found is None:
        return None
    fund = funds.fund_estimate(scope.alliance_id, code)
    numbers = _numbers(evaluation.estimate_figures(scope.alliance_id, code))
    money = _numbers(funds.fund_estimate_figures(scope.alliance_id, code))
    rows = [
        EstimateRow(
            one,
            fund.shares.get(one.result.institution) if fund else None,
            numbers.get(one.result.institution, {}),
            money.get(one.result.institution, {}),
        )
        for row in found.scores
        if scope.sees(row.institution) and (one := evaluation.standing_so_far(found, row.institution))
    ]
    return EstimateBoard(found, fund, rows)


def _numbers(figures: audit.Packed | None) -> dict[str, dict[str, int]]:
    """The numbers of figures that stand directly under a member, by member and name."""
    found: dict[str, dict[str, int]] = {}
    for key, number in (figures.numbers if figures else {}).items():
        owner, _, name = key.partition("/")
        if "/" not in name:
            found.setdefault(owner, {})[name] = number
    return found
