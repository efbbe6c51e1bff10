"""Tables of assessment ledgers: standards with their items, entries, and the notices that were published of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment


class LedgerStandard(Base):
    """A version of the standard of a ledger, never changed; `institution` is "" in the alliance's own ledgers."""

    __tablename__ = "ledger_standard"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    start: Mapped[date]
    title: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "kind", "version", name="uq_ledger_standard_place"),
    )


class LedgerItem(Base):
    """An item of a standard: at most so many points, or so many taken off."""

    __tablename__ = "ledger_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    standard_id: Mapped[int] = mapped_column(ForeignKey("ledger_standard.id"))
    place: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    points: Mapped[Decimal] = mapped_column(DecimalText)
    __table_args__ = (UniqueConstraint("standard_id", "code", name="uq_ledger_item_code"),)


class LedgerEntry(Base):
    """An entry of a ledger, its review, and the objection to it. Points are kept in hundredths, to be added up."""

    __tablename__ = "ledger_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text)  # whose ledger; "" the alliance's
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)
    day: Mapped[date]
    standard: Mapped[int]  # its version
    item: Mapped[str] = mapped_column(Text)
    member: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    hundredths: Mapped[int]
    note: Mapped[str] = mapped_column(Text)
    grade: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text, default="")
    file_media: Mapped[str] = mapped_column(Text, default="")
    file_size: Mapped[int] = mapped_column(default=0)
    file_sha256: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(Text)  # entered, accepted, refused, withdrawn
    entered_by: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(Moment)
    reviewed_by: Mapped[str] = mapped_column(Text, default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text, default="")
    objected_by: Mapped[str] = mapped_column(Text, default="")
    objected_at: Mapped[datetime | None] = mapped_column(Moment)
    objection: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str] = mapped_column(Text, default="")  # upheld, dismissed
    answered_by: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "number", name="uq_ledger_entry_place"),
        Index("ix_ledger_entry_month", "alliance_id", "institution", "month"),
    )


class LedgerNotice(Base):
    """A notice that was published of a month's ledger, or of one entry (`entry`, else 0)."""

    __tablename__ = "ledger_notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # "": all ledgers
    entry: Mapped[int]
    notice: Mapped[str] = mapped_column(Text)  # its number
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("alliance_id", "notice", name="uq_ledger_notice_number"),
        Index("ix_ledger_notice_month", "alliance_id", "institution", "month"),
    )
