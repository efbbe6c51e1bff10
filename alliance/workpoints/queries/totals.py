"""The questions about the hospital's own totals: what is filed, what filing would change, how our sums compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from alliance.core.figure import State, canonical
from alliance.core.period import Period
from alliance.core.refused import Both, NotFound, Problem, Refused, mark
from alliance.db import db
from alliance.members import queries as members
from alliance.workpoints.models import HospitalTotal
from alliance.workpoints.queries import charges
from alliance.workpoints.queries.entries import EntryInfo, cases
from alliance.workpoints.queries.filing import ENTRY_PLACE, NO_KIND, NO_UNIT, STALE, TWICE, Given
from alliance.workpoints.queries.rolls import Roll, roll
from alliance.workpoints.queries.schemes import scheme_in_force
from alliance.workpoints.rules.entries import BLANK, check_entry
from alliance.workpoints.rules.issues import Issue
from alliance.workpoints.rules.ledgers import check_month
from alliance.workpoints.rules.scheme import Limits
from alliance.workpoints.rules.totals import MEASURES, WHOLE, Compared, compare, differing, our_sums
from alliance.workpoints.rules.volumes import Stays, stay, together
from alliance.workpoints.volume.partitions import Partitions

NO_TOTAL = mark("leave empty what the hospital's system does not report")


def total_cells(alliance: int, institution: str, month: str) -> dict[tuple[str, str], EntryInfo]:
    """The newest revision of every total of a month, also of those that were taken back, by unit ("" for the whole
    hospital) and measure."""
    rows: Sequence[Any] = db.session.execute(
        select(
            HospitalTotal.unit, HospitalTotal.measure, HospitalTotal.value, HospitalTotal.revision,
            HospitalTotal.document, HospitalTotal.recorded_by, HospitalTotal.recorded_at,
        )
        .where(
            HospitalTotal.alliance_id == alliance, HospitalTotal.institution == institution,
            HospitalTotal.month == month,
        )
        .order_by(HospitalTotal.revision)
    ).all()  # fmt: skip
    return {(unit, measure): _info(*rest) for unit, measure, *rest in rows}


def _info(value: Decimal | None, *rest: Any) -> EntryInfo:
    return EntryInfo(value, State.MISSING if value is None else State.VALUE, *rest)


def total_changes(alliance: int, institution: str, month: str, given: Sequence[Given]) -> list[Given]:
    """What filing totals would change, with nothing kept.

    Refused: what is no month, a unit that there is not, an unknown measure, a number out of range, a cell
    that somebody else changed meanwhile or that is given twice. NotFound: no member.
    """
    check_month(month)
    if members.institution_id(alliance, institution) is None:
        raise NotFound()
    cells, known = total_cells(alliance, institution, month), roll(alliance, institution, month)
    changed = [
        one for one in given
        if one.entry != (cells[one.unit, one.kind].entry if (one.unit, one.kind) in cells else BLANK)
    ]  # fmt: skip
    problems = [problem for one in changed for problem in _faults(one, cells, known)]
    seen: set[tuple[str, str]] = set()
    for one in given:
        if (one.unit, one.kind) in seen:
            problems.append(_fault(one, TWICE))
        seen.add((one.unit, one.kind))
    if problems:
        raise Refused("The table has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    return changed


def _faults(one: Given, cells: Mapping[tuple[str, str], EntryInfo], known: Roll) -> list[Problem]:
    """What is wrong with a total that would change."""
    kind, before = MEASURES.get(one.kind), cells.get((one.unit, one.kind))
    if kind is None:
        return [_fault(one, NO_KIND)]
    if one.entry.state is State.NOT_APPLICABLE:
        return [_fault(one, NO_TOTAL)]
    found = []
    if one.unit != WHOLE and one.unit not in known.units:
        found.append(_fault(one, NO_UNIT))
    elif one.seen is not None and one.seen != (before.revision if before else 0):
        found.append(_fault(one, STALE))
    wrong = check_entry(one.entry, kind)
    return [*found, _fault(one, wrong.message, wrong.numbers)] if wrong else found


def _fault(one: Given, message: str, numbers: Mapping[str, object] | None = None) -> Problem:
    kind = MEASURES.get(one.kind)
    column = Both(kind.zh, kind.en) if kind else Both(one.kind, one.kind)
    unit: object = one.unit or Both("全院", "whole hospital")
    where, at = one.at or (ENTRY_PLACE, {"unit": unit, "column": column})
    text = "" if one.entry.value is None else canonical(one.entry.value)
    return Problem(where, text, message, dict(numbers or {}), dict(at))


def stays(alliance: int, institution: str, month: str) -> dict[str, Stays]:
    """The discharges of a month by unit, from the disease groups that are filed."""
    return {
        unit: together(stay(one.rw, one.cases, one.days, one.cost) for one in found)
        for unit, found in cases(alliance, institution, month).items()
    }


def case_mix(alliance: int, institution: str, month: str) -> dict[str, Decimal]:
    """The case-mix index of each unit with disease groups in a month: Σ(RW × cases) ÷ Σ cases."""
    found = stays(alliance, institution, month)
    return {unit: one.case_mix for unit, one in found.items() if one.case_mix is not None}


def totals_limit(alliance: int, institution: str, month: str) -> Decimal:
    """By how many percent our sums may differ: as the scheme in force says, by default as schemes do."""
    info = scheme_in_force(alliance, institution, month)
    return (info.scheme.limits if info else Limits()).totals


def compared(alliance: int, institution: str, month: str, partitions: Partitions) -> list[Compared]:
    """Our sums beside the hospital's own totals: the five of the whole hospital, then those that are filed of units.

    The sums of a department hold those of the units beneath it.
    """
    cells = {key: one.value for key, one in total_cells(alliance, institution, month).items()}
    performed, ordered = charges.month_volumes(partitions, alliance, institution, month)
    limit, left = totals_limit(alliance, institution, month), stays(alliance, institution, month)
    day, found = Period.parse(month).last, []
    filed = {unit for (unit, _measure), value in cells.items() if value is not None}
    for unit in (WHOLE, *sorted(filed - {WHOLE})):
        units = members.beneath_of(alliance, institution, {unit}, day) | {unit} if unit else None
        ours = our_sums(performed, ordered, left, units)
        found += [
            compare(unit, measure, ours[measure], cells.get((unit, measure)), limit) for measure in MEASURES
            if not unit or cells.get((unit, measure)) is not None
        ]  # fmt: skip
    return found


def total_issues(alliance: int, institution: str, month: str, partitions: Partitions) -> list[Issue]:
    """The sums of a month that differ from the hospital's own totals by more than the limit, for the issue list of a
    run; lines are read only where a total is filed."""
    filed = [one for one in total_cells(alliance, institution, month).values() if one.value is not None]
    if not filed:
        return []
    return differing(institution, compared(alliance, institution, month, partitions))
