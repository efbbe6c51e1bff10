"""The pages that stand beside one another, for the tabs of pathways and of ledgers."""

from __future__ import annotations

from flask import current_app, request, url_for
from flask_babel import gettext as _

from alliance.access import alliance_id, can, today
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused, mark
from alliance.i18n import label, period
from alliance.members import queries as members
from alliance.pages import Link

WAYS: tuple[tuple[str, str, Act], ...] = (
    (mark("All registers"), "registers.list_registers", Act.REGISTERS_REGISTER_LIST),
    (mark("Pathway cases"), "registers.list_courses", Act.REGISTERS_COURSE_LIST),
    (mark("Rates of pathways"), "registers.read_rates", Act.REGISTERS_RATE_READ),
    (mark("Pathways"), "registers.list_pathways", Act.REGISTERS_PATHWAY_LIST),
    (mark("Assessment ledger"), "registers.list_entries", Act.REGISTERS_ENTRY_LIST),
    (mark("Totals of ledgers"), "registers.read_totals", Act.REGISTERS_TOTAL_READ),
    (mark("Standards"), "registers.list_standards", Act.REGISTERS_STANDARD_LIST),
)
MONTHS = 24


def tabs() -> list[Link]:
    """The pages of pathways and ledgers that the reader may open."""
    known = current_app.view_functions
    return [
        Link(_(text), url_for(end), request.endpoint == end) for text, end, act in WAYS if end in known and can(act)
    ]


def period_asked(default: str) -> Period:
    """The period of the address; NotFound for what is none."""
    try:
        return Period.parse(request.args.get("period") or default)
    except Refused:
        raise NotFound() from None


def months() -> list[tuple[str, str]]:
    """The last months and the next, to choose from."""
    this = Period.parse(f"{today():%Y-%m}")
    return [(one.code, period(one.code)) for one in (this.back(back) for back in range(-3, MONTHS))]


def tiers_of() -> dict[str, tuple[str, str]]:
    """The members of today by code: tier, and name with code."""
    return {one.code: (one.tier, f"{label(one)} {one.code}") for one in members.members(alliance_id(), today())}
