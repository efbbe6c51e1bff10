"""Tables of the shared point library: its versions, and what a hospital that adopted one sets otherwise."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment


class PointLibrary(Base):
    """A version of a point library, never changed; its name, day and rows are those of its table.

    `added`, `dropped` and `changed` count the items in which it differs from the version before.
    """

    __tablename__ = "point_library"
    table_id: Mapped[int] = mapped_column(ForeignKey("point_table.id"), primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    level: Mapped[str] = mapped_column(Text)  # province, city, alliance
    source: Mapped[str] = mapped_column(Text)  # the document that it comes from
    added: Mapped[int]
    dropped: Mapped[int]
    changed: Mapped[int]
    __table_args__ = (UniqueConstraint("alliance_id", "code", "version", name="uq_point_library_place"),)


class PointOverride(Base):
    """A hospital's own points of a row of the library that its table adopted, from a day on; of an item and role the
    one that begins last holds. Without points the library's hold again."""

    __tablename__ = "point_override"
    id: Mapped[int] = mapped_column(primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("point_table.id"))
    item: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    start: Mapped[date]
    points: Mapped[Decimal | None] = mapped_column(DecimalText)
    reason: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_point_override_table", "table_id"),)
