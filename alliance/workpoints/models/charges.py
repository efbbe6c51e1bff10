"""Tables of charge lines: points of items, how files are read, which were loaded, what their codes mean.

The lines themselves lie in Parquet files; which of these count is what these tables say.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment
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


class HospitalTotal(Kept, Base):
    """What the hospital's own system reports for a month, of a unit or, as unit "", of the whole, in one revision; the
    highest counts, and one without a value takes it back."""

    __tablename__ = "hospital_total"
    month: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)  # of rules.totals.MEASURES
    revision: Mapped[int]
    value: Mapped[Decimal | None] = mapped_column(DecimalText)
    document: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint(
            "alliance_id", "institution", "month", "unit", "measure", "revision", name="uq_hospital_total_place"
        ),
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


class WorkloadRow(Kept, Base):
    """An entry of the workload ledger; it is a line of its month once another person has accepted it."""

    __tablename__ = "workload_row"
    number: Mapped[int]
    month: Mapped[str] = mapped_column(Text)
    day: Mapped[date]
    item: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(DecimalText)
    role: Mapped[str] = mapped_column(Text)  # performing, ordering
    setting: Mapped[str] = mapped_column(Text)  # outpatient, inpatient
    unit: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text, default="")  # "": of the unit and nobody in particular
    text: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)  # entered, accepted, refused
    reviewed_by: Mapped[str] = mapped_column(Text, default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was returned
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "number", name="uq_workload_row_place"),
        Index("ix_workload_row_month", "alliance_id", "institution", "month"),
    )


class WorkloadFile(Kept, Base):
    """A file that shows the work of an entry; its bytes lie under their SHA-256 outside the database."""

    __tablename__ = "workload_file"
    number: Mapped[int]  # of the entry
    name: Mapped[str] = mapped_column(Text)
    media: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "number", "sha256", name="uq_workload_file_place"),
    )
