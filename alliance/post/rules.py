"""What is true of mails: when the next try is, when to give up, how long a row is kept."""

from __future__ import annotations

from datetime import timedelta

MINUTE = timedelta(minutes=1)
# After the first try, the second and so on; thirty hours in all, so that a server may be away for a night and a day.
PAUSES = tuple(
    MINUTE * minutes for minutes in (2, 2, 2, 5, 10, 15, 30, 60, 60, 120, 120, 180, 240, 240, 360, 360)
)  # fmt: skip
TRIES = len(PAUSES)
KEPT = timedelta(days=90)  # a mail that is sent or given up
TOGETHER = 100  # mails of one round
STATES = ("waiting", "sent", "failed", "dropped")


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries."""
    return PAUSES[min(max(tries, 1), TRIES) - 1]
