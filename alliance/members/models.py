"""Tables of alliances and institutions; what is said of an institution is dated and never changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


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
