"""Tables of notices and of who has read them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Notice(Base):
    """A notice as it was published. A text may be in one language only; no institutions are all of them."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[str] = mapped_column(Text)  # 2026-003
    title_zh: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(JSON)
    institutions: Mapped[list[str]] = mapped_column(JSON)
    due_at: Mapped[datetime] = mapped_column(Moment)  # the first moment that is too late
    replaces: Mapped[str] = mapped_column(Text, default="")  # the number of the one in whose place it stands
    file_name: Mapped[str] = mapped_column(Text, default="")
    file_media: Mapped[str] = mapped_column(Text, default="")
    file_size: Mapped[int] = mapped_column(default=0)
    file_sha256: Mapped[str] = mapped_column(Text, default="")
    published_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(Moment)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)  # withdrawn, or replaced
    reason: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (UniqueConstraint("alliance_id", "number"),)


class NoticeReceipt(Base):
    """That somebody has read a notice; `employer` is the institution the person then worked for."""

    __tablename__ = "notice_receipt"
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    employer: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime] = mapped_column(Moment)
