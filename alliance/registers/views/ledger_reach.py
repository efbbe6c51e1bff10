"""Whose ledgers the reader may open, and which entries of each."""

from __future__ import annotations

from flask import request

from alliance.access import alliance_id, concerns, grants, scope, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.core.roles import ROLES
from alliance.members import queries as members
from alliance.registers.queries import EntryInfo, Reach

ALLIANCE = "alliance"  # the place in an address that stands for the alliance's own ledger
OFFICE = "office"
CONCERNED = frozenset({"reporter", "member_lead"})
KEEPERS = frozenset({"hospital_office", "member_lead"})  # read the whole ledger of their hospital


def owner(place: str) -> str:
    """The institution whose ledger a place in an address is; "" for the alliance's."""
    return "" if place == ALLIANCE else place


def place_of(institution: str) -> str:
    return institution or ALLIANCE


def acting(act: Act) -> set[str]:
    """Where the reader may do something with a ledger: a role of a hospital reaches that hospital's alone, however much
    of the alliance one may see."""
    here = [one for one in grants() if one.alliance_id == alliance_id() and act in ROLES[one.role]]
    found = {ALLIANCE for one in here if one.role == OFFICE and not one.institution}
    return found | {one.institution for one in here if one.role in KEEPERS and not one.department}


def headed(institution: str) -> frozenset[str]:
    """The units that the reader heads, with all beneath them."""
    mine = {unit for place, unit in scope().departments if place == institution}
    return members.beneath_of(alliance_id(), institution, mine, today()) if mine else frozenset()


def reach(place: str) -> Reach:
    """Which entries of a ledger the reader may see."""
    mine = scope()
    if place == ALLIANCE:
        return Reach(whole=OFFICE in mine.roles, members=_filed_for())
    if place in acting(Act.REGISTERS_ENTRY_READ):
        return Reach(whole=True)
    return Reach(units=headed(place), person=mine.employee if mine.employer == place else "")


def places() -> list[str]:
    """The ledgers that are the reader's business: the own hospital's first, then the alliance's."""
    mine = scope()
    inner = acting(Act.REGISTERS_ENTRY_READ) - {ALLIANCE} | {institution for institution, _unit in mine.departments}
    inner |= {mine.employer} if mine.employee else set()
    return [*sorted(inner), *([ALLIANCE] if OFFICE in mine.roles or _filed_for() else [])]


def _filed_for() -> frozenset[str]:
    """The members of which the reader is told what the alliance's ledger holds about them."""
    here = [one for one in grants() if one.alliance_id == alliance_id() and one.role in CONCERNED]
    return frozenset(one.institution for one in here)


def asked_place() -> str:
    """The ledger of the address, by default the first of one's own; NotFound for any other."""
    mine = places()
    place = request.args.get("place") or next(iter(mine), "")
    if place not in mine:
        raise NotFound()
    concerns(owner(place))
    return place


def kept(act: Act, place: str) -> str:
    """The institution of a ledger with which the reader may do something; NotFound for any other."""
    if place not in acting(act):
        raise NotFound()
    concerns(owner(place))
    return owner(place)


def objects_to(one: EntryInfo) -> bool:
    """Whether an entry concerns the reader: one's own, of a unit that one heads, of the member that one leads."""
    mine = scope()
    if not one.institution:
        here = [grant for grant in grants() if grant.role == "member_lead" and grant.alliance_id == alliance_id()]
        return one.member in {grant.institution for grant in here}
    own = one.institution == mine.employer and bool(mine.employee) and one.person == mine.employee
    return own or one.unit in headed(one.institution)
