"""The verbs of work: take and give back a lease, note a timed task, keep a form's receipt."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite

from alliance.db import Moment, transaction
from alliance.work.models import Lease, Receipt, TaskRun, Turn
from alliance.work.rules import TURNS


def take_lease(name: str, holder: str, seconds: int, *, now: datetime) -> bool:
    """Whether the holder now has the lease, for so many seconds; renewing one's own is the same call."""
    with transaction() as session:
        lease = session.scalars(select(Lease).where(Lease.name == name).with_for_update()).first()
        if lease and lease.holder != holder and lease.until > now:
            return False
        if lease is None:
            lease = Lease(name=name)
            session.add(lease)
        lease.holder = holder
        lease.until = now + timedelta(seconds=seconds)
        return True


def note_task(name: str, *, started: datetime, ended: datetime | None, error: str = "") -> None:
    """Keep when a timed task last ran and how it ended."""
    with transaction() as session:
        task = session.get(TaskRun, name) or TaskRun(name=name)
        task.started, task.ended, task.error = started, ended, error
        session.add(task)


def keep_receipt(once: str, location: str, *, now: datetime) -> None:
    """Remember where a form led; a receipt that is there already stays, also one that comes at the same moment."""
    with transaction() as session:
        insert = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
        values = {"once": once, "location": location, "at": now}
        session.execute(insert(Receipt).values(values).on_conflict_do_nothing())


def take_turn(account: str, *, now: datetime) -> bool:
    """Whether an account may ask for another heavy piece of work within this minute; counts it."""
    minute = now.replace(second=0, microsecond=0)
    with transaction() as session:
        session.execute(delete(Turn).where(Turn.account == account, Turn.minute < minute))
        # One statement, so that two processes at the same moment count two.
        count = session.scalar(
            text(
                "INSERT INTO turn (account, minute, count) VALUES (:account, :minute, 1) "
                "ON CONFLICT (account, minute) DO UPDATE SET count = turn.count + 1 RETURNING count"
            ).bindparams(bindparam("account", account), bindparam("minute", minute, Moment))
        )
        return count is not None and count <= TURNS
