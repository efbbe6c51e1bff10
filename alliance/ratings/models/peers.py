"""Tables of cross-rating: rounds, who rates whom with which marks, forms handed in, verdicts, and what closing keeps.

Once a round is closed its results are read from the cells alone; the marks of a rater are shown to nobody else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class PeerRound(Base):
    """A round of cross-rating for a period; what it asks is kept with it and never changed."""

    __tablename__ = "peer_round"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    period: Mapped[str] = mapped_column(Text)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # code, weight, words and anchors in both languages
    floor: Mapped[int]  # raters behind whatever is shown or scored
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    closed_by: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    digest: Mapped[str] = mapped_column(Text)  # of the cells, once it is closed
    __table_args__ = (UniqueConstraint("alliance_id", "period", name="uq_peer_round_period"),)


class PeerPair(Base):
    """A member that rates another one, why, and its marks so far: 1 to 5 by item, 0 for what it cannot judge."""

    __tablename__ = "peer_pair"
    round_id: Mapped[int] = mapped_column(ForeignKey("peer_round.id"), primary_key=True)
    rater: Mapped[str] = mapped_column(Text, primary_key=True)
    target: Mapped[str] = mapped_column(Text, primary_key=True)
    linked: Mapped[bool]
    cases: Mapped[int]
    marks: Mapped[dict[str, int]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(Text)
    version: Mapped[int]  # one more with each save: who looked at an older one is told


class PeerForm(Base):
    """A form that was handed in, for good."""

    __tablename__ = "peer_form"
    round_id: Mapped[int] = mapped_column(ForeignKey("peer_round.id"), primary_key=True)
    rater: Mapped[str] = mapped_column(Text, primary_key=True)
    submitted_by: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime] = mapped_column(Moment)


class PeerVerdict(Base):
    """What a person decided about a pattern in somebody's marks."""

    __tablename__ = "peer_verdict"
    round_id: Mapped[int] = mapped_column(ForeignKey("peer_round.id"), primary_key=True)
    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    left_out: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(Moment)


class PeerCell(Base):
    """What all raters together say of a target in an item ("": how many rated it at all): kept when a round closes."""

    __tablename__ = "peer_cell"
    round_id: Mapped[int] = mapped_column(ForeignKey("peer_round.id"), primary_key=True)
    target: Mapped[str] = mapped_column(Text, primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    raters: Mapped[int]
    raw: Mapped[str] = mapped_column(Text)
    relative: Mapped[str] = mapped_column(Text)
    raw_trimmed: Mapped[str] = mapped_column(Text)
    relative_trimmed: Mapped[str] = mapped_column(Text)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class PeerReminder(Base):
    """A member that was reminded: once for an occasion."""

    __tablename__ = "peer_reminder"
    round_id: Mapped[int] = mapped_column(ForeignKey("peer_round.id"), primary_key=True)
    rater: Mapped[str] = mapped_column(Text, primary_key=True)
    occasion: Mapped[str] = mapped_column(Text, primary_key=True)
    sent_by: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(Moment)
