"""What was uploaded for a job and is read when its turn comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from alliance.core.refused import NotFound, Refused

T = TypeVar("T")


def kept(find: Callable[[str], T], digest: str) -> T:
    """A file found in its store by its digest; Refused when it is there no longer."""
    try:
        return find(digest)
    except NotFound:
        raise Refused("The file that was checked is no longer kept. Choose it again.") from None
