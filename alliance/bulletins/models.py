"""Tables of bulletins and their files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Bulletin(Base):
    """A bulletin: its content, whose texts may be edited until the decision; its decision, and when it was issued."""

    __tablename__ = "bulletin"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[str] = mapped_column(Text)  # 2026-02
    period: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256_content: Mapped[str] = mapped_column(Text)
    composed_by: Mapped[str] = mapped_column(Text)
    composed_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)  # when its texts were last changed
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    issued_by: Mapped[str] = mapped_column(Text, default="")
    issued_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "number"),)


class BulletinFile(Base):
    """An issued bulletin's bytes in one language; added once, never changed."""

    __tablename__ = "bulletin_file"
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    content: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(Text)
