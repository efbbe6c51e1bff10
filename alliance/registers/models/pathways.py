"""Tables of joint care pathways: their versions, the cases on them, the steps of each and what was recorded of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class PathwayVersion(Base):
    """A version of a pathway that an alliance defined, never changed."""

    __tablename__ = "pathway_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    start: Mapped[date]
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    steps: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "code", "version", name="uq_pathway_version_place"),)


class PathwayCase(Base):
    """A patient on a pathway. Of the patient a keyed hash, the year of birth, the sex and the diagnosis are kept."""

    __tablename__ = "pathway_case"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[int]
    pathway: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    hospital: Mapped[str] = mapped_column(Text)
    center: Mapped[str] = mapped_column(Text)
    patient: Mapped[str] = mapped_column(Text)
    born: Mapped[int]
    sex: Mapped[str] = mapped_column(Text)
    diagnosis: Mapped[str] = mapped_column(Text)
    day0: Mapped[date]
    last_due: Mapped[date]
    state: Mapped[str] = mapped_column(Text)  # open, closed, ended
    started_by: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    ended_by: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("alliance_id", "number", name="uq_pathway_case_number"),
        Index("ix_pathway_case_patient", "alliance_id", "patient"),
        Index("ix_pathway_case_due", "alliance_id", "last_due"),
    )


class PathwayStep(Base):
    """A step of a case: the member that has to do it, until when, and when it was done as it stands now."""

    __tablename__ = "pathway_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("pathway_case.id"))
    place: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    due: Mapped[date]
    done: Mapped[date | None]
    __table_args__ = (
        UniqueConstraint("case_id", "place", name="uq_pathway_step_place"),
        Index("ix_pathway_step_due", "institution", "due"),
    )


class PathwayRecord(Base):
    """That a step was done, as somebody recorded it; one that was wrong is taken back with a reason and stays."""

    __tablename__ = "pathway_record"
    id: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("pathway_step.id"), index=True)
    done: Mapped[date]
    note: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_by: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text, default="")
