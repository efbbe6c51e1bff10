"""When a last day of judging may be set, and when it may be moved."""

from __future__ import annotations

from datetime import datetime, timedelta

from alliance.core.refused import REASON, Refused

DAYS = timedelta(days=120)  # that people have at the most


def check_due(due_at: datetime, now: datetime) -> None:
    """Refused: a deadline that lies back, or too far ahead."""
    if not now < due_at <= now + DAYS:
        raise Refused("The deadline must lie ahead, and at most 120 days.")


def check_moved(due_at: datetime, before: datetime, reason: str, now: datetime) -> None:
    """Refused: as above, an earlier day than the one that was promised, no reason."""
    check_due(due_at, now)
    if due_at <= before:
        raise Refused(
            "The new last day must be later than %(due)s: people rely on the time they were given.", due=before
        )
    if len(reason.strip()) < REASON:
        raise Refused("Write the reason in at least 10 characters.")
