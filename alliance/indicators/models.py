"""Tables of definitions, periods, readings, submissions and what belongs to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Definition(Base):
    """A data element, an indicator or a dimension, in one version; never edited, a change is a new version."""

    __tablename__ = "definition"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    what: Mapped[str] = mapped_column(Text)  # element, indicator, dimension
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    position: Mapped[int]
    library: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(Text)  # verified, template or own
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)  # as in the library's file
    valid_from: Mapped[date]
    cause: Mapped[str] = mapped_column(Text)  # policy, need, finding, objection; "" of a first version
    cause_text: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "what", "code", "version"),)


class PeriodRow(Base):
    """A period that is or was open for filing, with its calendar."""

    __tablename__ = "period_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)  # the first moment that is too late
    review_until: Mapped[datetime] = mapped_column(Moment)
    preview_at: Mapped[datetime] = mapped_column(Moment)
    objections_until: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "code"),)


class Reading(Base):
    """A filed value in one revision: added to, never changed; the highest revision is the current one.

    `institution` is "" for the alliance's own references.
    """

    __tablename__ = "reading"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    value: Mapped[str] = mapped_column(Text)  # canonical decimal, "" without a value
    state: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)  # filed, imported, corrected
    document: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(Moment)
    # One index serves a whole period as well as one place in it.
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution", "element", "revision"),)


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


class LockException(Base):
    """Leave for one member to file after the deadline or after acceptance: asked for by one person, granted by
    another, until a moment."""

    __tablename__ = "lock_exception"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    granted_by: Mapped[str] = mapped_column(Text, default="")
    granted_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (Index("ix_lock_exception_place", "alliance_id", "period", "institution"),)


class Evidence(Base):
    """A file attached to a value; its bytes lie under their SHA-256 outside the database."""

    __tablename__ = "evidence"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    media: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    removed_by: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (Index("ix_evidence_place", "alliance_id", "period", "institution"),)


class Reminder(Base):
    """A member was reminded to file a period; `occasion` is -3, -1, 0 (days) or by-hand/<moment>."""

    __tablename__ = "reminder"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    occasion: Mapped[str] = mapped_column(Text)
    sent_by: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "period", "institution", "occasion"),)


class TimetableRow(Base):
    """The parameters of an alliance's calendar from a day on."""

    __tablename__ = "timetable"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    valid_from: Mapped[date]
    opens: Mapped[int]
    due: Mapped[int]
    review: Mapped[int]
    preview: Mapped[int]
    objections: Mapped[int]
    automatic: Mapped[bool]  # a period opens by itself when its day has come
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Moment)


class DayRow(Base):
    """A day that works or rests against the rule, as the alliance notes it; the last note on a day counts."""

    __tablename__ = "day_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    day: Mapped[date]
    works: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_day_row_alliance_id_day", "alliance_id", "day"),)


class CodeSystemRow(Base):
    """A code system in one version, such as the national clinical ICD-10 of 2020."""

    __tablename__ = "code_system"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "code", "version"),)


class CodeTerm(Base):
    """A code of a code system's version with what it means; never changed."""

    __tablename__ = "code_term"
    id: Mapped[int] = mapped_column(primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("code_system.id"))
    code: Mapped[str] = mapped_column(Text)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("system_id", "code"),)


class CodeMapping(Base):
    """What a code is in another system's version, from a day; of several rows the one begun last holds.

    `target` is "" where the mapping ends.
    """

    __tablename__ = "code_mapping"
    id: Mapped[int] = mapped_column(primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("code_system.id"))
    target_system_id: Mapped[int] = mapped_column(ForeignKey("code_system.id"))
    code: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("system_id", "target_system_id", "code", "valid_from"),)


class StandardText(Base):
    """What the data standard says on rewards and penalties, from a day; of several rows the one begun last holds."""

    __tablename__ = "standard_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    valid_from: Mapped[date]
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)


class ElementFeed(Base):
    """From which month on an element is derived from cases, or is not any more; the row set last for a month counts."""

    __tablename__ = "element_feed"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    element: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)
    derived: Mapped[bool]
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_element_feed_place", "alliance_id", "element"),)


class CountedCase(Base):
    """A case that a derived reading counted, in one revision of it: added to, never changed."""

    __tablename__ = "counted_case"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    month: Mapped[str] = mapped_column(Text)  # in which it counts by itself; before the period: a correction
    measure: Mapped[str] = mapped_column(Text)
    case_code: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    quantity: Mapped[str] = mapped_column(Text)  # canonical decimal
    __table_args__ = (Index("ix_counted_case_place", "alliance_id", "period", "institution", "element", "revision"),)


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
    report: Mapped[str] = mapped_column(Text)  # as in rules.reported.REPORTS
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
