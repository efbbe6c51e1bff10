"""A trial keeps its figures, so that its numbers open; no index by input, which took a tenth of keeping a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("trial") as batch:
        batch.add_column(sa.Column("figures", sa.LargeBinary(), nullable=True))
    op.drop_index("ix_figure_input_run_id_input", "figure_input")
    guard(op.get_bind())


def downgrade() -> None:
    op.create_index("ix_figure_input_run_id_input", "figure_input", ["run_id", "input"])
    with op.batch_alter_table("trial") as batch:
        batch.drop_column("figures")
    guard(op.get_bind())
