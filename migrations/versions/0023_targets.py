"""Files behind the workload ledger; the budget set of a year and its target agreements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None


def _kept() -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "workload_file",
        *_kept(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_workload_file_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_workload_file"),
        sa.UniqueConstraint("alliance_id", "institution", "number", "sha256", name="uq_workload_file_place"),
    )
    op.create_table(
        "target_set",
        *_kept(),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_target_set_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_target_set"),
        sa.UniqueConstraint("alliance_id", "institution", "year", "version", name="uq_target_set_place"),
    )
    op.create_table(
        "target_signature",
        *_kept(),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_target_signature_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_target_signature"),
        sa.UniqueConstraint(
            "alliance_id", "institution", "year", "unit", "sha256", "side", name="uq_target_signature_place"
        ),
    )
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("target_signature")
    op.drop_table("target_set")
    op.drop_table("workload_file")
    guard(op.get_bind())
