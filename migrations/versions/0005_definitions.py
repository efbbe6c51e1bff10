"""Definitions hold from a day, for a cause; code systems with their mappings; the text of the data standard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("definition") as batch:
        # What was there before held from the beginning.
        batch.add_column(sa.Column("valid_from", sa.Date(), nullable=False, server_default="0001-01-01"))
        for name in ("cause", "cause_text", "added_by"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("definition") as batch:
        for name in ("valid_from", "cause", "cause_text", "added_by"):
            batch.alter_column(name, server_default=None)
    op.create_table(
        "code_system",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_code_system_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_system")),
        sa.UniqueConstraint("alliance_id", "code", "version", name=op.f("uq_code_system_alliance_id_code_version")),
    )
    op.create_table(
        "code_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["system_id"], ["code_system.id"], name=op.f("fk_code_term_system_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_term")),
        sa.UniqueConstraint("system_id", "code", name=op.f("uq_code_term_system_id_code")),
    )
    op.create_table(
        "code_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system_id", sa.Integer(), nullable=False),
        sa.Column("target_system_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["system_id"], ["code_system.id"], name=op.f("fk_code_mapping_system_id")),
        sa.ForeignKeyConstraint(
            ["target_system_id"], ["code_system.id"], name=op.f("fk_code_mapping_target_system_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_mapping")),
        sa.UniqueConstraint(
            "system_id", "target_system_id", "code", "valid_from",
            name=op.f("uq_code_mapping_system_id_target_system_id_code_valid_from"),
        ),
    )  # fmt: skip
    op.create_table(
        "standard_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_standard_text_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_text")),
    )
    guard(op.get_bind())


def downgrade() -> None:
    for table in ("standard_text", "code_mapping", "code_term", "code_system"):
        op.drop_table(table)
    with op.batch_alter_table("definition") as batch:
        for name in ("added_by", "cause_text", "cause", "valid_from"):
            batch.drop_column(name)
    guard(op.get_bind())
