"""The questions about the task ledger: what was entered, what is accepted, what waits for a review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from alliance.core.money import yuan
from alliance.db import db
from alliance.workpoints.models import TaskRow
from alliance.workpoints.rules.allowances import Task
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """An entry of the task ledger; its amount in cents, its state of rules.ledgers.REVIEW_STATES."""

    number: int
    month: str
    person: str
    subject: str
    amount: int
    text: str
    document: str
    state: str
    entered_by: str
    entered_at: datetime
    reviewed_by: str
    reviewed_at: datetime | None
    reason: str


COLUMNS: tuple[Any, ...] = (
    TaskRow.number, TaskRow.month, TaskRow.person, TaskRow.subject, TaskRow.amount, TaskRow.text, TaskRow.document,
    TaskRow.state, TaskRow.recorded_by, TaskRow.recorded_at, TaskRow.reviewed_by, TaskRow.reviewed_at, TaskRow.reason,
)  # fmt: skip


def tasks(alliance: int, institution: str, month: str = "", state: str = "") -> list[TaskInfo]:
    """The entries of a ledger, of one month or of all, in one state or in any, the newest first."""
    wanted = select(*COLUMNS).where(TaskRow.alliance_id == alliance, TaskRow.institution == institution)
    wanted = wanted.where(TaskRow.month == month) if month else wanted
    wanted = wanted.where(TaskRow.state == state) if state else wanted
    return [TaskInfo(*row) for row in db.session.execute(wanted.order_by(TaskRow.number.desc()))]


def task(alliance: int, institution: str, number: int) -> TaskInfo | None:
    """One entry; None when there is none."""
    wanted = select(*COLUMNS).where(
        TaskRow.alliance_id == alliance, TaskRow.institution == institution, TaskRow.number == number
    )
    row = db.session.execute(wanted).first()
    return TaskInfo(*row) if row else None


def accepted_tasks(alliance: int, institution: str, month: str) -> list[Task]:
    """What the run of a month pays of the ledger, by number."""
    return [
        Task(str(one.number), one.person, one.subject, yuan(one.amount))
        for one in reversed(tasks(alliance, institution, month, ACCEPTED))
    ]


def open_tasks(alliance: int, institution: str) -> list[TaskInfo]:
    """What waits for a review, the newest first."""
    return tasks(alliance, institution, state=ENTERED)


def open_task_counts(alliance: int, account: str) -> dict[tuple[str, str], int]:
    """How many entries wait for a review that is not by who entered them, by institution and month."""
    rows = db.session.execute(
        select(TaskRow.institution, TaskRow.month, func.count())
        .where(TaskRow.alliance_id == alliance, TaskRow.state == ENTERED, TaskRow.recorded_by != account)
        .group_by(TaskRow.institution, TaskRow.month)
    )
    return {(institution, month): number for institution, month, number in rows}
