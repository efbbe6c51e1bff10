"""Releases of the reserves of units, and what of them a unit's people got."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.db import Moment

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reserve_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("reviewed_at", Moment(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_reserve_release_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reserve_release"),
        sa.UniqueConstraint("alliance_id", "institution", "number", name="uq_reserve_release_place"),
    )
    op.add_column("bonus_unit", sa.Column("released", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("bonus_unit") as batch:
        batch.alter_column("released", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("bonus_unit") as batch:
        batch.drop_column("released")
    op.drop_table("reserve_release")
