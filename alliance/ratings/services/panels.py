"""The verbs of panels: open, ask, replace or withdraw an expert, move the last day, remind, close, release remarks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import half_up
from alliance.core.period import Period, day_of
from alliance.core.refused import REASON, Forbidden, NotFound, Problem, Refused, mark
from alliance.db import insert_many
from alliance.members import queries as members
from alliance.post.services import queue_mail
from alliance.ratings.models import ExpertScore, Panel, PanelItem, PanelMark, PanelReminder
from alliance.ratings.queries.panels import (
    ItemState,
    PanelInfo,
    apart,
    asked_further,
    experts_here,
    handover,
    item_states,
    panel,
    rubric_of,
    scores,
    worked_out,
)
from alliance.ratings.queries.rubrics import rubric
from alliance.ratings.rules.deadlines import check_due, check_moved
from alliance.ratings.rules.panels import EACH, LOCKED, Place, assign

EMPTY = {
    "score": None, "unable": False, "remark": "", "file_name": "", "file_media": "", "file_size": 0, "file_sha256": "",
    "saved_at": None, "locked_at": None, "withdrawn_at": None, "released_by": "",
}  # fmt: skip


def open_panel(
    alliance: int, period: str, code: str, version: int, institutions: Sequence[str], items: Sequence[str],
    experts: Sequence[str], due_at: datetime, *, by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Open the panel of a period: some members are judged by some items of a rubric; how many scores are asked.

    Refused: a period that has not begun or has a panel, no member, item or expert, somebody who is no expert, a
    deadline that lies back, each member that fewer than two experts may judge.
    """
    today, when = day_of(now), Period.parse(period)
    if when.first > today:
        raise Refused("%(period)s has not begun.", period=period)
    check_due(due_at, now)
    info = rubric(alliance, code, version)
    if info is None:
        raise NotFound()
    with verb(by, alone_in=alliance) as session:
        if panel(alliance, period):
            raise Refused("%(period)s has a panel already.", period=period)
        chosen = [one.code for one in info.rubric.items if one.code in set(items)]
        _check_experts(alliance, experts, now)
        tiers = {one.code: one.tier for one in members.members(alliance, min(when.last, today))}
        wanted = [one for one in tiers if one in set(institutions)]
        if not wanted or not chosen:
            raise Refused("Choose at least one member and one item.")
        judged = {one: {item.code for item in info.rubric.of_tier(tiers[one])} & {*chosen} for one in wanted}
        places = assign(judged, chosen, list(experts), apart(alliance, experts, now, today))
        row = Panel(
            alliance_id=alliance, period=when.code, rubric=code, rubric_version=version, opened_by=by.account,
            opened_at=now, due_at=due_at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        _ask(session, row.id, places, due_at, further=False)
        record(
            session, Act.RATINGS_PANEL_OPEN, f"panel:{when.code}", by=by, now=now, alliance=alliance,
            due=due_at.isoformat(), count=len(places),
        )  # fmt: skip
        _write(session, "scoring", {one.account for one in places}, alliance, when.code, due_at, now)
        return len(places)


def _check_experts(alliance: int, experts: Sequence[str], now: datetime) -> None:
    known = {one.account for one in experts_here(alliance, day_of(now))}
    if len(set(experts)) < EACH or len(set(experts)) != len(experts):
        raise Refused("A panel has at least two experts, each named once.")
    if set(experts) - known:
        raise Refused("Only who holds the role of an expert today can be named.")


def _ask(session: Session, panel_id: int, places: Sequence[Place], due_at: datetime, *, further: bool) -> None:
    insert_many(
        session,
        ExpertScore,
        [
            EMPTY | {
                "panel_id": panel_id, "institution": one.institution, "item": one.item, "account": one.account,
                "further": further, "due_at": due_at,
            }
            for one in places
        ],
    )  # fmt: skip


def _write(
    session: Session, kind: str, people: Collection[str], alliance: int, period: str, due_at: datetime, now: datetime
) -> None:
    queue_mail(
        session, kind, accounts.reached(people, "tasks"), f"panel:{period}",
        {"period": period, "due": due_at.isoformat()}, alliance=alliance, now=now, topic="tasks",
    )  # fmt: skip


def open_one(alliance: int, period: str) -> PanelInfo:
    """The panel of a period, while it is open."""
    one = panel(alliance, period)
    if one is None:
        raise NotFound()
    if one.closed_at is not None:
        raise Refused("The panel of %(period)s is closed.", period=one.period)
    return one


def states(alliance: int, one: PanelInfo, now: datetime) -> list[ItemState]:
    """How far the items of a panel have come."""
    rows = scores(alliance, one, now)
    asked = {row.item for row in rows}
    return item_states(rows, [item.code for item in rubric_of(alliance, one).items if item.code in asked])


def ask_expert(
    alliance: int, period: str, item: str, account: str, due_at: datetime, *, by: Actor, now: datetime
) -> int:
    """Ask a further expert for an item: for every member where the others agreed too little, else in the place of one
    of the pair for the members that too few score; how many scores are asked.

    Refused: an item that enough experts score and on which they agree, as far as they are done; somebody who judges it
    already, was withdrawn from it, is no expert, or stands apart from all of these members.
    """
    check_due(due_at, now)
    with verb(by, alone_in=alliance) as session:
        one = open_one(alliance, period)
        state = next((found for found in states(alliance, one, now) if found.item == item), None)
        if state is None:
            raise NotFound()
        if not state.low and not state.short:
            raise Refused("Enough experts have scored this item, or still can, and they agree.")
        if account not in {held.account for held in experts_here(alliance, day_of(now))}:
            raise Refused("Only who holds the role of an expert today can be named.")
        wanted = asked_further(alliance, one, state, account, now)
        if not wanted:
            raise Refused(
                "This expert judges the item already, was withdrawn, or stands apart from all members concerned."
            )
        _ask(session, one.id, [Place(who, item, account) for who in wanted], due_at, further=state.everybody)
        record(
            session, Act.RATINGS_EXPERT_ASK, f"panel:{one.period}", by=by, now=now, alliance=alliance, about=item,
            count=len(wanted), due=due_at.isoformat(),
        )  # fmt: skip
        _write(session, "scoring", {account}, alliance, one.period, due_at, now)
        return len(wanted)


def withdraw_expert(alliance: int, period: str, account: str, reason: str, *, by: Actor, now: datetime) -> int:
    """Withdraw an expert from a panel: what is not locked is kept as it stands and counts no more; how many scores.
    What is locked counts.

    NotFound: who is asked nothing in it. Refused: a panel that is closed, an expert who has locked all, no reason.
    """
    with verb(by, alone_in=alliance) as session:
        one = open_one(alliance, period)
        mine = [row for row in scores(alliance, one, now, account) if row.stands]
        if not mine:
            raise NotFound()
        left = [row.id for row in mine if row.state != LOCKED]
        if not left:
            raise Refused("This expert has locked every score; what is locked counts.")
        if len(reason.strip()) < REASON:
            raise Refused("Write the reason in at least 10 characters.")
        count = _withdraw(session, left, now)
        record(
            session, Act.RATINGS_EXPERT_WITHDRAW, f"panel:{one.period}", by=by, now=now, alliance=alliance,
            experts=[account], count=count, reason=reason.strip(),
        )  # fmt: skip
        _write(session, "scoring_withdrawn", {account}, alliance, one.period, one.due_at, now)
        return count


def _withdraw(session: Session, numbers: Collection[int], now: datetime) -> int:
    """Take scores away that are not locked, as they stand; how many."""
    rows = select(ExpertScore).where(ExpertScore.id.in_(numbers), ExpertScore.locked_at.is_(None)).with_for_update()
    found = session.scalars(rows).all()
    for row in found:
        row.withdrawn_at = now
    return len(found)


def replace_expert(
    alliance: int, period: str, account: str, other: str, due_at: datetime, reason: str, *, by: Actor, now: datetime
) -> int:
    """Hand what an expert of a panel has not locked to another person in one step; how many scores. What that person
    may not judge for a conflict of interest, or judges already, stays with the expert for somebody else to take.

    NotFound: who is asked nothing in it, or has locked all. Refused: a panel that is closed, somebody who is no expert
    or may take nothing of it, no reason.
    """
    check_due(due_at, now)
    with verb(by, alone_in=alliance) as session:
        one = open_one(alliance, period)
        found = handover(alliance, one, account, other, now)
        if not (found.takes or found.apart or found.known):
            raise NotFound()
        if other not in {held.account for held in experts_here(alliance, day_of(now))}:
            raise Refused("Only who holds the role of an expert today can be named.")
        if not found.takes:
            raise Refused("This person judges all of it already, was withdrawn from it, or stands apart.")
        if len(reason.strip()) < REASON:
            raise Refused("Write the reason in at least 10 characters.")
        count = _withdraw(session, [row.id for row in found.takes], now)
        for further in (False, True):
            places = [Place(row.institution, row.item, other) for row in found.takes if row.further is further]
            _ask(session, one.id, places, due_at, further=further)
        record(
            session, Act.RATINGS_EXPERT_REPLACE, f"panel:{one.period}", by=by, now=now, alliance=alliance,
            experts=[account, other], count=count, apart=found.members, due=due_at.isoformat(), reason=reason.strip(),
        )  # fmt: skip
        if not found.apart and not found.known:
            _write(session, "scoring_withdrawn", {account}, alliance, one.period, one.due_at, now)
        _write(session, "scoring", {other}, alliance, one.period, due_at, now)
        return count


def reschedule_panel(
    alliance: int, period: str, due_at: datetime, reason: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Move the last day of a panel on: whoever has not locked, late or not, has until then; how many experts. Who was
    given longer keeps that.

    Refused: a panel that is closed or wholly locked, a day that lies back or before the one there was, no reason.
    """
    with verb(by, alone_in=alliance) as session:
        one = open_one(alliance, period)
        check_moved(due_at, one.due_at, reason, now)
        left = {row.id: row for row in scores(alliance, one, now) if row.stands and row.state != LOCKED}
        if not left:
            raise Refused("Every score is locked; nobody needs more time.")
        waiting = select(ExpertScore).where(
            ExpertScore.id.in_(left), ExpertScore.locked_at.is_(None), ExpertScore.due_at < due_at
        )
        for row in session.scalars(waiting.with_for_update()):
            row.due_at = due_at
        session.get_one(Panel, one.id).due_at = due_at
        people = {row.account for row in left.values() if row.due_at < due_at}
        record(
            session, Act.RATINGS_PANEL_RESCHEDULE, f"panel:{one.period}", by=by, now=now, alliance=alliance,
            due=due_at.isoformat(), count=len(people), reason=reason.strip(),
        )  # fmt: skip
        _write(session, "scoring_moved", people, alliance, one.period, due_at, now)
        return len(people)


def remind_panel(
    alliance: int, period: str, occasion: str, due: datetime | None = None, *, by: Actor, now: datetime
) -> int:
    """Remind the experts who have something left to score, of all or of one deadline; how many. One occasion reminds an
    expert once."""
    with verb(by, alone_in=alliance) as session:
        one = open_one(alliance, period)
        waiting: dict[str, datetime] = {}
        for row in scores(alliance, one, now):
            if row.waits and due in (None, row.due_at):
                waiting[row.account] = min(row.due_at, waiting.get(row.account, row.due_at))
        told = select(PanelReminder.account).where(
            PanelReminder.panel_id == one.id, PanelReminder.occasion == occasion
        )  # fmt: skip
        new = sorted(waiting.keys() - set(session.scalars(told)))
        insert_many(
            session, PanelReminder,
            [{"panel_id": one.id, "account": who, "occasion": occasion, "sent_at": now} for who in new],
        )  # fmt: skip
        for who in new:
            _write(session, "scoring_reminder", {who}, alliance, one.period, waiting[who], now)
        if new:
            record(
                session, Act.RATINGS_PANEL_REMIND, f"panel:{one.period}", by=by, now=now, alliance=alliance,
                count=len(new),
            )  # fmt: skip
        return len(new)


def close_panel(alliance: int, period: str, reason: str = "", *, by: Actor, now: datetime) -> int:
    """Close a panel: agreement and marks are kept and go to the scores; how many marks there are.

    Refused: while somebody can still score; items on which experts agreed too little and no further one was asked, or
    that too few scored, unless a reason says why they stay so.
    """
    with verb(by, alone_in=alliance) as session:
        one = open_one(alliance, period)
        rows, found = scores(alliance, one, now), states(alliance, one, now)
        if any(row.waits for row in rows):
            last = max(row.due_at for row in rows if row.waits)
            raise Refused("Not all experts are done; they have time until %(due)s.", due=last)
        _check_wanting(found, reason)
        insert_many(
            session, PanelItem,
            [
                {"panel_id": one.id, "item": state.item, "agreement": state.agreement, "compared": state.compared,
                 "median": state.low and bool(state.further)}
                for state in found
            ],
        )  # fmt: skip
        tiers = {
            info.code: info.tier for info in members.members(alliance, min(Period.parse(period).last, day_of(now)))
        }
        items = {item.code: item for item in rubric_of(alliance, one).items}
        marks = [
            {
                "panel_id": one.id, "institution": who, "item": item, "experts": count,
                "value": None if value is None else half_up(value, 2),
                "weight": items[item].weights[tiers[who]],
            }
            for (who, item), (value, count) in worked_out(rows, found).items()
            if items[item].weights.get(tiers.get(who, ""))
        ]  # fmt: skip
        insert_many(session, PanelMark, marks)
        row = session.get_one(Panel, one.id)
        row.closed_by, row.closed_at = by.account, now
        record(
            session, Act.RATINGS_PANEL_CLOSE, f"panel:{one.period}", by=by, now=now, alliance=alliance,
            count=len(marks), reason=reason.strip(),
        )  # fmt: skip
        return len(marks)


def _check_wanting(found: Sequence[ItemState], reason: str) -> None:
    wanting = [
        Problem(state.item, "", mark("experts agree too little, and no further one was asked"))
        if state.low and not state.further
        else Problem(state.item, str(len(state.short)), mark("members have fewer than two scores and lose this item"))
        for state in found
        if state.wants_further
    ]
    if wanting and len(reason.strip()) < REASON:
        raise Refused("Ask further experts, or say in at least ten characters why not.", problems=wanting)


def release_remark(alliance: int, period: str, numbers: Collection[int], *, by: Actor, now: datetime) -> int:
    """Release remarks of a closed panel to the members that they are about, without who wrote them; how many.

    Forbidden: remarks about the own employer. Refused: a panel that is open, nothing chosen.
    """
    with verb(by, alone_in=alliance) as session:
        one = panel(alliance, period)
        if one is None:
            raise NotFound()
        if one.closed_at is None:
            raise Refused("Remarks are released once the panel is closed.")
        there = {row.id: row for row in scores(alliance, one, now) if row.state == LOCKED and row.remark}
        chosen = sorted(there.keys() & set(numbers))
        if not chosen:
            raise Refused("Choose at least one remark.")
        if any(there[number].institution == by.employer for number in chosen):
            raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=by.employer)
        rows = select(ExpertScore).where(ExpertScore.id.in_(chosen), ExpertScore.released_by == "")
        found = session.scalars(rows).all()
        for row in found:
            row.released_by = by.account
        record(
            session, Act.RATINGS_REMARK_RELEASE, f"panel:{one.period}", by=by, now=now, alliance=alliance,
            count=len(found),
        )  # fmt: skip
        return len(found)
