"""Where the members stand in a period: as officially scored, or as monitored month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.audit import queries as audit
from alliance.core.figure import Figure, canonical, digest, trail
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused, mark
from alliance.evaluation import queries as evaluation
from alliance.indicators import queries as indicators

OFFICIAL, MONITORING = "official", "monitoring"


@dataclass(frozen=True, slots=True)
class Standings:
    """The results of a period. `kind` is official or monitoring; `run` is the official run that they are read from,
    none for a month that is monitored; `figures` are what such a month rests on, to be kept when it is printed."""

    kind: str
    period: str
    scheme: str
    digest: str
    rows: Sequence[evaluation.ScoreInfo]
    medians: Mapping[str, str]  # by tier
    dimension_medians: Mapping[str, Mapping[str, str]]  # by tier and dimension
    points: Mapping[str, Mapping[str, Decimal | None]]  # by member and indicator
    lacks: Mapping[str, Sequence[str]]  # the indicators that a member did not file
    run: evaluation.RunInfo | None = None
    figures: Sequence[Figure] = ()


def standings(alliance: int, period: str) -> Standings:
    """The official results of a period; of a month that is not scored officially, its monitoring.

    Refused: there is neither.
    """
    run = evaluation.official_run(alliance, period)
    if run is not None:
        return _official(alliance, run)
    if Period.parse(period).kind is PeriodKind.MONTH:
        return _monitored(alliance, period)
    raise Refused(mark("There is no official score of %(period)s yet; compute it first."), period=period)


def standings_before(alliance: int, found: Standings) -> Standings | None:
    """Those of the period before, of the same kind; None when there are none to compare with."""
    earlier = Period.parse(found.period).back(1).code
    try:
        before = standings(alliance, earlier)
    except Refused:
        return None
    return before if before.kind == found.kind else None


def _official(alliance: int, run: evaluation.RunInfo) -> Standings:
    kept = audit.read_run(run.run_id, alliance)
    assert kept is not None
    rows = evaluation.scores(run.run_id)
    points = evaluation.points_of(alliance, run, rows)
    dimensions = sorted({code for row in rows for code in row.dimensions})
    by_dimension = evaluation.dimension_medians(run.run_id, dimensions)
    return Standings(
        OFFICIAL, run.period, run.scheme, kept.digest, rows,
        {tier: canonical(figure.value) for tier, figure in evaluation.medians(run.run_id).items()},
        {tier: {code: canonical(one.value) for code, one in own.items()} for tier, own in by_dimension.items()},
        points, evaluation.lacks_of(run, rows),
        run,
    )  # fmt: skip


def _monitored(alliance: int, month: str) -> Standings:
    found = evaluation.monitor(alliance, month)
    by_dimension: dict[str, dict[str, str]] = {}
    for key, figure in found.medians.items():
        tier, inside, code = key.partition("/")
        if inside:
            by_dimension.setdefault(tier, {})[code] = canonical(figure.value)
    return Standings(
        MONITORING, month, found.scheme.reference, digest(list(trail(*found.figures))), evaluation.results(found),
        {key: canonical(figure.value) for key, figure in found.medians.items() if "/" not in key}, by_dimension,
        evaluation.points(found), {card.member.code: evaluation.lacking(card) for card in found.cards},
        figures=found.figures,
    )  # fmt: skip


def names_of(alliance: int, period: str) -> Mapping[str, dict[str, str]]:
    """The indicators by code, as they were called on the last day of a period."""
    known = indicators.library(alliance, Period.parse(period).last).indicators
    return {code: {"code": code, "zh": one.name.zh, "en": one.name.en} for code, one in known.items()}
