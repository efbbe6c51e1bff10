"""The question what a file of referrals would change, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from alliance.core.period import day_of
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.db import db
from alliance.members import queries as members
from alliance.registers.queries.referrals import REFERRAL
from alliance.registers.rules.people import Contact, check_silent
from alliance.registers.rules.referrals import COLUMNS, FILED, Given, check_parties, faults

PLACE = mark("row %(row)s, column %(column)s")
LONGEST = 64  # characters of a record's name


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of a file: the record of the system that delivers it, in a version, and what it says."""

    row: int
    record: str
    version: int
    filed_at: datetime | None
    given: Given


@dataclass(frozen=True, slots=True)
class Changes:
    """What a file would do: new cases, those replaced by (id, number), how many stay as they are, and what is wrong."""

    new: Sequence[ImportRow]
    replaced: Sequence[tuple[tuple[int, str], ImportRow]]
    same: int
    problems: Sequence[Problem]


def referral_changes(alliance: int, sender: str, source: str, rows: Sequence[ImportRow], now: datetime) -> Changes:
    """What bringing the rows in would change, and every cell that is wrong; nothing is changed by asking."""
    today = day_of(now)
    active = {one.code: one for one in members.members(alliance, today)}
    known = {
        record: (key, number, version, state)
        for record, key, number, version, state in db.session.execute(
            select(REFERRAL.record, REFERRAL.id, REFERRAL.number, REFERRAL.record_version, REFERRAL.state).where(
                REFERRAL.alliance_id == alliance, REFERRAL.sender == sender, REFERRAL.source == source
            )
        )
    }
    problems = _source_problems(source)
    new: list[ImportRow] = []
    replaced: list[tuple[tuple[int, str], ImportRow]] = []
    seen: dict[str, int] = {}
    same = 0
    for row in rows:
        if row.record in seen:
            problems.append(_problem(row, "record", row.record, TWICE, {"first": seen[row.record]}))
            continue
        seen[row.record] = row.row
        before = known.get(row.record)
        if before and before[2] >= row.version:
            same += 1
            continue
        wrong = _row_problems(row, sender, active, today, now)
        if before and before[3] != FILED:
            wrong.append(_problem(row, "version", str(row.version), ANSWERED, {"number": before[1]}))
        problems += wrong
        if not wrong:
            if before:
                replaced.append(((before[0], before[1]), row))
            else:
                new.append(row)
    return Changes(new, replaced, same, problems)


TWICE = mark("stands in row %(first)s already")
ANSWERED = mark("case %(number)s was answered already; a newer version cannot replace it")


def _source_problems(source: str) -> list[Problem]:
    if source.strip():
        return []
    return [Problem(mark("System"), source, mark("is missing"))]


def _problem(
    row: ImportRow, column: str, value: str, message: str, numbers: dict[str, object] | None = None
) -> Problem:
    return Problem(PLACE, value, message, numbers or {}, {"row": row.row, "column": Both(COLUMNS[column], column)})


def _row_problems(
    row: ImportRow, sender: str, active: Mapping[str, object], today: date, now: datetime
) -> list[Problem]:  # fmt: skip
    filed = row.filed_at or now
    found = [
        _problem(row, one.field, one.value, one.refused.message, one.refused.numbers)
        for one in faults(row.given, min(day_of(filed), today))
    ]
    if not row.record or len(row.record) > LONGEST:
        found.append(_problem(row, "record", row.record[:LONGEST], mark("must have 1 to 64 characters")))
    try:
        check_silent(row.record, Contact(row.given.name, row.given.phone, row.given.identity))
    except Refused as refused:  # it stays when the contact data are erased
        found.append(_problem(row, "record", "", refused.message))
    if row.version < 1:
        found.append(_problem(row, "version", str(row.version), mark("is not a whole number above 0")))
    if filed > now:
        found.append(_problem(row, "filed_at", str(row.filed_at), mark("has not come yet")))
    try:
        check_parties(sender, row.given.receiver, active)
    except Refused as refused:
        found.append(_problem(row, "receiver", row.given.receiver, refused.message, refused.numbers))
    return found
