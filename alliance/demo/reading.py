"""The written answers of the demo's last survey: some are released, one kind is withheld, some still wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from alliance.demo.teller import Teller
from alliance.members import queries as members
from alliance.ratings import queries, services
from alliance.ratings.rules.texts import HELD

READ = 24  # so many are read on the first day; the others wait
RUDE = "卫生间"  # what is asked of the cleaners is told to them, not to everybody


def read(teller: Teller, at: datetime) -> None:
    """An officer who is not employed there reads what was written, in an order that is the same each time."""
    by = teller.by("office")
    elsewhere = [one.code for one in members.members(teller.alliance, at.date()) if one.code != by.employer]
    found, _total = queries.texts(teller.alliance, HELD, elsewhere, 1, 1000)
    for place, one in enumerate(sorted(found, key=lambda text: (text.text, text.institution, text.key))[:READ]):
        decide = services.withhold_text if RUDE in one.text else services.release_text
        decide(teller.alliance, one.key, by=by, now=at + timedelta(minutes=place))
