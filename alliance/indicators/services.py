"""The verbs of filing: load a library, open a period, file and import readings, sign, submit and accept them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, day_of
from alliance.core.refused import Both, NotFound, Problem, Refused, mark
from alliance.db import db, insert_many
from alliance.indicators.models import Definition, PeriodRow, Reading, Submission
from alliance.indicators.queries import RATED, elements_due, library, newest_revision
from alliance.indicators.rules.definitions import Library, read_library
from alliance.indicators.rules.filing import BLANK, Entry, Progress, check_acceptance, check_open, check_step
from alliance.members import queries as members

NOT_FILED = (0, "", BLANK.state.value)


@dataclass(frozen=True, slots=True)
class Row:
    """One value to be filed: `seen` is the revision its author had before the eyes, None when it does not matter."""

    institution: str
    element: str
    entry: Entry
    seen: int | None = None


def load_library(alliance: int, data: Mapping[str, Any], *, by: Actor, now: datetime) -> int:
    """Add the definitions of a library that are new or differ from the current ones, as new versions; how many."""
    read_library(data)
    head = data["library"]
    with verb(by) as session:
        rows = session.execute(
            select(Definition.what, Definition.code, Definition.version, Definition.spec)
            .where(Definition.alliance_id == alliance)
            .order_by(Definition.version)
        )
        current = {(what, code): (version, spec) for what, code, version, spec in rows}
        new = []
        for what in ("dimension", "element", "indicator"):
            for position, item in enumerate(data.get(what, ())):
                spec = _plain(item)
                version, before = current.get((what, spec["code"]), (0, None))
                if spec != before:
                    new.append(
                        {
                            "alliance_id": alliance,
                            "what": what,
                            "code": spec["code"],
                            "version": version + 1,
                            "position": position,
                            "library": head["code"],
                            "mark": head.get("mark", "template"),
                            "spec": spec,
                            "added_at": now,
                        }
                    )
        insert_many(session, Definition, new)
        record(
            session,
            Act.INDICATORS_LIBRARY_LOAD,
            f"library:{head['code']}",
            by=by,
            now=now,
            alliance=alliance,
            definitions=len(new),
        )
        return len(new)


def _plain(value: Any) -> Any:
    """Data with every number that is not whole as text: JSON has no exact decimals."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | bool) else str(value)


def open_period(alliance: int, code: str, due_at: datetime, *, by: Actor, now: datetime) -> None:
    """Open a period for filing until a moment. Refused when it is open, the deadline has passed, or some member's
    figures could be reviewed by nobody but its own people."""
    when = Period.parse(code)
    if due_at <= now:
        raise Refused("The deadline %(due)s has passed already.", due=due_at)
    with verb(by) as session:
        if session.scalar(select(PeriodRow.id).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)):
            raise Refused("The period %(period)s is open already.", period=code)
        employers = {employer for _, employer in accounts.officers(alliance, "office", day_of(now))}
        reason = mark("nobody outside this member may review its figures")
        stuck = [
            Problem(WHO, member.code, reason, at={"who": member.code})
            for member in members.members(alliance, when.last)
            if not employers - {member.code}
        ]
        if stuck:
            raise Refused(
                "The period cannot be opened: for %(count)s members there is no reviewer. Appoint an officer employed "
                "elsewhere.",
                count=len(stuck),
                problems=stuck,
            )
        session.add(PeriodRow(alliance_id=alliance, code=code, opened_at=now, due_at=due_at))
        record(
            session,
            Act.INDICATORS_PERIOD_OPEN,
            f"period:{code}",
            by=by,
            now=now,
            alliance=alliance,
            due=due_at.isoformat(),
        )


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
        _open_period(session, alliance, code, now)
        due = _due(alliance, code, institution)
        strange = sorted(set(entries) - due)
        if strange:
            raise Refused("%(who)s does not file %(element)s.", who=institution, element=tuple(strange))
        submission = _submission(session, alliance, code, institution)
        check_step("file", Progress(submission.state), institution)
        rows = [Row(institution, element, entry, seen) for element, (entry, seen) in entries.items()]
        changed = _append(session, alliance, code, rows, "filed", document, by, now)
        if changed:
            _fall_back(submission)
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
        _open_period(session, alliance, code, now, alone=True)
        known = library(alliance)
        _check_rows(alliance, code, rows, known)
        states = {row.institution: row for row in _submissions(session, alliance, code)}
        changed = _append(session, alliance, code, rows, "imported", document, by, now)
        own = sorted(
            {row.institution for row, _ in changed if row.institution and known.elements[row.element].mode not in RATED}
        )
        for institution in own:
            if institution in states:
                check_step("file", Progress(states[institution].state), institution)
                _fall_back(states[institution])
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
                    "accepted_by": "",
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


def check_reading(alliance: int, code: str, rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """What an import of the rows would change, each with the text that stands now; refused as the import would be.
    Changes nothing."""
    _check_rows(alliance, code, rows, library(alliance))
    current = _current(db.session(), alliance, code, {row.institution for row in rows})
    found = [(row, current.get((row.institution, row.element), NOT_FILED)) for row in rows]
    return [(row, before[1]) for row, before in found if before[1:] != (row.entry.text, row.entry.state.value)]


WHO = "%(who)s"  # a name, the same in every language
VALUE = mark("%(who)s, %(element)s")


def _at(institution: str, element: str) -> dict[str, object]:
    return {"who": institution or Both("医联体", "the alliance"), "element": element}


def _check_rows(alliance: int, code: str, rows: Sequence[Row], known: Library) -> None:
    """Refuse rows of strangers, of elements that this member does not file now, and the same place twice."""
    when = Period.parse(code)
    tiers = {one.code: one.tier for one in members.members(alliance, when.last)}
    problems, seen = [], set()
    for row in rows:
        element, found = known.elements.get(row.element), list[tuple[str, str]]()
        if element is None:
            found.append((row.element, mark("no data element has this code")))
        elif element.frequency is not when.kind:
            found.append((code, mark("this element is not filed for a period of this length")))
        elif element.external and row.institution:
            reason = mark("this element is filed once for the alliance: leave the institution empty")
            found.append((row.institution, reason))
        elif not element.external and row.institution not in tiers:
            found.append((row.institution, mark("is no member in this period")))
        elif not element.external and tiers[row.institution] not in element.tiers:
            found.append((row.element, mark("this member does not file this element")))
        if (row.institution, row.element) in seen:
            found.append((row.entry.text, mark("this value stands twice in the file")))
        problems += [Problem(VALUE, value, reason, at=_at(row.institution, row.element)) for value, reason in found]
        seen.add((row.institution, row.element))
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)


def _current(
    session: Session, alliance: int, code: str, institutions: set[str]
) -> dict[tuple[str, str], tuple[int, str, str]]:
    """Revision, text and state of the current readings by institution and element."""
    rows = session.execute(
        select(Reading.institution, Reading.element, Reading.revision, Reading.value, Reading.state).where(
            Reading.alliance_id == alliance, Reading.period == code, Reading.revision == newest_revision()
        )
    )
    return {
        (institution, element): (revision, value, state)
        for institution, element, revision, value, state in rows
        if institution in institutions
    }


def _append(
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
    current = _current(session, alliance, code, {row.institution for row in rows})
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
                    _at(row.institution, row.element),
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


def _open_period(session: Session, alliance: int, code: str, now: datetime, *, alone: bool = False) -> PeriodRow:
    """The row of an open period, locked: shared by those who file for one member, alone for a bulk import."""
    rows = select(PeriodRow).where(PeriodRow.alliance_id == alliance, PeriodRow.code == code)
    row = session.scalars(rows.with_for_update(read=not alone)).first()
    if row is None:
        raise Refused("The period %(period)s is not open for filing.", period=code)
    check_open(row.due_at, now, code)
    return row


def _due(alliance: int, code: str, institution: str) -> set[str]:
    when = Period.parse(code)
    member = members.member(alliance, institution, when.last)
    if member is None:
        raise NotFound()
    return {element.code for element in elements_due(library(alliance), member.tier, when)}


def _submission(session: Session, alliance: int, code: str, institution: str) -> Submission:
    """The submission of a member, locked; made when it is the first time."""
    rows = select(Submission).where(
        Submission.alliance_id == alliance, Submission.period == code, Submission.institution == institution
    )
    row = session.scalars(rows.with_for_update()).first()
    if row is not None:
        return row
    try:
        with session.begin_nested():
            session.add(
                Submission(alliance_id=alliance, period=code, institution=institution, state=Progress.OPEN.value)
            )
    except IntegrityError:
        pass  # somebody else made it at the same moment
    return session.scalars(rows.with_for_update()).one()


def _submissions(
    session: Session, alliance: int, code: str, institutions: Iterable[str] | None = None
) -> list[Submission]:
    rows = select(Submission).where(Submission.alliance_id == alliance, Submission.period == code)
    found = session.scalars(rows.order_by(Submission.institution).with_for_update())
    wanted = None if institutions is None else set(institutions)
    return [row for row in found if wanted is None or row.institution in wanted]


def _fall_back(submission: Submission) -> None:
    """Back to draft: what was signed is not what is there now."""
    submission.state = Progress.DRAFT.value
    submission.signed_by, submission.signed_at = "", None


def sign_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Sign the figures of members as their lead. Refused while an element that is due is blank."""
    with verb(by) as session:
        rows = _step(session, alliance, code, institutions, "sign")
        blank = _blanks(session, alliance, code, [row.institution for row in rows])
        if blank:
            raise Refused(
                "%(count)s values are blank. Write the value, or n/a when it does not apply.",
                count=len(blank),
                problems=blank,
            )
        for row in rows:
            row.state, row.signed_by, row.signed_at = Progress.SIGNED.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_SIGN, rows, by, now)


def submit_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Submit signed figures for review. Refused after the deadline."""
    with verb(by) as session:
        _open_period(session, alliance, code, now)
        rows = _step(session, alliance, code, institutions, "submit")
        for row in rows:
            row.state, row.submitted_by, row.submitted_at = Progress.SUBMITTED.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_SUBMIT, rows, by, now)


def accept_submission(alliance: int, code: str, institutions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Accept submitted figures. Refused for an employee of the member concerned and for whoever had a hand in them."""
    with verb(by) as session:
        rows = _step(session, alliance, code, institutions, "accept")
        hands: dict[str, set[str]] = {row.institution: {row.signed_by, row.submitted_by} for row in rows}
        # Whoever brought in what raters found had no hand in what the member filed.
        raters = [one for one, element in library(alliance).elements.items() if element.mode in RATED]
        filers = (
            select(Reading.institution, Reading.filed_by)
            .where(Reading.alliance_id == alliance, Reading.period == code, Reading.element.not_in(raters))
            .distinct()
        )
        for institution, account in session.execute(filers):
            if institution in hands:
                hands[institution].add(account)
        for row in rows:
            check_acceptance(row.institution, by.employer, by.account, hands[row.institution])
            row.state, row.accepted_by, row.accepted_at = Progress.ACCEPTED.value, by.account, now
        _record_steps(session, Act.INDICATORS_SUBMISSION_ACCEPT, rows, by, now)


def _step(session: Session, alliance: int, code: str, institutions: Sequence[str], step: str) -> list[Submission]:
    """The submissions of the members named, locked, each ready for the step."""
    rows = _submissions(session, alliance, code, institutions)
    missing = sorted(set(institutions) - {row.institution for row in rows})
    for who in missing:
        check_step(step, Progress.OPEN, who)
    for row in rows:
        check_step(step, Progress(row.state), row.institution)
    return rows


def _record_steps(session: Session, act: Act, rows: Sequence[Submission], by: Actor, now: datetime) -> None:
    session.flush()
    subjects = [f"submission:{row.institution}/{row.period}" for row in rows]
    record_many(session, act, subjects, by=by, now=now, alliance=rows[0].alliance_id if rows else 0)


def _blanks(session: Session, alliance: int, code: str, institutions: Sequence[str]) -> list[Problem]:
    """The elements that are due and blank."""
    when, known = Period.parse(code), library(alliance)
    tiers = {one.code: one.tier for one in members.members(alliance, when.last)}
    current = _current(session, alliance, code, set(institutions))
    filled = {place for place, (_, _, state) in current.items() if state != BLANK.state.value}
    return [
        Problem(VALUE, "", mark("is blank"), at=_at(institution, element.code))
        for institution in institutions
        for element in elements_due(known, tiers.get(institution, ""), when)
        if (institution, element.code) not in filled
    ]
