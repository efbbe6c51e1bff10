"""Tables of what a hospital decides: schemes, budgets, units' rules, and the records of its own bodies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Kept:
    """What is recorded about a hospital: rows are only added, and say who added them and when."""

    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class HospitalRecord(Kept, Base):
    """A meeting of one of a hospital's bodies, or a publicity: its number, its matter, its vote."""

    __tablename__ = "hospital_record"
    number: Mapped[str] = mapped_column(Text)  # the document's
    body: Mapped[str] = mapped_column(Text)  # party_committee, directors, staff_congress, publicity
    matter: Mapped[str] = mapped_column(Text)  # scheme:T01/BONUS/1, budget:T01/2026@1, bonus:T01/2026-09@1
    title: Mapped[str] = mapped_column(Text)
    held_on: Mapped[date]
    until: Mapped[date | None]  # of a publicity: its last day
    participants: Mapped[int]
    votes_for: Mapped[int]
    votes_against: Mapped[int]
    __table_args__ = (UniqueConstraint("alliance_id", "institution", "number", name="uq_hospital_record_place"),)


class BonusSchemeRow(Kept, Base):
    """A version of a hospital's bonus scheme: its content while a draft, frozen once decided."""

    __tablename__ = "bonus_scheme"
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # as in its file, numbers as text
    sha256: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    decision: Mapped[str] = mapped_column(Text, default="")  # number of the record; "" while a draft
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reasons: Mapped[dict[str, str]] = mapped_column(
        JSON, default=dict
    )  # why it departs from what is expected, by place
    __table_args__ = (UniqueConstraint("alliance_id", "institution", "code", "version", name="uq_bonus_scheme_place"),)


class BonusTrial(Kept, Base):
    """A version of a scheme tried on past months: what everybody got and would get of all of them; in cents."""

    __tablename__ = "bonus_trial"
    scheme: Mapped[str] = mapped_column(Text)  # T01/BONUS/2
    sha256: Mapped[str] = mapped_column(Text)  # of its text then: a draft may be replaced
    months: Mapped[dict[str, str]] = mapped_column(JSON)  # month → the version it is compared with
    units: Mapped[list[list[Any]]] = mapped_column(JSON)  # code, before, after
    persons: Mapped[list[list[Any]]] = mapped_column(JSON)  # number, before, after, unit
    __table_args__ = (Index("ix_bonus_trial_scheme", "alliance_id", "scheme"),)


class BudgetRow(Kept, Base):
    """A version of a year's budget: its content while a draft, frozen with its figures once decided; in cents."""

    __tablename__ = "bonus_budget"
    year: Mapped[int]
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # sources, goal, allowances, approved total; numbers as text
    sha256: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))  # of its figures
    month: Mapped[int | None] = mapped_column(BigInteger)
    pooled: Mapped[int | None] = mapped_column(BigInteger)
    base: Mapped[int | None] = mapped_column(BigInteger)
    # A base is frozen for its year: two budgets are never both in force.
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "year", "version", name="uq_bonus_budget_place"),
        Index(
            "uq_bonus_budget_decided", "alliance_id", "institution", "year", unique=True,
            sqlite_where=text("decision <> ''"), postgresql_where=text("decision <> ''"),
        ),
    )  # fmt: skip


class UnitRule(Kept, Base):
    """A unit's own rule of the second distribution from a month on, with the hearing that adopted it."""

    __tablename__ = "unit_rule"
    unit: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)  # the first one that it holds for
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # as [second] of a scheme; numbers as text
    held_on: Mapped[date]
    participants: Mapped[int]
    votes_for: Mapped[int]
    votes_against: Mapped[int]
    minutes: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_unit_rule_place", "alliance_id", "institution", "unit"),)
