"""Mails wait in a table, people name where they get them, and notices are read and acknowledged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("one_time_link") as batch:
        batch.add_column(sa.Column("mailed", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("mailed_to", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("one_time_link") as batch:
        batch.alter_column("mailed", server_default=None)
        batch.alter_column("mailed_to", server_default=None)
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("matter", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("queued_at", Moment(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_mail_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("number", name=op.f("uq_mail_number")),
    )
    op.create_index("ix_mail_state", "mail", ["state", "next_at"])
    op.create_index("ix_mail_alliance_id", "mail", ["alliance_id", "id"])
    op.create_table(
        "mailbox",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("verified_at", Moment(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.Boolean(), nullable=False),
        sa.Column("bulletins", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mailbox_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mailbox")),
    )
    op.create_index("ix_mailbox_secret", "mailbox", ["secret"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("institutions", sa.JSON(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_media", sa.Text(), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.Column("reminded_at", Moment(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_notice_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("alliance_id", "number", name=op.f("uq_notice_alliance_id_number")),
    )
    op.create_table(
        "notice_receipt",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("read_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_receipt_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "account", name=op.f("pk_notice_receipt")),
    )
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("notice_receipt")
    op.drop_table("notice")
    op.drop_index("ix_mailbox_secret", "mailbox")
    op.drop_table("mailbox")
    op.drop_index("ix_mail_alliance_id", "mail")
    op.drop_index("ix_mail_state", "mail")
    op.drop_table("mail")
    with op.batch_alter_table("one_time_link") as batch:
        batch.drop_column("mailed_to")
        batch.drop_column("mailed")
    guard(op.get_bind())
