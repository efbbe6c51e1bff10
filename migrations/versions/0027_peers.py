"""Cross-rating: who supports whom, rounds, pairs with their marks, forms, verdicts, cells, reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import DecimalText, Moment

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("supporter", sa.Text(), nullable=False),
        sa.Column("supported", sa.Text(), nullable=False),
        sa.Column("specialty", sa.Text(), nullable=False),
        sa.Column("share", DecimalText(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_member_link_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_member_link"),
    )
    op.create_index("ix_member_link_supported", "member_link", ["alliance_id", "supported", "specialty", "start"])
    op.create_table(
        "peer_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_peer_round_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_peer_round"),
        sa.UniqueConstraint("alliance_id", "period", name="uq_peer_round_period"),
    )
    op.create_table(
        "peer_pair",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["peer_round.id"], name="fk_peer_pair_round_id"),
        sa.PrimaryKeyConstraint("round_id", "rater", "target", name="pk_peer_pair"),
    )
    op.create_table(
        "peer_form",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["peer_round.id"], name="fk_peer_form_round_id"),
        sa.PrimaryKeyConstraint("round_id", "rater", name="pk_peer_form"),
    )
    op.create_table(
        "peer_verdict",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["peer_round.id"], name="fk_peer_verdict_round_id"),
        sa.PrimaryKeyConstraint("round_id", "flag", name="pk_peer_verdict"),
    )
    op.create_table(
        "peer_cell",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("raters", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("relative", sa.Text(), nullable=False),
        sa.Column("raw_trimmed", sa.Text(), nullable=False),
        sa.Column("relative_trimmed", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["peer_round.id"], name="fk_peer_cell_round_id"),
        sa.PrimaryKeyConstraint("round_id", "target", "item", name="pk_peer_cell"),
    )
    op.create_table(
        "peer_reminder",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["peer_round.id"], name="fk_peer_reminder_round_id"),
        sa.PrimaryKeyConstraint("round_id", "rater", "occasion", name="pk_peer_reminder"),
    )
    guard(op.get_bind())


def downgrade() -> None:
    for table in ("peer_reminder", "peer_cell", "peer_verdict", "peer_form", "peer_pair", "peer_round", "member_link"):
        op.drop_table(table)
    guard(op.get_bind())
