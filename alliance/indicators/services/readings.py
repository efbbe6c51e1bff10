"""The verbs of readings: file a member's values, upload its table, import those of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.db import insert_many
from alliance.indicators.models import Explanation, Reading, Submission
from alliance.indicators.queries import RATED, elements_due, library
from alliance.indicators.queries.imports import check_rows, current_texts, new_notes, stands_captured
from alliance.indicators.rules.cells import Note, check_note
from alliance.indicators.rules.filing import (
    CAPTURED,
    NOT_FILED,
    TYPED,
    VALUE,
    Entry,
    Progress,
    Row,
    check_filing,
    check_step,
    place_at,
)
from alliance.indicators.services.periods import lock_period
from alliance.indicators.services.submissions import fall_back, lock_submission, lock_submissions
from alliance.members import queries as members
from alliance.work.rules import Place
from alliance.work.services import enqueue

LARGE = 2000  # values of a file; more of them are brought in outside the request


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
    meanwhile (nothing is overwritten), a value captured at its source (it is objected to by explain_value).
    """
    with verb(by) as session:
        submission = _lock_filing(session, alliance, code, institution, set(entries), now)
        changed = _file(session, submission, entries, document, by, now)
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


def upload_reading(
    alliance: int,
    code: str,
    institution: str,
    rows: Sequence[Row],
    notes: Sequence[Note],
    document: str,
    *,
    by: Actor,
    now: datetime,
) -> tuple[int, int]:
    """File a member's values and explanations from its own table, all or nothing: how many values changed, how many
    explanations were written. The same again changes nothing. Refused as file_reading and explain_value are."""
    if ({row.institution for row in rows} | {note.institution for note in notes}) - {institution}:
        raise Refused("The table holds values of another member; nothing was changed.")
    entries = {row.element: (row.entry, row.seen or 0) for row in rows}
    if len(entries) != len(rows):
        raise Refused("The table holds a value twice; nothing was changed.")
    with verb(by) as session:
        about = set(entries) | {note.element for note in notes}
        submission = _lock_filing(session, alliance, code, institution, about, now)
        changed = _file(session, submission, entries, document, by, now)
        written = _explain(session, submission, notes, rows, by, now)
        if changed or written:
            fall_back(submission)
        record(
            session,
            Act.INDICATORS_READING_UPLOAD,
            f"submission:{institution}/{code}",
            by=by,
            now=now,
            alliance=alliance,
            changes=[[row.element, before, row.entry.text] for row, before in changed],
            explained=sorted(note.element for note in written),
            document=document,
        )
        return len(changed), len(written)


def _lock_filing(
    session: Session, alliance: int, code: str, institution: str, elements: set[str], now: datetime
) -> Submission:
    """A member's submission, locked in an open period; refused where it does not file one of the elements."""
    lock_period(session, alliance, code, [institution], now)
    strange = sorted(elements - elements_of(alliance, code, institution))
    if strange:
        raise Refused("%(who)s does not file %(element)s.", who=institution, element=tuple(strange))
    return lock_submission(session, alliance, code, institution)


def _file(
    session: Session,
    submission: Submission,
    entries: Mapping[str, tuple[Entry, int]],
    document: str,
    by: Actor,
    now: datetime,
) -> list[tuple[Row, str]]:
    """Add the values that differ to a submission that is locked; those with the text that stood before."""
    alliance, code, institution = submission.alliance_id, submission.period, submission.institution
    current = current_texts(alliance, code, {institution}, entries)
    changing = [
        element
        for element, (entry, _) in entries.items()
        if current.get((institution, element), NOT_FILED)[1:3] != (entry.text, entry.state.value)
    ]
    check_filing(Progress(submission.state), submission.unlocked, changing, institution)
    rows = [Row(institution, element, entry, seen) for element, (entry, seen) in entries.items()]
    return append_readings(session, alliance, code, rows, "filed", document, by, now, current)


def _explain(
    session: Session, submission: Submission, notes: Sequence[Note], rows: Sequence[Row], by: Actor, now: datetime
) -> list[Note]:
    """Add the explanations that say something new to a submission that is locked."""
    alliance, code = submission.alliance_id, submission.period
    written = new_notes(alliance, code, notes, rows)
    problems = [problem for note in written if (problem := check_note(note))]
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    if written:
        check_step("file", Progress(submission.state), submission.institution)
    insert_many(
        session,
        Explanation,
        [
            {
                "alliance_id": alliance,
                "period": code,
                "institution": note.institution,
                "code": note.element,
                "value": note.value,
                "text": note.text,
                "written_by": by.account,
                "written_at": now,
            }
            for note in written
        ],
    )
    return written


def queue_reading(
    alliance: int, code: str, kept: str, name: str, report: str, document: str, *, by: Actor, now: datetime
) -> int:
    """Ask that a large file be brought in outside the request; the number of the job.

    `kept` is the digest under which its bytes lie among the uploads of who asks, `report` that of what it was shown to
    do: when it would do something else by then, the job is refused.
    """
    with verb(by) as session:
        return enqueue(
            session, alliance, Act.INDICATORS_READING_IMPORT, f"{code}/{kept}", subject=f"readings:{code}",
            parameters={"period": code, "kept": kept, "name": name, "report": report, "document": document},
            origin=Place("indicators.import_reading", {"period": code}), reader=Act.INDICATORS_READING_IMPORT,
            by=by, now=now,
        )  # fmt: skip


def queue_marks(alliance: int, code: str, institution: str, kept: str, name: str, *, by: Actor, now: datetime) -> int:
    """Ask that a large table with faults be given back with its wrong cells marked; the number of the job. The table is
    a member's own, or that of many members where `institution` is ""."""
    back = {"period": code, "institution": institution} if institution else {"period": code}
    view = "indicators.upload_reading" if institution else "indicators.import_reading"
    # The token of the form is for what the form does; the same table asked for twice is one job by its key.
    with verb(Actor(by.account, by.employer)) as session:
        return enqueue(
            session, alliance, Act.INDICATORS_READING_MARK, f"{code}/{institution}/{kept}/{by.account}",
            subject=f"submission:{institution}/{code}" if institution else f"readings:{code}",
            parameters={"period": code, "institution": institution, "kept": kept, "name": name},
            origin=Place(view, back), reader=None, by=Actor(by.account, by.employer), now=now,
        )  # fmt: skip


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
        # Each member finds in its own log that its figures came in by file.
        touched = [f"submission:{institution}/{code}" for institution in own]
        record_many(session, Act.INDICATORS_READING_IMPORT, touched, by=by, now=now, alliance=alliance)
        return len(changed)


def append_readings(
    session: Session,
    alliance: int,
    code: str,
    rows: Sequence[Row],
    origin: str,
    document: str,
    by: Actor,
    now: datetime,
    current: Mapping[tuple[str, str], tuple[int, str, str, str]] | None = None,
) -> list[tuple[Row, str]]:
    """Add revisions for the rows that say something new; those rows with the text that stood before. What is typed
    never takes the place of what was captured. `current` are the current texts, when the verb read them already."""
    if current is None:
        current = current_texts(alliance, code, {row.institution for row in rows})
    changed: list[tuple[Row, str]] = []
    captured: list[Problem] = []
    problems = []
    for row in rows:
        revision, value, state, was = current.get((row.institution, row.element), NOT_FILED)
        if (value, state) == (row.entry.text, row.entry.state.value):
            continue
        if was == CAPTURED and origin in TYPED:
            reason, _column, stands = stands_captured(value, state)
            captured.append(Problem(VALUE, row.entry.text, reason, stands, place_at(row.institution, row.element)))
        elif row.seen is not None and row.seen != revision:
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
    if captured:
        raise Refused(
            "%(count)s values were captured at their source and are not overtyped; nothing was changed.",
            count=len(captured),
            problems=captured + problems,
        )
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
