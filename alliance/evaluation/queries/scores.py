"""The questions about results: scores and ranks of a run, a member's score sheet, runs on trial."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.figure import half_up
from alliance.core.formula import median
from alliance.core.period import Period
from alliance.core.tiers import TIERS
from alliance.db import db, lasting
from alliance.evaluation.models import Score, Trial
from alliance.evaluation.queries.ratings import RatingInfo
from alliance.evaluation.queries.runs import RunInfo, group_weights, official_run
from alliance.evaluation.queries.schemes import LineInfo, line_info, parsed, scheme_info
from alliance.evaluation.rules.gains import Gain, aim, one_more
from alliance.evaluation.rules.scheme import GROUP_NAMES, GROUPS, SchemeLine
from alliance.evaluation.rules.scores import FEWEST
from alliance.indicators import queries as indicators

HUNDRED = Decimal(100)
NOT_FILED = "share:missing"  # the kind of a share that was due and not filed


@dataclass(frozen=True, slots=True)
class ScoreInfo:
    """The result of a member in a run."""

    institution: str
    tier: str
    score: Decimal | None
    data: Decimal | None
    collaboration: Decimal | None
    rank: int | None
    ranked: int
    vetoed: bool
    missing: int
    dimensions: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class TrialInfo:
    """A run on trial with its summary, a row for each member."""

    id: int
    period: str
    scheme: str
    digest: str
    tried_by: str
    tried_at: datetime
    summary: Sequence[Mapping[str, Any]] = ()


@lasting
def scores(run_id: int) -> list[ScoreInfo]:
    """The results of a run by tier, ranked first; vetoed members stand below."""
    return ranking([_score(row) for row in db.session.scalars(select(Score).where(Score.run_id == run_id))])


def ranking(rows: Sequence[ScoreInfo]) -> list[ScoreInfo]:
    """Results in the order of a table: by tier, the best first, vetoed ones below."""
    return sorted(
        rows,
        key=lambda row: (
            TIERS.index(row.tier),
            row.vetoed,
            -(row.score if row.score is not None else Decimal(-1)),
            row.institution,
        ),
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many members a run scored, how many of them are vetoed, and how many left values due not filed."""

    members: int
    vetoed: int
    unfiled: int


def counts(rows: Sequence[ScoreInfo]) -> Counts:
    """The sentence over a ranking, in numbers."""
    return Counts(len(rows), sum(row.vetoed for row in rows), sum(row.missing > 0 for row in rows))


def score(run_id: int, institution: str) -> ScoreInfo | None:
    return next((row for row in scores(run_id) if row.institution == institution), None)


def _score(row: Score) -> ScoreInfo:
    def points(millionths: int | None) -> Decimal | None:
        return None if millionths is None else Decimal(millionths).scaleb(-6)

    return ScoreInfo(
        row.institution,
        row.tier,
        points(row.score),
        points(row.data),
        points(row.collaboration),
        row.rank,
        row.ranked,
        row.vetoed,
        row.missing,
        {code: Decimal(text) for code, text in row.dimensions.items()},
    )


def trials(alliance: int, limit: int = 20) -> list[TrialInfo]:
    """The last runs on trial, without their summaries."""
    rows = select(Trial.id, Trial.period, Trial.scheme, Trial.digest, Trial.tried_by, Trial.tried_at).where(
        Trial.alliance_id == alliance
    )
    return [TrialInfo(*row) for row in db.session.execute(rows.order_by(Trial.id.desc()).limit(limit))]


def trial(alliance: int, number: int) -> TrialInfo | None:
    row = db.session.get(Trial, number)
    if row is None or row.alliance_id != alliance:
        return None
    return TrialInfo(row.id, row.period, row.scheme, row.digest, row.tried_by, row.tried_at, row.summary)


def trial_figures(alliance: int, number: int) -> audit.Packed | None:
    """The figures of a trial, opened; None when there is no such trial, or its figures were not kept."""
    found = trial(alliance, number)
    return _opened(number, found.digest) if found else None


@lru_cache(maxsize=2)
def _opened(number: int, _digest: str) -> audit.Packed | None:
    """A trial's figures stay open for the next question: who opens one number goes on to its inputs."""
    content = db.session.scalars(select(Trial.figures).where(Trial.id == number)).one()
    return audit.Packed(content) if content else None


@dataclass(frozen=True, slots=True)
class TrialLine:
    """A member in a run on trial beside the official run of its period."""

    trial: ScoreInfo
    official: ScoreInfo | None

    @property
    def difference(self) -> Decimal | None:
        """The score on trial less the official one."""
        if self.official is None or self.official.score is None or self.trial.score is None:
            return None
        return self.trial.score - self.official.score

    @property
    def direction(self) -> str:
        difference = self.difference or Decimal(0)
        return "up" if difference > 0 else "down" if difference < 0 else "same"


def trial_lines(found: TrialInfo, official: RunInfo | None) -> list[TrialLine]:
    """A trial beside the official run, in the order of a ranking by the trial."""
    beside = {row.institution: row for row in scores(official.run_id)} if official else {}
    return [TrialLine(row, beside.get(row.institution)) for row in ranking_of(found.summary)]


def ranking_of(summary: Sequence[Mapping[str, Any]]) -> list[ScoreInfo]:
    """The rows of a summary that was kept with a trial or an estimate, in the order of a ranking."""
    rows = [
        ScoreInfo(
            row["institution"],
            row["tier"],
            _points(row["score"]),
            _points(row["data"]),
            _points(row["collaboration"]),
            row["rank"],
            row["ranked"],
            row["vetoed"],
            row["missing"],
            {code: Decimal(text) for code, text in row["dimensions"].items()},
        )
        for row in summary
    ]
    return ranking(rows)


def _points(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a member's score sheet, each number as it was kept."""

    indicator: str
    weight: Decimal
    value: audit.KeptFigure | None
    share: audit.KeptFigure | None
    points: audit.KeptFigure | None
    rule: SchemeLine

    @property
    def aim(self) -> tuple[Decimal | None, Decimal | None]:
        """From where to where the full mark is given; None: open at that end. Both None: the method has no such
        value."""
        return aim(self.rule.method, self.rule.line)

    @property
    def one_more(self) -> Gain | None:
        """What value would bring one more point, where the method can tell."""
        actual = self.value
        if actual is None or actual.value is None or self.share is None or self.share.value is None:
            return None
        return one_more(self.rule.method, actual.value, self.weight, self.rule.line, actual.kind.rounding)

    @property
    def terms(self) -> LineInfo:
        """The method with its numbers, as it is told in words."""
        return line_info(self.rule)

    @property
    def lost(self) -> Decimal | None:
        """The points that the line cost."""
        return None if self.points is None or self.points.value is None else self.weight - self.points.value

    @property
    def not_filed(self) -> bool:
        return self.share is not None and self.share.kind.code == NOT_FILED


@dataclass(frozen=True, slots=True)
class Sheet:
    """A member's score sheet in a run."""

    run_id: int
    lines: Sequence[SheetLine]
    top: Mapping[str, audit.KeptFigure]  # score, data_score, collaboration_score, rank
    groups: Mapping[str, audit.KeptFigure]
    dimensions: Mapping[str, audit.KeptFigure]
    tier_medians: Mapping[str, audit.KeptFigure]  # by dimension; empty in a small tier, and for who may not compare
    group_weights: Mapping[str, Decimal]  # of the groups that count, in %
    weight: Decimal  # of all lines


def sheet(alliance: int, run: RunInfo, institution: str, tier: str, *, comparing: bool = False) -> Sheet:
    """A member's score sheet, the lines that cost most first; with the medians of its tier for who may compare."""
    code, _, version = run.scheme.rpartition("/")
    info = scheme_info(alliance, code, int(version))
    assert info is not None
    when = Period.parse(run.period)
    scheme = parsed(alliance, info, when.last)
    lines = scheme.tier_lines(tier)
    dimensions = [one.code for one in indicators.library(alliance, when.last).dimensions]
    parts = ("score", "data_score", "collaboration_score", "rank")
    keys = [f"{institution}/{part}" for part in parts]
    keys += [f"{institution}/group/{group}" for group in GROUP_NAMES] + [
        f"{institution}/dimension/{one}" for one in dimensions
    ]
    for line in lines:
        place = f"{institution}/{line.indicator}"
        keys += [f"{institution}/{line.measure}/{run.period}", f"{place}/share", f"{place}/points"]
    kept = audit.figures_of(run.run_id, keys)
    made = [
        SheetLine(
            line.indicator,
            line.weight,
            kept.get(f"{institution}/{line.measure}/{run.period}"),
            kept.get(f"{institution}/{line.indicator}/share"),
            kept.get(f"{institution}/{line.indicator}/points"),
            line,
        )
        for line in lines
    ]
    made.sort(key=lambda line: (line.lost is None, -(line.lost or Decimal(0)), line.indicator))
    return Sheet(
        run.run_id,
        made,
        {part: kept[f"{institution}/{part}"] for part in parts if f"{institution}/{part}" in kept},
        {group: kept[key] for group in GROUPS if (key := _group_key(institution, group)) in kept},
        {one: kept[f"{institution}/dimension/{one}"] for one in dimensions if f"{institution}/dimension/{one}" in kept},
        dimension_medians(run.run_id, dimensions).get(tier, {}) if comparing else {},
        group_weights(alliance, run),
        sum((line.weight for line in lines), Decimal(0)),
    )


def points_of(alliance: int, run: RunInfo, rows: Iterable[ScoreInfo]) -> dict[str, dict[str, Decimal | None]]:
    """The points of every line of the members scored, by member and indicator; None where a line does not apply."""
    code, _, version = run.scheme.rpartition("/")
    info = scheme_info(alliance, code, int(version))
    assert info is not None
    scheme = parsed(alliance, info, Period.parse(run.period).last)
    places = {row.institution: [line.indicator for line in scheme.tier_lines(row.tier)] for row in rows}
    kept = audit.values_of(run.run_id, [f"{who}/{one}/points" for who, lines in places.items() for one in lines])
    return {who: {one: kept.get(f"{who}/{one}/points") for one in lines} for who, lines in places.items()}


def lacks_of(run: RunInfo, rows: Iterable[ScoreInfo]) -> dict[str, list[str]]:
    """The indicators that each of the members scored did not file."""
    found: dict[str, list[str]] = {row.institution: [] for row in rows}
    for key in audit.keys_of_kind(run.run_id, NOT_FILED):
        who, indicator, _ = key.split("/")
        if who in found:
            found[who].append(indicator)
    return {who: sorted(lacking) for who, lacking in found.items()}


def _group_key(institution: str, group: str) -> str:
    """The key of a group's result in a run; that of the data is the data score itself."""
    return f"{institution}/data_score" if group == "data" else f"{institution}/group/{group}"


def medians(run_id: int) -> dict[str, audit.KeptFigure]:
    """The median scores of the tiers that have one."""
    found = audit.figures_of(run_id, [f"{tier}/median" for tier in TIERS])
    return {key.split("/")[0]: figure for key, figure in found.items()}


def dimension_medians(run_id: int, dimensions: Iterable[str]) -> dict[str, dict[str, audit.KeptFigure]]:
    """The medians of the tiers by tier and dimension, where at least three members were compared."""
    places = {f"{tier}/dimension/{code}/median": (tier, code) for code in dimensions for tier in TIERS}
    found: dict[str, dict[str, audit.KeptFigure]] = {}
    for key, figure in audit.figures_of(run_id, places).items():
        tier, code = places[key]
        found.setdefault(tier, {})[code] = figure
    return found


def value_medians(run: RunInfo, tier: str, measures: Iterable[str]) -> dict[str, Decimal]:
    """The median of each measure of a line among the members of a tier, where at least three of them have a value."""
    return _value_medians(run, tier, tuple(measures))


@lasting
def _value_medians(run: RunInfo, tier: str, wanted: tuple[str, ...]) -> dict[str, Decimal]:
    codes = [row.institution for row in scores(run.run_id) if row.tier == tier]
    kept = audit.values_of(run.run_id, [f"{code}/{one}/{run.period}" for one in wanted for code in codes])
    found: dict[str, Decimal] = {}
    for one in wanted:
        there = [Fraction(kept[key]) for code in codes if (key := f"{code}/{one}/{run.period}") in kept]
        if len(there) >= FEWEST:
            found[one] = half_up(median(there), 6)
    return found


def group_values(run_id: int, institutions: Sequence[str]) -> dict[str, audit.KeptFigure]:
    """The results of rater groups as they entered a run, by `institution/group`."""
    keys = {f"{one}/group/{group}": f"{one}/{group}" for one in institutions for group in GROUP_NAMES}
    return {keys[key]: figure for key, figure in audit.figures_of(run_id, keys).items()}


def kept_ratings(alliance: int, period: str, rows: Sequence[RatingInfo]) -> dict[str, audit.KeptFigure]:
    """Results as they entered the official run of a period, by `institution/group`; not those entered anew since."""
    run = official_run(alliance, period)
    if run is None:
        return {}
    kept = group_values(run.run_id, list({row.institution for row in rows}))
    sources = {
        f"{row.institution}/{row.group}": f"rating:{row.group}/{row.institution}/{period}@{row.revision}"
        for row in rows
        if not row.collected
    }
    values = {f"{row.institution}/{row.group}": row.value for row in rows if row.collected}
    return {
        key: one
        for key, one in kept.items()
        if (one.value == values[key] if key in values else one.source == sources.get(key))
    }
