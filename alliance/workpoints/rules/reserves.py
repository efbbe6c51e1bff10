"""The reserve of a unit (W14): what months keep of its bonus, and what is released of it to its people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from alliance.core.money import yuan
from alliance.core.refused import Refused
from alliance.workpoints.rules.ledgers import NO_DOCUMENT, check_amount, check_month, check_reason


def check_release(month: str, cents: int, reason: str, document: str) -> None:
    """Refused: what is no month, no amount, no reason of ten characters, no document."""
    check_month(month)
    check_amount(cents)
    check_reason(reason)
    if not document.strip():
        raise Refused(NO_DOCUMENT)


def check_held(unit: str, cents: int, held: int) -> None:
    """Refused, with both amounts: more to be released than the unit's reserve holds. In cents."""
    if cents > held:
        raise Refused(
            "%(unit)s: %(amount)s CNY are to be released of its reserve, which holds %(held)s CNY.",
            unit=unit, amount=yuan(cents), held=yuan(held),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a month kept of a unit's bonus, or released of what earlier months kept; in cents."""

    month: str
    unit: str
    amount: int


def overdrawn(kept: Iterable[Reserved], released: Iterable[Reserved]) -> dict[str, tuple[int, int]]:
    """The units whose releases are more than earlier months kept: by unit what the first such month releases, and what
    the reserve holds for it, in cents."""
    moves = sorted(
        [(one.unit, one.month, 0, one.amount) for one in released]
        + [(one.unit, one.month, 1, one.amount) for one in kept]
    )
    found: dict[str, tuple[int, int]] = {}
    left: dict[str, int] = {}
    for (unit, _month, order), parts in groupby(moves, lambda move: move[:3]):
        amount, held = sum(part[3] for part in parts), left.get(unit, 0)
        if not order and amount > held:
            found.setdefault(unit, (amount, held))
        left[unit] = held + amount if order else held - amount
    return found
