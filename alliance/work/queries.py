"""The questions about work: where a form led, whether database and worker are there, how the timed tasks went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from alliance.db import db
from alliance.work.models import Lease, Receipt, TaskRun
from alliance.work.rules import WORKER_SILENT

HEAD = Path(__file__).parents[2] / "migrations" / ".head"


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """The last run of a timed task."""

    name: str
    started: datetime
    error: str


def location_of(once: str) -> str | None:
    """Where the first answer to a form led."""
    return db.session.scalar(select(Receipt.location).where(Receipt.once == once))


def database_answers() -> bool:
    return bool(db.session.scalar(text("SELECT 1")) == 1)


@cache
def _head() -> str:
    return HEAD.read_text("ascii").strip()


def readiness(now: datetime) -> dict[str, bool]:
    """What must be true before people are let in: database there, its tables of this version, a worker at work."""
    try:
        answers = database_answers()
        migrated = db.session.scalar(text("SELECT version_num FROM alembic_version")) == _head()
        seen = db.session.scalar(select(func.max(Lease.until)))
    except SQLAlchemyError:
        db.session.rollback()
        return {"database": False, "migrations": False, "worker": False}
    return {"database": answers, "migrations": migrated, "worker": seen is not None and seen + WORKER_SILENT > now}


def tasks() -> list[TaskInfo]:
    """How each timed task went last."""
    return [
        TaskInfo(row.name, row.started, row.error) for row in db.session.scalars(select(TaskRun).order_by(TaskRun.name))
    ]
