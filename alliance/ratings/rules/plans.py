"""What is true of improvement plans that findings open (E16): their states, who does which step, what is due when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from alliance.core.period import end_of
from alliance.core.refused import Problem, Refused, mark

FILE_DAYS = 10  # working days in which a member writes its plan
REVIEW_DAYS = 5  # working days in which the office reviews it
CONFIRM_DAYS = 10  # working days in which what was done is confirmed
MOST_ACTIONS = 12
SHORTEST = 10
STATES = {
    "open": mark("to be written"),
    "filed": mark("under review"),
    "returned": mark("returned"),
    "accepted": mark("being carried out"),
    "done": mark("done, to be confirmed"),
    "confirmed": mark("confirmed"),
}
PILLS = {"open": "wait", "filed": "wait", "returned": "warn", "accepted": "", "done": "wait", "confirmed": "good"}
# (state, step) → state. The member files and finishes, the office accepts and returns, expert or office confirms.
STEPS: Mapping[tuple[str, str], str] = {
    ("open", "file"): "filed",
    ("returned", "file"): "filed",
    ("filed", "accept"): "accepted",
    ("filed", "return"): "returned",
    ("accepted", "finish"): "done",
    ("done", "confirm"): "confirmed",
    ("done", "reopen"): "accepted",
}
WORDS = {
    "open": mark("Opened by the finding"),
    "file": mark("Plan filed"),
    "accept": mark("Plan accepted"),
    "return": mark("Plan returned"),
    "finish": mark("Reported as done"),
    "confirm": mark("Confirmed as done"),
    "reopen": mark("Not confirmed: more is to be done"),
}
MEMBER, OFFICE, CONFIRMING = frozenset({"open", "returned", "accepted"}), frozenset({"filed"}), frozenset({"done"})


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody of the member does until a day."""

    text: str
    owner: str
    due_on: date


def after(state: str, step: str) -> str:
    """The state after a step. Refused: a step that this state has not."""
    found = STEPS.get((state, step))
    if found is None:
        raise Refused("This plan is in another state now; look at it again.")
    return found


def needs_reason(step: str) -> bool:
    return step in ("return", "reopen")


def check_plan(problem: str, cause: str, actions: Sequence[Action], on: date, last: date) -> None:
    """Refuse a plan without problem, cause or actions, and an action that comes too late for the finding."""
    if len(problem.strip()) < SHORTEST or len(cause.strip()) < SHORTEST:
        raise Refused("Write the problem and its cause, each in at least %(count)s characters.", count=SHORTEST)
    if not actions:
        raise Refused("Name at least one action with its owner and its last day.")
    if len(actions) > MOST_ACTIONS:
        raise Refused("A plan has at most %(count)s actions.", count=MOST_ACTIONS)
    problems = []
    for place, one in enumerate(actions, 1):
        if not one.text.strip() or not one.owner.strip():
            message = mark("needs words and an owner")
            problems.append(Problem(mark("Action %(number)s"), "", message, at={"number": place}))
        elif one.due_on < on or one.due_on > last:
            message = mark("must end between today and the last day of the finding")
            problems.append(Problem(mark("Action %(number)s"), str(one.due_on), message, at={"number": place}))
    if problems:
        raise Refused("The actions cannot be taken.", problems=problems)


def check_reason(step: str, reason: str) -> None:
    if needs_reason(step) and len(reason.strip()) < SHORTEST:
        raise Refused("Write the reason in at least %(count)s characters.", count=SHORTEST)


def due(state: str, waits_until: datetime | None, due_on: date) -> datetime | None:
    """When the next step is due: a plan's writing, review and confirmation have days of their own, its carrying out
    those of the finding."""
    if state == "confirmed":
        return None
    return end_of(due_on) if state == "accepted" else waits_until


def is_overdue(state: str, waits_until: datetime | None, due_on: date, now: datetime) -> bool:
    """Whether what is due next is late."""
    until = due(state, waits_until, due_on)
    return until is not None and now >= until
