"""The questions about cross-rating: rounds, who rates whom, how far each is, and what strikes in the marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.period import Period, PeriodKind, day_of
from alliance.core.roles import Scope
from alliance.core.workdays import working_day
from alliance.db import db
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.ratings.models import PeerForm, PeerPair, PeerReminder, PeerRound, PeerVerdict
from alliance.ratings.rules.flags import Flag, find_flags
from alliance.ratings.rules.peer_items import Item
from alliance.ratings.rules.peers import REMINDED, WINDOW, Pair, Target, judged, open_items, targets
from alliance.registers import queries as registers

DECIDING = ("office", "committee")  # on flags: the second where all of the first are concerned
COMMENT_READERS = frozenset({"office", "committee"})  # as the hint of the form says


@dataclass(frozen=True, slots=True)
class RoundInfo:
    """A round of cross-rating; `raters` of whom `submitted` have handed in."""

    id: int
    period: str
    items: tuple[Item, ...]
    floor: int
    opened_by: str
    opened_at: datetime
    due_at: datetime
    closed_by: str
    closed_at: datetime | None
    digest: str
    raters: int
    submitted: int

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.items]

    def is_open(self, now: datetime) -> bool:
        """Whether marks may still be given."""
        return self.closed_at is None and now < self.due_at

    def is_over(self, now: datetime) -> bool:
        """Whether nobody can rate any more, and the round is to be closed: its time is over, or all are in."""
        return self.closed_at is None and (now >= self.due_at or self.submitted == self.raters)


@audit.until_next_event
def peer_rounds(alliance: int) -> list[RoundInfo]:
    """All rounds of an alliance, newest period first."""
    rows = select(PeerRound).where(PeerRound.alliance_id == alliance).order_by(PeerRound.period.desc())
    found = list(db.session.scalars(rows))
    ids = [row.id for row in found]
    raters = select(PeerPair.round_id, func.count(PeerPair.rater.distinct())).where(PeerPair.round_id.in_(ids))
    forms = select(PeerForm.round_id, func.count()).where(PeerForm.round_id.in_(ids)).group_by(PeerForm.round_id)
    due = dict(db.session.execute(raters.group_by(PeerPair.round_id)).all()) if ids else {}
    done = dict(db.session.execute(forms).all()) if ids else {}
    return [
        RoundInfo(
            row.id, row.period, tuple(map(Item.of, row.items)), row.floor, row.opened_by, row.opened_at, row.due_at,
            row.closed_by, row.closed_at, row.digest, due.get(row.id, 0), done.get(row.id, 0),
        )
        for row in found
    ]  # fmt: skip


def peer_round(alliance: int, period: str) -> RoundInfo | None:
    return next((one for one in peer_rounds(alliance) if one.period == period), None)


def pairs_of_period(alliance: int, period: str) -> list[Target]:
    """Who would rate whom for a period: by the links and the closed cases of it, as they are known now."""
    when = Period.parse(period)
    there = [one.code for one in members.members(alliance, when.last)]
    return targets(
        there,
        members.linked(alliance, when.first, when.last),
        registers.closed_together(alliance, when.first, when.last),
    )


@dataclass(frozen=True, slots=True)
class PairInfo(Target):
    """Somebody to rate with the marks so far."""

    marks: Mapping[str, int]
    comment: str
    version: int


def own_pairs(round_id: int, rater: str) -> list[PairInfo]:
    """Whom a member rates, those with most cases first. Nobody else's to see."""
    rows = select(PeerPair).where(PeerPair.round_id == round_id, PeerPair.rater == rater)
    found = db.session.scalars(rows.order_by(PeerPair.cases.desc(), PeerPair.target))
    return [
        PairInfo(row.rater, row.target, row.linked, row.cases, row.marks, row.comment, row.version) for row in found
    ]


@dataclass(frozen=True, slots=True)
class RaterLine:
    """How far a member is with its form; nothing of what it says."""

    rater: str
    targets: int
    ready: int
    submitted_by: str
    submitted_at: datetime | None
    reminded_at: datetime | None


@audit.until_next_event
def rater_lines(one: RoundInfo, raters: frozenset[str] | None = None) -> list[RaterLine]:
    """How far each rater of a round is, or some of them; by code."""
    rows = select(PeerPair.rater, PeerPair.marks).where(PeerPair.round_id == one.id).order_by(PeerPair.rater)
    if raters is not None:
        rows = rows.where(PeerPair.rater.in_(raters))
    far: dict[str, list[bool]] = {}
    for rater, marks in db.session.execute(rows):
        far.setdefault(rater, []).append(not open_items(one.codes, marks))
    forms = {row.rater: row for row in db.session.scalars(select(PeerForm).where(PeerForm.round_id == one.id))}
    last = select(PeerReminder.rater, func.max(PeerReminder.sent_at)).where(PeerReminder.round_id == one.id)
    reminded = dict(db.session.execute(last.group_by(PeerReminder.rater)).all())
    return [
        RaterLine(
            rater, len(done), sum(done), forms[rater].submitted_by if rater in forms else "",
            forms[rater].submitted_at if rater in forms else None, reminded.get(rater),
        )
        for rater, done in far.items()
    ]  # fmt: skip


def handed_in(round_id: int) -> dict[Pair, Mapping[str, int]]:
    """The marks of the forms handed in, without what could not be judged. For closing and for flags only."""
    rows = (
        select(PeerPair.rater, PeerPair.target, PeerPair.marks)
        .join(PeerForm, (PeerForm.round_id == PeerPair.round_id) & (PeerForm.rater == PeerPair.rater))
        .where(PeerPair.round_id == round_id)
        .order_by(PeerPair.rater, PeerPair.target)
    )
    return {(rater, target): judged(marks) for rater, target, marks in db.session.execute(rows)}


@dataclass(frozen=True, slots=True)
class FlagInfo:
    """A pattern in somebody's marks, and what a person decided about it; `left_out` None: not yet."""

    flag: Flag
    left_out: bool | None
    reason: str
    decided_by: str
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.left_out is None


def flags(round_id: int) -> list[FlagInfo]:
    """The patterns in the forms of a round that nobody fills any more, with their verdicts."""
    rows = db.session.scalars(select(PeerVerdict).where(PeerVerdict.round_id == round_id))
    verdicts = {row.flag: row for row in rows}
    found = []
    for flag in find_flags(handed_in(round_id)):
        row = verdicts.get(flag.key)
        left_out = True if flag.by_rule else row.left_out if row else None
        reason, account, at = (row.reason, row.decided_by, row.decided_at) if row else ("", "", None)
        found.append(FlagInfo(flag, left_out, reason, account, at))
    return found


def is_movable(one: RoundInfo) -> bool:
    """Whether the last day of a round may still move on: forms are missing, and nobody has decided on a flag."""
    if one.closed_at is not None or one.submitted == one.raters:
        return False
    return db.session.scalar(select(PeerVerdict.flag).where(PeerVerdict.round_id == one.id).limit(1)) is None


def deciders(alliance: int, flag: Flag, on: date) -> frozenset[str]:
    """The accounts that may decide on a flag on a day: of the office those that are employed by none of the raters
    concerned; where there is nobody, of the committee. Nobody where all of these are concerned."""
    held = [one for one in accounts.holders(alliance, on) if one.employer not in flag.raters]
    for role in DECIDING:
        found = frozenset(one.account for one in held if one.grant.role == role)
        if found:
            return found
    return frozenset()


def open_flags(alliance: int, round_id: int, on: date) -> list[FlagInfo]:
    """The flags on which somebody has still to decide. One that concerns everybody who could decide changes nothing,
    and the round does not wait for it."""
    return [one for one in flags(round_id) if one.is_open and deciders(alliance, one.flag, on)]


def reads_comments(scope: Scope, target: str) -> bool:
    """Whether a reader sees what was written about a target: the office and the committee, of the own employer none."""
    return scope.institutions is None and bool(scope.roles & COMMENT_READERS) and scope.employer != target


def comments(round_id: int, target: str) -> list[str]:
    """What was written about a target, without who wrote it, in the order of the words."""
    rows = (
        select(PeerPair.comment)
        .join(PeerForm, (PeerForm.round_id == PeerPair.round_id) & (PeerForm.rater == PeerPair.rater))
        .where(PeerPair.round_id == round_id, PeerPair.target == target, PeerPair.comment != "")
    )
    return sorted(db.session.scalars(rows))


def occasion(alliance: int, one: RoundInfo, now: datetime) -> str:
    """On which occasion of a round members are reminded today: the number of its working day, or the last day once that
    was moved; "" for none."""
    if one.is_open(now):
        works, begun, today = indicators.works_on(alliance), day_of(one.opened_at), day_of(now)
        for days in REMINDED:
            if today == working_day(begun, days, works):
                return str(days)
        last = day_of(one.due_at - timedelta(minutes=1))
        if last > working_day(begun, WINDOW, works) and today < last <= working_day(today, 1, works):
            return last.isoformat()
    return ""


def openable(alliance: int, now: datetime) -> list[str]:
    """The quarters that are over and come after every round there is, newest first; four at most."""
    newest = max((one.period for one in peer_rounds(alliance)), default="")
    opened = {Period.parse(one.code) for one in indicators.periods(alliance)}
    quarters = {period.around(PeriodKind.QUARTER) for period in opened if period.kind is not PeriodKind.YEAR}
    over = [one.code for one in quarters if one.code > newest and _is_over(one, now)]
    return sorted(over, reverse=True)[:4]


def _is_over(period: Period, now: datetime) -> bool:
    return period.until <= day_of(now)
