"""The verbs of readings: file a member's values, import those of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.db import insert_many
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries import RATED, elements_due, library
from alliance.indicators.queries.imports import check_rows, current_texts
from alliance.indicators.rules.filing import (
    NOT_FILED,
    VALUE,
    Entry,
    Progress,
    Row,
    check_filing,
    place_at,
)
from alliance.indicators.services.periods import lock_period
from alliance.indicators.services.submissions import fall_back, lock_submission, lock_submissions
from alliance.members import queries as members


def file_reading(
    alliance: int,
    code: str,
    institution: str,
    entries: Mapping[str, tuple[Entry, int]],
    document: str,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """File a member's values of a period, by element with the revision seen; how many changed. A signature falls.

    Refused: a closed period, an element that is not due, a submission under review, a value changed by somebody else
    meanwhile (nothing is overwritten).
    """
    with verb(by) as session:
        lock_period(session, alliance, code, [institution], now)
        due = elements_of(alliance, code, institution)
        strange = sorted(set(entries) - due)
        if strange:
            raise Refused("%(who)s does not file %(element)s.", who=institution, element=tuple(strange))
        submission = lock_submission(session, alliance, code, institution)
        changing = _changing(alliance, code, institution, entries)
        check_filing(Progress(submission.state), submission.unlocked, changing, institution)
        rows = [Row(institution, element, entry, seen) for element, (entry, seen) in entries.items()]
        changed = append_readings(session, alliance, code, rows, "filed", document, by, now)
        if changed:
            fall_back(submission)
        record(
            session,
            Act.INDICATORS_READING_FILE,
            f"submission:{institution}/{code}",
            by=by,
            now=now,
            alliance=alliance,
            changes=[[row.element, before, row.entry.text] for row, before in changed],
        )
        return len(changed)


def import_reading(alliance: int, code: str, rows: Sequence[Row], document: str, *, by: Actor, now: datetime) -> int:
    """File the values of many members at once, all or nothing; how many changed. The same rows again change none.

    Rated and surveyed elements may be brought in whatever the state of a member's own submission.
    """
    with verb(by) as session:
        known = library(alliance, Period.parse(code).last)
        check_rows(alliance, code, rows, known, by.employer)
        filing = {row.institution for row in rows if row.institution and known.elements[row.element].mode not in RATED}
        lock_period(session, alliance, code, filing, now, alone=True)
        states = {row.institution: row for row in lock_submissions(session, alliance, code)}
        changed = append_readings(session, alliance, code, rows, "imported", document, by, now)
        own = sorted(
            {row.institution for row, _ in changed if row.institution and known.elements[row.element].mode not in RATED}
        )
        for institution in own:
            if institution in states:
                touched = [row.element for row, _ in changed if row.institution == institution]
                submission = states[institution]
                check_filing(Progress(submission.state), submission.unlocked, touched, institution)
                fall_back(submission)
        insert_many(
            session,
            Submission,
            [
                {
                    "alliance_id": alliance,
                    "period": code,
                    "institution": institution,
                    "state": Progress.DRAFT.value,
                    "signed_by": "",
                    "submitted_by": "",
                    "reviewed_by": "",
                    "accepted_by": "",
                    "round": 0,
                    "unlocked": None,
                    "late": False,
                    "version": 1,
                }
                for institution in own
                if institution not in states
            ],
        )
        record(
            session,
            Act.INDICATORS_READING_IMPORT,
            f"period:{code}",
            by=by,
            now=now,
            alliance=alliance,
            rows=len(rows),
            changed=len(changed),
            institutions=len(own),
            document=document,
        )
        return len(changed)


def _changing(alliance: int, code: str, institution: str, entries: Mapping[str, tuple[Entry, int]]) -> list[str]:
    """The elements that get another value than they have."""
    current = current_texts(alliance, code, {institution})
    return [
        element
        for element, (entry, _) in entries.items()
        if current.get((institution, element), NOT_FILED)[1:] != (entry.text, entry.state.value)
    ]


def append_readings(
    session: Session,
    alliance: int,
    code: str,
    rows: Sequence[Row],
    origin: str,
    document: str,
    by: Actor,
    now: datetime,
) -> list[tuple[Row, str]]:
    """Add revisions for the rows that say something new; those rows with the text that stood before."""
    current = current_texts(alliance, code, {row.institution for row in rows})
    changed: list[tuple[Row, str]] = []
    problems = []
    for row in rows:
        revision, value, state = current.get((row.institution, row.element), NOT_FILED)
        if (value, state) == (row.entry.text, row.entry.state.value):
            continue
        if row.seen is not None and row.seen != revision:
            problems.append(
                Problem(
                    VALUE,
                    row.entry.text,
                    mark("somebody changed this value to %(value)s while you typed; look at it and file again"),
                    {"value": value or "—"},
                    place_at(row.institution, row.element),
                )
            )
        changed.append((row, value))
    if problems:
        raise Refused(
            "%(count)s values were changed by somebody else; nothing was overwritten.",
            count=len(problems),
            problems=problems,
        )
    revised = {
        (row.institution, row.element): current.get((row.institution, row.element), NOT_FILED)[0] + 1
        for row, _ in changed
    }
    insert_many(
        session,
        Reading,
        [
            {
                "alliance_id": alliance,
                "institution": row.institution,
                "element": row.element,
                "period": code,
                "revision": revised[row.institution, row.element],
                "value": row.entry.text,
                "state": row.entry.state.value,
                "origin": origin,
                "document": document,
                "filed_by": by.account,
                "filed_at": now,
            }
            for row, _ in changed
        ],
    )
    return changed


def elements_of(alliance: int, code: str, institution: str) -> set[str]:
    when = Period.parse(code)
    member = members.member(alliance, institution, when.last)
    if member is None:
        raise NotFound()
    return {element.code for element in elements_due(library(alliance, when.last), member.tier, when)}
