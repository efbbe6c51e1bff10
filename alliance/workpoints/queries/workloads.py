"""The questions about the workload ledger: what was entered, what counts, what waits for a review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from alliance.db import db
from alliance.workpoints.models import WorkloadRow
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED
from alliance.workpoints.rules.workloads import Workload, own_codes


@dataclass(frozen=True, slots=True)
class WorkloadInfo:
    """An entry of the workload ledger; its state of rules.workloads.WORKLOAD_STATES."""

    number: int
    work: Workload
    state: str
    entered_by: str
    entered_at: datetime
    reviewed_by: str
    reviewed_at: datetime | None
    reason: str


def _info(row: WorkloadRow) -> WorkloadInfo:
    work = Workload(
        row.day, row.item, row.quantity, row.role, row.setting, row.unit, row.person, row.text, row.document
    )
    return WorkloadInfo(
        row.number, work, row.state, row.recorded_by, row.recorded_at, row.reviewed_by, row.reviewed_at, row.reason
    )  # fmt: skip


def _rows(alliance: int, institution: str) -> Select[Any]:
    return select(WorkloadRow).where(WorkloadRow.alliance_id == alliance, WorkloadRow.institution == institution)


def workloads(alliance: int, institution: str, month: str, state: str = "") -> list[WorkloadInfo]:
    """The entries of a month, in one state or in any, the newest first."""
    wanted = _rows(alliance, institution).where(WorkloadRow.month == month)
    wanted = wanted.where(WorkloadRow.state == state) if state else wanted
    return [_info(row) for row in db.session.scalars(wanted.order_by(WorkloadRow.number.desc()))]


def workload(alliance: int, institution: str, number: int) -> WorkloadInfo | None:
    """One entry; None when there is none."""
    row = db.session.scalar(_rows(alliance, institution).where(WorkloadRow.number == number))
    return _info(row) if row else None


def same_work(alliance: int, institution: str, one: WorkloadInfo) -> list[WorkloadInfo]:
    """Other entries of the same day, item, role and unit that were not returned: it may have been entered twice."""
    mine = one.work
    return [
        other for other in workloads(alliance, institution, mine.month)
        if other.number != one.number and other.state in (ENTERED, ACCEPTED)
        and (other.work.day, other.work.item, other.work.role, other.work.unit)
        == (mine.day, mine.item, mine.role, mine.unit)
    ]  # fmt: skip


def accepted_workloads(alliance: int, institution: str, month: str) -> dict[int, Workload]:
    """What becomes lines of a month, by number."""
    return {one.number: one.work for one in workloads(alliance, institution, month, ACCEPTED)}


def workload_codes(alliance: int, institution: str) -> tuple[list[Code], list[Code]]:
    """What the lines of the ledger call units and persons, also those of entries that count no longer: runs rest on
    them."""
    rows = db.session.execute(
        select(WorkloadRow.unit, WorkloadRow.person)
        .where(WorkloadRow.alliance_id == alliance, WorkloadRow.institution == institution)
        .distinct()
    ).all()
    return own_codes(unit for unit, _person in rows), own_codes(person for _unit, person in rows)


def open_workload_counts(alliance: int, account: str) -> dict[tuple[str, str], int]:
    """How many entries wait for a review that is not by who entered them, by institution and month."""
    rows = db.session.execute(
        select(WorkloadRow.institution, WorkloadRow.month, func.count())
        .where(
            WorkloadRow.alliance_id == alliance, WorkloadRow.state == ENTERED, WorkloadRow.recorded_by != account
        )
        .group_by(WorkloadRow.institution, WorkloadRow.month)
    )  # fmt: skip
    return {(institution, month): number for institution, month, number in rows}
