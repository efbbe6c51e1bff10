"""Grants, which bind a role to a place and a time, and what they let their holder do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from alliance.core.acts import Act
from alliance.core.roles.kinds import PERSONAL
from alliance.core.roles.recusal import RECUSED
from alliance.core.roles.rights import ROLES


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held for an alliance, one institution of it or one department of that, from a day until a day (not
    included)."""

    role: str
    alliance_id: int
    institution: str = ""  # natural code; "" for the whole alliance
    start: date = date.min
    until: date = date.max
    department: str = ""  # natural code within the institution; "" for all of it

    def holds(self, on: date) -> bool:
        return self.start <= on < self.until

    def overlaps(self, other: Grant) -> bool:
        """Whether there is a day on which both hold."""
        return max(self.start, other.start) < min(self.until, other.until)


def held(grants: Iterable[Grant], on: date) -> list[Grant]:
    """The grants that hold on a day."""
    return [grant for grant in grants if grant.holds(on)]


def may(grants: Iterable[Grant], act: Act, *, employer: str = "", institution: str = "") -> bool:
    """Whether one of the grants that hold carries the act; for an institution, whether it reaches all of that.

    Nobody employed by an institution reviews or decides its matters.
    """
    if institution and institution == employer and act in RECUSED:
        return False
    return any(
        act in ROLES[grant.role]
        and (
            not institution
            or not grant.institution
            or (place_of(grant) == (institution, "") and grant.role not in PERSONAL)
        )
        for grant in grants
    )


def place_of(grant: Grant) -> tuple[str, str]:
    """Where a grant reaches: institution and department, "" where it names none."""
    return grant.institution, grant.department
