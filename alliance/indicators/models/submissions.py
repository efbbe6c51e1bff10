"""Tables of submissions: their rounds, what was returned, and why a value is what it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Submission(Base):
    """How far an institution's filing of a period has come."""

    __tablename__ = "submission"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)  # as in rules.filing.Progress
    round: Mapped[int] = mapped_column(default=0)  # how often it was submitted
    unlocked: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # the items returned; none: all
    late: Mapped[bool] = mapped_column(default=False)  # submitted under a lock exception
    signed_by: Mapped[str] = mapped_column(Text, default="")
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_by: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    reviewed_by: Mapped[str] = mapped_column(Text, default="")  # who took it under review
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    accepted_by: Mapped[str] = mapped_column(Text, default="")
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution"),)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SubmissionRound(Base):
    """A submission as it was submitted once: whose signature, and which revision of each value."""

    __tablename__ = "submission_round"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    round: Mapped[int]
    revisions: Mapped[dict[str, int]] = mapped_column(JSON)  # element → revision
    signed_by: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_by: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution", "round"),)


class ReturnedItem(Base):
    """A value returned to the member with a reason, in the round that was reviewed."""

    __tablename__ = "returned_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    round: Mapped[int]
    element: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    returned_by: Mapped[str] = mapped_column(Text)
    returned_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution", "round", "element"),)


class Explanation(Base):
    """Why a value is what it is, or stays as it was: of an element or an indicator; the last one counts."""

    __tablename__ = "explanation"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)  # the value that it explains
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_explanation_place", "alliance_id", "period", "institution"),)
