"""Tables of alliances, institutions and what is inside of these; what is said of it is dated and never changed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, DecimalText, Moment


class Recorded:
    """What is recorded as true from a day on: rows are only added, and say who added them and when."""

    id: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(Text)


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


class InstitutionFact(Recorded, Base):
    """What is true of an institution from a day on; of facts that have begun, the latest begun and recorded holds."""

    __tablename__ = "institution_fact"
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
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


class Department(Base):
    """A department, medical group or nursing unit of an institution, under a code that never changes."""

    __tablename__ = "department"
    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    code: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("institution_id", "code"),)


class DepartmentFactRow(Recorded, Base):
    """What is true of a department from a day on; of facts that have begun, the latest begun and recorded holds."""

    __tablename__ = "department_fact"
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    accounting: Mapped[str] = mapped_column(Text)  # class of full cost accounting
    beds: Mapped[int | None]
    ended: Mapped[date | None]  # the first day on which it does not exist any more


class DepartmentCode(Recorded, Base):
    """To which department a code of a hospital system leads from a day on; to none where there is no department."""

    __tablename__ = "department_code"
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    system: Mapped[str] = mapped_column(Text)
    outside: Mapped[str] = mapped_column(Text)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)


class DepartmentService(Recorded, Base):
    """Whom a unit serves from a day on: the shares beneath it, or nobody when there are none."""

    __tablename__ = "department_service"
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)


class DepartmentShare(Base):
    """One unit that is served, with its share in %."""

    __tablename__ = "department_share"
    service_id: Mapped[int] = mapped_column(ForeignKey("department_service.id"), primary_key=True)
    served_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    share: Mapped[Decimal] = mapped_column(DecimalText)


class Post(Base):
    """A post of an institution, under a code that never changes."""

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    code: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("institution_id", "code"),)


class PostFactRow(Recorded, Base):
    """What is true of a post from a day on: its coefficient is the sum of its three parts."""

    __tablename__ = "post_fact"
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    family: Mapped[str] = mapped_column(Text)
    skill: Mapped[Decimal] = mapped_column(DecimalText)
    management: Mapped[Decimal] = mapped_column(DecimalText)
    risk: Mapped[Decimal] = mapped_column(DecimalText)
    ended: Mapped[date | None]


class PostScale(Recorded, Base):
    """How posts are evaluated from a day on: factors with weights and levels, and the cut points of the grades."""

    __tablename__ = "post_scale"
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # numbers as text


class PostRating(Recorded, Base):
    """A rater's sheet of a post evaluation: the level of each factor on a day."""

    __tablename__ = "post_rating"
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    rater: Mapped[str] = mapped_column(Text)
    levels: Mapped[dict[str, int]] = mapped_column(JSON)


class Establishment(Recorded, Base):
    """How many posts of a kind a department has from a day on."""

    __tablename__ = "establishment"
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    number: Mapped[int]


class SeniorityTable(Recorded, Base):
    """The coefficients of seniority of an institution from a day on: full years and coefficient as text."""

    __tablename__ = "seniority_table"
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    steps: Mapped[list[list[str]]] = mapped_column(JSON)


class Employee(Base):
    """Somebody who works or worked at an institution, under a number that never changes."""

    __tablename__ = "employee"
    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    number: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("institution_id", "number"),)


class EmployeeFactRow(Recorded, Base):
    """What is true of an employee from a day on: where, in which post, with which title, and whether in post."""

    __tablename__ = "employee_fact"
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    hired: Mapped[date]
    status: Mapped[str] = mapped_column(Text)


class MemberLink(Base):
    """Who supports whom in a specialty, from a day until a day; the shares of one member's supporters add up to 100."""

    __tablename__ = "member_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    supporter: Mapped[str] = mapped_column(Text)
    supported: Mapped[str] = mapped_column(Text)
    specialty: Mapped[str] = mapped_column(Text)  # of core.specialties, "" for all of them
    share: Mapped[Decimal] = mapped_column(DecimalText)  # %
    start: Mapped[date]
    until: Mapped[date | None]  # the first day on which it holds no more
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    ended_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (Index("ix_member_link_supported", "alliance_id", "supported", "specialty", "start"),)
