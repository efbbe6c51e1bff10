"""The verbs of shifts and rosters: define a shift, file a unit's week, import a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.db import insert_many
from alliance.members import queries as members
from alliance.workpoints.models import RosterDay, ShiftRow
from alliance.workpoints.queries.duties import GivenDay, roster_changes
from alliance.workpoints.queries.rolls import closed_months
from alliance.workpoints.queries.rosters import shift_facts
from alliance.workpoints.rules.duties import ShiftFact, check_paid_nights, check_shift, closes, days_of
from alliance.workpoints.rules.ledgers import check_month


def define_shift(alliance: int, institution: str, fact: ShiftFact, *, by: Actor, now: datetime) -> None:
    """Record what is true of a shift from a day on. Refused: a code, name or hours that are none; another number of
    nights in a month whose bonus is approved."""
    check_shift(fact)
    with verb(by, alone_in=alliance) as session:
        if members.institution_id(alliance, institution) is None:
            raise NotFound()
        check_paid_nights(shift_facts(alliance, institution), fact, closed_months(alliance, institution))
        session.add(
            ShiftRow(
                alliance_id=alliance, institution=institution, code=fact.code, name_zh=fact.name_zh.strip(),
                name_en=fact.name_en.strip(), hours=fact.hours, night=fact.night, start=fact.start,
                recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_SHIFT_DEFINE, f"shift:{institution}/{fact.code}", by=by, now=now,
            alliance=alliance, start=fact.start.isoformat(),
        )  # fmt: skip


def file_roster(
    alliance: int, institution: str, unit: str, week: str, given: Sequence[GivenDay], reason: str, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """File a week of a unit; how many days changed. All or nothing.

    Refused: a shift that there is not, somebody who does not work in the unit that day or stands on another roster,
    a day that somebody else changed meanwhile, a change without a reason after noon of the Monday after the week, or
    of a day in a month whose bonus is approved.
    """
    days = days_of(week)
    if any(one.unit != unit or one.day not in days for one in given):
        raise NotFound()
    with verb(by, alone_in=alliance) as session:
        changed = _keep(session, alliance, institution, (days[0], days[-1]), given, reason, by, now)
        record(
            session, Act.WORKPOINTS_ROSTER_FILE, f"roster:{institution}/{unit}/{week}", by=by, now=now,
            alliance=alliance, days=len(changed), late=any(closes(one.day) <= now for one in changed),
        )  # fmt: skip
        return len(changed)


def import_roster(
    alliance: int, institution: str, month: str, given: Sequence[GivenDay], reason: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Keep the rosters of a month; how many days changed. Refused as `file_roster` is, and a day of another month."""
    check_month(month)
    period = Period.parse(month)
    with verb(by, alone_in=alliance) as session:
        changed = _keep(session, alliance, institution, (period.first, period.last), given, reason, by, now)
        record(
            session, Act.WORKPOINTS_ROSTER_IMPORT, f"roster:{institution}/{month}", by=by, now=now, alliance=alliance,
            units=sorted({one.unit for one in changed}), days=len(changed),
        )  # fmt: skip
        return len(changed)


def _keep(
    session: Session, alliance: int, institution: str, span: tuple[date, date], given: Sequence[GivenDay], reason: str,
    by: Actor, now: datetime,
) -> list[GivenDay]:  # fmt: skip
    changed, cells = roster_changes(alliance, institution, span, given, reason, now)
    rows = []
    for one in changed:
        before = cells.get((one.person, one.day))
        rows.append({
            "alliance_id": alliance, "institution": institution, "unit": one.unit, "person": one.person,
            "day": one.day, "shift": one.shift, "revision": before.revision + 1 if before else 1,
            "reason": reason.strip() if closes(one.day) <= now else "", "recorded_by": by.account, "recorded_at": now,
        })  # fmt: skip
    insert_many(session, RosterDay, rows)
    return changed
