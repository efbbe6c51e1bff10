"""The questions about engagements of third parties: which there are, who reads what through them, what was drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import defer

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.period import Period, PeriodKind
from alliance.core.roles import Grant, Scope
from alliance.db import db
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.ratings.models import (
    Completion,
    Engagement,
    EngagementExpert,
    EngagementMember,
    VerifiedFigure,
)
from alliance.ratings.queries.conflicts import conflicts_of
from alliance.ratings.rules.verification import Drawable, Rate, is_open, rate, risk

EXPERT = "expert"  # the role of who verifies


@dataclass(frozen=True, slots=True)
class EngagementInfo:
    """An engagement with how far it is; `population` is asked apart."""

    id: int
    number: str
    organisation: str
    contract: str
    file_name: str
    file_media: str
    file_size: int
    file_sha256: str
    period: str
    starts_on: date
    ends_on: date
    size: int
    weighed: bool
    seed: str
    opened_by: str
    opened_at: datetime
    drawn_by: str
    drawn_at: datetime | None
    locked_by: str
    locked_at: datetime | None
    issued_by: str
    issued_at: datetime | None
    digest: str
    members: tuple[str, ...] = ()
    experts: tuple[str, ...] = ()
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by member: figures drawn, looked at

    @property
    def subject(self) -> str:
        return f"engagement:{self.number}"

    @property
    def figures(self) -> int:
        return sum(whole for whole, _looked in self.counts.values())

    @property
    def looked(self) -> int:
        return sum(looked for _whole, looked in self.counts.values())

    @property
    def state(self) -> str:
        if self.issued_at:
            return "issued"
        if self.locked_at:
            return "locked"
        return "drawn" if self.drawn_at else "opened"

    def is_open(self, on: date) -> bool:
        """Whether its experts may read and record on a day."""
        return is_open(self.starts_on, self.ends_on, on)


@dataclass(frozen=True, slots=True)
class VerifiedInfo:
    """A figure of a sample and what was found of it; `verdict` "" until somebody has looked."""

    id: int
    institution: str
    element: str
    period: str
    revision: int
    value: Decimal
    band: str
    verdict: str
    corrected: Decimal | None
    source: str
    remark: str
    file_name: str
    file_media: str
    file_size: int
    file_sha256: str
    checked_by: str
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CompletionInfo:
    """Whether a member completed what an indicator asks for; `verdict` "" until it is confirmed."""

    institution: str
    indicator: str
    verdict: str = ""
    reason: str = ""
    confirmed_by: str = ""
    confirmed_at: datetime | None = None


@audit.until_next_event
def engagements(alliance: int) -> list[EngagementInfo]:
    """All engagements of an alliance, newest first."""
    rows = list(
        db.session.scalars(
            select(Engagement)
            .where(Engagement.alliance_id == alliance)
            .options(defer(Engagement.population), defer(Engagement.content))
            .order_by(Engagement.id.desc())
        )
    )
    numbers = [row.id for row in rows]
    who, by, counts = _members(numbers), _experts(numbers), _counts(numbers)
    return [
        EngagementInfo(
            row.id, row.number, row.organisation, row.contract, row.file_name, row.file_media, row.file_size,
            row.file_sha256, row.period, row.starts_on, row.ends_on, row.size, row.weighed, row.seed, row.opened_by,
            row.opened_at, row.drawn_by, row.drawn_at, row.locked_by, row.locked_at, row.issued_by, row.issued_at,
            row.digest, tuple(who.get(row.id, ())), tuple(by.get(row.id, ())), counts.get(row.id, {}),
        )
        for row in rows
    ]  # fmt: skip


def _members(numbers: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = select(EngagementMember).where(EngagementMember.engagement_id.in_(numbers))
    for row in db.session.scalars(rows.order_by(EngagementMember.institution)):
        found.setdefault(row.engagement_id, []).append(row.institution)
    return found


def _experts(numbers: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = select(EngagementExpert).where(EngagementExpert.engagement_id.in_(numbers))
    for row in db.session.scalars(rows.order_by(EngagementExpert.account)):
        found.setdefault(row.engagement_id, []).append(row.account)
    return found


def _counts(numbers: Sequence[int]) -> dict[int, dict[str, tuple[int, int]]]:
    """Of engagements, by member: figures drawn, figures looked at."""
    looked = func.sum(case((VerifiedFigure.verdict != "", 1), else_=0))
    rows = (
        select(VerifiedFigure.engagement_id, VerifiedFigure.institution, func.count(), looked)
        .where(VerifiedFigure.engagement_id.in_(numbers))
        .group_by(VerifiedFigure.engagement_id, VerifiedFigure.institution)
    )
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for number, who, whole, some in db.session.execute(rows):
        found.setdefault(number, {})[who] = (whole, int(some or 0))
    return found


def engagement(alliance: int, number: str) -> EngagementInfo | None:
    """An engagement by its number, whoever asks."""
    return next((one for one in engagements(alliance) if one.number == number), None)


def visible_engagements(scope: Scope, on: date) -> list[EngagementInfo]:
    """Those that a reader may open: all of who reads the whole alliance; an expert's own while they last; of who works
    for a member those that verified it, once they are locked. Counted are the figures that the reader sees there."""
    return [
        replace(one, counts={who: counts for who, counts in one.counts.items() if who in seen})
        for one in engagements(scope.alliance_id)
        if sees_engagement(scope, one, on)
        for seen in (opened_members(scope, one, on),)
    ]


def sees_engagement(scope: Scope, one: EngagementInfo, on: date) -> bool:
    if scope.institutions is None or verifies(scope, one, on):
        return True
    return one.locked_at is not None and bool(scope.own & {*one.members})


def verifies(scope: Scope, one: EngagementInfo, on: date) -> bool:
    """Whether a reader is one of its experts, while it lasts."""
    return EXPERT in scope.roles and scope.account in one.experts and one.is_open(on)


def opened_members(scope: Scope, one: EngagementInfo, on: date) -> frozenset[str]:
    """The members of an engagement whose figures a reader sees there: of an expert those without a conflict of
    interest, of who works for a member its own."""
    if scope.institutions is None:
        return frozenset(one.members)
    if verifies(scope, one, on):
        return frozenset(one.members) - conflicts_of(scope.alliance_id, scope.account, on)
    return frozenset(one.members) & scope.own


def engaged_grants(account: str, alliances: Collection[int], on: date) -> list[Grant]:
    """What engagements give an expert from their first to their last day: to read what is filed by the members drawn,
    save those with which a conflict of interest holds."""
    found = []
    for alliance in sorted(alliances):
        mine = [one for one in engagements(alliance) if account in one.experts and one.drawn_at and one.is_open(on)]
        barred = conflicts_of(alliance, account, on) if mine else frozenset()
        found += [
            Grant(EXPERT, alliance, code, one.starts_on, date.fromordinal(one.ends_on.toordinal() + 1))
            for one in mine
            for code in one.members
            if code not in barred
        ]
    return found


def figures_drawn(engagement: int, institutions: Collection[str] | None = None) -> list[VerifiedInfo]:
    """The figures of a sample, of some members where they are named; by member, element and period."""
    rows = select(VerifiedFigure).where(VerifiedFigure.engagement_id == engagement)
    if institutions is not None:
        rows = rows.where(VerifiedFigure.institution.in_(sorted(institutions)))
    order = (VerifiedFigure.institution, VerifiedFigure.element, VerifiedFigure.period)
    return [_figure(row) for row in db.session.scalars(rows.order_by(*order))]


def _figure(row: VerifiedFigure) -> VerifiedInfo:
    return VerifiedInfo(
        row.id, row.institution, row.element, row.period, row.revision, Decimal(row.value), row.band, row.verdict,
        Decimal(row.corrected) if row.corrected else None, row.source, row.remark, row.file_name, row.file_media,
        row.file_size, row.file_sha256, row.checked_by, row.checked_at,
    )  # fmt: skip


def completions(alliance: int, one: EngagementInfo, figures: Iterable[VerifiedInfo]) -> list[CompletionInfo]:
    """The indicators that rest on the figures drawn, by member, with what was confirmed of each."""
    rows = select(Completion).where(Completion.engagement_id == one.id)
    kept = {
        (row.institution, row.indicator): CompletionInfo(
            row.institution, row.indicator, row.verdict, row.reason, row.confirmed_by, row.confirmed_at
        )
        for row in db.session.scalars(rows)
    }
    drawn: dict[str, set[str]] = {}
    for figure in figures:
        drawn.setdefault(figure.institution, set()).add(figure.element)
    last = Period.parse(one.period).last
    known = indicators.library(alliance, last)
    tiers = {member.code: member.tier for member in members.members(alliance, last)}
    return [
        kept.get((who, indicator.code), CompletionInfo(who, indicator.code))
        for who, elements in sorted(drawn.items())
        for indicator in sorted(known.indicators.values(), key=lambda found: found.code)
        if elements & {*indicator.elements} and tiers.get(who) in indicator.tiers
    ]


def drawables(alliance: int, one: EngagementInfo) -> list[Drawable]:
    """The figures that may be drawn: values that the members of an engagement filed for the months of its period and
    that are accepted; with the risk where places follow it."""
    period = Period.parse(one.period)
    months = [month.code for month in period.parts(PeriodKind.MONTH)]
    tiers = {member.code: str(member.tier) for member in members.members(alliance, period.last)}
    wrong = indicators.wrong_places(alliance, months) if one.weighed else set()
    return [
        Drawable(
            who, tiers[who], row.element, month, row.revision, row.value,
            risk(row.revision, (who, row.element, month) in wrong) if one.weighed else "none",
        )
        for month in months
        for who, rows in indicators.checkable(alliance, month, {}).items()
        if who in one.members and who in tiers
        for row in rows
    ]  # fmt: skip


def drawn_from(engagement: int) -> list[Drawable]:
    """What a sample was drawn from, as it was kept."""
    rows = db.session.scalars(select(Engagement.population).where(Engagement.id == engagement)).one()
    return [Drawable(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Rates:
    """How many figures were not as filed: altogether, by member and by element."""

    whole: Rate
    members: Mapping[str, Rate]
    elements: Mapping[str, Rate]


def rates_of(figures: Sequence[VerifiedInfo]) -> Rates:
    """The rates of some figures."""

    def grouped(key: str) -> dict[str, Rate]:
        found: dict[str, list[str]] = {}
        for one in figures:
            found.setdefault(str(getattr(one, key)), []).append(one.verdict)
        return {name: rate(there) for name, there in sorted(found.items())}

    return Rates(rate(one.verdict for one in figures), grouped("institution"), grouped("element"))


def experts(alliance: int, on: date) -> dict[str, tuple[str, str, str]]:
    """The accounts that hold the role of an expert on a day: names and employer."""
    return accounts.names({account for account, _employer in accounts.officers(alliance, EXPERT, on)})


def verification_files() -> set[str]:
    """The digests of the files that engagements and figures refer to."""
    asked = (select(Engagement.file_sha256), select(VerifiedFigure.file_sha256))
    return {digest for rows in asked for digest in db.session.scalars(rows.distinct())} - {""}
