"""Files that the two sides of a disputed referral attach to their messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referral_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["referral_message.id"], name="fk_referral_file_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_referral_file"),
    )
    op.create_index("ix_referral_file_message_id", "referral_file", ["message_id"])
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("referral_file")
    guard(op.get_bind())
