"""People: homes of persons, one-time links, second factors, deputies and ends of grants, drafts, failed sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("alliance_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_person_alliance_id"), "alliance", ["alliance_id"], ["id"])
        batch.create_index(op.f("ix_person_alliance_id"), ["alliance_id"])
    # Who has a role somewhere is kept by the first alliance that gave one.
    op.execute(
        "UPDATE person SET alliance_id = (SELECT MIN(grant_row.alliance_id) FROM grant_row "
        "JOIN account ON account.id = grant_row.account_id WHERE account.person_id = person.id)"
    )
    with op.batch_alter_table("account") as batch:
        # Nobody knows when the passwords that are there were set; their age counts from now.
        batch.add_column(sa.Column("password_at", Moment(), nullable=True))
        batch.add_column(sa.Column("blocked_at", Moment(), nullable=True))
        batch.add_column(sa.Column("blocked_why", sa.Text(), nullable=True))
        batch.add_column(sa.Column("totp", sa.Text(), nullable=True))
        batch.add_column(sa.Column("totp_at", Moment(), nullable=True))
        batch.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.execute("UPDATE account SET password_at = CURRENT_TIMESTAMP, blocked_why = '', totp = '', totp_step = 0")
    with op.batch_alter_table("account") as batch:
        batch.alter_column("password_at", existing_type=Moment(), nullable=False)
        for name in ("blocked_why", "totp"):
            batch.alter_column(name, existing_type=sa.Text(), nullable=False)
        batch.alter_column("totp_step", existing_type=sa.BigInteger(), nullable=False)
    with op.batch_alter_table("grant_row") as batch:
        batch.add_column(sa.Column("deputy_of", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("ended_by", sa.Text(), nullable=True))
        batch.add_column(sa.Column("ended_at", Moment(), nullable=True))
        batch.add_column(sa.Column("reason", sa.Text(), nullable=True))
        batch.create_foreign_key(op.f("fk_grant_row_deputy_of"), "grant_row", ["deputy_of"], ["id"])
    op.execute("UPDATE grant_row SET ended_by = '', reason = ''")
    with op.batch_alter_table("grant_row") as batch:
        for name in ("ended_by", "reason"):
            batch.alter_column(name, existing_type=sa.Text(), nullable=False)
    with op.batch_alter_table("session_row") as batch:
        batch.add_column(sa.Column("pending", sa.Boolean(), nullable=True))
    op.execute(sa.text("UPDATE session_row SET pending = :no").bindparams(no=False))
    with op.batch_alter_table("session_row") as batch:
        batch.alter_column("pending", existing_type=sa.Boolean(), nullable=False)
    op.create_table(
        "one_time_link",
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_link_account_id")),
        sa.PrimaryKeyConstraint("secret", name=op.f("pk_one_time_link")),
    )
    op.create_index(op.f("ix_one_time_link_account_id"), "one_time_link", ["account_id"])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"])
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_address"), "attempt", ["address"])
    op.create_table(
        "draft",
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("kept_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.PrimaryKeyConstraint("secret", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_account_id"), "draft", ["account_id"])
    guard(op.get_bind())


def downgrade() -> None:
    for table in ("draft", "attempt", "recovery_code", "one_time_link"):
        op.drop_table(table)
    # Half a sign-in must not become a whole one, nor a locked account an open one, where nothing asks any more.
    op.execute(sa.text("DELETE FROM session_row WHERE pending = :yes").bindparams(yes=True))
    op.execute("UPDATE account SET password = '' WHERE blocked_at IS NOT NULL")
    with op.batch_alter_table("session_row") as batch:
        batch.drop_column("pending")
    with op.batch_alter_table("grant_row") as batch:
        batch.drop_constraint(op.f("fk_grant_row_deputy_of"), type_="foreignkey")
        for name in ("deputy_of", "ended_by", "ended_at", "reason"):
            batch.drop_column(name)
    with op.batch_alter_table("account") as batch:
        for name in ("password_at", "blocked_at", "blocked_why", "totp", "totp_at", "totp_step"):
            batch.drop_column(name)
    with op.batch_alter_table("person") as batch:
        batch.drop_index(op.f("ix_person_alliance_id"))
        batch.drop_constraint(op.f("fk_person_alliance_id"), type_="foreignkey")
        batch.drop_column("alliance_id")
    guard(op.get_bind())
