"""Tables of what is defined: elements, indicators and dimensions, and the text of the data standard."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Definition(Base):
    """A data element, an indicator or a dimension, in one version; never edited, a change is a new version."""

    __tablename__ = "definition"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    what: Mapped[str] = mapped_column(Text)  # element, indicator, dimension
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    position: Mapped[int]
    library: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(Text)  # verified, template or own
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)  # as in the library's file
    valid_from: Mapped[date]
    cause: Mapped[str] = mapped_column(Text)  # policy, need, finding, objection; "" of a first version
    cause_text: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "what", "code", "version"),)


class StandardText(Base):
    """What the data standard says on rewards and penalties, from a day; of several rows the one begun last holds."""

    __tablename__ = "standard_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    valid_from: Mapped[date]
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
