"""Sources of the fund have revisions; of a period one fund is in force at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pool_line") as batch:
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_constraint("uq_pool_line_alliance_id_period_number", type_="unique")
        batch.create_unique_constraint(
            "uq_pool_line_alliance_id_period_number_revision", ["alliance_id", "period", "number", "revision"]
        )
    with op.batch_alter_table("pool_line") as batch:
        batch.alter_column("revision", server_default=None)
    in_force = sa.text("decision <> ''")
    op.create_index(
        "uq_fund_run_decided", "fund_run", ["alliance_id", "period"], unique=True,
        sqlite_where=in_force, postgresql_where=in_force,
    )  # fmt: skip
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_index("uq_fund_run_decided", "fund_run")
    # Without revisions only the newest of a source can stay.
    op.execute(
        "DELETE FROM pool_line WHERE EXISTS (SELECT 1 FROM pool_line AS later WHERE later.alliance_id = "
        "pool_line.alliance_id AND later.period = pool_line.period AND later.number = pool_line.number AND "
        "later.revision > pool_line.revision)"
    )
    with op.batch_alter_table("pool_line") as batch:
        batch.drop_constraint("uq_pool_line_alliance_id_period_number_revision", type_="unique")
        batch.create_unique_constraint("uq_pool_line_alliance_id_period_number", ["alliance_id", "period", "number"])
        batch.drop_column("revision")
    guard(op.get_bind())
