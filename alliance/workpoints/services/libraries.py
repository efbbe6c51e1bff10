"""The verbs of point libraries: publish a version, adopt one in a hospital, set single items otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical
from alliance.core.refused import NotFound, Refused
from alliance.db import insert_many
from alliance.members import queries as members
from alliance.workpoints.models import PointLibrary, PointOverride, PointTable
from alliance.workpoints.queries import points as tables
from alliance.workpoints.queries.libraries import (
    adoption_changes,
    check_unpaid,
    libraries,
    library_version,
    points_state,
)
from alliance.workpoints.rules.overrides import LEVELS, OwnPoints, check_code, check_override, differences, on_day
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.services.points import add_table, check_rows


@dataclass(frozen=True, slots=True)
class GivenLibrary:
    """What is published beside the rows: the library's code and level, the version's name, document and first day, the
    SHA-256 of its file, and the newest version that its publisher knew of (0 for none)."""

    code: str
    level: str
    title: str
    source: str
    start: date
    sha256: str
    newest: int


def publish_library(alliance: int, given: GivenLibrary, rows: Sequence[TableRow], *, by: Actor, now: datetime) -> int:
    """Publish a version of a point library; its number.

    Refused: every row that a hospital's own table could not have, a code that is none, another level than that of the
    versions before, an earlier day than theirs, a version that changes nothing, or one published meanwhile.
    """
    check_code(given.code)
    if given.level not in LEVELS:
        raise NotFound()
    check_rows(rows, given.start)
    with verb(by, alone_in=alliance) as session:
        last = next(iter(libraries(alliance, given.code)), None)
        version = last.version if last else 0
        if version != given.newest:
            raise Refused("A version of this library was published meanwhile; look at what would change now.")
        if last and last.level != given.level:
            raise Refused("This library is of another level; publish under another code.")
        if last and given.start < last.start:
            raise Refused("The version before holds from %(day)s; a later one cannot begin earlier.",
                          day=last.start.isoformat())  # fmt: skip
        found = differences(tables.rows_of(last.number) if last else [], rows)
        if not (found.added or found.dropped or found.changed):
            raise Refused("The table is the same as version %(version)s; there is nothing to publish.", version=version)
        table = PointTable(
            alliance_id=alliance, institution="", recorded_by=by.account, recorded_at=now, start=given.start,
            title=given.title.strip(), sha256=given.sha256, items=len({row.item.code for row in rows}),
        )  # fmt: skip
        add_table(session, table, rows)
        session.add(PointLibrary(
            table_id=table.id, alliance_id=alliance, code=given.code, version=version + 1, level=given.level,
            source=given.source.strip(), added=len(found.added), dropped=len(found.dropped),
            changed=len(found.changed),
        ))  # fmt: skip
        record(
            session, Act.WORKPOINTS_LIBRARY_PUBLISH, f"pointlibrary:{given.code}/{version + 1}", by=by, now=now,
            alliance=alliance, start=given.start.isoformat(), rows=len(rows), count=table.items, sha256=given.sha256,
        )  # fmt: skip
        return version + 1


def adopt_library(
    alliance: int, institution: str, code: str, version: int, start: date, seen: str, *, by: Actor, now: datetime
) -> int:
    """Let a version of a library hold in a hospital from the first of a month on; how many overrides stay.

    Those of the version before stay where the new one has their row. Refused: tables or overrides that changed since
    the page that was `seen`, a day that is no first of a month or before the version's own, a version that holds
    already, a month whose bonus is approved. NotFound: no such version or member.
    """
    _check_month(start)
    with verb(by, alone_in=alliance) as session:
        found = library_version(alliance, code, version)
        _check_member(alliance, institution)
        if points_state(alliance, institution) != seen:
            raise Refused("Somebody else has changed the points meanwhile; look at what would change now.")
        changes = adoption_changes(alliance, institution, found, start)
        table = PointTable(
            alliance_id=alliance, institution=institution, recorded_by=by.account, recorded_at=now, start=start,
            title=found.title, sha256=found.sha256, items=found.items, adopted_id=found.number,
        )  # fmt: skip
        session.add(table)
        session.flush()
        known = tables.override_infos(changes.before) if changes.before else []
        _carry(session, table.id, changes.overrides.stay, known)
        stay = len(on_day(changes.overrides.stay, start))
        record(
            session, Act.WORKPOINTS_LIBRARY_ADOPT, f"itempoints:{institution}/{start}", by=by, now=now,
            alliance=alliance, start=start.isoformat(), version=found.reference, count=found.items,
        )  # fmt: skip
        return stay


def _carry(session: Session, number: int, stay: Iterable[OwnPoints], known: Sequence[tables.OverrideInfo]) -> None:
    """What was set otherwise stays with who said so and when."""
    first = {}
    for one in known:
        first[one.own.row, one.own.points, one.own.reason] = one
    insert_many(session, PointOverride, [
        {
            "table_id": number, "item": own.item, "role": own.role, "start": own.start, "points": own.points,
            "reason": own.reason, "recorded_by": said.recorded_by, "recorded_at": said.recorded_at,
        }
        for own in stay for said in [first[own.row, own.points, own.reason]]
    ])  # fmt: skip


def set_override(alliance: int, institution: str, given: OwnPoints, seen: str, *, by: Actor, now: datetime) -> None:
    """Set a hospital's own points of a row of its library from the first of a month on; without points, take the
    library's again.

    Refused: a day that is no first of a month, a table that adopted no library or begins later, a row that the library
    has not, points below 0 or too fine, a reason under ten characters, what changes nothing, what changed since the
    page that was `seen`, a month whose bonus is approved. NotFound: no such member.
    """
    _check_month(given.start)
    with verb(by, alone_in=alliance) as session:
        _check_member(alliance, institution)
        if points_state(alliance, institution) != seen:
            raise Refused("Somebody else has changed the points meanwhile; look at what would change now.")
        check_unpaid(alliance, institution, given.start)
        table = tables.in_force(alliance, institution, given.start)
        if table is None or table.adopted is None:
            raise Refused("No library holds in this month. Only the points of an adopted library are overridden.")
        row = next((one for one in tables.rows_of(table.rows, [given.item]) if one.role == given.role), None)
        check_override(row, given)
        before = on_day(tables.own_points(table), given.start).get(given.row)
        if (before.points if before else None) == given.points:
            raise Refused("These points hold already; there is nothing to change.")
        session.add(PointOverride(
            table_id=table.number, item=given.item, role=given.role, start=given.start, points=given.points,
            reason=given.reason.strip(), recorded_by=by.account, recorded_at=now,
        ))  # fmt: skip
        record(
            session, Act.WORKPOINTS_OVERRIDE_SET, f"itempoints:{institution}/{given.item}/{given.role}", by=by,
            now=now, alliance=alliance, start=given.start.isoformat(), reason=given.reason.strip(),
            before=_text(before), after=_text(given),
        )  # fmt: skip


def _check_month(start: date) -> None:
    if start.day != 1:
        raise Refused("Points change with the first day of a month.")


def _check_member(alliance: int, institution: str) -> None:
    if members.institution_id(alliance, institution) is None:
        raise NotFound()


def _text(own: OwnPoints | None) -> str:
    return "" if own is None or own.points is None else canonical(own.points)
