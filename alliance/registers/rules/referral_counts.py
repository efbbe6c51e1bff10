"""Which referrals count for the figures of a month, as known at a moment, and what is corrected later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from alliance.registers.rules.counted import Counted
from alliance.registers.rules.referrals import DIRECTIONS, TREATED

ONE, LESS = Decimal(1), Decimal(-1)


class Turn(NamedTuple):
    """A moment at which a case began to count or ceased to; a case begins as one that does not count, so that its turns
    alternate."""

    case: str
    sender: str
    receiver: str
    direction: str
    month: str  # in which the patient was seen
    at: datetime
    counts: bool


def counts(state: str, disputed: bool, pointless: bool) -> bool:
    """Whether a case counts: both sides confirmed it (one filed it, the other saw the patient), neither disputes it,
    and it is not pointless."""
    return state in TREATED and not disputed and not pointless


def counted(turns: Iterable[Turn], month: str, known: datetime, before: datetime | None = None) -> list[Counted]:
    """What the cases of a month count for, as known at a moment; with `before`, the moment of the run of the month
    before, also what became known since about earlier months, as +1 or -1 in this one.

    `turns` in the order in which they were recorded. Seen in August and disputed after the run of August, settled in
    October: August +1, September -1, October +1. Each case counts once for each side.
    """
    first: dict[str, Turn] = {}
    last: dict[str, Turn] = {}
    for turn in turns:
        if turn.at > known or turn.month > month or (turn.month < month and (before is None or turn.at <= before)):
            continue
        first.setdefault(turn.case, turn)
        last[turn.case] = turn
    found: list[Counted] = []
    sent = {way: (f"referral.sent_{way}", f"referral.received_{way}") for way in DIRECTIONS}
    for case, turn in last.items():
        was = turn.month < month and not first[case].counts  # it stood the other way before its first turn since
        if turn.counts != was:
            quantity, (given, taken) = ONE if turn.counts else LESS, sent[turn.direction]
            found.append(Counted(turn.sender, month, given, quantity, case))
            found.append(Counted(turn.receiver, month, taken, quantity, case))
    return found
