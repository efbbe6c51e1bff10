"""Experts who are withdrawn from a panel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.db import Moment

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("expert_score", sa.Column("withdrawn_at", Moment(), nullable=True))


def downgrade() -> None:
    op.drop_column("expert_score", "withdrawn_at")
