"""What an e-mail address looks like."""

from __future__ import annotations

import re

# Of what RFC 5321 allows, the part that people have: no quotes, no addresses of machines, no letters beyond ASCII.
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ADDRESS = re.compile(rf"{ATOM}(\.{ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
LONGEST = 254


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address."""
    return len(text) <= LONGEST and ADDRESS.fullmatch(text) is not None
