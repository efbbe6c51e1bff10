"""Who tells the story of the demo: the alliance, its days, and the persons in whose name the verbs are called."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alliance.accounts import queries as account_queries
from alliance.accounts import services as accounts
from alliance.core.actor import Actor
from alliance.core.period import SHANGHAI, Period
from alliance.demo import people
from alliance.demo.clock import OPENS
from alliance.demo.days import Days

SYSTEM = Actor("demo")  # in whose name the demo begins: by it half a demo is known from a real alliance
SEATS = (("chair", "T01"), ("committee2", "S02"), ("committee3", "C03"), ("committee4", ""), ("committee5", ""))
Say = Callable[[str], None]
EMPLOYERS = {one.account: one.employer for one in people.staff()}


@dataclass(slots=True)
class Teller:
    """The story of one alliance up to a day; `printing` are the files of bulletins that are being made beside it."""

    days: Days
    say: Say
    alliance: int = 0
    printing: dict[str, dict[str, Future[bytes]]] = field(default_factory=dict)

    def by(self, account: str) -> Actor:
        return Actor(account, EMPLOYERS[account])

    def reporter(self, member: str) -> Actor:
        return self.by(f"{member.lower()}.reporter")

    def lead(self, member: str) -> Actor:
        return self.by(f"{member.lower()}.lead")

    def officer(self, member: str) -> Actor:
        """The officer of the alliance who is not employed by a member."""
        return self.by("office" if EMPLOYERS["office2"] == member else "office2")

    def officer_of_raters(self, member: str) -> Actor:
        """The officer who enters what raters found about a member: not employed there either."""
        return self.by("office2" if EMPLOYERS["office"] == member else "office")

    @property
    def clock(self) -> datetime:
        """The moment up to which the story is told."""
        return datetime.combine(self.days.today, OPENS, SHANGHAI)

    def decide(self, subject: str, text: str, at: datetime, recused: str = "") -> str:
        """A decision of the committee, all present in favour; its number."""
        day = at.astimezone(SHANGHAI).date()
        number = account_queries.next_number(self.alliance, day.year)
        choices = {
            place: "recused" if institution and institution == recused else "for"
            for place, (_, institution) in enumerate(SEATS, 1)
        }
        accounts.record_decision(
            self.alliance,
            "committee",
            number,
            day - timedelta(days=1),
            subject,
            text,
            f"滨医管〔{number}〕",
            choices,
            by=self.by("committee4"),
            now=at,
        )
        return number

    def last_scored(self, back: int = 0) -> Period:
        """The last scored quarter, or one so many before it."""
        return self.days.scored[-1 - back]
