"""What a case gives to the figures of a member: the one thing that every register tells to the wings above."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """A case in a measure of a member for a month.

    `measure` is "<register>.<what is counted>", "referral.sent_up" for one; `institution` a code; `month` as 2026-08;
    `quantity` what the case adds, 1 for a case and hours for a training; `case` the number of the case, by which its
    page is found; `person` the staff number of who did it at the institution, where it counts for somebody.
    """

    institution: str
    month: str
    measure: str
    quantity: Decimal
    case: str
    person: str = ""
