"""What the hospital's own system reports for a month, to compare our sums with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import DecimalText, Moment

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hospital_total",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", DecimalText(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_hospital_total_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hospital_total"),
        sa.UniqueConstraint(
            "alliance_id", "institution", "month", "unit", "measure", "revision", name="uq_hospital_total_place"
        ),
    )
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("hospital_total")
    guard(op.get_bind())
