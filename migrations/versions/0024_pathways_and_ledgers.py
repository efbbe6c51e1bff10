"""Joint care pathways and assessment ledgers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import DecimalText, Moment

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = (
    "pathway_version",
    "pathway_case",
    "pathway_step",
    "pathway_record",
    "ledger_standard",
    "ledger_item",
    "ledger_entry",
    "ledger_notice",
)


def upgrade() -> None:
    op.create_table(
        "pathway_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_pathway_version_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pathway_version"),
        sa.UniqueConstraint("alliance_id", "code", "version", name="uq_pathway_version_place"),
    )
    op.create_table(
        "pathway_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hospital", sa.Text(), nullable=False),
        sa.Column("center", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("born", sa.Integer(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=False),
        sa.Column("day0", sa.Date(), nullable=False),
        sa.Column("last_due", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_pathway_case_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pathway_case"),
        sa.UniqueConstraint("alliance_id", "number", name="uq_pathway_case_number"),
    )
    op.create_index("ix_pathway_case_due", "pathway_case", ["alliance_id", "last_due"])
    op.create_index("ix_pathway_case_patient", "pathway_case", ["alliance_id", "patient"])
    op.create_table(
        "pathway_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("done", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["pathway_case.id"], name="fk_pathway_step_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pathway_step"),
        sa.UniqueConstraint("case_id", "place", name="uq_pathway_step_place"),
    )
    op.create_index("ix_pathway_step_due", "pathway_step", ["institution", "due"])
    op.create_table(
        "pathway_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("done", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["pathway_step.id"], name="fk_pathway_record_step_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pathway_record"),
    )
    op.create_index("ix_pathway_record_step_id", "pathway_record", ["step_id"])
    op.create_table(
        "ledger_standard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_ledger_standard_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_standard"),
        sa.UniqueConstraint("alliance_id", "institution", "kind", "version", name="uq_ledger_standard_place"),
    )
    op.create_table(
        "ledger_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("points", DecimalText(), nullable=False),
        sa.ForeignKeyConstraint(["standard_id"], ["ledger_standard.id"], name="fk_ledger_item_standard_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_item"),
        sa.UniqueConstraint("standard_id", "code", name="uq_ledger_item_code"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("standard", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("hundredths", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_media", sa.Text(), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("reviewed_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("objected_by", sa.Text(), nullable=False),
        sa.Column("objected_at", Moment(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_ledger_entry_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entry"),
        sa.UniqueConstraint("alliance_id", "institution", "number", name="uq_ledger_entry_place"),
    )
    op.create_index("ix_ledger_entry_month", "ledger_entry", ["alliance_id", "institution", "month"])
    op.create_table(
        "ledger_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_ledger_notice_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_notice"),
        sa.UniqueConstraint("alliance_id", "notice", name="uq_ledger_notice_number"),
    )
    op.create_index("ix_ledger_notice_month", "ledger_notice", ["alliance_id", "institution", "month"])
    guard(op.get_bind())


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    guard(op.get_bind())
