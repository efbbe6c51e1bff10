"""The questions about results of rater groups and about vetoes, and both as figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.figure import Figure, Kind, Level, State, given
from alliance.core.period import Period
from alliance.core.refused import Refused
from alliance.db import db
from alliance.evaluation.models import Rating, Veto
from alliance.evaluation.queries.schemes import SchemeInfo, parsed, scheme_in_force
from alliance.evaluation.rules.scheme import (
    GROUP_NAMES,
    GROUPS,
    RATER_WORDS,
)
from alliance.members import queries as members
from alliance.ratings import queries as rated


@dataclass(frozen=True, slots=True)
class RatingInfo:
    """The current result of a rater group for a member."""

    group: str
    institution: str
    revision: int
    value: Decimal | None
    n: int | None  # raters or answers behind it; None where that may not be told
    document: str
    entered_by: str
    entered_at: datetime | None
    collected: bool = False  # by the wing of ratings, and not from a document


@dataclass(frozen=True, slots=True)
class VetoInfo:
    """A veto against a member for a period."""

    institution: str
    reason: str
    decision: str


@audit.until_next_event
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


def rating_results(alliance: int, period: str) -> list[RatingInfo]:
    """The results of rater groups in a period, from documents and collected here, by group and member."""
    here = rated.collected(alliance, period)
    found = {(one.group, one.institution): one for one in ratings(alliance, period) if one.group not in here}
    asked = rater_words(alliance, period)
    spoke = rated.spoke(asked)
    for (group, who), figure in rated.group_figures(asked).items():
        found[group, who] = RatingInfo(
            group, who, 0, figure.value, spoke.get((group, who)), "", "", None, collected=True
        )  # fmt: skip
    return [one for _, one in sorted(found.items())]


def rating_groups(alliance: int, period: str, rows: Sequence[RatingInfo]) -> list[str]:
    """The groups whose results are due in a period: those with a weight, and those that spoke all the same."""
    info = scheme_in_force(alliance, Period.parse(period).last)
    weights = parsed(alliance, info).groups if info else dict.fromkeys(GROUPS, Decimal(1))
    spoken = {row.group for row in rows}
    return [group for group in GROUPS if group != "data" and (weights.get(group) or group in spoken)]


def typed_groups(alliance: int, period: str, rows: Sequence[RatingInfo]) -> list[str]:
    """Of these groups those that are taken from documents, because nothing of them is collected here for the period."""
    here = rated.collected(alliance, period)
    return [one for one in rating_groups(alliance, period, rows) if one not in here]


def collected_groups(alliance: int, period: str) -> frozenset[str]:
    """The groups that are collected here for a period, so that nothing is typed in beside them."""
    return rated.collected(alliance, period)


def weighted_groups(alliance: int, period: str) -> frozenset[str]:
    """The groups to which the scheme of a period gives a weight."""
    info = scheme_in_force(alliance, Period.parse(period).last)
    return frozenset(code for code, weight in parsed(alliance, info).groups.items() if weight) if info else frozenset()


def missing_ratings(institutions: Iterable[str], groups: Sequence[str], rows: Sequence[RatingInfo]) -> int:
    """How many results of the groups are not entered."""
    there = {(row.institution, row.group) for row in rows}
    return sum((institution, group) not in there for institution in institutions for group in groups)


@audit.until_next_event
def vetoes(alliance: int, period: str) -> list[VetoInfo]:
    rows = select(Veto).where(Veto.alliance_id == alliance, Veto.period == period).order_by(Veto.institution)
    return [VetoInfo(row.institution, row.reason, row.decision) for row in db.session.scalars(rows)]


def _concerned(alliance: int, place: str) -> frozenset[str] | None:
    """The member itself; None when there is no such member or period to veto."""
    institution, _, period = place.partition("/")
    try:
        there = members.member(alliance, institution, Period.parse(period).last)
    except Refused:
        return None
    return frozenset([institution]) if there else None


accounts.decides_on("veto", _concerned)


def ratings_known(alliance: int) -> tuple[object, ...]:
    """Changes whenever a rater group's result or a veto is added, and none is ever changed."""
    results = select(func.count(), func.max(Rating.id)).where(Rating.alliance_id == alliance)
    there = select(func.count(), func.max(Veto.id)).where(Veto.alliance_id == alliance)
    return (*db.session.execute(results).one(), *db.session.execute(there).one(), *rated.results_known(alliance))


def rating_figures(alliance: int, period: str, scheme: SchemeInfo | None = None) -> dict[tuple[str, str], Figure]:
    """The results of rater groups by (group, member): those collected here, made as a scheme says, by default the one
    in force; and those taken from documents."""
    return _from_documents(alliance, period) | rated.group_figures(rater_words(alliance, period, scheme))


def rater_words(alliance: int, period: str, scheme: SchemeInfo | None = None) -> rated.Asked:
    """How results of rater groups are made in a period, by the words of a scheme, by default the one in force on its
    last day."""
    info = scheme or scheme_in_force(alliance, Period.parse(period).last)
    words = parsed(alliance, info).raters if info else {key: due for key, (_may, due) in RATER_WORDS.items()}
    return rated.Asked(alliance, period, info.reference if info else "", words)


def _from_documents(alliance: int, period: str) -> dict[tuple[str, str], Figure]:
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


def veto_figures(alliance: int, period: str) -> dict[str, Figure]:
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
