"""How alembic reaches the portal's database and its models."""

from __future__ import annotations

from importlib import import_module

from alembic import context
from flask import current_app

WINGS = ("audit", "work", "members", "accounts", "indicators", "evaluation", "funds", "bulletins")

for wing in WINGS:
    import_module(f"alliance.{wing}.models")

migrate = current_app.extensions["migrate"]
database = migrate.db


def run() -> None:
    """Migrate over a connection of the app's own engine."""
    if context.is_offline_mode():
        raise SystemExit("Migrations run against a database; there is no offline mode.")
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A batch migration makes tables anew; foreign keys would stop it half way.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transaction_per_migration=False,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
