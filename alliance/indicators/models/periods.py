"""Tables of periods and their calendar: what is open, for whom longer, and who was reminded."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class PeriodRow(Base):
    """A period that is or was open for filing, with its calendar."""

    __tablename__ = "period_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)  # the first moment that is too late
    review_until: Mapped[datetime] = mapped_column(Moment)
    preview_at: Mapped[datetime] = mapped_column(Moment)
    objections_until: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "code"),)


class TimetableRow(Base):
    """The parameters of an alliance's calendar from a day on."""

    __tablename__ = "timetable"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    valid_from: Mapped[date]
    opens: Mapped[int]
    due: Mapped[int]
    review: Mapped[int]
    preview: Mapped[int]
    objections: Mapped[int]
    automatic: Mapped[bool]  # a period opens by itself when its day has come
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Moment)


class DayRow(Base):
    """A day that works or rests against the rule, as the alliance notes it; the last note on a day counts."""

    __tablename__ = "day_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    day: Mapped[date]
    works: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_day_row_alliance_id_day", "alliance_id", "day"),)


class LockException(Base):
    """Leave for one member to file after the deadline or after acceptance: asked for by one person, granted by
    another, until a moment."""

    __tablename__ = "lock_exception"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    granted_by: Mapped[str] = mapped_column(Text, default="")
    granted_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (Index("ix_lock_exception_place", "alliance_id", "period", "institution"),)


class Reminder(Base):
    """A member was reminded to file a period; `occasion` is -3, -1, 0 (days) or by-hand/<moment>."""

    __tablename__ = "reminder"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    occasion: Mapped[str] = mapped_column(Text)
    sent_by: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution", "occasion"),)
