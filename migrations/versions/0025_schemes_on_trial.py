"""Bonus schemes on trial: what units and persons would have got in past months."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bonus_trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("months", sa.JSON(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_bonus_trial_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bonus_trial"),
    )
    op.create_index("ix_bonus_trial_scheme", "bonus_trial", ["alliance_id", "scheme"])
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("bonus_trial")
    guard(op.get_bind())
