"""The keys of authenticators are encrypted under the keys of the deployment."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.cipher import is_encrypted, keyring

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PURPOSE = "account.totp"
ACCOUNT = sa.table("account", sa.column("id", sa.Integer), sa.column("code", sa.Text), sa.column("totp", sa.Text))


def upgrade() -> None:
    keys = keyring()
    _rewrite(lambda kept, code: kept if is_encrypted(kept) else keys.encrypt(kept, PURPOSE, code))
    guard(op.get_bind())


def downgrade() -> None:
    keys = keyring()
    _rewrite(lambda kept, code: keys.decrypt(kept, PURPOSE, code))
    guard(op.get_bind())


def _rewrite(turned: Callable[[str, str], str]) -> None:
    bind = op.get_bind()
    for number, code, kept in bind.execute(sa.select(ACCOUNT).where(ACCOUNT.c.totp != "")).all():
        bind.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == number).values(totp=turned(kept, code)))
