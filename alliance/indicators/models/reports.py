"""The table of what was reported elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class ReportedValue(Base):
    """A quantity as it was reported elsewhere, in a revision; the highest is the current one.

    `explanation` says why it differs from the value `explained` that was filed here.
    """

    __tablename__ = "reported_value"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(Text)
    report: Mapped[str] = mapped_column(Text)  # as in rules.reports.REPORTS
    revision: Mapped[int]
    value: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text)
    explained: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint(
            "alliance_id", "period", "institution", "element", "report", "revision", name="uq_reported_value_place"
        ),
    )
