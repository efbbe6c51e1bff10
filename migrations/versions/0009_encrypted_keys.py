"""The keys of authenticators are encrypted under the keys of the deployment; timetables say whether periods open by
themselves."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.cipher import is_encrypted, keyring

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PURPOSE = "account.totp"
ACCOUNT = sa.table("account", sa.column("id", sa.Integer), sa.column("code", sa.Text), sa.column("totp", sa.Text))


def upgrade() -> None:
    keys = keyring()
    _rewrite(lambda kept, code: kept if is_encrypted(kept) else keys.encrypt(kept, PURPOSE, code))
    with op.batch_alter_table("timetable") as batch:
        batch.add_column(sa.Column("automatic", sa.Boolean(), nullable=True))
    # Whoever set a timetable until now opens the periods by hand.
    op.execute(sa.text("UPDATE timetable SET automatic = :no").bindparams(no=False))
    with op.batch_alter_table("timetable") as batch:
        batch.alter_column("automatic", existing_type=sa.Boolean(), nullable=False)
    guard(op.get_bind())


def downgrade() -> None:
    keys = keyring()
    with op.batch_alter_table("timetable") as batch:
        batch.drop_column("automatic")
    _rewrite(lambda kept, code: keys.decrypt(kept, PURPOSE, code))
    guard(op.get_bind())


def _rewrite(turned: Callable[[str, str], str]) -> None:
    bind = op.get_bind()
    for number, code, kept in bind.execute(sa.select(ACCOUNT).where(ACCOUNT.c.totp != "")).all():
        bind.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == number).values(totp=turned(kept, code)))
