"""Tables of what is filed for a month: scores and quantities of units and persons, rosters, tasks, withheld pay."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment
from alliance.workpoints.models.plans import Kept


class UnitEntry(Kept, Base):
    """A number of a unit in a month, in one revision; the highest counts."""

    __tablename__ = "unit_entry"
    month: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # of rules.entries.UNIT_KINDS
    revision: Mapped[int]
    value: Mapped[Decimal | None] = mapped_column(DecimalText)
    state: Mapped[str] = mapped_column(Text)  # of core.figure.State; missing: what was filed before is taken back
    document: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "month", "unit", "kind", "revision", name="uq_unit_entry_place"),
    )


class PersonEntry(Kept, Base):
    """A number of a person in a unit and month, in one revision; the highest counts."""

    __tablename__ = "person_entry"
    month: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # of rules.entries.PERSON_KINDS, or a factor of the unit's rule
    revision: Mapped[int]
    value: Mapped[Decimal | None] = mapped_column(DecimalText)
    state: Mapped[str] = mapped_column(Text)  # of core.figure.State
    document: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint(
            "alliance_id", "institution", "month", "unit", "person", "kind", "revision", name="uq_person_entry_place"
        ),
    )


class CaseRow(Kept, Base):
    """A disease group of a unit in a month, in one revision: weight, cases, days and costs; in yuan."""

    __tablename__ = "case_row"
    month: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    rw: Mapped[Decimal] = mapped_column(DecimalText)
    cases: Mapped[int]
    days: Mapped[Decimal] = mapped_column(DecimalText)
    cost: Mapped[Decimal] = mapped_column(DecimalText)
    payment: Mapped[Decimal] = mapped_column(DecimalText)
    reference_days: Mapped[Decimal] = mapped_column(DecimalText)  # of a case elsewhere
    reference_cost: Mapped[Decimal] = mapped_column(DecimalText)
    standard_cost: Mapped[Decimal | None] = mapped_column(DecimalText)
    document: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "month", "unit", "code", "revision", name="uq_case_row_place"),
    )


class DischargeCase(Kept, Base):
    """A discharge of a month, in one revision of the month's list; the highest counts, and the others stay. In cents.

    It is known by the hospital's own running number; nothing here names a patient.
    """

    __tablename__ = "discharge_case"
    month: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]  # of the whole list
    number: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)  # of its disease group
    rw: Mapped[Decimal] = mapped_column(DecimalText)
    cost: Mapped[int] = mapped_column(BigInteger)
    payment: Mapped[int] = mapped_column(BigInteger)
    deductions: Mapped[int] = mapped_column(BigInteger)
    split: Mapped[bool]
    refused: Mapped[bool]
    upcoded: Mapped[bool]
    document: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "month", "revision", "number", name="uq_discharge_case_place"),
    )


class ShiftRow(Kept, Base):
    """A shift of the shift table from a day on; the newest holds. A night pays by the scheme's rate of its code."""

    __tablename__ = "shift_row"
    code: Mapped[str] = mapped_column(Text)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    hours: Mapped[str] = mapped_column(Text)  # 20:00–08:00
    night: Mapped[bool]
    start: Mapped[date]
    __table_args__ = (Index("ix_shift_row_place", "alliance_id", "institution", "code"),)


class RosterDay(Kept, Base):
    """Which shift a person works on a day, in one revision; the highest counts, and an empty shift is a day off."""

    __tablename__ = "roster_day"
    unit: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    day: Mapped[date]
    shift: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")  # of a change after the week's roster closed
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "person", "day", "revision", name="uq_roster_day_place"),
        Index("ix_roster_day_unit", "alliance_id", "institution", "unit", "day"),
    )


class TaskRow(Kept, Base):
    """An entry of the task ledger; it pays once another person has reviewed it. In cents."""

    __tablename__ = "task_row"
    number: Mapped[int]
    month: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)  # of rules.subjects.SUBJECTS
    amount: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)  # entered, accepted, refused
    reviewed_by: Mapped[str] = mapped_column(Text, default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was refused
    __table_args__ = (UniqueConstraint("alliance_id", "institution", "number", name="uq_task_row_place"),)


class Holding(Kept, Base):
    """Pay of a person that is withheld, released or recovered in a month: an amount in cents, or a part in %.

    One that was taken back before its month was approved counts no longer, and says why.
    """

    __tablename__ = "holding"
    number: Mapped[int]
    month: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    sort: Mapped[str] = mapped_column(Text)  # withheld, released, recovered
    amount: Mapped[int | None] = mapped_column(BigInteger)
    rate: Mapped[Decimal | None] = mapped_column(DecimalText)
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    withdrawn_by: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_for: Mapped[str] = mapped_column(Text, default="")  # the reason
    __table_args__ = (UniqueConstraint("alliance_id", "institution", "number", name="uq_holding_place"),)


class ReserveRelease(Kept, Base):
    """What the people of a unit get of its reserve with the bonus of a month, once another person has accepted it; in
    cents."""

    __tablename__ = "reserve_release"
    number: Mapped[int]
    unit: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)  # entered, accepted, refused
    reviewed_by: Mapped[str] = mapped_column(Text, default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    verdict: Mapped[str] = mapped_column(Text, default="")  # why it was refused
    __table_args__ = (UniqueConstraint("alliance_id", "institution", "number", name="uq_reserve_release_place"),)


class CorrectionRow(Kept, Base):
    """What a past month should have paid a person, paid or recovered with a later month; in cents.

    `paid` is the figure that was paid: the digest of its run and its key.
    """

    __tablename__ = "correction_row"
    number: Mapped[int]
    person: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)
    pays_in: Mapped[str] = mapped_column(Text)
    paid: Mapped[str] = mapped_column(Text)
    paid_amount: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)  # what is right
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("alliance_id", "institution", "number", name="uq_correction_row_place"),)
