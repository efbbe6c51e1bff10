"""Tables of the verification by a third party: engagements, what was drawn and found, findings and their plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Engagement(Base):
    """A third party verifies figures of some members in a period, from a day to a day (both included).

    `population` is what the sample was drawn from, `content` and `digest` are those of the report once it is issued.
    """

    __tablename__ = "engagement"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[str] = mapped_column(Text)
    organisation: Mapped[str] = mapped_column(Text)
    contract: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_media: Mapped[str] = mapped_column(Text)
    file_size: Mapped[int]
    file_sha256: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    size: Mapped[int]
    weighed: Mapped[bool]  # places by the risk that a figure is wrong
    seed: Mapped[str] = mapped_column(Text)
    population: Mapped[list[Any]] = mapped_column(JSON)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    drawn_by: Mapped[str] = mapped_column(Text)
    drawn_at: Mapped[datetime | None] = mapped_column(Moment)
    locked_by: Mapped[str] = mapped_column(Text)
    locked_at: Mapped[datetime | None] = mapped_column(Moment)
    issued_by: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime | None] = mapped_column(Moment)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("alliance_id", "number", name="uq_engagement_number"),)


class EngagementMember(Base):
    """A member whose figures are verified."""

    __tablename__ = "engagement_member"
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    institution: Mapped[str] = mapped_column(Text, primary_key=True)


class EngagementExpert(Base):
    """An account that verifies."""

    __tablename__ = "engagement_expert"
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    account: Mapped[str] = mapped_column(Text, primary_key=True, index=True)


class VerifiedFigure(Base):
    """A figure of the sample, and what an expert found of it; `verdict` "" until somebody has looked."""

    __tablename__ = "verified_figure"
    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    institution: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    value: Mapped[str] = mapped_column(Text)
    band: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(Text)
    corrected: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    remark: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_media: Mapped[str] = mapped_column(Text)
    file_size: Mapped[int]
    file_sha256: Mapped[str] = mapped_column(Text)
    checked_by: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("engagement_id", "institution", "element", "period", name="uq_verified_figure_place"),
    )


class Completion(Base):
    """Whether what an indicator of a member asks for was completed."""

    __tablename__ = "completion"
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    institution: Mapped[str] = mapped_column(Text, primary_key=True)
    indicator: Mapped[str] = mapped_column(Text, primary_key=True)
    verdict: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    confirmed_by: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime] = mapped_column(Moment)


class Finding(Base):
    """What an engagement found at a member, and what is expected until a day."""

    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    number: Mapped[int]
    institution: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("engagement_id", "number", name="uq_finding_number"),)


class ImprovementPlan(Base):
    """What a member does about a finding; `actions` are [text, owner, day]."""

    __tablename__ = "improvement_plan"
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    problem: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    actions: Mapped[list[Any]] = mapped_column(JSON)
    waits_until: Mapped[datetime | None] = mapped_column(Moment)


class PlanStep(Base):
    """A step of a plan: who did what, when, why; with a file where there is one."""

    __tablename__ = "plan_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), index=True)
    step: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_media: Mapped[str] = mapped_column(Text)
    file_size: Mapped[int]
    file_sha256: Mapped[str] = mapped_column(Text)
    done_by: Mapped[str] = mapped_column(Text)
    done_at: Mapped[datetime] = mapped_column(Moment)
