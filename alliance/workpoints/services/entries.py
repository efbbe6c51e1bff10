"""The verbs of the numbers of a bonus month: file them from a page, import them from the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import State
from alliance.core.refused import Refused
from alliance.db import insert_many
from alliance.workpoints.models import CaseRow, PersonEntry, UnitEntry
from alliance.workpoints.queries.entries import case_cells, person_cells, unit_cells, unit_entries
from alliance.workpoints.queries.filing import Changes, Given, GivenMonth, entry_changes
from alliance.workpoints.queries.rolls import roll
from alliance.workpoints.queries.scored import FIGURE, official_score
from alliance.workpoints.rules.entries import Entry
from alliance.workpoints.rules.ledgers import NO_DOCUMENT


def file_entry(
    alliance: int, institution: str, month: str, given: Sequence[Given], document: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """File numbers of a month; how many cells changed. All or nothing.

    Refused: an unknown unit, person or kind, a value out of range, one's own number, a cell that somebody else
    changed meanwhile, no document, a month whose bonus is approved.
    """
    return _keep(alliance, institution, month, GivenMonth(given), document, Act.WORKPOINTS_ENTRY_FILE, by, now)


def take_score(alliance: int, institution: str, month: str, *, by: Actor, now: datetime) -> int:
    """Take the hospital's official score of the alliance as the score of every unit with staff that has none; how many.

    The runs of the month rest on the figure of that score. Refused: no score yet, no unit without one, a month whose
    bonus is approved.
    """
    found = official_score(alliance, institution, month)
    if found is None:
        raise Refused("The alliance has no official score of this hospital for a period before the end of the month.")
    filed = unit_entries(alliance, institution, month)
    units = [unit for unit in roll(alliance, institution, month).staffed() if (unit, "score") not in filed]
    if not units:
        raise Refused("Every unit with staff has a score already.")
    given = [Given(unit, "score", Entry(found.value, State.VALUE)) for unit in units]
    return _keep(
        alliance, institution, month, GivenMonth(given), found.source, Act.WORKPOINTS_SCORE_TAKE, by, now
    )  # fmt: skip


def import_entry(
    alliance: int, institution: str, month: str, given: GivenMonth, document: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Keep a month's workbook; how many cells and disease groups changed. Refused as `file_entry` is."""
    return _keep(alliance, institution, month, given, document, Act.WORKPOINTS_ENTRY_IMPORT, by, now)


def _keep(
    alliance: int, institution: str, month: str, given: GivenMonth, document: str, act: Act, by: Actor, now: datetime
) -> int:  # fmt: skip
    if not document.strip() or (document.strip().startswith(FIGURE) and act is not Act.WORKPOINTS_SCORE_TAKE):
        raise Refused(NO_DOCUMENT)  # nobody types a figure that numbers would rest on
    with verb(by, alone_in=alliance) as session:
        new = entry_changes(alliance, institution, month, given, by.account)
        hand = {
            "alliance_id": alliance, "institution": institution, "month": month, "document": document.strip(),
            "recorded_by": by.account, "recorded_at": now,
        }  # fmt: skip
        _insert(session, alliance, institution, month, new, hand)
        units = sorted({one.unit for one in new.entries} | {one.unit for one in new.cases})
        record(
            session, act, f"bonusmonth:{institution}/{month}", by=by, now=now, alliance=alliance, units=units,
            cells=len(new), document=document.strip(),
        )  # fmt: skip
        return len(new)


def _insert(
    session: Session, alliance: int, institution: str, month: str, new: Changes, hand: Mapping[str, object]
) -> None:
    units = unit_cells(alliance, institution, month)
    persons = person_cells(alliance, institution, month)
    groups = case_cells(alliance, institution, month)
    of_units, of_persons = [], []
    for one in new.entries:
        cell = {**hand, "unit": one.unit, "kind": one.kind, "value": one.entry.value, "state": one.entry.state.value}
        if one.person:
            before = persons.get((one.unit, one.person, one.kind))
            of_persons.append({**cell, "person": one.person, "revision": before.revision + 1 if before else 1})
        else:
            before = units.get((one.unit, one.kind))
            of_units.append({**cell, "revision": before.revision + 1 if before else 1})
    rows = []
    for group in new.cases:
        last = groups.get((group.unit, group.code))
        values = {name: value for name, value in asdict(group).items() if name != "at"}
        rows.append({**hand, **values, "revision": last.revision + 1 if last else 1})
    insert_many(session, UnitEntry, of_units)
    insert_many(session, PersonEntry, of_persons)
    insert_many(session, CaseRow, rows)
