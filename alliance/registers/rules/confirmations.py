"""What a receiver says of many referrals at once: which steps lead a case to its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.registers.rules.referrals import (
    ACCEPTED,
    DECLINED,
    FILED,
    MISSED,
    RECEIVER,
    SEEN,
    STATES,
    TREATED,
    check_day,
    check_line,
    check_step,
)

# What may be said of a case; of many on a page only the first two, because the others need a reason each.
OUTCOMES: Mapping[str, Both] = {code: STATES[code] for code in (SEEN, ACCEPTED, MISSED, DECLINED)}
AT_ONCE = (SEEN, ACCEPTED)
REASONED = frozenset({MISSED, DECLINED})
LAST = {ACCEPTED: "accept", SEEN: "see", MISSED: "miss", DECLINED: "decline"}
MOST = 2_000  # rows of a file
# The columns of a file of confirmations, with their titles.
COLUMNS: Mapping[str, str] = {"number": "转诊编号", "outcome": "结果", "seen_on": "接诊日期", "reason": "原因"}


@dataclass(frozen=True, slots=True)
class Said:
    """What the receiver says of a case: the outcome, the day on which the patient was seen, why he was not."""

    outcome: str
    day: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """A row of a file: its line, the number of the case, what is said of it."""

    row: int
    number: str
    said: Said


@dataclass(frozen=True, slots=True)
class Confirmations:
    """What a file would do: the cases that move with their rows, how many stay as they are, and what is wrong."""

    moved: Sequence[ConfirmationRow]
    same: int
    problems: Sequence[Problem]


def steps_to(said: Said, state: str, direction: str, filed: date, seen: date | None, today: date) -> tuple[str, ...]:
    """The steps that lead a case to what is said of it, () where it stands so already; Refused as each step is.

    Who saw a patient took him: of a case that waits for an answer "seen" is both.
    """
    if said.outcome == SEEN:
        if said.day is None:
            raise Refused("Give the day on which the patient was seen.")
        if state in TREATED and said.day == seen:
            return ()
        if state in TREATED:
            raise Refused("The patient was seen on %(day)s already.", day=seen)
        check_day(said.day, filed, today)
        if state == FILED:
            return "accept", "see"
    elif state == said.outcome or (said.outcome == ACCEPTED and state in TREATED):
        return ()
    step = LAST[said.outcome]
    check_step(step, state, direction, RECEIVER)
    if said.outcome in REASONED:
        check_line(said.reason)
    return (step,)


PLACE = mark("row %(row)s, %(column)s")


def row_problem(row: int, column: str, value: str, refused: Refused) -> Problem:
    """A fault of a row at its cell."""
    return Problem(
        PLACE, value, refused.message, refused.numbers, {"row": row, "column": Both(COLUMNS[column], column)}
    )
