"""A hospital's internal bonus: plans, charges, months and runs; and which employee a person is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import DecimalText, Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# In the order in which they may be dropped.
TABLES = (
    "slip_line",
    "slip",
    "head_shift",
    "bonus_unit",
    "bonus_step",
    "bonus_share",
    "bonus_objection",
    "item_point",
    "bonus_run",
    "bonus_budget",
    "unit_rule",
    "unit_entry",
    "task_row",
    "shift_row",
    "roster_day",
    "point_table",
    "person_entry",
    "hospital_record",
    "holding",
    "correction_row",
    "charge_mapping",
    "charge_load",
    "charge_code",
    "case_row",
    "bonus_scheme",
)


def upgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("employee", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("person") as batch:
        batch.alter_column("employee", server_default=None)
    _kept(
        "bonus_scheme",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.UniqueConstraint("alliance_id", "institution", "code", "version", name="uq_bonus_scheme_place"),
    )
    _kept(
        "case_row",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rw", DecimalText(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("days", DecimalText(), nullable=False),
        sa.Column("cost", DecimalText(), nullable=False),
        sa.Column("payment", DecimalText(), nullable=False),
        sa.Column("reference_days", DecimalText(), nullable=False),
        sa.Column("reference_cost", DecimalText(), nullable=False),
        sa.Column("standard_cost", DecimalText(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.UniqueConstraint(
            "alliance_id", "institution", "month", "unit", "code", "revision", name="uq_case_row_place"
        ),
    )
    _kept(
        "charge_code",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("outside", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("ix_charge_code_place", "charge_code", ["alliance_id", "institution", "what"])
    _kept(
        "charge_load",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("aside", sa.Integer(), nullable=False),
        sa.Column("amount", DecimalText(), nullable=False),
        sa.Column("cleaned", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.UniqueConstraint("alliance_id", "institution", "month", "source", "revision", name="uq_charge_load_place"),
    )
    _kept(
        "charge_mapping",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
    )
    op.create_index("ix_charge_mapping_place", "charge_mapping", ["alliance_id", "institution", "source"])
    _kept(
        "correction_row",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("pays_in", sa.Text(), nullable=False),
        sa.Column("paid", sa.Text(), nullable=False),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.UniqueConstraint("alliance_id", "institution", "number", name="uq_correction_row_place"),
    )
    _kept(
        "holding",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("rate", DecimalText(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.UniqueConstraint("alliance_id", "institution", "number", name="uq_holding_place"),
    )
    _kept(
        "hospital_record",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.UniqueConstraint("alliance_id", "institution", "number", name="uq_hospital_record_place"),
    )
    _kept(
        "person_entry",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", DecimalText(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.UniqueConstraint(
            "alliance_id", "institution", "month", "unit", "person", "kind", "revision", name="uq_person_entry_place"
        ),
    )
    _kept(
        "point_table",
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
    )
    op.create_index("ix_point_table_place", "point_table", ["alliance_id", "institution", "start"])
    _kept(
        "roster_day",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.UniqueConstraint("alliance_id", "institution", "person", "day", "revision", name="uq_roster_day_place"),
    )
    op.create_index("ix_roster_day_unit", "roster_day", ["alliance_id", "institution", "unit", "day"])
    _kept(
        "shift_row",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("night", sa.Boolean(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
    )
    op.create_index("ix_shift_row_place", "shift_row", ["alliance_id", "institution", "code"])
    _kept(
        "task_row",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("reviewed_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.UniqueConstraint("alliance_id", "institution", "number", name="uq_task_row_place"),
    )
    _kept(
        "unit_entry",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", DecimalText(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.UniqueConstraint(
            "alliance_id", "institution", "month", "unit", "kind", "revision", name="uq_unit_entry_place"
        ),
    )
    _kept(
        "unit_rule",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
    )
    op.create_index("ix_unit_rule_place", "unit_rule", ["alliance_id", "institution", "unit"])
    _kept(
        "bonus_budget",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("month", sa.BigInteger(), nullable=True),
        sa.Column("pooled", sa.BigInteger(), nullable=True),
        sa.Column("base", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_bonus_budget_run_id"),
        sa.UniqueConstraint("alliance_id", "institution", "year", "version", name="uq_bonus_budget_place"),
    )
    op.create_index(
        "uq_bonus_budget_decided",
        "bonus_budget",
        ["alliance_id", "institution", "year"],
        unique=True,
        sqlite_where=sa.text("decision <> ''"),
        postgresql_where=sa.text("decision <> ''"),
    )
    op.create_table(
        "bonus_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_run", ID, nullable=False),
        sa.Column("second_run", ID, nullable=False),
        sa.Column("slips_run", ID, nullable=True),
        sa.Column("pool", sa.BigInteger(), nullable=False),
        sa.Column("reconciliation", sa.JSON(), nullable=False),
        sa.Column("issues", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_bonus_run_alliance_id"),
        sa.ForeignKeyConstraint(["first_run"], ["run.id"], name="fk_bonus_run_first_run"),
        sa.ForeignKeyConstraint(["second_run"], ["run.id"], name="fk_bonus_run_second_run"),
        sa.ForeignKeyConstraint(["slips_run"], ["run.id"], name="fk_bonus_run_slips_run"),
        sa.PrimaryKeyConstraint("id", name="pk_bonus_run"),
        sa.UniqueConstraint("alliance_id", "institution", "month", "number", name="uq_bonus_run_place"),
    )
    op.create_index(
        "uq_bonus_run_in_force",
        "bonus_run",
        ["alliance_id", "institution", "month"],
        unique=True,
        sqlite_where=sa.text("state <> 'reversed'"),
        postgresql_where=sa.text("state <> 'reversed'"),
    )
    op.create_table(
        "item_point",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("item_class", sa.Text(), nullable=False),
        sa.Column("points", DecimalText(), nullable=True),
        sa.ForeignKeyConstraint(["table_id"], ["point_table.id"], name="fk_item_point_table_id"),
        sa.PrimaryKeyConstraint("table_id", "item", "role", name="pk_item_point"),
    )
    op.create_table(
        "bonus_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bonus_run_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("filed_at", Moment(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["bonus_run_id"], ["bonus_run.id"], name="fk_bonus_objection_bonus_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bonus_objection"),
    )
    op.create_index("ix_bonus_objection_bonus_run_id", "bonus_objection", ["bonus_run_id"])
    op.create_table(
        "bonus_share",
        sa.Column("bonus_run_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("computed", sa.BigInteger(), nullable=False),
        sa.Column("computed_figure", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bonus_run_id"], ["bonus_run.id"], name="fk_bonus_share_bonus_run_id"),
        sa.PrimaryKeyConstraint("bonus_run_id", "unit", "person", name="pk_bonus_share"),
    )
    op.create_table(
        "bonus_step",
        sa.Column("bonus_run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bonus_run_id"], ["bonus_run.id"], name="fk_bonus_step_bonus_run_id"),
        sa.PrimaryKeyConstraint("bonus_run_id", "position", name="pk_bonus_step"),
    )
    op.create_table(
        "bonus_unit",
        sa.Column("bonus_run_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("bonus", sa.BigInteger(), nullable=False),
        sa.Column("reserve", sa.BigInteger(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("second_run", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bonus_run_id"], ["bonus_run.id"], name="fk_bonus_unit_bonus_run_id"),
        sa.ForeignKeyConstraint(["second_run"], ["run.id"], name="fk_bonus_unit_second_run"),
        sa.PrimaryKeyConstraint("bonus_run_id", "unit", name="pk_bonus_unit"),
    )
    op.create_table(
        "head_shift",
        sa.Column("bonus_run_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["bonus_run_id"], ["bonus_run.id"], name="fk_head_shift_bonus_run_id"),
        sa.PrimaryKeyConstraint("bonus_run_id", "unit", "revision", "person", name="pk_head_shift"),
    )
    op.create_table(
        "slip",
        sa.Column("bonus_run_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("staff_group", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["bonus_run_id"], ["bonus_run.id"], name="fk_slip_bonus_run_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_slip_run_id"),
        sa.PrimaryKeyConstraint("bonus_run_id", "person", "revision", name="pk_slip"),
    )
    op.create_index("ix_slip_person", "slip", ["person", "bonus_run_id"])
    op.create_table(
        "slip_line",
        sa.Column("bonus_run_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bonus_run_id"], ["bonus_run.id"], name="fk_slip_line_bonus_run_id"),
        sa.PrimaryKeyConstraint("bonus_run_id", "person", "revision", "position", name="pk_slip_line"),
    )
    guard(op.get_bind())


def _kept(table: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of what is recorded about a hospital."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=f"fk_{table}_alliance_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("person") as batch:
        batch.drop_column("employee")
    guard(op.get_bind())
