"""The reserve of a unit (W14): what months keep of its bonus, and what is released of it to its people."""

from __future__ import annotations

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


def check_reviewer(entered_by: str, reviewer: str, pays_reviewer: bool) -> None:
    """Refused: who entered a release reviews it, or who works in the unit and is paid by it."""
    if entered_by == reviewer:
        raise Refused("You entered this release; another person reviews it.")
    if pays_reviewer:
        raise Refused("This release pays your unit; another person reviews it.")
