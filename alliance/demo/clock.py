"""The demo's clock: it stands on the day that the demo was made for, however much later somebody looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from alliance.audit import queries as audit
from alliance.core.period import SHANGHAI
from alliance.demo import people
from alliance.members import queries as members

LOADED = "demo:loaded"  # the subject of the last event of the story; it keeps the day and the moment of loading
OPENS = time(9)
RUNS = timedelta(hours=12)  # of the machine's time; then the clock stands, for it may neither leave its day nor go back
LATEST = 15  # the last day of a month on which one month is being filed and another under review


@dataclass(frozen=True, slots=True)
class Anchor:
    """The day of the demo, and the machine's moment at which its clock began to run."""

    day: date
    begun: datetime

    def at(self, moment: datetime) -> datetime:
        """What the demo's clock shows at a moment of the machine's."""
        opens = datetime.combine(self.day, OPENS, SHANGHAI)
        return opens + min(max(moment - self.begun, timedelta()), RUNS)


class Clock:
    """Shows the demo's time; as long as no demo is loaded, the machine's."""

    def __init__(self) -> None:
        self.known: Anchor | None = None

    def __call__(self, moment: datetime) -> datetime:
        self.known = self.known or anchor()
        return self.known.at(moment) if self.known else moment


def default_day(today: date) -> date:
    """The day of loading; late in a month, the last day on which the month before the last is still reviewed."""
    return min(today, today.replace(day=LATEST))


def anchor() -> Anchor | None:
    """Where the demo's clock stands; None until its story was told to its end."""
    owner = members.alliance_of_code(people.ALLIANCE[0])
    events = audit.events_on(owner.id, [LOADED]) if owner else []
    if not events:
        return None
    detail = events[0].detail
    # Demos of earlier versions kept the day only; their story ended with the moment of loading.
    begun = datetime.fromisoformat(detail["begun"]) if "begun" in detail else events[0].at
    return Anchor(date.fromisoformat(detail["day"]), begun)
