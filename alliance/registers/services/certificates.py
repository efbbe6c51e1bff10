"""The verb that certifies what a person did in a year."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.registers.models import Certificate
from alliance.registers.queries.certificates import certified_now, newest_certificate


def issue_certificate(alliance: int, institution: str, person: str, year: int, *, by: Actor, now: datetime) -> str:
    """Certify what a person of a member did in a year, as the confirmed cases say now; its number. Where nothing
    changed since the last one, that one is given. Refused: a person of whom no confirmed case tells."""
    with verb(by, alone_in=alliance) as session:
        matter = certified_now(alliance, institution, person, year)
        if matter is None:
            raise Refused("No confirmed case of %(year)s names this person; there is nothing to certify.", year=year)
        last = newest_certificate(alliance, institution, person, year)
        if last and {**last.content, "seal": ""} == {**matter, "seal": ""}:
            return last.number
        # The seal keeps the check code from being worked out by whoever knows the content.
        content = {**matter, "seal": uuid4().hex}
        number = _next_number(session, alliance, now.year)
        session.add(
            Certificate(
                alliance_id=alliance, number=number, institution=institution, person=person, year=year,
                content=content, digest=_digest(content), issued_by=by.account, issued_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.REGISTERS_CERTIFICATE_ISSUE, f"certificate:{institution}/{number}", by=by, now=now,
            alliance=alliance, period=str(year),
        )  # fmt: skip
        return number


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _next_number(session: Session, alliance: int, year: int) -> str:
    count = session.scalar(
        select(func.count()).where(Certificate.alliance_id == alliance, Certificate.number.startswith(f"{year}-"))
    )
    return f"{year}-{(count or 0) + 1:05}"
