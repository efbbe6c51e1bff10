"""Who does something: handed to every verb and kept with every event."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """An account at work.

    `account` is its natural code, `employer` the code of the institution that pays the person ("" for none),
    `once` the one-time token of the form that asks, so that a form sent twice is done once.
    """

    account: str
    employer: str = ""
    once: str = ""
