"""The verbs of periods: open one for filing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, day_of
from alliance.core.refused import Problem, Refused, mark
from alliance.indicators.models import PeriodRow
from alliance.indicators.rules.filing import check_open
from alliance.members import queries as members


def open_period(alliance: int, code: str, due_at: datetime, *, by: Actor, now: datetime) -> None:
    """Open a period for filing until a moment. Refused when it is open, the deadline has passed, or some member's
    figures could be reviewed by nobody but its own people."""
    when = Period.parse(code)
    if due_at <= now:
        raise Refused("The deadline %(due)s has passed already.", due=due_at)
    with verb(by) as session:
        if session.scalar(select(PeriodRow.id).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)):
            raise Refused("The period %(period)s is open already.", period=code)
        employers = {employer for _, employer in accounts.officers(alliance, "office", day_of(now))}
        reason = mark("nobody outside this member may review its figures")
        stuck = [
            Problem("%(who)s", member.code, reason, at={"who": member.code})
            for member in members.members(alliance, when.last)
            if not employers - {member.code}
        ]
        if stuck:
            raise Refused(
                "The period cannot be opened: for %(count)s members there is no reviewer. Appoint an officer employed "
                "elsewhere.",
                count=len(stuck),
                problems=stuck,
            )
        session.add(PeriodRow(alliance_id=alliance, code=code, opened_at=now, due_at=due_at))
        record(
            session,
            Act.INDICATORS_PERIOD_OPEN,
            f"period:{code}",
            by=by,
            now=now,
            alliance=alliance,
            due=due_at.isoformat(),
        )


def lock_period(session: Session, alliance: int, code: str, now: datetime, *, alone: bool = False) -> PeriodRow:
    """The row of an open period, locked: shared by those who file for one member, alone for a bulk import."""
    rows = select(PeriodRow).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)
    row = session.scalars(rows.with_for_update(read=not alone)).first()
    if row is None:
        raise Refused("The period %(period)s is not open for filing.", period=code)
    check_open(row.due_at, now, code)
    return row
