"""Point libraries: versions that the alliance publishes, adopted by hospitals, single items overridden."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import DecimalText, Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

LINK = "fk_point_table_adopted_id"
# Going back, a hospital keeps the points that it adopted as a table of its own, with the overrides that hold last.
OWN_ROWS = """
INSERT INTO item_point (table_id, item, role, name_zh, name_en, item_class, points)
SELECT t.id, r.item, r.role, r.name_zh, r.name_en, r.item_class, r.points
FROM point_table t JOIN item_point r ON r.table_id = t.adopted_id"""
LAST = """SELECT o.points FROM point_override o
WHERE o.table_id = item_point.table_id AND o.item = item_point.item AND o.role = item_point.role
ORDER BY o.start DESC, o.id DESC LIMIT 1"""
OWN_POINTS = f"UPDATE item_point SET points = ({LAST}) WHERE ({LAST}) IS NOT NULL"


def upgrade() -> None:
    with op.batch_alter_table("point_table") as batch:
        batch.add_column(sa.Column("adopted_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(LINK, "point_table", ["adopted_id"], ["id"])
    op.create_table(
        "point_library",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["table_id"], ["point_table.id"], name="fk_point_library_table_id"),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_point_library_alliance_id"),
        sa.PrimaryKeyConstraint("table_id", name="pk_point_library"),
        sa.UniqueConstraint("alliance_id", "code", "version", name="uq_point_library_place"),
    )
    op.create_table(
        "point_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("points", DecimalText(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["table_id"], ["point_table.id"], name="fk_point_override_table_id"),
        sa.PrimaryKeyConstraint("id", name="pk_point_override"),
    )
    op.create_index("ix_point_override_table", "point_override", ["table_id"])
    guard(op.get_bind())


def downgrade() -> None:
    op.execute(OWN_ROWS)
    op.execute(OWN_POINTS)
    op.execute("UPDATE point_table SET adopted_id = NULL")
    op.drop_table("point_override")
    op.drop_table("point_library")
    op.execute("DELETE FROM item_point WHERE table_id IN (SELECT id FROM point_table WHERE institution = '')")
    op.execute("DELETE FROM point_table WHERE institution = ''")
    with op.batch_alter_table("point_table") as batch:
        batch.drop_constraint(LINK, type_="foreignkey")
        batch.drop_column("adopted_id")
    guard(op.get_bind())
