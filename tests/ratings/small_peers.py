"""A round of cross-rating in the small alliance: everybody linked to everybody, rated by turns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from alliance.core.period import day_of
from alliance.members import services as members
from alliance.members.rules.links import Support
from alliance.ratings import services
from alliance.ratings.queries import open_flags, peer_round
from alliance.ratings.rules.peer_items import SHIPPED
from tests.small import MEMBERS, by

PERIOD = "2026Q1"
OPENED = datetime(2026, 4, 20, 2, tzinfo=UTC)
LATER = datetime(2026, 5, 9, 2, tzinfo=UTC)  # when the window is over
WEIGHTS = {one.code: one.weight for one in SHIPPED}
CODES = [one.code for one in SHIPPED]


def link_all(alliance: int) -> None:
    """All pairs are linked: each member is supported by those after it, with shares that add up."""
    codes = list(MEMBERS)
    supports = []
    for place, one in enumerate(codes[:-1]):
        others = codes[place + 1 :]
        shares = [(other, Decimal(20)) for other in others[1:]]
        first = (others[0], Decimal(100 - 20 * len(shares)))
        supports.append(Support(one, "", date(2026, 1, 1), (first, *shares)))
    members.set_link(alliance, supports, by=by("office"), now=OPENED)


def open_round(alliance: int, floor: int = 3) -> None:
    link_all(alliance)
    services.open_round(alliance, PERIOD, WEIGHTS, floor, by=by("office"), now=OPENED)


def marks_of(rater: str, target: str) -> dict[str, int]:
    """Marks that differ by target and item, and lie a mark higher with a lenient rater."""
    place = list(MEMBERS).index(target)
    lenient = rater in ("H1", "C2")
    return {code: 2 + (place + at) % 3 + lenient for at, code in enumerate(CODES)}


def rate(alliance: int, rater: str, same: int = 0) -> None:
    """Save the whole form of a member and hand it in."""
    who = by(f"{rater.lower()}.lead")
    sheets = {
        target: services.Sheet(dict.fromkeys(CODES, same) if same else marks_of(rater, target))
        for target in MEMBERS
        if target != rater
    }
    services.save_rating(alliance, PERIOD, rater, sheets, by=who, now=OPENED)
    services.submit_rating(alliance, PERIOD, rater, by=who, now=OPENED)


def rate_all(alliance: int, *but: str) -> None:
    for rater in MEMBERS:
        if rater not in but:
            rate(alliance, rater)


def close(alliance: int) -> None:
    """Decide what strikes, keeping it, and close the round."""
    found = peer_round(alliance, PERIOD)
    assert found
    for one in open_flags(alliance, found.id, day_of(LATER)):
        services.decide_flag(alliance, PERIOD, one.flag.key, False, "asked both; fine", by=by("office2"), now=LATER)
    services.close_round(alliance, PERIOD, by=by("office"), now=LATER)
