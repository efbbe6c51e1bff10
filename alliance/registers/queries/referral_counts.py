"""The questions about many referrals: what counts for a month, reconciliation, flows, times, pointless pairs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import aliased

from alliance.core.period import SHANGHAI, Period
from alliance.core.roles import Scope
from alliance.db import db, remembered, table_of
from alliance.registers.models import Referral, ReferralPair, ReferralTurn
from alliance.registers.queries.referrals import COLUMNS, REFERRAL, ReferralInfo
from alliance.registers.rules.counted import Counted
from alliance.registers.rules.referral_counts import ONE, Turn, counted
from alliance.registers.rules.referral_pairs import CERTIFIED, FOUND
from alliance.registers.rules.referrals import DECLINED, DOWN, TREATED, median, minutes

TURN = table_of(ReferralTurn).c


def _bounds(month: str) -> tuple[datetime, datetime]:
    """The first moment of a month and the first one after it."""
    period = Period.parse(month)
    return (datetime.combine(period.first, time(), SHANGHAI), datetime.combine(period.until, time(), SHANGHAI))


def counted_referrals(alliance: int, month: str, known: datetime, before: datetime | None = None) -> list[Counted]:
    """What referrals count for in a month, as known at a moment.

    `referral.sent_…` and `referral.received_…` with up, down or across: by the month in which the patient was seen, for
    the sender and the receiver, when both confirmed, none disputes and the case is not pointless. With `before`, the
    moment as of which the run of the month before was made, what became known since about earlier months as +1 or -1.
    `referral.filed`, `.accepted`, `.declined`, `.answered_on_time`, `.returned`, `.summary_on_time`, `.followed`: by
    the month in which it was done, for who did it.
    """
    return [*agreed_referrals(alliance, month, known, before), *_steps(alliance, month, known)]


def agreed_referrals(alliance: int, month: str, known: datetime, before: datetime | None = None) -> list[Counted]:
    """Of this what was sent and received alone: the cases that both sides agree on."""
    return counted(_turns(alliance, month, known, before), month, known, before)


def _turns(alliance: int, month: str, known: datetime, before: datetime | None) -> Iterator[Turn]:
    of_month = REFERRAL.seen_month == month  # by the cases of the month: no condition on the alliance of their turns
    later = and_(TURN.alliance_id == alliance, TURN.at > before, REFERRAL.seen_month < month) if before else None
    rows = (
        select(
            TURN.id, REFERRAL.number, REFERRAL.sender, REFERRAL.receiver, REFERRAL.direction, REFERRAL.seen_month,
            TURN.at, TURN.counts,
        )
        .join_from(table_of(Referral), table_of(ReferralTurn), TURN.referral_id == REFERRAL.id)
        .where(REFERRAL.alliance_id == alliance, TURN.at <= known)
    )  # fmt: skip
    for narrowed in (of_month, later):
        if narrowed is not None:
            for _key, *row in sorted(db.session.execute(rows.where(narrowed)).all()):
                yield Turn(*row)


# What was done in a month: the measure, and whether the sender did it (else the receiver; the follow-up is told apart).
STEPS = (
    ("referral.filed", True), ("referral.accepted", False), ("referral.declined", False),
    ("referral.answered_on_time", False), ("referral.returned", False), ("referral.summary_on_time", False),
)  # fmt: skip


def _steps(alliance: int, month: str, known: datetime) -> Iterator[Counted]:
    """What was done in a month, decided by the database: moments need not become objects one by one."""
    first, until = _bounds(month)
    until, period = min(until, known), Period.parse(month)
    filed, answered, returned = (
        and_(column >= first, column < until)
        for column in (REFERRAL.filed_at, REFERRAL.answered_at, REFERRAL.returned_at)
    )
    followed = REFERRAL.followed_on.between(period.first, period.last)
    declined = REFERRAL.state == DECLINED
    done = (
        filed, and_(answered, not_(declined)), and_(answered, declined),
        and_(answered, REFERRAL.answered_at < REFERRAL.answer_due), returned,
        and_(returned, REFERRAL.returned_at < REFERRAL.summary_due),
    )  # fmt: skip
    flags = [case((one, 1), else_=0) for one in (*done, followed)]
    rows = select(REFERRAL.number, REFERRAL.sender, REFERRAL.receiver, REFERRAL.direction, *flags).where(
        REFERRAL.alliance_id == alliance, or_(filed, answered, returned, followed)
    )
    for number, sender, receiver, direction, *did, follow in db.session.execute(rows):
        for (measure, by_sender), yes in zip(STEPS, did, strict=True):
            if yes:
                yield Counted(sender if by_sender else receiver, month, measure, ONE, number)
        if follow:
            yield Counted(receiver if direction == DOWN else sender, month, "referral.followed", ONE, number)


@dataclass(frozen=True, slots=True)
class Side:
    """The cases from one member to another in a month: filed in it; seen, agreed, disputed, pointless by the day of
    seeing; and those that are not simply agreed."""

    sender: str
    receiver: str
    sent: int
    seen: int
    agreed: int
    disputed: int
    pointless: int
    cases: Sequence[ReferralInfo]


def reconciliation(alliance: int, one: str, other: str, month: str) -> list[Side]:
    """What two members sent to one another in a month, and what of it both agree on."""
    first, until = _bounds(month)
    found = []
    for sender, receiver in ((one, other), (other, one)):
        rows = select(*COLUMNS).where(
            REFERRAL.alliance_id == alliance, REFERRAL.sender == sender, REFERRAL.receiver == receiver,
            or_(REFERRAL.seen_month == month, and_(REFERRAL.filed_at >= first, REFERRAL.filed_at < until)),
        )  # fmt: skip
        cases = [ReferralInfo(*row) for row in db.session.execute(rows.order_by(REFERRAL.id))]
        seen = [case for case in cases if case.seen_month == month and case.state in TREATED]
        found.append(
            Side(
                sender, receiver, sum(first <= case.filed_at < until for case in cases), len(seen),
                sum(case.counts for case in seen), sum(bool(case.disputed_by) for case in seen),
                sum(case.pointless for case in seen), [case for case in cases if not case.counts],
            )
        )  # fmt: skip
    return found


def flows(scope: Scope, month: str) -> dict[tuple[str, str, str], int]:
    """How many cases that count were seen in a month, by sender, receiver and direction, as far as the reader sees."""
    rows = select(REFERRAL.sender, REFERRAL.receiver, REFERRAL.direction, func.count()).where(
        REFERRAL.alliance_id == scope.alliance_id, REFERRAL.seen_month == month, REFERRAL.counts.is_(True)
    )
    if scope.institutions is not None:
        codes = sorted(scope.institutions)
        rows = rows.where(or_(REFERRAL.sender.in_(codes), REFERRAL.receiver.in_(codes)))
    grouped = rows.group_by(REFERRAL.sender, REFERRAL.receiver, REFERRAL.direction)
    return {(sender, receiver, way): count for sender, receiver, way, count in db.session.execute(grouped)}


@dataclass(frozen=True, slots=True)
class Answers:
    """How a receiver answered what was filed in a month: how many, in time, the median minutes, how many declined."""

    receiver: str
    answered: int
    on_time: int
    median: Decimal | None
    declined: int


def answers(scope: Scope, month: str) -> list[Answers]:
    """How the receivers in reach answered in a month."""
    first, until = _bounds(month)
    rows = select(
        REFERRAL.receiver, REFERRAL.filed_at, REFERRAL.answered_at, REFERRAL.answer_due, REFERRAL.state
    ).where(
        REFERRAL.alliance_id == scope.alliance_id, REFERRAL.answered_at >= first, REFERRAL.answered_at < until
    )  # fmt: skip
    if scope.institutions is not None:
        codes = sorted(scope.institutions)
        rows = rows.where(or_(REFERRAL.sender.in_(codes), REFERRAL.receiver.in_(codes)))
    taken: dict[str, list[int]] = defaultdict(list)
    on_time, declined = Counter[str](), Counter[str]()
    for receiver, filed, answered, due, state in db.session.execute(rows):
        taken[receiver].append(minutes(filed, answered))
        on_time[receiver] += answered < due
        declined[receiver] += state == DECLINED
    return [
        Answers(code, len(values), on_time[code], median(values), declined[code])
        for code, values in sorted(taken.items())
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PairInfo:
    """Two referrals that cancel each other out."""

    id: int
    first: str
    second: str
    sender: str  # of the second
    receiver: str
    first_sender: str
    first_receiver: str
    first_seen: date | None
    second_filed: datetime
    system: str
    diagnosis: str
    state: str
    found_at: datetime
    certify_due: datetime
    reason: str
    certified_by: str
    certified_at: datetime | None
    decided_by: str
    decided_at: datetime | None

    @property
    def parties(self) -> frozenset[str]:
        return frozenset({self.sender, self.receiver, self.first_sender, self.first_receiver})


FIRST, SECOND = aliased(Referral), aliased(Referral)  # of a pair; made once, for their many columns take their time


def _pairs(scope: Scope) -> Select[Any]:
    first, second, pair = FIRST, SECOND, ReferralPair
    rows = (
        select(
            pair.id, first.number, second.number, second.sender, second.receiver, first.sender, first.receiver,
            first.seen_on, second.filed_at, second.system, second.diagnosis, pair.state,
            pair.found_at, pair.certify_due, pair.reason, pair.certified_by, pair.certified_at, pair.decided_by,
            pair.decided_at,
        )
        .join(first, first.id == pair.first_id)
        .join(second, second.id == pair.second_id)
        .where(pair.alliance_id == scope.alliance_id)
        .order_by(pair.id.desc())
    )  # fmt: skip
    if scope.institutions is not None:
        codes = sorted(scope.institutions)
        touched = [one.in_(codes) for one in (first.sender, first.receiver, second.sender, second.receiver)]
        rows = rows.where(or_(*touched))
    return cast("Select[Any]", rows)


@remembered
def open_pairs(scope: Scope, now: datetime) -> list[PairInfo]:
    """The pairs in reach that may still be certified, or are and wait for the office."""
    certifiable = and_(ReferralPair.state == FOUND, ReferralPair.certify_due > now)
    rows = _pairs(scope).where(or_(certifiable, ReferralPair.state == CERTIFIED))
    return [PairInfo(*row) for row in db.session.execute(rows)]


def pairs(scope: Scope, state: str = "", number: str = "", limit: int = 500) -> list[PairInfo]:
    """The pointless pairs in reach, newest first; in one state, or of one case."""
    rows = _pairs(scope)
    if state:
        rows = rows.where(ReferralPair.state == state)
    if number:
        case = select(REFERRAL.id).where(REFERRAL.alliance_id == scope.alliance_id, REFERRAL.number == number)
        mine = case.scalar_subquery()
        rows = rows.where(or_(ReferralPair.first_id == mine, ReferralPair.second_id == mine))
    return [PairInfo(*row) for row in db.session.execute(rows.limit(limit))]


def pair(scope: Scope, number: int) -> PairInfo | None:
    """A pair in reach."""
    row = db.session.execute(_pairs(scope).where(ReferralPair.id == number)).first()
    return PairInfo(*row) if row else None
