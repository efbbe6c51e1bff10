"""Tables of charge lines: points of items, how files are read, which were loaded, what their codes mean.

The lines themselves lie in Parquet files; which of these count is what these tables say.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText
from alliance.workpoints.models.plans import Kept


class PointTable(Kept, Base):
    """A table of item points, imported whole; it holds from a day until the next one begins.

    Of a version of a shared library the institution is "". A hospital that adopts one has a table without rows of its
    own: the library's rows hold, with the hospital's overrides.
    """

    __tablename__ = "point_table"
    start: Mapped[date]
    title: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    items: Mapped[int]
    adopted_id: Mapped[int | None] = mapped_column(ForeignKey("point_table.id"))
    __table_args__ = (Index("ix_point_table_place", "alliance_id", "institution", "start"),)


class ItemPointRow(Base):
    """The points of an item for a role; role "" of an item without points, whose class is known all the same."""

    __tablename__ = "item_point"
    table_id: Mapped[int] = mapped_column(ForeignKey("point_table.id"), primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    item_class: Mapped[str] = mapped_column(Text)
    points: Mapped[Decimal | None] = mapped_column(DecimalText)


class ChargeMapping(Kept, Base):
    """How the files of a source are read: the heading of each column; the newest holds."""

    __tablename__ = "charge_mapping"
    source: Mapped[str] = mapped_column(Text)
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    __table_args__ = (Index("ix_charge_mapping_place", "alliance_id", "institution", "source"),)


class ChargeLoad(Kept, Base):
    """A file of charge lines that was loaded; of a month and source the highest revision counts.

    One that was taken out again has no lines and says why.
    """

    __tablename__ = "charge_load"
    month: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    rows: Mapped[int]
    lines: Mapped[int]
    aside: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(DecimalText)
    cleaned: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # rule, lines, amount, first rows
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was taken out
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "month", "source", "revision", name="uq_charge_load_place"),
    )


class ChargeCode(Kept, Base):
    """What a code of charge lines means from a day on; the newest holds. Without a meaning it is put aside for good,
    with the reason."""

    __tablename__ = "charge_code"
    what: Mapped[str] = mapped_column(Text)  # item, unit, person
    outside: Mapped[str] = mapped_column(Text)
    meaning: Mapped[str] = mapped_column(Text)  # another item's code, a unit's code, a person's number
    start: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index("ix_charge_code_place", "alliance_id", "institution", "what"),)
