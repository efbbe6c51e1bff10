"""Tables of readings derived from cases: which elements are, and which cases counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class ElementFeed(Base):
    """From which month on an element is derived from cases, or is not any more; the row set last for a month counts."""

    __tablename__ = "element_feed"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    element: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)
    derived: Mapped[bool]
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_element_feed_place", "alliance_id", "element"),)


class CountedCase(Base):
    """A case that a derived reading counted, in one revision of it: added to, never changed."""

    __tablename__ = "counted_case"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    month: Mapped[str] = mapped_column(Text)  # in which it counts by itself; before the period: a correction
    measure: Mapped[str] = mapped_column(Text)
    case_code: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    quantity: Mapped[str] = mapped_column(Text)  # canonical decimal
    __table_args__ = (Index("ix_counted_case_place", "alliance_id", "period", "institution", "element", "revision"),)
