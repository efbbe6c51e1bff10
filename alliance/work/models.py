"""Tables of jobs, of the worker and of forms received."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment

OPEN = text("state IN ('queued', 'running')")


class Job(Base):
    """Work that somebody asked for and a worker does outside the request.

    `kind` is the act it does, `key` tells two of a kind apart, `reader` is the act whose holders may see it beside who
    asked ("" for nobody). `token` is the one-time token of its verbs. `holder` is the worker that does it; it lives as
    long as `heartbeat` is young. `refusal`, `outcome`, `origin` and `result` are as `work.rules` writes them.
    """

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    reader: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_by: Mapped[str] = mapped_column(Text)
    employer: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    done: Mapped[int]
    total: Mapped[int]
    step: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    holder: Mapped[str] = mapped_column(Text)
    cancel_by: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    heartbeat: Mapped[datetime | None] = mapped_column(Moment)
    origin: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON)
    refusal: Mapped[dict[str, Any]] = mapped_column(JSON)
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        # The same work is asked for once while it is not over, whoever asks at the same moment.
        Index("ix_job_open", "alliance_id", "kind", "key", unique=True, postgresql_where=OPEN, sqlite_where=OPEN),
        Index("ix_job_state", "state", "id"),
        Index("ix_job_asked_by", "alliance_id", "asked_by", "id"),
        {"sqlite_autoincrement": True},  # the number of a job that was removed is never given again
    )


class Lease(Base):
    """Who may do a piece of periodic work now; the next holder waits until it runs out."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(Moment)


class TaskRun(Base):
    """A timed task: its last run, the error it ended with, if any, and when it runs next."""

    __tablename__ = "task_run"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    started: Mapped[datetime | None] = mapped_column(Moment)
    ended: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str] = mapped_column(Text, default="")
    next_at: Mapped[datetime | None] = mapped_column(Moment)


class Receipt(Base):
    """Where the first answer to a form led, so that the same form sent again is answered alike."""

    __tablename__ = "receipt"
    once: Mapped[str] = mapped_column(Text, primary_key=True)
    location: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class Turn(Base):
    """How many heavy pieces of work an account has asked for in a minute."""

    __tablename__ = "turn"
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    minute: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    count: Mapped[int]
