"""Tables of the scoring by experts: rubrics, panels, scores, what came of them, visits on site."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment


class RubricVersion(Base):
    """A version of a rubric, never changed."""

    __tablename__ = "rubric"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "code", "version", name="uq_rubric_version"),)


class Panel(Base):
    """The experts of a period, from its opening to its closing."""

    __tablename__ = "panel"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    rubric: Mapped[str] = mapped_column(Text)
    rubric_version: Mapped[int]
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", name="uq_panel_period"),)


class ExpertScore(Base):
    """A score that is asked of an expert, and what the expert gave; locked it is never changed."""

    __tablename__ = "expert_score"
    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    institution: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    further: Mapped[bool]  # asked because the others agreed too little, or were too few
    due_at: Mapped[datetime] = mapped_column(Moment)
    score: Mapped[int | None]
    unable: Mapped[bool]
    remark: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_media: Mapped[str] = mapped_column(Text)
    file_size: Mapped[int]
    file_sha256: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime | None] = mapped_column(Moment)
    locked_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)  # kept as it stood then, and never counted
    released_by: Mapped[str] = mapped_column(Text)  # of the remark, to the member; "" while it is held
    __table_args__ = (
        UniqueConstraint("panel_id", "institution", "item", "account", name="uq_expert_score_place"),
        Index("ix_expert_score_account", "panel_id", "account"),
    )


class PanelItem(Base):
    """How far the experts agreed on an item, kept when the panel is closed."""

    __tablename__ = "panel_item"
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"), primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    agreement: Mapped[Decimal | None] = mapped_column(DecimalText)  # ICC(2,k) of those asked first
    compared: Mapped[int]  # members
    median: Mapped[bool]


class PanelMark(Base):
    """What an item gave a member, kept when the panel is closed; no value: too few scored it."""

    __tablename__ = "panel_mark"
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"), primary_key=True)
    institution: Mapped[str] = mapped_column(Text, primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[Decimal | None] = mapped_column(DecimalText)
    experts: Mapped[int]
    weight: Mapped[Decimal] = mapped_column(DecimalText)


class PanelReminder(Base):
    """That an expert was reminded of a panel on an occasion; one occasion reminds once."""

    __tablename__ = "panel_reminder"
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"), primary_key=True)
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    occasion: Mapped[str] = mapped_column(Text, primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(Moment)


class SiteVisit(Base):
    """A visit of experts to a member, confirmed by its lead."""

    __tablename__ = "site_visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    institution: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    visited_on: Mapped[date]
    visited_by: Mapped[str] = mapped_column(Text)
    checks: Mapped[dict[str, Any]] = mapped_column(JSON)  # code of the checklist to yes, no or none
    met: Mapped[str] = mapped_column(Text)
    findings: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_by: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text)  # what the lead wrote beside the signature
    __table_args__ = (UniqueConstraint("panel_id", "institution", "number", name="uq_site_visit_number"),)
