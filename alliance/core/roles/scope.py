"""The scope of a reader: what one account may see in one alliance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alliance.core.acts import Act
from alliance.core.roles.grants import Grant, place_of
from alliance.core.roles.kinds import ENGAGED, FILING, TRIALS, WHOLE
from alliance.core.roles.rights import ROLES


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see, as data for queries.

    `institutions` are the natural codes whose unpublished figures are open to the reader, None for all of the alliance.
    `own` are those for which the reader files, leads or checks, also beside a role that sees all; an expert sees those
    of an engagement without any being its own. Of the institutions
    in `inside` all departments are open, of others only those in `departments` (institution, department) with what
    stands beneath them. Of those in `staff` every person is open, else the people of `departments`. Of those in
    `bonus` the internal bonus is open whole; of others the own departments' and, by the staff number `employee` at the
    employer, one's own.
    """

    alliance_id: int
    account: str = ""
    employer: str = ""
    roles: frozenset[str] = frozenset()
    institutions: frozenset[str] | None = frozenset()
    own: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    departments: frozenset[tuple[str, str]] = frozenset()
    staff: frozenset[str] = frozenset()
    bonus: frozenset[str] = frozenset()
    employee: str = ""

    def sees(self, institution: str) -> bool:
        return self.institutions is None or institution in self.institutions

    @property
    def sees_trials(self) -> bool:
        return bool(self.roles & TRIALS)


def scope_of(account: str, employer: str, grants: Iterable[Grant], alliance_id: int, employee: str = "") -> Scope:
    """The scope of an account in one alliance."""
    here = [grant for grant in grants if grant.alliance_id == alliance_id]
    whole = any(grant.role in WHOLE and not grant.institution for grant in here)
    own = frozenset(grant.institution for grant in here if grant.institution and grant.role in FILING)
    engaged = {grant.institution for grant in here if grant.institution and grant.role == ENGAGED}
    inner = [
        place_of(grant) for grant in here if grant.institution and Act.MEMBERS_DEPARTMENT_READ in ROLES[grant.role]
    ]
    return Scope(
        alliance_id,
        account,
        employer,
        frozenset(grant.role for grant in here),
        None if whole else own | engaged,
        own,
        frozenset(institution for institution, department in inner if not department),
        frozenset((institution, department) for institution, department in inner if department),
        frozenset(
            grant.institution
            for grant in here
            if grant.institution and not grant.department and Act.MEMBERS_EMPLOYEE_READ in ROLES[grant.role]
        ),
        frozenset(
            grant.institution for grant in here if grant.institution and Act.WORKPOINTS_RUN_READ in ROLES[grant.role]
        ),
        employee if any(grant.role == "staff" and grant.institution == employer for grant in here) else "",
    )
