"""What the hospital's own system reports for a month, to compare our sums with; payments that the bank returned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import DecimalText, Moment

revision = "0018"
down_revision = "0017"
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
    op.create_table(
        "bank_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bonus_run_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("paid_batch", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_bank_return_alliance_id"),
        sa.ForeignKeyConstraint(["bonus_run_id"], ["bonus_run.id"], name="fk_bank_return_bonus_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_return"),
        sa.UniqueConstraint("alliance_id", "institution", "number", name="uq_bank_return_place"),
    )
    op.create_index("ix_bank_return_bonus_run_id", "bank_return", ["bonus_run_id"])
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("bank_return")
    op.drop_table("hospital_total")
    guard(op.get_bind())
