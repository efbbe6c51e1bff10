"""The questions about the workload ledger: what was entered, what counts, what waits for a review."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.db import db
from alliance.members import queries as members
from alliance.workpoints.models import WorkloadFile, WorkloadRow
from alliance.workpoints.queries.rolls import posted
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED, check_month
from alliance.workpoints.rules.workloads import Fault, Workload, own_codes, workload_faults

PLACE = mark("entry of %(day)s, %(item)s")
OTHER_MONTH = mark("is no day of this month")
NOT_YOURS = mark("is no department for which you may enter work")
TWICE = mark("stands in the file twice; where it is other work, say so under work done")
NO_UNIT = mark("On %(day)s there was no department %(code)s.")
NO_POST = mark("%(person)s was not in post in %(period)s.")


@dataclass(frozen=True, slots=True)
class GivenWork:
    """An entry of a file, and where each part of it stands there."""

    work: Workload
    at: Mapping[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkloadFileInfo:
    """A file behind an entry."""

    name: str
    media: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime

    @property
    def kilobytes(self) -> int:
        return -(-self.size // 1024)


@dataclass(frozen=True, slots=True)
class WorkloadInfo:
    """An entry of the workload ledger; its state of rules.workloads.WORKLOAD_STATES."""

    number: int
    work: Workload
    state: str
    entered_by: str
    entered_at: datetime
    reviewed_by: str
    reviewed_at: datetime | None
    reason: str


def _info(row: WorkloadRow) -> WorkloadInfo:
    work = Workload(
        row.day, row.item, row.quantity, row.role, row.setting, row.unit, row.person, row.text, row.document
    )
    return WorkloadInfo(
        row.number, work, row.state, row.recorded_by, row.recorded_at, row.reviewed_by, row.reviewed_at, row.reason
    )  # fmt: skip


def _rows(alliance: int, institution: str) -> Select[Any]:
    return select(WorkloadRow).where(WorkloadRow.alliance_id == alliance, WorkloadRow.institution == institution)


def workloads(alliance: int, institution: str, month: str, state: str = "") -> list[WorkloadInfo]:
    """The entries of a month, in one state or in any, the newest first."""
    wanted = _rows(alliance, institution).where(WorkloadRow.month == month)
    wanted = wanted.where(WorkloadRow.state == state) if state else wanted
    return [_info(row) for row in db.session.scalars(wanted.order_by(WorkloadRow.number.desc()))]


def workload(alliance: int, institution: str, number: int) -> WorkloadInfo | None:
    """One entry; None when there is none."""
    row = db.session.scalar(_rows(alliance, institution).where(WorkloadRow.number == number))
    return _info(row) if row else None


def same_work(alliance: int, institution: str, one: WorkloadInfo) -> list[WorkloadInfo]:
    """Other entries of the same day, item, role and unit that were not returned: it may have been entered twice."""
    mine = one.work
    return [
        other for other in workloads(alliance, institution, mine.month)
        if other.number != one.number and other.state in (ENTERED, ACCEPTED)
        and (other.work.day, other.work.item, other.work.role, other.work.unit)
        == (mine.day, mine.item, mine.role, mine.unit)
    ]  # fmt: skip


def accepted_workloads(alliance: int, institution: str, month: str) -> dict[int, Workload]:
    """What becomes lines of a month, by number."""
    return {one.number: one.work for one in workloads(alliance, institution, month, ACCEPTED)}


def workload_codes(alliance: int, institution: str) -> tuple[list[Code], list[Code]]:
    """What the lines of the ledger call units and persons, also those of entries that count no longer: runs rest on
    them."""
    rows = db.session.execute(
        select(WorkloadRow.unit, WorkloadRow.person)
        .where(WorkloadRow.alliance_id == alliance, WorkloadRow.institution == institution)
        .distinct()
    ).all()
    return own_codes(unit for unit, _person in rows), own_codes(person for _unit, person in rows)


def open_workload_counts(alliance: int, account: str) -> dict[tuple[str, str], int]:
    """How many entries wait for a review that is not by who entered them, by institution and month."""
    rows = db.session.execute(
        select(WorkloadRow.institution, WorkloadRow.month, func.count())
        .where(
            WorkloadRow.alliance_id == alliance, WorkloadRow.state == ENTERED, WorkloadRow.recorded_by != account
        )
        .group_by(WorkloadRow.institution, WorkloadRow.month)
    )  # fmt: skip
    return {(institution, month): number for institution, month, number in rows}


class WhoMay:
    """Which units there were on a day and who was in post in a month, asked once for many entries."""

    def __init__(self, alliance: int, institution: str) -> None:
        self._of = alliance, institution
        self._units: dict[tuple[str, date], bool] = {}
        self._people: dict[str, frozenset[str]] = {}

    def check(self, given: Workload) -> None:
        """Refused: a unit that there was not on the day; who was not in post in the month."""
        for _part, message, numbers in self.faults(given):
            raise Refused(message, **numbers)

    def faults(self, given: Workload) -> Iterator[Fault]:
        """The same of an entry of a file."""
        place = given.unit, given.day
        if place not in self._units:
            self._units[place] = members.department_exists(*self._of, *place)
        if not self._units[place]:
            yield "unit", NO_UNIT, {"day": given.day, "code": given.unit}
        if given.month not in self._people:
            self._people[given.month] = posted(*self._of, given.month)
        if given.person and given.person not in self._people[given.month]:
            yield "person", NO_POST, {"person": given.person, "period": given.month}


def workload_changes(
    alliance: int, institution: str, month: str, given: Sequence[GivenWork], units: Collection[str], today: date
) -> list[Workload]:
    """What importing entries would add, with nothing kept: those that are not in the ledger, returned or not.

    Refused: each entry that could not be entered one by one, that names none of `units`, is of another month or
    stands in the file twice. NotFound: no member.
    """
    check_month(month)
    if members.institution_id(alliance, institution) is None:
        raise NotFound()
    there = {one.work for one in workloads(alliance, institution, month)}
    problems, seen, asked = list[Problem](), set[Workload](), WhoMay(alliance, institution)
    for one in given:
        if one.work in seen:
            problems.append(_fault(one, ("item", TWICE, {})))
        elif one.work not in there:
            problems += _faults(one, month, units, today, asked)
        seen.add(one.work)
    if problems:
        raise Refused("The table has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    return [one.work for one in given if one.work not in there]


def _faults(
    one: GivenWork, month: str, units: Collection[str], today: date, asked: WhoMay
) -> list[Problem]:  # fmt: skip
    if one.work.month != month:
        return [_fault(one, ("day", OTHER_MONTH, {}))]
    found = [*workload_faults(one.work, today), *asked.faults(one.work)]
    if not found and one.work.unit not in units:
        found = [("unit", NOT_YOURS, {})]
    return [_fault(one, fault) for fault in found]


def _fault(one: GivenWork, fault: Fault) -> Problem:
    part, message, numbers = fault
    where, at = one.at.get(part) or (PLACE, {"day": one.work.day, "item": one.work.item})
    return Problem(where, str(getattr(one.work, part)), message, numbers, dict(at))


def workload_evidence(alliance: int, institution: str, number: int) -> list[WorkloadFileInfo]:
    """The files behind an entry, oldest first."""
    rows = db.session.scalars(
        select(WorkloadFile)
        .where(
            WorkloadFile.alliance_id == alliance, WorkloadFile.institution == institution,
            WorkloadFile.number == number,
        )
        .order_by(WorkloadFile.id)
    )  # fmt: skip
    return [
        WorkloadFileInfo(row.name, row.media, row.size, row.sha256, row.recorded_by, row.recorded_at) for row in rows
    ]


def workload_files() -> set[str]:
    """The digests of all files that entries refer to."""
    return set(db.session.scalars(select(WorkloadFile.sha256).distinct()))
