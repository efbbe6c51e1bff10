"""Data elements that are derived from cases: which measures feed which element, and what a month's figure rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """What a case adds to a figure: `month` is the one in which it counts by itself; before the figure's month the
    share is a correction of what was counted then."""

    month: str
    measure: str
    case: str
    person: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Derivation:
    """How an element comes of cases: the sum of some measures over `window` months up to the figure's, or, where
    `reaching` is given, the persons, weeks or devices whose sum reaches it."""

    measures: tuple[str, ...]
    window: int = 1
    reaching: Decimal | None = None
    what: str = "persons"  # what reaches it: persons, weeks or devices

    def is_corrected(self, aggregation: str) -> bool:
        """Whether what becomes known later is added to a later month: of what is summed over months, not of a stock,
        and not of what looks back over a year and sees it by itself."""
        return aggregation == "flow" and self.window == 1 and self.reaching is None


HALF_YEAR = Decimal(183)  # days within twelve months, from which a person posted counts
# Every element of the libraries that cases feed, referrals by the measures of their own register.
DERIVED: Mapping[str, Derivation] = {
    "E020": Derivation(("repeat.recognised",)),
    "E021": Derivation(("repeat.at_once",)),
    "E022": Derivation(("repeat.repeated",)),
    "E036": Derivation(("equipment.used",)),
    "E047": Derivation(("referral.sent_up", "referral.received_up")),
    "E048": Derivation(("referral.sent_down", "referral.received_down")),
    "E049": Derivation(("referral.sent_down",)),
    "E055": Derivation(("consultation.requested",)),
    "E056": Derivation(("consultation.given",)),
    "E057": Derivation(("reading.imaging",)),
    "E058": Derivation(("visit.half_days",)),
    "E060": Derivation(("visit.in_week",), 1, Decimal(4), "weeks"),
    "E061": Derivation(("visit.patients",)),
    "E062": Derivation(("posting.days",), 12, HALF_YEAR),
    "E063": Derivation(("training.hours_given",)),
    "E064": Derivation(("training.attendee_hours",)),
    "E066": Derivation(("training.hours_attended",), 12, Decimal(40)),
    "E072": Derivation(("equipment.devices",), 3, Decimal(1), "devices"),
    "E080": Derivation(("research.under_way",)),
    "E081": Derivation(("activity.discussions",)),
    "E082": Derivation(("technique.first",), 12),
    "AE03": Derivation(("referral.sent_up",)),
    "AE04": Derivation(("referral.sent_down",)),
    "AE05": Derivation(("referral.received_up",)),
    "AE10": Derivation(("posting.begun",)),
    "AE13": Derivation(("consultation.given",)),
    "AE14": Derivation(("reading.imaging",)),
    "AE15": Derivation(("reading.ecg",)),
    "AE16": Derivation(("reading.pathology",)),
    "CE04": Derivation(("posting.days",), 12, HALF_YEAR),
    "CE06": Derivation(("reading.imaging",)),
    "CE07": Derivation(("reading.ecg",)),
}


@dataclass(frozen=True, slots=True)
class Feed:
    """From a month on an element is derived, or is not any more."""

    element: str
    month: str
    derived: bool


def is_fed(feeds: Iterable[Feed], element: str, month: str) -> bool:
    """Whether an element is derived in a month: of what was set for months up to it, the latest month's last holds."""
    begun = [one for one in feeds if one.element == element and one.month <= month]
    return max(enumerate(begun), key=lambda pair: (pair[1].month, pair[0]))[1].derived if begun else False


def corrections(known: Iterable[Share], kept: Iterable[Share]) -> list[Share]:
    """What earlier months that are closed owe to the next open one: known now, less what was kept of them already."""
    owed: dict[tuple[str, str, str], Decimal] = {}
    whose: dict[tuple[str, str, str], Share] = {}
    for sign, shares in ((1, known), (-1, kept)):
        for one in shares:
            key = (one.month, one.measure, one.case)
            owed[key] = owed.get(key, Decimal(0)) + sign * one.quantity
            whose.setdefault(key, one)
    return [replace(whose[key], quantity=quantity) for key, quantity in sorted(owed.items()) if quantity]


def value_of(derivation: Derivation, shares: Sequence[Share]) -> Decimal:
    """The figure that rests on some shares."""
    if derivation.reaching is None:
        return sum((one.quantity for one in shares), Decimal(0))
    sums: dict[str, Decimal] = {}
    for one in shares:
        if one.person:
            sums[one.person] = sums.get(one.person, Decimal(0)) + one.quantity
    return Decimal(sum(total >= derivation.reaching for total in sums.values()))


def held(shares: Sequence[Share]) -> list[Share]:
    """The shares that a figure counts: all of them; where they come to less than 0, what could not be taken off stays
    owed to a later month."""
    if sum((one.quantity for one in shares), Decimal(0)) >= 0:
        return list(shares)
    kept, room = [], sum((one.quantity for one in shares if one.quantity > 0), Decimal(0))
    for one in shares:
        if one.quantity > 0:
            kept.append(one)
        elif room:
            taken = max(one.quantity, -room)
            kept.append(replace(one, quantity=taken))
            room += taken
    return kept
