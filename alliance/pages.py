"""The small things that views hand to the pieces of a page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A view of the same thing."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of something that goes through states: done, current or todo."""

    label: str
    state: str
    note: str = ""
