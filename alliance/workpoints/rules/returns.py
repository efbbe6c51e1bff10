"""Payments that the bank returned (W17): what is still out with the bank, and what becomes of what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alliance.core.refused import Both

OPEN, AGAIN, WITHHELD = "open", "again", "withheld"
STATES: Mapping[str, Both] = {
    OPEN: Both("待处理", "open"),
    AGAIN: Both("重新发放", "paid again"),
    WITHHELD: Both("转暂扣", "withheld"),
}
CHOICES = (AGAIN, WITHHELD)
REASON = 200  # the longest, in characters


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back of a person's pay, in cents: of which batch, what became of it, and the batch that paid it
    again (0 for none)."""

    amount: int
    batch: int = 1
    state: str = OPEN
    paid_batch: int = 0


def still_out(net: int, returned: Iterable[Returned]) -> int:
    """What of a person's net pay lies with the bank: all of it, less what came back and was not paid again."""
    return net - sum(one.amount for one in returned if one.state != AGAIN)


def last_batch(returned: Iterable[Returned]) -> int:
    """The batch that paid somebody last, which is the one that can come back now."""
    return max((one.paid_batch for one in returned if one.state == AGAIN), default=1)


def sum_of(returned: Iterable[Returned], state: str) -> int:
    """The sum of what came back and is in a state, in cents."""
    return sum(one.amount for one in returned if one.state == state)
