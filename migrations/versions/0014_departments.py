"""Departments of institutions with their dated facts, codes and shares; roles held for a department."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import DecimalText, Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grant_row") as batch:
        batch.add_column(sa.Column("department", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("grant_row") as batch:
        batch.alter_column("department", server_default=None)
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_department_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("institution_id", "code", name=op.f("uq_department_institution_id_code")),
    )
    op.create_table(
        "department_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("accounting", sa.Text(), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column("ended", sa.Date(), nullable=True),
        *_hand(),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_department_fact_department_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["department.id"], name=op.f("fk_department_fact_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_fact")),
    )
    op.create_index("ix_department_fact_department_id", "department_fact", ["department_id"])
    op.create_table(
        "department_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("outside", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("start", sa.Date(), nullable=False),
        *_hand(),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_department_code_institution_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_department_code_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_code")),
    )
    op.create_index("ix_department_code_institution_id", "department_code", ["institution_id"])
    op.create_index("ix_department_code_department_id", "department_code", ["department_id"])
    op.create_table(
        "department_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        *_hand(),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_department_service_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_service")),
    )
    op.create_index("ix_department_service_department_id", "department_service", ["department_id"])
    op.create_table(
        "department_share",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("served_id", sa.Integer(), nullable=False),
        sa.Column("share", DecimalText(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["department_service.id"], name=op.f("fk_department_share_service_id")),
        sa.ForeignKeyConstraint(["served_id"], ["department.id"], name=op.f("fk_department_share_served_id")),
        sa.PrimaryKeyConstraint("service_id", "served_id", name=op.f("pk_department_share")),
    )
    guard(op.get_bind())


def _hand() -> list[sa.Column[object]]:
    """Who recorded a fact, and when."""
    return [
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
    ]


def downgrade() -> None:
    op.drop_table("department_share")
    op.drop_index("ix_department_service_department_id", "department_service")
    op.drop_table("department_service")
    op.drop_index("ix_department_code_department_id", "department_code")
    op.drop_index("ix_department_code_institution_id", "department_code")
    op.drop_table("department_code")
    op.drop_index("ix_department_fact_department_id", "department_fact")
    op.drop_table("department_fact")
    op.drop_table("department")
    # Nobody knows these roles any more, and one for a department would become one for the whole institution.
    roles = "role IN ('department_head', 'hospital_office', 'personnel')"
    op.execute(f"DELETE FROM grant_row WHERE {roles} AND deputy_of IS NOT NULL")
    op.execute(f"DELETE FROM grant_row WHERE {roles}")
    with op.batch_alter_table("grant_row") as batch:
        batch.drop_column("department")
    guard(op.get_bind())
