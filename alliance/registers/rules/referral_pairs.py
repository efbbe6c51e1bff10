"""Pointless referrals (I12): the same patient, the opposite direction, the same diagnosis, within fourteen days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alliance.core.period import end_of
from alliance.core.refused import Both, Refused
from alliance.core.workdays import Works, working_day
from alliance.registers.rules.referrals import CANCELLED, DECLINED, DOWN, MISSED, UP

WINDOW = timedelta(days=14)  # from the day on which the first was seen
CERTIFY_DAYS = 5  # working days
SAME = 3  # characters of the diagnosis
OPPOSITE = {UP: DOWN, DOWN: UP}
NEVER = frozenset({DECLINED, CANCELLED, MISSED})  # the patient did not move

FOUND, CERTIFIED, COUNTERSIGNED, REFUSED, VOID = "found", "certified", "countersigned", "refused", "void"
PAIR_STATES: Mapping[str, Both] = {
    FOUND: Both("待说明", "to be certified"),
    CERTIFIED: Both("待复核", "to be countersigned"),
    COUNTERSIGNED: Both("认定合理，计入", "justified, both count"),
    REFUSED: Both("未予认定，不计入", "not justified, neither counts"),
    VOID: Both("后一例未成立", "the second did not take place"),
}
HOLDS = frozenset({FOUND, CERTIFIED, REFUSED})  # while a pair is in one of these, neither case counts


@dataclass(frozen=True, slots=True)
class Move:
    """What a pair is known by: a case, its patient's key, direction, diagnosis, state, days of filing and seeing."""

    case: int
    key: str
    direction: str
    diagnosis: str
    state: str
    filed: date
    seen: date | None


def pairs(moves: Iterable[Move]) -> list[tuple[int, int]]:
    """The pointless pairs, as (first, second), among the cases of any patients.

    Up with I10.x05, seen on the 3rd, and down with I10.902 filed on the 17th: a pair; filed on the 18th: none. Two
    upward, other diagnoses, a second that was declined: none. Each case is the second of the latest first at most.
    """
    of: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        if move.key and move.direction in OPPOSITE and move.state not in NEVER:
            of[move.key].append(move)
    found = []
    for group in of.values():
        if len(group) > 1:
            found.extend(_within(group))
    return sorted(found)


def _within(group: list[Move]) -> list[tuple[int, int]]:
    found = []
    for second in group:
        firsts = [first for first in group if first.case != second.case and _is_pair(first, second)]
        if firsts:
            found.append((max(firsts, key=lambda one: (one.seen or one.filed, one.case)).case, second.case))
    return found


def _is_pair(first: Move, second: Move) -> bool:
    return (
        first.seen is not None
        and second.direction == OPPOSITE[first.direction]
        and second.diagnosis[:SAME] == first.diagnosis[:SAME]
        and first.seen <= second.filed <= first.seen + WINDOW
        and first.filed <= second.filed
    )


def certify_due(found: date, works: Works) -> datetime:
    """To the end of the fifth working day after the pair was found."""
    return end_of(working_day(found, CERTIFY_DAYS, works))


def check_certificate(state: str, due: datetime, now: datetime) -> None:
    """Refused: what was certified already, or too late."""
    if state != FOUND:
        raise Refused("Nothing was changed: this pair is in the state “%(state)s” meanwhile.", state=PAIR_STATES[state])
    if now >= due:
        raise Refused("The five working days for a certificate are over; the pair stays pointless.")


def check_countersign(state: str, employer: str, parties: Iterable[str], certified_by: str, account: str) -> None:
    """Refused: what is not certified; by who certified it or is employed by an institution concerned."""
    if state != CERTIFIED:
        raise Refused("Nothing was changed: this pair is in the state “%(state)s” meanwhile.", state=PAIR_STATES[state])
    if account == certified_by or (employer and employer in set(parties)):
        raise Refused("Nobody employed by an institution concerned decides on its referrals.")
