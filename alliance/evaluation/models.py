"""Tables of schemes, results of rater groups, vetoes and scores."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment


class SchemeRow(Base):
    """A version of a scheme: its content while a draft, frozen once decided."""

    __tablename__ = "scheme_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # as in its file, numbers as text
    sha256: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    drafted_by: Mapped[str] = mapped_column(Text)
    drafted_at: Mapped[datetime] = mapped_column(Moment)
    decision: Mapped[str] = mapped_column(Text, default="")  # "" while a draft
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reasons: Mapped[dict[str, str]] = mapped_column(
        JSON, default=dict
    )  # why it lies outside what is expected, by place
    __table_args__ = (UniqueConstraint("alliance_id", "code", "version"),)


class Rating(Base):
    """A rater group's result for a member, in one revision."""

    __tablename__ = "rating"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    group: Mapped[str] = mapped_column("rater_group", Text)
    institution: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    value: Mapped[Decimal | None] = mapped_column(DecimalText)  # none: not applicable
    n: Mapped[int]  # raters or answers behind it
    document: Mapped[str] = mapped_column(Text)
    entered_by: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "rater_group", "institution", "revision"),)


class Veto(Base):
    """A veto against a member for a period, by decision."""

    __tablename__ = "veto"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    imposed_by: Mapped[str] = mapped_column(Text)
    imposed_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution"),)


class ScoreRun(Base):
    """An official run of scores; a later one for the same period takes its place."""

    __tablename__ = "score_run"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    scheme: Mapped[str] = mapped_column(Text)  # 2026/1
    scheme_sha256: Mapped[str] = mapped_column(Text)


class Score(Base):
    """The result of a member in a run, for lists and ranks; scores in millionths of a point."""

    __tablename__ = "score"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    institution: Mapped[str] = mapped_column(Text, primary_key=True)
    tier: Mapped[str] = mapped_column(Text)
    score: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[int | None] = mapped_column(BigInteger)
    collaboration: Mapped[int | None] = mapped_column(BigInteger)
    rank: Mapped[int | None]
    ranked: Mapped[int]  # members of the tier that are ranked
    vetoed: Mapped[bool]
    missing: Mapped[int]  # indicators that were due and not filed
    dimensions: Mapped[dict[str, str]] = mapped_column(JSON)  # dimension → score as text


class Estimate(Base):
    """The provisional scores of a period that is still running, worked out anew each night; nothing rests on it."""

    __tablename__ = "estimate"
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"), primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    scheme: Mapped[str] = mapped_column(Text)
    months: Mapped[int]  # how many are counted
    digest: Mapped[str] = mapped_column(Text)
    summary: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    figures: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # as audit.services.pack makes them
    computed_by: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[datetime] = mapped_column(Moment)


class Trial(Base):
    """A run on trial, private to the office: its parameters, its summary, its figures packed; nothing rests on it."""

    __tablename__ = "trial"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    scheme: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    summary: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # As audit.services.pack makes them; none for trials from before they were kept.
    figures: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    tried_by: Mapped[str] = mapped_column(Text)
    tried_at: Mapped[datetime] = mapped_column(Moment)
