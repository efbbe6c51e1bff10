"""The one exception with which the portal says no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


def mark(message: str) -> str:
    """Mark an English message for translation where no request is at hand."""
    return message


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it stands, the value found there and the reason.

    `message` is an English message id; `numbers` fill its places.
    """

    where: str
    value: str
    message: str
    numbers: dict[str, object] = field(default_factory=dict)


class Refused(Exception):
    """A verb or a rule says no: what is wrong, with its numbers, and what to do.

    `problems` lists the single faults of a file or a scheme.
    """

    status = 422

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), **numbers: object) -> None:
        super().__init__(message)
        self.message = message
        self.numbers = numbers
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [self.message % self.numbers if self.numbers else self.message]
        for problem in self.problems:
            reason = problem.message % problem.numbers if problem.numbers else problem.message
            lines.append(f"{problem.where}: {reason} [{problem.value}]")
        return "\n".join(lines)


class NotFound(Refused):
    """What was asked for does not exist, or the asker may not learn that it does."""

    status = 404

    def __init__(self) -> None:
        super().__init__(mark("There is nothing at this address."))


class Forbidden(Refused):
    """The asker is known, and this is not theirs to do."""

    status = 403


class AlreadyDone(Refused):
    """The same form was received before; what it asked for is done, once."""

    status = 409

    def __init__(self, once: str) -> None:
        super().__init__(mark("This form was received already; nothing was done twice."))
        self.once = once
