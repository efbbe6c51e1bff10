"""Jobs: work outside the request; timed tasks know when they run next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('queued', 'running')")
WORDS = (
    "kind", "key", "subject", "institution", "reader", "asked_by", "employer", "token", "state", "step", "holder",
    "cancel_by",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in WORDS),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "total", "attempts")),
        sa.Column("queued_at", Moment(), nullable=False),
        *(sa.Column(name, Moment(), nullable=True) for name in ("started_at", "ended_at", "heartbeat")),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("parameters", "origin", "result", "outcome", "refusal")
        ),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_job_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_job_open", "job", ["alliance_id", "kind", "key"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_index("ix_job_state", "job", ["state", "id"])
    op.create_index("ix_job_asked_by", "job", ["alliance_id", "asked_by", "id"])
    with op.batch_alter_table("task_run") as batch:
        batch.add_column(sa.Column("next_at", Moment(), nullable=True))
        batch.alter_column("started", existing_type=Moment(), nullable=True)
    guard(op.get_bind())


def downgrade() -> None:
    op.execute("DELETE FROM task_run WHERE started IS NULL")
    with op.batch_alter_table("task_run") as batch:
        batch.alter_column("started", existing_type=Moment(), nullable=False)
        batch.drop_column("next_at")
    op.drop_table("job")
    guard(op.get_bind())
