"""Tables of surveys. Who took part (links) and what was answered lie apart: no reference, no time, no order leads over.

An answer falls into the urn together with the mark of its link, in one transaction. The urn is emptied into the answers
in batches, mixed, under keys drawn by chance; so neither the order of rows nor the number of a transaction tells whose
an answer was. Written answers are kept apart from the ticked ones.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Survey(Base):
    """A version of a questionnaire; a published one is never changed."""

    __tablename__ = "survey"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    family: Mapped[str] = mapped_column(Text)  # patient, cooperation, staff
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # titles, notices, questions, in both languages
    state: Mapped[str] = mapped_column(Text)  # draft, published
    edited_by: Mapped[str] = mapped_column(Text)
    edited_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "code", "version", name="uq_survey_version"),)


class SurveyWave(Base):
    """A questionnaire in the field: from a day to a day, for a period."""

    __tablename__ = "survey_wave"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    period: Mapped[str] = mapped_column(Text)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    least: Mapped[int]  # the smallest cell that is shown; raised while it lives, never lowered
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    digest: Mapped[str] = mapped_column(Text)  # of the cells, once it is closed
    __table_args__ = (UniqueConstraint("alliance_id", "survey_id", "period", name="uq_survey_wave_period"),)


class SurveyLink(Base):
    """A way into a wave: once for one person, or a screen that many use. Holds no moment of its use."""

    __tablename__ = "survey_link"
    token: Mapped[str] = mapped_column(Text, primary_key=True)  # SHA-256 of what the address holds
    wave_id: Mapped[int] = mapped_column(ForeignKey("survey_wave.id"))
    institution: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)  # "": the whole member
    person: Mapped[str] = mapped_column(Text)  # the doctor asked about, else ""
    kind: Mapped[str] = mapped_column(Text)  # once, kiosk
    state: Mapped[str] = mapped_column(Text)  # open, used, refused, revoked
    __table_args__ = (Index("ix_survey_link_wave", "wave_id", "institution", "department", "state"),)


class SurveyUrn(Base):
    """Answers that came in and are not mixed yet."""

    __tablename__ = "survey_urn"
    key: Mapped[str] = mapped_column(Text, primary_key=True)  # drawn by chance
    wave_id: Mapped[int] = mapped_column(ForeignKey("survey_wave.id"), index=True)
    institution: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    answers: Mapped[str] = mapped_column(Text)  # canonical JSON: question to option or number
    texts: Mapped[str] = mapped_column(Text)  # canonical JSON: question to what was written


class SurveyAnswer(Base):
    """One person's ticked answers, without who, when and in which order."""

    __tablename__ = "survey_answer"
    key: Mapped[str] = mapped_column(Text, primary_key=True)  # drawn by chance, another than in the urn
    wave_id: Mapped[int] = mapped_column(ForeignKey("survey_wave.id"))
    institution: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    answers: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index("ix_survey_answer_wave", "wave_id", "institution", "department"),
        {"sqlite_with_rowid": False},
    )


class SurveyText(Base):
    """Something written in free words, apart from what the same person ticked; read before it is released."""

    __tablename__ = "survey_text"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("survey_wave.id"))
    institution: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)  # held, released, withheld
    decided_by: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index("ix_survey_text_wave", "wave_id", "institution", "state"),
        {"sqlite_with_rowid": False},
    )


class SurveyCell(Base):
    """How many chose an option of a question: counted when a wave is closed, never changed."""

    __tablename__ = "survey_cell"
    wave_id: Mapped[int] = mapped_column(ForeignKey("survey_wave.id"), primary_key=True)
    institution: Mapped[str] = mapped_column(Text, primary_key=True)
    department: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    question: Mapped[str] = mapped_column(Text, primary_key=True)  # "": how many answered at all
    option: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int]
