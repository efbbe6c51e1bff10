"""Tables of cross-checks: rounds, samples, findings, and what the committee found of a falsification."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class CheckRound(Base):
    """A cross-check round of a month: drawn once with a seed that everybody may read."""

    __tablename__ = "check_round"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    seed: Mapped[str] = mapped_column(Text)
    fund: Mapped[str] = mapped_column(Text)  # the period of the fund by which the money at stake was worked out
    drawn_by: Mapped[str] = mapped_column(Text)
    drawn_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period"),)


class CheckSample(Base):
    """The figures of a member that are checked: the first sample of a round, or the second after too many errors.

    `population` is what was drawn from, as rules.rounds.Candidate: whoever has it and the seed draws the same.
    """

    __tablename__ = "check_sample"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    checker: Mapped[str] = mapped_column(Text)  # the member that checks
    figures: Mapped[int]  # drawn from
    population: Mapped[list[list[Any]]] = mapped_column(JSON)
    drawn_by: Mapped[str] = mapped_column(Text)
    drawn_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)  # the first moment that is too late for a check
    closed_by: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(Text, default="")  # passed, notice, committee, unchecked; "" while open
    correct_until: Mapped[datetime | None] = mapped_column(Moment)  # of a notice
    notice: Mapped[str] = mapped_column(Text, default="")  # the number of the notice published
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution", "number"),)


class CheckItem(Base):
    """A figure of a sample, as it was filed when it was drawn."""

    __tablename__ = "check_item"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("check_sample.id"))
    element: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    value: Mapped[str] = mapped_column(Text)
    dimension: Mapped[str] = mapped_column(Text)
    band: Mapped[str] = mapped_column(Text)
    stake: Mapped[int] = mapped_column(BigInteger)  # cents
    __table_args__ = (UniqueConstraint("sample_id", "element"),)


class CheckFinding(Base):
    """What a checker found at the source of a figure; recorded once."""

    __tablename__ = "check_finding"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("check_item.id"))
    source: Mapped[str] = mapped_column(Text)  # the value at the source, "" where the source has none
    wrong: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_media: Mapped[str] = mapped_column(Text)
    file_size: Mapped[int]
    file_sha256: Mapped[str] = mapped_column(Text)
    checked_by: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("item_id"),)


class Falsification(Base):
    """A proposal to find that a member falsified figures, and what the committee found."""

    __tablename__ = "falsification"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    findings: Mapped[list[int]] = mapped_column(JSON)  # the findings that it rests on
    periods: Mapped[list[str]] = mapped_column(JSON)  # the months touched
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_on: Mapped[date | None]
    found: Mapped[bool] = mapped_column(default=False)  # whether intent was found
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "number"),)
