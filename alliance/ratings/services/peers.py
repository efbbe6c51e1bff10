"""The verbs of cross-rating: begin a round, save marks, hand in, remind, move the last day, decide on a flag, close."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical
from alliance.core.period import Period, PeriodKind, day_of, end_of
from alliance.core.refused import REASON, Forbidden, NotFound, Refused
from alliance.core.workdays import working_day
from alliance.db import insert_many
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.post.services import queue_mail
from alliance.ratings.models import PeerCell, PeerForm, PeerPair, PeerReminder, PeerRound, PeerVerdict
from alliance.ratings.queries.peer_results import ALL
from alliance.ratings.queries.peers import (
    RoundInfo,
    deciders,
    flags,
    handed_in,
    open_flags,
    own_pairs,
    pairs_of_period,
    peer_round,
)
from alliance.ratings.rules.deadlines import check_moved
from alliance.ratings.rules.flags import counted
from alliance.ratings.rules.peer_items import check_floor, problems_of, weighted
from alliance.ratings.rules.peers import WINDOW, Cell, Pair, cells, check_marks, keep, open_items, raters_of

COMMENT = 1000  # characters
RATING_ROLES = ("member_lead", "quality_officer")


def open_round(
    alliance: int, period: str, weights: Mapping[str, Decimal], floor: int, *, by: Actor, now: datetime
) -> int:
    """Begin a round for a quarter that has begun: who rates whom is settled for good; how many pairs.

    Refused: weights that do not add up to 100, a floor under 3, a period that has a round, nobody to rate.
    """
    items, when = weighted(weights), Period.parse(period)
    check_floor(floor)
    if when.kind is not PeriodKind.QUARTER or when.first > day_of(now):
        raise Refused("A round is begun for a quarter that has begun.")
    with verb(by, alone_in=alliance) as session:
        if peer_round(alliance, period):
            raise Refused("%(period)s has a round of cross-rating already.", period=period)
        pairs = pairs_of_period(alliance, period)
        if not pairs:
            raise Refused("No two members are joined by a link or by three closed cases in %(period)s.", period=period)
        due = end_of(working_day(day_of(now), WINDOW, indicators.works_on(alliance)))
        row = PeerRound(
            alliance_id=alliance, period=period, items=[one.content() for one in items], floor=floor,
            opened_by=by.account, opened_at=now, due_at=due, closed_by="", closed_at=None, digest="",
        )  # fmt: skip
        session.add(row)
        session.flush()
        insert_many(
            session, PeerPair,
            [
                {
                    "round_id": row.id, "rater": one.rater, "target": one.target, "linked": one.linked,
                    "cases": one.cases, "marks": {}, "comment": "", "version": 0,
                }
                for one in pairs
            ],
        )  # fmt: skip
        record(
            session, Act.RATINGS_ROUND_OPEN, f"peerround:{period}", by=by, now=now, alliance=alliance,
            n=len({one.rater for one in pairs}), due=due.isoformat(),
        )  # fmt: skip
        return len(pairs)


def _round(alliance: int, period: str) -> RoundInfo:
    found = peer_round(alliance, period)
    if found is None:
        raise NotFound()
    return found


def _open_form(alliance: int, period: str, rater: str, now: datetime) -> RoundInfo:
    """The round in which a member may still rate. Refused: too late, or handed in already."""
    one = _round(alliance, period)
    if not one.is_open(now):
        raise Refused("Rating for %(period)s ended at %(due)s; late is late.", period=period, due=one.due_at)
    return one


def _not_handed_in(session: Session, one: RoundInfo, rater: str) -> None:
    if session.get(PeerForm, (one.id, rater)):
        raise Refused("The form of %(who)s was handed in; nothing of it can be changed.", who=rater)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a member says of a target: marks by item, 0 for what it cannot judge; `seen`: the version it rests on."""

    marks: Mapping[str, int]
    comment: str = ""
    seen: int = 0


def save_rating(
    alliance: int, period: str, rater: str, sheets: Mapping[str, Sheet], *, by: Actor, now: datetime
) -> None:
    """Save what a member says of some targets; it may be half. Nobody rates oneself or the own employer.

    Refused: too late, handed in, changed meanwhile by somebody else, a comment that is too long.
    """
    if rater in sheets:
        raise Refused("Nobody rates oneself.")
    if by.employer in sheets:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=by.employer)
    with verb(by) as session:
        one = _open_form(alliance, period, rater, now)
        rows = select(PeerPair).where(PeerPair.round_id == one.id, PeerPair.rater == rater).with_for_update()
        pairs = {row.target: row for row in session.scalars(rows)}
        if not sheets.keys() <= pairs.keys():
            raise NotFound()
        _not_handed_in(session, one, rater)
        for target, sheet in sheets.items():
            _fill(pairs[target], sheet, one.codes)
        record(
            session, Act.RATINGS_RATING_SAVE, f"peerform:{period}/{rater}", by=by, now=now, alliance=alliance,
            count=len(sheets),
        )  # fmt: skip


def _fill(row: PeerPair, sheet: Sheet, items: Sequence[str]) -> None:
    check_marks(items, sheet.marks)
    if len(sheet.comment) > COMMENT:
        raise Refused(
            "The comment has %(count)s characters; at most %(most)s are kept.", count=len(sheet.comment), most=COMMENT
        )
    if row.version != sheet.seen:
        raise Refused("Somebody else of your institution saved this form meanwhile; look at it again.")
    row.marks, row.comment, row.version = dict(sheet.marks), sheet.comment.strip(), row.version + 1


def submit_rating(alliance: int, period: str, rater: str, *, by: Actor, now: datetime) -> None:
    """Hand in the form of a member, for good. Refused: too late, half a form (each open item is told)."""
    with verb(by, alone_in=alliance) as session:  # who closes the round waits for it
        one = _open_form(alliance, period, rater, now)
        rows = select(PeerPair.target).where(PeerPair.round_id == one.id, PeerPair.rater == rater).with_for_update()
        if not session.scalars(rows).all():
            raise NotFound()
        _not_handed_in(session, one, rater)
        pairs = own_pairs(one.id, rater)
        problems = problems_of(one.items, {row.target: open_items(one.codes, row.marks) for row in pairs})
        if problems:
            raise Refused("The form is not complete; what you saved is kept.", problems=problems)
        session.add(PeerForm(round_id=one.id, rater=rater, submitted_by=by.account, submitted_at=now))
        record(session, Act.RATINGS_RATING_SUBMIT, f"peerform:{period}/{rater}", by=by, now=now, alliance=alliance)


def remind_rater(alliance: int, period: str, raters: Sequence[str], occasion: str, *, by: Actor, now: datetime) -> int:
    """Remind members that have not handed in; how many were. One occasion reminds a member once."""
    with verb(by) as session:
        one = _round(alliance, period)
        if not one.is_open(now):
            raise Refused("Rating for %(period)s ended at %(due)s; late is late.", period=period, due=one.due_at)
        waiting = set(session.scalars(select(PeerPair.rater).where(PeerPair.round_id == one.id).distinct()))
        waiting -= set(session.scalars(select(PeerForm.rater).where(PeerForm.round_id == one.id)))
        there = (PeerReminder.round_id == one.id, PeerReminder.occasion == occasion)
        waiting -= set(session.scalars(select(PeerReminder.rater).where(*there)))
        new = [rater for rater in dict.fromkeys(raters) if rater in waiting]
        insert_many(
            session, PeerReminder,
            [
                {"round_id": one.id, "rater": rater, "occasion": occasion, "sent_by": by.account, "sent_at": now}
                for rater in new
            ],
        )  # fmt: skip
        subjects = [f"peerform:{period}/{rater}" for rater in new]
        record_many(session, Act.RATINGS_RATER_REMIND, subjects, by=by, now=now, alliance=alliance, occasion=occasion)
        _write_to(session, "rating", alliance, one, new, one.due_at, now)
        return len(new)


def reschedule_round(alliance: int, period: str, due_at: datetime, reason: str, *, by: Actor, now: datetime) -> int:
    """Move the last day of a round on: whoever has not handed in, late or not, has until then; how many members.

    Refused: a round that is closed, in which all forms are in or a flag is decided, a day that lies back or before the
    one there was, no reason.
    """
    with verb(by, alone_in=alliance) as session:
        one = _round(alliance, period)
        if one.closed_at is not None:
            raise Refused("The round of %(period)s is closed.", period=period)
        if one.submitted == one.raters:
            raise Refused("All forms are in; nobody needs more time.")
        if session.scalars(select(PeerVerdict.flag).where(PeerVerdict.round_id == one.id)).first():
            raise Refused("A flag of this round is decided already; its forms stay as they are.")
        check_moved(due_at, one.due_at, reason, now)
        session.get_one(PeerRound, one.id).due_at = due_at
        raters = set(session.scalars(select(PeerPair.rater).where(PeerPair.round_id == one.id).distinct()))
        late = sorted(raters - set(session.scalars(select(PeerForm.rater).where(PeerForm.round_id == one.id))))
        record(
            session, Act.RATINGS_ROUND_RESCHEDULE, f"peerround:{period}", by=by, now=now, alliance=alliance,
            due=due_at.isoformat(), count=len(late), reason=reason.strip(),
        )  # fmt: skip
        _write_to(session, "rating_moved", alliance, one, late, due_at, now)
        return len(late)


def _write_to(
    session: Session, kind: str, alliance: int, one: RoundInfo, raters: Sequence[str], due: datetime, now: datetime
) -> None:
    held = accounts.holders(alliance, day_of(now)) if raters else []
    for rater in raters:
        people = [
            row.account for row in held if row.grant.institution == rater and row.grant.role in RATING_ROLES
        ]  # fmt: skip
        queue_mail(
            session, kind, accounts.reached(people, "tasks"), f"peerform:{one.period}/{rater}",
            {"period": one.period, "institution": rater, "due": due.isoformat()}, alliance=alliance, now=now,
            topic="tasks",
        )  # fmt: skip


def decide_flag(
    alliance: int, period: str, flag: str, left_out: bool, reason: str, *, by: Actor, now: datetime
) -> None:
    """Decide whether what strikes in somebody's marks counts or is left out, with a reason; until the round is closed.

    Refused: while people still rate, without a reason. Nobody decides about the own employer. NotFound: a flag that
    somebody else decides on, as the office does before the committee.
    """
    with verb(by, alone_in=alliance) as session:
        one = _round(alliance, period)
        if not one.is_over(now):
            raise Refused("Flags are decided between the end of rating and the closing of the round.")
        found = next((row.flag for row in flags(one.id) if row.flag.key == flag), None)
        if found is None or found.by_rule:
            raise NotFound()
        if by.employer in found.raters:
            raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=by.employer)
        if by.account not in deciders(alliance, found, day_of(now)):
            raise NotFound()
        if len(reason.strip()) < REASON:
            raise Refused("Write the reason in at least 10 characters.")
        session.merge(
            PeerVerdict(
                round_id=one.id, flag=flag, left_out=left_out, reason=reason.strip()[:COMMENT], decided_by=by.account,
                decided_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.RATINGS_FLAG_DECIDE, f"peerflag:{period}/{found.kind}", by=by, now=now, alliance=alliance,
            outcome="left_out" if left_out else "kept", reason=reason.strip()[:COMMENT],
        )  # fmt: skip


def close_round(alliance: int, period: str, *, by: Actor, now: datetime) -> str:
    """Close a round for good and keep what all raters together say; the digest of that.

    Refused: while people still rate, while a flag is not decided.
    """
    with verb(by, alone_in=alliance) as session:
        one = _round(alliance, period)
        if not one.is_over(now):
            raise Refused("The round can be closed when its time is over or all forms are in.")
        waiting = len(open_flags(alliance, one.id, day_of(now)))
        if waiting:
            raise Refused("%(count)s flags are not decided yet.", count=waiting)
        marks = counted(handed_in(one.id), [row.flag for row in flags(one.id) if row.left_out])
        there = [member.code for member in members.members(alliance, Period.parse(period).last)]
        rows = _rows(one.id, cells(marks), {**dict.fromkeys(there, 0), **raters_of(marks)})
        insert_many(session, PeerCell, rows)
        digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
        row = session.get_one(PeerRound, one.id)
        row.closed_by, row.closed_at, row.digest = by.account, now, digest
        record(
            session, Act.RATINGS_ROUND_CLOSE, f"peerround:{period}", by=by, now=now, alliance=alliance,
            n=one.submitted, digest=digest,
        )  # fmt: skip
        return digest


def _rows(round_id: int, found: Mapping[Pair, Cell], raters: Mapping[str, int]) -> list[dict[str, object]]:
    """What is kept of a round: a row for each target and item, and one for each target."""
    rows: list[dict[str, object]] = [
        {
            "round_id": round_id, "target": target, "item": ALL, "raters": count, "raw": "", "relative": "",
            "raw_trimmed": "", "relative_trimmed": "", "counts": {},
        }
        for target, count in sorted(raters.items())
    ]  # fmt: skip
    for (target, item), cell in sorted(found.items()):
        kept = keep(cell)
        rows.append(
            {
                "round_id": round_id, "target": target, "item": item, "raters": kept.raters,
                "raw": canonical(kept.raw), "relative": canonical(kept.relative),
                "raw_trimmed": canonical(kept.raw_trimmed), "relative_trimmed": canonical(kept.relative_trimmed),
                "counts": {str(mark): number for mark, number in kept.counts.items()},
            }
        )  # fmt: skip
    return rows
