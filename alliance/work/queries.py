"""The questions about work: where a form led, whether the database answers."""

from __future__ import annotations

from sqlalchemy import select, text

from alliance.db import db
from alliance.work.models import Receipt


def location_of(once: str) -> str | None:
    """Where the first answer to a form led."""
    return db.session.scalar(select(Receipt.location).where(Receipt.once == once))


def database_answers() -> bool:
    return bool(db.session.scalar(text("SELECT 1")) == 1)
