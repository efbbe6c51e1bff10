"""What bringing in a file would change and what is wrong with it, worked out before anything is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from alliance.core.actor import Actor
from alliance.core.figure import State
from alliance.core.period import Period
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.db import db
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries.libraries import RATED, elements_due, library
from alliance.indicators.queries.periods import exceptions, period
from alliance.indicators.queries.readings import READING, current_columns, current_readings
from alliance.indicators.queries.submissions import explanations
from alliance.indicators.rules.cells import CELL, Filled, Note, at_cell, check_note
from alliance.indicators.rules.definitions import Element, Library
from alliance.indicators.rules.filing import (
    CAPTURED,
    NOT_FILED,
    VALUE,
    Progress,
    Row,
    check_filing,
    check_open,
    check_step,
    closes_at,
    place_at,
)
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class Change:
    """A value that a file would change; `before` is the text that stands now, n/a where it does not apply."""

    row: Row
    before: str

    @property
    def after(self) -> str:
        return shown(self.row.entry.text, self.row.entry.state.value)


@dataclass(frozen=True, slots=True)
class Report:
    """What a file would do: values changed, explanations written, values that stand already, values that stay as
    somebody else changed them after the download, and everything that is wrong. `captured` are the values that stand
    as they came from their source; the rest of the file can be applied."""

    changes: tuple[Change, ...]
    notes: tuple[Note, ...]
    same: int
    stays: tuple[Row, ...]
    problems: tuple[Problem, ...]
    blanks: int = 0
    captured: tuple[Problem, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows to be filed, each with the revision that this report saw."""
        return tuple(one.row for one in self.changes)

    @property
    def says_something(self) -> bool:
        return bool(self.changes or self.notes)

    @property
    def digest(self) -> str:
        """Tells whether a later report says the same: SHA-256 over the changes with what stands now."""
        lines = [
            f"{one.row.institution}\t{one.row.element}\t{one.row.seen}\t{one.before}\t{one.after}"
            for one in self.changes
        ]
        lines += [f"{one.institution}\t{one.element}\t{one.value}\t{one.text}" for one in self.notes]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class DueLine:
    """A value due from a member, with what was filed before and what is filed now."""

    element: Element
    previous: str
    last_year: str
    value: str
    explanation: str
    revision: int


def dry_run(alliance: int, code: str, filled: Filled, institution: str = "", *, by: Actor, now: datetime) -> Report:
    """What a file would change in a period, and everything that is wrong with it; changes nothing.

    With an institution it is that member's own file: rows of others and of what raters find are wrong. A value that is
    as it was when the table was downloaded says nothing, even where somebody changed it since; one's own changes since
    are no reason to refuse another. Refused: a period that
    is not open, or is closed for the member.
    """
    known = library(alliance, Period.parse(code).last)
    problems = list(filled.problems)
    problems += row_problems(alliance, code, filled.rows, known, by.employer, institution)
    bad = {one.at.get("row") for one in problems}
    current = current_texts(alliance, code, {row.institution for row in filled.rows})
    since = _later(alliance, code, [row for row in filled.rows if _is_old(row, current)])
    changes: list[Change] = []
    stays: list[Row] = []
    captured: dict[tuple[str, str], Problem] = {}
    same = 0
    for row in filled.rows:
        revision, text, state, origin = current.get((row.institution, row.element), NOT_FILED)
        said = (row.entry.text, row.entry.state)
        if said == (text, state):
            same += 1
        elif said == since.get((row.institution, row.element, row.seen or 0), _NEVER)[0]:
            stays.append(row)
        elif origin == CAPTURED:
            captured[row.institution, row.element] = _row_problem(row, *stands_captured(text, state))
        elif since.get((row.institution, row.element, row.seen or 0), _NEVER)[1] - {by.account}:
            problems.append(_changed_since(row, shown(text, state)))
        elif row.line not in bad or not row.line:
            stands = Row(row.institution, row.element, row.entry, revision, row.line)
            changes.append(Change(stands, shown(text, state)))
    # Beside a value that was captured an explanation is an objection, and speaks of that value.
    typed = [row for row in filled.rows if (row.institution, row.element) not in captured]
    notes = new_notes(alliance, code, filled.notes, typed) if institution else []
    problems += _note_problems(filled.notes, notes, institution)
    problems += _locks(alliance, code, known, changes, notes, now, institution)
    problems.sort(key=_line)
    told = tuple(sorted(captured.values(), key=_line))
    return Report(tuple(changes), tuple(notes), same, tuple(stays), tuple(problems), filled.blanks, told)


def _line(problem: Problem) -> int:
    line = problem.at.get("row", 0)
    return line if isinstance(line, int) else 0


def shown(text: str, state: str) -> str:
    """The text of a reading as people write it."""
    return "n/a" if state == State.NOT_APPLICABLE.value else text


def stands_captured(text: str, state: str) -> tuple[str, str, dict[str, object]]:
    """Why a captured value is not overtyped: reason, column and numbers of a problem."""
    reason = mark(
        "%(value)s was captured at its source and stands; if it is wrong, the member writes why beside the value on "
        "its filing page"
    )
    return reason, "value", {"value": shown(text, state) or "—"}


def _is_old(row: Row, current: Mapping[tuple[str, str], tuple[int, str, str, str]]) -> bool:
    return row.seen is not None and row.seen != current.get((row.institution, row.element), NOT_FILED)[0]


_Later = tuple[tuple[str, str], frozenset[str]]
_NEVER: _Later = (("", ""), frozenset())


def _later(alliance: int, code: str, rows: Sequence[Row]) -> dict[tuple[str, str, int], _Later]:
    """Of rows whose authors saw an older revision: text and state of that one, and who filed since; by institution,
    element and revision seen."""
    if not rows:
        return {}
    found = db.session.execute(
        select(
            Reading.institution, Reading.element, Reading.revision, Reading.value, Reading.state, Reading.filed_by
        ).where(
            Reading.alliance_id == alliance,
            Reading.period == code,
            Reading.institution.in_({row.institution for row in rows}),
        )
    )
    filed: dict[tuple[str, str], dict[int, tuple[str, str, str]]] = {}
    for institution, element, revision, value, state, who in found:
        filed.setdefault((institution, element), {})[revision] = (value, state, who)
    later: dict[tuple[str, str, int], _Later] = {}
    for row in rows:
        revisions, seen = filed.get((row.institution, row.element), {}), row.seen or 0
        text, state, _ = revisions.get(seen, (*NOT_FILED[1:3], ""))
        after = frozenset(who for revision, (_, _, who) in revisions.items() if revision > seen)
        later[row.institution, row.element, seen] = ((text, state), after)
    return later


def _changed_since(row: Row, stands: str) -> Problem:
    reason = mark("somebody changed this value to %(value)s after the table was downloaded; download it again")
    at = at_cell(row.line, "value") if row.line else place_at(row.institution, row.element)
    return Problem(CELL if row.line else VALUE, row.entry.text, reason, {"value": stands or "—"}, at)


def new_notes(alliance: int, code: str, notes: Sequence[Note], rows: Sequence[Row]) -> list[Note]:
    """The explanations that say something new, each with the value that it explains: the one beside it, or the one
    that is filed."""
    if not notes:
        return []
    said = {(row.institution, row.element) for row in rows}
    found = []
    for institution in dict.fromkeys(note.institution for note in notes):
        known = explanations(alliance, code, institution)
        filed = current_columns(alliance, [code], "element", "value").where(READING.institution == institution)
        values = dict(db.session.execute(filed).all())
        for note in notes:
            if note.institution != institution:
                continue
            stated = (institution, note.element) in said
            value = note.value if stated else values.get(note.element, "")
            before = known.get(note.element)
            if before is None or (before.value, before.text) != (value, note.text):
                found.append(Note(institution, note.element, note.text, value, note.line))
    return found


def _note_problems(notes: Sequence[Note], new: Sequence[Note], institution: str) -> Iterator[Problem]:
    if institution:
        yield from (problem for note in new if (problem := check_note(note)))
        return
    reason = mark("an explanation is written by the member; clear this cell, or let the member upload the file")
    for note in notes:
        yield Problem(CELL, note.text, reason, at=at_cell(note.line, "explanation"))


def _locks(
    alliance: int,
    code: str,
    known: Library,
    changes: Sequence[Change],
    notes: Sequence[Note],
    now: datetime,
    institution: str,
) -> list[Problem]:
    """What is closed or locked, told at each row that would change it."""
    found = period(alliance, code)
    if found is None:
        raise Refused("The period %(period)s is not open for filing.", period=code)
    touched: dict[str, list[Row]] = {}
    for one in changes:
        if one.row.institution and known.elements[one.row.element].mode not in RATED:
            touched.setdefault(one.row.institution, []).append(one.row)
    excepted = {one.institution for one in exceptions(alliance, code) if one.holds(now)}
    if not (institution or touched) and changes:
        check_open(found.review_until, now, code)
    states = {
        one.institution: one
        for one in db.session.scalars(
            select(Submission).where(Submission.alliance_id == alliance, Submission.period == code)
        )
    }
    excepted |= {who for who, one in states.items() if now < closes_at(found.due_at, found.review_until, one.unlocked)}
    if institution and institution not in excepted:
        check_open(found.due_at, now, code)
    problems: list[Problem] = []
    for who, rows in touched.items():
        state = states.get(who)
        try:
            if who not in excepted:
                check_open(found.due_at, now, code)
            check_filing(Progress(state.state) if state else Progress.OPEN, None, (), who)
        except Refused as refused:
            problems += [_row_problem(row, refused.message, "value", refused.numbers) for row in rows]
            continue
        if state is not None and state.unlocked is not None:
            reason = mark("was not returned and stays locked")
            problems += [_row_problem(row, reason, "value") for row in rows if row.element not in state.unlocked]
    for note in notes:
        if note.institution not in touched and (state := states.get(note.institution)) is not None:
            check_step("file", Progress(state.state), note.institution)
    return problems


def _row_problem(
    row: Row, reason: str, column: str, numbers: Mapping[str, object] | None = None, value: str | None = None
) -> Problem:
    """A problem with a row: told at its cell, or by its member and element where there is no file."""
    text = row.entry.text if value is None else value
    if row.line:
        return Problem(CELL, text, reason, dict(numbers or {}), at_cell(row.line, column))
    return Problem(VALUE, text, reason, dict(numbers or {}), place_at(row.institution, row.element))


def row_problems(
    alliance: int, code: str, rows: Sequence[Row], known: Library, employer: str, institution: str = ""
) -> list[Problem]:
    """What is wrong with rows: of strangers, of elements that this member does not file now, the same place twice,
    and what raters found about the employer of whoever brings it in; of another member in a member's own file."""
    when = Period.parse(code)
    tiers = {one.code: one.tier for one in members.members(alliance, when.last)}
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        element = known.elements.get(row.element)
        found = _fault(row, element, when, tiers, employer, institution)
        if found is not None:
            column, value, reason = found
            problems.append(_row_problem(row, reason, column, value=value))
        elif (row.institution, row.element) in seen:
            reason = mark("this value stands twice in the file")
            problems.append(_row_problem(row, reason, "element", value=row.element if row.line else None))
        seen.add((row.institution, row.element))
    return problems


def _fault(
    row: Row, element: Element | None, when: Period, tiers: Mapping[str, str], employer: str, institution: str
) -> tuple[str, str, str] | None:
    """What is wrong with a row by itself: column, value and reason."""
    if institution and row.institution != institution:
        return "institution", row.institution, mark("belongs to another member; this is not your file")
    if element is None:
        return "element", row.element, mark("no data element has this code")
    if element.frequency is not when.kind:
        return "element", row.element, mark("this element is not filed for a period of this length")
    if element.external:
        if row.institution:
            reason = mark("this element is filed once for the alliance: leave the institution empty")
            return "institution", row.institution, reason
        return None
    if row.institution not in tiers:
        return "institution", row.institution, mark("is no member in this period")
    if tiers[row.institution] not in element.tiers:
        return "element", row.element, mark("this member does not file this element")
    if element.mode in RATED:
        if institution:
            return "element", row.element, mark("comes from raters or a survey, not from the member")
        if row.institution == employer:
            reason = mark("you are employed by this member: what raters found about it is brought in by somebody else")
            return "value", row.entry.text, reason
    return None


def check_rows(alliance: int, code: str, rows: Sequence[Row], known: Library, employer: str) -> None:
    """Refuse rows with problems."""
    problems = row_problems(alliance, code, rows, known, employer)
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)


def current_texts(
    alliance: int, code: str, institutions: Collection[str], elements: Collection[str] | None = None
) -> dict[tuple[str, str], tuple[int, str, str, str]]:
    """Revision, text, state and origin of the current readings by institution and element; of some elements, when
    they are named."""
    wanted = current_columns(alliance, [code], "institution", "element", "revision", "value", "state", "origin")
    wanted = wanted.where(READING.institution.in_(list(institutions)))
    if elements is not None:
        wanted = wanted.where(READING.element.in_(list(elements)))
    rows = db.session.execute(wanted)
    return {
        (institution, element): (revision, value, state, origin)
        for institution, element, revision, value, state, origin in rows
    }


def due_lines(alliance: int, code: str, institution: str) -> list[DueLine]:
    """What a member files in a period, for its template: the texts of the period before, of the same period of last
    year and of now, and the explanation that goes with the value of now."""
    when = Period.parse(code)
    member = members.member(alliance, institution, when.last)
    if member is None:
        raise NotFound()
    codes = {"previous": when.back(1).code, "last_year": when.year_before().code, "now": code}
    rows = current_readings(alliance, set(codes.values())).where(Reading.institution == institution)
    found = {(row.element, row.period): row for row in db.session.scalars(rows)}
    told = explanations(alliance, code, institution)

    def text(element: str, period_code: str) -> str:
        row = found.get((element, period_code))
        return shown(row.value, row.state) if row else ""

    lines = []
    for element in elements_due(library(alliance, when.last), member.tier, when):
        now, note = found.get((element.code, code)), told.get(element.code)
        lines.append(
            DueLine(
                element,
                text(element.code, codes["previous"]),
                text(element.code, codes["last_year"]),
                text(element.code, code),
                note.text if note and note.value == (now.value if now else "") else "",
                now.revision if now else 0,
            )
        )
    return lines
