"""Tables of the worker and of forms received."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Lease(Base):
    """Who may do a piece of periodic work now; the next holder waits until it runs out."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(Moment)


class TaskRun(Base):
    """The last run of a timed task, and the error it ended with, if any."""

    __tablename__ = "task_run"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    started: Mapped[datetime] = mapped_column(Moment)
    ended: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str] = mapped_column(Text, default="")


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
