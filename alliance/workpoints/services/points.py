"""The verb of item points: import a table whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.db import insert_many
from alliance.workpoints.models import ItemPointRow, PointTable
from alliance.workpoints.queries.libraries import check_unpaid
from alliance.workpoints.rules.tables import TableRow, check_table


def import_points(
    alliance: int, institution: str, rows: Sequence[TableRow], start: date, title: str, sha256: str, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Take a table of item points whole, from a day on and until the next one; how many items.

    Refused: a table without items, and every row with points that pay may not be linked to, negative or too fine
    points, a class that there is not, an item twice for a role; a month whose bonus is approved.
    """
    check_rows(rows, start)
    table = PointTable(
        alliance_id=alliance, institution=institution, recorded_by=by.account, recorded_at=now, start=start,
        title=title, sha256=sha256, items=len({row.item.code for row in rows}),
    )  # fmt: skip
    with verb(by, alone_in=alliance) as session:
        check_unpaid(alliance, institution, start)
        add_table(session, table, rows)
        record(
            session, Act.WORKPOINTS_POINTS_IMPORT, f"itempoints:{institution}/{start}", by=by, now=now,
            alliance=alliance, start=start.isoformat(), rows=len(rows), count=table.items, sha256=sha256,
        )  # fmt: skip
        return table.items


def check_rows(rows: Sequence[TableRow], start: date) -> None:
    """Refused: a table without items, and every row that is wrong."""
    problems = check_table(rows, start)
    if problems:
        raise Refused(
            "The table has %(count)s errors; nothing was imported.", count=len(problems), problems=problems
        )  # fmt: skip
    if not rows:
        raise Refused("The table holds no items.")


def add_table(session: Session, table: PointTable, rows: Sequence[TableRow]) -> None:
    """Add a table with its rows."""
    session.add(table)
    session.flush()
    insert_many(session, ItemPointRow, [
        {
            "table_id": table.id, "item": row.item.code, "role": row.role if row.points is not None else "",
            "name_zh": row.item.zh, "name_en": row.item.en, "item_class": row.item.item_class,
            "points": row.points,
        }
        for row in rows
    ])  # fmt: skip
