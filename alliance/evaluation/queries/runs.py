"""The questions about official runs, and a scoring as it is worked out before anything is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.figure import Figure
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused, mark
from alliance.db import db
from alliance.evaluation.models import Rating, ScoreRun, Veto
from alliance.evaluation.queries.ratings import rating_figures, veto_figures
from alliance.evaluation.queries.schemes import SchemeInfo, parsed, scheme_info
from alliance.evaluation.queries.values import basis
from alliance.evaluation.rules.scheme import GROUPS, Scheme
from alliance.evaluation.rules.scores import Card, Member
from alliance.indicators import queries as indicators
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class RunInfo:
    """An official run of scores."""

    run_id: int
    period: str
    scheme: str
    scheme_sha256: str


@dataclass(slots=True)
class Result:
    """A scoring as it was worked out, before anything is kept."""

    cards: list[Card]
    medians: dict[str, Figure]
    scheme: SchemeInfo
    period: str
    not_filed: dict[str, int] = field(default_factory=dict)
    months: frozenset[int] | None = None  # counted so far, by their number from 0; None: all

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


def rating_periods(alliance: int) -> list[str]:
    """The periods that are scored or that rater groups spoke about, newest first."""
    spoken = db.session.scalars(select(Rating.period).where(Rating.alliance_id == alliance).distinct())
    vetoed = db.session.scalars(select(Veto.period).where(Veto.alliance_id == alliance).distinct())
    found = {*spoken, *vetoed, *(run.period for run in runs(alliance))}
    return sorted(found, key=Period.parse, reverse=True)


def work_out(alliance: int, period: str, info: SchemeInfo) -> Result:
    """Score a period under a scheme from what is accepted, entered and decided now. Nothing is kept."""
    when = Period.parse(period)
    scheme = parsed(alliance, info, when.last)
    if when.kind is not scheme.period:
        raise Refused(
            mark("The scheme %(scheme)s scores by %(kind)s; %(period)s is not one."),
            scheme=info.reference,
            kind=scheme.period.value,
            period=period,
        )
    return _scored(alliance, when, info, scheme, members.members(alliance, when.last))


def work_out_so_far(alliance: int, period: str, info: SchemeInfo, now: datetime) -> Result:
    """Score a month, a period of the scheme or a year provisionally, from what was submitted and entered until now: of
    the months that everybody has submitted or whose filing is closed; of an open month, who has submitted it."""
    when = Period.parse(period)
    scheme = parsed(alliance, info, when.last)
    people, months = members.members(alliance, when.last), indicators.months_counted(alliance, when, now)
    if not months and when.kind is PeriodKind.MONTH:
        months, there = frozenset({0}), indicators.submitted(alliance, period)
        people = [one for one in people if one.code in there]
    return _scored(alliance, when, info, scheme, people, months)


def _scored(
    alliance: int,
    when: Period,
    info: SchemeInfo,
    scheme: Scheme,
    people: Sequence[members.MemberInfo],
    months: frozenset[int] | None = None,
) -> Result:
    period, ground = when.code, basis(alliance, when, info, scheme, people, months)
    scoring = ground.scoring(ground.filed.values(), rating_figures(alliance, period, info))
    veto = veto_figures(alliance, period)
    cards, medians = scoring.score([Member(one.code, one.tier, veto.get(one.code)) for one in people])
    not_filed = {
        card.member.code: sum(share.kind.code == "share:missing" for share in card.shares.values()) for card in cards
    }
    return Result(cards, medians, info, period, not_filed, months)


@audit.until_next_event
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
