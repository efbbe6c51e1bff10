"""Working days are counted; which days are such is told by whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

Works = Callable[[date], bool]  # whether a day is a working day


def working_day(after: date, count: int, works: Works) -> date:
    """The working day that is `count` working days after a day."""
    day = after
    while count:
        day += timedelta(days=1)
        count -= works(day)
    return day
