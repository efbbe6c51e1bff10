"""Which referrals count for the figures of a month, as known at a moment, and what is corrected later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from alliance.core.refused import Both
from alliance.registers.rules.counted import Counted
from alliance.registers.rules.kinds.shapes import Measure
from alliance.registers.rules.referrals import DIRECTIONS, TREATED

ONE, LESS = Decimal(1), Decimal(-1)
REFERRAL = "referral"
_CASES = Both("例", "cases")
# What the figures of members may be derived from; its cases are called referral/<number>.
REFERRAL_MEASURES: Mapping[str, Measure] = {
    one.code: one for one in (
        Measure("referral.sent_up", Both("转出的上转病例", "cases sent up"), _CASES, ()),
        Measure("referral.sent_down", Both("转出的下转病例", "cases sent down"), _CASES, ()),
        Measure("referral.sent_across", Both("转出的平转病例", "cases sent between equals"), _CASES, ()),
        Measure("referral.received_up", Both("接诊的上转病例", "cases received from below"), _CASES, ()),
        Measure("referral.received_down", Both("承接的下转病例", "cases received from above"), _CASES, ()),
        Measure("referral.received_across", Both("接诊的平转病例", "cases received between equals"), _CASES, ()),
    )
}  # fmt: skip


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
