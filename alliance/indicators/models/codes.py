"""Tables of code systems, their codes, and what a code is in another system."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class CodeSystemRow(Base):
    """A code system in one version, such as the national clinical ICD-10 of 2020."""

    __tablename__ = "code_system"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "code", "version"),)


class CodeTerm(Base):
    """A code of a code system's version with what it means; never changed."""

    __tablename__ = "code_term"
    id: Mapped[int] = mapped_column(primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("code_system.id"))
    code: Mapped[str] = mapped_column(Text)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("system_id", "code"),)


class CodeMapping(Base):
    """What a code is in another system's version, from a day; of several rows the one begun last holds.

    `target` is "" where the mapping ends.
    """

    __tablename__ = "code_mapping"
    id: Mapped[int] = mapped_column(primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("code_system.id"))
    target_system_id: Mapped[int] = mapped_column(ForeignKey("code_system.id"))
    code: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("system_id", "target_system_id", "code", "valid_from"),)
