"""The states of a month's run: draft, checked, approved, paid; returned, or reversed until paid; nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alliance.core.refused import Both, Refused

DRAFT, CHECKED, APPROVED, PAID, REVERSED = "draft", "checked", "approved", "paid", "reversed"
STATES: Mapping[str, Both] = {
    DRAFT: Both("草稿", "a draft"),
    CHECKED: Both("已复核", "checked"),
    APPROVED: Both("已批准", "approved"),
    PAID: Both("已发放", "paid"),
    REVERSED: Both("已冲销", "reversed"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """A step: from where, to where, and whose earlier steps rule somebody out (the own person may not take it)."""

    verb: str
    start: str
    end: str
    not_by: frozenset[str] = frozenset()
    reason: bool = False  # needs one of ten characters
    decision: bool = False  # rests on a recorded decision


CREATE, CHECK, APPROVE, PAY, RETURN, REVERSE = "compute", "check", "approve", "pay", "return", "reverse"
SLIPS, CORRECT = "slips", "correct"  # what is done to a draft, which stays one
MADE_BY = frozenset({CREATE, SLIPS, CORRECT})  # who made any part of a run neither checks nor approves it
MOVES: tuple[Move, ...] = (
    Move(CHECK, DRAFT, CHECKED, MADE_BY),
    Move(RETURN, CHECKED, DRAFT, reason=True),
    Move(APPROVE, CHECKED, APPROVED, MADE_BY | {CHECK}, decision=True),
    Move(PAY, APPROVED, PAID, frozenset({CHECK})),
    Move(REVERSE, DRAFT, REVERSED, reason=True),
    Move(REVERSE, CHECKED, REVERSED, reason=True),
    Move(REVERSE, APPROVED, REVERSED, reason=True, decision=True),
)
STEPS: Mapping[str, Both] = {
    CREATE: Both("测算", "computing"),
    SLIPS: Both("生成工资条", "making the payslips"),
    CORRECT: Both("更正工资条", "correcting a payslip"),
    CHECK: Both("复核", "checking"),
    APPROVE: Both("批准", "approving"),
    PAY: Both("发放", "paying"),
    RETURN: Both("退回", "returning"),
    REVERSE: Both("冲销", "reversing"),
}
SHORTEST = 10  # characters of a reason


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was taken: the verb and who took it; the first one is CREATE."""

    verb: str
    by: str


def move(verb: str, state: str) -> Move | None:
    """The step of a verb from a state; None where there is none."""
    return next((one for one in MOVES if (one.verb, one.start) == (verb, state)), None)


def not_now(state: str) -> Refused:
    """The refusal of what a run in a state does not take. Nothing is done to a paid one: computed anew, its month would
    be paid a second time."""
    if state == PAID:
        return Refused(
            "The run is paid, and what was paid stays. Enter what was wrong as corrections: a later month pays or "
            "takes back the difference."
        )
    return Refused("The run is %(state)s; this cannot be done to it now.", state=STATES[state])


def state_of(history: Sequence[Done]) -> str:
    """The state that the steps lead to, beginning as a draft; ValueError for steps that cannot follow one another."""
    state = DRAFT
    for done in history[1:]:
        if state == DRAFT and done.verb in MADE_BY - {CREATE}:
            continue
        step = move(done.verb, state)
        if step is None:
            raise ValueError(f"{done.verb} cannot follow {state}")
        state = step.end
    return state


def take(
    history: Sequence[Done], verb: str, by: str, *, reason: str = "", decision: str = "", may_submit: bool = True
) -> str:
    """The state after a verb; Refused when it may not be taken.

    Not from this state; by whoever took a step that rules it out; without its reason or decision; a check while the
    reconciliation has a difference or a blocking issue.
    """
    state = state_of(history)
    step = move(verb, state)
    if step is None:
        raise not_now(state)
    earlier = [done.verb for done in history if done.by == by and done.verb in step.not_by]
    if earlier:
        raise Refused(
            "You took an earlier step of this run (%(step)s); another person must take this one.",
            step=STEPS[earlier[-1]],
        )
    if step.reason and len(reason.strip()) < SHORTEST:
        raise Refused("Give a reason of at least ten characters.")
    if step.decision and not decision:
        raise Refused("This needs a recorded decision; name its number.")
    if verb == CHECK and not may_submit:
        raise Refused("The run has differences or open issues; it cannot be checked before they are gone.")
    return step.end
