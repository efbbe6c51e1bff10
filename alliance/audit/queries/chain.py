"""The proof that the log is whole: every event against its seal, every seal against the one before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    cast,
    func,
    select,
    text,
    type_coerce,
)

from alliance.audit.models import (
    APPEND_ONLY,
    Event,
    EventSeal,
)
from alliance.audit.queries.events import SEAL, SealInfo
from alliance.audit.rules import Batch, differences, event_text, first_seal_text, leaves_of, seal_text
from alliance.db import Moment


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with the log: what (`event 7`, `seal 3`), and how it is wrong, in English."""

    what: str
    wrong: str


@dataclass(slots=True)
class Verdict:
    """What a walk through the log came to; `findings` are the first ones, `wrong` counts all."""

    events: int = 0
    seals: int = 0
    unsealed: int = 0
    unused: int = 0  # numbers that the sequence gave out and no event has; PostgreSQL only
    last: SealInfo | None = None
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)

    def find(self, what: str, wrong: str) -> None:
        self.wrong += 1
        if len(self.findings) < 1000:
            self.findings.append(Finding(what, wrong))


TOLD = {
    "edited": "was changed after it was sealed",
    "removed": "was removed after it was sealed",
    "inserted": "was put in after the others around it were sealed",
}


def verify(connection: Connection, copy: Mapping[int, str] | None = None) -> Verdict:
    """Work every root and seal out again from the rows; constant memory, reads only.

    `copy` are seals kept elsewhere, by number: each must be there and the same.
    """
    verdict, before = Verdict(), None
    _check_guard(connection, verdict)
    previous: SealInfo | None = None
    kept = dict(copy or {})
    while True:
        row = connection.execute(
            select(*SEAL, EventSeal.leaves)
            .where(EventSeal.id > (previous.id if previous else 0))
            .order_by(EventSeal.id)
            .limit(1)
        ).first()
        if row is None:
            break
        seal, leaves = SealInfo(*row[:7]), row[7]
        _check_seal(verdict, previous, seal, leaves, before)
        before = leaves
        theirs = kept.pop(seal.id, None)
        if theirs is not None and theirs != seal.seal:
            verdict.find(f"seal {seal.id}", "differs from the copy kept elsewhere")
        _check_batch(connection, verdict, previous.last_event if previous else 0, seal, leaves)
        verdict.seals += 1
        previous = verdict.last = seal
    for number in sorted(kept):
        verdict.find(f"seal {number}", "stands in the copy kept elsewhere and is not there any more")
    _count_unsealed(connection, verdict, previous.last_event if previous else 0)
    return verdict


def _check_guard(connection: Connection, verdict: Verdict) -> None:
    """The triggers that refuse changes must be there: without them nothing is kept but by good will."""
    if connection.dialect.name == "postgresql":
        there = set(
            connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"))
        )
        wanted = {f"{table}_kept{end}": table for table in APPEND_ONLY for end in ("", "_whole")}
    else:
        there = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
        wanted = {f"{table}_no_{how}": table for table in APPEND_ONLY for how in ("update", "delete", "insert")}
    for table in sorted({table for trigger, table in wanted.items() if trigger not in there}):
        verdict.find(f"table {table}", "has lost the triggers that keep it from being changed")


def _check_seal(
    verdict: Verdict, previous: SealInfo | None, seal: SealInfo, leaves: bytes | None, before: bytes | None
) -> None:
    """Whether a seal follows from the one before and from its own row."""
    expected = previous.id + 1 if previous else 1
    if seal.id != expected:
        gone = f"seal {expected}" if seal.id == expected + 1 else f"seals {expected} to {seal.id - 1}"
        verdict.find(gone, "was removed" if seal.id == expected + 1 else "were removed")
    last = previous.seal if previous else ""
    # Seals made before they named their events stand at the beginning of the chain only.
    old = leaves is None and (previous is None or before is None)
    if leaves is None and not old:
        verdict.find(f"seal {seal.id}", "has lost the list of its events")
    made = (
        first_seal_text(last, seal.root)
        if old
        else seal_text(last, seal.id, seal.at, seal.first_event, seal.last_event, seal.count, seal.root)
    )
    if made != seal.seal:
        verdict.find(f"seal {seal.id}", "does not follow from the seal before it and its own row")


def _check_batch(connection: Connection, verdict: Verdict, after: int, seal: SealInfo, leaves: bytes | None) -> None:
    """Whether the events under a seal are those that were sealed; names the ones that are not."""
    batch = Batch()
    found: list[tuple[int, bytes]] = []
    surplus = 0
    # Before the first seal nothing has a number below 1, unless somebody put it there.
    for number, content in _texts(connection, after or -(2**62), seal.last_event):
        head = batch.add(number, content)
        if batch.count <= 2 * seal.count + 1000:
            found.append((number, head))
        else:
            surplus += 1
    verdict.events += batch.count
    if connection.dialect.name == "sqlite" and leaves is not None and seal.last_event - after != seal.count:
        # SQLite gives every number: one that was skipped was there and is gone.
        sealed = {number for number, _ in leaves_of(seal.first_event, leaves)}
        for number in range(after + 1, min(seal.last_event, after + 1_000_000)):
            if number not in sealed:
                verdict.find(f"event {number}", "is missing; it was never sealed")
    same = batch.root == seal.root
    if same and (batch.first, batch.last, batch.count) == (seal.first_event, seal.last_event, seal.count):
        if leaves is not None and leaves != batch.leaves:
            verdict.find(f"seal {seal.id}", "names other events than those it holds")
        return
    named = 0
    if leaves is not None:
        for number, how in differences(leaves_of(seal.first_event, leaves), found):
            verdict.find(f"event {number}", TOLD[how])
            named += 1
    if surplus:
        verdict.find(f"{surplus} more events", f"were put in among those of seal {seal.id}")
    if not named:
        verdict.find(
            f"events {seal.first_event} to {seal.last_event}",
            f"are not what seal {seal.id} holds; which of them, cannot be told",
        )


def _texts(connection: Connection, after: int, last: int) -> Iterator[tuple[int, str]]:
    """Number and canonical text of the events with these numbers; what cannot be read has a text of its own."""
    plain = connection.dialect.name == "sqlite"
    # Columns as they stand in the file: what somebody wrote there by hand must not stop the walk.
    at: ColumnElement[Any] = cast(Event.at, Text) if plain else type_coerce(Event.at, Moment)
    columns = (
        Event.id, Event.alliance_id, at, Event.act, Event.subject, Event.account, cast(Event.detail, Text), Event.once
    )  # fmt: skip
    within = select(*columns).where(Event.id > after, Event.id <= last).order_by(Event.id)
    rows = connection.execute(within.execution_options(yield_per=2000))
    for number, alliance, when, act, subject, account, detail, once in rows:
        try:
            moment = datetime.fromisoformat(when).replace(tzinfo=UTC) if plain else when.astimezone(UTC)
            yield number, event_text(number, alliance, moment, act, subject, account, json.loads(detail), once)
        except (ValueError, TypeError):
            yield number, f"unreadable event {number}"


def _count_unsealed(connection: Connection, verdict: Verdict, after: int) -> None:
    """What came after the last seal, and the numbers in it that no event has."""
    row = connection.execute(select(func.count(), func.min(Event.id), func.max(Event.id)).where(Event.id > after)).one()
    verdict.unsealed = row[0]
    verdict.events += row[0]
    if connection.dialect.name == "postgresql":
        # A transaction that was rolled back leaves its numbers unused: nothing can be said of them.
        given = connection.scalar(text("SELECT last_value FROM event_id_seq WHERE is_called")) or 0
        verdict.unused = max(given, row[2] or 0) - verdict.events
    elif verdict.unsealed != (row[2] or after) - after:
        there = set(connection.scalars(select(Event.id).where(Event.id > after).limit(100_000)))
        for number in range(after + 1, min(row[2], after + 100_000) + 1):
            if number not in there:
                verdict.find(f"event {number}", "is missing; it was never sealed")
