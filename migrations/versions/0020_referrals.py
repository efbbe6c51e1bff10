"""Referrals: cases, what names a patient, messages, turns, pairs, fees, and the slots and beds that are offered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
IMPORTED = sa.text("source <> ''")
TABLES = (
    "patient_pepper",
    "referral_offer",
    "referral",
    "referral_contact",
    "referral_message",
    "referral_turn",
    "referral_pair",
    "referral_fee",
)


def upgrade() -> None:
    op.create_table(
        "patient_pepper",
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_patient_pepper_alliance_id"),
        sa.PrimaryKeyConstraint("alliance_id", name="pk_patient_pepper"),
    )
    op.create_table(
        "referral_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("specialty", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_referral_offer_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_referral_offer"),
        sa.UniqueConstraint("alliance_id", "institution", "specialty", "kind", "day", name="uq_referral_offer_place"),
    )
    op.create_index("ix_referral_offer_day", "referral_offer", ["alliance_id", "day"])
    op.create_table(
        "referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("specialty", sa.Text(), nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("system_version", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("patient_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("filed_at", Moment(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("answer_due", Moment(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("seen_month", sa.Text(), nullable=False),
        sa.Column("discharged_on", sa.Date(), nullable=True),
        sa.Column("summary_due", Moment(), nullable=True),
        sa.Column("returned_at", Moment(), nullable=True),
        sa.Column("follow_due", Moment(), nullable=True),
        sa.Column("followed_on", sa.Date(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("due_by", sa.Text(), nullable=False),
        sa.Column("disputed_by", sa.Text(), nullable=False),
        sa.Column("pointless", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_referral_alliance_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["referral_offer.id"], name="fk_referral_offer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_referral"),
        sa.UniqueConstraint("alliance_id", "number", name="uq_referral_number"),
    )
    op.create_index("ix_referral_all", "referral", ["alliance_id", "id"])
    op.create_index("ix_referral_answered", "referral", ["alliance_id", "answered_at"])
    op.create_index("ix_referral_due", "referral", ["alliance_id", "due_at"])
    op.create_index("ix_referral_ended", "referral", ["ended_at"])
    op.create_index("ix_referral_month", "referral", ["alliance_id", "seen_month", "id"])
    op.create_index("ix_referral_patient", "referral", ["alliance_id", "patient_key"])
    op.create_index("ix_referral_pointless", "referral", ["alliance_id", "pointless", "id"])
    op.create_index("ix_referral_receiver", "referral", ["alliance_id", "receiver", "id"])
    op.create_index("ix_referral_sender", "referral", ["alliance_id", "sender", "id"])
    op.create_index("ix_referral_specialty", "referral", ["alliance_id", "specialty", "id"])
    op.create_index("ix_referral_state", "referral", ["alliance_id", "state", "id"])
    op.create_index(
        "uq_referral_record",
        "referral",
        ["alliance_id", "sender", "source", "record"],
        unique=True,
        sqlite_where=IMPORTED,
        postgresql_where=IMPORTED,
    )
    op.create_table(
        "referral_contact",
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name="fk_referral_contact_referral_id"),
        sa.PrimaryKeyConstraint("referral_id", name="pk_referral_contact"),
    )
    op.create_table(
        "referral_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name="fk_referral_message_referral_id"),
        sa.PrimaryKeyConstraint("id", name="pk_referral_message"),
    )
    op.create_index("ix_referral_message_referral_id", "referral_message", ["referral_id"])
    op.create_table(
        "referral_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_referral_turn_alliance_id"),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name="fk_referral_turn_referral_id"),
        sa.PrimaryKeyConstraint("id", name="pk_referral_turn"),
    )
    op.create_index("ix_referral_turn_at", "referral_turn", ["alliance_id", "at"])
    op.create_index("ix_referral_turn_referral_id", "referral_turn", ["referral_id"])
    op.create_table(
        "referral_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.Column("certify_due", Moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("certified_by", sa.Text(), nullable=False),
        sa.Column("certified_at", Moment(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_referral_pair_alliance_id"),
        sa.ForeignKeyConstraint(["first_id"], ["referral.id"], name="fk_referral_pair_first_id"),
        sa.ForeignKeyConstraint(["second_id"], ["referral.id"], name="fk_referral_pair_second_id"),
        sa.PrimaryKeyConstraint("id", name="pk_referral_pair"),
        sa.UniqueConstraint("second_id", name="uq_referral_pair_second_id"),
    )
    op.create_index("ix_referral_pair_first_id", "referral_pair", ["first_id"])
    op.create_index("ix_referral_pair_state", "referral_pair", ["alliance_id", "state", "id"])
    op.create_table(
        "referral_fee",
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name="fk_referral_fee_referral_id"),
        sa.PrimaryKeyConstraint("referral_id", "kind", name="pk_referral_fee"),
    )
    guard(op.get_bind())


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    guard(op.get_bind())
