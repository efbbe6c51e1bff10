"""The blueprint that every door of the wing hangs on, and the ways between its pages."""

from __future__ import annotations

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext as _

from alliance.access import alliance_id, can
from alliance.core.acts import Act
from alliance.core.refused import mark
from alliance.core.workdays import Works
from alliance.pages import Link

blueprint = Blueprint("registers", __name__, url_prefix="/registers")

# The pages that stand beside one another: label, endpoint, act.
WAYS: tuple[tuple[str, str, Act], ...] = (
    (mark("Referrals"), "registers.list_referrals", Act.REGISTERS_REFERRAL_LIST),
    (mark("Slots and beds"), "registers.list_offers", Act.REGISTERS_OFFER_LIST),
    (mark("Pointless referrals"), "registers.list_pairs", Act.REGISTERS_PAIR_LIST),
    (mark("Monthly reconciliation"), "registers.read_reconciliation", Act.REGISTERS_RECONCILIATION_READ),
    (mark("Flow of patients"), "registers.read_flow", Act.REGISTERS_FLOW_READ),
    (mark("All registers"), "registers.list_registers", Act.REGISTERS_REGISTER_LIST),
)


def ways() -> list[Link]:
    """The pages of the registers that the reader may open, for the tabs of each."""
    known = current_app.view_functions
    return [
        Link(_(text), url_for(end), request.endpoint == end) for text, end, act in WAYS if end in known and can(act)
    ]


def works() -> Works:
    """Whether a day is a working day of the alliance: as its calendar of filing knows, which stands above."""
    found: Works = current_app.config["WORKS_ON"](alliance_id())
    return found
