"""Table of conflicts of interest: an expert stands apart from what a member is judged by."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Conflict(Base):
    """Why somebody judges nothing of a member, from a day until a day (not included). Only its end is ever added."""

    __tablename__ = "conflict"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[int]
    account: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # employment, family, money, work, other
    reason: Mapped[str] = mapped_column(Text)
    start: Mapped[date]
    until: Mapped[date | None]
    declared_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_why: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("alliance_id", "number", name="uq_conflict_number"),)
