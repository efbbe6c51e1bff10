"""Tables of referrals: the cases, what names a patient (sealed), their messages, turns, pairs, fees, and offers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment

IMPORTED = text("source <> ''")


class Pepper(Base):
    """What the keys of an alliance's patients are made with: random, drawn once, encrypted like all that must be read
    again (record 0177)."""

    __tablename__ = "patient_pepper"
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)


class Referral(Base):
    """A referred case, without anything that names the patient but the key."""

    __tablename__ = "referral"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[str] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(Text)
    receiver: Mapped[str] = mapped_column(Text)
    direction: Mapped[str] = mapped_column(Text)  # of rules.referrals.DIRECTIONS
    specialty: Mapped[str] = mapped_column(Text)  # of core.specialties.SPECIALTIES
    diagnosis: Mapped[str] = mapped_column(Text)
    system: Mapped[str] = mapped_column(Text)
    system_version: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(Text)
    birth_year: Mapped[int]
    sex: Mapped[str] = mapped_column(Text)
    patient_key: Mapped[str] = mapped_column(Text)  # "" when it was erased
    state: Mapped[str] = mapped_column(Text)  # of rules.referrals.STATES
    version: Mapped[int]  # one more with each step: who looked at an older one is told
    filed_at: Mapped[datetime] = mapped_column(Moment)
    filed_by: Mapped[str] = mapped_column(Text)
    answer_due: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[str] = mapped_column(Text)
    seen_on: Mapped[date | None]
    seen_month: Mapped[str] = mapped_column(Text)  # 2026-08, "" while it was not seen
    discharged_on: Mapped[date | None]
    summary_due: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    follow_due: Mapped[datetime | None] = mapped_column(Moment)
    followed_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text)  # of what was declined, cancelled, missed, closed unfollowed
    due_at: Mapped[datetime | None] = mapped_column(Moment)  # what is due next, and who owes it
    due_by: Mapped[str] = mapped_column(Text)
    disputed_by: Mapped[str] = mapped_column(Text)  # the institution that does not agree, "" for none
    pointless: Mapped[bool]
    counts: Mapped[bool]
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("referral_offer.id"))
    source: Mapped[str] = mapped_column(Text)  # the system that delivered it, "" when it was typed
    record: Mapped[str] = mapped_column(Text)
    record_version: Mapped[int]
    __table_args__ = (
        UniqueConstraint("alliance_id", "number", name="uq_referral_number"),
        Index("ix_referral_all", "alliance_id", "id"),  # without it a list is sorted as a whole
        Index("ix_referral_sender", "alliance_id", "sender", "id"),
        Index("ix_referral_receiver", "alliance_id", "receiver", "id"),
        Index("ix_referral_state", "alliance_id", "state", "id"),
        Index("ix_referral_month", "alliance_id", "seen_month", "id"),
        Index("ix_referral_specialty", "alliance_id", "specialty", "id"),
        Index("ix_referral_due", "alliance_id", "due_at"),
        Index("ix_referral_pointless", "alliance_id", "pointless", "id"),
        Index("ix_referral_patient", "alliance_id", "patient_key"),
        Index("ix_referral_answered", "alliance_id", "answered_at"),
        Index("ix_referral_ended", "ended_at"),
        Index("uq_referral_record", "alliance_id", "sender", "source", "record", unique=True,
              sqlite_where=IMPORTED, postgresql_where=IMPORTED),
    )  # fmt: skip


class ReferralContact(Base):
    """What names the patient of a case or tells of the illness, encrypted; the row goes when its time is over."""

    __tablename__ = "referral_contact"
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    contact: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)


class ReferralMessage(Base):
    """A message of one side on a case, its text encrypted until it is erased."""

    __tablename__ = "referral_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)
    institution: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # of rules.referral_threads.KINDS
    text: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class ReferralFile(Base):
    """A file of a message. Its name and the key of its bytes are encrypted; the bytes lie outside the database under
    the SHA-256 of what they are encrypted to, so that without this row nobody reads them."""

    __tablename__ = "referral_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("referral_message.id"), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    media: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)


class ReferralTurn(Base):
    """A moment at which a case began to count or ceased to; rows are only added."""

    __tablename__ = "referral_turn"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    counts: Mapped[bool]
    __table_args__ = (Index("ix_referral_turn_at", "alliance_id", "at"),)


class ReferralPair(Base):
    """Two referrals that cancel each other out, and what came of it."""

    __tablename__ = "referral_pair"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), unique=True)
    state: Mapped[str] = mapped_column(Text)  # of rules.referral_pairs.PAIR_STATES
    found_at: Mapped[datetime] = mapped_column(Moment)
    certify_due: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text)
    certified_by: Mapped[str] = mapped_column(Text)
    certified_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (Index("ix_referral_pair_state", "alliance_id", "state", "id"),)


class ReferralFee(Base):
    """What the treatment of a case cost, by class; in cents."""

    __tablename__ = "referral_fee"
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)  # of rules.referrals.FEES
    cents: Mapped[int] = mapped_column(BigInteger)


class ReferralOffer(Base):
    """Slots or beds that a member offers on a day in a specialty, and how many of them are taken."""

    __tablename__ = "referral_offer"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text)
    specialty: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # of rules.referral_offers.KINDS
    day: Mapped[date]
    capacity: Mapped[int]
    taken: Mapped[int]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("alliance_id", "institution", "specialty", "kind", "day", name="uq_referral_offer_place"),
        Index("ix_referral_offer_day", "alliance_id", "day"),
    )
