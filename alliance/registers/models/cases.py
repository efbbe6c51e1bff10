"""Tables of cases: what was filed, its revisions, the files behind it, and certificates of a person's share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment

Id = BigInteger().with_variant(Integer, "sqlite")


class RegisterCase(Base):
    """A case as it stands now; what it said before stands in its revisions."""

    __tablename__ = "register_case"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    register: Mapped[str] = mapped_column(Text)
    number: Mapped[int]  # 1, 2, 3 … within the register
    institution: Mapped[str] = mapped_column(Text)  # who filed
    counterpart: Mapped[str] = mapped_column(Text)  # who confirms; the same where there is no other end
    members: Mapped[str] = mapped_column(Text)  # all members it concerns, " H1 C2 "
    people: Mapped[str] = mapped_column(Text)  # all persons it names, " H1/0001 C2/0007 "
    occurred_on: Mapped[date]
    until: Mapped[date | None]
    month: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    fields: Mapped[str] = mapped_column(Text)  # canonical JSON of texts
    twin: Mapped[str] = mapped_column(Text)  # what two entries of one case have in common
    source: Mapped[str] = mapped_column(Text)  # of an import, else ""
    record: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(Text)  # who confirmed, disputed or withdrew it
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("alliance_id", "register", "number", name="uq_register_case_number"),
        Index("ix_register_case_month", "alliance_id", "register", "month", "state"),
        Index("ix_register_case_day", "alliance_id", "register", "occurred_on", "id"),
        Index("ix_register_case_state", "alliance_id", "state", "counterpart"),
        Index("ix_register_case_twin", "alliance_id", "register", "twin"),
        Index("ix_register_case_record", "alliance_id", "institution", "source", "register", "record"),
    )


class CaseRevision(Base):
    """What a case said in one revision: added to, never changed."""

    __tablename__ = "case_revision"
    case_id: Mapped[int] = mapped_column(ForeignKey("register_case.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    fields: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(Moment)


class CaseProof(Base):
    """A file behind a case; its bytes lie under their SHA-256 outside the database."""

    __tablename__ = "case_proof"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("register_case.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    media: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)


class Certificate(Base):
    """A person's share in a year's collaboration, as it was certified: never changed, a later one takes its place."""

    __tablename__ = "certificate"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[str] = mapped_column(Text)
    institution: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(Text)
    issued_by: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("alliance_id", "number"),
        Index("ix_certificate_person", "alliance_id", "institution", "person", "year"),
    )
