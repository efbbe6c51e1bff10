"""Entries of withheld pay that are taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.db import Moment

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("holding", sa.Column("withdrawn_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("holding", sa.Column("withdrawn_at", Moment(), nullable=True))
    op.add_column("holding", sa.Column("withdrawn_for", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("holding") as batch:
        batch.alter_column("withdrawn_by", server_default=None)
        batch.alter_column("withdrawn_for", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("holding") as batch:
        batch.drop_column("withdrawn_for")
        batch.drop_column("withdrawn_at")
        batch.drop_column("withdrawn_by")
