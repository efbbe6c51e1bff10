"""The verbs of the workload ledger: enter work, review it; what is accepted becomes lines of the month at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.members import queries as members
from alliance.workpoints.models import ChargeLoad, WorkloadRow
from alliance.workpoints.queries.charges import next_revision
from alliance.workpoints.queries.rolls import check_open, is_in_post
from alliance.workpoints.queries.workloads import accepted_workloads
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED
from alliance.workpoints.rules.workloads import SOURCE, Workload, check_verdict, check_workload
from alliance.workpoints.volume import ledger
from alliance.workpoints.volume.partitions import Partitions


def enter_workload(alliance: int, institution: str, given: Workload, *, by: Actor, now: datetime) -> int:
    """Enter work that no system feeds; its number. It counts once another person has accepted it.

    Refused: what rules.workloads refuses; a unit that there was not on the day; who was not in post in the month; a
    month whose bonus is approved.
    """
    check_workload(given, day_of(now))
    with verb(by, alone_in=alliance) as session:
        check_open(alliance, institution, given.month)
        _check_who(alliance, institution, given)
        number = _next_number(session, alliance, institution)
        session.add(
            WorkloadRow(
                alliance_id=alliance, institution=institution, number=number, month=given.month, day=given.day,
                item=given.item.strip(), quantity=given.quantity, role=given.role, setting=given.setting,
                unit=given.unit, person=given.person, text=given.text.strip(), document=given.document.strip(),
                state=ENTERED, recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_WORKLOAD_ENTER, f"workload:{institution}/{number}", by=by, now=now,
            alliance=alliance, month=given.month,
        )  # fmt: skip
        return number


def _check_who(alliance: int, institution: str, given: Workload) -> None:
    if not members.department_exists(alliance, institution, given.unit, given.day):
        raise Refused("On %(day)s there was no department %(code)s.", day=given.day, code=given.unit)
    if given.person and not is_in_post(alliance, institution, given.month, given.person):
        raise Refused("%(person)s was not in post in %(period)s.", person=given.person, period=given.month)


def _next_number(session: Session, alliance: int, institution: str) -> int:
    last = session.scalar(
        select(func.max(WorkloadRow.number)).where(
            WorkloadRow.alliance_id == alliance, WorkloadRow.institution == institution
        )
    )
    return (last or 0) + 1


def review_workload(
    partitions: Partitions, alliance: int, institution: str, number: int, verdict: str, reason: str = "", *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Accept an entry or return it with a reason; the lines of the month are made anew of all that is accepted.

    What was accepted may be returned as long as the month is open. Refused: who entered the work or did it, what was
    reviewed already, a month whose bonus is approved.
    """
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(WorkloadRow).where(
                WorkloadRow.alliance_id == alliance, WorkloadRow.institution == institution,
                WorkloadRow.number == number,
            )
        ).first()  # fmt: skip
        if row is None:
            raise NotFound()
        employer, own = accounts.employee_of(by.account)
        check_verdict(
            row.state, verdict, reason, entered_by=row.recorded_by, reviewer=by.account, person=row.person,
            own=own if employer == institution else "",
        )  # fmt: skip
        counts = ACCEPTED in (row.state, verdict)  # what was never accepted is returned without any line changing
        row.state, row.reviewed_by, row.reviewed_at, row.reason = verdict, by.account, now, reason.strip()
        detail = {}
        if counts:
            check_open(alliance, institution, row.month)
            session.flush()
            detail = _count(session, partitions, alliance, institution, row.month, by, now)
        record(
            session, Act.WORKPOINTS_WORKLOAD_REVIEW, f"workload:{institution}/{number}", by=by, now=now,
            alliance=alliance, verdict=verdict, **detail,
        )  # fmt: skip


def _count(
    session: Session, partitions: Partitions, alliance: int, institution: str, month: str, by: Actor, now: datetime
) -> dict[str, object]:  # fmt: skip
    """Let the accepted entries of a month be its lines, in the place of those that were; what the event tells."""
    revision = next_revision(alliance, institution, month, SOURCE)
    works = accepted_workloads(alliance, institution, month)
    with ledger.made(partitions, institution, month, revision, works) as made:
        made.put(partitions)
        loaded = made.loaded
    session.add(
        ChargeLoad(
            alliance_id=alliance, institution=institution, recorded_by=by.account, recorded_at=now, month=month,
            source=SOURCE, revision=revision, title="", sha256=loaded.digest, rows=loaded.rows, lines=loaded.lines,
            aside=0, amount=loaded.amount, cleaned=[], reason="" if works else "no entry is accepted any more",
        )
    )  # fmt: skip
    return {"revision": revision, "sha256": loaded.digest, "count": loaded.lines}
