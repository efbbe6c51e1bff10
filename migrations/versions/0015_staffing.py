"""Posts with their evaluation, the establishment of departments, seniority, and staff with its dated facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import DecimalText, Moment

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, natural in (("post", "code"), ("employee", "number")):
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("institution_id", sa.Integer(), nullable=False),
            sa.Column(natural, sa.Text(), nullable=False),
            sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=f"fk_{table}_institution_id"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint("institution_id", natural, name=f"uq_{table}_institution_id_{natural}"),
        )
    _facts(
        "post_fact",
        ["post"],
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("skill", DecimalText(), nullable=False),
        sa.Column("management", DecimalText(), nullable=False),
        sa.Column("risk", DecimalText(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
    )
    _facts("post_scale", ["institution"], sa.Column("content", sa.JSON(), nullable=False))
    _facts(
        "post_rating",
        ["post"],
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
    )
    _facts("establishment", ["department", "post"], sa.Column("number", sa.Integer(), nullable=False))
    _facts("seniority_table", ["institution"], sa.Column("steps", sa.JSON(), nullable=False))
    _facts(
        "employee_fact",
        ["employee", "department", "post"],
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hired", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
    )
    guard(op.get_bind())


def _facts(table: str, owners: list[str], *columns: sa.Column[object]) -> None:
    """A table of dated facts about what its owners name."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(f"{owner}_id", sa.Integer(), nullable=False) for owner in owners),
        sa.Column("start", sa.Date(), nullable=False),
        *columns,
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        *(sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], name=f"fk_{table}_{owner}_id") for owner in owners),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    for owner in owners:
        op.create_index(f"ix_{table}_{owner}_id", table, [f"{owner}_id"])


def downgrade() -> None:
    for table in ("employee_fact", "seniority_table", "establishment", "post_rating", "post_scale", "post_fact"):
        op.drop_table(table)
    op.drop_table("employee")
    op.drop_table("post")
    guard(op.get_bind())
