"""How alembic reaches the portal's database and its models."""

from __future__ import annotations

from importlib import import_module

from alembic import context
from flask import current_app
from sqlalchemy import Connection

WINGS = (
    "audit",
    "work",
    "post",
    "members",
    "accounts",
    "notices",
    "registers",
    "indicators",
    "evaluation",
    "funds",
    "workpoints",
    "bulletins",
)

for wing in WINGS:
    import_module(f"alliance.{wing}.models")

migrate = current_app.extensions["migrate"]
database = migrate.db


def foreign_keys(connection: Connection, on: str) -> None:
    """Let SQLite look at foreign keys or not; inside a transaction it would not listen, so before one begins."""
    if connection.dialect.name == "sqlite":
        connection.rollback()
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.cursor().execute(f"PRAGMA foreign_keys={on}")


def run() -> None:
    """Migrate over a connection of the app's own engine."""
    if context.is_offline_mode():
        raise SystemExit("Migrations run against a database; there is no offline mode.")
    with database.engine.connect() as connection:
        # A batch migration makes tables anew; foreign keys would stop it half way.
        foreign_keys(connection, "OFF")
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transaction_per_migration=False,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        foreign_keys(connection, "ON")


run()
