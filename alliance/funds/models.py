"""Tables of performance totals, pool lines, and the fund as computed and decided; money in cents."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment


class Total(Base):
    """What is filed about a member for the fund of a period, in one revision."""

    __tablename__ = "total"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    performance_total: Mapped[int | None] = mapped_column(BigInteger)  # cents
    headcount: Mapped[Decimal | None] = mapped_column(DecimalText)  # day-weighted
    last_per_head: Mapped[int | None] = mapped_column(BigInteger)  # cents
    document: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution", "revision"),)


class PoolLine(Base):
    """A source of the fund beside what members pay in, in one revision: its name, amount and document."""

    __tablename__ = "pool_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    revision: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)  # cents
    document: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "number", "revision"),)


class FundRun(Base):
    """A fund as computed; in force once decided."""

    __tablename__ = "fund_run"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    score_run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    pool: Mapped[int] = mapped_column(BigInteger)  # cents
    reserve: Mapped[int] = mapped_column(BigInteger)  # cents
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    # Two funds of one period are never both in force, not even when both are decided at the same moment.
    __table_args__ = (
        Index(
            "uq_fund_run_decided", "alliance_id", "period", unique=True,
            sqlite_where=text("decision <> ''"), postgresql_where=text("decision <> ''"),
        ),
    )  # fmt: skip


class FundEstimate(Base):
    """The money of a period estimated from its provisional scores, worked out anew each night; nothing rests on it."""

    __tablename__ = "fund_estimate"
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"), primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    totals_of: Mapped[str] = mapped_column(Text)  # the period whose totals and sources stand in for its own
    digest: Mapped[str] = mapped_column(Text)
    shares: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # institution, paid_in and received in cents, reason
    figures: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # as audit.services.pack makes them
    computed_by: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[datetime] = mapped_column(Moment)


class FundShare(Base):
    """What a member pays in and receives in a fund run."""

    __tablename__ = "fund_share"
    run_id: Mapped[int] = mapped_column(ForeignKey("fund_run.run_id"), primary_key=True)
    institution: Mapped[str] = mapped_column(Text, primary_key=True)
    paid_in: Mapped[int] = mapped_column(BigInteger)  # cents
    received: Mapped[int] = mapped_column(BigInteger)  # cents
    reason: Mapped[str] = mapped_column(Text)  # why nothing: veto, pass_mark, no_score, no_size
