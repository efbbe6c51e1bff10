"""What is true of mailboxes: addresses, how often a link is asked for, and the secrets of links in mails."""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta

from alliance.core.mailbox import is_address
from alliance.core.refused import Refused

TOPICS = ("tasks", "bulletins")  # what a person can subscribe to; each is a column of the mailbox
ASKS = 5  # links to confirm an address that a person may ask for …
DAY = timedelta(days=1)  # … within this time: the mails go to somebody who has not agreed yet
TOKEN = re.compile(r"(?P<person>[1-9]\d{0,9})-(?P<topic>[a-z]+)-(?P<seal>[0-9a-f]{32})")


def check_address(address: str) -> None:
    """Refuse what is no e-mail address."""
    if not is_address(address):
        raise Refused("This is no e-mail address, such as name@example.org.")


def asks_after(asks: int, asked_at: datetime | None, now: datetime) -> int:
    """How many links a person has asked for with the one asked for now; Refused when it is one too many."""
    count = asks + 1 if asked_at is not None and now - asked_at < DAY else 1
    if count > ASKS:
        raise Refused("You have asked for %(count)s links today; ask again tomorrow.", count=ASKS)
    return count


def mailed_secret(key: str, nonce: str) -> str:
    """The secret of a link in a mail: the same however often the mail is sent, and not in the database."""
    return hmac.digest(key.encode(), f"link:{nonce}".encode(), "sha256").hex()


def leave_token(key: str, person: int, topic: str) -> str:
    """What the address that ends a subscription holds: it works without signing in, and for nothing else."""
    seal = hmac.digest(key.encode(), f"leave:{person}:{topic}".encode(), "sha256").hex()[:32]
    return f"{person}-{topic}-{seal}"


def read_leave(key: str, token: str) -> tuple[int, str] | None:
    """Person and topic of such a token; None for one that is not ours."""
    found = TOKEN.fullmatch(token)
    if found is None or found["topic"] not in TOPICS:
        return None
    person = int(found["person"])
    fine = person < 2**31 and hmac.compare_digest(leave_token(key, person, found["topic"]), token)
    return (person, found["topic"]) if fine else None
