"""The verbs of the workload ledger: enter work, review it; what is accepted becomes lines of the month at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.media import media_of, plain_name
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.db import insert_many
from alliance.files import kinds_of
from alliance.store import Store
from alliance.workpoints.models import ChargeLoad, WorkloadFile, WorkloadRow
from alliance.workpoints.queries.charges import next_revision
from alliance.workpoints.queries.rolls import check_open
from alliance.workpoints.queries.workloads import (
    GivenWork,
    WhoMay,
    accepted_workloads,
    workload_changes,
    workload_evidence,
    workload_files,
)
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED, check_verdict
from alliance.workpoints.rules.workloads import (
    SOURCE,
    Workload,
    check_attach,
    check_file,
    check_workload,
)
from alliance.workpoints.services.tasks import is_own
from alliance.workpoints.volume import ledger
from alliance.workpoints.volume.partitions import Partitions

KEPT_UNNAMED = timedelta(days=1)  # bytes that no row refers to: of a verb that was refused, or is under way


def enter_workload(
    alliance: int, institution: str, given: Workload, files: Sequence[tuple[str, bytes]] = (),
    store: Store | None = None, *, by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Enter work that no system feeds, with files (name, bytes) that show it; its number. It counts once another
    person has accepted it.

    Refused: what rules.workloads refuses; a file that is no evidence; a unit that there was not on the day; who was not
    in post in the month; a month whose bonus is approved.
    """
    check_workload(given, day_of(now))
    kept = _kept(files, store)
    with verb(by, alone_in=alliance) as session:
        check_open(alliance, institution, given.month)
        WhoMay(alliance, institution).check(given)
        number = _next_number(session, alliance, institution)
        session.add(WorkloadRow(**_row(alliance, institution, number, given, by, now)))
        _add_files(session, alliance, institution, number, kept, by, now)
        record(
            session, Act.WORKPOINTS_WORKLOAD_ENTER, f"workload:{institution}/{number}", by=by, now=now,
            alliance=alliance, month=given.month, **({"files": [one["sha256"] for one in kept]} if kept else {}),
        )  # fmt: skip
        return number


def _row(
    alliance: int, institution: str, number: int, given: Workload, by: Actor, now: datetime
) -> dict[str, Any]:  # fmt: skip
    return {
        "alliance_id": alliance, "institution": institution, "number": number, "month": given.month, "day": given.day,
        "item": given.item.strip(), "quantity": given.quantity, "role": given.role, "setting": given.setting,
        "unit": given.unit, "person": given.person, "text": given.text.strip(), "document": given.document.strip(),
        "state": ENTERED, "recorded_by": by.account, "recorded_at": now, "reviewed_by": "", "reviewed_at": None,
        "reason": "",
    }  # fmt: skip


def import_workload(
    alliance: int, institution: str, month: str, given: Sequence[GivenWork], units: Collection[str], *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Enter the rows of a workbook that the ledger does not hold yet, all or nothing; how many. Each waits for a
    review by another person. Refused as `workload_changes` is, and for a month whose bonus is approved."""
    with verb(by, alone_in=alliance) as session:
        added = workload_changes(alliance, institution, month, given, units, day_of(now))
        if added:
            check_open(alliance, institution, month)
            first = _next_number(session, alliance, institution)
            rows = [_row(alliance, institution, number, one, by, now) for number, one in enumerate(added, first)]
            insert_many(session, WorkloadRow, rows)
        record(
            session, Act.WORKPOINTS_WORKLOAD_IMPORT, f"workload:{institution}/{month}", by=by, now=now,
            alliance=alliance, count=len(added),
        )  # fmt: skip
        return len(added)


def attach_workload(
    alliance: int, institution: str, number: int, files: Sequence[tuple[str, bytes]], store: Store, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Attach files (name, bytes) to an entry that waits for its review, all or none; how many. The bytes are on the
    disk before any row says so. Refused: a file that is no evidence or is attached already, one too many."""
    if not files:
        raise Refused("Choose a file.")
    kept = _kept(files, store)
    with verb(by, alone_in=alliance) as session:
        row = _entry(session, alliance, institution, number)
        check_attach(row.state)
        _add_files(session, alliance, institution, number, kept, by, now)
        record(
            session, Act.WORKPOINTS_WORKLOAD_ATTACH, f"workload:{institution}/{number}", by=by, now=now,
            alliance=alliance, files=[one["sha256"] for one in kept],
        )  # fmt: skip
        return len(kept)


def _kept(files: Sequence[tuple[str, bytes]], store: Store | None) -> list[dict[str, Any]]:
    """What is recorded of files that are now on the disk; Refused before any is when one is no evidence."""
    looked = []
    for place, (given, content) in enumerate(files):
        name = plain_name(given)
        check_file(name, len(content), place)
        looked.append({"name": name, "media": media_of(kinds_of(content, name), name), "size": len(content)})
    if not files or store is None:
        return []
    return [{**one, "sha256": store.keep(content)} for one, (_name, content) in zip(looked, files, strict=True)]


def _add_files(
    session: Session, alliance: int, institution: str, number: int, kept: Sequence[Mapping[str, Any]], by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    there = {one.sha256 for one in workload_evidence(alliance, institution, number)}
    for one in kept:
        check_file(one["name"], one["size"], len(there))
        if one["sha256"] in there:
            raise Refused("%(name)s is attached to this entry already.", name=one["name"])
        there.add(one["sha256"])
        session.add(WorkloadFile(
            alliance_id=alliance, institution=institution, number=number, recorded_by=by.account, recorded_at=now,
            **one,
        ))  # fmt: skip


def clear_workloads(store: Store, *, now: datetime) -> int:
    """Remove bytes that no entry refers to and that were not kept within a day; how many files."""
    return store.clear(now - KEPT_UNNAMED, workload_files())


def _next_number(session: Session, alliance: int, institution: str) -> int:
    last = session.scalar(
        select(func.max(WorkloadRow.number)).where(
            WorkloadRow.alliance_id == alliance, WorkloadRow.institution == institution
        )
    )
    return (last or 0) + 1


def review_workload(
    partitions: Partitions, alliance: int, institution: str, number: int, verdict: str, reason: str = "",
    seen: str | None = None, *, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Accept an entry or return it with a reason; the lines of the month are made anew of all that is accepted.

    What was accepted may be returned as long as the month is open; `seen` is the state that the reviewer had before
    the eyes. Refused: who entered the work or did it, what was reviewed already or meanwhile, a month whose bonus is
    approved.
    """
    with verb(by, alone_in=alliance) as session:
        row = _entry(session, alliance, institution, number)
        check_verdict(
            row.state, verdict, reason, seen, entered_by=row.recorded_by, reviewer=by.account,
            own=is_own(by, institution, row.person),
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


def _entry(session: Session, alliance: int, institution: str, number: int) -> WorkloadRow:
    row = session.scalars(
        select(WorkloadRow).where(
            WorkloadRow.alliance_id == alliance, WorkloadRow.institution == institution, WorkloadRow.number == number
        )
    ).first()
    if row is None:
        raise NotFound()
    return row


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
