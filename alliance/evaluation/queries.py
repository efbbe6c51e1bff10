"""The questions about scores: schemes, ratings, vetoes, runs, and the figures of a scoring before it is kept."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Any

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.figure import Figure, Kind, Level, State, given, half_up
from alliance.core.formula import median
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.db import db
from alliance.evaluation.models import Rating, SchemeRow, Score, ScoreRun, Trial, Veto
from alliance.evaluation.rules.methods import METHODS
from alliance.evaluation.rules.scheme import (
    GROUP_NAMES as GROUP_NAMES,
)
from alliance.evaluation.rules.scheme import (
    GROUPS,
    FundRules,
    Scheme,
    SchemeLine,
    Tagged,
    check_soft,
    read_scheme,
)
from alliance.evaluation.rules.scores import FEWEST, Card, Label, Member, Scoring
from alliance.indicators import queries as indicators
from alliance.members import queries as members

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class SchemeInfo:
    """A version of a scheme; `decision` is "" while it is a draft."""

    code: str
    version: int
    name_zh: str
    name_en: str
    sha256: str
    valid_from: date
    drafted_by: str
    drafted_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    reasons: Mapping[str, str]
    content: Mapping[str, Any]

    @property
    def reference(self) -> str:
        return f"{self.code}/{self.version}"


@dataclass(frozen=True, slots=True)
class RatingInfo:
    """The current result of a rater group for a member."""

    group: str
    institution: str
    revision: int
    value: Decimal | None
    n: int
    document: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class VetoInfo:
    """A veto against a member for a period."""

    institution: str
    reason: str
    decision: str


@dataclass(frozen=True, slots=True)
class RunInfo:
    """An official run of scores."""

    run_id: int
    period: str
    scheme: str
    scheme_sha256: str


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


@dataclass(slots=True)
class Result:
    """A scoring as it was worked out, before anything is kept."""

    cards: list[Card]
    medians: dict[str, Figure]
    scheme: SchemeInfo
    period: str
    not_filed: dict[str, int] = field(default_factory=dict)

    @property
    def figures(self) -> list[Figure]:
        """The figures at the top, from which all others are reached."""
        found: list[Figure] = []
        for card in self.cards:
            parts = (
                card.score,
                card.collaboration,
                card.data,
                card.rank,
                *card.dimensions.values(),
                *card.points.values(),
            )
            found += [part for part in parts if part is not None]
        return found + list(self.medians.values())


def shipped_scheme() -> dict[str, Any]:
    """The data of the reference schemes that ship with the portal: three tiers in one scheme."""
    text = (
        resources.files("alliance.evaluation")
        .joinpath("reference", "tertiary_secondary_primary.toml")
        .read_text("utf-8")
    )
    return tomllib.loads(text, parse_float=Decimal)


def schemes(alliance: int) -> list[SchemeInfo]:
    """All versions of all schemes, newest first."""
    rows = select(SchemeRow).where(SchemeRow.alliance_id == alliance).order_by(SchemeRow.id.desc())
    return [_scheme_info(row) for row in db.session.scalars(rows)]


def scheme_info(alliance: int, code: str, version: int) -> SchemeInfo | None:
    row = db.session.scalars(
        select(SchemeRow).where(SchemeRow.alliance_id == alliance, SchemeRow.code == code, SchemeRow.version == version)
    ).first()
    return _scheme_info(row) if row else None


def _scheme_info(row: SchemeRow) -> SchemeInfo:
    head = row.content["scheme"]
    return SchemeInfo(
        row.code,
        row.version,
        head["name_zh"],
        head["name_en"],
        row.sha256,
        row.valid_from,
        row.drafted_by,
        row.drafted_at,
        row.decision,
        row.decided_by,
        row.decided_at,
        row.reasons or {},
        row.content,
    )


def scheme_in_force(alliance: int, on: date) -> SchemeInfo | None:
    """The decided scheme that began last on or before a day."""
    rows = (
        select(SchemeRow)
        .where(SchemeRow.alliance_id == alliance, SchemeRow.decision != "", SchemeRow.valid_from <= on)
        .order_by(SchemeRow.valid_from.desc(), SchemeRow.id.desc())
    )
    row = db.session.scalars(rows.limit(1)).first()
    return _scheme_info(row) if row else None


def standing(info: SchemeInfo, holding: SchemeInfo | None, on: date) -> str:
    """Where a version stands on a day: draft, coming, in_force or past."""
    if not info.decision:
        return "draft"
    if info.valid_from > on:
        return "coming"
    return "in_force" if holding and holding.reference == info.reference else "past"


@dataclass(frozen=True, slots=True)
class LineInfo:
    """A line of a scheme with all numbers of its method, defaults put in."""

    line: SchemeLine
    numbers: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class TierInfo:
    """The lines of a scheme in one tier, the sum of their weights, and how much of it each tag has."""

    tier: str
    lines: Sequence[LineInfo]
    weight: Decimal
    tagged: Mapping[str, Decimal]


def scheme_tiers(alliance: int, info: SchemeInfo) -> list[TierInfo]:
    """A scheme by tier, for reading."""
    scheme, known = parsed(alliance, info), tagged(alliance)
    found = []
    for tier in scheme.tiers:
        lines = scheme.tier_lines(tier)
        by_tag: dict[str, Decimal] = {}
        for line in lines:
            for tag in known[line.indicator].tags if line.indicator in known else ():
                by_tag[tag] = by_tag.get(tag, Decimal(0)) + line.weight
        rows = [LineInfo(line, METHODS[line.method].numbers(line.line)) for line in lines]
        found.append(TierInfo(tier, rows, sum((line.weight for line in lines), Decimal(0)), by_tag))
    return found


def parsed(alliance: int, info: SchemeInfo) -> Scheme:
    """A scheme with its lines, read against the alliance's indicators."""
    directions = {code: one.direction for code, one in indicators.library(alliance).indicators.items()}
    return _read(json.dumps(info.content, sort_keys=True), json.dumps(directions, sort_keys=True))


@lru_cache(maxsize=16)
def _read(content: str, directions: str) -> Scheme:
    return read_scheme(json.loads(content), json.loads(directions))


def tagged(alliance: int) -> dict[str, Tagged]:
    """What a scheme check needs to know of the alliance's indicators."""
    return {
        code: Tagged(one.tiers, one.tags, one.direction, one.dimension == "qualitative")
        for code, one in indicators.library(alliance).indicators.items()
    }


def soft_findings(alliance: int, info: SchemeInfo) -> list[Problem]:
    """Where a scheme lies outside what practice and policy expect."""
    return check_soft(parsed(alliance, info), tagged(alliance))


def fund_rules(alliance: int, reference: str) -> FundRules | None:
    """The fund rules of a scheme version (2026/1)."""
    code, _, version = reference.rpartition("/")
    info = scheme_info(alliance, code, int(version))
    return parsed(alliance, info).fund if info else None


def ratings(alliance: int, period: str) -> list[RatingInfo]:
    """The current results of rater groups in a period, by group and member."""
    rows = select(Rating).where(Rating.alliance_id == alliance, Rating.period == period).order_by(Rating.revision)
    latest = {(row.group, row.institution): row for row in db.session.scalars(rows)}
    return [
        RatingInfo(
            row.group, row.institution, row.revision, row.value, row.n, row.document, row.entered_by, row.entered_at
        )
        for _, row in sorted(latest.items())
    ]


def rating_periods(alliance: int) -> list[str]:
    """The periods that are scored or that rater groups spoke about, newest first."""
    spoken = db.session.scalars(select(Rating.period).where(Rating.alliance_id == alliance).distinct())
    vetoed = db.session.scalars(select(Veto.period).where(Veto.alliance_id == alliance).distinct())
    found = {*spoken, *vetoed, *(run.period for run in runs(alliance))}
    return sorted(found, key=Period.parse, reverse=True)


def rating_groups(alliance: int, period: str, rows: Sequence[RatingInfo]) -> list[str]:
    """The groups whose results are due in a period: those with a weight, and those that spoke all the same."""
    info = scheme_in_force(alliance, Period.parse(period).last)
    weights = parsed(alliance, info).groups if info else dict.fromkeys(GROUPS, HUNDRED)
    spoken = {row.group for row in rows}
    return [group for group in GROUPS if group != "data" and (weights.get(group) or group in spoken)]


def missing_ratings(institutions: Iterable[str], groups: Sequence[str], rows: Sequence[RatingInfo]) -> int:
    """How many results of the groups are not entered."""
    there = {(row.institution, row.group) for row in rows}
    return sum((institution, group) not in there for institution in institutions for group in groups)


def kept_ratings(alliance: int, period: str, rows: Sequence[RatingInfo]) -> dict[str, audit.KeptFigure]:
    """Results as they entered the official run of a period, by `institution/group`; not those entered anew since."""
    run = official_run(alliance, period)
    if run is None:
        return {}
    kept = group_values(run.run_id, list({row.institution for row in rows}))
    sources = {
        f"{row.institution}/{row.group}": f"rating:{row.group}/{row.institution}/{period}@{row.revision}"
        for row in rows
    }
    return {key: kept[key] for key, source in sources.items() if key in kept and kept[key].source == source}


def vetoes(alliance: int, period: str) -> list[VetoInfo]:
    rows = select(Veto).where(Veto.alliance_id == alliance, Veto.period == period).order_by(Veto.institution)
    return [VetoInfo(row.institution, row.reason, row.decision) for row in db.session.scalars(rows)]


def work_out(alliance: int, period: str, info: SchemeInfo) -> Result:
    """Score a period under a scheme from what is accepted, entered and decided now. Nothing is kept."""
    when = Period.parse(period)
    scheme = parsed(alliance, info)
    if when.kind is not scheme.period:
        raise Refused(
            mark("The scheme %(scheme)s scores by %(kind)s; %(period)s is none."),
            scheme=info.reference,
            kind=scheme.period.value,
            period=period,
        )
    known = indicators.library(alliance)
    people = members.members(alliance, when.last)
    wanted = {one.code: [line.indicator for line in scheme.tier_lines(one.tier)] for one in people}
    beside = {one.code: [line.external for line in scheme.tier_lines(one.tier) if line.external] for one in people}
    values, references = indicators.values(alliance, period, wanted, beside)
    scoring = Scoring(
        scheme,
        info.reference,
        period,
        {code: Label(one.name.zh, one.name.en, one.dimension, one.tags) for code, one in known.indicators.items()},
        {one.code: Label(one.name.zh, one.name.en) for one in known.dimensions},
        values,
        _rating_figures(alliance, period),
        references=references,
    )
    veto = _veto_figures(alliance, period)
    cards, medians = scoring.score([Member(one.code, one.tier, veto.get(one.code)) for one in people])
    not_filed = {
        card.member.code: sum(share.kind.code == "share:missing" for share in card.shares.values()) for card in cards
    }
    return Result(cards, medians, info, period, not_filed)


def _rating_figures(alliance: int, period: str) -> dict[tuple[str, str], Figure]:
    found = {}
    for one in ratings(alliance, period):
        zh, en = GROUP_NAMES[one.group]
        key = f"{one.institution}/group/{one.group}"
        found[one.group, one.institution] = given(
            key,
            Kind(f"group:{one.group}", zh, en, "分", "points", clause="groups"),
            one.value,
            f"rating:{one.group}/{one.institution}/{period}@{one.revision}",
            owner=f"institution:{one.institution}",
            state=State.NOT_APPLICABLE if one.value is None else None,
        )
    return found


def _veto_figures(alliance: int, period: str) -> dict[str, Figure]:
    kind = Kind("veto", "一票否决", "Veto", clause="veto", level=Level.OWN)
    return {
        one.institution: given(
            f"{one.institution}/veto",
            kind,
            Decimal(1),
            f"decision:{one.decision}",
            owner=f"institution:{one.institution}",
        )
        for one in vetoes(alliance, period)
    }


def runs(alliance: int) -> list[RunInfo]:
    """Official runs, newest first."""
    rows = select(ScoreRun).where(ScoreRun.alliance_id == alliance).order_by(ScoreRun.run_id.desc())
    return [RunInfo(row.run_id, row.period, row.scheme, row.scheme_sha256) for row in db.session.scalars(rows)]


def holding_runs(alliance: int) -> list[RunInfo]:
    """The official run that holds for each period, newest period first."""
    last = {run.period: run for run in reversed(runs(alliance))}
    return sorted(last.values(), key=lambda run: Period.parse(run.period), reverse=True)


def next_period(alliance: int, on: date) -> str:
    """The period to compute next: the one after the last that was scored, or that one again while it is not over."""
    scored = holding_runs(alliance)
    if not scored:
        return ""
    following = Period.parse(scored[0].period).back(-1)
    return following.code if following.until <= on else scored[0].period


def group_weights(alliance: int, run: RunInfo) -> dict[str, Decimal]:
    """The groups that count in a run, with their weights in %."""
    code, _, version = run.scheme.rpartition("/")
    info = scheme_info(alliance, code, int(version))
    groups = parsed(alliance, info).groups if info else {}
    return {group: groups[group] for group in GROUPS if groups.get(group)}


def official_run(alliance: int, period: str) -> RunInfo | None:
    """The official run of a period that holds: the last one."""
    return next((run for run in runs(alliance) if run.period == period), None)


def run(alliance: int, run_id: int) -> RunInfo | None:
    return next((run for run in runs(alliance) if run.run_id == run_id), None)


def scores(run_id: int) -> list[ScoreInfo]:
    """The results of a run by tier, ranked first; vetoed members stand below."""
    return _ranking([_score(row) for row in db.session.scalars(select(Score).where(Score.run_id == run_id))])


def _ranking(rows: Sequence[ScoreInfo]) -> list[ScoreInfo]:
    order = {"tertiary": 0, "secondary": 1, "primary": 2}
    return sorted(
        rows,
        key=lambda row: (
            order[row.tier],
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
    row = db.session.get(Score, (run_id, institution))
    return _score(row) if row else None


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
        for row in found.summary
    ]
    return [TrialLine(row, beside.get(row.institution)) for row in _ranking(rows)]


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

    @property
    def lost(self) -> Decimal | None:
        """The points that the line cost."""
        return None if self.points is None or self.points.value is None else self.weight - self.points.value

    @property
    def not_filed(self) -> bool:
        return self.share is not None and self.share.kind.code == "share:missing"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A member's score sheet in a run."""

    run_id: int
    lines: Sequence[SheetLine]
    top: Mapping[str, audit.KeptFigure]  # score, data_score, collaboration_score, rank
    groups: Mapping[str, audit.KeptFigure]
    dimensions: Mapping[str, audit.KeptFigure]
    tier_medians: Mapping[str, Decimal]  # by dimension; empty in a small tier
    group_weights: Mapping[str, Decimal]  # of the groups that count, in %
    weight: Decimal  # of all lines


def sheet(alliance: int, run: RunInfo, institution: str, tier: str) -> Sheet:
    """A member's score sheet, the lines that cost most first."""
    code, _, version = run.scheme.rpartition("/")
    info = scheme_info(alliance, code, int(version))
    assert info is not None
    scheme = parsed(alliance, info)
    lines = scheme.tier_lines(tier)
    dimensions = [one.code for one in indicators.library(alliance).dimensions]
    parts = ("score", "data_score", "collaboration_score", "rank")
    keys = [f"{institution}/{part}" for part in parts]
    keys += [f"{institution}/group/{group}" for group in GROUP_NAMES] + [
        f"{institution}/dimension/{one}" for one in dimensions
    ]
    for line in lines:
        place = f"{institution}/{line.indicator}"
        keys += [f"{place}/{run.period}", f"{place}/share", f"{place}/points"]
    kept = audit.figures_of(run.run_id, keys)
    made = [
        SheetLine(
            line.indicator,
            line.weight,
            kept.get(f"{institution}/{line.indicator}/{run.period}"),
            kept.get(f"{institution}/{line.indicator}/share"),
            kept.get(f"{institution}/{line.indicator}/points"),
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
        _tier_medians(run.run_id, tier),
        group_weights(alliance, run),
        sum((line.weight for line in lines), Decimal(0)),
    )


def _group_key(institution: str, group: str) -> str:
    """The key of a group's result in a run; that of the data is the data score itself."""
    return f"{institution}/data_score" if group == "data" else f"{institution}/group/{group}"


def _tier_medians(run_id: int, tier: str) -> dict[str, Decimal]:
    """The medians of a tier by dimension, over members that are not vetoed; none in a tier under three."""
    rows = [row for row in scores(run_id) if row.tier == tier and not row.vetoed]
    codes = {code for row in rows for code in row.dimensions}
    found = {code: [Fraction(row.dimensions[code]) for row in rows if code in row.dimensions] for code in codes}
    return {code: half_up(median(values), 2) for code, values in found.items() if len(values) >= FEWEST}


def medians(run_id: int) -> dict[str, audit.KeptFigure]:
    """The median scores of the tiers that have one."""
    tiers = ("tertiary", "secondary", "primary")
    found = audit.figures_of(run_id, [f"{tier}/median" for tier in tiers])
    return {key.split("/")[0]: figure for key, figure in found.items()}


def group_values(run_id: int, institutions: Sequence[str]) -> dict[str, audit.KeptFigure]:
    """The results of rater groups as they entered a run, by `institution/group`."""
    keys = {f"{one}/group/{group}": f"{one}/{group}" for one in institutions for group in GROUP_NAMES}
    return {keys[key]: figure for key, figure in audit.figures_of(run_id, keys).items()}
