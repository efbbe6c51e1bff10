"""Money at stake and effects: what scores and shares would be if a figure were another one. Nothing is kept."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from alliance.core.period import Period
from alliance.db import lasting
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.indicators import queries as indicators
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure as it is filed, and the value to try instead; None: missing."""

    institution: str
    element: str
    filed: Decimal | None
    then: Decimal | None


@dataclass(frozen=True, slots=True)
class EffectRow:
    """A member's score and share now and then; shares in cents, None where there is no decided fund."""

    member: members.MemberInfo
    score: Decimal | None
    score_then: Decimal | None
    share: int | None
    share_then: int | None

    @property
    def points(self) -> Decimal:
        """By which the score changes; missing counts as nought."""
        return (self.score_then or Decimal(0)) - (self.score or Decimal(0))

    @property
    def money(self) -> int:
        """By which the share changes, in cents."""
        return (self.share_then or 0) - (self.share or 0)


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes of figures would do; `period` is the scheme's, `fund` that of the fund whose pool is shared."""

    period: str
    official: bool
    fund: str
    rows: Sequence[EffectRow]
    changes: Sequence[Changed]

    @property
    def touched(self) -> list[EffectRow]:
        """Whose figures are changed."""
        codes = {one.institution for one in self.changes}
        return [row for row in self.rows if row.member.code in codes]

    @property
    def others(self) -> list[EffectRow]:
        """Who else has more or less money, those with most change first."""
        codes = {one.institution for one in self.changes}
        found = [row for row in self.rows if row.member.code not in codes and (row.money or row.points)]
        return sorted(found, key=lambda row: (-abs(row.money), row.member.code))


def effect(
    alliance: int, period: str, wanted: Mapping[tuple[str, str], Decimal | None], now: datetime
) -> Effect | None:
    """What other values of some figures of a period, by (member, element), would do; None while no scheme scores it."""
    scored = evaluation.scored_period(alliance, period)
    ground = evaluation.scores_if(alliance, scored, period, now) if scored else None
    if ground is None:
        return None
    filed = indicators.values_of(alliance, period, {who for who, _ in wanted})
    changes = {(who, element, period): value for (who, element), value in wanted.items()}
    before, after = ground.scores(), ground.scores(changes)
    purse = funds.shares_if(alliance)
    money, money_then = (purse.shares(before), purse.shares(after)) if purse else ({}, {})
    rows = [
        EffectRow(
            one, before[code].score, after[code].score, money.get(code) if purse else None,
            money_then.get(code) if purse else None,
        )
        for code, one in ground.people.items()
    ]  # fmt: skip
    told = [Changed(who, one, filed.get((who, one)), value) for (who, one), value in wanted.items()]
    return Effect(scored, ground.official, purse.fund.period if purse else "", rows, told)


def stakes(
    alliance: int, period: str, now: datetime, only: Collection[tuple[str, str]] | None = None
) -> tuple[dict[str, dict[str, int]], str]:
    """The money at stake of the figures of a period, in cents by member and element, and the period of the fund that
    tells it: |share as filed − share with the value that was to be expected, the others unchanged|. Of some figures,
    when they are named.

    0 where nothing is to be expected, where nothing is scored by the figure, and without a decided fund (fund: "").
    """
    scored, purse = evaluation.scored_period(alliance, period), funds.shares_if(alliance)
    ground = evaluation.scores_if(alliance, scored, period, now) if scored and purse else None
    if ground is None or purse is None:
        return {}, ""
    usual = indicators.expected_values(alliance, period)
    filed = indicators.values_of(alliance, period, None)
    base = ground.scores()
    money = purse.shares(base)
    found: dict[str, dict[str, int]] = {}
    for (who, element), value in usual.items():
        place = (who, element)
        if (only is not None and place not in only) or filed.get(place) in (None, value):
            continue
        then = ground.scores({(who, element, period): value}) if ground.touches(who, element) else base
        stake = abs(purse.shares(then).get(who, 0) - money.get(who, 0)) if then != base else 0
        found.setdefault(who, {})[element] = stake
    return found, purse.fund.period


@dataclass(frozen=True, slots=True)
class RankedOutlier:
    """A value that stands out, with the money at stake in cents."""

    institution: str
    element: str
    found: indicators.Outlier
    explanation: str
    stake: int


def ranked_outliers(alliance: int, period: str, now: datetime) -> tuple[list[RankedOutlier], str]:
    """The values of a period that stand out, those with most money at stake first; with the period of the fund that
    tells it, "" for none."""
    fund = next(iter(funds.decided_funds(alliance)), None)
    scored = evaluation.scored_period(alliance, period)
    run = evaluation.official_run(alliance, scored) if scored else None
    known, counted = evaluation.ratings_known(alliance), _counted(alliance, scored, now)
    beside = (known, run, fund.digest if fund else "", counted)
    return _ranked(alliance, period, indicators.filing_state(alliance), beside, _Now(now))


def _counted(alliance: int, scored: str, now: datetime) -> frozenset[int]:
    """The months that count so far: what the clock may change."""
    return indicators.months_counted(alliance, Period.parse(scored), now) if scored else frozenset()


class _Now:
    """A moment that is no part of a question: what it changes is asked beside it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Now)

    def __hash__(self) -> int:
        return 0


@lasting
def _ranked(
    alliance: int, period: str, _state: Hashable, _beside: Hashable, now: _Now
) -> tuple[list[RankedOutlier], str]:
    """Worked out once for each state of everything that it rests on."""
    rows = indicators.outliers(alliance, period)
    money, fund = stakes(alliance, period, now.at, {(one.institution, one.element) for one in rows})
    found = [
        RankedOutlier(
            one.institution, one.element, one.found, one.explanation,
            money.get(one.institution, {}).get(one.element, 0),
        )
        for one in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.stake, one.institution, one.element)), fund
