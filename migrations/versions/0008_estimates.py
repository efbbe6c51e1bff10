"""Provisional scores and money of periods that are still running, worked out each night."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "estimate",
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.Column("computed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_estimate_alliance_id_alliance")),
        sa.PrimaryKeyConstraint("alliance_id", "period", name=op.f("pk_estimate")),
    )
    op.create_table(
        "fund_estimate",
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("totals_of", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.Column("computed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_fund_estimate_alliance_id_alliance")),
        sa.PrimaryKeyConstraint("alliance_id", "period", name=op.f("pk_fund_estimate")),
    )
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("fund_estimate")
    op.drop_table("estimate")
    guard(op.get_bind())
