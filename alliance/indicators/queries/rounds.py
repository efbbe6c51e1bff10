"""The questions about cross-check rounds: what may be drawn, who checks whom, the samples and what was found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import defer

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.figure import State
from alliance.core.period import Period, PeriodKind
from alliance.core.roles import Scope
from alliance.db import db
from alliance.indicators.models import CheckFinding, CheckItem, CheckRound, CheckSample, Submission
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.periods import PeriodInfo, periods
from alliance.indicators.queries.readings import READING, current_columns, readings
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import Progress
from alliance.indicators.rules.rounds import Candidate, error_rate, outcome
from alliance.members import queries as members

CHECKER = "checker"  # the role of who checks
Stakes = Mapping[str, Mapping[str, int]]  # cents by member and element


@dataclass(frozen=True, slots=True)
class RoundInfo:
    """A round of a month; `fund` is the period of the fund that told the money at stake, "" for none."""

    period: str
    seed: str
    fund: str
    drawn_by: str
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class SampleInfo:
    """A sample of a member with how far it is checked."""

    id: int
    period: str
    institution: str
    number: int
    checker: str
    drawn_by: str
    drawn_at: datetime
    due_at: datetime
    closed_by: str
    closed_at: datetime | None
    outcome: str
    correct_until: datetime | None
    notice: str
    figures: int = 0  # drawn from
    size: int = 0
    checked: int = 0
    wrong: int = 0

    @property
    def subject(self) -> str:
        return f"sample:{self.institution}/{self.period}/{self.number}"

    @property
    def rate(self) -> Decimal | None:
        """Wrong figures in % of those checked."""
        return error_rate(self.wrong, self.checked)

    @property
    def comes_to(self) -> str:
        """What comes of it when it is closed as it stands."""
        return outcome(self.number, self.wrong, self.checked, self.size)

    def is_ready(self, now: datetime) -> bool:
        """Whether it may be closed: everything is checked, or the time for it is over."""
        return self.closed_at is None and (self.checked == self.size or now >= self.due_at)

    def wants_second(self, now: datetime) -> bool:
        """Whether the time for corrections is over."""
        return self.outcome == "notice" and self.correct_until is not None and now >= self.correct_until


@dataclass(frozen=True, slots=True)
class FindingInfo:
    """What a checker found at the source; `source` is None where the source has no such value."""

    id: int
    source: Decimal | None
    wrong: bool
    note: str
    file_name: str
    file_media: str
    file_size: int
    file_sha256: str
    checked_by: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class ItemInfo:
    """A figure of a sample; `stake` in cents."""

    id: int
    element: str
    revision: int
    value: Decimal
    dimension: str
    band: str
    stake: int
    finding: FindingInfo | None


# What is told of a sample: all of it but the figures that it was drawn from.
TOLD = tuple(one for one in CheckSample.__table__.columns if one.name != "population")


@audit.until_next_event
def check_rounds(alliance: int) -> list[RoundInfo]:
    """The rounds drawn, newest month first."""
    rows = db.session.scalars(select(CheckRound).where(CheckRound.alliance_id == alliance))
    return sorted(map(_round, rows), key=lambda one: one.period, reverse=True)


def check_round(alliance: int, period: str) -> RoundInfo | None:
    row = db.session.scalars(
        select(CheckRound).where(CheckRound.alliance_id == alliance, CheckRound.period == period)
    ).first()
    return _round(row) if row else None


def _round(row: CheckRound) -> RoundInfo:
    return RoundInfo(row.period, row.seed, row.fund, row.drawn_by, row.drawn_at)


def check_samples(
    alliance: int, codes: Collection[str] | None = None, institutions: Collection[str] | None = None
) -> list[SampleInfo]:
    """The samples of some months, of some members, where they are named; by month, member and number."""
    return [
        one for one in _samples(alliance)
        if (codes is None or one.period in codes) and (institutions is None or one.institution in institutions)
    ]  # fmt: skip


@audit.until_next_event
def _samples(alliance: int) -> list[SampleInfo]:
    rows = db.session.execute(select(*TOLD).where(CheckSample.alliance_id == alliance)).all()
    counts = _counts([row.id for row in rows])
    infos = [_sample(row, *counts.get(row.id, (0, 0, 0))) for row in rows]
    return sorted(infos, key=lambda one: (one.period, one.institution, one.number))


def _counts(numbers: Collection[int]) -> dict[int, tuple[int, int, int]]:
    """Of samples: figures, checked, wrong."""
    wrong = func.sum(case((CheckFinding.wrong.is_(True), 1), else_=0))
    rows = (
        select(CheckItem.sample_id, func.count(CheckItem.id), func.count(CheckFinding.id), wrong)
        .outerjoin(CheckFinding, CheckFinding.item_id == CheckItem.id)
        .where(CheckItem.sample_id.in_(list(numbers)))
        .group_by(CheckItem.sample_id)
    )
    return {sample: (size, checked, int(bad or 0)) for sample, size, checked, bad in db.session.execute(rows)}


def _sample(row: CheckSample | Row[Any], size: int, checked: int, wrong: int) -> SampleInfo:
    return SampleInfo(
        row.id, row.period, row.institution, row.number, row.checker, row.drawn_by, row.drawn_at, row.due_at,
        row.closed_by, row.closed_at, row.outcome, row.correct_until, row.notice, row.figures, size, checked, wrong,
    )  # fmt: skip


def check_sample(alliance: int, period: str, institution: str, number: int) -> SampleInfo | None:
    found = check_samples(alliance, [period], [institution])
    return next((one for one in found if one.number == number), None)


def check_items(sample: int) -> list[ItemInfo]:
    """The figures of a sample with what was found, those with most money on them first."""
    rows = db.session.execute(
        select(CheckItem, CheckFinding)
        .outerjoin(CheckFinding, CheckFinding.item_id == CheckItem.id)
        .where(CheckItem.sample_id == sample)
    )
    found = [_item(item, finding) for item, finding in rows]
    return sorted(found, key=lambda one: (-one.stake, one.element))


def uncorrected(alliance: int, sample: SampleInfo) -> list[str]:
    """The elements of a sample that were wrong and still stand as they were drawn."""
    wrong = {one.element: one.revision for one in check_items(sample.id) if one.finding and one.finding.wrong}
    stands = readings(alliance, sample.period, sample.institution, wrong)
    return [code for code, revision in wrong.items() if code in stands and stands[code].revision == revision]


def _item(row: CheckItem, finding: CheckFinding | None) -> ItemInfo:
    found = None
    if finding is not None:
        source = Decimal(finding.source) if finding.source else None
        found = FindingInfo(
            finding.id, source, finding.wrong, finding.note, finding.file_name, finding.file_media, finding.file_size,
            finding.file_sha256, finding.checked_by, finding.checked_at,
        )  # fmt: skip
    return ItemInfo(
        row.id, row.element, row.revision, Decimal(row.value), row.dimension, row.band, row.stake, found
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """A finding with the sample and the figure it is about."""

    sample: SampleInfo
    item: ItemInfo


def checks(alliance: int, numbers: Collection[int]) -> list[CheckInfo]:
    """Findings by their numbers, in the order of month, member and element."""
    rows = db.session.execute(
        select(CheckItem, CheckFinding, CheckSample)
        .join(CheckFinding, CheckFinding.item_id == CheckItem.id)
        .join(CheckSample, CheckSample.id == CheckItem.sample_id)
        .where(CheckSample.alliance_id == alliance, CheckFinding.id.in_(list(numbers)))
        .options(defer(CheckSample.population))
    ).all()
    counts = _counts({sample.id for _, _, sample in rows})
    found = [CheckInfo(_sample(sample, *counts[sample.id]), _item(item, finding)) for item, finding, sample in rows]
    return sorted(found, key=lambda one: (one.sample.period, one.sample.institution, one.item.element))


def wrong_checks(alliance: int, institution: str, checker: str) -> list[CheckInfo]:
    """The figures of a member that a checking member found wrong, newest month first."""
    rows = (
        select(CheckFinding.id)
        .join(CheckItem, CheckItem.id == CheckFinding.item_id)
        .join(CheckSample, CheckSample.id == CheckItem.sample_id)
        .where(
            CheckSample.alliance_id == alliance, CheckSample.institution == institution,
            CheckSample.checker == checker, CheckFinding.wrong.is_(True),
        )
    )  # fmt: skip
    return checks(alliance, db.session.scalars(rows).all())[::-1]


def check_files() -> set[str]:
    """The digests of all files that findings refer to."""
    digests = select(CheckFinding.file_sha256).where(CheckFinding.file_sha256 != "").distinct()
    return set(db.session.scalars(digests))


def dimensions_of(known: Library) -> dict[str, str]:
    """The dimension of each element: that of the first indicator computed from it."""
    found: dict[str, str] = {}
    for indicator in sorted(known.indicators.values(), key=lambda one: one.code):
        for element in indicator.elements:
            found.setdefault(element, indicator.dimension)
    return found


def checkable(alliance: int, period: str, stakes: Stakes) -> dict[str, list[Candidate]]:
    """The figures that may be drawn by member: values that are due and accepted, with the money at stake."""
    when = Period.parse(period)
    known = library(alliance, when.last)
    side = dimensions_of(known)
    tiers = {one.code: one.tier for one in members.members(alliance, when.last)}
    due = {tier: {one.code for one in elements_due(known, tier, when)} for tier in set(tiers.values())}
    accepted = set(
        db.session.scalars(
            select(Submission.institution).where(
                Submission.alliance_id == alliance, Submission.period == period,
                Submission.state == Progress.ACCEPTED.value,
            )
        )
    )  # fmt: skip
    rows = current_columns(alliance, [period], "institution", "element", "revision", "value")
    found: dict[str, list[Candidate]] = {}
    for who, element, revision, value in db.session.execute(rows.where(READING.state == State.VALUE.value)):
        if who in accepted and who in tiers and element in due[tiers[who]]:
            stake = stakes.get(who, {}).get(element, 0)
            found.setdefault(who, []).append(Candidate(element, revision, value, side.get(element, ""), stake))
    return {who: sorted(rows, key=lambda one: one.element) for who, rows in sorted(found.items())}


def visible_samples(scope: Scope, samples: Iterable[SampleInfo]) -> list[SampleInfo]:
    """The samples that a reader may open: all of who reads the whole alliance, those that the own employer checks of a
    checker, and of who works for a member its own once they are closed: nobody is told before what is looked at."""
    checks_for = scope.employer if CHECKER in scope.roles else ""
    return [
        one
        for one in samples
        if scope.institutions is None
        or (checks_for and one.checker == checks_for)
        or (one.closed_at is not None and scope.sees(one.institution))
    ]


def checking_members(alliance: int, on: date) -> set[str]:
    """The members that employ somebody who may check."""
    there = {one.code for one in members.members(alliance, on)}
    return {one.employer for one in accounts.holders(alliance, on) if one.grant.role == CHECKER} & there


def last_checkers(alliance: int) -> dict[str, set[str]]:
    """The member that checked each member the last time."""
    rows = select(CheckSample.institution, CheckSample.checker).where(CheckSample.alliance_id == alliance)
    return {who: {checker} for who, checker in db.session.execute(rows.order_by(CheckSample.id))}


def wrong_places(alliance: int, periods: Collection[str]) -> set[tuple[str, str, str]]:
    """The figures of some months that a cross-check found wrong: (member, element, month)."""
    rows = db.session.execute(
        select(CheckSample.institution, CheckItem.element, CheckSample.period)
        .join(CheckItem, CheckItem.sample_id == CheckSample.id)
        .join(CheckFinding, CheckFinding.item_id == CheckItem.id)
        .where(CheckSample.alliance_id == alliance, CheckSample.period.in_(list(periods)), CheckFinding.wrong.is_(True))
    )
    return {(who, element, period) for who, element, period in rows}


def drawable(alliance: int, now: datetime) -> list[PeriodInfo]:
    """The months that may be drawn: their review is over, and they were not drawn yet; newest first."""
    drawn = {one.period for one in check_rounds(alliance)}
    months = [one for one in periods(alliance) if Period.parse(one.code).kind is PeriodKind.MONTH]
    return [one for one in months if one.review_until <= now and one.code not in drawn]


def population(sample: int) -> list[Candidate]:
    """What a sample was drawn from."""
    rows = db.session.scalars(select(CheckSample.population).where(CheckSample.id == sample)).one()
    return read_population(rows)


def read_population(rows: Iterable[Sequence[object]]) -> list[Candidate]:
    """Figures as they are kept with a sample."""
    return [
        Candidate(str(code), int(str(revision)), str(value), str(side), int(str(stake)))
        for code, revision, value, side, stake in rows
    ]
