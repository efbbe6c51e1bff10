"""Which of the values typed can be kept; what cannot, with its reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.core.figure import State, canonical
from alliance.core.period import Period
from alliance.core.refused import Both, Problem, mark
from alliance.db import db
from alliance.indicators.models import Reading
from alliance.indicators.queries.checks import findings
from alliance.indicators.queries.grid.filing import Filing, filing, lock_of, submission_row, whole_lock
from alliance.indicators.queries.libraries import elements_due, library
from alliance.indicators.queries.readings import ReadingInfo, newest_revision, readings
from alliance.indicators.queries.submissions import (
    value_text,
)
from alliance.indicators.rules.filing import VALUE, Entry, place_at, read_value


@dataclass(slots=True)
class Judged:
    """What can be kept of what was typed, with the revisions seen; and what cannot, each with its reason. `changed`
    are those that somebody else changed meanwhile."""

    entries: dict[str, tuple[Entry, int]] = field(default_factory=dict)
    troubles: dict[str, Problem] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


def judge(
    alliance: int,
    code: str,
    institution: str,
    typed: Mapping[str, tuple[str, int]],
    *,
    now: datetime,
    whole: bool = False,
    place: Filing | None = None,
) -> Judged:
    """Which of the typed texts, with the revisions seen, can be filed. With `whole` the texts are of a whole form:
    what still says what its author saw was not touched and is no wish to change anything. `place` is what the request
    looked up already. Changes nothing."""
    place = place or filing(alliance, code, institution)
    due = {one.code: one for one in elements_due(place.known, place.member.tier, place.when)}
    filed, row = readings(alliance, code, institution, typed), submission_row(alliance, code, institution)
    locked = whole_lock(alliance, place.info, institution, row, now)
    unlocked = None if row is None or row.unlocked is None else frozenset(row.unlocked)
    old = _seen_texts(alliance, code, institution, typed) if whole else {}
    found = Judged()
    for element, (text, seen) in typed.items():
        if element not in due:
            continue
        reading, problems, at = filed.get(element), list[Problem](), place_at(institution, element)
        entry = read_value(text, due[element], problems, VALUE)
        lock = locked or lock_of(element, unlocked, reading)
        if problems:
            found.troubles[element] = replace(problems[0], at=at)
        elif _same(reading, entry) or old.get((element, seen)) == (entry.text, entry.state.value):
            continue
        elif lock:
            found.troubles[element] = Problem(VALUE, text, lock, at=at)
        elif seen != (reading.revision if reading else 0):
            found.changed.add(element)
            found.troubles[element] = _changed(reading, text, at)
        else:
            found.entries[element] = (entry, seen)
    return found


def _same(reading: ReadingInfo | None, entry: Entry) -> bool:
    if reading is None:
        return entry.state is State.MISSING
    return (canonical(reading.value), reading.state) == (entry.text, entry.state)


def _seen_texts(
    alliance: int, code: str, institution: str, typed: Mapping[str, tuple[str, int]]
) -> dict[tuple[str, int], tuple[str, str]]:
    """Text and state of the revisions that the author of a whole form had before the eyes."""
    rows = db.session.execute(
        select(Reading.element, Reading.revision, Reading.value, Reading.state).where(
            Reading.alliance_id == alliance,
            Reading.period == code,
            Reading.institution == institution,
            Reading.revision != newest_revision(),
        )
    )
    found = {(element, revision): (value, state) for element, revision, value, state in rows}
    return {(element, 0): ("", State.MISSING.value) for element in typed} | found


def _changed(reading: ReadingInfo | None, text: str, at: dict[str, object]) -> Problem:
    by = reading.filed_by if reading else ""
    zh, en, _ = accounts.names({by}).get(by, ("别人", "Somebody else", ""))
    return Problem(
        VALUE,
        text,
        mark("%(person)s changed this value to %(value)s while you typed; yours is not saved"),
        {"person": Both(zh, en), "value": value_text(reading) or "—"},
        at,
    )


def explained_values(alliance: int, code: str, institution: str, codes: Collection[str]) -> dict[str, str]:
    """The text of the value that an explanation of each of these would refer to now; codes of elements or indicators
    of which nothing can be explained are left out."""
    known, filed = library(alliance, Period.parse(code).last), readings(alliance, code, institution)
    parts = {one for about in codes if about in known.indicators for one in known.indicators[about].elements}
    of = {one.code: one.value for one in findings(alliance, code, institution, parts | set(codes)) if not one.hard}
    found = {}
    for about in codes:
        if about in of:
            found[about] = of[about]
        elif about in known.elements:
            found[about] = value_text(filed.get(about))
    return found
