"""The verbs of the hospital's own totals: file them on a page, import them from a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.db import insert_many
from alliance.workpoints.models import HospitalTotal
from alliance.workpoints.queries.filing import Given
from alliance.workpoints.queries.totals import total_cells, total_changes
from alliance.workpoints.rules.ledgers import NO_DOCUMENT


def file_total(
    alliance: int, institution: str, month: str, given: Sequence[Given], document: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """File what the hospital's own system reports for a month; how many totals changed. All or nothing.

    `kind` of what is given is a measure, and unit "" is the whole hospital. Refused as `total_changes` is, and without
    a document.
    """
    return _keep(alliance, institution, month, given, document, Act.WORKPOINTS_TOTAL_FILE, by, now)


def import_total(
    alliance: int, institution: str, month: str, given: Sequence[Given], document: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Keep a workbook of totals; how many changed. Refused as `file_total` is."""
    return _keep(alliance, institution, month, given, document, Act.WORKPOINTS_TOTAL_IMPORT, by, now)


def _keep(
    alliance: int, institution: str, month: str, given: Sequence[Given], document: str, act: Act, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    if not document.strip():
        raise Refused(NO_DOCUMENT)
    with verb(by, alone_in=alliance) as session:
        changed = total_changes(alliance, institution, month, given)
        cells = total_cells(alliance, institution, month)
        insert_many(session, HospitalTotal, [
            {
                "alliance_id": alliance, "institution": institution, "recorded_by": by.account, "recorded_at": now,
                "month": month, "unit": one.unit, "measure": one.kind, "value": one.entry.value,
                "revision": cells[one.unit, one.kind].revision + 1 if (one.unit, one.kind) in cells else 1,
                "document": document.strip(),
            }
            for one in changed
        ])  # fmt: skip
        record(
            session, act, f"hospitaltotal:{institution}/{month}", by=by, now=now, alliance=alliance,
            units=sorted({one.unit for one in changed}), cells=len(changed), document=document.strip(),
        )  # fmt: skip
        return len(changed)
