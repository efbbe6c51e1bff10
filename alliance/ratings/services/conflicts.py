"""The verbs of conflicts of interest: declare one, end one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.members import queries as members
from alliance.ratings.models import Conflict
from alliance.ratings.rules.conflicts import check_declared, check_ended


def declare_conflict(
    alliance: int, institution: str, kind: str, reason: str, start: date, until: date | None, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Declare that one stands apart from a member, from a day on; its number. From then on nothing of it is offered.

    Refused: a member that there is not, one that is declared already, what the rules say of reason and days.
    """
    today = day_of(now)
    check_declared(kind, reason, start, until, today)
    with verb(by, alone_in=alliance) as session:
        if members.member(alliance, institution, today) is None:
            raise NotFound()
        mine = select(Conflict).where(
            Conflict.alliance_id == alliance, Conflict.account == by.account, Conflict.institution == institution
        )
        if any(one.until is None or one.until > today for one in session.scalars(mine)):
            raise Refused("You have declared a conflict of interest with %(who)s already.", who=institution)
        last = session.scalar(select(func.max(Conflict.number)).where(Conflict.alliance_id == alliance)) or 0
        session.add(
            Conflict(
                alliance_id=alliance, number=last + 1, account=by.account, institution=institution, kind=kind,
                reason=reason.strip(), start=start, until=until, declared_at=now, ended_why="",
            )
        )  # fmt: skip
        record(
            session, Act.RATINGS_CONFLICT_DECLARE, f"conflict:{institution}/{last + 1}", by=by, now=now,
            alliance=alliance, start=start.isoformat(),
        )  # fmt: skip
        return last + 1


def end_conflict(alliance: int, number: int, end: date, why: str, *, by: Actor, now: datetime) -> None:
    """End a conflict of interest of one's own from a day on, with a reason. What was judged before stays apart.

    NotFound: another one's. Refused: one that has ended, a day that lies back, no reason.
    """
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(Conflict).where(Conflict.alliance_id == alliance, Conflict.number == number)
        ).first()  # fmt: skip
        if row is None or row.account != by.account:
            raise NotFound()
        check_ended(row.start, row.until, end, why, day_of(now))
        row.until, row.ended_at, row.ended_why = end, now, why.strip()
        record(
            session, Act.RATINGS_CONFLICT_END, f"conflict:{row.institution}/{number}", by=by, now=now,
            alliance=alliance, until=end.isoformat(),
        )  # fmt: skip
