"""A unit's rule and its result before they are final (W14): hearing, publicity, objections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from alliance.core.refused import Problem, Refused, mark
from alliance.core.workdays import Works, working_day

DAYS = 3  # working days of publicity, by default

# Who decides an objection first, and who after that.
INSTANCES = ("head", "office")


@dataclass(frozen=True, slots=True)
class Hearing:
    """The meeting that adopted a unit's rule: its day, who took part, the vote, the minutes (a document's number)."""

    held_on: date | None
    participants: int
    votes_for: int
    votes_against: int
    minutes: str


def check_hearing(unit: str, hearing: Hearing) -> None:
    """Refuse a rule whose hearing is not told whole, or that had no majority of those present."""
    problems = []
    if hearing.held_on is None:
        problems.append(Problem(f"{unit}.held_on", "", mark("is missing")))
    if not hearing.minutes.strip():
        problems.append(Problem(f"{unit}.minutes", "", mark("is missing")))
    votes = hearing.votes_for + hearing.votes_against
    if hearing.participants < 1 or min(hearing.votes_for, hearing.votes_against) < 0 or votes > hearing.participants:
        text = f"{hearing.votes_for} + {hearing.votes_against} / {hearing.participants}"
        problems.append(Problem(f"{unit}.votes", text, mark("there are more votes than participants")))
    elif 2 * hearing.votes_for <= hearing.participants:
        text = f"{hearing.votes_for} / {hearing.participants}"
        problems.append(Problem(f"{unit}.votes", text, mark("more than half of those present must be for it")))
    if problems:
        raise Refused("The hearing of %(unit)s does not carry its rule.", unit=unit, problems=problems)


def last_day(published: date, works: Works, days: int = DAYS) -> date:
    """The last day of publicity: with 3 days, published on Thursday, the Tuesday after."""
    return working_day(published, days, works)


def may_be_final(today: date, published: date | None, works: Works, open_objections: int, days: int = DAYS) -> bool:
    """Whether a distribution may become final: published long enough, and no objection open."""
    return published is not None and not open_objections and today > last_day(published, works, days)


def next_instance(instance: str) -> str:
    """Who hears an objection that the one before has turned down; "" when there is nobody further."""
    place = INSTANCES.index(instance) + 1
    return INSTANCES[place] if place < len(INSTANCES) else ""
