"""Whether a month can be computed as far as its filed numbers tell: asked before any charge line is added up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from alliance.core.figure import State, canonical
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.workpoints.rules.entries import PERSON_KINDS, UNIT_KINDS, Entry, EntryKind, check_entry
from alliance.workpoints.rules.month.first import not_ready_units, paid_by_model
from alliance.workpoints.rules.month.given import MonthGiven, Number
from alliance.workpoints.rules.month.second import not_ready_people
from alliance.workpoints.rules.working import Working

PLACE = mark("%(place)s, %(column)s")


def check_ready(given: MonthGiven) -> None:
    """Refused with everything that stands in the way whatever the charge lines say: scores that are missing or out of
    range, units without established posts, parts of a distribution without anybody."""
    working = Working(given.hospital, given.month.code, given.reference)
    people = not_ready_people(working, given, paid_by_model(given))
    problems = [*not_ready_units(given), *people, *_out_of_range(given)]
    if problems:
        raise Refused(
            "The run cannot go on: %(count)s things are missing or wrong.", count=len(problems), problems=problems
        )


def _out_of_range(given: MonthGiven) -> Iterator[Problem]:
    """Numbers that would not be taken today, such as those filed before a limit was narrowed."""
    for unit in given.units:
        yield from _wrong(unit.code, unit.numbers, UNIT_KINDS)
    for one in given.people:
        yield from _wrong(f"{one.unit}/{one.number}", one.numbers, PERSON_KINDS)


def _wrong(place: str, numbers: Mapping[str, Number], kinds: Mapping[str, EntryKind]) -> Iterable[Problem]:
    for code, number in numbers.items():
        kind = kinds.get(code)
        if kind is None or number.value is None:
            continue
        fault = check_entry(Entry(number.value, State.VALUE), kind)
        if fault:
            at: dict[str, object] = {"place": place, "column": Both(kind.zh, kind.en)}
            yield Problem(PLACE, canonical(number.value), fault.message, fault.numbers, at)
