"""The verbs of evidence: attach files to a value, remove one, clear what nothing refers to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.media import media_of, plain_name
from alliance.core.refused import NotFound, Refused
from alliance.files import kinds_of
from alliance.indicators.models import Evidence, Submission
from alliance.indicators.queries.evidence import evidence_files
from alliance.indicators.rules.evidence import check_count
from alliance.indicators.rules.filing import Progress, check_filing
from alliance.indicators.services.periods import lock_period
from alliance.indicators.services.readings import elements_of
from alliance.indicators.services.submissions import fall_back, lock_submission
from alliance.store import Store

KEPT_UNNAMED = timedelta(days=1)  # bytes that no row refers to: of a verb that was refused, or is under way


def add_evidence(
    alliance: int,
    code: str,
    institution: str,
    element: str,
    files: Sequence[tuple[str, bytes]],
    store: Store,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """Attach files, given as (name, bytes), to a value of a member: all of them or none; how many. The bytes are on
    the disk before any row says so. A signature falls.

    Refused: what filing is refused for; a file that is no evidence, too large, attached already, or one too many.
    """
    if not files:
        raise Refused("Choose a file.")
    looked = [looked_at(name, content) for name, content in files]
    kept = [store.keep(content) for _, content in files]
    with verb(by) as session:
        submission = _lock(session, alliance, code, institution, element, now)
        there = _attached(session, alliance, code, institution, element)
        for (name, media, size), digest in zip(looked, kept, strict=True):
            check_count(size, len(there), name)
            if digest in there:
                raise Refused("%(name)s is attached to this value already.", name=name)
            there.add(digest)
            row = Evidence(
                alliance_id=alliance,
                period=code,
                institution=institution,
                element=element,
                name=name,
                media=media,
                size=size,
                sha256=digest,
                added_by=by.account,
                added_at=now,
            )
            session.add(row)
        if submission.state == Progress.SIGNED.value:
            fall_back(submission)
        record(
            session,
            Act.INDICATORS_EVIDENCE_ADD,
            f"submission:{institution}/{code}",
            by=by,
            now=now,
            alliance=alliance,
            element=element,
            files=[[name, digest] for (name, _, _), digest in zip(looked, kept, strict=True)],
        )
        return len(looked)


def looked_at(name: str, content: bytes) -> tuple[str, str, int]:
    """Name, media type and size of a file that may be evidence; Refused when it may not."""
    name = plain_name(name)
    check_count(len(content), 0, name)
    return name, media_of(kinds_of(content, name), name), len(content)


def _lock(session: Session, alliance: int, code: str, institution: str, element: str, now: datetime) -> Submission:
    """The member's submission, locked, where this value may be changed now; refused as filing is."""
    lock_period(session, alliance, code, [institution], now)
    if element not in elements_of(alliance, code, institution):
        raise NotFound()
    submission = lock_submission(session, alliance, code, institution)
    check_filing(Progress(submission.state), submission.unlocked, [element], institution)
    return submission


def _attached(session: Session, alliance: int, code: str, institution: str, element: str) -> set[str]:
    return set(
        session.scalars(
            select(Evidence.sha256).where(
                Evidence.alliance_id == alliance,
                Evidence.period == code,
                Evidence.institution == institution,
                Evidence.element == element,
                Evidence.removed_at.is_(None),
            )
        )
    )


def remove_evidence(alliance: int, number: int, *, by: Actor, now: datetime) -> None:
    """Take a file away from a value; the row stays with who and when, and so do the bytes. A signature falls. Refused
    as filing is."""
    with verb(by) as session:
        row = session.scalars(select(Evidence).where(Evidence.alliance_id == alliance, Evidence.id == number)).first()
        if row is None:
            raise NotFound()
        submission = _lock(session, alliance, row.period, row.institution, row.element, now)
        session.refresh(row)
        if row.removed_at is not None:
            raise Refused("%(name)s was removed already.", name=row.name)
        row.removed_by, row.removed_at = by.account, now
        if submission.state == Progress.SIGNED.value:
            fall_back(submission)
        record(
            session,
            Act.INDICATORS_EVIDENCE_REMOVE,
            f"submission:{row.institution}/{row.period}",
            by=by,
            now=now,
            alliance=alliance,
            element=row.element,
            files=[[row.name, row.sha256]],
        )


def clear_evidence(store: Store, *, now: datetime) -> int:
    """Remove bytes that no row refers to and that were not kept within a day; how many files. The rows of removed
    evidence refer to theirs."""
    return store.clear(now - KEPT_UNNAMED, evidence_files())
