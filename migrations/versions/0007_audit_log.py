"""The log is read by indexes and sealed event by event; refusals and turns are counted by the minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import MARKS, guard, marked
from alliance.db import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WAYS = [["alliance_id", *narrow, "at", "id"] for narrow in ([], ["account"], ["act"], ["subject"])]


def upgrade() -> None:
    with op.batch_alter_table("event_seal") as batch:
        batch.add_column(sa.Column("leaves", sa.LargeBinary(), nullable=True))
    op.drop_index("ix_event_alliance_id", "event")
    op.drop_index("ix_event_subject", "event")
    for columns in WAYS:
        op.create_index(f"ix_event_{'_'.join(columns)}", "event", columns)
    for mark in MARKS:
        op.create_index(
            f"ix_event_{mark}",
            "event",
            ["alliance_id", "at", "id"],
            postgresql_where=sa.text(marked(mark)),
            sqlite_where=sa.text(marked(mark)),
        )
    op.create_table(
        "refusal_tally",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("minute", Moment(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_refusal_tally_alliance_id")),
        sa.PrimaryKeyConstraint("account", "minute", name=op.f("pk_refusal_tally")),
    )
    op.create_table(
        "turn",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("minute", Moment(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "minute", name=op.f("pk_turn")),
    )
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("turn")
    op.drop_table("refusal_tally")
    for mark in MARKS:
        op.drop_index(f"ix_event_{mark}", "event")
    for columns in WAYS:
        op.drop_index(f"ix_event_{'_'.join(columns)}", "event")
    op.create_index("ix_event_subject", "event", ["subject"])
    op.create_index("ix_event_alliance_id", "event", ["alliance_id"])
    with op.batch_alter_table("event_seal") as batch:
        batch.drop_column("leaves")
    guard(op.get_bind())
