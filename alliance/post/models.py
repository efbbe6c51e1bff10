"""The table of mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Mail(Base):
    """A mail to an account. It holds no address and no words: both are looked up when it is sent.

    `matter` are the codes that its words name, such as the period; `topic` is what the receiver can subscribe to, ""
    for what is sent to whoever it concerns.
    """

    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int | None] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[str] = mapped_column(Text, unique=True)  # of the Message-ID
    account: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(Text)  # as events name it
    matter: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(Text)  # waiting, sent, failed, dropped
    tries: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(Moment)
    next_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index("ix_mail_state", "state", "next_at"), Index("ix_mail_alliance_id", "alliance_id", "id"))
