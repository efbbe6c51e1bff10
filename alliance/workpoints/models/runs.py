"""Tables of a month's run: its steps, what units and persons get, payslips; money in cents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment
from alliance.workpoints.models.plans import Kept


class BonusRun(Base):
    """A hospital's bonus of a month. Its figures are kept runs: of the first distribution, of the second as it was
    computed, and of the payslips once every unit is final."""

    __tablename__ = "bonus_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)
    number: Mapped[int]  # of the month: 1, 2 after a reversal …
    scheme: Mapped[str] = mapped_column(Text)  # T01/BONUS/1
    state: Mapped[str] = mapped_column(Text)  # of rules.runs.STATES
    first_run: Mapped[int] = mapped_column(ForeignKey("run.id"))
    second_run: Mapped[int] = mapped_column(ForeignKey("run.id"))
    slips_run: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    pool: Mapped[int] = mapped_column(BigInteger)
    reconciliation: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # pool, source, allocated, difference as text
    issues: Mapped[list[list[str]]] = mapped_column(JSON)  # kind, where, amount
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "month", "number", name="uq_bonus_run_place"),
        # Two runs of a month are never both in force.
        Index(
            "uq_bonus_run_in_force", "alliance_id", "institution", "month", unique=True,
            sqlite_where=text("state <> 'reversed'"), postgresql_where=text("state <> 'reversed'"),
        ),
    )  # fmt: skip


class BonusStep(Base):
    """A step of a run: what was done to it, by whom, why, by which record of the hospital's bodies."""

    __tablename__ = "bonus_step"
    bonus_run_id: Mapped[int] = mapped_column(ForeignKey("bonus_run.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(Text)  # of rules.runs.STEPS
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text, default="")
    decision: Mapped[str] = mapped_column(Text, default="")


class BonusUnit(Base):
    """What a unit gets in a run, and how far its second distribution is. Each shift of the head is a new revision."""

    __tablename__ = "bonus_unit"
    bonus_run_id: Mapped[int] = mapped_column(ForeignKey("bonus_run.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    bonus: Mapped[int] = mapped_column(BigInteger)
    released: Mapped[int] = mapped_column(BigInteger)  # of what earlier months kept, shared out with the bonus
    reserve: Mapped[int] = mapped_column(BigInteger)  # kept of the bonus
    persons: Mapped[int]
    second_run: Mapped[int] = mapped_column(ForeignKey("run.id"))  # of its distribution as it stands
    revision: Mapped[int]
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    published_by: Mapped[str] = mapped_column(Text, default="")


class BonusShare(Base):
    """What a person gets of a unit's bonus: as computed, and with the head's shift."""

    __tablename__ = "bonus_share"
    bonus_run_id: Mapped[int] = mapped_column(ForeignKey("bonus_run.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    computed: Mapped[int] = mapped_column(BigInteger)
    computed_figure: Mapped[str] = mapped_column(Text)  # its key in the run's second distribution
    amount: Mapped[int] = mapped_column(BigInteger)
    figure: Mapped[str] = mapped_column(Text)  # its key in the unit's kept run


class HeadShift(Base):
    """A shift by the head of a unit, in the revision of the unit's distribution that it made."""

    __tablename__ = "head_shift"
    bonus_run_id: Mapped[int] = mapped_column(ForeignKey("bonus_run.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    change: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class Objection(Base):
    """What somebody objects to in the published distribution of a unit: to the head, then to the office."""

    __tablename__ = "bonus_objection"
    id: Mapped[int] = mapped_column(primary_key=True)
    bonus_run_id: Mapped[int] = mapped_column(ForeignKey("bonus_run.id"), index=True)
    unit: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)  # number of who objects
    text: Mapped[str] = mapped_column(Text)
    instance: Mapped[str] = mapped_column(Text)  # of rules.publicity.INSTANCES
    state: Mapped[str] = mapped_column(Text)  # open, accepted, refused
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)


class Slip(Base):
    """A person's payslip in a run, in one revision; the highest counts."""

    __tablename__ = "slip"
    bonus_run_id: Mapped[int] = mapped_column(ForeignKey("bonus_run.id"), primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(Text)  # where the person works on the last day of the month
    staff_group: Mapped[str] = mapped_column(Text)  # of rules.subjects.GROUPS
    net: Mapped[int] = mapped_column(BigInteger)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))  # of its figures
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was corrected
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_slip_person", "person", "bonus_run_id"),)


class BankReturn(Kept, Base):
    """A payment of a run that the bank returned, in cents: of which batch, why, and what became of it."""

    __tablename__ = "bank_return"
    number: Mapped[int]
    bonus_run_id: Mapped[int] = mapped_column(ForeignKey("bonus_run.id"), index=True)
    person: Mapped[str] = mapped_column(Text)
    batch: Mapped[int]  # that paid it; the first is 1
    amount: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)  # the bank's
    document: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)  # of rules.returns.STATES
    paid_batch: Mapped[int]  # that paid it again; 0 for none
    note: Mapped[str] = mapped_column(Text)
    settled_by: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "institution", "number", name="uq_bank_return_place"),)


class SlipLine(Base):
    """A line of a payslip: its sort and amount, the figure behind it, and the month that a correction corrects."""

    __tablename__ = "slip_line"
    bonus_run_id: Mapped[int] = mapped_column(ForeignKey("bonus_run.id"), primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sort: Mapped[str] = mapped_column(Text)  # of rules.payslips.LINES
    subject: Mapped[str] = mapped_column(Text)  # of rules.subjects.SUBJECTS, or "" for what is no pay subject
    month: Mapped[str] = mapped_column(Text, default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    figure: Mapped[str] = mapped_column(Text)  # its key in the slip's kept run
