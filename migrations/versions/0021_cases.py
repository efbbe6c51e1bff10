"""Cases of the registers, certificates, and which elements are derived from cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def alliance(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=f"fk_{table}_alliance_id")


def upgrade() -> None:
    _cases()
    _beside_cases()
    _derived()
    guard(op.get_bind())


def _cases() -> None:
    op.create_table(
        "register_case",
        sa.Column("id", LARGE, nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        text("register"),
        sa.Column("number", sa.Integer(), nullable=False),
        *map(text, ("institution", "counterpart", "members", "people")),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        *map(text, ("month", "state")),
        sa.Column("revision", sa.Integer(), nullable=False),
        *map(text, ("fields", "twin", "source", "record")),
        sa.Column("version", sa.Integer(), nullable=False),
        text("filed_by"),
        sa.Column("filed_at", Moment(), nullable=False),
        text("decided_by"),
        sa.Column("decided_at", Moment(), nullable=True),
        text("reason"),
        alliance("register_case"),
        sa.PrimaryKeyConstraint("id", name="pk_register_case"),
        sa.UniqueConstraint("alliance_id", "register", "number", name="uq_register_case_number"),
    )
    for name, columns in {
        "month": ["alliance_id", "register", "month", "state"],
        "day": ["alliance_id", "register", "occurred_on", "id"],
        "state": ["alliance_id", "state", "counterpart"],
        "twin": ["alliance_id", "register", "twin"],
        "record": ["alliance_id", "institution", "source", "register", "record"],
    }.items():
        op.create_index(f"ix_register_case_{name}", "register_case", columns)


def _beside_cases() -> None:
    op.create_table(
        "case_revision",
        sa.Column("case_id", LARGE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *map(text, ("fields", "reason", "filed_by")),
        sa.Column("filed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["register_case.id"], name="fk_case_revision_case_id"),
        sa.PrimaryKeyConstraint("case_id", "revision", name="pk_case_revision"),
    )
    op.create_table(
        "case_proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", LARGE, nullable=False),
        *map(text, ("name", "media")),
        sa.Column("size", sa.Integer(), nullable=False),
        *map(text, ("sha256", "added_by")),
        sa.Column("added_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["register_case.id"], name="fk_case_proof_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_proof"),
    )
    op.create_index("ix_case_proof_case_id", "case_proof", ["case_id"])
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        *map(text, ("number", "institution", "person")),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        *map(text, ("digest", "issued_by")),
        sa.Column("issued_at", Moment(), nullable=False),
        alliance("certificate"),
        sa.PrimaryKeyConstraint("id", name="pk_certificate"),
        sa.UniqueConstraint("alliance_id", "number", name="uq_certificate_alliance_id_number"),
    )
    op.create_index("ix_certificate_person", "certificate", ["alliance_id", "institution", "person", "year"])


def _derived() -> None:
    op.create_table(
        "element_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        *map(text, ("element", "month")),
        sa.Column("derived", sa.Boolean(), nullable=False),
        text("set_by"),
        sa.Column("set_at", Moment(), nullable=False),
        alliance("element_feed"),
        sa.PrimaryKeyConstraint("id", name="pk_element_feed"),
    )
    op.create_index("ix_element_feed_place", "element_feed", ["alliance_id", "element"])
    op.create_table(
        "counted_case",
        sa.Column("id", LARGE, nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        *map(text, ("period", "institution", "element")),
        sa.Column("revision", sa.Integer(), nullable=False),
        *map(text, ("month", "measure", "case_code", "person", "quantity")),
        alliance("counted_case"),
        sa.PrimaryKeyConstraint("id", name="pk_counted_case"),
    )
    place = ["alliance_id", "period", "institution", "element", "revision"]
    op.create_index("ix_counted_case_place", "counted_case", place)


def downgrade() -> None:
    for table in ("counted_case", "element_feed", "certificate", "case_proof", "case_revision", "register_case"):
        op.drop_table(table)
    guard(op.get_bind())
