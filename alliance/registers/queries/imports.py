"""What an import of cases would do: asked before it is done, with nothing kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select

from alliance.core.refused import mark
from alliance.db import db
from alliance.registers.models import RegisterCase
from alliance.registers.queries.cases import ground
from alliance.registers.rules.cases import WITHDRAWN, faults_of, occurred_on, twin_of
from alliance.registers.rules.cells import Fault, read_fields
from alliance.registers.rules.imports import (
    CHANGED,
    KEY,
    NEW,
    OLDER,
    ImportRow,
    Report,
    Standing,
    fate_of,
    problem_at,
)
from alliance.registers.rules.kinds import Register, register_of


def dry_run(
    alliance: int, register: str, institution: str, source: str, rows: Sequence[ImportRow], *, today: date
) -> Report:
    """What importing the rows would do, with every fault by row and column; nothing is changed."""
    kind = register_of(register)
    report = Report()
    texts_read: dict[tuple[str, str], str] = {}
    read = [(row, *read_fields(kind, row.given, texts_read)) for row in rows]
    against = ground(alliance, today, _ends(kind, read))
    standing = _standing(alliance, kind, institution, source)
    taken = _twins(alliance, kind, {occurred_on(kind, texts)[:7] for _row, texts, faults in read if not faults})
    seen: set[str] = set()
    for row, texts, found in read:
        faults = found or list(faults_of(kind, texts, institution, against))
        if row.record in seen:
            faults.append((KEY, mark("stands twice in the file"), {}))
        seen.add(row.record)
        if not faults:
            faults = _place(report, kind, row, texts, standing.get(row.record), taken)
        report.problems += [problem_at(kind, row, fault) for fault in faults]
    return report


def _place(
    report: Report, kind: Register, row: ImportRow, texts: dict[str, str], standing: Standing | None,
    taken: dict[str, int],
) -> list[Fault]:  # fmt: skip
    """Add a row to what the import would do; what is wrong with that."""
    fate, fault = fate_of(row, texts, standing)
    if fault:
        return [fault]
    if fate not in (NEW, CHANGED):
        report.older += fate == OLDER
        report.same += fate != OLDER
        return []
    number, twin = standing.number if standing else 0, twin_of(kind, texts)
    holder = taken.get(twin)
    if holder is not None and (not number or holder != number):
        return [(KEY, mark("says the same as another case that stands already"), {})]
    taken[twin] = number
    if standing:
        report.changed.append((row, texts, number))
    else:
        report.new.append((row, texts))
    return []


def _ends(kind: Register, read: Sequence[tuple[ImportRow, dict[str, str], list[Fault]]]) -> set[str]:
    """The members whose staff is named."""
    return {texts[one.of] for one in kind.people for _row, texts, _faults in read if one.of in texts}


def _standing(alliance: int, kind: Register, institution: str, source: str) -> dict[str, Standing]:
    rows = select(
        RegisterCase.record, RegisterCase.number, RegisterCase.version, RegisterCase.fields, RegisterCase.state
    ).where(
        RegisterCase.alliance_id == alliance, RegisterCase.register == kind.code, RegisterCase.source == source,
        RegisterCase.institution == institution, RegisterCase.record != "",
    )  # fmt: skip
    return {
        record: Standing(number, version, json.loads(fields), state)
        for record, number, version, fields, state in db.session.execute(rows)
    }


def _twins(alliance: int, kind: Register, months: Collection[str]) -> dict[str, int]:
    rows = select(RegisterCase.twin, RegisterCase.number).where(
        RegisterCase.alliance_id == alliance, RegisterCase.register == kind.code, RegisterCase.month.in_(list(months)),
        RegisterCase.state != WITHDRAWN,
    )  # fmt: skip
    return dict(db.session.execute(rows).all())
