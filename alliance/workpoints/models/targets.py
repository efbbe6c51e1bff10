"""Tables of the budget set of a year and of the signatures under its target agreements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment
from alliance.workpoints.models.plans import Kept


class TargetSet(Kept, Base):
    """A version of a year's budget set: its content while a draft, frozen once decided; the newest decided one is in
    force."""

    __tablename__ = "target_set"
    year: Mapped[int]
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # cells by key and kind, terms, document; numbers as text
    sha256: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text, default="")  # number of the record; "" while a draft
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "year", "version", name="uq_target_set_place"),
    )  # fmt: skip


class TargetSignature(Kept, Base):
    """One side's signature under the agreement of a department: the text as it was signed, and its SHA-256."""

    __tablename__ = "target_signature"
    year: Mapped[int]
    unit: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)  # director, head
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # of rules.targets.agreement_content
    sha256: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint(
            "alliance_id", "institution", "year", "unit", "sha256", "side", name="uq_target_signature_place"
        ),
    )
