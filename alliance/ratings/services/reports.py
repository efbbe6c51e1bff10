"""The verb that issues the report of a verification."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.ratings.queries.reports import composed_report, digest_of
from alliance.ratings.services.engagements import locked_row


def issue_report(alliance: int, number: str, *, by: Actor, now: datetime) -> str:
    """Issue the report of a locked engagement, frozen as it is now; its digest. Refused: one that is not locked, one
    that is issued."""
    with verb(by, alone_in=alliance) as session:
        row = locked_row(session, alliance, number)
        if row.locked_at is None:
            raise Refused("The report is issued after the experts have locked what they verified.")
        if row.issued_at is not None:
            raise Refused("The report is issued already.")
        matter = composed_report(alliance, number)
        # The seal keeps the check code from being worked out by whoever knows the content.
        row.content = {**(matter or {}), "seal": uuid4().hex}
        row.digest, row.issued_by, row.issued_at = digest_of(row.content), by.account, now
        record(
            session, Act.RATINGS_REPORT_ISSUE, f"engagement:{number}", by=by, now=now, alliance=alliance,
            digest=row.digest,
        )  # fmt: skip
        return row.digest
