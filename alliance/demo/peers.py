"""How members of the demo rate each other: who supports whom, the last scored quarter closed, the next one open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from alliance.core.period import Period, day_of
from alliance.demo import people, values
from alliance.demo.days import moment
from alliance.demo.teller import Teller
from alliance.members import services as members
from alliance.members.rules.links import Support
from alliance.ratings import queries, services
from alliance.ratings.rules.peer_items import SHIPPED
from alliance.ratings.rules.peers import CANNOT_JUDGE, FLOOR, LOWEST, TOP

CONSTANT = "C09"  # whose rater gave everybody 5
STRAIGHT = "C14"  # whose rater gave each member one mark through all items
WAITING = frozenset({"T01", "S02", "C01", "C03"})  # have not handed in the open round
BEGUN = timedelta(days=3)  # after the end of a quarter
CLOSED = timedelta(days=20)
CANNOT = {"P04", "P05"}  # what some never see of each other
KEPT = "经向评价人核实，其按总体印象评分，各单位之间仍有区分，予以保留。"
HELPERS = ("S01", "S02", "S04", "S05")


def link(teller: Teller, start: date, at: datetime) -> None:
    """Hospitals support centers, the lead hospital the others, and centers their neighbours."""
    centers = [f"C{number:02}" for number in range(1, len(people.CENTERS) + 1)]
    found = [Support(f"S{number:02}", "04", start, (("T01", Decimal(100)),)) for number in range(1, 6)]
    for place, code in enumerate(centers):
        near = [centers[(place + step) % len(centers)] for step in (1, 2)]
        helper = HELPERS[place % len(HELPERS)]
        for specialty, shares in (
            ("03", (("T01", Decimal(60)), (helper, Decimal(40)))),
            ("05.02", (("S03", Decimal(100)),)),
            ("21", ((near[0], Decimal(70)), (near[1], Decimal(30)))),
            ("50", (("S02", Decimal(100)),)),
        ):
            found.append(Support(code, specialty, start, shares))
    members.set_link(teller.alliance, found, by=teller.by("office"), now=at)


def rate(teller: Teller, quarter: Period) -> None:
    """A whole round for a quarter that is over: begun, rated by everybody, decided on, closed."""
    at = moment(quarter.until) + BEGUN
    one = _open(teller, quarter, at)
    for line in queries.rater_lines(one):
        _fill(teller, one, line.rater, at + timedelta(days=2))
        _hand_in(teller, one, line.rater, at + timedelta(days=3))
    at = moment(quarter.until) + CLOSED
    for flag in queries.open_flags(teller.alliance, one.id, day_of(at)):
        judge = min(queries.deciders(teller.alliance, flag.flag, day_of(at)))
        services.decide_flag(
            teller.alliance, quarter.code, flag.flag.key, False, KEPT, by=teller.by(judge), now=at
        )  # fmt: skip
    services.close_round(teller.alliance, quarter.code, by=teller.by("office"), now=at + timedelta(hours=1))


def open_next(teller: Teller) -> None:
    """The round of the first quarter that is not scored yet: half of the members have handed in."""
    quarter = teller.last_scored().back(-1)
    at = max(teller.clock - timedelta(days=5), moment(quarter.first))
    teller.say(f"cross-rating of {quarter.code}")
    one = _open(teller, quarter, at)
    for line in queries.rater_lines(one):
        if line.rater == "C03":
            _fill(teller, one, line.rater, at + timedelta(hours=3), most=3)
        elif line.rater not in WAITING and values.chance(line.rater, "early") < Fraction(2, 3):
            _fill(teller, one, line.rater, at + timedelta(hours=3))
            _hand_in(teller, one, line.rater, at + timedelta(hours=4))


def _open(teller: Teller, quarter: Period, at: datetime) -> queries.RoundInfo:
    weights = {one.code: one.weight for one in SHIPPED}
    services.open_round(teller.alliance, quarter.code, weights, FLOOR, by=teller.by("office"), now=at)
    found = queries.peer_round(teller.alliance, quarter.code)
    assert found is not None
    return found


def _fill(teller: Teller, one: queries.RoundInfo, rater: str, at: datetime, most: int = 10) -> None:
    place = teller.days.place(Period.parse(one.period))
    sheets = {
        row.target: services.Sheet(_marks(one, rater, row.target, place))
        for row in queries.own_pairs(one.id, rater)[:most]
    }
    services.save_rating(teller.alliance, one.period, rater, sheets, by=teller.lead(rater), now=at)


def _hand_in(teller: Teller, one: queries.RoundInfo, rater: str, at: datetime) -> None:
    services.submit_rating(teller.alliance, one.period, rater, by=teller.lead(rater), now=at)


def _marks(one: queries.RoundInfo, rater: str, target: str, place: int) -> dict[str, int]:
    """Around what the story says of the target, with the rater's own severity; one rater gives the top everywhere."""
    if rater == CONSTANT:
        return dict.fromkeys(one.codes, TOP)
    level, _n = values.ratings(target, Period.parse(one.period), place)["peers"]
    base = Fraction(level) / 20 + (values.chance(rater, "severity") - Fraction(1, 2))
    if rater == STRAIGHT:
        return dict.fromkeys(one.codes, _within(base))
    return {item: _mark(base, item, rater, target, one.period) for item in one.codes}


def _mark(base: Fraction, item: str, rater: str, target: str, period: str) -> int:
    if item in CANNOT and values.chance(rater, target, item, "unseen") < Fraction(1, 8):
        return CANNOT_JUDGE
    exact = base + (values.chance(rater, target, item, period) - Fraction(1, 2)) * Fraction(6, 5)
    return _within(exact)


def _within(exact: Fraction) -> int:
    """The nearest mark."""
    return min(max(int(exact + Fraction(1, 2)), LOWEST), TOP)
