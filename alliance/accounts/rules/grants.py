"""What is true of grants: where a role is held, what one person may not hold together, deputies, and the last one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from alliance.core.refused import Refused
from alliance.core.roles import DEPARTMENTAL, ONLY_ONE, PLACED, ROLES, SEPARATED, Grant

LASTING = ("security_admin", "admin")  # without one of these an alliance cannot help itself


def check_grant(new: Grant, mine: Sequence[Grant], others: Sequence[Grant]) -> None:
    """Refuse a grant that cannot be. `mine` are the person's other grants, `others` those of other people."""
    if new.role not in ROLES:
        raise Refused("There is no role %(role)s.", role=new.role)
    if new.role in PLACED and not new.institution:
        raise Refused("The role %(role)s is held for one member; choose the member.", role=new.role)
    if new.role not in PLACED and new.institution:
        raise Refused("The role %(role)s is held for the whole alliance, not for a member.", role=new.role)
    if new.role in DEPARTMENTAL and not new.department:
        raise Refused("The role %(role)s is held for one department; choose the department.", role=new.role)
    if new.role not in DEPARTMENTAL and new.department:
        raise Refused("The role %(role)s is not held for a department; leave the department blank.", role=new.role)
    if new.start >= new.until:
        raise Refused("A role ends after the day on which it begins.")
    for other in mine:
        if new.overlaps(other):
            _check_together(new, other)
    if new.role in ONLY_ONE:
        for other in others:
            if same_place(new, other) and new.overlaps(other):
                raise Refused(
                    "%(who)s has a %(role)s from %(start)s already; there is exactly one at any date. End that role "
                    "first.",
                    who=new.institution,
                    role=new.role,
                    start=max(new.start, other.start),
                )


def _check_together(new: Grant, other: Grant) -> None:
    """Refuse two roles that one person may not hold at one time."""
    if same_place(new, other):
        raise Refused("This person holds the role %(role)s in that time already.", role=new.role)
    if new.role == other.role:
        return
    if "auditor" in (new.role, other.role):
        raise Refused(
            "This person holds the role %(held)s in that time; an auditor holds no other role.", held=other.role
        )
    if {new.role, other.role} <= SEPARATED:
        raise Refused(
            "This person holds the role %(held)s in that time; system administrator, security administrator and "
            "auditor are three persons.",
            held=other.role,
        )


def same_place(one: Grant, other: Grant) -> bool:
    """Whether two grants are of one role for one alliance, member or department."""
    places = [(grant.role, grant.alliance_id, grant.institution, grant.department) for grant in (one, other)]
    return places[0] == places[1]


def check_deputy(new: Grant, stands_for: Grant, of_deputy: bool) -> None:
    """Refuse a deputy for longer than the grant itself holds, for a deputy, or where there is only one."""
    if of_deputy:
        raise Refused("This role is held as a deputy already; a deputy has no deputy.")
    if new.role in ONLY_ONE:
        raise Refused(
            "There is exactly one %(role)s, so nobody stands in; end the role and give it anew.", role=new.role
        )
    if new.start < stands_for.start or new.until > stands_for.until:
        raise Refused("A deputy stands in only while the role itself is held.")


def check_last(role: str, until: date, remaining: Iterable[Grant]) -> None:
    """Refuse to end the last grant of those who can give the others back."""
    if role in LASTING and not any(grant.role == role and grant.holds(until) for grant in remaining):
        raise Refused("Nobody else holds the role %(role)s from then on; give it to another person first.", role=role)
