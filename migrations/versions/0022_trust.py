"""Trust in the data: cross-check rounds, falsifications, values reported elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("fund", sa.Text(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_check_round_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_round")),
        sa.UniqueConstraint("alliance_id", "period", name=op.f("uq_check_round_alliance_id_period")),
    )
    op.create_table(
        "check_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("checker", sa.Text(), nullable=False),
        sa.Column("figures", sa.Integer(), nullable=False),
        sa.Column("population", sa.JSON(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("correct_until", Moment(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_check_sample_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_sample")),
        sa.UniqueConstraint(
            "alliance_id",
            "period",
            "institution",
            "number",
            name=op.f("uq_check_sample_alliance_id_period_institution_number"),
        ),
    )
    op.create_table(
        "falsification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("periods", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_falsification_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_falsification")),
        sa.UniqueConstraint("alliance_id", "number", name=op.f("uq_falsification_alliance_id_number")),
    )
    op.create_table(
        "reported_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("explained", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_reported_value_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_value")),
        sa.UniqueConstraint(
            "alliance_id", "period", "institution", "element", "report", "revision", name="uq_reported_value_place"
        ),
    )
    op.create_table(
        "check_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sample_id"], ["check_sample.id"], name=op.f("fk_check_item_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_item")),
        sa.UniqueConstraint("sample_id", "element", name=op.f("uq_check_item_sample_id_element")),
    )
    op.create_table(
        "check_finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_media", sa.Text(), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("checked_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["check_item.id"], name=op.f("fk_check_finding_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_finding")),
        sa.UniqueConstraint("item_id", name=op.f("uq_check_finding_item_id")),
    )
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("check_finding")
    op.drop_table("check_item")
    op.drop_table("reported_value")
    op.drop_table("falsification")
    op.drop_table("check_sample")
    op.drop_table("check_round")
    guard(op.get_bind())
