"""Whose data an event is about is found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard, owner_of

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

EVENT = sa.table("event", sa.column("subject", sa.Text()))


def upgrade() -> None:
    op.create_index("ix_event_owner", "event", ["alliance_id", owner_of(EVENT.c.subject), "at", "id"])
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_event_owner", "event")
    guard(op.get_bind())
