"""What the rater groups found, for the score of each member: the one place where scoring asks this wing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from alliance.core.figure import Figure


@dataclass(frozen=True, slots=True)
class Asked:
    """For which period results are asked, and by which words of which scheme ("" where none is in force)."""

    alliance: int
    period: str
    scheme: str  # its reference, for the sources of figures: `scheme:<reference>#raters.<word>`
    words: Mapping[str, str]  # the table `raters` of the scheme, whole


@dataclass(frozen=True, slots=True)
class Group:
    """How one rater group is collected here.

    `results` gives what was closed, by member: a Figure `<member>/group/<group>`, not applicable where too
    few spoke. `spoke` gives how many raters, experts or answers stand behind the result of each member, as far as that
    may be told. `collected` tells whether a period is collected here at all, so that nothing is typed in beside it;
    `known` changes whenever a result does.
    """

    results: Callable[[Asked], Mapping[str, Figure]]
    spoke: Callable[[Asked], Mapping[str, int]]
    collected: Callable[[int, str], bool]
    known: Callable[[int], Iterable[object]]


GROUPS: dict[str, Group] = {}  # by rater group: peers, third_party, patients


def group_figures(asked: Asked) -> dict[tuple[str, str], Figure]:
    """The results of all groups that are collected here, by (group, member)."""
    return {(code, who): one for code, group in GROUPS.items() for who, one in group.results(asked).items()}


def spoke(asked: Asked) -> dict[tuple[str, str], int]:
    """How many stand behind the results that are collected here, by (group, member); a number that may not be told is
    not there."""
    return {(code, who): count for code, group in GROUPS.items() for who, count in group.spoke(asked).items()}


def collected(alliance: int, period: str) -> frozenset[str]:
    """The groups whose results of a period come from here."""
    return frozenset(code for code, group in GROUPS.items() if group.collected(alliance, period))


def results_known(alliance: int) -> tuple[object, ...]:
    """Changes whenever a result does."""
    return tuple(one for group in GROUPS.values() for one in group.known(alliance))
