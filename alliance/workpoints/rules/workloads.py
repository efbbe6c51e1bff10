"""The workload ledger (W6b): work that no system feeds, entered by hand, reviewed by somebody else, then a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from alliance.core.refused import Both, NotFound, Refused, mark
from alliance.workpoints.rules.activity import SETTINGS
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED, NO_DOCUMENT, REFUSED

SOURCE = "workload-ledger"  # of the lines that come of it; no file may be loaded under this name
PERFORMING, ORDERING = "performing", "ordering"
ROLES: Mapping[str, str] = {PERFORMING: mark("Performing"), ORDERING: mark("Ordering")}
WORKLOAD_STATES: Mapping[str, Both] = {
    ENTERED: Both("待审核", "to be reviewed"),
    ACCEPTED: Both("已通过", "accepted"),
    REFUSED: Both("已退回", "returned"),
}
Fault = tuple[str, str, dict[str, Any]]  # the part of an entry that is wrong, a message and its numbers
MOST = Decimal(1_000_000)  # of one entry
ITEM, TEXT, DOCUMENT = 64, 200, 120  # the longest, in characters
PLACES = 4  # as charge lines keep a quantity
SIZE_LIMIT = 20 * 2**20  # bytes of a file of evidence
FILES_LIMIT = 10  # of one entry
# Codes of its lines begin with this, so that no system's code is mistaken for a unit or a staff number of the portal.
OWN = "portal:"
NOT_SAID = (
    OWN  # the unit of the role that an entry does not name: known, so that nobody looks for it, and earns nothing
)


@dataclass(frozen=True, slots=True)
class Workload:
    """Work of a day: which item, how much of it, in which role, of which unit and, where it is known, of whom."""

    day: date
    item: str
    quantity: Decimal
    role: str
    setting: str
    unit: str
    person: str
    text: str
    document: str

    @property
    def month(self) -> str:
        return f"{self.day:%Y-%m}"


def check_workload(one: Workload, today: date) -> None:
    """Refused: no item, a quantity that is none or too fine, a day to come, no words, no document."""
    if one.role not in ROLES or one.setting not in SETTINGS:
        raise NotFound()
    for _part, message, numbers in workload_faults(one, today):
        raise Refused(message, **numbers)


def workload_faults(one: Workload, today: date) -> Iterator[Fault]:
    """What is wrong with an entry by itself."""
    if not one.item.strip():
        yield "item", mark("Give the code of the item."), {}
    exponent = one.quantity.normalize().as_tuple().exponent
    if not 0 < one.quantity <= MOST:
        yield "quantity", mark("The quantity must be above 0 and at most 1,000,000."), {}
    elif isinstance(exponent, int) and exponent < -PLACES:
        yield "quantity", mark("The quantity has at most %(count)s decimal places."), {"count": PLACES}
    if one.day > today:
        yield "day", mark("%(day)s has not come yet."), {"day": one.day}
    if not one.text.strip():
        yield "text", mark("Say what was done."), {}
    if not one.document.strip():
        yield "document", NO_DOCUMENT, {}
    for part, text, most in (("item", one.item, ITEM), ("text", one.text, TEXT), ("document", one.document, DOCUMENT)):
        if len(text) > most:
            yield part, mark("“%(text)s…” is longer than %(most)s characters."), {"text": text[:20], "most": most}


def check_file(name: str, size: int, there: int) -> None:
    """Refused: a file of evidence that is empty or too large, and one too many."""
    if not size:
        raise Refused("%(name)s is empty.", name=name)
    if size > SIZE_LIMIT:
        raise Refused("%(name)s is larger than %(limit)s MB.", name=name, limit=SIZE_LIMIT // 2**20)
    if there >= FILES_LIMIT:
        raise Refused("An entry has at most %(count)s files.", count=FILES_LIMIT)


def check_attach(state: str) -> None:
    """Refused: evidence for an entry that was reviewed; who reviewed it has not seen it."""
    if state != ENTERED:
        raise Refused("This entry was reviewed already.")


def own_code(code: str) -> str:
    """How a line of the ledger names a unit or a person of the portal; "" stays nobody."""
    return f"{OWN}{code}" if code else ""


def own_codes(codes: Iterable[str]) -> list[Code]:
    """What those names mean."""
    return [Code(own_code(code), code) for code in sorted(set(codes) - {""})]


def not_said(own: Sequence[Code]) -> list[Code]:
    """What the lines put aside, where there is a ledger: an entry earns in one role only."""
    return [Code(NOT_SAID, "")] if own else []
