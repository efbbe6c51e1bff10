"""The texts of a bulletin may be edited until it is decided, and it is known when they last were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bulletin") as batch:
        batch.add_column(sa.Column("edited_at", Moment(), nullable=True))
    guard(op.get_bind())


def downgrade() -> None:
    with op.batch_alter_table("bulletin") as batch:
        batch.drop_column("edited_at")
    guard(op.get_bind())
