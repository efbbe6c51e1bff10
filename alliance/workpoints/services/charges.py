"""The verbs of charge lines: how a source is read, load a file, take one out again, say what a code means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, day_of
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.members import queries as members
from alliance.work.rules import Place
from alliance.work.services import enqueue
from alliance.workpoints.models import ChargeCode, ChargeLoad, ChargeMapping
from alliance.workpoints.queries.charges import (
    charge_mapping,
    compared_before,
    load_of,
    loaded_digests,
    loads_in_force,
    next_revision,
)
from alliance.workpoints.queries.points import items
from alliance.workpoints.queries.rolls import check_open
from alliance.workpoints.rules.cleaning import Cleaned, check_mapping
from alliance.workpoints.rules.meanings import ITEM, PERSON, REASON, UNIT, WHAT, Meaning
from alliance.workpoints.rules.workloads import SOURCE
from alliance.workpoints.volume import loading
from alliance.workpoints.volume.loading import InForce, Loaded, Source
from alliance.workpoints.volume.partitions import NAME, Partitions

Told = Callable[[int, int], None]  # steps done, of so many
NO_REASON = mark("Say why in at least ten characters.")
LEDGERS = mark("%(name)s are the lines of the workload ledger; enter work there, or return an entry.")


def map_charge(
    alliance: int, institution: str, source: str, columns: Mapping[str, str], *, by: Actor, now: datetime
) -> None:
    """Remember which heading of a source's files is which column of a charge line.

    Refused: a source whose name cannot be the name of a file, a mapping without a column that lines need.
    """
    with verb(by, alone_in=alliance) as session:
        _remember(session, alliance, institution, source, columns, by, now)
        record(
            session, Act.WORKPOINTS_CHARGE_MAP, f"charges:{institution}/{source}", by=by, now=now, alliance=alliance
        )  # fmt: skip


def _remember(
    session: Session, alliance: int, institution: str, source: str, columns: Mapping[str, str], by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    _check_source(source)
    wanted = {column: heading for column, heading in columns.items() if heading}
    check_mapping(wanted, set(wanted.values()))
    if wanted != charge_mapping(alliance, institution, source):
        session.add(
            ChargeMapping(
                alliance_id=alliance, institution=institution, recorded_by=by.account, recorded_at=now, source=source,
                columns=wanted,
            )
        )  # fmt: skip


def _check_source(source: str) -> None:
    if not NAME.fullmatch(source):
        raise Refused("The name of a source has letters, digits, - and _ only; %(name)s has others.", name=source)
    if source == SOURCE:
        raise Refused(LEDGERS, name=source)


def queue_charge(
    alliance: int, institution: str, month: str, source: str, kept: str, name: str, columns: Mapping[str, str], *,
    by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Ask that a file be loaded outside the request, and remember its mapping for the next one; the number of the job.

    `kept` is the digest under which the file lies among the uploads of who asks. Refused: a file that counts already,
    a month whose bonus is approved.
    """
    _check_month(alliance, institution, month, now)
    _check_new(alliance, institution, month, source, kept)
    with verb(by, alone_in=alliance) as session:
        _remember(session, alliance, institution, source, columns, by, now)
        return enqueue(
            session, alliance, Act.WORKPOINTS_CHARGE_LOAD, f"{institution}/{month}/{source}/{kept}",
            subject=f"charges:{institution}/{month}/{source}",
            parameters={
                "institution": institution, "month": month, "source": source, "kept": kept, "name": name,
                "columns": {column: heading for column, heading in columns.items() if heading},
            },
            origin=Place("workpoints.load_charge", {"institution": institution, "month": month}),
            reader=Act.WORKPOINTS_CHARGE_LIST, institution=institution, by=by, now=now,
        )  # fmt: skip


def _check_month(alliance: int, institution: str, month: str, now: datetime) -> None:
    if Period.parse(month).first > day_of(now):
        raise Refused("%(period)s has not begun.", period=month)
    check_open(alliance, institution, month)


def _check_new(alliance: int, institution: str, month: str, source: str, digest: str) -> None:
    """Refuse a file that counts already, whatever it is called now; not in its own place where it has to be compared
    anew."""
    same = loaded_digests(alliance, institution).get(digest)
    anew = same and (same.month, same.source) == (month, source) and compared_before(alliance, institution, month)
    if same and not (anew and any(load.source == source for load, _count in anew)):
        raise Refused(
            "This file was loaded already for %(period)s as %(name)s; nothing was loaded twice.", period=same.month,
            name=same.source,
        )  # fmt: skip


def load_charge(
    partitions: Partitions, alliance: int, institution: str, month: str, source: str, path: Path, title: str,
    columns: Mapping[str, str], *, by: Actor, now: datetime, progress: Told | None = None,
) -> Loaded:  # fmt: skip
    """Read a file of charge lines, clean it and let it count, in the place of what its source had for the month.

    Reading takes its time and happens before the transaction, in which the finished file gets its place. Refused: no
    table, a mapping that does not fit it, a file that counts already, another load meanwhile of the source or of one
    that it was compared with, a month whose bonus is approved.
    """
    _check_source(source)
    _check_month(alliance, institution, month, now)
    _check_new(alliance, institution, month, source, loading.sha256(path))
    revision = next_revision(alliance, institution, month, source)
    of = Source(institution, month, source, path, title, revision)
    compared = loads_in_force(alliance, institution, month)
    with loading.made(partitions, of, columns, in_force=compared, progress=progress) as made:
        with verb(by, alone_in=alliance) as session:
            check_open(alliance, institution, month)
            changed = _changed(compared, loads_in_force(alliance, institution, month))
            if changed or next_revision(alliance, institution, month, source) != revision:
                raise Refused(
                    "Somebody else loaded %(name)s meanwhile; look at it and load again.", name=changed or source
                )
            _check_new(alliance, institution, month, source, made.loaded.digest)
            # Inside of the transaction, so that two loads of one revision cannot take each other's place.
            made.put(partitions)
            session.add(_row(alliance, of, made.loaded, by, now))
            record(
                session, Act.WORKPOINTS_CHARGE_LOAD, f"charges:{institution}/{month}/{source}", by=by, now=now,
                alliance=alliance, revision=revision, sha256=made.loaded.digest, rows=made.loaded.rows,
                count=made.loaded.lines,
            )  # fmt: skip
        return made.loaded


def _changed(before: InForce, now: InForce) -> str:
    """A source of which another load counts now, so that a number may have been used twice; "" where there is none.
    The ledger's lines have numbers of their own."""
    found = ({(month, *load) for month, loads in one.items() for load in loads} for one in (before, now))
    return min((name for _month, name, _revision in set.symmetric_difference(*found) if name != SOURCE), default="")


def _row(alliance: int, of: Source, loaded: Loaded, by: Actor, now: datetime) -> ChargeLoad:
    return ChargeLoad(
        alliance_id=alliance, institution=of.hospital, recorded_by=by.account, recorded_at=now, month=of.month,
        source=of.name, revision=of.revision, title=of.title, sha256=loaded.digest, rows=loaded.rows,
        lines=loaded.lines, aside=loaded.aside, amount=loaded.amount,
        cleaned=[_packed(one) for one in loaded.cleaned if one.lines], reason="",
    )  # fmt: skip


def _packed(one: Cleaned) -> dict[str, object]:
    return {"rule": one.rule, "lines": one.lines, "amount": f"{one.amount:f}", "rows": list(one.rows)}


def withdraw_charge(
    alliance: int, institution: str, month: str, source: str, revision: int, reason: str, *, by: Actor, now: datetime
) -> None:
    """Take a loaded file out again: its lines count no longer, and stay for the runs that rest on them.

    Refused: without a reason of ten characters; what does not count any more; a month whose bonus is approved.
    """
    _check_source(source)
    if len(reason.strip()) < REASON:
        raise Refused(NO_REASON)
    with verb(by, alone_in=alliance) as session:
        found = load_of(alliance, institution, month, source, revision)
        if found is None:
            raise NotFound()
        check_open(alliance, institution, month)
        if next_revision(alliance, institution, month, source) != revision + 1 or found.reason:
            raise Refused("This file does not count any more: it was replaced or taken out.")
        session.add(
            ChargeLoad(
                alliance_id=alliance, institution=institution, recorded_by=by.account, recorded_at=now, month=month,
                source=source, revision=revision + 1, title=found.title, sha256=found.sha256, rows=0, lines=0, aside=0,
                amount=0, cleaned=[], reason=reason.strip(),
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_CHARGE_WITHDRAW, f"charges:{institution}/{month}/{source}", by=by, now=now,
            alliance=alliance, revision=revision, reason=reason.strip(),
        )  # fmt: skip


def map_code(
    alliance: int, institution: str, fact: Meaning, reason: str = "", *, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Say what a code of charge lines means from a day on; without a meaning, that its lines are put aside for good.

    Refused: an item that no table has on that day, a department or a person that there is not, no reason of ten
    characters for lines put aside.
    """
    _check_meaning(alliance, institution, fact)
    if not fact.meaning and len(reason.strip()) < REASON:
        raise Refused(NO_REASON)
    with verb(by, alone_in=alliance) as session:
        session.add(
            ChargeCode(
                alliance_id=alliance, institution=institution, recorded_by=by.account, recorded_at=now, what=fact.what,
                outside=fact.outside, meaning=fact.meaning, start=fact.start, reason=reason.strip(),
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_CODE_MAP, f"chargecode:{institution}/{fact.what}/{fact.outside}", by=by, now=now,
            alliance=alliance, codes=fact.meaning, start=fact.start.isoformat(),
        )  # fmt: skip


def _check_meaning(alliance: int, institution: str, fact: Meaning) -> None:
    if fact.what not in WHAT or not fact.outside:
        raise NotFound()
    if not fact.meaning:
        return
    there = {
        ITEM: lambda: fact.meaning in items(alliance, institution, fact.start) and fact.meaning != fact.outside,
        UNIT: lambda: members.department_exists(alliance, institution, fact.meaning, fact.start),
        PERSON: lambda: any(
            one.number == fact.meaning for one in members.staffing(alliance, institution).employees
        ),
    }  # fmt: skip
    if not there[fact.what]():
        missing = {
            ITEM: mark("no other item of the table of this day has this code"),
            UNIT: mark("on this day there is no department of this code"),
            PERSON: mark("nobody on the staff has this number"),
        }
        problem = Problem(fact.outside, fact.meaning, missing[fact.what])
        raise Refused("The code cannot mean this.", problems=[problem])
