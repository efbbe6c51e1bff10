"""Tables of alliances, institutions and their departments; what is said of these is dated and never changed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment


class Alliance(Base):
    """A medical alliance: one tenant of the portal."""

    __tablename__ = "alliance"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)


class Institution(Base):
    """A member, under a code that never changes."""

    __tablename__ = "institution"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("alliance_id", "code"),)


class InstitutionFact(Base):
    """What is true of an institution from a day on; of facts that have begun, the latest begun and recorded holds."""

    __tablename__ = "institution_fact"
    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    start: Mapped[date]
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    short_zh: Mapped[str] = mapped_column(Text)
    short_en: Mapped[str] = mapped_column(Text)
    credit_code: Mapped[str] = mapped_column(Text)  # unified social credit code; "" where there is none
    tier: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    is_lead: Mapped[bool]
    beds: Mapped[int | None]
    headcount: Mapped[int | None]  # standard headcount
    joined: Mapped[date]
    left: Mapped[date | None]  # the first day on which it is no member any more
    contact: Mapped[str] = mapped_column(Text)
    vendor: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(Text)


class Department(Base):
    """A department, medical group or nursing unit of an institution, under a code that never changes."""

    __tablename__ = "department"
    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    code: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("institution_id", "code"),)


class DepartmentFactRow(Base):
    """What is true of a department from a day on; of facts that have begun, the latest begun and recorded holds."""

    __tablename__ = "department_fact"
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    start: Mapped[date]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    accounting: Mapped[str] = mapped_column(Text)  # class of full cost accounting
    beds: Mapped[int | None]
    ended: Mapped[date | None]  # the first day on which it does not exist any more
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(Text)


class DepartmentCode(Base):
    """To which department a code of a hospital system leads from a day on; to none where there is no department."""

    __tablename__ = "department_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    system: Mapped[str] = mapped_column(Text)
    outside: Mapped[str] = mapped_column(Text)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    start: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(Text)


class DepartmentService(Base):
    """Whom a unit serves from a day on: the shares beneath it, or nobody when there are none."""

    __tablename__ = "department_service"
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    start: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(Text)


class DepartmentShare(Base):
    """One unit that is served, with its share in %."""

    __tablename__ = "department_share"
    service_id: Mapped[int] = mapped_column(ForeignKey("department_service.id"), primary_key=True)
    served_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    share: Mapped[Decimal] = mapped_column(DecimalText)
