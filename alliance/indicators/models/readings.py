"""Tables of filed values, and of the files behind them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Reading(Base):
    """A filed value in one revision: added to, never changed; the highest revision is the current one.

    `institution` is "" for the alliance's own references.
    """

    __tablename__ = "reading"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    value: Mapped[str] = mapped_column(Text)  # canonical decimal, "" without a value
    state: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)  # filed, imported, corrected
    document: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(Moment)
    # One index serves a whole period as well as one place in it.
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution", "element", "revision"),)


class Evidence(Base):
    """A file attached to a value; its bytes lie under their SHA-256 outside the database."""

    __tablename__ = "evidence"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    media: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    removed_by: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (Index("ix_evidence_place", "alliance_id", "period", "institution"),)
