"""The one exception with which the portal says no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alliance.core.english import in_english


def mark(message: str) -> str:
    """Mark an English message for translation where no request is at hand."""
    return message


@dataclass(frozen=True, slots=True)
class Both:
    """A word in both languages, for a place of a message; where nobody reads it the English one stands."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it stands, the value found there and the reason.

    `message` is an English message id; `numbers` fill its places. `where` is a code or the path in a file; with `at`
    it is a message id too, whose places `at` fills. Who reads a place named `period`, `who`, `element`, `kind`,
    `role`, `held` or `subject` gets the name of the code in it (`i18n.said`); several values are a tuple.
    """

    where: str
    value: str
    message: str
    numbers: dict[str, object] = field(default_factory=dict)
    at: dict[str, object] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it stands, in English."""
        return filled(self.where, self.at)


REASON = 10  # characters of a reason at least


def unexplained(problems: Sequence[Problem], reasons: Mapping[str, str]) -> list[Problem]:
    """The findings for which no reason was given; reasons by their place."""
    return [problem for problem in problems if len(reasons.get(problem.where, "").strip()) < REASON]


def filled(message: str, numbers: Mapping[str, object]) -> str:
    """An English message with its places filled."""
    texts = {key: ", ".join(map(str, value)) if isinstance(value, tuple) else value for key, value in numbers.items()}
    return in_english(message, numbers) % texts if texts else message


class Refused(Exception):
    """A verb or a rule says no: what is wrong, with its numbers, and what to do.

    `problems` lists the single errors of a file or a scheme.
    """

    status = 422

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), **numbers: object) -> None:
        super().__init__(message)
        self.message = message
        self.numbers = numbers
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [filled(self.message, self.numbers)]
        for problem in self.problems:
            lines.append(f"{problem.place}: {filled(problem.message, problem.numbers)} [{problem.value}]")
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
